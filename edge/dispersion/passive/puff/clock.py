"""When to look at a moving cloud: close together while it is young, further apart as it spreads.

A puff of age a passes a point in about sigma(U a) / U; the youngest puff at a time sets the pace.
While gas comes out, the looks are evenly spaced; after that in octaves of age, each evenly spaced
by a share of the spread at its start, but no closer than before: what the end of a long release
does within one look is below 1 / 200 of its dose. A Gaussian that is seen at steps of half its
spread sums to within 1e-8 of its integral; at steps of a fifth its top is found within 0.5 %.

Where neither the wind nor the rate has changed for a time a, all that was born since stands still
as a plume, and what still moves has grown for a or longer: there the looks are by a share of that
spread, `SETTLED_S` at most. So a day of steady wind takes hundreds of looks, not thousands.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from edge.dispersion.arrays import Floats
from edge.dispersion.passive.puff.cloud import FROM_S, GROWTH, SIZE_Y, Cloud
from edge.dispersion.passive.puff.table import SIGMA_Y, read

Clock = tuple[float, float, int]  # start [s], step [s], how many
SHARE = 0.2  # of the spread, between looks
LONGEST_S = 10.0
FRESH_S = 60.0  # the first octave after a change
SETTLED_S = 300.0  # between looks at a cloud in which little moves any more
WHILE_EMITTING = 200  # looks at least


def clocks(
    cloud: Cloud,
    speed_m_s: float,
    nearest_m: float,
    until: tuple[float, float],
    changes_s: Sequence[float] = (),
) -> list[Clock]:
    """Return evenly spaced stretches from 0 on; each begins where the one before ended.

    `until` [s]: the emission's end and the horizon. `speed_m_s` is the greatest wind; `nearest_m`
    [m] the travel from which the cloud is resolved; `changes_s` [s] when the rate changes.
    """
    emitted_s, horizon_s = until
    coarse = min(emitted_s / WHILE_EMITTING, LONGEST_S)
    pace = max(speed_m_s, float(np.min(cloud.winds[:, GROWTH])))
    least = max(cloud.least_y_m, float(np.min(cloud.puffs[:, SIZE_Y])))
    edges, steps = [0.0], list[float]()
    if emitted_s > 0:
        for end, step in _emitting(cloud, pace, (min(emitted_s, horizon_s), coarse), changes_s):
            _go_on(edges, steps, end, step)
    age = nearest_m / pace
    while edges[-1] < horizon_s:
        start_m = 0.5 * pace * age
        spread = max(min(read(table, SIGMA_Y, start_m) for table in cloud.tables), least)
        step = max(min(SHARE * spread / pace, LONGEST_S), coarse)
        end = min(emitted_s + age, horizon_s)
        age *= 2
        _go_on(edges, steps, end, step)
    return [
        _evenly(start, end, step) for (start, end), step in zip(pairwise(edges), steps, strict=True)
    ]


def _emitting(
    cloud: Cloud, pace: float, until: tuple[float, float], changes_s: Sequence[float]
) -> Iterator[tuple[float, float]]:
    """Give the ends [s] of stretches while gas comes out, and how far apart the looks are [s].

    `until`: the end of them and the least time between looks [s].
    """
    ends, coarse = until
    growth = float(np.min(cloud.winds[:, GROWTH]))
    found = {0.0, ends, *(float(at) for at in (*cloud.winds[:, FROM_S], *changes_s))}
    for start, end in pairwise(sorted(at for at in found if 0.0 <= at <= ends)):
        at, age = start, FRESH_S
        while at < end:
            spread = min(read(table, SIGMA_Y, 0.5 * growth * age) for table in cloud.tables)
            yield (at := min(start + age, end)), max(coarse, min(SHARE * spread / pace, SETTLED_S))
            age *= 2


def _go_on(edges: list[float], steps: list[float], end: float, step: float) -> None:
    """Add a stretch up to `end` [s]; where its step is that of the last one, make that longer."""
    if steps and step == steps[-1]:
        edges[-1] = end
    else:
        edges.append(end)
        steps.append(step)


def _evenly(start: float, end: float, step: float) -> Clock:
    """Return looks at `start`, `end` and evenly between, no further apart than `step`."""
    parts = max(1, math.ceil((end - start) / step))
    return start, (end - start) / parts, parts + 1


def trapezoid(c: Floats, step_s: float) -> Floats:
    """Return the integral over the last axis of values `step_s` [s] apart."""
    return step_s * (np.sum(c, axis=-1) - 0.5 * (c[..., 0] + c[..., -1]))


def running_peak(times: Floats, dose: Floats, averaging_s: float) -> Floats:
    """Return the greatest mean over `averaging_s` [s] > 0 from the dose so far.

    `dose` (points, times) is the integral of c up to each of `times` [s] (rising); before the
    first c is 0, after the last it is not looked at. Windows begin and end at the looks.
    """
    best = np.zeros(dose.shape[0])
    for shift in (0.0, averaging_s):
        later, earlier = times + averaging_s - shift, times - shift
        gain = _at(times, dose, later) - _at(times, dose, earlier)
        best = np.maximum(best, np.max(gain, axis=1) / averaging_s)
    return best


def _at(times: Floats, dose: Floats, when: Floats) -> Floats:
    """Return `dose` (points, times) read straight at `when` [s]; level beyond its ends."""
    after = np.clip(np.searchsorted(times, when), 1, times.size - 1)
    width = times[after] - times[after - 1]
    share = np.clip((when - times[after - 1]) / width, 0.0, 1.0)
    return dose[:, after - 1] * (1 - share) + dose[:, after] * share
