"""Ensembles: many members with inputs drawn from what is not known, and what they say together.

Inputs are drawn by Latin hypercube (McKay, Beckman and Conover 1979, Technometrics 21, 239-245):
each variable's range is cut into as many equally likely parts as there are members, each used once.
Every variable has its own stream of the seed, so one more variable changes no other's draws.

A member is whatever turns a sample into a solution. The share of members (by weight) above a
threshold at a point is the probability that it is exceeded there, given the inputs' uncertainty and
the models: gusts within a member's averaging time are not part of it. Members that refuse their
sample are left out and said; more than half of them refuse the whole.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import NormalDist
from typing import Protocol, TypeVar

import numpy as np

from edge.dispersion.isopleth import Isopleth, outline
from edge.dispersion.notes import Note, RefusedError
from edge.dispersion.solution import Floats, Solution
from edge.dispersion.window import MAX_DISTANCE_M, Frame, check_threshold

Sample = Mapping[str, float]
Member = Callable[[Sample], Solution]
Measure = Callable[[Solution, Floats, Floats], Floats]
T = TypeVar("T")
S = TypeVar("S")

WORKERS = 2
BATCH = 8  # members a thread takes at a time; sums keep this order, whatever the threads
MOST_REFUSED = 0.5
BAND = (0.05, 0.5, 0.95)
RAYS_DEG = (0.0, 2.0, -2.0, 6.0, -6.0, 15.0, -15.0, 40.0, -40.0, 90.0, -90.0, 180.0)
RADII = 128
NORMAL = NormalDist()


class Distribution(Protocol):
    """What is known of one input."""

    def quantile(self, share: float) -> float:
        """Return the value that the input is below with probability `share`, 0 < share < 1."""
        ...


@dataclass(frozen=True, slots=True)
class Normal:
    """A normal input about `mean`, cut off at `low` and `high` (as a stability is)."""

    mean: float
    deviation: float
    low: float = -math.inf
    high: float = math.inf

    def quantile(self, share: float) -> float:
        """Return the value below which `share` of the draws lie."""
        return min(max(self.mean + self.deviation * NORMAL.inv_cdf(share), self.low), self.high)


@dataclass(frozen=True, slots=True)
class LogNormal:
    """An input above 0 about `median`; 68 % of the draws are within a factor `factor` of it."""

    median: float
    factor: float

    def quantile(self, share: float) -> float:
        """Return the value below which `share` of the draws lie."""
        return self.median * self.factor ** NORMAL.inv_cdf(share)


@dataclass(frozen=True, slots=True)
class Uniform:
    """An input anywhere from `low` to `high`."""

    low: float
    high: float

    def quantile(self, share: float) -> float:
        """Return the value below which `share` of the draws lie."""
        return self.low + (self.high - self.low) * share


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several (models, say) with these weights; the draw is its index."""

    weights: tuple[float, ...]

    def quantile(self, share: float) -> float:
        """Return the index that `share` falls on."""
        edges = np.cumsum(self.weights) / math.fsum(self.weights)
        return float(min(int(np.searchsorted(edges, share, "right")), len(self.weights) - 1))


def latin_hypercube(
    inputs: Mapping[str, Distribution], count: int, seed: int
) -> tuple[dict[str, float], ...]:
    """Return `count` samples of `inputs`, the same for the same seed.

    Raises `RefusedError` for fewer than 2 or more than 100,000 members, a seed below 0, and an
    input that draws no number.
    """
    if not 2 <= count <= 100_000:
        raise RefusedError("dispersion.refused.members", value=count)
    if seed < 0:
        raise RefusedError("dispersion.refused.seed", value=seed)
    columns: dict[str, list[float]] = {}
    for name, distribution in inputs.items():
        own = np.random.default_rng([seed, zlib.crc32(name.encode())])
        shares = (own.permutation(count) + own.random(count)) / count
        shares = np.clip(shares, 1e-12, 1 - 1e-12)
        columns[name] = [distribution.quantile(float(share)) for share in shares]
        if not np.all(np.isfinite(columns[name])):
            raise RefusedError("dispersion.refused.input", name=name)
    return tuple({name: columns[name][k] for name in inputs} for k in range(count))


