"""The star: a first look at a field all round the source, to find where it is above a threshold.

Points on rays from 0.5 m to the largest distance, close together along the heading, where a thin
plume lies. A cloud that passes between them shows as a peak below the threshold on the star; each
such peak is climbed, so that a small cloud far off is not taken for none. What is smaller than
about 1/50 of its distance from the source may still be missed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.dispersion.arrays import Floats

Places = NDArray[np.intp]
Look = Callable[[Floats, Floats], Floats]  # along and right of the heading [m] -> values

NEAREST_M = 0.5
RADII = 64
RAYS: Floats = np.radians(np.sort([*range(-180, 180, 5), -3, -2, -1, 1, 2, 3]).astype(np.float64))
MOST_PEAKS = 8
FAINT = 1e-60  # of the star's greatest value: below, rounding decides what is a peak
CLIMBS = 4  # each on 9 x 9 points, a third the size of the one before


@dataclass(frozen=True, slots=True)
class Seen:
    """Places above the threshold: `along` and `right` [m], and how far each stands for [m]."""

    along: Floats
    right: Floats
    reach: Floats
    values: Floats


def survey(look: Look, threshold: float, max_distance_m: float) -> Seen:
    """Return where `look` is at or above `threshold` as far as a star shows; empty: nowhere."""
    radii = np.geomspace(NEAREST_M, max_distance_m, RADII)
    radius, angle = np.meshgrid(radii, RAYS, indexing="ij")
    values = look(radius * np.cos(angle), radius * np.sin(angle))
    step = float(radii[1] / radii[0])
    ring, ray = np.nonzero(values >= threshold)
    aside = np.append(np.diff(RAYS), RAYS[0] + 2 * np.pi - RAYS[-1])
    rays = np.maximum(aside, np.roll(aside, 1))[ray]
    near = ring == 0  # what is above at the nearest ring may be so at the source itself
    reach = np.where(near, NEAREST_M, radii[ring] * np.minimum(rays, step - 1))
    seen = [radii[ring], RAYS[ray], reach, values[ring, ray]]
    peaks = _peaks(values, threshold)
    if peaks[0].size:
        higher = _climb(look, radii[peaks[0]], RAYS[peaks[1]], np.log(step))
        seen = [
            np.concatenate([old, new[higher[3] >= threshold]])
            for old, new in zip(seen, higher, strict=True)
        ]
    return Seen(seen[0] * np.cos(seen[1]), seen[0] * np.sin(seen[1]), seen[2], seen[3])


def _peaks(values: Floats, threshold: float) -> tuple[Places, Places]:
    """Return ring and ray of the star's points below the threshold with none higher beside them."""
    ringed = np.pad(values, ((1, 1), (0, 0)), constant_values=-np.inf)
    ringed = np.concatenate([ringed[:, -1:], ringed, ringed[:, :1]], axis=1)
    rings, rays = values.shape
    beside = np.max(
        [
            ringed[1 + i : 1 + i + rings, 1 + j : 1 + j + rays]
            for i in (-1, 0, 1)
            for j in (-1, 0, 1)
            if (i, j) != (0, 0)
        ],
        axis=0,
    )
    floor = FAINT * max(float(values.max()), 0.0)
    peak = (values > beside) & (values < threshold) & (values > floor)
    ring, ray = np.nonzero(peak)
    best = np.argsort(values[ring, ray])[::-1][:MOST_PEAKS]
    return ring[best], ray[best]


def _climb(
    look: Look, radius: Floats, angle: Floats, log_step: float
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return radius [m], angle, reach [m] and value of the highest place near each start (k,)."""
    offset = np.linspace(-1.0, 1.0, 9)
    outward, turn = (part.ravel() for part in np.meshgrid(offset, offset, indexing="ij"))
    size, wide = log_step, float(np.max(np.diff(RAYS)))
    value = np.zeros(radius.size)
    for _ in range(CLIMBS):
        radii = radius[:, None] * np.exp(size * outward)
        angles = angle[:, None] + wide * turn
        values = look(radii * np.cos(angles), radii * np.sin(angles))
        best = np.argmax(values, axis=1)
        rows = np.arange(radius.size)
        radius, angle, value = radii[rows, best], angles[rows, best], values[rows, best]
        size, wide = size / 3, wide / 3
    return radius, angle, np.maximum(radius * max(size, wide), NEAREST_M / 2), value
