"""The panel at the right: wind, detectors, process, what can be done, what happened."""

from __future__ import annotations

from typing import Any, NamedTuple

import pygame

from simulator.view import theme
from simulator.view.fonts import Texts
from simulator.view.marks import level_mark, value_text, windsock
from simulator.view.scene import Line, Scene

ROW = 21
MOST_ROWS = 12
BUTTON = 30


class Button(NamedTuple):
    """Something a trainee can do: where it stands and the action it sends."""

    rect: pygame.Rect
    action: dict[str, Any]


def paint(surface: pygame.Surface, scene: Scene, texts: Texts) -> list[Button]:
    """Draw the whole panel into `surface`; return its buttons in the surface's own pixels."""
    surface.fill(theme.PAPER)
    pygame.draw.line(surface, theme.LINE, (0, 0), (0, surface.get_height()))
    y = _wind(surface, scene, texts, theme.PAD)
    y = _detectors(surface, scene, texts, y)
    y, buttons = _process(surface, scene, texts, y)
    _story(surface, scene, texts, y)
    return buttons


def _heading(surface: pygame.Surface, texts: Texts, message_id: str, y: int) -> int:
    texts.draw(surface, texts.say(message_id), (theme.PAD, y), 13, theme.FAINT)
    width = texts.render(texts.say(message_id), 13, theme.FAINT).get_width()
    line = y + 9
    left, right = theme.PAD + width + 8, surface.get_width() - theme.PAD
    pygame.draw.line(surface, theme.LINE, (left, line), (right, line))
    return y + 21


def _wind(surface: pygame.Surface, scene: Scene, texts: Texts, y: int) -> int:
    """Draw the compass with the sock, speed and direction, and whether the horn sounds."""
    wind = (scene.state or {}).get("wind")
    centre = (theme.PAD + 42, y + 42)
    pygame.draw.circle(surface, theme.CARD, centre, 40)
    pygame.draw.circle(surface, theme.LINE, centre, 40, 1)
    for quarter in range(8):
        tick = pygame.Vector2(0, -40).rotate(45 * quarter)
        inner = tick * (0.82 if quarter % 2 else 0.72)
        pygame.draw.line(surface, theme.GAUGE, centre + inner, centre + tick * 0.95)
    windsock(surface, centre, wind, 36)
    x = theme.PAD + 98
    if wind is None:
        texts.draw(surface, texts.say("view.wind-unknown"), (x, y + 14), 16, theme.BAD)
    else:
        name = texts.say(f"view.compass.{round(wind['from_deg'] / 45) % 8}")
        speed = f"{wind['speed_m_s']:.1f}"
        where = {"name": name, "deg": f"{wind['from_deg']:.0f}"}
        texts.draw(surface, texts.say("view.wind-now", speed=speed), (x, y), 26, theme.INK)
        texts.draw(surface, texts.say("view.wind-from", **where), (x, y + 34), 15, theme.FAINT)
    _horn(surface, scene, texts, (x, y + 60))
    return y + 96


def _horn(surface: pygame.Surface, scene: Scene, texts: Texts, at: tuple[int, int]) -> None:
    """Draw the horn's state: a filled bar with waves while it sounds."""
    text = texts.say("view.horn-on" if scene.horn else "view.horn-off")
    rect = pygame.Rect(at, (surface.get_width() - at[0] - theme.PAD, 24))
    pygame.draw.rect(surface, theme.INK if scene.horn else theme.CARD, rect, border_radius=4)
    pygame.draw.rect(surface, theme.INK if scene.horn else theme.LINE, rect, 1, border_radius=4)
    x, y = rect.left + 14, rect.centery
    colour = theme.CARD if scene.horn else theme.FAINT
    outline = ((-5, -2), (0, -2), (5, -6), (5, 6), (0, 2), (-5, 2))
    pygame.draw.polygon(surface, colour, [(x + dx, y + dy) for dx, dy in outline])
    if scene.horn:
        for r in (9, 13):
            box = pygame.Rect(0, 0, 2 * r, 2 * r)
            box.center = (x + 2, y)
            pygame.draw.arc(surface, colour, box, -0.7, 0.7, 2)
    texts.draw(surface, text, (rect.left + 34, y), 14, colour, "midleft")


