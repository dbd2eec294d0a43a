"""Briggs' rural dispersion coefficients, written as the paper prints them.

Reference: Briggs (1973), Diffusion estimation for small emissions, ATDL Contribution 79, NOAA;
reprinted in Hanna, Briggs and Hosker (1982), Handbook on Atmospheric Diffusion, DOE/TIC-11223,
Table 4.5 (open country). Domain: 100 m to 10 km, about 10 min averages, open country. Below 100 m
the same curves are used; there they are straight lines through the source.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from edge.dispersion.arrays import Floats
from edge.dispersion.weather.pasquill import CLASSES


class Row(NamedTuple):
    """sigma_y = `y` x (1 + `y_bend` x)^-1/2 and sigma_z = `z` x (1 + `z_bend` x)^`z_power` [m]."""

    y: float
    y_bend: float
    z: float
    z_bend: float
    z_power: float


BRIGGS_RURAL = {
    #        sigma_y            sigma_z
    "A": Row(0.22, 0.0001, 0.20, 0.0, 0.0),
    "B": Row(0.16, 0.0001, 0.12, 0.0, 0.0),
    "C": Row(0.11, 0.0001, 0.08, 0.0002, -0.5),
    "D": Row(0.08, 0.0001, 0.06, 0.0015, -0.5),
    "E": Row(0.06, 0.0001, 0.03, 0.0003, -1.0),
    "F": Row(0.04, 0.0001, 0.016, 0.0003, -1.0),
}


def coefficients(stability: str) -> Row:
    """Return the row of class `stability`; raises `ValueError` if it is none of A-F."""
    if stability not in BRIGGS_RURAL:
        raise ValueError(f"stability must be one of {', '.join(CLASSES)}, not {stability!r}")
    return BRIGGS_RURAL[stability]


def sigma_y(x_m: Floats, stability: str) -> Floats:
    """Return the crosswind spread [m] at downwind distances `x_m` >= 0 [m]; same shape."""
    row = coefficients(stability)
    return row.y * x_m / np.sqrt(1 + row.y_bend * x_m)


def sigma_z(x_m: Floats, stability: str) -> Floats:
    """Return the vertical spread [m] at downwind distances `x_m` >= 0 [m]; same shape."""
    row = coefficients(stability)
    return row.z * x_m * (1 + row.z_bend * x_m) ** row.z_power


def vane_sigma_y(x_m: Floats, speed_m_s: float, sigma_theta_rad: float) -> Floats:
    """Return the crosswind spread [m] that a vane's own spread of direction gives; same shape.

    sigma_y = sigma_theta x f, f = 1 / (1 + 0.9 (t / 1000 s)^1/2), t = x / u: Draxler (1976),
    Atmospheric Environment 10, 99-105, for releases near the ground; recommended by Irwin (1983),
    J. Climate Appl. Meteor. 22, 92-114. Domain: sigma_theta up to about 0.6 rad, x to 10 km.
    """
    return sigma_theta_rad * x_m / (1 + 0.9 * np.sqrt(x_m / (1000 * speed_m_s)))
