"""The gas that can burn: the mass between the flammable limits, at a time and at its greatest.

    m = integral over the cloud of c, where LFL <= c <= UFL

The ground plan is covered by cells finest where the cloud is; upwards, c is taken as exponential
between heights that lie closer to each other near the ground, so that each part between the limits
is integrated exactly. Mean concentrations: a gust may burn where the mean does not, which is why
zones are drawn for 60 % of the LEL and lower. CCPS (1999), Guidelines for Consequence Analysis of
Chemical Releases, section 2.2 (flammable mass).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from edge.dispersion.consequence.levels import Gas
from edge.dispersion.consequence.zones import frame_of
from edge.dispersion.notes import RefusedError
from edge.dispersion.solution import Floats, Solution
from edge.dispersion.weather.weather import Weather
from edge.dispersion.window import MAX_DISTANCE_M, nodes, settle
from edge.substance.fluid import GAS_CONSTANT

# heights looked at first [m]; a cloud thicker than the LFL higher up is not looked for
LOOK_M = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0)
HEIGHTS = 33
CELLS = (96, 64)
FAINT = 1e-6  # of the LFL: thinner than this, between two heights, is taken as this
TIMES = 25
GOLDEN = 0.6180339887498949
SECTIONS = 7


@dataclass(frozen=True, slots=True)
class Limits:
    """The flammable limits as concentrations [kg/m3], `lower` < `upper`."""

    lower: float
    upper: float

    def __post_init__(self) -> None:
        if not 0 < self.lower < self.upper < np.inf:
            values = {"lower": str(self.lower), "upper": str(self.upper)}
            raise RefusedError("dispersion.refused.limits", **values)


@dataclass(frozen=True, slots=True)
class FlammableMass:
    """The mass between the limits over time: `masses_kg` [kg] at `times_s` [s], and the greatest.

    `beyond` says that some of it lies beyond the largest distance or height that was looked at.
    """

    limits: Limits
    times_s: tuple[float, ...]
    masses_kg: tuple[float, ...]
    greatest_kg: float
    greatest_s: float
    beyond: bool


def limits_of(gas: Gas, air: Weather) -> Limits:
    """Return the flammable limits of `gas` in `air`; `RefusedError` where it lacks either."""
    if gas.lel_fraction is None or gas.uel_fraction is None:
        known = {"lel": str(gas.lel_fraction), "uel": str(gas.uel_fraction)}
        raise RefusedError("dispersion.refused.no-limits", gas=gas.id, **known)
    one = air.pressure_pa * gas.molar_mass_kg_mol / (GAS_CONSTANT * air.temperature_k)
    return Limits(gas.lel_fraction * one, gas.uel_fraction * one)


def mass_at(
    solution: Solution, limits: Limits, t_s: float, max_distance_m: float = MAX_DISTANCE_M
) -> tuple[float, bool]:
    """Return the mass between the limits at `t_s` [s] since the release [kg], and `beyond`."""
    check_time(t_s, solution)

    def densest(x: Floats, y: Floats) -> Floats:
        return np.max([solution.concentration(x, y, z, t_s) for z in LOOK_M], axis=0)

    window = settle(densest, frame_of(solution), limits.lower, max_distance_m)
    if window is None:
        return 0.0, False
    top = _top(solution, limits, t_s, window.x, window.y)
    box = window.box
    length = nodes(box.back, box.ahead, CELLS[0] + 1, box.slender)
    width = nodes(box.left, box.right, CELLS[1] + 1, box.slender)
    along, across = (0.5 * (edges[1:] + edges[:-1]) for edges in (length, width))
    x, y = window.frame.site(*np.meshgrid(along, across))
    cells = np.outer(np.diff(width), np.diff(length))
    heights = top * np.linspace(0.0, 1.0, HEIGHTS) ** 2
    total = np.zeros(x.shape)
    below = solution.concentration(x, y, 0.0, t_s)
    for low, high in pairwise(heights.tolist()):
        above = solution.concentration(x, y, high, t_s)
        total += (high - low) * between(below, above, limits)
        below = above
    return float(np.sum(total * cells)), window.cut or top > LOOK_M[-1]


def greatest_mass(
    solution: Solution,
    limits: Limits,
    times_s: Sequence[float] | None = None,
    max_distance_m: float = MAX_DISTANCE_M,
) -> FlammableMass:
    """Return the mass between the limits over time, and its greatest value with its time.

    `times_s` [s] are looked at, 25 of them up to the solution's horizon where none are given; the
    greatest is then sought between the neighbours of the best. Raises `RefusedError` for times
    that do not rise or lie beyond the horizon.
    """
    last = solution.horizon_s
    times = np.geomspace(last / 1000, last, TIMES) if times_s is None else np.asarray(times_s)
    if times.size == 0 or np.any(np.diff(times) <= 0):
        raise RefusedError("dispersion.refused.series-times")
    found = [mass_at(solution, limits, float(t), max_distance_m) for t in times]
    masses = [mass for mass, _ in found]
    best = int(np.argmax(masses))
    top, when = masses[best], float(times[best])
    low, high = float(times[max(best - 1, 0)]), float(times[min(best + 1, times.size - 1)])
    if top > 0:
        closer = _sought(lambda t: mass_at(solution, limits, t, max_distance_m)[0], low, high)
        top, when = max((top, when), closer)
    return FlammableMass(
        limits,
        tuple(float(t) for t in times),
        tuple(masses),
        top,
        when,
        any(beyond for _, beyond in found),
    )


def _sought(mass: Callable[[float], float], low: float, high: float) -> tuple[float, float]:
    """Return the greatest mass [kg] met between two times [s] by golden section, and its time."""
    a, b = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    found = {a: mass(a), b: mass(b)}
    for _ in range(SECTIONS):
        if found[a] >= found[b]:
            high, b, a = b, a, b - GOLDEN * (b - low)
        else:
            low, a, b = a, b, a + GOLDEN * (high - a)
        fresh = a if a not in found else b
        found[fresh] = mass(fresh)
    return max((kg, t) for t, kg in found.items())


def check_time(t_s: float, solution: Solution) -> None:
    """Refuse a time that is not within the solution's horizon."""
    if not 0 <= t_s <= solution.horizon_s:
        raise RefusedError("dispersion.refused.time", value=str(t_s), last=solution.horizon_s)


def between(below: Floats, above: Floats, limits: Limits) -> Floats:
    """Return the mean over a layer [kg/m3] of what lies between the limits, 0 elsewhere.

    The concentration is exponential from `below` to `above` [kg/m3]; same shape.
    """
    floor = FAINT * limits.lower
    low = np.maximum(np.minimum(below, above), floor)
    high = np.maximum(np.maximum(below, above), floor)
    first, last = np.maximum(low, limits.lower), np.minimum(high, limits.upper)
    even = high < low * (1 + 1e-9)
    slope = np.log(np.where(even, np.e * low, high) / low)
    flat = np.where((low >= limits.lower) & (low <= limits.upper), low, 0.0)
    return np.where(even, flat, np.maximum(last - first, 0.0) / slope)


def _top(solution: Solution, limits: Limits, t_s: float, x: Floats, y: Floats) -> float:
    """Return a height [m] above all that is thicker than the lower limit."""
    burns = [bool(np.any(solution.concentration(x, y, z, t_s) >= limits.lower)) for z in LOOK_M]
    highest = max((k for k, burning in enumerate(burns) if burning), default=0)
    return LOOK_M[highest + 1] if highest + 1 < len(LOOK_M) else 2 * LOOK_M[-1]
