"""The map as a PNG, through matplotlib: for a slide or a paper that takes no page."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from edge.dispersion.isopleth import Isopleth
from edge.errors import SuianError
from suian.plume.answer import Result, Run
from suian.plume.drawing import LINES, colour, shown
from suian.plume.page import Page

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZE_IN, DPI = (9.6, 7.2), 125
CHINESE = ("Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei")


def write_png(path: Path, run: Run, page: Page) -> None:
    """Write the map of the first substance; more get `-NAME` before the suffix.

    Raises `SuianError` where matplotlib is missing, or where it has no Chinese font for a Chinese
    picture.
    """
    figure_of = _matplotlib(page.language)
    for index, (result, section) in enumerate(zip(run.results, page.sections, strict=True)):
        own = path if index == 0 else path.with_stem(f"{path.stem}-{result.gas.id}")
        figure = figure_of(figsize=SIZE_IN, dpi=DPI, layout="constrained")
        axes = figure.subplots()
        names = [f"{row.name}  {row.value}  {row.reach}" for row in section.zones]
        _draw(axes, run, result, names)
        axes.set_title(f"{page.site}  {section.title}\n{page.weather[0]}", fontsize=11, loc="left")
        figure.savefig(own)


def _matplotlib(language: str) -> type[Figure]:
    """Return matplotlib's Figure, set up to write this language."""
    os.environ.setdefault("MPLCONFIGDIR", tempfile.mkdtemp(prefix="suian-mpl-"))
    try:
        import matplotlib as mpl  # noqa: PLC0415 - a second of imports, only for a picture
        from matplotlib import font_manager  # noqa: PLC0415
        from matplotlib.figure import Figure as Canvas  # noqa: PLC0415
    except ImportError:
        raise SuianError("--png needs matplotlib: pip install 'suian[plume]'") from None
    known = {font.name for font in font_manager.fontManager.ttflist}
    fonts = [name for name in CHINESE if name in known]
    if language == "zh-CN" and not fonts:
        raise SuianError("--png in Chinese needs a font: install fonts-wqy-microhei, or --lang en")
    mpl.rcParams["font.family"] = [*fonts, "DejaVu Sans"]
    mpl.rcParams["axes.unicode_minus"] = False
    return Canvas


def _draw(axes: Axes, run: Run, result: Result, names: list[str]) -> None:
    from matplotlib.patches import Circle  # noqa: PLC0415

    count = len(result.zones)
    for index, line in enumerate(result.lines):
        fill = colour(index, count)
        _fill(axes, shown(result, index), fill, names[index])
        for ring in line.rings:
            stroke = colour(index, count, LINES)
            axes.plot(ring[:, 0], ring[:, 1], color=stroke, linewidth=1.2, linestyle=(0, (5, 4)))
    x0, y0 = result.answer.solution.origin_m
    circle = max((zone.isolation_m for zone in result.zones), default=0.0)
    if circle > 0:
        axes.add_patch(Circle((x0, y0), circle, fill=False, edgecolor="#1c232b", linewidth=1.2))
    axes.plot([x0], [y0], marker="+", color="#1c232b", markersize=12, markeredgewidth=2)
    for place in run.scenario.receptors:
        axes.plot([place.x_m], [place.y_m], marker="o", color="#1c232b", markersize=5)
        name = place.title or place.id
        axes.annotate(name, (place.x_m, place.y_m), (6, 4), textcoords="offset points")
    axes.set_aspect("equal", adjustable="datalim")
    axes.grid(color="#cfd6dd", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_xlabel("x / m")
    axes.set_ylabel("y / m")
    axes.legend(loc="best", fontsize=9)


def _fill(axes: Axes, shape: Isopleth, fill: str, name: str) -> None:
    """Fill the pieces of a zone, its holes left out."""
    from matplotlib.patches import PathPatch  # noqa: PLC0415
    from matplotlib.path import Path as Outline  # noqa: PLC0415

    rings = [Outline(ring, closed=True) for ring in shape.rings]
    label = name
    if rings:
        whole = Outline.make_compound_path(*rings)
        axes.add_patch(PathPatch(whole, facecolor=fill, edgecolor="none", alpha=0.85, label=label))
        axes.update_datalim(whole.vertices)
        axes.autoscale_view()
    else:
        axes.plot([], [], color=fill, linewidth=6, label=label)
