"""Isopleths: the rings in site metres inside which a field is above a threshold.

Any field of site metres can be outlined (`outline`): a mean, a toxic load, a probability; round
clouds that reach upwind and several pieces with holes too. `isopleth` is the same for the
Gaussian plume, whose extent is known beforehand. Contours are contourpy's (marching squares,
serial algorithm) of the field's logarithm.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import contourpy
import numpy as np

from edge.dispersion.notes import RefusedError
from edge.dispersion.passive.plume.briggs import Air, Kernels, Release
from edge.dispersion.passive.sigma.briggs import sigma_y, vane_sigma_y
from edge.dispersion.rings import (
    ROUND_M,
    Floats,
    Polygon,
    area,
    circle,
    contains,
    nearest_m,
    polygons,
    simplify,
)
from edge.dispersion.star import NEAREST_M
from edge.dispersion.window import (
    MAX_DISTANCE_M,
    Box,
    Field,
    Frame,
    Window,
    check_threshold,
    closed,
    grid,
    settle,
)

RING_POINTS = 200
FAINT = 1e-3  # of the threshold: a field that falls off a cliff is not drawn far within its edge
ROOM = 1.3  # a grid holds this many radii of a circle, which is drawn a little larger than it is
SMALLEST_M = 10.0  # the ERG knows none below 30 m; rounding would show in a smaller circle


@dataclass(frozen=True, slots=True)
class Isopleth:
    """Closed rings [(n, 2) site metres], largest first, and whether the zone was cut off.

    Outlines run counter-clockwise and holes clockwise. `truncated` means that the zone reaches
    beyond the stated largest distance.
    """

    rings: tuple[Floats, ...]
    truncated: bool

    @property
    def polygons(self) -> tuple[Polygon, ...]:
        """Return the pieces, each with its holes, largest first."""
        return polygons(self.rings)

    @property
    def area_m2(self) -> float:
        """Return the area above the threshold [m2]."""
        return sum(area(ring) for ring in self.rings)

    def holds(self, x_m: float, y_m: float) -> bool:
        """Return whether a place lies within the zone and in none of its holes."""
        return sum(contains(ring, x_m, y_m) for ring in self.rings) % 2 == 1


def outline(
    field: Field,
    frame: Frame,
    threshold: float,
    max_distance_m: float = MAX_DISTANCE_M,
    at_least_m: float = 0.0,
) -> Isopleth:
    """Return where `field` (arrays of site metres -> values) is above `threshold`, same unit.

    `frame` is the source's place and the cloud's heading. The zone is joined with the circle of
    `at_least_m` [m] (0 or from 10 m) about the source, which is drawn even where the field never
    reaches the threshold. No rings where there is neither. Raises `RefusedError` as
    `window.settle` does.
    """
    return outlines(field, frame, threshold, max_distance_m, at_least_m)[1]


def outlines(
    field: Field, frame: Frame, threshold: float, max_distance_m: float, at_least_m: float
) -> tuple[Isopleth, Isopleth]:
    """Return the zone itself, and the zone joined with the circle, as `outline` does."""
    if not (at_least_m == 0 or (at_least_m >= SMALLEST_M and np.isfinite(at_least_m))):
        raise RefusedError("dispersion.refused.circle", value=str(at_least_m))
    window = settle(field, frame, threshold, max_distance_m)
    alone = Isopleth((), truncated=False) if window is None else _drawn(window, threshold)
    if at_least_m == 0:
        return alone, alone
    if window is None or not window.box.touches(ROOM * at_least_m):
        apart = circle(frame.x_m, frame.y_m, at_least_m)
        rings = sorted((apart, *alone.rings), key=lambda ring: -abs(area(ring)))
        return alone, Isopleth(tuple(rings), alone.truncated)
    joint = grid(field, frame, window.box.holding(ROOM * at_least_m), near=True)
    joined = _joined(closed(joint, threshold), threshold, at_least_m)
    return alone, replace(joined, truncated=alone.truncated)


def isopleth(
    release: Release,
    air: Air,
    threshold_kg_m3: float,
    z_m: float,
    kernels: Kernels,
    max_distance_m: float = MAX_DISTANCE_M,
) -> Isopleth:
    """Return where the plume at height `z_m` [m] is above `threshold_kg_m3` [kg/m3].

    No rings where the plume never reaches the threshold. Raises `RefusedError` (a `ValueError`)
    for a threshold not above 0, and as the plume does for its air.
    """
    check_threshold(threshold_kg_m3)
    length, width = _extent(release, air, threshold_kg_m3, z_m, kernels, max_distance_m)
    if length == 0:
        return Isopleth((), truncated=False)
    window = settle(
        lambda x, y: kernels.field(release, air, x, y, z_m),
        Frame(release.x_m, release.y_m, air.from_deg + 180.0),
        threshold_kg_m3,
        max_distance_m,
        Box(0.0, length, -width, width),
    )
    return Isopleth((), truncated=False) if window is None else _drawn(window, threshold_kg_m3)


def _extent(
    release: Release,
    air: Air,
    threshold: float,
    z_m: float,
    kernels: Kernels,
    max_distance_m: float,
) -> tuple[float, float]:
    """Return a first guess of the zone's length and half-width [m]; (0, 0) if there is none."""
    along = np.geomspace(NEAREST_M, max_distance_m, 400)
    heading = replace(air, from_deg=270.0)  # blowing east: downwind is x
    start = replace(release, x_m=0.0, y_m=0.0)
    axis = kernels.field(start, heading, along, np.zeros(along.size), z_m)
    above = np.nonzero(axis >= threshold)[0]
    if above.size == 0:
        return 0.0, 0.0
    vane = vane_sigma_y(along[above], air.speed_m_s, float(np.radians(air.sigma_theta_deg)))
    spread = np.hypot(np.maximum(sigma_y(along[above], air.stability), vane), release.size_m)
    half = spread * np.sqrt(2 * np.log(axis[above] / threshold))
    beyond = min(int(above[-1]) + 1, along.size - 1)
    return float(along[beyond]), float(np.max(half)) * 1.1 + NEAREST_M


