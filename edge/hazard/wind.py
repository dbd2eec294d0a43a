"""The wind of the last minutes: mean vector, spread of direction, and whether it is usable.

Direction is the vector mean's; its spread is Yamartino's (1984), Journal of Climate and Applied
Meteorology 23, 1362-1366: eps = sqrt(1 - s^2 - c^2), sigma = asin(eps) (1 + 0.1547 eps^3), with
s and c the mean sine and cosine.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from edge.clock import NS, Instant
from edge.hazard.inputs import Entry, Inputs
from edge.hazard.scene import Scene
from edge.tag import Reason
from edge.units import to_si

CALM_M_S = 0.5
LEAST_WINDOW_S = 120.0
MOST_WINDOW_S = 300.0
DEFAULT_TEMPERATURE_K = 288.15  # ISO 2533, where no thermometer is usable


class Wind(NamedTuple):
    """What the anemometer says: `problem` is "" where a plume can be computed.

    Speed [m/s] is the scalar mean, direction [deg] where it comes from, `sigma_deg` [deg] its
    spread; None where there is no usable reading. `reason` is why a predicted tag would be Bad.
    """

    problem: str  # "", calm, wind-bad, wind-missing, wind-unset
    reason: Reason
    speed_m_s: float | None
    from_deg: float | None
    sigma_deg: float


def temperature_k(scene: Scene, inputs: Inputs) -> float | None:
    """Return the air temperature [K], None where no thermometer is usable."""
    tag = scene.site.tags.get(scene.hazard.temperature_tag)
    entry = inputs.latest(tag.name) if tag is not None else None
    if tag is None or entry is None or entry.value is None or not entry.informs:
        return None
    return to_si(entry.value, tag.unit)


def average(scene: Scene, inputs: Inputs, now: Instant) -> Wind:
    """Return the mean wind of the last 2-5 minutes, longer the slower the instrument is read."""
    speed_tag = scene.site.tags.get(scene.hazard.wind_speed_tag)
    from_tag = scene.site.tags.get(scene.hazard.wind_from_tag)
    if speed_tag is None or from_tag is None:
        return Wind("wind-unset", Reason.CONFIGURATION, None, None, 0.0)
    slowest = max(speed_tag.period_s, from_tag.period_s)
    window_s = min(max(5 * slowest, LEAST_WINDOW_S), MOST_WINDOW_S)
    start = now.mono_ns - round(window_s * NS)
    pairs, newest_ns = _pairs(inputs, speed_tag.name, from_tag.name, start, now.mono_ns)
    if not pairs:
        unread = inputs.latest(speed_tag.name) is None or inputs.latest(from_tag.name) is None
        if unread:
            return Wind("wind-missing", Reason.NOT_YET_READ, None, None, 0.0)
        return Wind("wind-bad", Reason.DEVICE_BAD, None, None, 0.0)
    if (now.mono_ns - newest_ns) / NS > scene.hazard.stale_s:
        return Wind("wind-bad", Reason.STALE, None, None, 0.0)
    return _mean(pairs)


def _mean(pairs: list[tuple[float, float, float]]) -> Wind:
    """Return the mean of (seconds, speed [m/s], direction [rad])."""
    total = sum(seconds for seconds, _, _ in pairs)
    speed = sum(seconds * u for seconds, u, _ in pairs) / total
    if speed < CALM_M_S:
        return Wind("calm", Reason.DEVICE_BAD, speed, None, 0.0)
    east = sum(seconds * u * math.sin(angle) for seconds, u, angle in pairs)
    north = sum(seconds * u * math.cos(angle) for seconds, u, angle in pairs)
    sine = sum(seconds * math.sin(angle) for seconds, _, angle in pairs) / total
    cosine = sum(seconds * math.cos(angle) for seconds, _, angle in pairs) / total
    epsilon = math.sqrt(max(0.0, 1 - sine**2 - cosine**2))
    sigma = math.asin(min(1.0, epsilon)) * (1 + 0.1547 * epsilon**3)
    direction = math.degrees(math.atan2(east, north)) % 360
    return Wind("", Reason.OK, speed, direction, math.degrees(sigma))


def _pairs(
    inputs: Inputs, speed_tag: str, from_tag: str, start: int, end: int
) -> tuple[list[tuple[float, float, float]], int]:
    """Return what held of both together, and until when a usable pair held [mono ns]."""
    speeds = _spans(inputs, speed_tag, start, end)
    directions = _spans(inputs, from_tag, start, end)
    pairs: list[tuple[float, float, float]] = []
    newest = start
    i = j = 0
    while i < len(speeds) and j < len(directions):
        s_from, s_to, speed = speeds[i]
        d_from, d_to, direction = directions[j]
        first, last = max(s_from, d_from), min(s_to, d_to)
        if last > first or first == last == end:
            pairs.append((max(last - first, 1) / NS, speed, math.radians(direction)))
            newest = max(newest, last)
        if s_to <= d_to:
            i += 1
        else:
            j += 1
    return pairs, newest


def _spans(inputs: Inputs, tag: str, start: int, end: int) -> list[tuple[int, int, float]]:
    """Return (from, to, value) of the usable entries of `tag` in a window [mono ns]."""
    spans: list[tuple[int, int, float]] = []
    pieces = [piece.entry for piece in inputs.pieces(tag, start, end)]
    for index, entry in enumerate(pieces):
        until = pieces[index + 1].mono_ns if index + 1 < len(pieces) else end
        if usable(entry) and entry.value is not None:
            spans.append((max(entry.mono_ns, start), until, entry.value))
    return spans


def usable(entry: Entry) -> bool:
    """Whether a wind reading counts: it informs and is a number."""
    return entry.informs and entry.value is not None and math.isfinite(entry.value)
