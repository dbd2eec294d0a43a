"""The site's plan as a picture: drawn once, grey, so that only what happens has colour."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

import pygame

from simulator.view import theme
from simulator.view.camera import Camera, coordinates
from simulator.view.fonts import Texts

Feature = dict[str, Any]
FILLED = {"building": theme.BUILDING, "tank": theme.VESSEL, "unit": theme.VESSEL}
ORDER = ("road", "area", "bund", "bay", "pipe", "building", "unit", "tank", "fence")
SCALES_M = (10, 20, 50, 100, 200, 500, 1000)


class Plan(NamedTuple):
    """A site's plan: what lies under the plume, what is written over it, and where that stands."""

    ground: pygame.Surface
    writing: pygame.Surface
    names: list[pygame.Rect]


def paint(site: dict[str, Any], camera: Camera, texts: Texts) -> Plan:
    """Return the plan with names, scale and north."""
    surface = pygame.Surface(camera.rect.size)
    surface.fill(theme.GROUND)
    features: list[Feature] = site.get("plan", {}).get("features", [])
    _yard(surface, features, camera)
    for kind in ORDER:
        for feature in features:
            if _kind(feature) == kind:
                _feature(surface, feature, kind, camera)
    writing = pygame.Surface(camera.rect.size, pygame.SRCALPHA)
    names = Names(writing, site, camera, texts)
    names.areas(features)
    names.assets(features)
    names.buildings(features)
    _scale(writing, camera, texts)
    return Plan(surface, writing, names.taken)


def _line(feature: Feature, camera: Camera) -> list[tuple[float, float]]:
    return [camera.pixel(x, y) for x, y in coordinates(feature["geometry"])]


def _yard(surface: pygame.Surface, features: list[Feature], camera: Camera) -> None:
    """Fill what the fence encloses."""
    for feature in features:
        if _kind(feature) == "fence":
            points = _line(feature, camera)
            if len(points) > 2:
                pygame.draw.polygon(surface, theme.YARD, points)


def _feature(surface: pygame.Surface, feature: Feature, kind: str, camera: Camera) -> None:
    points = _line(feature, camera)
    if len(points) < 2:
        return
    shapes: dict[str, Callable[[], object]] = {
        "road": lambda: _road(surface, points, feature, camera),
        "area": lambda: _dashes(surface, points, theme.AREA),
        "pipe": lambda: pygame.draw.lines(surface, theme.PIPE, False, points, 2),
        "fence": lambda: pygame.draw.lines(surface, theme.FENCE, False, points, 2),
        "bund": lambda: pygame.draw.lines(surface, theme.EDGE, True, points, 1),
        "bay": lambda: _solid(surface, points, theme.ROAD),
    }
    if kind in FILLED:
        _solid(surface, points, FILLED[kind])
    else:
        shapes[kind]()


def _solid(surface: pygame.Surface, points: list[tuple[float, float]], fill: theme.Colour) -> None:
    pygame.draw.polygon(surface, fill, points)
    pygame.draw.aalines(surface, theme.EDGE, True, points)


