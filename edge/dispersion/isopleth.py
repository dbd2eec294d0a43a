"""Isopleths: the rings in site metres inside which a plume is above a threshold.

The grid follows the wind and is stretched (fine near source and axis, coarse far off), and it is
made as large as the threshold needs: first from the axis, then doubled until nothing above the
threshold touches its border. Contours are contourpy's (marching squares, serial algorithm).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import contourpy
import numpy as np

from edge.dispersion.passive.plume import Air, Kernels, Release
from edge.dispersion.passive.sigma import Floats, sigma_y, vane_sigma_y

MAX_DISTANCE_M = 10_000.0  # Briggs' curves end here
NEAREST_M = 0.5
ALONG, ACROSS = 121, 61  # grid points
RING_POINTS = 200
ROUND_M = 1  # decimals: 0.1 m


@dataclass(frozen=True, slots=True)
class Isopleth:
    """Closed rings [(n, 2) site metres], and whether the farthest edge was cut off.

    `truncated` means that the zone reaches beyond the stated largest distance.
    """

    rings: tuple[Floats, ...]
    truncated: bool


def isopleth(
    release: Release,
    air: Air,
    threshold_kg_m3: float,
    z_m: float,
    kernels: Kernels,
    max_distance_m: float = MAX_DISTANCE_M,
) -> Isopleth:
    """Return where the plume at height `z_m` [m] is above `threshold_kg_m3` [kg/m3].

    No rings where the plume never reaches the threshold. Raises `ValueError` for a threshold not
    above 0, and as the plume does for its air.
    """
    if not threshold_kg_m3 > 0:
        raise ValueError(f"a threshold must be above 0 kg/m3, not {threshold_kg_m3}")
    length, width = _extent(release, air, threshold_kg_m3, z_m, kernels, max_distance_m)
    if length == 0:
        return Isopleth((), truncated=False)
    while True:
        x, y = _mesh(release, air, length, width)
        values = kernels.field(release, air, x, y, z_m)
        wide = bool(np.max(values[[0, -1], :]) >= threshold_kg_m3)
        far = bool(np.max(values[:, -1]) >= threshold_kg_m3)
        at_end = length >= max_distance_m
        if not wide and (not far or at_end):
            break
        width = width * 2 if wide else width
        length = min(length * 2, max_distance_m) if far else length
    if far:
        values[:, -1] = 0.0  # close the ring where the model ends
    rings = _contour(x, y, values, threshold_kg_m3)
    return Isopleth(tuple(simplify(ring, RING_POINTS) for ring in rings), truncated=far)


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


def _mesh(release: Release, air: Air, length: float, width: float) -> tuple[Floats, Floats]:
    """Return the site metres (ACROSS, ALONG) of a grid that lies along the wind."""
    along = length * np.linspace(0.0, 1.0, ALONG) ** 2
    tau = np.linspace(-1.0, 1.0, ACROSS)
    across = width * tau * np.abs(tau)
    down, cross = np.meshgrid(along, across)
    angle = np.radians(air.from_deg)
    sine, cosine = np.sin(angle), np.cos(angle)
    return release.x_m - down * sine - cross * cosine, release.y_m - down * cosine + cross * sine


def _contour(x: Floats, y: Floats, values: Floats, threshold: float) -> list[Floats]:
    """Return the closed lines at `threshold`, largest first."""
    # the logarithm falls nearly straight between grid points where the plume itself does not
    floor = threshold * 1e-6
    levels = np.log(np.maximum(values, floor) / threshold)
    generator = contourpy.contour_generator(x=x, y=y, z=levels, name="serial")
    # reversed: outlines run counter-clockwise and holes clockwise, as GeoJSON wants them
    lines = [np.asarray(line, dtype=np.float64)[::-1] for line in generator.lines(0.0)]
    closed = [line for line in lines if len(line) >= 4 and np.array_equal(line[0], line[-1])]
    return sorted(closed, key=lambda ring: -abs(area(ring)))


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