@dataclass(frozen=True, slots=True)
class Band:
    """How far something reaches [m]: at each of `shares` of the members, nearest first.

    `distances_m` has None where that share of the members does not reach the threshold at all.
    `beyond` says that the greatest are cut off at the largest distance; `reached` is the share of
    members that reach the threshold anywhere.
    """

    shares: tuple[float, ...]
    distances_m: tuple[float | None, ...]
    reached: float
    beyond: bool


@dataclass(frozen=True, slots=True)
class Ensemble:
    """Solutions of one release under its possible inputs, with `weights` that add up to 1.

    `samples` are those of the members that gave an answer; `refused` holds, for each sample that
    gave none, its place among all samples and why.
    """

    members: tuple[Solution, ...]
    weights: Floats
    samples: tuple[Sample, ...]
    refused: tuple[tuple[int, Note], ...]
    notes: tuple[Note, ...]
    workers: int = WORKERS

    @property
    def frame(self) -> Frame:
        """Return a frame at the first member's source, along the members' mean heading."""
        turn = np.radians([member.heading_deg for member in self.members])
        east, north = np.sum(self.weights * np.sin(turn)), np.sum(self.weights * np.cos(turn))
        return Frame(*self.members[0].origin_m, math.degrees(math.atan2(east, north)) % 360)

    def exceedance(self, measure: Measure, threshold: float, x_m: Floats, y_m: Floats) -> Floats:
        """Return the probability at points of site metres that `measure` is at least `threshold`.

        0 to 1, same shape as the points.
        """
        check_threshold(threshold)

        def share(batch: slice) -> Floats:
            total = np.zeros(x_m.shape)
            for member, weight in zip(self.members[batch], self.weights[batch], strict=True):
                total += weight * (measure(member, x_m, y_m) >= threshold)
            return total

        parts = _each(share, self._batches(), self.workers)
        return np.clip(np.sum(parts, axis=0), 0.0, 1.0)

    def zone(
        self,
        measure: Measure,
        threshold: float,
        share: float,
        max_distance_m: float = MAX_DISTANCE_M,
    ) -> Isopleth:
        """Return where at least `share` (0 to 1) of the members reach `threshold`."""
        if not 0 < share < 1:
            raise RefusedError("dispersion.refused.share", value=str(share))

        def probability(x: Floats, y: Floats) -> Floats:
            return self.exceedance(measure, threshold, x, y)

        return outline(probability, self.frame, share, max_distance_m)

    def quantiles(
        self, measure: Measure, x_m: Floats, y_m: Floats, shares: Sequence[float] = BAND
    ) -> Floats:
        """Return what `measure` is below at each place with each of `shares`; (shares, *places)."""

        def seen(batch: slice) -> list[Floats]:
            return [measure(member, x_m, y_m) for member in self.members[batch]]

        parts = _each(seen, self._batches(), self.workers)
        values = np.array([row for part in parts for row in part])
        return weighted_quantiles(values, self.weights, shares)

    def distances(
        self,
        measure: Measure,
        threshold: float,
        shares: Sequence[float] = BAND,
        max_distance_m: float = MAX_DISTANCE_M,
    ) -> Band:
        """Return how far from its source each member reaches `threshold`, as a band.

        Each member is looked at along its own heading, close beside it, across and back.
        """
        check_threshold(threshold)

        def reaches(batch: slice) -> list[float]:
            return [_reach(m, measure, threshold, max_distance_m) for m in self.members[batch]]

        found = np.array(
            [r for part in _each(reaches, self._batches(), self.workers) for r in part]
        )
        at = weighted_quantiles(found, self.weights, shares)
        distances = tuple(float(d) if d > 0 else None for d in at)
        reached = min(float(np.sum(self.weights[found > 0])), 1.0)
        return Band(tuple(shares), distances, reached, bool(np.any(at >= max_distance_m)))

    def _batches(self) -> list[slice]:
        return [slice(k, k + BATCH) for k in range(0, len(self.members), BATCH)]


