"""What stands on the map and changes: detectors, places, the wind-sock. Shape before colour."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pygame

from simulator.view import theme
from simulator.view.camera import Camera
from simulator.view.fonts import Texts

FULL_SOCK_M_S = 8.0  # a wind-sock stands out straight at some 15 knots
Point = tuple[float, float]


def level_mark(surface: pygame.Surface, at: Point, row: list[Any], texts: Texts, r: int) -> None:
    """Draw a detector's state: ring normal, triangle 1, diamond 2, crossed magenta ring Bad."""
    x, y = round(at[0]), round(at[1])
    value, quality, _, level = row
    if quality == 2 or value is None:
        pygame.draw.circle(surface, theme.CARD, (x, y), r)
        pygame.draw.circle(surface, theme.BAD, (x, y), r, 2)
        pygame.draw.line(surface, theme.BAD, (x - r // 2, y - r // 2), (x + r // 2, y + r // 2), 2)
        pygame.draw.line(surface, theme.BAD, (x - r // 2, y + r // 2), (x + r // 2, y - r // 2), 2)
    elif level == 2:
        big = r + 3
        _outlined(surface, theme.LEVEL_2, [(x, y - big), (x + big, y), (x, y + big), (x - big, y)])
        texts.draw(surface, "2", (x, y), r + 4, theme.CARD, "center")
    elif level == 1:
        big = r + 3
        points = [(x, y - big), (x + big, y + big - 3), (x - big, y + big - 3)]
        _outlined(surface, theme.LEVEL_1, points)
        texts.draw(surface, "1", (x, y + 2), r + 3, theme.INK, "center")
    else:
        pygame.draw.circle(surface, theme.CARD, (x, y), r - 1)
        pygame.draw.circle(surface, theme.INK, (x, y), r - 1, 2)


def _outlined(surface: pygame.Surface, fill: theme.Colour, points: Sequence[Point]) -> None:
    pygame.draw.polygon(surface, fill, points)
    pygame.draw.polygon(surface, theme.INK, points, 1)


def value_text(row: list[Any], texts: Texts) -> str:
    """Return a reading as it is shown: two digits, or why there is none."""
    value, quality, reason, _ = row
    if value is None or quality == 2:
        return texts.say("view.fault")
    if reason == "over-range":
        return texts.say("view.over")
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:.0f}"


def detectors(
    surface: pygame.Surface,
    tags: list[dict[str, Any]],
    rows: dict[str, list[Any]],
    camera: Camera,
    texts: Texts,
    names: list[pygame.Rect],
) -> None:
    """Draw every detector with its value on a plate, clear of each other and of `names`."""
    spots = {tag["name"]: camera.pixel(tag["x_m"], tag["y_m"]) for tag in tags}
    taken = [pygame.Rect(0, 0, 18, 18).move(x - 9, y - 9) for x, y in spots.values()] + names
    # What is above a level is drawn last and labelled first, so that it is never hidden.
    for tag in sorted(tags, key=lambda t: -rows[t["name"]][3]):
        _plate(surface, spots[tag["name"]], rows[tag["name"]], taken, texts)
    for tag in sorted(tags, key=lambda t: rows[t["name"]][3]):
        level_mark(surface, spots[tag["name"]], rows[tag["name"]], texts, 7)


def _plate(
    surface: pygame.Surface, at: Point, row: list[Any], taken: list[pygame.Rect], texts: Texts
) -> None:
    """Put a value beside its detector, where it covers the least."""
    size = 14 if row[3] else 12
    image = texts.render(value_text(row, texts), size, theme.INK)
    x, y = at
    plate = image.get_rect().inflate(8, 2)
    spots = []
    for anchor, offset in (
        ("midleft", (12, 0)),
        ("midright", (-12, 0)),
        ("midbottom", (0, -11)),
        ("midtop", (0, 11)),
    ):
        rect = plate.copy()
        setattr(rect, anchor, (round(x + offset[0]), round(y + offset[1])))
        spots.append(rect)
    best = min(
        spots, key=lambda r: (len(r.collidelistall(taken)), not surface.get_rect().contains(r))
    )
    taken.append(best)
    edge = (theme.LINE, theme.LEVEL_1, theme.LEVEL_2)[row[3]] if row[1] != 2 else theme.BAD
    pygame.draw.rect(surface, theme.CARD, best, border_radius=3)
    pygame.draw.rect(surface, edge, best, 1, border_radius=3)
    surface.blit(image, image.get_rect(center=best.center))


def places(
    surface: pygame.Surface, found: list[dict[str, Any]], camera: Camera, texts: Texts
) -> None:
    """Draw muster points as their green sign, the rest as small grey squares, with their names."""
    for place in found:
        x, y = camera.pixel(place["position"]["x_m"], place["position"]["y_m"])
        sign = pygame.Rect(0, 0, 16, 16)
        sign.center = (round(x), round(y))
        if place["kind"] == "muster":
            pygame.draw.rect(surface, theme.SAFE, sign, border_radius=2)
            _people(surface, sign)
        else:
            sign = sign.inflate(-8, -8)
            pygame.draw.rect(surface, theme.FAINT, sign)
        title = texts.pick(place["title"])
        width = texts.render(title, 12, theme.INK).get_width()
        right = sign.right + 4 + width < surface.get_width()
        spot, anchor = (
            ((sign.right + 4, y), "midleft") if right else ((sign.left - 4, y), "midright")
        )
        texts.draw(surface, title, spot, 12, theme.INK, anchor)


def _people(surface: pygame.Surface, sign: pygame.Rect) -> None:
    """Draw three small figures: the assembly point's pictogram, simplified."""
    for dx, low in ((-4, 1), (4, 1), (0, 0)):
        x, y = sign.centerx + dx, sign.centery + low
        pygame.draw.circle(surface, theme.CARD, (x, y - 3), 1)
        pygame.draw.line(surface, theme.CARD, (x, y - 1), (x, y + 3), 2)


def windsock(
    surface: pygame.Surface, at: Point, wind: dict[str, float] | None, length: float
) -> None:
    """Draw a striped sock from above, streaming where the wind blows to."""
    x, y = at
    pygame.draw.circle(surface, theme.INK, (round(x), round(y)), 3)
    if wind is None:
        return
    angle = math.radians(wind["from_deg"])
    along = pygame.Vector2(-math.sin(angle), math.cos(angle))  # pixels grow downwards
    across = pygame.Vector2(-along.y, along.x)
    reach = length * (0.35 + 0.65 * min(1.0, wind["speed_m_s"] / FULL_SOCK_M_S))
    root = pygame.Vector2(x, y)
    for stripe in range(5):
        near, far = stripe / 5, (stripe + 1) / 5
        wide, thin = (length * 0.2 * (1 - 0.6 * s) for s in (near, far))
        points = [
            root + along * reach * near + across * wide,
            root + along * reach * far + across * thin,
            root + along * reach * far - across * thin,
            root + along * reach * near - across * wide,
        ]
        pygame.draw.polygon(surface, theme.FAINT if stripe % 2 else theme.CARD, points)
        pygame.draw.aalines(surface, theme.INK, True, points)
