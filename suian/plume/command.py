"""What `suian plume` does: read, solve, show."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edge.dispersion.notes import RefusedError
from edge.errors import SuianError
from edge.words import LANGUAGES
from suian.plume.answer import run
from suian.plume.noting import note_text
from suian.plume.page import make_page
from suian.plume.picture import write_png
from suian.plume.reading import read_scenario
from suian.plume.show import as_geojson, as_html, as_json
from suian.plume.terminal import as_text


@dataclass(frozen=True, slots=True)
class PlumeOptions:
    """A computation as it is asked for."""

    scenario: Path
    language: str = "zh-CN"
    engineering: bool = False
    png: Path | None = None
    geojson: Path | None = None
    html: Path | None = None
    json: bool = False
    colour: bool = False


def compute(options: PlumeOptions) -> str:
    """Write the files that are asked for; return what is to be printed.

    Raises `SuianError` with what is wrong with the options or the scenario, and with what the
    models refuse and why.
    """
    if options.language not in LANGUAGES:
        raise SuianError(f"--lang {options.language!r}: write one of {', '.join(LANGUAGES)}")
    scenario = read_scenario(options.scenario)
    if options.geojson is not None and scenario.origin is None:
        raise SuianError("--geojson needs to know where the site is: add 'origin' to the scenario")
    try:
        found = run(scenario, engineering=options.engineering)
    except RefusedError as refused:
        told = note_text(refused.note, options.language, digits=6)
        raise SuianError(f"{options.scenario.name}: {told}") from None
    page = make_page(found, options.language, engineering=options.engineering)
    if options.html is not None:
        _write(options.html, as_html(found, page).encode())
    if options.geojson is not None:
        _write(options.geojson, as_geojson(found))
    if options.png is not None:
        _folder(options.png)
        write_png(options.png, found, page)
    return as_json(found) if options.json else as_text(page, colour=options.colour)


def _folder(path: Path) -> None:
    if not path.parent.is_dir():
        raise SuianError(f"{path}: the folder {path.parent} is not there")


def _write(path: Path, body: bytes) -> None:
    _folder(path)
    try:
        path.write_bytes(body)
    except OSError as error:
        raise SuianError(f"{path} cannot be written: {error.strerror}") from None
