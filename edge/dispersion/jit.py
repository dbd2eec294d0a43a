"""The one way to compile a kernel: strict IEEE arithmetic, cached on disk where that can be done.

`NUMBA_CACHE_DIR` is set by the daemon or the command line before this is imported, so only a
machine's first start compiles. A kernel lets go of the interpreter's lock while it runs, so that
an ensemble's threads run beside each other: it must not share what it writes with another call.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import TypeVar, cast

import numba  # pyright: ignore[reportMissingTypeStubs] -- numba ships no types
import structlog

log = structlog.get_logger(__name__)
F = TypeVar("F", bound=Callable[..., object])
DISPERSION = Path(__file__).parent


def compiled(function: F) -> F:
    """Return `function` compiled by numba on first call, cached on disk where that can be done."""
    njit = cast("Callable[..., Callable[[F], F]]", numba.njit)  # pyright: ignore[reportUnknownMemberType] -- untyped
    _stamp(cast("FunctionType", function))
    try:
        return njit(cache=True, nogil=True)(function)
    except RuntimeError as error:  # no writable place for the cache: slower start, same numbers
        log.warning("numba cache unavailable", function=function.__name__, error=str(error))
        return njit(nogil=True)(function)


def _stamp(function: FunctionType) -> None:
    """Let `function` say that it is from the file of its room that changed last.

    numba looks at a function's own file alone to see whether its cache is stale; but a kernel has
    in it what it calls and every constant it names, from whatever file of the room.
    """
    path = Path(function.__code__.co_filename)
    room = path.parent
    if path.is_relative_to(DISPERSION):
        room = DISPERSION.joinpath(*path.relative_to(DISPERSION).parts[:-1][:1])
    newest = _newest(room)
    if newest is not None:
        function.__code__ = function.__code__.replace(co_filename=str(newest))


@cache
def _newest(room: Path) -> Path | None:
    """Return the Python file of `room` that changed last; None where it holds no files."""
    files = room.rglob("*.py")
    return max(files, key=lambda path: (path.stat().st_mtime_ns, str(path)), default=None)
