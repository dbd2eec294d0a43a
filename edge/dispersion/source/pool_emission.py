"""From a pool's moments to the emission that a dispersion model takes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from edge.dispersion.emission import Emission, Kind, Step
from edge.dispersion.notes import ModelUse, Note, RefusedError
from edge.dispersion.source.pool import Moment, Pool

ALIKE = 1.15  # rates and areas within this ratio make one step


def emission(pool: Pool, x_m: float, y_m: float) -> Emission:
    """Return what `pool` gives off at (`x_m`, `y_m`) [site metres], in steps of about one rate.

    The steps' mass is the evaporated mass to rounding. `RefusedError` where nothing evaporated.
    """
    if not pool.moments[-1].evaporated_kg > 0:
        raise RefusedError("dispersion.refused.pool-nothing", substance=pool.spill.fluid.id)
    use = ModelUse(
        "source.pool",
        Note("dispersion.model.pool", {"transfer": pool.transfer.value}),
        pool.notes,
    )
    return Emission(
        substance=pool.spill.fluid.id,
        kind=Kind.POOL,
        x_m=x_m,
        y_m=y_m,
        height_m=0.0,
        steps=steps(pool.moments),
        models=(use,),
        notes=pool.notes,
    )


def steps(moments: Sequence[Moment], liquid: float = 0.0) -> tuple[Step, ...]:
    """Return `moments` as steps: neighbours of like rate and area are one, of their whole mass.

    A step's temperature and area are means by evaporated mass. A dry end is left out. `liquid` is
    the mass fraction of droplets.
    """
    found: list[Step] = []
    first = 0
    last = max(i for i, moment in enumerate(moments) if moment.rate_kg_s > 0)
    for i in range(1, last + 1):
        if i == last or not _alike([*moments[first + 1 : i + 1], moments[i + 1]]):
            found.append(_step(moments[first : i + 1], liquid))
            first = i
    return tuple(found)


def _alike(moments: Sequence[Moment]) -> bool:
    """Whether the moments' rates and areas lie within one ratio."""
    rates = [moment.rate_kg_s for moment in moments]
    areas = [moment.area_m2 for moment in moments]
    return max(rates) <= ALIKE * min(rates) and max(areas) <= ALIKE * min(areas)


def _step(moments: Sequence[Moment], liquid: float) -> Step:
    """Return the step from the first moment to the last."""
    start, end = moments[0], moments[-1]
    lasted = end.time_s - start.time_s
    shares = [m.rate_kg_s * (m.time_s - b.time_s) for b, m in pairwise(moments)]
    mass = sum(shares)
    weights = shares if mass > 0 else [m.time_s - b.time_s for b, m in pairwise(moments)]
    whole = sum(weights)
    return Step(
        start_s=start.time_s,
        end_s=end.time_s,
        rate_kg_s=mass / lasted,
        temperature_k=sum(w * m.temperature_k for w, m in zip(weights, moments[1:], strict=True))
        / whole,
        area_m2=sum(w * m.area_m2 for w, m in zip(weights, moments[1:], strict=True)) / whole,
        liquid_fraction=liquid,
    )
