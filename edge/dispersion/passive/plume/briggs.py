"""The Gaussian plume over flat ground that reflects: the readable truth, in NumPy.

    c = Q / (2 pi u sy sz) exp(-y^2 / 2 sy^2) [exp(-(z-h)^2 / 2 sz^2) + exp(-(z+h)^2 / 2 sz^2)]

References: Hanna, Briggs and Hosker (1982), DOE/TIC-11223, eq. 4.1-4.3; Turner (1970), eq. 3.1.
Domain: steady release and wind, u > 0, gas that neither sinks nor rises, flat open country, 100 m
to 10 km and about 10 min averages. A dense gas (chlorine) in light wind spreads wider and lower
near its source than this says. Published case: `tests/cases/dispersion/crowl-louvar-5-1`.

Where the vane's spread sigma_theta over the averaging time is known, the crosswind spread is the
larger of Briggs' and the vane's (`vane_sigma_y`): a wind that swings carries the mean plume
further aside than the class alone says.

A source of finite size is a point whose spreads are widened in quadrature,
sy^2 = sigma_y(x)^2 + s0^2 (as ISC3, EPA-454/B-95-003b, section 1.2.2 does for volume sources);
s0 = 0 is the point. `briggs_jit` computes the same and is tested equal to 1e-12.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from edge.dispersion.arrays import Floats
from edge.dispersion.passive.sigma.briggs import coefficients, sigma_y, sigma_z, vane_sigma_y

NEAREST_M = 1e-3  # closer than this, rounding decides what is upwind: taken as not reached


@dataclass(frozen=True, slots=True)
class Release:
    """A steady source: `rate_kg_s` [kg/s] at (`x_m`, `y_m`) site metres, `height_m` above ground.

    `size_m` [m] is s0, the spread that the cloud has at the source.
    """

    rate_kg_s: float
    x_m: float
    y_m: float
    height_m: float
    size_m: float = 0.0


@dataclass(frozen=True, slots=True)
class Air:
    """The wind that carries the gas: `speed_m_s` [m/s] at release height, coming from `from_deg`.

    `from_deg` [deg] counts clockwise from north; `stability` is a Pasquill class A-F;
    `sigma_theta_deg` [deg] is the direction's measured spread, 0 where it is not known.
    """

    speed_m_s: float
    from_deg: float
    stability: str
    sigma_theta_deg: float = 0.0


class Kernels(Protocol):
    """What an implementation of the plume offers; `briggs` and `briggs_jit` both do."""

    def field(self, release: Release, air: Air, x_m: Floats, y_m: Floats, z_m: float) -> Floats:
        """Return the concentration [kg/m3] at `z_m` over arrays of site metres; same shape."""
        ...

    def unit_matrix(
        self,
        sources: Floats,
        speeds_m_s: Floats,
        from_deg: Floats,
        stability: str,
        points: Floats,
        sigma_theta_deg: float = 0.0,
    ) -> Floats:
        """Return concentrations per 1 kg/s [s/m3], shape (sources, winds, points)."""
        ...


def check_air(speed_m_s: float, stability: str) -> None:
    """Raise `ValueError` where the plume has no meaning: wind not above 0, unknown class."""
    if not speed_m_s > 0:
        raise ValueError(f"the plume needs wind above 0 m/s, not {speed_m_s}: calm is no plume")
    coefficients(stability)


def gaussian(
    rate_kg_s: float,
    speed_m_s: float,
    height_m: float,
    y: Floats,
    z: Floats,
    sy: Floats,
    sz: Floats,
) -> Floats:
    """Return the concentration [kg/m3] of a plume with given spreads `sy`, `sz` [m].

    `y` is the distance from the plume's axis and `z` the height above ground [m]; the arrays
    broadcast. Raises `ValueError` if `speed_m_s` is not above 0.
    """
    if not speed_m_s > 0:
        raise ValueError(f"the plume needs wind above 0 m/s, not {speed_m_s}: calm is no plume")
    across = np.exp(-0.5 * (y / sy) ** 2)
    direct = np.exp(-0.5 * ((z - height_m) / sz) ** 2)
    mirrored = np.exp(-0.5 * ((z + height_m) / sz) ** 2)
    return rate_kg_s / (2 * np.pi * speed_m_s * sy * sz) * across * (direct + mirrored)


def wind_frame(dx: Floats, dy: Floats, from_deg: float) -> tuple[Floats, Floats]:
    """Return downwind and crosswind distances [m] of points `dx`, `dy` [m] east and north."""
    angle = np.radians(from_deg)
    sine, cosine = float(np.sin(angle)), float(np.cos(angle))
    return -(dx * sine + dy * cosine), dy * sine - dx * cosine


def _crosswind(x: Floats, air: Air) -> Floats:
    """Return the larger of the class's and the vane's crosswind spread [m]."""
    vane = vane_sigma_y(x, air.speed_m_s, float(np.radians(air.sigma_theta_deg)))
    return np.maximum(sigma_y(x, air.stability), vane)


def field(release: Release, air: Air, x_m: Floats, y_m: Floats, z_m: float) -> Floats:
    """Return the concentration [kg/m3] at height `z_m` [m] at points `x_m`, `y_m`; same shape.

    The points are site metres in arrays of one shape (a meshed grid, or a list). Upwind of the
    source, and beside it, the concentration is 0. Raises `ValueError` as `check_air` does.
    """
    check_air(air.speed_m_s, air.stability)
    downwind, crosswind = wind_frame(x_m - release.x_m, y_m - release.y_m, air.from_deg)
    out = np.zeros(x_m.shape)
    reached = downwind > NEAREST_M
    x, y = downwind[reached], crosswind[reached]
    sy = np.hypot(_crosswind(x, air), release.size_m)
    sz = np.hypot(sigma_z(x, air.stability), release.size_m)
    z = np.full(x.shape, z_m)
    out[reached] = gaussian(release.rate_kg_s, air.speed_m_s, release.height_m, y, z, sy, sz)
    return out


def unit_matrix(
    sources: Floats,
    speeds_m_s: Floats,
    from_deg: Floats,
    stability: str,
    points: Floats,
    sigma_theta_deg: float = 0.0,
) -> Floats:
    """Return what each source would give at each point under each wind, per 1 kg/s [s/m3].

    `sources` is (k, 4): x, y, height, size [m]; `speeds_m_s` (k,) the wind at each source's
    height; `from_deg` (w,); `points` (n, 3): x, y, z [m]; `sigma_theta_deg` as in `Air`. The
    answer is (k, w, n). Raises `ValueError` as `check_air` does.
    """
    check_air(float(np.min(speeds_m_s, initial=np.inf)), stability)
    out = np.zeros((len(sources), len(from_deg), len(points)))
    for k, (x, y, height, size) in enumerate(sources):
        for w, direction in enumerate(from_deg):
            down, cross = wind_frame(points[:, 0] - x, points[:, 1] - y, float(direction))
            reached = down > NEAREST_M
            d = down[reached]
            air = Air(float(speeds_m_s[k]), float(direction), stability, sigma_theta_deg)
            sy = np.hypot(_crosswind(d, air), size)
            sz = np.hypot(sigma_z(d, stability), size)
            out[k, w, reached] = gaussian(
                1.0, air.speed_m_s, height, cross[reached], points[reached, 2], sy, sz
            )
    return out
