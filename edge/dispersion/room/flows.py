"""The air that passes a room's openings: wind, stack, fans, and the weight of the gas itself.

One pressure inside balances all: the flow through an opening at height z is
m = Cd A sqrt(2 rho |dp|), dp = Cp rho_o U^2 / 2 - rho_o g z - [p - integral of rho_i g dz], with
rho that of the side it comes from (ASHRAE Handbook Fundamentals 2017, ch. 16, eq. 31, 37). Beside
the net flow a large opening breathes both ways, the more of:

    q = A/2 sqrt(0.001 U^2 + 0.0035 h |dT| + 0.01)    de Gids and Phaff (1982), Air Infiltration
                                                       Review 4(1), 4-5: one-sided, turbulence
    q = Cd A / 3 sqrt(g' h), g' = g drho / rho         Brown and Solvason (1962), Int. J. Heat Mass
                                                       Transfer 5, 859-868: doorway, buoyancy

less what already passes one way. SI units; volumes at the room's side.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from edge.dispersion.constants import GRAVITY
from edge.dispersion.room.openings import Opening, wind_pressure_coefficient

SMALL_M = 0.05  # an opening less tall than this is a crack and breathes one way only


@dataclass(frozen=True, slots=True)
class Inside:
    """Two layers of air: densities [kg/m3] below and above `depth_m` [m]; temperature [K]."""

    lower_kg_m3: float
    upper_kg_m3: float
    depth_m: float
    temperature_k: float

    def density(self, z_m: float) -> float:
        """Return the density at `z_m` [m] above the floor."""
        return self.lower_kg_m3 if z_m < self.depth_m else self.upper_kg_m3

    def weight(self, z_m: float) -> float:
        """Return the integral of rho g from the floor to `z_m` [Pa]."""
        below = min(z_m, self.depth_m)
        return GRAVITY * (self.lower_kg_m3 * below + self.upper_kg_m3 * (z_m - below))


@dataclass(frozen=True, slots=True)
class Outside:
    """The air around: density [kg/m3], temperature [K], the wind at the roof [m/s], its origin."""

    density_kg_m3: float
    temperature_k: float
    speed_m_s: float
    from_deg: float


@dataclass(frozen=True, slots=True)
class Through:
    """What passes one opening [m3/s]: outward and inward, both >= 0."""

    out_m3_s: float
    in_m3_s: float


def through(
    openings: Sequence[Opening],
    inside: Inside,
    outside: Outside,
    forced_m3_s: float,
    side_ratio: float = 1.0,
) -> list[Through]:
    """Return the flow through each of `openings`; what goes in comes out, with `forced_m3_s`.

    `forced_m3_s` [m3/s] is what fans and the leak bring into the room, less what fans take out;
    it is split over the openings by the pressure. Without an opening there is nothing to return.
    """
    if not openings:
        return []
    pushes = [_push(opening, inside, outside, side_ratio) for opening in openings]
    pressure = _balance(openings, pushes, inside, outside, forced_m3_s)
    found: list[Through] = []
    for opening, push in zip(openings, pushes, strict=True):
        net = _net_out(opening, pressure - push, inside, outside)
        both = max(_breathing(opening, inside, outside) - abs(net), 0.0)
        found.append(Through(max(net, 0.0) + both, max(-net, 0.0) + both))
    return found


def _push(opening: Opening, inside: Inside, outside: Outside, side_ratio: float) -> float:
    """Return the outside's pressure at an opening over that of a still room of floor pressure 0."""
    cp = wind_pressure_coefficient(opening.facing_deg, outside.from_deg, side_ratio)
    wind = 0.5 * cp * outside.density_kg_m3 * outside.speed_m_s**2
    return wind - outside.density_kg_m3 * GRAVITY * opening.z_m + inside.weight(opening.z_m)


def _net_out(opening: Opening, over_pa: float, inside: Inside, outside: Outside) -> float:
    """Return the net outflow [m3/s] through an opening with `over_pa` [Pa] more inside."""
    density = inside.density(opening.z_m) if over_pa > 0 else outside.density_kg_m3
    speed = math.sqrt(2 * abs(over_pa) / density)
    return math.copysign(opening.discharge * opening.area_m2 * speed, over_pa)


def _balance(
    openings: Sequence[Opening],
    pushes: Sequence[float],
    inside: Inside,
    outside: Outside,
    forced_m3_s: float,
) -> float:
    """Return the floor's pressure [Pa] at which the openings let out `forced_m3_s` on the whole."""

    def excess(pressure: float) -> float:
        return sum(
            _net_out(opening, pressure - push, inside, outside)
            for opening, push in zip(openings, pushes, strict=True)
        ) - forced_m3_s  # fmt: skip

    low, high, width = min(pushes), max(pushes), 1.0
    while excess(low) > 0:
        low, width = low - width, 2 * width
    width = 1.0
    while excess(high) < 0:
        high, width = high + width, 2 * width
    for _ in range(80):
        middle = 0.5 * (low + high)
        if middle in {low, high}:
            break
        if excess(middle) > 0:
            high = middle
        else:
            low = middle
    return 0.5 * (low + high)


def _breathing(opening: Opening, inside: Inside, outside: Outside) -> float:
    """Return what an opening exchanges both ways when nothing passes on the whole [m3/s]."""
    if opening.tall_m < SMALL_M:
        return 0.0
    apart = abs(inside.temperature_k - outside.temperature_k)
    square = 0.001 * outside.speed_m_s**2 + 0.0035 * opening.tall_m * apart + 0.01
    turbulent = 0.5 * opening.area_m2 * math.sqrt(square)
    within = inside.density(opening.z_m)
    heavier = abs(within - outside.density_kg_m3) / max(within, outside.density_kg_m3)
    falling = math.sqrt(GRAVITY * heavier * opening.tall_m)
    return max(turbulent, opening.discharge * opening.area_m2 / 3 * falling)
