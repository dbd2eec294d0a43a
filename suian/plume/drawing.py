"""The map and the curves as SVG, for a page that fetches nothing."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from html import escape

import numpy as np

from edge.dispersion.isopleth import Isopleth
from edge.dispersion.solution import Floats
from edge.words import say
from suian.plume.answer import Result, Run

WIDTH, HEIGHT, EDGE = 960, 560, 16
# from the lowest level to the highest: never the government's blue to red of 预警
FILLS = ("#f0e6c8", "#e4c98a", "#d09a4a", "#9c5a2c", "#5c2f1c")
LINES = ("#b39a52", "#a87a2f", "#8f5a1f", "#6e3c1a", "#40200f")
INK, SOFT = "#1c232b", "#5b6570"
CURVES = ("#1f5f8b", "#9c5a2c", "#4b7d3a", "#7a4a9a", "#5b6570")
CHART_WIDTH, CHART_HEIGHT, LEFT, BOTTOM = 960, 220, 64, 30


def map_svg(run: Run, result: Result, language: str) -> str:
    """Return the zones, the wind's lines, the places and a scale, north up."""
    view = _View(run, result)
    parts = [
        _head(WIDTH, HEIGHT, say("plume.map", language)),
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#f3f5f7"/>',
    ]
    count = len(result.zones)
    for index in range(count):
        fill = colour(index, count)
        path = view.path(shown(result, index))
        parts.append(f'<path d="{path}" fill="{fill}" fill-rule="evenodd"/>')
    circle = max((zone.isolation_m for zone in result.zones), default=0.0)
    if circle > 0:
        x, y = view.at(*result.answer.solution.origin_m)
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{circle * view.scale:.1f}" fill="none" '
            f'stroke="{INK}" stroke-width="1.5"/>'
        )
    for index, line in enumerate(result.lines):
        stroke = colour(index, count, LINES)
        parts.append(
            f'<path d="{view.path(line)}" fill="none" stroke="{stroke}" stroke-width="1.5" '
            'stroke-dasharray="6 4"/>'
        )
    parts += _marks(view, run, result, language)
    parts += _scale(view)
    parts += _wind(run, language)
    parts.append("</svg>")
    return "".join(parts)


def shown(result: Result, index: int) -> Isopleth:
    """Return a zone as the map shows it beside the others.

    The lowest is joined with the isolation circle, so nothing smaller is drawn; the higher ones
    are as the model has them: a circle that is the guide's says nothing of their level.
    """
    zone = result.zones[index]
    return zone.drawn if index == 0 else zone.modelled


def colour(index: int, count: int, of: tuple[str, ...] = FILLS) -> str:
    """Return the fill of the `index`-th of `count` zones, the lowest level first."""
    return of[round(index * (len(of) - 1) / max(count - 1, 1))]


class _View:
    """Site metres to the picture's points: all zones and their source in sight."""

    def __init__(self, run: Run, result: Result) -> None:
        x0, y0 = result.answer.solution.origin_m
        xs, ys = [x0 - 30, x0 + 30], [y0 - 30, y0 + 30]
        for shape in (*(zone.drawn for zone in result.zones), *result.lines):
            for ring in shape.rings:
                xs += [float(ring[:, 0].min()), float(ring[:, 0].max())]
                ys += [float(ring[:, 1].min()), float(ring[:, 1].max())]
        reach = 1.5 * max(max(xs) - min(xs), max(ys) - min(ys))
        for place in run.scenario.receptors:  # a place far beyond the zones would shrink them
            if abs(place.x_m - x0) < reach and abs(place.y_m - y0) < reach:
                xs.append(place.x_m)
                ys.append(place.y_m)
        wide, high = max(xs) - min(xs), max(ys) - min(ys)
        room = (WIDTH - 6 * EDGE, HEIGHT - 6 * EDGE)
        self.scale = min(room[0] / wide, room[1] / high)
        self._x = (min(xs) + max(xs)) / 2
        self._y = (min(ys) + max(ys)) / 2

    def at(self, x_m: float, y_m: float) -> tuple[float, float]:
        return (
            WIDTH / 2 + (x_m - self._x) * self.scale,
            HEIGHT / 2 - (y_m - self._y) * self.scale,
        )

    def path(self, shape: Isopleth) -> str:
        parts: list[str] = []
        for ring in shape.rings:
            points = [self.at(float(x), float(y)) for x, y in ring]
            parts.append("M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in points) + "Z")
        return "".join(parts)


def _marks(view: _View, run: Run, result: Result, language: str) -> list[str]:
    """Return the source and the places, with their names."""
    x, y = view.at(*result.answer.solution.origin_m)
    cross = f"M{x - 7:.1f},{y:.1f}h14M{x:.1f},{y - 7:.1f}v14"
    parts = [
        f'<path d="{cross}" stroke="{INK}" stroke-width="2.5"/>',
        _text(x, y + 22, say("plume.source", language), "middle"),
    ]
    for place in run.scenario.receptors:
        px, py = view.at(place.x_m, place.y_m)
        if 0 < px < WIDTH and 0 < py < HEIGHT:
            left = px > 0.85 * WIDTH
            parts.append(f'<circle cx="{px:.1f}" cy="{py:.1f}" r="4.5" fill="{INK}"/>')
            shift, anchor = (-8, "end") if left else (8, "start")
            parts.append(_text(px + shift, py + 4, place.title or place.id, anchor))
    return parts


def _head(width: int, height: int, title: str) -> str:
    return f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(title)}">'


