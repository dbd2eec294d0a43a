"""The dense kernels compiled: the very functions of the readable modules, not a second text.

Each scalar function is copied with its globals, in which the functions it calls are already
compiled; so `march_plume` and `march_puff` here do what `march`'s do, some hundred times faster.
They hold no interpreter lock, so that an ensemble runs on as many threads as there are cores.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType, ModuleType

from edge.dispersion.dense import air, entrain, field, march, plume, puff, thermo
from edge.dispersion.jit import compiled

Kernel = Callable[..., object]
MODULES: tuple[ModuleType, ...] = (air, thermo, entrain, plume, puff, march, field)


def _compile(function: FunctionType, space: dict[str, object]) -> Kernel:
    """Return `function` compiled within `space`."""
    copy = FunctionType(function.__code__, space, function.__name__, function.__defaults__)
    copy.__qualname__ = function.__qualname__
    return compiled(copy)


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
