"""Chinese text without boxes: find a font that has the glyphs, or speak English and say so.

pygame's own font has no Chinese, and no font of pygame falls back to another: a missing glyph is
drawn as a box without a word. So the glyphs are looked at before a font is taken.
"""

from __future__ import annotations

from pathlib import Path

import pygame
import structlog

from edge.words import say
from simulator.view.theme import Colour

# fonts-wqy-microhei first: it alone has the small subscripts of formulas.
NAMES = (
    "wenquanyimicrohei",
    "notosanscjksc",
    "notosanssc",
    "sourcehansanscn",
    "sourcehansanssc",
    "wenquanyizenhei",
    "microsoftyahei",
    "simhei",
    "pingfangsc",
)
PLACES = (
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
)
PROBE = "绥氯"
MISSING = "\U0010fffd"  # private use: no font has it, so it shows what a missing glyph looks like
CACHED = 2000  # rendered texts kept; values change, so the oldest half is dropped at times
log = structlog.get_logger(__name__)


def has_chinese(path: str | None) -> bool:
    """Whether the font at `path` (None: pygame's own) has Chinese glyphs rather than boxes."""
    try:
        font = pygame.font.Font(path, 24)
        box = _pixels(font, MISSING)
        return all(_pixels(font, glyph) != box for glyph in PROBE)
    except (OSError, pygame.error):  # not a font that SDL can read: not one to choose
        return False


def _pixels(font: pygame.font.Font, text: str) -> bytes:
    return pygame.image.tobytes(font.render(text, True, (0, 0, 0)), "RGBA")


def find_font() -> str | None:
    """Return the path of a font with Chinese glyphs, or None."""
    found = [path for path in PLACES if Path(path).is_file()]
    found += [path for name in NAMES if (path := pygame.font.match_font(name))]
    return next((path for path in found if has_chinese(path)), None)


class Texts:
    """Renders and remembers texts in the language that can be shown."""

    def __init__(self, language: str, path: str | None = None) -> None:
        chosen = path or find_font()
        if language == "zh-CN" and not has_chinese(chosen):
            log.warning("no Chinese font", remedy=say("view.no-font", "en"))
            language = "en"
        self.language = language
        self._path = chosen
        self._fonts: dict[int, pygame.font.Font] = {}
        self._cache: dict[tuple[str, int, Colour], pygame.Surface] = {}

    def say(self, message_id: str, **params: object) -> str:
        """Return a message of the catalogue in the language shown."""
        return say(message_id, self.language, params)

    def pick(self, title: dict[str, str]) -> str:
        """Return a title of site or scenario in the language shown."""
        return title.get("zh" if self.language == "zh-CN" else "en", "")

    def render(self, text: str, size: int, colour: Colour) -> pygame.Surface:
        """Return `text` as a surface; the same one for the same text."""
        key = (text, size, colour)
        if key not in self._cache:
            if len(self._cache) > CACHED:
                for old in list(self._cache)[: CACHED // 2]:
                    del self._cache[old]
            self._cache[key] = self._font(size).render(text, True, colour)
        return self._cache[key]

    def draw(
        self,
        surface: pygame.Surface,
        text: str,
        at: tuple[float, float],
        size: int,
        colour: Colour,
        anchor: str = "topleft",
    ) -> pygame.Rect:
        """Draw `text` with its `anchor` (as "midright") at a point; return where it stands."""
        image = self.render(text, size, colour)
        rect = image.get_rect(**{anchor: (round(at[0]), round(at[1]))})
        surface.blit(image, rect)
        return rect

    def fitted(self, text: str, size: int, width: int) -> str:
        """Return `text`, shortened with an ellipsis where it is wider than `width` [px]."""
        font = self._font(size)
        if font.size(text)[0] <= width:
            return text
        while text and font.size(text + "…")[0] > width:
            text = text[:-1]
        return text + "…"

    def _font(self, size: int) -> pygame.font.Font:
        if size not in self._fonts:
            self._fonts[size] = pygame.font.Font(self._path, size)
        return self._fonts[size]
