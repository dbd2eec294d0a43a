"""The window: what it shows, how it draws the plume, and that it never draws boxes."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path

import numpy as np
import pygame
import pytest

from edge.words import catalogue
from simulator.field.sources import PlantSource
from simulator.plant.puffs import KIND
from simulator.seat import FeedServer
from simulator.view import fonts, panel, plume, theme
from simulator.view.app import Picture
from simulator.view.camera import Camera
from simulator.view.scene import Scene

NEEDS_FONT = "no Chinese font on this machine: install fonts-wqy-microhei"


def pixels(surface: pygame.Surface) -> np.ndarray:
    return pygame.surfarray.array3d(surface).astype(int)


def count(surface: pygame.Surface, colour: theme.Colour) -> int:
    return int((pixels(surface) == colour).all(axis=2).sum())


@pytest.fixture
def texts(window: pygame.Surface) -> fonts.Texts:
    return fonts.Texts("zh-CN")


def test_the_picture_shows_plume_levels_and_buttons(
    window: pygame.Surface, texts: fonts.Texts, scene: Scene
):
    """A minute after the burst: purple gas east of the bay, a level 2 diamond, two buttons."""
    picture = Picture(texts)
    picture.draw(window, scene)
    calm = scene.state
    assert calm
    with_gas = pixels(window)
    scene.take({**calm, "puffs": []})
    picture.draw(window, scene)
    without = pixels(window)
    changed = np.abs(with_gas - without).sum(axis=2) > 30

    assert 2000 < changed[:900].sum() < 200_000
    assert count(window, theme.LEVEL_2) > 50
    assert [b.action for b in picture.buttons] == [
        {"do": "close_valve", "tag": "XV-101"},
        {"do": "stop_pump", "tag": "P-201"},
    ]
    assert all(b.rect.left > theme.SIZE[0] - theme.PANEL for b in picture.buttons)


def test_a_bad_detector_is_magenta_and_silence_is_said(
    window: pygame.Surface, texts: fonts.Texts, scene: Scene
):
    """A failed reading gets its own colour and shape; a lost field covers the picture."""
    picture = Picture(texts)
    picture.draw(window, scene)
    before = count(window, theme.BAD)
    assert scene.state
    scene.state["tags"]["AT-103"] = [None, 2, "sensor-fault", 0]
    picture.draw(window, scene)
    after = count(window, theme.BAD)
    scene.connected = False
    picture.draw(window, scene)

    assert before == 0
    assert after > 20
    middle = window.get_at((theme.SIZE[0] // 2 - 120, theme.SIZE[1] // 2 - 20))
    assert tuple(middle)[:3] == theme.BAR


def test_the_drawn_plume_is_the_plants(source: PlantSource):
    """The grid of the window and the plant's own field agree where gas is."""
    plant = source.plant
    xs, ys = np.linspace(125, 260, 28), np.linspace(120, 230, 23)
    rows = plant.puffs.rows[plant.puffs.rows[:, KIND] == 0]
    drawn = plume.ground_ppm(np.asarray(plant.puffs.subset()), xs, ys, 0.0709)
    grid = np.stack(np.meshgrid(xs, ys, [plume.SHOWN_M], indexing="ij"), axis=-1).reshape(-1, 3)
    true = plant.puffs.concentration(grid, 0).reshape(len(xs), len(ys)) / 0.0709 * 0.02364 * 1e6
    thick = true > 10

    assert len(rows) < 400
    assert thick.sum() > 20
    assert drawn[thick] == pytest.approx(true[thick], rel=0.35)


def test_a_full_subset_of_puffs_is_drawn_fast(texts: fonts.Texts):
    """The plume of a full subset takes a fraction of a frame at 5 Hz."""
    rng = np.random.Generator(np.random.PCG64(1))
    puffs = rng.uniform([0, 0, 2, 1, 0.01, 0], [400, 300, 30, 15, 1, 0.4], (400, 6))
    puffs[:, 5] = 0
    camera = Camera([(0, 0), (400, 300)], pygame.Rect(0, 0, 900, 674))
    times = []
    for _ in range(6):
        started = time.perf_counter()
        plume.paint(puffs.tolist(), ["chlorine"], camera)
        times.append(time.perf_counter() - started)

    assert min(times) < 0.05


