"""`suian plume SCENARIO.yaml`: where a gas goes, from one file, at an engineer's desk."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from edge.errors import SuianError
from edge.words import LANGUAGES, say
from suian.commands import call


def plume(
    scenario: Annotated[Path, typer.Argument(help="A scenario file (docs/plume.md).")],
    png: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the map as a picture.")
    ] = None,
    geojson: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the zones for a map, in CGCS2000.")
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write the whole report as a page, for screen and paper."
        ),
    ] = None,
    engineering: Annotated[
        bool, typer.Option("--engineering", help="Add the fraction killed: for engineers only.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
    language: Annotated[str, typer.Option("--lang", help="zh-CN or en.")] = "zh-CN",
) -> None:
    """Compute where a released gas goes: zones, places, doses, with the models' own doubts."""

    def run() -> None:
        kernels = Path.home() / ".cache" / "suian" / "numba"
        os.environ.setdefault("NUMBA_CACHE_DIR", str(kernels))
        first = not Path(os.environ["NUMBA_CACHE_DIR"]).is_dir()
        try:
            from suian.plume.command import PlumeOptions, compute  # noqa: PLC0415 - see suian.cli
        except ImportError as error:
            raise SuianError(
                f"suian plume needs {error.name}: pip install 'suian[plume]' "
                "(from a checkout: pip install '.[plume]')"
            ) from None
        if first and language in LANGUAGES:  # half a minute of silence looks like a hang
            print(say("plume.compiling", language), file=sys.stderr)
        colour = sys.stdout.isatty()
        options = PlumeOptions(scenario, language, engineering, png, geojson, html, as_json, colour)
        print(compute(options), end="\n" if as_json else "")

    call(run)
