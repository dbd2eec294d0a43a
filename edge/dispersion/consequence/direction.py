"""The lines of the wind's uncertainty: a zone turned about its source as far as the wind may turn.

ALOHA draws them as lines on both sides of a threat zone, which the gas stays between for 95 % of
the time (NOAA TM NOS OR&R 43, 2013, on confidence lines). Here the wind's direction is normal with
the standard deviation sigma_theta, so the half-angle is 1.96 sigma_theta, and the zone is swept
through it both ways.

sigma_theta is the largest of what the vane measured; the stability's, 25° for A to 2.5° for F
(Slade 1968, Meteorology and Atomic Energy, TID-24190; the classes of US EPA-454/R-99-005, table
6-8a lie about these); and a slow meander of 0.5 m/s sideways, which in light and stable air is more
than turbulence (Hanna 1983, J. Climate Appl. Meteor. 22, 1424-1430): 0.5 / u rad.
"""

from __future__ import annotations

import math
from statistics import NormalDist

import contourpy
import numpy as np

from edge.dispersion.isopleth import RING_POINTS, Isopleth
from edge.dispersion.notes import RefusedError
from edge.dispersion.rings import Floats, area, circle, contains, nearest_m, simplify
from edge.dispersion.weather.weather import Weather
from edge.dispersion.window import Frame

SHARE = 0.95
# AFTOX's continuous scale at the middle of A … F, and sigma_theta there [deg]
SCALE = (0.5, 1.5, 2.5, 3.5, 4.5, 5.5)
SIGMA_THETA_DEG = (25.0, 20.0, 15.0, 10.0, 5.0, 2.5)
MEANDER_M_S = 0.5
RADII, ANGLES = 160, 361


def sigma_theta_deg(air: Weather) -> float:
    """Return the standard deviation of the wind's direction over the next hour [deg].

    At most 104°, that of a wind from anywhere. Raises `RefusedError` where the wind is not above 0.
    """
    if not air.speed_m_s > 0:
        raise RefusedError("dispersion.refused.direction-calm", value=str(air.speed_m_s))
    stable = float(np.interp(air.stability, SCALE, SIGMA_THETA_DEG))
    meander = math.degrees(MEANDER_M_S / air.speed_m_s)
    measured = air.sigma_theta_deg or 0.0
    return min(max(stable, meander, measured), 360.0 / math.sqrt(12))


def half_angle_deg(air: Weather, share: float = SHARE) -> float:
    """Return the angle that the wind stays within on both sides for `share` of the time [deg]."""
    if not 0 < share < 1:
        raise RefusedError("dispersion.refused.share", value=str(share))
    return min(NormalDist().inv_cdf(0.5 + share / 2) * sigma_theta_deg(air), 180.0)


def swept(zone: Isopleth, frame: Frame, angle_deg: float) -> Isopleth:
    """Return `zone` turned about the frame's origin by up to `angle_deg` [deg] both ways.

    Raises `RefusedError` for an angle outside 0-180°.
    """
    if not 0 <= angle_deg <= 180:
        raise RefusedError("dispersion.refused.angle", value=str(angle_deg))
    if not zone.rings or angle_deg == 0:
        return zone
    origin = np.array([frame.x_m, frame.y_m])
    rings = [ring - origin for ring in zone.rings]
    farthest = max(float(np.max(np.hypot(ring[:, 0], ring[:, 1]))) for ring in rings)
    if angle_deg == 180 and contains_origin(rings):
        return Isopleth((circle(frame.x_m, frame.y_m, farthest),), zone.truncated)
    nearest = min(nearest_m(ring, 0.0, 0.0) for ring in rings)
    radii = _radii(nearest, farthest)
    angles = np.linspace(-np.pi, np.pi, ANGLES)
    away = np.array([_away(rings, r, angles, frame.heading_deg) for r in radii])
    lines = _lines(math.radians(angle_deg) - away, radii, angles)
    found = [simplify(_site(line, frame), RING_POINTS) for line in lines]
    whole = [ring for ring in found if len(ring) >= 4 and abs(area(ring)) > 1.0]
    return Isopleth(tuple(sorted(whole, key=lambda ring: -abs(area(ring)))), zone.truncated)


