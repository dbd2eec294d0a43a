"""Britter and McQuaid's workbook: dense clouds by correlation, an independent check on the model.

Britter & McQuaid (1988), Workbook on the dispersion of dense gases, HSE Contract Research Report
17; its curves as the straight lines of CCPS (1999), Guidelines for consequence analysis of
chemical releases, section 1.2.3: beta = log10 of the scaled distance, of alpha = log10 of the
release's parameter. Winds at 10 m. Beyond alpha = 1 the lines are drawn on.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

GRAVITY = 9.80616  # m/s2 at 45 deg, as the check values use
MOST_ALPHA = 1.0
NEAR_PLUME, NEAR_PUFF = 306.0, 3.24
PLUME_NEAR_TO, PUFF_NEAR_TO = 30.0, 3.0  # scaled distances up to which the near law holds
# (C/C0, ((alpha up to which, slope, intercept), ...)), nearest first; CCPS tables
Lines = tuple[tuple[float, tuple[tuple[float, float, float], ...]], ...]
PLUME: Lines = (
    (0.1, ((-0.55, 0.0, 1.75), (-0.14, 0.24, 1.88), (MOST_ALPHA, -0.50, 1.78))),
    (0.05, ((-0.68, 0.0, 1.92), (-0.29, 0.36, 2.16), (-0.18, 0.0, 2.06), (1.0, -0.56, 1.96))),
    (0.02, ((-0.69, 0.0, 2.08), (-0.31, 0.45, 2.39), (-0.16, 0.0, 2.25), (1.0, -0.54, 2.16))),
    (0.01, ((-0.70, 0.0, 2.25), (-0.29, 0.49, 2.59), (-0.20, 0.0, 2.45), (1.0, -0.52, 2.35))),
    (0.005, ((-0.67, 0.0, 2.40), (-0.28, 0.59, 2.80), (-0.15, 0.0, 2.63), (1.0, -0.49, 2.56))),
    (0.002, ((-0.69, 0.0, 2.60), (-0.25, 0.39, 2.87), (-0.13, 0.0, 2.77), (1.0, -0.50, 2.71))),
)
PUFF: Lines = (
    (0.1, ((-0.44, 0.0, 0.70), (0.43, 0.26, 0.81), (MOST_ALPHA, 0.0, 0.93))),
    (0.05, ((-0.56, 0.0, 0.85), (0.31, 0.26, 1.00), (MOST_ALPHA, -0.12, 1.12))),
    (0.02, ((-0.66, 0.0, 0.95), (0.32, 0.36, 1.19), (MOST_ALPHA, -0.26, 1.38))),
    (0.01, ((-0.71, 0.0, 1.15), (0.37, 0.34, 1.39), (MOST_ALPHA, -0.38, 1.66))),
    (0.005, ((-0.52, 0.0, 1.48), (0.24, 0.26, 1.62), (MOST_ALPHA, -0.30, 1.75))),
    (0.002, ((0.27, 0.0, 1.83), (MOST_ALPHA, -0.32, 1.92))),
    (0.001, ((-0.10, 0.0, 2.075), (MOST_ALPHA, -0.27, 2.05))),
)


@dataclass(frozen=True, slots=True)
class Plume:
    """A continuous release: `flow_m3_s` of gas of `density`, `air_density` [kg/m3], wind [m/s]."""

    flow_m3_s: float
    density: float
    air_density: float
    wind_m_s: float

    @property
    def reduced_gravity(self) -> float:
        """Return g' = g (rho - rho_a) / rho_a [m/s2]."""
        return GRAVITY * (self.density - self.air_density) / self.air_density

    @property
    def width_m(self) -> float:
        """Return D = (Q / u)^1/2 [m]."""
        return math.sqrt(self.flow_m3_s / self.wind_m_s)

    @property
    def alpha(self) -> float:
        """Return 0.2 log10(g'^2 Q / u^5)."""
        g = self.reduced_gravity
        return 0.2 * math.log10(g * g * self.flow_m3_s / self.wind_m_s**5)

    @property
    def buoyancy_length_m(self) -> float:
        """Return l_b = Q g' / u^3 [m]."""
        return self.flow_m3_s * self.reduced_gravity / self.wind_m_s**3

    def ratio(self, x_m: float) -> float:
        """Return C / C0 at `x_m` > 0 [m] downwind, by volume, for gas as warm as the air."""
        return _ratio(PLUME, self.alpha, x_m / self.width_m, NEAR_PLUME, PLUME_NEAR_TO)

    def half_width_m(self, x_m: float) -> float:
        """Return the half-width [m] at `x_m` >= 0: D + 8 l_b + 2.5 (l_b x^2)^1/3."""
        length = self.buoyancy_length_m
        return self.width_m + 8.0 * length + 2.5 * (length * x_m * x_m) ** (1.0 / 3.0)

    def upwind_m(self) -> float:
        """Return how far the cloud spreads upwind [m]: D / 2 + 2 l_b."""
        return self.width_m / 2.0 + 2.0 * self.buoyancy_length_m


