"""The areas are spoken: a site's own recording first, else espeak-ng's, else nothing."""

from __future__ import annotations

import asyncio
import shutil
import wave
from dataclasses import replace
from pathlib import Path

import pytest

from edge.console import speech as module
from edge.console.speech import Speech
from edge.site.model import Area, Site
from edge.site.parts import Title

AREAS = (
    Area(id="cl2", title=Title(zh="液氯区", en="Chlorine area")),
    Area(id="odd", title=Title(zh="-v x $(id) '\"", en="a title that is no option of a program")),
)
needs_voice = pytest.mark.skipif(
    shutil.which("espeak-ng") is None, reason="espeak-ng is not installed"
)


def made_in(folder: Path, name: str) -> list[Path]:
    """Return the sound files that were made and whose names begin so."""
    return sorted(folder.glob(f"speech/{name}*"))


@pytest.fixture
def speech(site: Site, tmp_path: Path) -> Speech:
    """The speech of two areas, nothing made yet."""
    file = site.file.model_copy(update={"areas": AREAS})
    return Speech(replace(site, file=file, root=tmp_path), tmp_path / "speech")


@needs_voice
async def test_every_area_and_level_is_made_once(speech: Speech, tmp_path: Path):
    """What is made are sound files of a second or more, level by level another, and kept."""
    await speech.prepare()

    sounds = [await speech.sound(area, level) for area in ("cl2", "odd") for level in (1, 2)]
    assert all(sound and sound.startswith(b"RIFF") for sound in sounds)
    assert sounds[0] != sounds[1]
    made = made_in(tmp_path, "")
    assert len(made) == 4
    with wave.open(str(made[0])) as file:
        assert 1 < file.getnframes() / file.getframerate() < 6
    before = [path.stat().st_mtime_ns for path in made]
    await speech.prepare()
    assert [path.stat().st_mtime_ns for path in made] == before


async def test_the_sites_own_recording_comes_first(speech: Speech, tmp_path: Path):
    """A file in the site's folder is served as it is, and no other is made."""
    (tmp_path / "sounds").mkdir()
    (tmp_path / "sounds" / "cl2-2.wav").write_bytes(b"RIFF own")
    await speech.prepare()

    assert await speech.sound("cl2", 2) == b"RIFF own"
    assert not made_in(tmp_path, "cl2-2")


async def test_without_a_voice_there_is_nothing(speech: Speech, monkeypatch):
    """No program, no recording: no sound, and no error."""
    monkeypatch.setattr(module.shutil, "which", lambda name: None)
    await speech.prepare()

    assert await speech.sound("cl2", 1) is None
    assert await speech.sound("nobody", 1) is None


async def test_a_voice_that_fails_leaves_no_half_file(speech: Speech, monkeypatch, tmp_path: Path):
    """A program that ends with an error is said in the log; the console goes on."""
    monkeypatch.setattr(module.shutil, "which", lambda name: "/bin/false")
    await speech.prepare()

    assert await speech.sound("cl2", 1) is None
    assert made_in(tmp_path, "") == []


async def test_a_sound_that_is_being_made_is_waited_for(speech: Speech):
    """A page that asks while the console starts gets its answer once all is made."""
    asking = asyncio.create_task(speech.sound("cl2", 1))
    await asyncio.sleep(0)
    assert not asking.done()
    await speech.prepare()
    await asking


async def test_the_console_serves_it_to_who_may_look(bench):
    """The file of an area and level, nothing where nobody can speak it, a refusal elsewhere."""
    folder = bench.static / "sounds"
    folder.mkdir()
    (folder / "cl2-1.wav").write_bytes(b"RIFF one")
    await bench.speech.prepare()
    page = bench.page()

    assert await page.get("/api/v1/speech/cl2/1.wav") == (200, "RIFF one")
    assert (await page.get("/api/v1/speech/nowhere/1.wav"))[0] == 204
    assert (await page.get("/api/v1/speech/cl2/3.wav"))[0] == 422
    assert (await page.get("/api/v1/speech/..%2f..%2fsite/1.wav"))[0] in {204, 404}
    far = bench.page(x_forwarded_for="10.1.2.3")
    assert (await far.get("/api/v1/speech/cl2/1.wav"))[0] == 401
