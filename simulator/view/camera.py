"""From site metres to pixels and back: north up, one scale for both axes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pygame

Metres = tuple[float, float]
MARGIN = 0.04  # of the picture, free on each side


class Camera:
    """Shows the rectangle of `points` [m] in `rect` [px]."""

    def __init__(self, points: Iterable[Metres], rect: pygame.Rect) -> None:
        found = list(points) or [(0.0, 0.0), (100.0, 100.0)]
        xs, ys = [p[0] for p in found], [p[1] for p in found]
        width, height = max(1.0, max(xs) - min(xs)), max(1.0, max(ys) - min(ys))
        room = 1 - 2 * MARGIN
        self.rect = rect
        self.scale = min(rect.width * room / width, rect.height * room / height)  # px a metre
        self._x0 = (min(xs) + max(xs)) / 2 - rect.width / 2 / self.scale
        self._y1 = (min(ys) + max(ys)) / 2 + rect.height / 2 / self.scale

    def pixel(self, x_m: float, y_m: float) -> tuple[float, float]:
        """Return where a point stands, in the picture's own pixels."""
        return (x_m - self._x0) * self.scale, (self._y1 - y_m) * self.scale

    def metres(self, x: float, y: float) -> Metres:
        """Return the point under a pixel of the picture."""
        return self._x0 + x / self.scale, self._y1 - y / self.scale


def site_points(site: dict[str, Any]) -> Iterator[Metres]:
    """Yield every point that the picture of a site must hold."""
    for feature in site.get("plan", {}).get("features", []):
        yield from coordinates(feature["geometry"])
    for part in ("assets", "places"):
        for item in site.get(part, []):
            yield item["position"]["x_m"], item["position"]["y_m"]
    for tag in site.get("tags", []):
        yield tag["x_m"], tag["y_m"]


def coordinates(geometry: dict[str, Any]) -> list[Metres]:
    """Return the points of a line, or of a polygon's outer ring."""
    raw = geometry["coordinates"]
    if geometry["type"] == "Polygon":
        raw = raw[0]
    elif geometry["type"] == "Point":
        raw = [raw]
    return [(float(point[0]), float(point[1])) for point in raw]
