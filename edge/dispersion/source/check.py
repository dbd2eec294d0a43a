"""What every discharge model asks of its numbers before it uses them."""

from __future__ import annotations

import math

from edge.dispersion.notes import RefusedError

# What a number may be, as (least, greatest); the least itself only where it is in `FROM`.
LIMITS: dict[str, tuple[float, float]] = {
    "hole": (0.0, 10.0),  # m
    "area": (0.0, 100.0),  # m2
    "pressure": (0.0, 1e9),  # Pa, absolute
    "temperature": (10.0, 3000.0),  # K
    "density": (0.0, 3e4),  # kg/m3
    "gamma": (1.0, 5.0),  # a dense gas's isentropic exponent too
    "cd": (0.0, 1.0),
    "head": (0.0, 1e3),  # m of liquid
    "height": (0.0, 1e3),  # m
    "length": (0.0, 1e5),  # m of pipe
    "loss": (0.0, 1e9),  # velocity heads
    "roughness": (0.0, 0.1),  # m
    "size": (0.0, 1e3),  # m, of a vessel
    "fill": (0.0, 1.0),
    "duration": (0.0, 1e7),  # s
    "mass": (0.0, 1e9),  # kg
    "quality": (0.0, 1.0),
    "elevation": (-90.0, 90.0),  # deg
    "blowdown": (0.0, 1.0),
}
FROM = {"head", "height", "length", "loss", "fill", "quality", "elevation", "roughness", "blowdown"}


def checked(kind: str, value: float) -> float:
    """Return `value` if a number of this `kind` may be so, in the unit of `LIMITS`.

    Raises `RefusedError` with `dispersion.refused.source-<kind>` for NaN, infinite, too small or
    too large values.
    """
    least, greatest = LIMITS[kind]
    above = value >= least if kind in FROM else value > least
    if not (math.isfinite(value) and above and value <= greatest):
        raise RefusedError(f"dispersion.refused.source-{kind}", value=f"{value:g}")
    return value


def driven(inside_pa: float, outside_pa: float) -> None:
    """Refuse a flow that would run backward or not at all: pressures [Pa] at the hole."""
    if not inside_pa > outside_pa:
        raise RefusedError(
            "dispersion.refused.source-no-flow",
            inside_kpa=f"{inside_pa / 1e3:.2f}",
            outside_kpa=f"{outside_pa / 1e3:.2f}",
        )
