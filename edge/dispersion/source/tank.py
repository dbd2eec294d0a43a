"""Tanks: how level, content and surface belong together, and Torricelli's closed form.

Shapes: upright cylinder, lying cylinder (flat ends), sphere; levels in m above the inside bottom.
References: geometry; the draining time of an upright cylinder under constant gas pressure,

    t = (A / (Cd a)) sqrt(2/g) (sqrt(h0 + p) - sqrt(h1 + p)),   p = (p_gas - pa)/(rho g)

as CCPS, Guidelines for Consequence Analysis (1999), section 2.1.1 (there for p = 0).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

from edge.dispersion.constants import GRAVITY
from edge.dispersion.notes import RefusedError
from edge.dispersion.source.check import checked


class Shape(Protocol):
    """A vessel's inside."""

    @property
    def height_m(self) -> float:
        """Return the inside height [m]."""
        ...

    def volume_m3(self, level_m: float) -> float:
        """Return the volume [m3] below `level_m`."""
        ...


@dataclass(frozen=True, slots=True)
class Upright:
    """An upright cylinder."""

    diameter_m: float
    height_m: float

    def __post_init__(self) -> None:
        checked("size", self.diameter_m)
        checked("size", self.height_m)

    def volume_m3(self, level_m: float) -> float:
        """Return the volume [m3] below `level_m`."""
        return 0.25 * math.pi * self.diameter_m**2 * min(max(level_m, 0.0), self.height_m)


@dataclass(frozen=True, slots=True)
class Lying:
    """A lying cylinder with flat ends: a tank car, a chlorine ton container."""

    diameter_m: float
    length_m: float

    def __post_init__(self) -> None:
        checked("size", self.diameter_m)
        checked("size", self.length_m)

    @property
    def height_m(self) -> float:
        """Return the inside height [m]: the diameter."""
        return self.diameter_m

    def volume_m3(self, level_m: float) -> float:
        """Return the volume [m3] below `level_m`: the circle's segment times the length."""
        r = 0.5 * self.diameter_m
        y = min(max(level_m, 0.0), self.diameter_m) - r
        segment = r * r * (0.5 * math.pi + math.asin(y / r)) + y * math.sqrt(max(r * r - y * y, 0))
        return min(max(segment, 0.0), math.pi * r * r) * self.length_m


@dataclass(frozen=True, slots=True)
class Sphere:
    """A sphere."""

    diameter_m: float

    def __post_init__(self) -> None:
        checked("size", self.diameter_m)

    @property
    def height_m(self) -> float:
        """Return the inside height [m]: the diameter."""
        return self.diameter_m

    def volume_m3(self, level_m: float) -> float:
        """Return the volume [m3] below `level_m`: the cap."""
        h = min(max(level_m, 0.0), self.diameter_m)
        return math.pi * h * h * (0.5 * self.diameter_m - h / 3.0)


def capacity_m3(shape: Shape) -> float:
    """Return the whole inside volume [m3]."""
    return shape.volume_m3(shape.height_m)


def level_m(shape: Shape, volume_m3: float) -> float:
    """Return the level [m] of a liquid's `volume_m3` [m3]; refuses more than the vessel holds."""
    whole = capacity_m3(shape)
    if not 0.0 <= volume_m3 <= whole * (1.0 + 1e-9):
        raise RefusedError(
            "dispersion.refused.source-overfull", value_m3=f"{volume_m3:g}", holds_m3=f"{whole:g}"
        )
    if isinstance(shape, Upright):
        return shape.height_m * min(volume_m3 / whole, 1.0)
    low, high = 0.0, shape.height_m
    for _ in range(44):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if shape.volume_m3(middle) < volume_m3 else (low, middle)
    return 0.5 * (low + high)


def torricelli_s(
    tank: Upright, hole_m2: float, cd: float, from_m: float, to_m: float, over_m: float = 0.0
) -> float:
    """Return the time [s] in which a level falls `from_m` to `to_m` [m above the hole].

    `over_m` [m of liquid] is the gas's constant overpressure. Refuses impossible numbers.
    """
    checked("head", to_m)
    checked("head", from_m - to_m)
    checked("cd", cd)
    checked("area", hole_m2)
    area = 0.25 * math.pi * tank.diameter_m**2
    fall = math.sqrt(from_m + over_m) - math.sqrt(to_m + over_m)
    return area / (cd * hole_m2) * math.sqrt(2.0 / GRAVITY) * fall