def _road(
    surface: pygame.Surface, points: list[tuple[float, float]], feature: Feature, camera: Camera
) -> None:
    """Draw a road at its width, with round joints."""
    metres = float(feature["properties"].get("width_m", 6))
    width = max(2, round(metres * camera.scale))
    pygame.draw.lines(surface, theme.ROAD, False, points, width)
    for x, y in points:
        pygame.draw.circle(surface, theme.ROAD, (round(x), round(y)), width // 2)


def _dashes(
    surface: pygame.Surface, points: list[tuple[float, float]], colour: theme.Colour
) -> None:
    for start, end in pairwise(points):
        first, way = pygame.Vector2(start), pygame.Vector2(end) - pygame.Vector2(start)
        length = way.length()
        if length < 1:
            continue
        step = way / length
        at = 0.0
        while at < length:
            pygame.draw.line(surface, colour, first + step * at, first + step * min(at + 5, length))
            at += 9


class Names:
    """Writes the names on the plan where they cover neither a detector nor each other."""

    def __init__(
        self, surface: pygame.Surface, site: dict[str, Any], camera: Camera, texts: Texts
    ) -> None:
        self._surface, self._site, self._camera, self._texts = surface, site, camera, texts
        self.taken: list[pygame.Rect] = []
        for tag in site.get("tags", []):
            if tag["quantity"] == "concentration":
                spot = pygame.Rect(0, 0, 22, 22)
                spot.center = _whole(camera.pixel(tag["x_m"], tag["y_m"]))
                self.taken.append(spot)

    def areas(self, features: list[Feature]) -> None:
        """Name each area in its corner."""
        titles = {area["id"]: area["title"] for area in self._site.get("areas", [])}
        for feature in features:
            if _kind(feature) == "area" and feature.get("id") in titles:
                box = _box(_line(feature, self._camera))
                title = self._texts.pick(titles[feature["id"]])
                at = (box.left + 5, box.top + 3)
                rect = self._texts.draw(self._surface, title, at, 13, theme.FAINT)
                self.taken.append(rect)

    def assets(self, features: list[Feature]) -> None:
        """Name what holds gas beside its shape, buildings inside theirs."""
        shapes = {f.get("id"): _box(_line(f, self._camera)) for f in features}
        for asset in self._site.get("assets", []):
            if asset["kind"] in {"detector", "mast"}:
                continue
            at = _whole(self._camera.pixel(asset["position"]["x_m"], asset["position"]["y_m"]))
            box = shapes.get(asset["id"])
            if box is None:
                pygame.draw.circle(self._surface, theme.VESSEL, at, 6)
                box = pygame.Rect(at[0] - 6, at[1] - 6, 12, 12)
            title = self._texts.pick(asset["title"])
            if asset["kind"] == "building":
                rect = self._texts.draw(self._surface, title, box.center, 12, theme.FAINT, "center")
                self.taken.append(rect)
            else:
                self._beside(title, box)

    def buildings(self, features: list[Feature]) -> None:
        """Name the buildings that are no assets."""
        for feature in features:
            title = feature.get("properties", {}).get("title")
            if title:
                box = _box(_line(feature, self._camera))
                text = self._texts.pick(title)
                self._texts.draw(self._surface, text, box.center, 11, theme.FAINT, "center")

    def _beside(self, title: str, box: pygame.Rect) -> None:
        """Write `title` at that side of `box` where it covers the least."""
        plate = self._texts.render(title, 12, theme.INK).get_rect()
        spots = []
        for anchor, at in (
            ("midtop", (box.centerx, box.bottom + 2)),
            ("midbottom", (box.centerx, box.top - 2)),
            ("midleft", (box.right + 5, box.centery)),
            ("midright", (box.left - 5, box.centery)),
            ("topright", (box.left - 2, box.bottom + 2)),
            ("topleft", (box.right + 2, box.bottom + 2)),
            ("bottomright", (box.left - 2, box.top - 2)),
            ("bottomleft", (box.right + 2, box.top - 2)),
        ):
            rect = plate.copy()
            setattr(rect, anchor, at)
            spots.append(rect)
        best = min(spots, key=lambda r: len(r.collidelistall(self.taken)))
        self._texts.draw(self._surface, title, best.topleft, 12, theme.INK)
        self.taken.append(best)


def _kind(feature: Feature) -> str:
    return str(feature.get("properties", {}).get("kind", ""))


def _whole(at: tuple[float, float]) -> tuple[int, int]:
    return round(at[0]), round(at[1])


def _box(points: list[tuple[float, float]]) -> pygame.Rect:
    """Return the rectangle around `points` [px]."""
    left, top = (round(min(p[i] for p in points)) for i in (0, 1))
    right, low = (round(max(p[i] for p in points)) for i in (0, 1))
    return pygame.Rect(left, top, right - left, low - top)


def _scale(surface: pygame.Surface, camera: Camera, texts: Texts) -> None:
    """Draw the scale bar at bottom left and the north arrow at top right."""
    metres = max((m for m in SCALES_M if m * camera.scale <= 150), default=SCALES_M[0])
    x, y = 16, surface.get_height() - 18
    end = x + round(metres * camera.scale)
    pygame.draw.lines(surface, theme.INK, False, [(x, y - 5), (x, y), (end, y), (end, y - 5)], 2)
    text = texts.say("view.metres", metres=metres)
    texts.draw(surface, text, ((x + end) / 2, y - 4), 12, theme.INK, "midbottom")
    x, y = surface.get_width() - 26, 20
    pygame.draw.polygon(surface, theme.INK, [(x, y), (x - 6, y + 20), (x, y + 15), (x + 6, y + 20)])
    texts.draw(surface, texts.say("view.north"), (x, y + 22), 12, theme.INK, "midtop")
