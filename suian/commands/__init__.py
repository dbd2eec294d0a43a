"""The command line's groups of commands: one file each, with its `app`."""

from __future__ import annotations

import sys
from collections.abc import Callable

import typer


def call(command: Callable[[], object]) -> None:
    """Run a command; an error made for people is printed as such, with exit code 2."""
    from edge.errors import SuianError  # noqa: PLC0415 - see suian.cli's first lines

    try:
        command()
    except SuianError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