def test_camera_is_true_to_scale_and_back():
    """North is up, both axes have one scale, and a pixel finds its metre again."""
    camera = Camera([(0, 0), (400, 100)], pygame.Rect(0, 0, 800, 600))
    origin, east, north = camera.pixel(0, 0), camera.pixel(100, 0), camera.pixel(0, 100)

    assert east[0] - origin[0] == pytest.approx(origin[1] - north[1])
    assert north[1] < origin[1]
    assert camera.metres(*camera.pixel(12.5, 80.25)) == pytest.approx((12.5, 80.25))


def test_without_a_chinese_font_it_speaks_english(
    window: pygame.Surface, monkeypatch: pytest.MonkeyPatch, scene: Scene
):
    """No CJK font: the texts are English and a warning says what to install; never boxes."""
    monkeypatch.setattr(fonts, "find_font", lambda: None)
    texts = fonts.Texts("zh-CN")
    drawn: list[str] = []
    render = fonts.Texts.render

    def spy(self: fonts.Texts, text: str, size: int, colour: theme.Colour) -> pygame.Surface:
        drawn.append(text)
        return render(self, text, size, colour)

    monkeypatch.setattr(fonts.Texts, "render", spy)
    Picture(texts).draw(window, scene)

    assert texts.language == "en"
    assert "Chlorine unloading hose ruptures" in drawn
    assert not [text for text in drawn if any(ord(letter) > 0x2E80 for letter in text)]


def test_pygames_own_font_is_known_to_lack_chinese(window: pygame.Surface):
    """The probe sees boxes for what they are."""
    assert not fonts.has_chinese(None)
    assert not fonts.has_chinese(__file__)


@pytest.mark.skipif(not any(Path(p).is_file() for p in fonts.PLACES), reason=NEEDS_FONT)
def test_every_sentence_has_its_glyphs(window: pygame.Surface):
    """No message of the window needs a glyph that its font lacks."""
    path = fonts.find_font()
    assert path
    font = pygame.font.Font(path, 20)
    box = fonts._pixels(font, fonts.MISSING)
    own = [t for key, t in catalogue().items() if key.startswith("view.")]
    letters = {letter for t in own for text in t.values() for letter in text if letter != " "}

    assert letters
    assert [letter for letter in sorted(letters) if fonts._pixels(font, letter) == box] == []


def test_story_lines_are_told_in_both_languages(window: pygame.Surface, scene: Scene):
    """Leaks, titles and commands become sentences with the moment they happened."""
    scene.take({"t": "story", "title": {"zh": "风变", "en": "wind"}, "t_s": 20.0})
    action = {"do": "close_valve", "tag": "XV-101"}
    scene.take({"t": "command", "action": action, "t_s": 21.0})
    scene.take({"t": "reply", "ok": False, "error": "no such valve"})
    chinese, english = fonts.Texts("zh-CN"), fonts.Texts("en")
    if chinese.language != "zh-CN":
        pytest.skip(NEEDS_FONT)

    assert [line.t_s for line in scene.lines][:3] == [15.1, 20.0, 21.0]
    assert [panel.sentence(line, chinese) for line in scene.lines] == [
        "液氯卸车鹤位 CL2-BAY 开始泄漏",
        "风变",
        "操作：关闭 XV-101",
        "未执行：no such valve",
    ]
    assert panel.sentence(scene.lines[2], english) == "Done: Close XV-101"


async def test_the_window_runs_headless_and_saves_a_picture(tmp_path: Path, scene: Scene):
    """As a process under SDL's dummy driver: connects, draws frames, saves the last one, ends."""
    assert scene.hello
    assert scene.state
    server = FeedServer(tmp_path / "s", scene.hello, lambda *_: "")
    await server.start()
    shot = tmp_path / "shot.png"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "simulator.view", "--feed", str(tmp_path / "s")),
        *("--frames", "5", "--screenshot", str(shot)),
        env={**os.environ, "SDL_VIDEODRIVER": "dummy"},
    )
    waiting = asyncio.ensure_future(process.wait())
    while not waiting.done():
        server.frame(scene.state)
        await asyncio.wait([waiting], timeout=0.1)
    await server.stop()
    picture = pygame.image.load(str(shot))

    assert waiting.result() == 0
    assert picture.get_size() == theme.SIZE
    assert count(picture, theme.LEVEL_2) > 50