@dataclass(frozen=True, slots=True)
class Puff:
    """A release at once of `volume_m3` of gas of `density` in air of `air_density` [kg/m3]."""

    volume_m3: float
    density: float
    air_density: float
    wind_m_s: float

    @property
    def reduced_gravity(self) -> float:
        """Return g' = g (rho - rho_a) / rho_a [m/s2]."""
        return GRAVITY * (self.density - self.air_density) / self.air_density

    @property
    def alpha(self) -> float:
        """Return 0.5 log10(g' V^1/3 / u^2)."""
        size = self.volume_m3 ** (1.0 / 3.0)
        return 0.5 * math.log10(self.reduced_gravity * size / self.wind_m_s**2)

    def ratio(self, t_s: float) -> float:
        """Return C / C0 within the cloud after `t_s` > 0 [s], from how far its front has come."""
        front = self.middle_m(t_s) + self.radius_m(t_s)
        scaled = front / self.volume_m3 ** (1.0 / 3.0)
        return _ratio(PUFF, self.alpha, scaled, NEAR_PUFF, PUFF_NEAR_TO)

    def middle_m(self, t_s: float) -> float:
        """Return how far [m] the cloud's middle has drifted: 0.4 u t."""
        return 0.4 * self.wind_m_s * t_s

    def radius_m(self, t_s: float) -> float:
        """Return the radius [m] after `t_s` [s]: R^2 = R0^2 + 1.2 t (g' V)^1/2."""
        first2 = (3.0 * self.volume_m3 / (4.0 * math.pi)) ** (2.0 / 3.0)
        return math.sqrt(first2 + 1.2 * t_s * math.sqrt(self.reduced_gravity * self.volume_m3))


def warmed(ratio: float, source_k: float, air_k: float) -> float:
    """Return C / C0 corrected for a cold source: C / (C + (1 - C) T0 / Ta)."""
    return ratio / (ratio + (1.0 - ratio) * source_k / air_k)


def corners(lines: Lines, alpha: float) -> list[float]:
    """Return beta of each line at `alpha`, nearest first."""
    found: list[float] = []
    for _, pieces in lines:
        fitting = [(slope, base) for upto, slope, base in pieces if alpha <= upto]
        slope, base = fitting[0] if fitting else pieces[-1][1:]
        found.append(slope * alpha + base)
    return found


def _ratio(lines: Lines, alpha: float, scaled: float, near: float, near_to: float) -> float:
    """Return C / C0 at a scaled distance: near law, straight lines in beta, then its -2nd power.

    A puff is held at its first line between the near law and there.
    """
    inside = near / (near + scaled * scaled)
    if scaled <= near_to:
        return inside
    betas = corners(lines, alpha)
    shares = [share for share, _ in lines]
    if lines is PLUME:
        betas.insert(0, math.log10(near_to))
        shares.insert(0, near / (near + near_to**2))
    beta = math.log10(scaled)
    if beta <= betas[0]:
        return shares[0]
    for i in range(1, len(betas)):
        if beta <= betas[i]:
            part = (beta - betas[i - 1]) / (betas[i] - betas[i - 1])
            return shares[i - 1] + part * (shares[i] - shares[i - 1])
    return shares[-1] * 10.0 ** (-2.0 * (beta - betas[-1]))
