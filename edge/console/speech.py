"""The area is spoken once: a sound file for each area and detector level, 「液氯区，二级报警」.

A site's own recording, `sounds/<area>-<level>.wav` beside its site.yaml, comes first: a voice that
people know is understood best. What it lacks espeak-ng makes once, where the machine has it; what
neither gives is not spoken, and the page says so.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from pathlib import Path

import structlog

from edge.site.model import Site
from edge.words import say

log = structlog.get_logger(__name__)

LEVELS = (1, 2)
# Plain `cmn` of espeak-ng 1.51 spells Pinyin with English sounds; this one has the tones.
VOICE = ("-v", "cmn-latn-pinyin", "-b", "1", "-s", "150", "-g", "4")
PATIENCE_S = 10.0  # for one sentence, on a machine that has just started
LARGEST = 4_000_000  # bytes; 20 s of a recording are less


class Speech:
    """The spoken areas of one site, whose folder holds its recordings; `made` keeps ours."""

    def __init__(self, site: Site, made: Path) -> None:
        self._texts = {
            (area.id, level): _text(area.title.zh, level)
            for area in site.file.areas
            for level in LEVELS
        }
        self._own, self._made = site.root / "sounds", made
        self._ready = asyncio.Event()

    async def prepare(self) -> None:
        """Make what is missing, one after another; a voice that fails is said once."""
        try:
            program = await asyncio.to_thread(shutil.which, "espeak-ng")
            for (area, level), text in self._texts.items():
                if program is None or await asyncio.to_thread(self._find, area, level):
                    continue
                await _speak(program, text, self._path(area, level))
        except OSError as error:
            log.warning("speech-not-made", error=str(error))
        finally:
            self._ready.set()

    async def sound(self, area: str, level: int) -> bytes | None:
        """Return a WAV file, None where there is none; waits while they are being made."""
        if (area, level) not in self._texts:
            return None
        await self._ready.wait()
        return await asyncio.to_thread(self._read, area, level)

    def _path(self, area: str, level: int) -> Path:
        """Return where a sentence is kept: another title is another file."""
        text = self._texts[area, level]
        digest = hashlib.sha256(" ".join((*VOICE, text)).encode()).hexdigest()[:12]
        return self._made / f"{area}-{level}-{digest}.wav"

    def _find(self, area: str, level: int) -> Path | None:
        own = self._own / f"{area}-{level}.wav"
        return next((path for path in (own, self._path(area, level)) if path.is_file()), None)

    def _read(self, area: str, level: int) -> bytes | None:
        path = self._find(area, level)
        if path is None or path.stat().st_size > LARGEST:
            return None
        return path.read_bytes()


def _text(area: str, level: int) -> str:
    params = {"area": area, "level": say(f"console.speech.level.{level}", "zh-CN")}
    return say("console.speech.text", "zh-CN", params)


async def _speak(program: str, text: str, path: Path) -> None:
    """Write `text` spoken to `path`, whole or not at all. Raises `OSError`."""
    await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    process = await asyncio.create_subprocess_exec(
        program, *VOICE, "--stdin", "-w", str(draft),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(PATIENCE_S):
            _, said = await process.communicate(text.encode())
    except (TimeoutError, asyncio.CancelledError):
        process.kill()
        await process.wait()
        raise
    if process.returncode or not draft.is_file():
        why = said.decode(errors="replace")[:200]
        raise OSError(f"espeak-ng ended with {process.returncode}: {why}")
    await asyncio.to_thread(draft.replace, path)
