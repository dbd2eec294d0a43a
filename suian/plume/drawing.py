"""The maps as SVG, for a page that fetches nothing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape

from edge.dispersion.isopleth import Isopleth
from edge.words import say
from suian.plume.answer import Result, Run
from suian.plume.labels import Box, Labels
from suian.plume.noting import metres
from suian.plume.scenario import Receptor
from suian.plume.uncertain import Likely

WIDTH, EDGE = 800, 14
LOW, HIGH = 260, 520  # how high a map may be: as its zones lie
SMALL = 390  # the width of one of several maps side by side
SIZE = 13
# from the lowest level to the highest: never the government's blue to red of 预警
FILLS = ("#f0e6c8", "#e4c98a", "#d09a4a", "#9c5a2c", "#5c2f1c")
LINES = ("#b39a52", "#a87a2f", "#8f5a1f", "#6e3c1a", "#40200f")
INK, SOFT, PAPER = "#1c232b", "#5b6570", "#ffffff"
CLOSE = 3.0  # a close-up is drawn where the places lie within a third of the map

Bounds = tuple[float, float, float, float]  # x from, to, y from, to [m]


def groups(result: Result) -> list[tuple[str, list[int]]]:
    """Return the zones that share a map: what poisons, and what burns (no colour tells both)."""
    flammable = [i for i, zone in enumerate(result.zones) if zone.level.id.startswith("lel-")]
    toxic = [i for i in range(len(result.zones)) if i not in flammable]
    return [(name, of) for name, of in (("toxic", toxic), ("flammable", flammable)) if of]


def ordered(result: Result) -> list[int]:
    """Return the zones as they are listed: group by group, the lowest level first."""
    return [index for _, group in groups(result) for index in group]


def drawn(result: Result) -> list[tuple[str, list[int]]]:
    """Return the groups with a zone to draw; the first where there is none at all."""
    all_of = groups(result)
    reached = [one for one in all_of if any(shown(result, i).rings for i in one[1])]
    return reached or all_of[:1]


def shown(result: Result, index: int) -> Isopleth:
    """Return a zone as the map shows it beside the others.

    The lowest is joined with the isolation circle, so nothing smaller is drawn; the higher ones
    are as the model has them: a circle that is the guide's says nothing of their level.
    """
    zone = result.zones[index]
    return zone.drawn if index == ordered(result)[0] else zone.modelled


def calm(result: Result) -> bool:
    """Whether the wind had no direction: zones are circles then, and nothing swings."""
    return result.angle_deg >= 180.0


def circle_m(result: Result, group: Sequence[int]) -> float:
    """Return the isolation circle's radius [m] where the group's map shows it, else 0."""
    first = ordered(result)[0]
    return result.zones[first].isolation_m if first in group else 0.0


def colour(index: int, count: int, of: tuple[str, ...] = FILLS) -> str:
    """Return the fill of the `index`-th of `count` zones, the lowest level first."""
    return of[round(index * (len(of) - 1) / max(count - 1, 1))]


def map_svg(run: Run, result: Result, group: Sequence[int], language: str) -> str:
    """Return the zones of a group, the wind's lines, the places and a scale, north up."""
    lines, whole = lines_of(result, group), group_bounds(run, result, group)
    view, close = View(whole, WIDTH), close_up(run, result, whole)
    parts = [view.head(say("plume.map", language)), *_zones(view, result, group, lines)]
    if close is not None:
        parts.append(view.frame(close))
    parts += _marks(view, run, result, language, named=close is None)
    return "".join([*parts, *_scale(view), *_wind(view, run, language), "</svg>"])


def close_svg(run: Run, result: Result, group: Sequence[int], language: str) -> str:
    """Return the map about the source and its places; "" where the whole map shows them well."""
    close = close_up(run, result, group_bounds(run, result, group))
    if close is None:
        return ""
    view, lines = View(close, WIDTH), lines_of(result, group)
    parts = [view.head(say("plume.map.near", language)), *_zones(view, result, group, lines)]
    parts += _marks(view, run, result, language, named=True)
    return "".join([*parts, *_scale(view), *_wind(view, run, language), "</svg>"])


def likely_svg(run: Run, result: Result, likely: Likely, language: str) -> str:
    """Return where a level is reached by 10, 50 and 90 % of the members, darkest the surest."""
    outlines = sorted(likely.outlines, key=lambda one: one[0])
    whole = bounds(run, result, [shape for _, shape in outlines])
    view, named = View(whole, SMALL), close_up(run, result, whole) is None
    parts = [view.head(say("plume.likely", language))]
    for index, (_, shape) in enumerate(outlines):
        fill, stroke = colour(index, len(outlines)), colour(index, len(outlines), LINES)
        parts.append(_filled(view, shape, fill, stroke))
    parts += _marks(view, run, result, language, named=named)
    return "".join([*parts, *_scale(view), "</svg>"])


