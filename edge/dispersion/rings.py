"""Rings: closed lines in site metres, as outlines (counter-clockwise) and holes (clockwise)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from edge.dispersion.arrays import Floats

ROUND_M = 1  # decimals: 0.1 m


@dataclass(frozen=True, slots=True)
class Polygon:
    """One piece of a zone: its outline [(n, 2) site metres] and the holes in it."""

    outline: Floats
    holes: tuple[Floats, ...] = ()

    @property
    def area_m2(self) -> float:
        """Return the area within the outline and outside the holes [m2]."""
        return abs(area(self.outline)) - sum(abs(area(hole)) for hole in self.holes)


def polygons(rings: Iterable[Floats]) -> tuple[Polygon, ...]:
    """Return the pieces that `rings` make, largest first.

    A clockwise ring is a hole of the smallest outline that holds its first point.
    """
    outlines = sorted((ring for ring in rings if area(ring) > 0), key=area)
    holes: dict[int, list[Floats]] = {}
    for ring in rings:
        if area(ring) < 0:
            around = (k for k, line in enumerate(outlines) if contains(line, *ring[0]))
            owner = next(around, None)
            if owner is not None:
                holes.setdefault(owner, []).append(ring)
    found = [Polygon(line, tuple(holes.get(k, ()))) for k, line in enumerate(outlines)]
    return tuple(reversed(found))


def contains(ring: Floats, x_m: float, y_m: float) -> bool:
    """Return whether the point is within the closed `ring`, by the number of edges on its right."""
    x, y = ring[:, 0] - x_m, ring[:, 1] - y_m
    spans = (y[:-1] > 0) != (y[1:] > 0)
    x0, x1, y0, y1 = x[:-1][spans], x[1:][spans], y[:-1][spans], y[1:][spans]
    return int(np.sum(x0 - y0 * (x1 - x0) / (y1 - y0) > 0)) % 2 == 1


def nearest_m(ring: Floats, x_m: float, y_m: float) -> float:
    """Return the distance [m] from the point to the nearest edge of the closed `ring`."""
    start = ring[:-1] - np.array([x_m, y_m])
    edge = np.diff(ring, axis=0)
    length = np.maximum(np.sum(edge**2, axis=1), 1e-12)
    share = np.clip(-np.sum(start * edge, axis=1) / length, 0.0, 1.0)
    return float(np.sqrt(np.min(np.sum((start + share[:, None] * edge) ** 2, axis=1))))


def circle(x_m: float, y_m: float, radius_m: float, points: int = 72) -> Floats:
    """Return a closed counter-clockwise ring that holds the whole circle, rounding included."""
    outer = radius_m / math.cos(math.pi / points) + 10.0**-ROUND_M
    turn = np.linspace(0.0, 2 * np.pi, points + 1)
    ring = np.column_stack([x_m + outer * np.cos(turn), y_m + outer * np.sin(turn)])
    ring[-1] = ring[0]
    return np.round(ring, ROUND_M)


def area(ring: Floats) -> float:
    """Return the signed area [m2] of a closed ring (n, 2) by the shoelace formula."""
    x, y = ring[:, 0] - ring[0, 0], ring[:, 1] - ring[0, 1]
    return 0.5 * float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))


def simplify(ring: Floats, most: int) -> Floats:
    """Return a closed ring of at most `most` points, rounded to 0.1 m.

    Douglas and Peucker (1973), Cartographica 10(2), 112-122, with a tolerance of 0.05 m or 1/2000
    of the ring's extent, doubled until the ring is short enough; points that rounding made equal
    are dropped.
    """
    extent = float(np.max(np.ptp(ring, axis=0)))
    tolerance = max(10.0**-ROUND_M / 2, extent / 2000)
    slim = _douglas_peucker(ring, tolerance)
    while len(slim) > most:
        tolerance *= 2
        slim = _douglas_peucker(ring, tolerance)
    rounded = np.round(slim, ROUND_M)
    moved = np.any(np.diff(rounded, axis=0) != 0, axis=1)
    return rounded[np.concatenate(([True], moved))]


def _douglas_peucker(line: Floats, tolerance: float) -> Floats:
    """Return the points of `line` (n, 2) that lie further than `tolerance` [m] from its chords."""
    keep = np.zeros(len(line), dtype=bool)
    middle = int(np.argmax(np.sum((line - line[0]) ** 2, axis=1)))  # a ring's chord has no length
    keep[[0, middle, -1]] = True
    spans = [(0, middle), (middle, len(line) - 1)]
    while spans:
        first, last = spans.pop()
        if last - first < 2:
            continue
        chord = line[last] - line[first]
        offset = line[first + 1 : last] - line[first]
        cross = np.abs(chord[0] * offset[:, 1] - chord[1] * offset[:, 0])
        distance = cross / max(float(np.hypot(chord[0], chord[1])), 1e-12)
        worst = int(np.argmax(distance))
        if distance[worst] > tolerance:
            split = first + 1 + worst
            keep[split] = True
            spans += [(first, split), (split, last)]
    return line[keep]
