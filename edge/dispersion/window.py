"""The window: a grid that holds everything of a field that is above a threshold.

It lies along the cloud's heading. A star of points about the source finds where the field is
above the threshold; from there the grid grows while anything above touches its border and is
drawn closer while most of it is empty. A slender zone's grid is stretched, fine near the source
and the axis (node = tau |tau| with tau in even steps); a round zone's is even.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from edge.dispersion.arrays import Bools, Floats
from edge.dispersion.notes import RefusedError
from edge.dispersion.star import Seen, survey

Field = Callable[[Floats, Floats], Floats]

MAX_DISTANCE_M = 10_000.0  # Briggs' curves end here
SLENDER = (121, 61)  # nodes along and across
ROUND = (91, 91)
ASPECT = 3.0  # longer than this many widths is slender
EMPTY = 0.3  # a zone on fewer than this share of the nodes of a side is looked at closer
MOST_GRIDS = 40
FINER = (1, 2, 4)  # times as many nodes a side, where a grid missed what the star saw
NEAR_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a grid begins (site metres) and which way it lies [deg clockwise from north]."""

    x_m: float
    y_m: float
    heading_deg: float

    def site(self, along: Floats, right: Floats) -> tuple[Floats, Floats]:
        """Return the site metres of points `along` the heading and to its `right` [m]."""
        angle = np.radians(self.heading_deg)
        sine, cosine = float(np.sin(angle)), float(np.cos(angle))
        return self.x_m + along * sine + right * cosine, self.y_m + along * cosine - right * sine


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in a frame: from `back` to `ahead`, and from `left` to `right` (signed m)."""

    back: float
    ahead: float
    left: float
    right: float

    @property
    def slender(self) -> bool:
        """Whether one side is much longer than the other."""
        length, width = self.ahead - self.back, self.right - self.left
        return length > ASPECT * width or width > ASPECT * length

    def holding(self, radius_m: float) -> Box:
        """Return the box that holds this one and a circle about the frame's origin."""
        return Box(
            min(self.back, -radius_m),
            max(self.ahead, radius_m),
            min(self.left, -radius_m),
            max(self.right, radius_m),
        )

    def touches(self, radius_m: float) -> bool:
        """Return whether it meets the circle about the origin (by its bounding square)."""
        sides = self.back < radius_m and self.ahead > -radius_m
        return sides and self.left < radius_m and self.right > -radius_m


@dataclass(frozen=True, slots=True)
class Window:
    """A settled grid: `x`, `y` site metres and `values`, all (across, along).

    `cut` says that the field is above the threshold beyond the largest distance.
    """

    frame: Frame
    box: Box
    along: Floats
    across: Floats
    x: Floats
    y: Floats
    values: Floats
    cut: bool


def check_threshold(threshold: float) -> None:
    """Refuse a threshold that is not a number above 0: zero would make the whole world a zone."""
    if not (threshold > 0 and np.isfinite(threshold)):
        raise RefusedError("dispersion.refused.threshold", value=str(threshold))


def settle(
    field: Field,
    frame: Frame,
    threshold: float,
    max_distance_m: float = MAX_DISTANCE_M,
    guess: Box | None = None,
) -> Window | None:
    """Return the grid that holds all of `field` above `threshold`, or None where nothing is.

    `guess` is a box that the zone is known to begin in, which saves the star. Raises
    `RefusedError` for a threshold that is no number above 0, a largest distance below 1 m, a
    frame that is no place, and a field that gives NaN or another shape.
    """
    check_threshold(threshold)
    if not max_distance_m >= 1.0:
        raise RefusedError("dispersion.refused.distance", value=str(max_distance_m))
    if not all(math.isfinite(v) for v in (frame.x_m, frame.y_m, frame.heading_deg)):
        place = {"x_m": str(frame.x_m), "y_m": str(frame.y_m), "heading": str(frame.heading_deg)}
        raise RefusedError("dispersion.refused.frame", **place)
    if guess is not None:
        return _fitted(field, frame, threshold, max_distance_m, guess, None)
    seen = survey(lambda a, r: look(field, *frame.site(a, r)), threshold, max_distance_m)
    if seen.values.size == 0:
        return None
    box = _about(seen, max_distance_m)
    found = None
    for finer in FINER:
        found = _fitted(field, frame, threshold, max_distance_m, box, seen, finer)
        if found is not None and not _missed(found, seen, threshold):
            return found
    if found is not None:
        return found
    tight = _about(_best(seen), max_distance_m)  # the zone is thinner than the finest grid's nodes
    return _fitted(field, frame, threshold, max_distance_m, tight, None)


def _fitted(
    field: Field,
    frame: Frame,
    threshold: float,
    limit: float,
    box: Box,
    seen: Seen | None,
    finer: int = 1,
) -> Window | None:
    """Return the grid grown and closed in about the zone that begins in `box`; None: none there.

    It always holds the places of `seen`.
    """
    for _ in range(MOST_GRIDS):
        window = grid(field, frame, box, finer=finer)
        above = window.values >= threshold
        if not above.any():
            return None
        grown = _grown(box, above, limit)
        closer = _closer(window, above, seen) if grown == box else grown
        if closer is None:
            return closed(window, threshold)
        box = closer
    return closed(grid(field, frame, box, finer=finer), threshold)


