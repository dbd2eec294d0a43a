"""The concentration in a building from that outdoors: gas seeps in, and seeps out more slowly.

    dC_i/dt = k (C_o - C_i)        k = air changes per hour / 3600 s

A well mixed room that neither absorbs nor filters. The outdoor series is straight between its
times (a time that stands twice is a step) and k is constant between openings, so each stretch has
an exact answer whatever its length. With q = k h over a stretch of h [s] from C_o = c at a slope s,

    C_i' = C_i e^-q + q (c p1 + s h p2)
    integral C_i = h (C_i p1 + q (c p2 + s h p3))
    p1 = (1 - e^-q) / q,  p2 = (1 - p1) / q,  p3 = (1/2 - p2) / q

TNO Yellow Book, CPR 14E (2005), section 4.5.5; ASHRAE Fundamentals (2017), chapter 16. Air
changes: 0.5-1 per hour closed, 3-6 with windows open. Domain: 0 to 100 per hour.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from edge.dispersion.consequence.toxic import check_exponent
from edge.dispersion.notes import RefusedError
from edge.dispersion.solution import Floats

HOUR_S = 3600.0
MOST_ACH = 100.0
SMALL = 0.05  # below, 1 - e^-q loses digits and the series takes over
NODES, WEIGHTS = np.polynomial.legendre.leggauss(12)


@dataclass(frozen=True, slots=True)
class Airing:
    """From `at_s` [s] on the building changes its air `ach_per_h` times an hour."""

    at_s: float
    ach_per_h: float


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of the series with constant k [1/s], from `start_s` for `length_s` [s].

    Outdoors `outdoor` [kg/m3] at its start and rising by `slope` [kg/m3/s]; `indoor` [kg/m3] at
    its start.
    """

    start_s: float
    length_s: float
    outdoor: float
    slope: float
    rate_1_s: float
    indoor: float

    def at(self, after_s: Floats) -> Floats:
        """Return the concentration indoors [kg/m3] at times after the stretch's start [s]."""
        return np.array([self._after(h)[0] for h in after_s])

    def ends(self) -> tuple[float, float]:
        """Return the concentration indoors at its end [kg/m3] and the dose over it [kg/m3 s]."""
        return self._after(self.length_s)

    def peak(self) -> tuple[float, float]:
        """Return the greatest concentration indoors [kg/m3] and when [s]."""
        end = self.ends()[0]
        best = (self.indoor, self.start_s)
        if end > best[0]:
            best = (end, self.start_s + self.length_s)
        gap = self.indoor - self.outdoor  # C_i - C_o: the top is where it passes 0
        if self.rate_1_s > 0 and self.slope < 0 < -gap:
            tail = self.slope / self.rate_1_s
            turn = math.log((gap + tail) / tail) / self.rate_1_s
            if turn < self.length_s:
                top = self._after(turn)[0]
                if top > best[0]:
                    best = (top, self.start_s + turn)
        return best

    def load(self, exponent: float) -> float:
        """Return the integral of C_i^n over the stretch [(kg/m3)^n s], by Gauss of 12 points."""
        parts = max(1, math.ceil(self.rate_1_s * self.length_s))
        part = self.length_s / parts
        total = 0.0
        for k in range(parts):
            inside = self.at(part * (k + 0.5 * (NODES + 1)))
            total += 0.5 * part * float(np.sum(WEIGHTS * np.maximum(inside, 0.0) ** exponent))
        return total

    def _after(self, h: float) -> tuple[float, float]:
        """Return the concentration [kg/m3] after `h` [s] and the dose until then [kg/m3 s]."""
        q = self.rate_1_s * h
        p1, p2, p3 = _phi(q)
        inside = self.indoor * math.exp(-q) + q * (self.outdoor * p1 + self.slope * h * p2)
        dose = h * (self.indoor * p1 + q * (self.outdoor * p2 + self.slope * h * p3))
        return max(inside, 0.0), max(dose, 0.0)


@dataclass(frozen=True, slots=True)
class Indoor:
    """The answer over time: `times_s` [s], `inside` [kg/m3] and `dose` until then [kg/m3 s].

    `outdoor_dose` is what somebody outside would have had in all [kg/m3 s]; `peak` [kg/m3] comes
    at `peak_s` [s].
    """

    times_s: Floats
    inside: Floats
    dose: Floats
    outdoor_dose: float
    peak: float
    peak_s: float
    stretches: tuple[Stretch, ...]

    def load(self, exponent: float) -> float:
        """Return the toxic load indoors, the integral of C_i^n [(kg/m3)^n s]; n = `exponent`."""
        check_exponent(exponent)
        return sum(stretch.load(exponent) for stretch in self.stretches)

    def at(self, t_s: float) -> float:
        """Return the concentration indoors at `t_s` [s] of the series [kg/m3]."""
        if not self.times_s[0] <= t_s <= self.times_s[-1]:
            first, last = float(self.times_s[0]), float(self.times_s[-1])
            raise RefusedError("dispersion.refused.indoor-time", value=t_s, first=first, last=last)
        index = min(int(np.searchsorted(self.times_s, t_s, "right")) - 1, len(self.stretches) - 1)
        stretch = self.stretches[index]
        return float(stretch.at(np.array([t_s - stretch.start_s]))[0])