def _radii(nearest: float, farthest: float) -> Floats:
    """Return radii [m], dense at the zone's near and far end, and just outside both."""
    share = 0.5 * (1 - np.cos(np.linspace(0.0, np.pi, RADII)))
    within = nearest + (farthest - nearest) * (1e-6 + (1 - 2e-6) * share)
    return np.concatenate([[0.0, (1 - 1e-6) * nearest], within, [farthest * (1 + 1e-6)]])


def contains_origin(rings: list[Floats]) -> bool:
    """Return whether the origin lies within the rings and in no hole."""
    return sum(contains(ring, 0.0, 0.0) for ring in rings) % 2 == 1


def _away(rings: list[Floats], radius: float, angles: Floats, heading_deg: float) -> Floats:
    """Return how far [rad] each angle (right of the heading) is from the zone at `radius`."""
    crossings = np.sort(np.concatenate([_crossings(ring, radius, heading_deg) for ring in rings]))
    if crossings.size < 2:
        inside = sum(contains(ring, *_point(radius, 0.0, heading_deg)) for ring in rings) % 2 == 1
        return np.zeros(angles.size) if inside else np.full(angles.size, 2 * np.pi)
    following = np.append(crossings[1:], crossings[0] + 2 * np.pi)
    within = angles[:, None] - crossings[None, :]
    nearest = np.min(np.abs((within + np.pi) % (2 * np.pi) - np.pi), axis=1)
    for start, end in zip(crossings, following, strict=True):
        middle = _point(radius, 0.5 * (start + end), heading_deg)
        if sum(contains(ring, *middle) for ring in rings) % 2 == 1:
            turn = (angles - start) % (2 * np.pi)
            nearest = np.where(turn <= end - start, 0.0, nearest)
    return nearest


def _crossings(ring: Floats, radius: float, heading_deg: float) -> Floats:
    """Return the angles, right of the heading, where the ring crosses the circle of `radius`."""
    start, edge = ring[:-1], np.diff(ring, axis=0)
    a = np.maximum(np.sum(edge**2, axis=1), 1e-12)
    b = np.sum(start * edge, axis=1)
    c = np.sum(start**2, axis=1) - radius**2
    root = np.sqrt(np.maximum(b * b - a * c, 0.0))
    real = b * b > a * c
    found: list[Floats] = []
    for share in ((-b - root) / a, (-b + root) / a):
        hit = real & (share >= 0) & (share < 1)
        point = start[hit] + share[hit, None] * edge[hit]
        bearing = np.arctan2(point[:, 0], point[:, 1]) - math.radians(heading_deg)
        found.append((bearing + np.pi) % (2 * np.pi) - np.pi)
    return np.concatenate(found)


def _point(radius: float, angle: float, heading_deg: float) -> tuple[float, float]:
    bearing = angle + math.radians(heading_deg)
    return radius * math.sin(bearing), radius * math.cos(bearing)


def _lines(values: Floats, radii: Floats, angles: Floats) -> list[Floats]:
    """Return the closed lines (n, 2: angle, radius) where `values` is 0, joined over the back."""
    lines = contourpy.contour_generator(x=angles, y=radii, z=values, name="serial").lines(0.0)
    loose = [np.asarray(line, dtype=np.float64) for line in lines]
    done: list[Floats] = []
    while loose:
        line = loose.pop()
        while not _meet(line[-1], line[0]):
            after = next((k for k, other in enumerate(loose) if _meet(line[-1], other[0])), None)
            if after is None:
                break  # a rest that rounding parted: closed straight
            line = np.concatenate([line, loose.pop(after)[1:]])
        done.append(line)
    return done


def _meet(one: Floats, other: Floats) -> bool:
    """Return whether two points (angle, radius) are the same place; all of radius 0 is one."""
    turn = abs(one[0] - other[0]) % (2 * np.pi)
    same_way = min(turn, 2 * np.pi - turn) < 1e-9
    return abs(one[1] - other[1]) < 1e-9 * max(one[1], 1.0) and bool(same_way or one[1] < 1e-9)


def _site(line: Floats, frame: Frame) -> Floats:
    """Return a closed line of (angle, radius) in site metres, outlines counter-clockwise."""
    x, y = frame.site(line[:, 1] * np.cos(line[:, 0]), line[:, 1] * np.sin(line[:, 0]))
    ring = np.column_stack([x, y])
    ring[-1] = ring[0]
    return ring