def _missed(window: Window, seen: Seen, threshold: float) -> bool:
    """Return whether a place seen above the threshold has none of the four nodes about it above.

    What lies close to the source does not count: there a zone may well be thinner than a cell.
    """
    away = np.hypot(seen.along, seen.right)
    far = away > NEAR_SHARE * away.max()
    column = np.clip(np.searchsorted(window.along, seen.along[far]), 1, window.along.size - 1)
    row = np.clip(np.searchsorted(window.across, seen.right[far]), 1, window.across.size - 1)
    above = window.values >= threshold
    about = [above[row - i, column - j] for i in (0, 1) for j in (0, 1)]
    return not bool(np.all(np.any(about, axis=0)))


def grid(field: Field, frame: Frame, box: Box, near: bool = False, finer: int = 1) -> Window:
    """Return the field on the grid of `box`.

    `near` makes it fine about the source in any case, `finer` multiplies its cells on each side.
    """
    counts = SLENDER if box.slender else ROUND
    across_count, along_count = (finer * (count - 1) + 1 for count in counts[::-1])
    along = nodes(box.back, box.ahead, along_count, near or box.slender)
    across = nodes(box.left, box.right, across_count, near or box.slender)
    x, y = frame.site(*np.meshgrid(along, across))
    return Window(frame, box, along, across, x, y, look(field, x, y), cut=False)


def look(field: Field, x: Floats, y: Floats) -> Floats:
    """Return `field` at the points; `RefusedError` where it gives NaN or another shape."""
    values = np.asarray(field(x, y), dtype=np.float64)
    if values.shape != x.shape:
        shapes = {"wanted": str(x.shape), "got": str(values.shape)}
        raise RefusedError("dispersion.refused.field-shape", **shapes)
    lost = np.isnan(values)
    if lost.any():
        where = int(np.argmax(lost))
        raise RefusedError(
            "dispersion.refused.field-nan",
            x_m=round(float(x.flat[where]), 1),
            y_m=round(float(y.flat[where]), 1),
        )
    return values


def _about(seen: Seen, limit: float) -> Box:
    """Return the box about the places seen, and as far beside each as it stands for."""
    return Box(
        max(float(np.min(seen.along - seen.reach)), -limit),
        min(float(np.max(seen.along + seen.reach)), limit),
        max(float(np.min(seen.right - seen.reach)), -limit),
        min(float(np.max(seen.right + seen.reach)), limit),
    )


def _best(seen: Seen) -> Seen:
    """Return the place with the greatest value, standing for next to nothing."""
    top = slice(best := int(np.argmax(seen.values)), best + 1)
    small = np.maximum(0.01 * seen.reach[top], 0.05)
    return Seen(seen.along[top], seen.right[top], small, seen.values[top])


def _grown(box: Box, above: Bools, limit: float) -> Box:
    """Return `box`, larger on every side that the zone touches and that may still grow."""
    length, width = box.ahead - box.back, box.right - box.left

    def moved(side: float, span: float, touched: bool) -> float:
        outward = -1.0 if side in {box.back, box.left} else 1.0
        if not touched:
            return side
        step = max(outward * side, 0.1 * span)  # at least doubled from the source
        return float(np.clip(side + outward * step, -limit, limit))

    return Box(
        moved(box.back, length, bool(above[:, 0].any())),
        moved(box.ahead, length, bool(above[:, -1].any())),
        moved(box.left, width, bool(above[0, :].any())),
        moved(box.right, width, bool(above[-1, :].any())),
    )


def _closer(window: Window, above: Bools, seen: Seen | None) -> Box | None:
    """Return a closer box where the zone fills few nodes; None where the grid is well used."""
    columns, rows = np.nonzero(above.any(axis=0))[0], np.nonzero(above.any(axis=1))[0]
    thin = (
        np.ptp(columns) + 1 < EMPTY * window.along.size
        or np.ptp(rows) + 1 < EMPTY * window.across.size
    )
    if not thin:
        return None

    def span(nodes: Floats, first: int, last: int) -> tuple[float, float]:
        return float(nodes[max(first - 1, 0)]), float(nodes[min(last + 1, nodes.size - 1)])

    back, ahead = span(window.along, columns[0], columns[-1])
    left, right = span(window.across, rows[0], rows[-1])
    box = Box(back, ahead, left, right)
    if seen is not None:
        box = Box(
            min(back, float(seen.along.min())),
            max(ahead, float(seen.along.max())),
            min(left, float(seen.right.min())),
            max(right, float(seen.right.max())),
        )
    smallest = 0.05  # m: closer than a ring's points are rounded, nothing is gained
    if ahead - back < smallest or right - left < smallest or box == window.box:
        return None
    return box


def closed(window: Window, threshold: float) -> Window:
    """Return the window with its border below the threshold, so that rings close there."""
    above = window.values >= threshold
    values = window.values.copy()
    cut = False
    for edge in (np.s_[0, :], np.s_[-1, :], np.s_[:, 0], np.s_[:, -1]):
        cut |= bool(above[edge].any())
        values[edge] = np.where(above[edge], 0.0, values[edge])
    return Window(
        window.frame, window.box, window.along, window.across, window.x, window.y, values, cut
    )


def nodes(low: float, high: float, count: int, stretched: bool) -> Floats:
    """Return `count` nodes from `low` to `high`, dense about 0 where `stretched`."""
    if not stretched or low > 0 or high < 0:
        return np.linspace(low, high, count)
    # 0 is a node: the axis of a thin plume, or a pointed source, must not lie between two
    below, above = math.sqrt(max(-low, 0.0)), math.sqrt(high)
    before = round((count - 1) * below / (below + above))
    before = min(max(before, 1 if low < 0 else 0), count - 2 if high > 0 else count - 1)
    first, second = np.linspace(-below, 0.0, before + 1), np.linspace(0.0, above, count - before)
    return np.concatenate([-(first[:-1] ** 2), second**2])