def indoors(
    times_s: Sequence[float] | Floats,
    outdoor: Sequence[float] | Floats,
    airing: Sequence[Airing],
    start: float = 0.0,
) -> Indoor:
    """Return what an outdoor series [kg/m3] at `times_s` [s] brings indoors.

    `airing` says how the building is ventilated: the first entry from the series' start, further
    ones as windows are closed or opened. `start` [kg/m3] is what is indoors at first. Raises
    `RefusedError` for series that are too short, fall back in time, or are below 0 or NaN, and for
    air changes outside 0-100 per hour.
    """
    times, values = np.asarray(times_s, np.float64), np.asarray(outdoor, np.float64)
    _check(times, values, airing, start)
    stretches: list[Stretch] = []
    inside = start
    for t0, t1, c0, c1, rate in _cut(times, values, airing):
        stretch = Stretch(t0, t1 - t0, c0, (c1 - c0) / (t1 - t0), rate, inside)
        inside, _ = stretch.ends()
        stretches.append(stretch)
    doses = np.cumsum([0.0, *(stretch.ends()[1] for stretch in stretches)])
    peak, peak_s = max((stretch.peak() for stretch in stretches), key=lambda top: top[0])
    return Indoor(
        np.array([*(stretch.start_s for stretch in stretches), times[-1]]),
        np.array([*(stretch.indoor for stretch in stretches), inside]),
        doses,
        float(np.trapezoid(values, times)),
        peak,
        peak_s,
        tuple(stretches),
    )


def _check(times: Floats, values: Floats, airing: Sequence[Airing], start: float) -> None:
    if times.ndim != 1 or times.size < 2 or times.shape != values.shape:
        shapes = {"times": str(times.shape), "values": str(values.shape)}
        raise RefusedError("dispersion.refused.series-shape", **shapes)
    rising = np.all(np.isfinite(times)) and np.all(np.diff(times) >= 0) and times[-1] > times[0]
    if not rising:
        raise RefusedError("dispersion.refused.series-times")
    if not (np.all(values >= 0) and np.all(np.isfinite(values))) or not 0 <= start < math.inf:
        raise RefusedError("dispersion.refused.series-values")
    if not airing:
        raise RefusedError("dispersion.refused.airing-none")
    at = [change.at_s for change in airing]
    if at != sorted(set(at)) or not all(math.isfinite(t) for t in at):
        raise RefusedError("dispersion.refused.airing-order")
    for change in airing:
        if not 0 <= change.ach_per_h <= MOST_ACH:
            raise RefusedError("dispersion.refused.ach", value=str(change.ach_per_h))


def _cut(
    times: Floats, values: Floats, airing: Sequence[Airing]
) -> list[tuple[float, float, float, float, float]]:
    """Return the stretches' start, end, outdoor at both, and k [1/s]: cut where k changes."""
    found: list[tuple[float, float, float, float, float]] = []
    for k in range(times.size - 1):
        t0, t1 = float(times[k]), float(times[k + 1])
        if t1 == t0:
            continue
        c0, c1 = float(values[k]), float(values[k + 1])
        cuts = [t0, *(change.at_s for change in airing[1:] if t0 < change.at_s < t1), t1]
        for a, b in pairwise(cuts):
            ca, cb = (c0 + (c1 - c0) * (t - t0) / (t1 - t0) for t in (a, b))
            ach = [change.ach_per_h for change in airing[1:] if change.at_s <= a]
            found.append((a, b, ca, cb, (ach[-1] if ach else airing[0].ach_per_h) / HOUR_S))
    return found


def _phi(q: float) -> tuple[float, float, float]:
    """Return p1, p2, p3 of the module's text, exact for any q >= 0."""
    if q < SMALL:
        powers = [(-q) ** i for i in range(8)]
        first, second, third = (
            sum(power / math.factorial(i + order) for i, power in enumerate(powers))
            for order in (1, 2, 3)
        )
        return first, second, third
    p1 = -math.expm1(-q) / q
    p2 = (1 - p1) / q
    return p1, p2, (0.5 - p2) / q