def _detectors(surface: pygame.Surface, scene: Scene, texts: Texts, y: int) -> int:
    """List the detectors; where there are too many, those with the most to say."""
    y = _heading(surface, texts, "view.detectors", y)
    tags = scene.detectors()
    listed = tags
    if len(tags) > MOST_ROWS:
        ranked = sorted(tags, key=lambda t: _weight(scene, t), reverse=True)[: MOST_ROWS - 1]
        listed = [tag for tag in tags if tag in ranked]
    for tag in listed:
        _detector(surface, scene.row(tag["name"]), tag, texts, y)
        y += ROW
    if len(listed) < len(tags):
        text = texts.say("view.more", count=len(tags) - len(listed))
        texts.draw(surface, text, (theme.PAD, y + 2), 12, theme.FAINT)
        y += ROW
    return y + 8


def _weight(scene: Scene, tag: dict[str, Any]) -> tuple[int, int, float]:
    value, quality, _, level = scene.row(tag["name"])
    full = tag["limits"].get("hh") or tag["range"][1]
    return level, quality, (value or 0.0) / full


def _detector(
    surface: pygame.Surface, row: list[Any], tag: dict[str, Any], texts: Texts, y: int
) -> None:
    middle = y + ROW // 2
    level_mark(surface, (theme.PAD + 9, middle), row, texts, 6)
    texts.draw(surface, tag["name"], (theme.PAD + 24, middle), 13, theme.INK, "midleft")
    title = texts.fitted(texts.pick(tag["title"]), 12, 98)
    texts.draw(surface, title, (theme.PAD + 78, middle), 12, theme.FAINT, "midleft")
    right = surface.get_width() - theme.PAD
    texts.draw(surface, tag["unit"], (right, middle), 12, theme.FAINT, "midright")
    value = value_text(row, texts)
    colour = theme.BAD if row[1] == 2 else theme.INK
    texts.draw(surface, value, (right - 34, middle), 15 if row[3] else 14, colour, "midright")
    _bar(surface, row, tag, pygame.Rect(theme.PAD + 182, middle - 4, 70, 8))


def _bar(surface: pygame.Surface, row: list[Any], tag: dict[str, Any], rect: pygame.Rect) -> None:
    """Draw the value against the second level at three quarters of the bar, with both levels."""
    pygame.draw.rect(surface, theme.CARD, rect)
    pygame.draw.rect(surface, theme.LINE, rect, 1)
    top = (tag["limits"].get("hh") or tag["range"][1]) / 0.75
    if row[0] is not None and row[1] != 2:
        share = min(1.0, max(0.0, row[0] / top))
        colour = (theme.GAUGE, theme.LEVEL_1, theme.LEVEL_2)[row[3]]
        inner = rect.inflate(-2, -2)
        inner.width = round(inner.width * share)
        pygame.draw.rect(surface, colour, inner)
    for kind in ("h", "hh"):
        limit = tag["limits"].get(kind)
        if limit is not None:
            x = rect.left + round(rect.width * min(1.0, limit / top))
            pygame.draw.line(surface, theme.INK, (x, rect.top - 2), (x, rect.bottom + 1))


