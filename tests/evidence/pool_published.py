"""Pools against measured figures: LNG on water and fuming HCl, a sanity layer and no more."""

from __future__ import annotations

from edge.dispersion.source.ground import GROUNDS
from edge.dispersion.source.pool import Spill, pool
from edge.dispersion.source.pool_air import PoolAir, Sky
from edge.dispersion.source.reactive_data import HCL
from edge.substance.fluid import fluid
from tests.evidence.case import VALIDATION, Case

CHAPTER = VALIDATION
TITLE = "Pools: LNG on water (published rates differ by a factor of 2); HCl over its solutions"


def cases() -> list[Case]:
    """Return every published figure and what the model gives."""
    return [*_lng_on_water(), *_hydrochloric()]


def figures() -> dict[str, float | None]:
    """Return the accuracy bench's keys of this field: it has none."""
    return {}


def _lng_on_water() -> list[Case]:
    """LNG on open water: 0.085 (Maplin, Burro as modelled), 0.155-0.195 (Burgess et al. 1970)."""
    methane = fluid("methane")
    spill = Spill(methane, GROUNDS["open-water"], 288.0, 10_000.0, methane.t_boil_k)
    run = pool(spill, PoolAir(5.0, 288.0), Sky(), 60.0)
    now = next(m for m in run.moments if m.time_s > 10)
    ours = now.rate_kg_s / now.area_m2
    return [
        Case("LNG on water", where, figure, ours, "kg/m2/s")
        for where, figure in (
            ("Maplin, Koopman (effective)", 0.085),
            ("Burgess 1970, low", 0.155),
            ("Burgess 1970, high", 0.195),
        )
    ]


def _hydrochloric() -> list[Case]:
    """Total pressure at 20 C by the International Critical Tables (in Wikipedia's table).

    It holds water's share too, which the model leaves out: ours must lie a little below.
    """
    table = ((32, 3.73), (34, 7.24), (36, 14.5), (38, 28.3))
    return [
        Case(
            f"HCl {percent} %",
            "20 C, with water",
            total,
            HCL.pressure_pa(percent / 100, 293.15) / 1000,
            "kPa",
        )
        for percent, total in table
    ]
