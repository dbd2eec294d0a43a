"""Curves over time as SVG."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from edge.dispersion.solution import Floats
from edge.report.text import width
from suian.plume.drawing import EDGE, head, round_below, text
from suian.plume.noting import figure

CURVES = ("#1f5f8b", "#9c5a2c", "#4b7d3a", "#7a4a9a", "#5b6570")
CHART_WIDTH, CHART_HEIGHT, LEFT, BOTTOM = 800, 210, 64, 34


def chart_svg(
    curves: Sequence[tuple[str, Floats, Floats]], unit: str, minutes: str, title: str
) -> str:
    """Return curves of (name, minutes, values) over time as an SVG; steps and zeros as they are."""
    most_t = max((float(t[-1]) for _, t, _ in curves), default=1.0) or 1.0
    most = max((float(np.max(v, initial=0.0)) for _, _, v in curves), default=0.0) or 1.0
    step = round_below(most / 2.5)
    ticks = np.arange(0.0, 1.05 * most + step, step)
    top = float(ticks[-1])
    wide, high = CHART_WIDTH - LEFT - 2 * EDGE, CHART_HEIGHT - BOTTOM - 2 * EDGE

    def at(t: float, value: float) -> tuple[float, float]:
        return LEFT + t / most_t * wide, EDGE + 12 + high * (1 - value / top)

    parts = [head(CHART_WIDTH, CHART_HEIGHT, title)]
    for tick in ticks:
        x, y = at(0.0, float(tick))
        parts.append(f'<path d="M{x:.1f},{y:.1f}h{wide}" stroke="#cfd6dd"/>')
        parts.append(text(x - 6, y + 4, figure(float(tick)), "end", 12))
    parts.append(text(LEFT, EDGE, unit, "start", 12))
    parts += _minutes(at, most_t, minutes)
    x = LEFT + 60.0
    for index, (name, times, values) in enumerate(curves):
        points = [at(float(t), float(v)) for t, v in zip(times, values, strict=True)]
        line = "L".join(f"{x:.1f},{y:.1f}" for x, y in points)
        stroke = CURVES[index % len(CURVES)]
        parts.append(f'<path d="M{line}" fill="none" stroke="{stroke}" stroke-width="2"/>')
        parts.append(f'<path d="M{x:.0f},{EDGE - 4}h18" stroke="{stroke}" stroke-width="3"/>')
        parts.append(text(x + 24, EDGE, name, "start", 12))
        x += 24 + 6.5 * width(name) + 24
    parts.append("</svg>")
    return "".join(parts)


def _minutes(
    at: Callable[[float, float], tuple[float, float]], most_t: float, minutes: str
) -> Iterable[str]:
    """Return the axis of time."""
    step = round_below(most_t / 4)
    for tick in np.arange(0.0, most_t + 1e-9, step):
        x, y = at(float(tick), 0.0)
        yield text(x, y + 16, f"{tick:g}", "middle", 12)
    x, y = at(most_t, 0.0)
    yield text(x, y + 28, minutes, "end", 12)