def _process(
    surface: pygame.Surface, scene: Scene, texts: Texts, y: int
) -> tuple[int, list[Button]]:
    """Draw levels, pressures, valves and pumps as tiles, and a button for what can be switched."""
    tags = scene.process()
    if not tags:
        return y, []
    y = _heading(surface, texts, "view.process", y)
    width = (surface.get_width() - 2 * theme.PAD - 2 * 6) // 3
    for index, tag in enumerate(tags[:6]):
        tile = pygame.Rect(theme.PAD + (index % 3) * (width + 6), y + (index // 3) * 42, width, 37)
        _tile(surface, scene.row(tag["name"]), tag, tile, texts)
    y += 42 * (-(-min(6, len(tags)) // 3)) + 2
    can = [tag for tag in tags if tag["quantity"] in {"valve_open", "running"}][:2]
    if not can or (scene.hello or {}).get("kind") != "plant":
        return y + 4, []
    wide = (surface.get_width() - 2 * theme.PAD - 6 * (len(can) - 1)) // len(can)
    buttons: list[Button] = []
    for index, tag in enumerate(can):
        rect = pygame.Rect(theme.PAD + index * (wide + 6), y, wide, BUTTON)
        buttons.append(_button(surface, scene.row(tag["name"]), tag, rect, texts))
    return y + BUTTON + 10, buttons


def _tile(
    surface: pygame.Surface, row: list[Any], tag: dict[str, Any], rect: pygame.Rect, texts: Texts
) -> None:
    pygame.draw.rect(surface, theme.CARD, rect, border_radius=4)
    bad = row[1] == 2 or row[0] is None
    pygame.draw.rect(surface, theme.BAD if bad else theme.LINE, rect, 1, border_radius=4)
    texts.draw(surface, tag["name"], (rect.left + 6, rect.top + 3), 11, theme.FAINT)
    words = {
        "valve_open": ("view.closed", "view.open"),
        "running": ("view.stopped", "view.running"),
    }
    if bad:
        text = texts.say("view.fault")
    elif tag["quantity"] in words:
        text = texts.say(words[tag["quantity"]][1 if row[0] else 0])
    else:
        text = f"{row[0]:.2f} {tag['unit']}"
    texts.draw(surface, text, (rect.left + 6, rect.bottom - 3), 15, theme.INK, "bottomleft")
    if tag["quantity"] == "level" and not bad:
        low, high = tag["range"]
        share = min(1.0, max(0.0, (row[0] - low) / (high - low)))
        gauge = pygame.Rect(rect.right - 14, rect.top + 5, 8, rect.height - 10)
        pygame.draw.rect(surface, theme.LINE, gauge, 1)
        filled = round((gauge.height - 2) * share)
        inner = (gauge.left + 1, gauge.bottom - 1 - filled, gauge.width - 2, filled)
        pygame.draw.rect(surface, theme.GAUGE, inner)


def _button(
    surface: pygame.Surface, row: list[Any], tag: dict[str, Any], rect: pygame.Rect, texts: Texts
) -> Button:
    on = row[0] == 1
    names = {
        "valve_open": ("close_valve", "open_valve"),
        "running": ("stop_pump", "start_pump"),
    }
    do = names[tag["quantity"]][0 if on else 1]
    pygame.draw.rect(surface, theme.BAR, rect, border_radius=5)
    text = texts.say(f"view.do.{do}", tag=tag["name"])
    texts.draw(surface, text, rect.center, 15, theme.ON_BAR, "center")
    return Button(rect, {"do": do, "tag": tag["name"]})


def _story(surface: pygame.Surface, scene: Scene, texts: Texts, y: int) -> None:
    """Draw the newest lines at the bottom of what room is left."""
    y = _heading(surface, texts, "view.story", y)
    rows = max(0, (surface.get_height() - y - 4) // 20)
    replay = (scene.hello or {}).get("kind") == "replay"
    for line in list(scene.lines)[-rows:] if rows else []:
        stamp = _clock(line.t_s, days=replay)
        texts.draw(surface, stamp, (theme.PAD, y), 13, theme.FAINT)
        words = texts.fitted(sentence(line, texts), 14, surface.get_width() - 2 * theme.PAD - 52)
        texts.draw(surface, words, (theme.PAD + 52, y - 1), 14, theme.INK)
        y += 20


def sentence(line: Line, texts: Texts) -> str:
    """Return a line of the story in the language shown."""
    if line.title:
        return texts.pick(dict(line.title))
    params: dict[str, Any] = dict(line.params)
    if isinstance(params.get("asset"), dict):
        params["asset"] = texts.pick(params["asset"])
    if "action" in params:
        action = params.pop("action")
        params["what"] = texts.say(f"view.do.{action['do']}", tag=action.get("tag", ""))
    return texts.say(line.message_id, **params)


def _clock(t_s: float, *, days: bool) -> str:
    """Return a story time: minutes and seconds, or hours and minutes of a long record."""
    whole = int(t_s)
    if days:
        return f"{whole // 3600 % 24:02}:{whole // 60 % 60:02}"
    return f"{whole // 60:02}:{whole % 60:02}"
