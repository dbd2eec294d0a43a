"""From what a source gives to puffs: few where the cloud is wide, many where it is narrow.

A steady release is a train of puffs, one every `interval_s`. Its sum is smooth where puffs lie no
further apart than their spread: the ripple of Gaussians of spread s at a distance L is
2 exp(-2 pi^2 s^2 / L^2), 5e-9 at L = s (Poisson's summation formula). Near the source that takes
very many, far off very few, so there is a ladder of trains, each twice as coarse as the one
before, and a puff lives only while its rung is needed: two of one rung end when the one of the
next rung that has their mass begins. At every time each kilogram is in exactly one puff.

What the merging forgets is the distance between the two, at most (L / 4)^2 in the variance along
the wind where s >= `WIDE` L: below 2 % of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from edge.dispersion.arrays import Floats, Ints
from edge.dispersion.emission import Emission, Kind
from edge.dispersion.passive.puff.table import SIGMA_Y, read, virtual_distance

WIDE = 2.0  # a rung ends where its puffs' spread is twice the distance of the next rung's
LONGEST_S = 60.0
# a source of width w starts with sigma_y = w / 4.3: ISC3, EPA-454/B-95-003b, Table 1-6
SOURCE_WIDTHS = 4.3


@dataclass(frozen=True, slots=True)
class Rung:
    """A train of puffs every `interval_s` [s], each seen until it is `until_age_s` [s] old."""

    interval_s: float
    until_age_s: float


def ladder(
    tables: Floats, speed_m_s: float, growth_m_s: float, nearest_m: float, horizon_s: float
) -> tuple[Rung, ...]:
    """Return the rungs for winds up to `speed_m_s` and spreads that grow by `growth_m_s` or more.

    The first resolves the cloud from `nearest_m` [m] on; no rung is longer than a minute.
    """
    narrowest = min(read(table, SIGMA_Y, nearest_m) for table in tables)
    interval = min(narrowest / max(speed_m_s, growth_m_s), LONGEST_S)
    rungs: list[Rung] = []
    while 2 * interval <= LONGEST_S:
        wide = WIDE * 2 * interval * max(speed_m_s, growth_m_s)
        reach = max(virtual_distance(table, SIGMA_Y, wide) for table in tables)
        age = reach / growth_m_s + 2 * interval
        if age >= horizon_s:
            break
        rungs.append(Rung(interval, age))
        interval *= 2
    return (*rungs, Rung(interval, np.inf))


def puffs(emission: Emission, rungs: tuple[Rung, ...], horizon_s: float) -> Floats:
    """Return the puffs (n, 6) of `emission` as `Cloud` wants them, gone at `horizon_s` [s]."""
    if emission.kind is Kind.INSTANT:
        step = emission.steps[0]
        size = np.sqrt(step.area_m2) / SOURCE_WIDTHS
        at = step.start_s
        return np.array([[at, emission.mass_kg, at, horizon_s, size, 0.0]])
    trains = [_train(emission, rung.interval_s) for rung in rungs]
    parts: list[Floats] = []
    for at, (index, born, mass, size) in enumerate(trains):
        start = born if at == 0 else born + rungs[at - 1].until_age_s
        end = np.full(born.size, horizon_s)
        if at + 1 < len(trains):
            after_index, after_born = trains[at + 1][0], trains[at + 1][1]
            parent = np.searchsorted(after_index, index // 2)
            end = np.minimum(after_born[parent] + rungs[at].until_age_s, horizon_s)
        rows = np.stack([born, mass, start, end, size, np.zeros(born.size)], axis=1)
        parts.append(rows[start < end])
    return np.concatenate(parts)


def _train(emission: Emission, interval_s: float) -> tuple[Ints, Floats, Floats, Floats]:
    """Return which intervals give gas, and of each the mean time, the mass and the width."""
    count = math.ceil(emission.duration_s / interval_s)
    edges: Floats = np.arange(count + 1, dtype=np.float64) * interval_s
    mass, moment, area = np.zeros(count), np.zeros(count), np.zeros(count)
    for step in emission.steps:
        low = np.clip(edges[:-1], step.start_s, step.end_s)
        high = np.clip(edges[1:], step.start_s, step.end_s)
        given = step.rate_kg_s * (high - low)
        mass += given
        moment += given * 0.5 * (low + high)
        area += given * step.area_m2
    index = np.flatnonzero(mass > 0)
    size = np.sqrt(area[index] / mass[index]) / SOURCE_WIDTHS
    return index, moment[index] / mass[index], mass[index], size
