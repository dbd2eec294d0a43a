"""Solutions that are known in closed form: what zones, doses and masses are held against."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Shape:
    """A steady field given as a function of site metres, in the air from `on_s` to `off_s` [s].

    Means over an averaging time count the part of it in which the gas is there.
    """

    density: Callable[[np.ndarray, np.ndarray], np.ndarray]
    origin_m: tuple[float, float] = (0.0, 0.0)
    heading_deg: float = 90.0
    on_s: float = 0.0
    off_s: float = 3600.0
    horizon_s: float = 7200.0
    substance: str = "chlorine"
    models: tuple = ()
    notes: tuple = ()

    def concentration(self, x_m, y_m, z_m, t_s):
        return self.density(x_m, y_m) * (1.0 if self.on_s <= t_s <= self.off_s else 0.0)

    def peak(self, x_m, y_m, z_m, averaging_s):
        share = min((self.off_s - self.on_s) / averaging_s, 1.0) if averaging_s else 1.0
        return self.density(x_m, y_m) * share

    def load(self, x_m, y_m, z_m, exponent):
        return self.density(x_m, y_m) ** exponent * (self.off_s - self.on_s)


@dataclass(frozen=True)
class Puff:
    """A round Gaussian cloud of `mass_kg` on ground that reflects, carried at `speed_m_s`.

    c = 2 M / ((2 pi)^1.5 s^3) exp(-r^2 / 2 s^2), of constant size `spread_m`, heading
    `heading_deg` from the origin.
    """

    mass_kg: float = 100.0
    spread_m: float = 20.0
    speed_m_s: float = 2.0
    origin_m: tuple[float, float] = (0.0, 0.0)
    heading_deg: float = 90.0
    horizon_s: float = 600.0
    substance: str = "methane"
    models: tuple = ()
    notes: tuple = ()

    @property
    def densest(self) -> float:
        """The concentration at the middle on the ground [kg/m3]."""
        return 2 * self.mass_kg / ((2 * math.pi) ** 1.5 * self.spread_m**3)

    def concentration(self, x_m, y_m, z_m, t_s):
        turn = math.radians(self.heading_deg)
        x = x_m - self.origin_m[0] - self.speed_m_s * t_s * math.sin(turn)
        y = y_m - self.origin_m[1] - self.speed_m_s * t_s * math.cos(turn)
        squared = x**2 + y**2 + z_m**2
        return self.densest * np.exp(-squared / (2 * self.spread_m**2))

    def peak(self, x_m, y_m, z_m, averaging_s):
        times = np.linspace(0.0, self.horizon_s, 601)
        return np.max([self.concentration(x_m, y_m, z_m, t) for t in times], axis=0)

    def load(self, x_m, y_m, z_m, exponent):
        times = np.linspace(0.0, self.horizon_s, 601)
        series = [self.concentration(x_m, y_m, z_m, t) ** exponent for t in times]
        return np.asarray(np.trapezoid(series, times, axis=0))

    def mass_above(self, threshold: float) -> float:
        """Return the mass that is thicker than `threshold` [kg]: a chi-squared of three."""
        if threshold >= self.densest:
            return 0.0
        rho = math.sqrt(2 * math.log(self.densest / threshold))
        share = math.erf(rho / math.sqrt(2)) - math.sqrt(2 / math.pi) * rho * math.exp(
            -(rho**2) / 2
        )
        return self.mass_kg * share


def bell(x0=0.0, y0=0.0, spread_x=100.0, spread_y=100.0, top=1.0):
    """Return a Gaussian bump; above `top` e^-k its area is 2 pi k spread_x spread_y."""
    return lambda x, y: (
        top * np.exp(-0.5 * (((x - x0) / spread_x) ** 2 + ((y - y0) / spread_y) ** 2))
    )


def ring(radius, spread):
    """Return a ridge at `radius` about the origin, hollow in the middle."""
    return lambda x, y: np.exp(-0.5 * ((np.hypot(x, y) - radius) / spread) ** 2)
