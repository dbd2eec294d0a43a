"""Compile `curves.csv`: each fluid's properties over temperature.

Tabulated so that straight lines between the points stay within `TOLERANCE` of the correlation.
"""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass, replace

from edge.errors import ConfigError, Fault
from edge.substance.compiler import anchored, coolprop, handbook
from edge.substance.compiler.correlation import Correlation, grid, written
from edge.substance.fluid import COLUMNS, CURVES

TOLERANCE = 0.001  # of the value; for vapour pressure of ln p
TRANSPORT_TOLERANCE = 0.003  # of what is known to a few per cent only, and bends much
TRANSPORT = ("liquid_viscosity", "surface_tension", "liquid_conductivity")
COLD_K = 233.15  # what is liquid at -40 degC is tabulated down to there
WARM_K = 333.15  # and up to here, or this far above its boiling point
ABOVE_BOILING_K = 30.0
GAS_COLD_K, GAS_LOW_K, GAS_HIGH_K = 100.0, 200.0, 1000.0
CLOSE_K = 1.0  # a correlation that ends this close to what is wanted is not drawn out
BOILING_K = 0.5  # how far a vapour pressure may boil from the table's boiling point
NEAR_CRITICAL = 0.98
EXPONENTIAL = ("vapour_pressure", "liquid_viscosity")
REQUIRED = ("vapour_pressure", "liquid_density", "liquid_cp", "gas_cp", "latent_heat")


@dataclass(frozen=True, slots=True)
class Point:
    """One measured value [SI] of a property at `temperature_k`, where no correlation is known.

    `coefficients` hold that value; more than one are those of a polynomial in T.
    """

    temperature_k: float
    coefficients: tuple[float, ...]
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Recipe:
    """What the curves of one substance are made from: constants of the table, and where to look.

    `coolprop` names its fluid ("" for none); `points` are single values by property.
    """

    id: str
    cas: str
    coolprop: str
    molar_mass_kg_mol: float
    t_melt_k: float
    t_boil_k: float
    t_crit_k: float
    acentric: float
    points: dict[str, Point]


def compile_curves(recipes: list[Recipe]) -> str:
    """Return the text of `curves.csv`; `ConfigError` names what a fluid that is begun still lacks.

    A substance without a vapour pressure is no fluid and has no row but its gas heat capacity.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    faults: list[Fault] = []
    for recipe in recipes:
        found = {name: one for name in CURVES if (one := curve(recipe, name)) is not None}
        missing = [name for name in REQUIRED if name not in found]
        if missing and "vapour_pressure" in found:
            faults.append(
                Fault("points.csv", 0, recipe.id, f"{missing} missing", "Add a point with source")
            )
        for name, one in found.items():
            writer.writerow([recipe.id, name, *_tabulated(name, one)])
    if faults:
        raise ConfigError(faults)
    return out.getvalue()


def _tabulated(name: str, one: Correlation) -> list[str]:
    """Return the cells of a curve: source, confidence, temperatures [K] and values [SI]."""
    if name == "vapour_pressure":
        xs, ys = grid(
            lambda x: math.log(one.value(-1 / x)),
            -1 / one.low_k,
            -1 / one.high_k,
            TOLERANCE,
            relative=False,
        )
        xs, ys = [-1 / x for x in xs], [math.exp(y) for y in ys]
    else:
        tolerance = TRANSPORT_TOLERANCE if name in TRANSPORT else TOLERANCE
        xs, ys = grid(one.value, one.low_k, one.high_k, tolerance, relative=True)
    return [
        one.source,
        one.confidence,
        " ".join(f"{x:.7g}" for x in xs),
        " ".join(written(y) for y in ys),
    ]


def curve(recipe: Recipe, name: str) -> Correlation | None:
    """Return the best curve there is of a property, over the range the table keeps; else None."""
    found = _found(recipe, name)
    if found is None:
        return None
    if name == "gas_cp":
        found = anchored.drawn_out(found, GAS_LOW_K, found.high_k, exponential=False)
        cold = min(GAS_COLD_K, recipe.t_boil_k)
        return replace(found, low_k=max(found.low_k, cold), high_k=min(found.high_k, GAS_HIGH_K))
    low, high = liquid_range(recipe)
    reach = min(max(WARM_K, recipe.t_boil_k + ABOVE_BOILING_K), NEAR_CRITICAL * recipe.t_crit_k)
    floor = low if recipe.t_boil_k < COLD_K else max(low, COLD_K)
    floor = found.low_k if abs(found.low_k - floor) < CLOSE_K else floor
    reach = found.high_k if abs(found.high_k - reach) < CLOSE_K else reach
    found = anchored.drawn_out(found, floor, reach, exponential=name in EXPONENTIAL)
    return replace(found, low_k=max(found.low_k, low), high_k=min(found.high_k, high))


def liquid_range(recipe: Recipe) -> tuple[float, float]:
    """Return from where to where [K] a substance's liquid is tabulated."""
    return recipe.t_melt_k + 0.01, NEAR_CRITICAL * recipe.t_crit_k


def _found(recipe: Recipe, name: str) -> Correlation | None:
    """Return the first correlation that knows the property: CoolProp, a handbook, a point."""
    if recipe.coolprop:
        found = coolprop.correlation(recipe.coolprop, name)
        # CoolProp knows no ideal gas below the triple point, where vapour in cold air is
        if found is not None and (name != "gas_cp" or found.low_k <= GAS_LOW_K):
            return found
    point = recipe.points.get(name)
    if point is not None:
        return _from_point(recipe, name, point)
    finders = handbook.FINDERS[name]
    candidates = [find(recipe.cas, recipe.molar_mass_kg_mol) for find in finders.values()]
    known = [candidate for candidate in candidates if candidate is not None]
    if name == "vapour_pressure":
        known.sort(key=lambda candidate: _boils_wrong(candidate, recipe.t_boil_k) > BOILING_K)
    if name == "gas_cp":
        known.sort(key=lambda candidate: candidate.low_k > GAS_LOW_K)
    return known[0] if known else None


def _boils_wrong(candidate: Correlation, t_boil_k: float) -> float:
    """Return how far [K] from `t_boil_k` a vapour pressure reaches one atmosphere."""
    here, below = candidate.value(t_boil_k), candidate.value(t_boil_k - 1.0)
    return abs(math.log(here / 101_325.0) / math.log(here / below))


def _from_point(recipe: Recipe, name: str, point: Point) -> Correlation:
    """Return a curve through one measured value, by the rule for that property."""
    low, high = liquid_range(recipe)
    at, value = point.temperature_k, point.coefficients[0]
    if name == "latent_heat":
        made = anchored.latent(at, value, recipe.t_crit_k, point.source, low, high)
    elif name == "liquid_density":
        made = anchored.density(
            at, value, recipe.t_crit_k, recipe.acentric, point.source, low, high
        )
    elif len(point.coefficients) > 1:
        made = anchored.polynomial(point.coefficients, point.source, GAS_LOW_K, GAS_HIGH_K)
    else:
        made = anchored.constant(value, point.source, low, high, at)
    # a value that is only recalled makes no better curve than itself
    return made if point.confidence == "verified" else replace(made, confidence=point.confidence)