def bounds(run: Run, result: Result, shapes: Iterable[Isopleth], circle: float = 0.0) -> Bounds:
    """Return what a map has to show: the shapes, the source, and the places not far beyond."""
    x0, y0 = result.answer.solution.origin_m
    half = max(20.0, circle)
    xs, ys = [x0 - half, x0 + half], [y0 - half, y0 + half]
    for shape in shapes:
        for ring in shape.rings:
            xs += [float(ring[:, 0].min()), float(ring[:, 0].max())]
            ys += [float(ring[:, 1].min()), float(ring[:, 1].max())]
    reach = 1.5 * max(max(xs) - min(xs), max(ys) - min(ys))
    for place in run.scenario.receptors:  # a place far beyond the zones would shrink them
        if math.hypot(place.x_m - x0, place.y_m - y0) < reach:
            xs.append(place.x_m)
            ys.append(place.y_m)
    return min(xs), max(xs), min(ys), max(ys)


def lines_of(result: Result, group: Sequence[int]) -> list[Isopleth]:
    """Return where the zones of a group may lie as the wind swings; nothing in a calm."""
    return [] if calm(result) else [result.lines[index] for index in group]


def group_bounds(run: Run, result: Result, group: Sequence[int]) -> Bounds:
    """Return what the map of a group has to show."""
    shapes = [shown(result, index) for index in group]
    return bounds(run, result, [*shapes, *lines_of(result, group)], circle_m(result, group))


def close_up(run: Run, result: Result, whole: Bounds) -> Bounds | None:
    """Return the bounds of a close-up of the source and the places in sight; None without need."""
    places = [place for place in run.scenario.receptors if _within(place, whole)]
    if not places or calm(result):
        return None
    x0, y0 = result.answer.solution.origin_m
    xs, ys = [x0, *(p.x_m for p in places)], [y0, *(p.y_m for p in places)]
    pad = 0.25 * max(max(xs) - min(xs), max(ys) - min(ys), 40.0)
    close = min(xs) - pad, max(xs) + pad, min(ys) - pad, max(ys) + pad
    longest = max(whole[1] - whole[0], whole[3] - whole[2])
    own = max(close[1] - close[0], close[3] - close[2])
    return close if CLOSE * own < longest else None


def _within(place: Receptor, of: Bounds) -> bool:
    return of[0] <= place.x_m <= of[1] and of[2] <= place.y_m <= of[3]


class View:
    """Site metres to a picture's points; as high as its bounds ask for."""

    def __init__(self, of: Bounds, width: int) -> None:
        wide, high = of[1] - of[0], of[3] - of[2]
        room, part = width - 5 * EDGE, width / WIDTH
        self.width = width
        self.height = round(min(max(room * high / wide + 5 * EDGE, LOW * part), HIGH * part))
        if width == SMALL:
            self.height = SMALL * 3 // 4  # side by side they are of one height
        self.scale = min(room / wide, (self.height - 5 * EDGE) / high)
        self._x, self._y = (of[0] + of[1]) / 2, (of[2] + of[3]) / 2

    def at(self, x_m: float, y_m: float) -> tuple[float, float]:
        """Return the point of a place."""
        return (
            self.width / 2 + (x_m - self._x) * self.scale,
            self.height / 2 - (y_m - self._y) * self.scale,
        )

    def path(self, shape: Isopleth) -> str:
        """Return a shape's outline as a path's data."""
        parts: list[str] = []
        for ring in shape.rings:
            points = [self.at(float(x), float(y)) for x, y in ring]
            parts.append("M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in points) + "Z")
        return "".join(parts)

    def head(self, title: str) -> str:
        """Return the picture's beginning, on white."""
        return (
            head(self.width, self.height, title)
            + f'<rect width="{self.width}" height="{self.height}" fill="{PAPER}"/>'
        )

    def frame(self, of: Bounds) -> str:
        """Return the frame of a close-up."""
        (left, top), (right, bottom) = self.at(of[0], of[3]), self.at(of[1], of[2])
        return (
            f'<rect x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" '
            f'height="{bottom - top:.1f}" fill="none" stroke="{SOFT}"/>'
        )


def _zones(
    view: View, result: Result, group: Sequence[int], lines: Sequence[Isopleth]
) -> list[str]:
    count = len(group)
    parts = [
        _filled(view, shown(result, index), colour(rank, count), colour(rank, count, LINES))
        for rank, index in enumerate(group)
    ]
    circle = circle_m(result, group)
    if circle > 0:
        x, y = view.at(*result.answer.solution.origin_m)
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{circle * view.scale:.1f}" fill="none" '
            f'stroke="{INK}" stroke-width="1.5"/>'
        )
    for rank, line in enumerate(lines):
        stroke = colour(rank, count, LINES)
        parts.append(
            f'<path d="{view.path(line)}" fill="none" stroke="{stroke}" stroke-width="1.5" '
            'stroke-dasharray="6 4"/>'
        )
    return parts