def run(
    member: Member,
    samples: Sequence[Sample],
    weights: Sequence[float] | None = None,
    workers: int = WORKERS,
) -> Ensemble:
    """Return the ensemble of `member` over `samples`, equally likely unless `weights` say else.

    Raises `RefusedError` for no samples, for weights that are none, and where more than half of
    the members (by weight) refuse; it gives the first one's reason.
    """
    share = _shares(len(samples), weights)

    def solved(sample: Sample) -> Solution | Note:
        try:
            return member(sample)
        except RefusedError as refusal:
            return refusal.note

    found = _each(solved, samples, workers)
    refused = tuple((k, one) for k, one in enumerate(found) if isinstance(one, Note))
    stands = [k for k, one in enumerate(found) if not isinstance(one, Note)]
    lost = 1.0 - float(np.sum(share[stands]))
    if refused and (lost > MOST_REFUSED or not stands):
        params = {"percent": round(100 * lost), "why": str(refused[0][1])}
        raise RefusedError("dispersion.refused.ensemble", **params)
    members = tuple(one for one in found if not isinstance(one, Note))
    params = {"count": len(members), "refused": len(refused)}
    notes = [Note("dispersion.note.ensemble", params)]
    if refused:
        why = str(refused[0][1])
        notes.append(Note("dispersion.note.members-refused", {"count": len(refused), "why": why}))
    kept = share[stands] / np.sum(share[stands])
    own = tuple(samples[k] for k in stands)
    return Ensemble(members, kept, own, refused, tuple(notes), workers)


def peak_over(averaging_s: float, z_m: float) -> Measure:
    """Return the measure "greatest mean over `averaging_s` [s] at `z_m` [m]" [kg/m3]."""
    return lambda solution, x, y: solution.peak(x, y, z_m, averaging_s)


def weighted_quantiles(values: Floats, weights: Floats, shares: Sequence[float]) -> Floats:
    """Return the smallest of `values` (members, …) that `shares` of the weight do not exceed."""
    for share in shares:
        if not 0 <= share <= 1:
            raise RefusedError("dispersion.refused.share", value=str(share))
    order = np.argsort(values, axis=0, kind="stable")
    ranked = np.take_along_axis(values, order, axis=0)
    below = np.cumsum(weights[order], axis=0)
    rows: list[Floats] = []
    for share in shares:
        index = np.sum(below < share - 1e-12, axis=0)
        index = np.minimum(index, len(values) - 1)
        rows.append(np.take_along_axis(ranked, index[None, ...], axis=0)[0])
    return np.array(rows)


def _shares(count: int, weights: Sequence[float] | None) -> Floats:
    """Return weights that add up to 1."""
    share = np.ones(count) if weights is None else np.asarray(weights, dtype=np.float64)
    right = share.shape == (count,) and count > 0 and np.all(np.isfinite(share))
    if not (right and np.all(share >= 0) and np.sum(share) > 0):
        raise RefusedError("dispersion.refused.weights", count=count)
    return share / np.sum(share)


def _reach(member: Solution, measure: Measure, threshold: float, limit: float) -> float:
    """Return the farthest distance [m] at which a member is above `threshold`; 0 where nowhere."""
    radii = np.geomspace(1.0, limit, RADII)
    turn = np.radians(member.heading_deg + np.array(RAYS_DEG))
    x = member.origin_m[0] + np.outer(np.sin(turn), radii)
    y = member.origin_m[1] + np.outer(np.cos(turn), radii)
    values = measure(member, x, y)
    above = values >= threshold
    if not above.any():
        return 0.0
    column = int(np.nonzero(above.any(axis=0))[0][-1])
    if column == RADII - 1:
        return limit
    ray = int(np.argmax(values[:, column]))
    high, low = values[ray, column], max(values[ray, column + 1], threshold * 1e-6)
    share = math.log(high / threshold) / math.log(high / low)
    return float(radii[column] * (radii[column + 1] / radii[column]) ** share)


def _each(task: Callable[[S], T], items: Sequence[S], workers: int) -> list[T]:
    """Return `task` of each item in their order; compiled kernels let the threads run beside."""
    if workers <= 1 or len(items) < 2:
        return [task(item) for item in items]
    with ThreadPoolExecutor(max_workers=workers) as pool:
        return list(pool.map(task, items))
