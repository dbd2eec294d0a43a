"""The window: one picture from the scene, and the loop that keeps it fresh."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pygame

from simulator.seat import SeatClient
from simulator.view import marks, panel, plan, plume, theme
from simulator.view.camera import Camera, site_points
from simulator.view.fonts import Texts
from simulator.view.scene import Scene

FRAMES_PER_S = 30
RETRY_S = 0.5
TICKS_PPM = (0.1, 1, 10, 100, 1000)


class Picture:
    """Draws the scene; what does not change is drawn once."""

    def __init__(self, texts: Texts) -> None:
        self.texts = texts
        self.buttons: list[panel.Button] = []
        self._plan: plan.Plan | None = None
        self._camera: Camera | None = None
        self._site = ""
        self._plume: pygame.Surface | None = None
        self._plume_of = -1

    def draw(self, window: pygame.Surface, scene: Scene) -> None:
        """Draw the whole window."""
        width, height = window.get_size()
        place = pygame.Rect(0, theme.HEADER, width - theme.PANEL, height - theme.HEADER)
        side = pygame.Surface((theme.PANEL, height - theme.HEADER))
        buttons = panel.paint(side, scene, self.texts)
        window.blit(side, (place.right, theme.HEADER))
        moved = (place.right, theme.HEADER)
        self.buttons = [b._replace(rect=b.rect.move(moved)) for b in buttons]
        window.blit(self._map(scene, place), place)
        self._header(window, scene)
        pygame.draw.rect(window, theme.DRILL, window.get_rect(), 3)
        if not scene.connected:
            self._notice(window, "view.lost" if scene.hello else "view.waiting")

    def _map(self, scene: Scene, place: pygame.Rect) -> pygame.Surface:
        if self._plan is None or self._camera is None or self._site != scene.site.get("id", ""):
            self._site = scene.site.get("id", "")
            self._camera = Camera(site_points(scene.site), pygame.Rect((0, 0), place.size))
            self._plan = plan.paint(scene.site, self._camera, self.texts)
            self._plume_of = -1
        picture = self._plan.ground.copy()
        state = scene.state or {}
        gases: list[str] = state.get("gases", [])
        if self._plume_of != scene.version:
            self._plume = plume.paint(state.get("puffs", []), gases, self._camera)
            self._plume_of = scene.version
        if self._plume is not None:
            picture.blit(self._plume, (0, 0))
        picture.blit(self._plan.writing, (0, 0))
        marks.places(picture, scene.site.get("places", []), self._camera, self.texts)
        self._sock(picture, scene)
        found = scene.detectors()
        rows = {tag["name"]: scene.row(tag["name"]) for tag in found}
        marks.detectors(picture, found, rows, self._camera, self.texts, self._plan.names)
        if gases:
            self._legend(picture, scene, gases)
        return picture

    def _sock(self, picture: pygame.Surface, scene: Scene) -> None:
        """Draw the wind-sock where the wind is measured."""
        assert self._camera is not None
        wind = (scene.state or {}).get("wind")
        mast = next((tag for tag in scene.tags if tag["quantity"] == "wind_from"), None)
        if mast is not None:
            at = self._camera.pixel(mast["x_m"], mast["y_m"])
            marks.windsock(picture, at, wind, 48)

    def _legend(self, picture: pygame.Surface, scene: Scene, gases: list[str]) -> None:
        """Draw the colour scale of every gas that is in the air."""
        there = sorted({int(puff[5]) for puff in (scene.state or {}).get("puffs", [])})
        wide, high = 150, 10
        x = picture.get_width() - wide - 26
        y = picture.get_height() - 34 - 16 * len(there)
        if not there:
            return
        box = pygame.Rect(x - 40, y - 24, wide + 58, 44 + 16 * len(there))
        pygame.draw.rect(picture, theme.CARD, box, border_radius=4)
        pygame.draw.rect(picture, theme.LINE, box, 1, border_radius=4)
        self.texts.draw(picture, self.texts.say("view.plume"), (x, y - 19), 12, theme.FAINT)
        for row, kind in enumerate(there):
            top = y + 16 * row
            for i in range(wide):
                ppm = plume.THIN_PPM * (plume.THICK_PPM / plume.THIN_PPM) ** (i / wide)
                colour = plume.legend_colour(kind, ppm)
                pygame.draw.line(picture, colour, (x + i, top), (x + i, top + high))
            name = self.texts.pick(plume.gas_title(gases[kind]))
            self.texts.draw(picture, name, (x - 6, top + high / 2), 12, theme.INK, "midright")
        for index, ppm in enumerate(TICKS_PPM):
            at = (x + wide * index / (len(TICKS_PPM) - 1), y + 16 * len(there) - 1)
            self.texts.draw(picture, f"{ppm:g}", at, 11, theme.FAINT, "midtop")

    def _header(self, window: pygame.Surface, scene: Scene) -> None:
        bar = pygame.Rect(0, 0, window.get_width(), theme.HEADER)
        pygame.draw.rect(window, theme.BAR, bar)
        hello = scene.hello or {}
        badge = self.texts.say(f"view.world.{hello.get('world', 'drill')}")
        text = self.texts.render(badge, 18, theme.ON_BAR)
        plate = text.get_rect(midleft=(24, bar.centery)).inflate(20, 10)
        pygame.draw.rect(window, theme.DRILL, plate, border_radius=4)
        window.blit(text, text.get_rect(center=plate.center))
        x = plate.right + 16
        if hello:
            title = self.texts.pick(hello["title"])
            rect = self.texts.draw(window, title, (x, bar.centery), 21, theme.ON_BAR, "midleft")
            where = self.texts.pick(scene.site["title"])
            if where != title:
                at = (rect.right + 14, bar.centery + 2)
                self.texts.draw(window, where, at, 14, theme.FAINT_ON_BAR, "midleft")
        right = window.get_width() - 18
        stamp = self.texts.draw(
            window, _stamp(scene), (right, bar.centery), 24, theme.ON_BAR, "midright"
        )
        note = self.texts.say("view.truth")
        at = (stamp.left - 18, bar.centery + 1)
        self.texts.draw(window, note, at, 13, theme.FAINT_ON_BAR, "midright")

    def _notice(self, window: pygame.Surface, message_id: str) -> None:
        """Say across the window that there is nothing fresh to see."""
        shade = pygame.Surface(window.get_size(), pygame.SRCALPHA)
        shade.fill((*theme.PAPER, 150))
        window.blit(shade, (0, 0))
        text = self.texts.render(self.texts.say(message_id), 24, theme.ON_BAR)
        plate = text.get_rect(center=window.get_rect().center).inflate(48, 28)
        pygame.draw.rect(window, theme.BAR, plate, border_radius=6)
        window.blit(text, text.get_rect(center=plate.center))


def _stamp(scene: Scene) -> str:
    """Return the time to show: the drill's own, or the record's UTC."""
    state = scene.state
    if state is None:
        return ""
    if (scene.hello or {}).get("kind") == "replay":
        at = datetime.fromtimestamp(state["t_s"], UTC)
        return at.strftime("%m-%d %H:%M UTC")
    whole = int(state["t_s"])
    return f"{whole // 60:02}:{whole % 60:02}"


class Window:
    """The loop: messages in, picture out, clicks to commands."""

    def __init__(self, client: SeatClient, texts: Texts, surface: pygame.Surface) -> None:
        self._client = client
        self._surface = surface
        self._picture = Picture(texts)
        self.scene = Scene()
        self._retry_at = 0.0

    def step(self) -> bool:
        """Handle what came, draw one frame; return False when the window is to close."""
        for event in pygame.event.get():
            if event.type == pygame.QUIT:
                return False
            if event.type == pygame.KEYDOWN and event.key == pygame.K_ESCAPE:
                return False
            if event.type == pygame.MOUSEBUTTONDOWN and event.button == 1:
                self._click(event.pos)
        self._listen()
        self._picture.draw(self._surface, self.scene)
        pygame.display.flip()
        return True

    def _listen(self) -> None:
        if not self._client.connected and time.monotonic() >= self._retry_at:
            self._retry_at = time.monotonic() + RETRY_S
            self._client.connect()
        for message in self._client.receive():
            self.scene.take(message)
        self.scene.connected = self._client.connected and self.scene.state is not None

    def _click(self, at: tuple[int, int]) -> None:
        for button in self._picture.buttons:
            if button.rect.collidepoint(at):
                self._client.send(button.action)