def _text(x: float, y: float, text: str, anchor: str = "start", size: int = 14) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{INK}" '
        'paint-order="stroke" stroke="#f3f5f7" stroke-width="3" stroke-linejoin="round">'
        f"{escape(text)}</text>"
    )


def _scale(view: _View) -> list[str]:
    """Return a bar of a round length, about a fifth of the picture."""
    metres = round_below(WIDTH / 5 / view.scale)
    length = metres * view.scale
    x, y = EDGE, HEIGHT - EDGE
    label = f"{metres:g} m" if metres < 1000 else f"{metres / 1000:g} km"
    return [
        f'<path d="M{x},{y - 5}v5h{length:.1f}v-5" fill="none" stroke="{INK}" stroke-width="2"/>',
        _text(x + length / 2, y - 8, label, "middle", 13),
    ]


def round_below(value: float) -> float:
    """Return the greatest of 1, 2, 5 times a power of ten that is not above `value`."""
    power = 10.0 ** math.floor(math.log10(value))
    return max(step for step in (1, 2, 5) if step * power <= value) * power


def _wind(run: Run, language: str) -> list[str]:
    """Return north, and an arrow that flies with the wind; none in a calm."""
    x, y = WIDTH - 3 * EDGE, 3 * EDGE
    parts = [_text(x, EDGE + 6, say("plume.north", language), "middle", 13)]
    parts.append(
        f'<path d="M{x},{EDGE + 12}v14" stroke="{SOFT}" stroke-width="1.5"/>'
        f'<path d="M{x - 4},{EDGE + 17}l4,-6l4,6" fill="none" stroke="{SOFT}" stroke-width="1.5"/>'
    )
    if not run.built.appraisal.calm:
        turn = (run.built.appraisal.weather.from_deg + 180) % 360
        parts.append(
            f'<g transform="translate({x},{y + 28}) rotate({turn:.0f})">'
            f'<path d="M0,18V-18M-6,-10L0,-19L6,-10" fill="none" stroke="{INK}" stroke-width="3"/>'
            "</g>"
        )
    return parts


def chart_svg(
    curves: Sequence[tuple[str, Floats, Floats]], unit: str, minutes: str, title: str
) -> str:
    """Return curves of (name, minutes, values) over time as an SVG; steps and zeros as they are."""
    most_t = max((float(t[-1]) for _, t, _ in curves), default=1.0) or 1.0
    most = max((float(np.max(v, initial=0.0)) for _, _, v in curves), default=0.0) or 1.0
    step = round_below(most / 2.5)
    ticks = np.arange(0.0, most + step, step)
    top = float(ticks[-1])
    wide, high = CHART_WIDTH - LEFT - 2 * EDGE, CHART_HEIGHT - BOTTOM - 2 * EDGE

    def at(t: float, value: float) -> tuple[float, float]:
        return LEFT + t / most_t * wide, EDGE + 12 + high * (1 - value / top)

    parts = [_head(CHART_WIDTH, CHART_HEIGHT, title)]
    for tick in ticks:
        x, y = at(0.0, float(tick))
        parts.append(f'<path d="M{x:.1f},{y:.1f}h{wide}" stroke="#cfd6dd"/>')
        parts.append(_text(x - 6, y + 4, f"{tick:g}", "end", 12))
    parts.append(_text(LEFT, EDGE, unit, "start", 12))
    parts += _minutes(at, most_t, minutes)
    for index, (name, times, values) in enumerate(curves):
        points = [at(float(t), float(v)) for t, v in zip(times, values, strict=True)]
        line = "L".join(f"{x:.1f},{y:.1f}" for x, y in points)
        stroke = CURVES[index % len(CURVES)]
        parts.append(f'<path d="M{line}" fill="none" stroke="{stroke}" stroke-width="2"/>')
        x = LEFT + 60 + 170 * (index % 5)
        parts.append(f'<path d="M{x},{EDGE - 4}h18" stroke="{stroke}" stroke-width="3"/>')
        parts.append(_text(x + 24, EDGE, name, "start", 12))
    parts.append("</svg>")
    return "".join(parts)


def _minutes(
    at: Callable[[float, float], tuple[float, float]], most_t: float, minutes: str
) -> Iterable[str]:
    """Return the axis of time."""
    step = round_below(most_t / 4)
    for tick in np.arange(0.0, most_t + 1e-9, step):
        x, y = at(float(tick), 0.0)
        yield _text(x, y + 16, f"{tick:g}", "middle", 12)
    x, y = at(most_t, 0.0)
    yield _text(x, y + 28, minutes, "end", 12)