def _filled(view: View, shape: Isopleth, fill: str, stroke: str) -> str:
    path = view.path(shape)
    return f'<path d="{path}" fill="{fill}" fill-rule="evenodd" stroke="{stroke}"/>' if path else ""


def _marks(view: View, run: Run, result: Result, language: str, *, named: bool) -> list[str]:
    """Return the source and the places, with their names where there is room for them."""
    x, y = view.at(*result.answer.solution.origin_m)
    labels = Labels(Box(4, 4, view.width - 4, view.height - 4), SIZE)
    labels.taken += [
        Box(view.width - 5 * EDGE, 0, view.width, 6 * EDGE),  # the wind
        Box(0, view.height - 3 * EDGE, view.width / 4, view.height),  # the scale
    ]
    spots = [(say("plume.source", language), x, y)]
    parts = []
    for place in run.scenario.receptors:
        px, py = view.at(place.x_m, place.y_m)
        if 0 < px < view.width and 0 < py < view.height:
            spots.append((place.title or place.id, px, py))
            parts.append(
                f'<circle cx="{px:.1f}" cy="{py:.1f}" r="4.5" fill="{INK}" stroke="{PAPER}"/>'
            )
    for _, px, py in spots:
        labels.mark(px, py, 6)
    for name, px, py in spots if named else ():
        label = labels.place(name, px, py)
        if label is None:
            continue
        if label.leader:
            to = f"{label.leader[0]:.1f},{label.leader[1]:.1f}"
            parts.append(f'<path d="M{px:.1f},{py:.1f}L{to}" stroke="{INK}" stroke-width="0.8"/>')
        parts.append(text(label.x, label.y, label.text))
    cross = f"M{x - 7:.1f},{y:.1f}h14M{x:.1f},{y - 7:.1f}v14"
    parts.append(f'<path d="{cross}" stroke="{PAPER}" stroke-width="5"/>')
    parts.append(f'<path d="{cross}" stroke="{INK}" stroke-width="2.5"/>')
    return parts


def head(width: int, height: int, title: str) -> str:
    """Return the beginning of a picture."""
    return f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(title)}">'


def text(x: float, y: float, what: str, anchor: str = "start", size: int = SIZE) -> str:
    """Return a text with a pale rim, so that it is read on any colour."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{INK}" '
        f'paint-order="stroke" stroke="{PAPER}" stroke-width="3" stroke-linejoin="round">'
        f"{escape(what)}</text>"
    )


def _scale(view: View) -> list[str]:
    """Return a bar of a round length, about a fifth of the picture."""
    long_m = round_below(view.width / 5 / view.scale)
    length = long_m * view.scale
    x, y = EDGE, view.height - EDGE
    return [
        f'<path d="M{x},{y - 5}v5h{length:.1f}v-5" fill="none" stroke="{INK}" stroke-width="2"/>',
        text(x + length / 2, y - 8, metres(long_m), "middle", SIZE - 1),
    ]


def round_below(value: float) -> float:
    """Return the greatest of 1, 2, 5 times a power of ten that is not above `value`."""
    power = 10.0 ** math.floor(math.log10(value))
    return max(step for step in (1, 2, 5) if step * power <= value) * power


def _wind(view: View, run: Run, language: str) -> list[str]:
    """Return north, and an arrow that flies with the wind; none in a calm."""
    x, y = view.width - 3 * EDGE, 3 * EDGE
    north = f"M{x},{EDGE + 26}V{EDGE + 12}M{x - 4},{EDGE + 18}l4,-6l4,6"
    parts = [
        text(x, EDGE + 6, say("plume.north", language), "middle"),
        f'<path d="{north}" fill="none" stroke="{SOFT}" stroke-width="1.5"/>',
    ]
    if not run.built.appraisal.calm:
        turn = (run.built.appraisal.weather.from_deg + 180) % 360
        parts.append(
            f'<g transform="translate({x},{y + 28}) rotate({turn:.0f})">'
            f'<path d="M0,18V-18M-6,-10L0,-19L6,-10" fill="none" stroke="{INK}" stroke-width="3"/>'
            "</g>"
        )
    return parts