def _drawn(window: Window, threshold: float) -> Isopleth:
    """Return the rings of a settled window."""
    rings = _contour(window, _levels(window, threshold))
    return Isopleth(rings, truncated=window.cut)


def _levels(window: Window, threshold: float) -> Floats:
    """Return ln(value / threshold), which falls nearly straight between grid points."""
    return np.log(np.clip(window.values, threshold * FAINT, threshold / FAINT**4) / threshold)


def _joined(window: Window, threshold: float, radius_m: float) -> Isopleth:
    """Return the rings of the zone joined with a circle about the source, no edge within it.

    Straight edges between grid points cut into a circle; it is enlarged until none does.
    """
    x, y = window.frame.x_m, window.frame.y_m
    away = np.hypot(window.x - x, window.y - y)
    levels = _levels(window, threshold)
    drawn = radius_m + 10.0**-ROUND_M
    rings: tuple[Floats, ...] = ()
    while drawn < (ROOM - 0.05) * radius_m:
        rings = _contour(window, np.maximum(levels, 4 * (drawn - away) / radius_m))
        missing = radius_m - min(nearest_m(ring, x, y) for ring in rings)
        if missing <= 0:
            break
        drawn += missing + 10.0**-ROUND_M
    return Isopleth(rings, truncated=window.cut)


def _contour(window: Window, levels: Floats) -> tuple[Floats, ...]:
    """Return the closed lines at level 0, simplified, largest first."""
    generator = contourpy.contour_generator(x=window.x, y=window.y, z=levels, name="serial")
    # reversed: outlines run counter-clockwise and holes clockwise, as GeoJSON wants them
    lines = [np.asarray(line, dtype=np.float64)[::-1] for line in generator.lines(0.0)]
    closed = [line for line in lines if len(line) >= 4 and np.array_equal(line[0], line[-1])]
    slim = [simplify(ring, RING_POINTS) for ring in closed]
    whole = [ring for ring in slim if len(ring) >= 4]  # what rounding left of a speck is no ring
    return tuple(sorted(whole, key=lambda ring: -abs(area(ring))))
