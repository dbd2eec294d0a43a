"""The dense kernels compiled: the very functions of the readable modules, not a second text.

Each scalar function is copied with its globals, in which the functions it calls are already
compiled; so `march_plume` and `march_puff` here do what `march`'s do, some hundred times faster.
They hold no interpreter lock, so that an ensemble runs on as many threads as there are cores.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import FunctionType, ModuleType
from typing import cast

import numba  # pyright: ignore[reportMissingTypeStubs] -- numba ships no types
import structlog

from edge.dispersion.dense import air, entrain, field, march, plume, puff, thermo

log = structlog.get_logger(__name__)
Kernel = Callable[..., object]
MODULES: tuple[ModuleType, ...] = (air, thermo, entrain, plume, puff, march, field)


def _newest() -> str:
    """Return the module file that changed last.

    numba looks at a function's own file alone to see whether its cache is stale; a kernel is
    also stale when one that it calls has changed, so all of them say they are from this file.
    """
    return max(
        (str(module.__file__) for module in MODULES), key=lambda path: Path(path).stat().st_mtime
    )


def _compile(function: FunctionType, space: dict[str, object]) -> Kernel:
    """Return `function` compiled within `space`, cached on disk where that can be done."""
    code = function.__code__.replace(co_filename=_newest())
    copy = FunctionType(code, space, function.__name__, function.__defaults__)
    copy.__qualname__ = function.__qualname__
    njit = cast("Callable[..., Callable[[Kernel], Kernel]]", numba.njit)  # pyright: ignore[reportUnknownMemberType] -- untyped
    try:
        return njit(cache=True, nogil=True)(copy)
    except RuntimeError as error:  # no writable place for the cache: slower start, same numbers
        log.warning("numba cache unavailable", function=function.__name__, error=str(error))
        return njit(nogil=True)(copy)


def _build() -> dict[str, Kernel]:
    """Return the compiled functions by module and name, callees first."""
    done: dict[FunctionType, Kernel] = {}
    named: dict[str, Kernel] = {}
    for module in MODULES:
        own = [
            thing
            for thing in vars(module).values()
            if isinstance(thing, FunctionType) and thing.__module__ == module.__name__
        ]
        space: dict[str, object] = dict(vars(module))
        for name, thing in space.items():
            if isinstance(thing, FunctionType) and thing in done:
                space[name] = done[thing]
        for function in own:
            done[function] = _compile(function, space)
            space[function.__name__] = done[function]
            named[f"{module.__name__.rsplit('.', 1)[1]}.{function.__name__}"] = done[function]
    return named


COMPILED = _build()
march_plume = COMPILED["march.march_plume"]
march_puff = COMPILED["march.march_puff"]
tabulate = COMPILED["field.tabulate"]
snapshot = COMPILED["field.snapshot"]
greatest = COMPILED["field.greatest"]
dose = COMPILED["field.dose"]
