"""The map as a PNG, through matplotlib: for a slide or a paper that takes no page."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from edge.dispersion.isopleth import Isopleth
from edge.errors import SuianError
from edge.words import say
from suian.plume.answer import Result, Run
from suian.plume.drawing import (
    INK,
    LINES,
    calm,
    circle_m,
    close_up,
    colour,
    drawn,
    group_bounds,
    ordered,
    shown,
)
from suian.plume.page import Page, Section

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH_IN, LOW_IN, HIGH_IN, DPI = 9.6, 4.2, 8.0, 125
CHINESE = ("Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei")
CORNERS = ((7, 4), (-7, -11), (7, -11), (-7, 4))  # of numbers about their marks, in turn


def write_png(path: Path, run: Run, page: Page) -> None:
    """Write the maps of the first substance; more get `-NAME` before the suffix.

    Raises `SuianError` where matplotlib is missing, or where it has no Chinese font for a Chinese
    picture.
    """
    figure_of = _matplotlib(page.language)
    for index, (result, section) in enumerate(zip(run.results, page.sections, strict=True)):
        own = path if index == 0 else path.with_stem(f"{path.stem}-{result.gas.id}")
        maps = drawn(result)
        size = (WIDTH_IN, sum(_height(run, result, group) for _, group in maps))
        figure = figure_of(figsize=size, dpi=DPI, layout="constrained")
        panels = figure.subplots(len(maps), squeeze=False)[:, 0]
        for panel, (name, group) in zip(panels, maps, strict=True):
            _draw(panel, run, result, section, group, page)
            title = say(f"plume.map.{name}", page.language) if len(maps) > 1 else ""
            panel.set_title(title, fontsize=10, loc="left")
        figure.suptitle(f"{page.site}  {section.title}\n{page.weather[0]}", fontsize=11)
        figure.supxlabel(say("plume.disclaimer", page.language), fontsize=7)
        figure.savefig(own)


def _height(run: Run, result: Result, group: Sequence[int]) -> float:
    """Return how high a panel is [in]: as its zones lie, with room for title and axis."""
    west, east, south, north = group_bounds(run, result, group)
    return min(max(WIDTH_IN * (north - south) / (east - west) + 1.2, LOW_IN), HIGH_IN)


def _matplotlib(language: str) -> type[Figure]:
    """Return matplotlib's Figure, set up to write this language."""
    os.environ.setdefault("MPLCONFIGDIR", tempfile.mkdtemp(prefix="suian-mpl-"))
    try:
        import matplotlib as mpl  # noqa: PLC0415 - a second of imports, only for a picture
        from matplotlib import font_manager  # noqa: PLC0415 - as above
        from matplotlib.figure import Figure as Canvas  # noqa: PLC0415 - as above
    except ImportError:
        raise SuianError("--png needs matplotlib: pip install 'suian[plume]'") from None
    known = {font.name for font in font_manager.fontManager.ttflist}
    fonts = [name for name in CHINESE if name in known]
    if language == "zh-CN" and not fonts:
        raise SuianError("--png in Chinese needs a font: install fonts-wqy-microhei, or --lang en")
    mpl.rcParams["font.family"] = [*fonts, "DejaVu Sans"]
    mpl.rcParams["axes.unicode_minus"] = False
    return Canvas


def _draw(
    axes: Axes, run: Run, result: Result, section: Section, group: Sequence[int], page: Page
) -> None:
    """Draw a group's zones with everything that a reader needs beside them."""
    still = calm(result)
    for rank, index in enumerate(group):
        row, count = section.zones[ordered(result).index(index)], len(group)
        name = f"{row.name}  {row.value}  {row.reach.rstrip('*')}"
        edge = colour(rank, count, LINES)
        _fill(axes, shown(result, index), colour(rank, count), edge, name)
        for ring in () if still else result.lines[index].rings:
            axes.plot(ring[:, 0], ring[:, 1], color=edge, linewidth=1.2, linestyle=(0, (5, 4)))
    if not still:
        swing = say("plume.map.swing", page.language)
        axes.plot([], [], color=colour(1, 3, LINES), linestyle=(0, (5, 4)), label=swing)
    _circle(axes, result, circle_m(result, group), page.language)
    x0, y0 = result.answer.solution.origin_m
    source = say("plume.source", page.language)
    axes.plot([x0], [y0], "+", color=INK, markersize=12, markeredgewidth=2, label=source)
    of = group_bounds(run, result, group)
    _places(axes, run, of, named=close_up(run, result, of) is None)
    _frame(axes, of, page.language)


def _circle(axes: Axes, result: Result, radius: float, language: str) -> None:
    """Draw the guide's circle where the gas has one."""
    from matplotlib.patches import Circle  # noqa: PLC0415 - as above

    if radius > 0:
        name = say("plume.map.circle", language, {"metres": f"{radius:.0f}"})
        origin = result.answer.solution.origin_m
        axes.add_patch(Circle(origin, radius, fill=False, edgecolor=INK, linewidth=1.2))
        axes.plot([], [], color=INK, linewidth=1.2, label=name)


def _places(axes: Axes, run: Run, of: tuple[float, float, float, float], *, named: bool) -> None:
    """Mark the places in sight; where they are too close for names, numbers and a list do."""
    west, east, south, north = of
    seen = [p for p in run.scenario.receptors if west <= p.x_m <= east and south <= p.y_m <= north]
    for number, place in enumerate(seen, 1):
        name = place.title or place.id
        listed = "" if named else f"{number} {name}"
        axes.plot([place.x_m], [place.y_m], "o", color=INK, markersize=5, label=listed or None)
        shown_as = name if named else str(number)
        right = place.x_m > east - 0.2 * (east - west)
        away = CORNERS[(number - 1) % len(CORNERS)] if not named else (-7 if right else 7, 4)
        at, side = (place.x_m, place.y_m), "right" if away[0] < 0 else "left"
        box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.7, "pad": 0.8}
        axes.annotate(shown_as, at, away, textcoords="offset points", fontsize=9, ha=side, bbox=box)


def _frame(axes: Axes, of: tuple[float, float, float, float], language: str) -> None:
    """Set the axes: equal metres both ways, zones within, the legend off them."""
    west, east, south, north = of
    pad = 0.04 * max(east - west, north - south)
    axes.set_xlim(west - pad, east + pad)
    axes.set_ylim(south - pad, north + pad)
    axes.set_aspect("equal", adjustable="box")
    axes.grid(color="#cfd6dd", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_xlabel(say("plume.map.east", language), fontsize=9)
    axes.set_ylabel(say("plume.map.north", language), fontsize=9)
    axes.legend(loc="best", fontsize=8.5)


def _fill(axes: Axes, shape: Isopleth, fill: str, edge: str, name: str) -> None:
    """Fill the pieces of a zone, its holes left out."""
    from matplotlib.patches import PathPatch  # noqa: PLC0415 - as above
    from matplotlib.path import Path as Outline  # noqa: PLC0415 - as above

    rings = [Outline(ring, closed=True) for ring in shape.rings]
    if rings:
        whole = Outline.make_compound_path(*rings)
        patch = PathPatch(whole, facecolor=fill, edgecolor=edge, linewidth=0.8, label=name)
        axes.add_patch(patch)
    else:
        axes.plot([], [], color=fill, linewidth=6, label=name)
