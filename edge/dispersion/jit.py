"""The one way to compile a kernel: strict IEEE arithmetic, cached on disk where that can be done.

`NUMBA_CACHE_DIR` is set by the daemon or the command line before this is imported, so only a
machine's first start compiles.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import numba  # pyright: ignore[reportMissingTypeStubs] -- numba ships no types
import structlog

log = structlog.get_logger(__name__)
F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """Return `function` compiled by numba on first call, cached on disk where that can be done."""
    njit = cast("Callable[..., Callable[[F], F]]", numba.njit)  # pyright: ignore[reportUnknownMemberType] -- untyped
    try:
        return njit(cache=True)(function)
    except RuntimeError as error:  # no writable place for the cache: slower start, same numbers
        log.warning("numba cache unavailable", function=function.__name__, error=str(error))
        return njit()(function)
