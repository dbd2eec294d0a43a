"""The passage of an emission of steps past a distance, in one straight wind. The readable truth.

In such a wind c(x, y, z, t) = U(x, y, z) G(x, t): U is the plume per 1 kg/s, G the rate that is
felt at x, Palazzi's closed form (`finite`) summed over the steps. So a peak is U times the peak of
G's running mean, and a load U^n times the integral of G^n, both of x alone. `passage_jit` computes
the same, and is tested equal.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np

from edge.dispersion.arrays import Floats
from edge.dispersion.passive.plume.finite import ALONG, risen, risen_sum

WINDOWS, PASSAGE = 100, 480  # points in time of a peak, of a load
LEAST = 8  # points of a load between two edges of steps
TAIL = 4.0  # sigma_x before and behind the passage


class Unit(Protocol):
    """What a plume per 1 kg/s offers: `SimilarityPlume` and `SetPlume` do."""

    def unit(self, x_m: Floats, y_m: Floats, z_m: float) -> Floats:
        """Return c / Q [s/m3]."""
        ...

    def time_s(self, x_m: Floats) -> Floats:
        """Return the travel time [s] to `x_m` [m]."""
        ...

    def sigma_y(self, x_m: Floats) -> Floats:
        """Return sigma_y [m] at `x_m` [m]."""
        ...


@dataclass(frozen=True, slots=True)
class Places:
    """Distances downwind `x_m` > 0 [m], the travel time to each [s] and sigma_x there [m]."""

    x_m: Floats
    time_s: Floats
    sigma_m: Floats


def places(plume: Unit, x_m: Floats) -> Places:
    """Return the places at `x_m` > 0 [m] of `plume`; sigma_x as in `finite`."""
    return Places(x_m, plume.time_s(x_m), np.maximum(ALONG * x_m, plume.sigma_y(x_m)))


def rate(steps: Floats, at: Places, t_s: Floats) -> Floats:
    """Return G [kg/s] at `t_s` [s] (same shape as the places).

    `steps` (k, 3) is when each begins and ends [s], and its rate of gas [kg/s].
    """
    return _felt(steps, at, t_s, risen)


def dose(steps: Floats, at: Places, t_s: Floats) -> Floats:
    """Return the integral of G from 0 to `t_s` [kg]; as `rate`."""
    return _felt(steps, at, t_s, risen_sum)


def peak(steps: Floats, at: Places, averaging_s: float) -> Floats:
    """Return the greatest mean of G over `averaging_s` >= 0 [s] that ever comes [kg/s]."""
    best = np.zeros(at.x_m.shape)
    for end in _ends(steps, at, averaging_s):
        if averaging_s == 0:
            mean = rate(steps, at, end)
        else:
            mean = (dose(steps, at, end) - dose(steps, at, end - averaging_s)) / averaging_s
        best = np.maximum(best, mean)
    return best


def load(steps: Floats, at: Places, unit: Floats, most: float, exponent: float) -> Floats:
    """Return the integral of min(U G, `most`)^n over all time; U is `unit`, n `exponent` > 0.

    Summed between the times at which each step's edges pass: a short strong step counts in full,
    however long the rest lasts.
    """
    start, length = passes(steps, at)
    total = np.zeros(at.x_m.shape)
    ends = edges(steps)
    bounds = [start, *(at.time_s + edge for edge in ends.tolist()), start + length]
    shares, weights = panel(ends.size)
    for low, high in pairwise(bounds):
        for share, weight in zip(shares, weights, strict=True):
            felt = rate(steps, at, low + share * (high - low))
            total += np.minimum(unit * felt, most) ** exponent * (weight * (high - low))
    return total


def edges(steps: Floats) -> Floats:
    """Return when any step begins or ends [s], each once."""
    return np.unique(steps[:, :2])


def panel(count: int) -> tuple[Floats, Floats]:
    """Return where a load is looked at between two of `count` edges (shares), and the weights.

    Midpoints of s in t = s^3 (10 - 15 s + 6 s^2): close at both ends, where gas comes and goes.
    """
    each = max(LEAST, math.ceil(PASSAGE / (count + 1)))
    s = (np.arange(each, dtype=np.float64) + 0.5) / each
    return s**3 * (10 - 15 * s + 6 * s * s), 30 * (s * (1 - s)) ** 2 / each


def passes(steps: Floats, at: Places) -> tuple[Floats, Floats]:
    """Return when the first gas comes to each place [s], and for how long gas passes [s]."""
    lag = TAIL * at.sigma_m * at.time_s / at.x_m
    start = np.maximum(at.time_s - lag, 0.0)
    return start, at.time_s + lag + steps[-1, 1] - start


def _ends(steps: Floats, at: Places, averaging_s: float) -> Iterator[Floats]:
    """Yield when the windows end [s] among which the strongest is: the greatest within 1 %.

    The middle of each step's passage is its own strongest window; where steps add up, so does
    a fine grid over the whole passage.
    """
    for begins, ends, _rate in steps:
        yield at.time_s + 0.5 * (begins + ends + averaging_s)
    if len(steps) > 1:
        start, length = passes(steps, at)
        for tick in np.linspace(0.0, 1.0, WINDOWS).tolist():
            yield start + tick * (length + averaging_s)


def _felt(steps: Floats, at: Places, t_s: Floats, share: Callable[..., Floats]) -> Floats:
    speed = at.x_m / at.time_s
    total = np.zeros(at.x_m.shape)
    for begins, ends, amount in steps:
        begun = share(t_s - begins, at.x_m, speed, at.sigma_m)
        total += amount * (begun - share(t_s - ends, at.x_m, speed, at.sigma_m))
    return np.maximum(total, 0.0)
