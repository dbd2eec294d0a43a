"""The passive plume as a `Solution`: an emission of steps in a steady, straight wind.

`solve` takes surface-layer theory ("similarity") or any published set of sigmas by name; the
passage of each step is Palazzi's closed form (`finite`). Where cloud or wind change during the
release, or the gas comes all at once, the puffs are the model. A source of area A begins with
sigma_y0 = A^1/2 / 4.3 (AFTOX: width / 4.3). No concentration is ever above the source's own.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from edge.dispersion.arrays import Bools, Floats
from edge.dispersion.constants import AIR_KG_MOL
from edge.dispersion.emission import Emission, Kind
from edge.dispersion.notes import ModelUse, Note, RefusedError
from edge.dispersion.passive.plume import set_plume, similarity_plume, steady_table
from edge.dispersion.passive.plume.briggs import wind_frame
from edge.dispersion.passive.plume.finite import ALONG
from edge.dispersion.passive.plume.passage import TAIL, Unit
from edge.dispersion.passive.plume.similarity_plume import FARTHEST_M, Terms
from edge.dispersion.passive.plume.steady_table import Tables
from edge.dispersion.passive.sigma.sets import SETS
from edge.dispersion.solution import OneEmission
from edge.dispersion.weather.weather import Weather
from edge.substance.fluid import GAS_CONSTANT

SIMILARITY = "similarity"
WIDTHS = 4.3  # a source's width over sigma_y0
BESIDE_M = 0.5  # a point source fills a circle of this radius
CALM_M_S = 1.0  # below, diffusion along the wind is no longer small
LEAST_K = 50.0  # colder than any gas is


@dataclass(frozen=True, slots=True)
class Seen:
    """The points that the gas reaches (n,): downwind and crosswind [m], which lie in the source.

    `reached` has the shape of all points asked for, and says which of them these are.
    """

    x_m: Floats
    y_m: Floats
    within: Bools
    reached: Bools


@dataclass(frozen=True, slots=True)
class SteadyPlume(OneEmission):
    """A solved plume; the face is `Solution`'s. `most_kg_m3` [kg/m3] is the gas at the source.

    `tables` is what the maps are read from: what depends on the distance downwind alone.
    """

    emission: Emission
    weather: Weather
    plume: Unit
    most_kg_m3: float
    averaging_s: float
    use: ModelUse
    tables: Tables = field(repr=False, compare=False)

    @property
    def heading_deg(self) -> float:
        """Return where the plume goes [deg, clockwise from north]."""
        return (self.weather.from_deg + 180) % 360

    @property
    def horizon_s(self) -> float:
        """Return when the last gas has passed `FARTHEST_M` [s]."""
        gone = float(self.plume.time_s(np.array([FARTHEST_M]))[0])
        return self.emission.duration_s + gone * (1 + TAIL * ALONG)

    def concentration(self, x_m: Floats, y_m: Floats, z_m: float, t_s: float) -> Floats:
        """As `Solution.concentration`; a mean over `averaging_s` at every time."""
        if not math.isfinite(t_s):
            raise RefusedError("dispersion.refused.plume-time", t_s=t_s)
        return self._map(x_m, y_m, z_m, lambda x, y, z: self.tables.concentration(x, y, z, t_s))

    def steady(self, x_m: Floats, y_m: Floats, z_m: float) -> Floats:
        """Return what the strongest step would give for ever [kg/m3]; same shape."""
        most = float(np.max(self.tables.steps[:, 2]))
        return self._map(x_m, y_m, z_m, lambda x, y, z: self.plume.unit(x, y, z) * most)

    def peak(self, x_m: Floats, y_m: Floats, z_m: float, averaging_s: float) -> Floats:
        """As `Solution.peak`: the greatest mean over `averaging_s` >= 0 [s] that ever comes."""
        if not 0 <= averaging_s < math.inf:
            raise RefusedError("dispersion.refused.plume-averaging", averaging_s=averaging_s)
        return self._map(x_m, y_m, z_m, lambda x, y, z: self.tables.peak(x, y, z, averaging_s))

    def load(self, x_m: Floats, y_m: Floats, z_m: float, exponent: float) -> Floats:
        """As `Solution.load`: the integral of c^n over all time [(kg/m3)^n s]; n > 0."""
        if not 0 < exponent < math.inf:
            raise RefusedError("dispersion.refused.plume-exponent", exponent=exponent)
        most = self.most_kg_m3

        def total(x: Floats, y: Floats, z: float) -> Floats:
            return self.tables.load(x, y, z, exponent, most)

        return self._map(x_m, y_m, z_m, total, capped=False)

    def _map(
        self,
        x_m: Floats,
        y_m: Floats,
        z_m: float,
        read: Callable[[Floats, Floats, float], Floats],
        *,
        capped: bool = True,
    ) -> Floats:
        """Return what `read` gives at the reached points; inside the source at its own height."""
        seen = self._seen(x_m, y_m, z_m)
        values = read(seen.x_m, seen.y_m, z_m)
        if np.any(seen.within):
            x, y = seen.x_m[seen.within], seen.y_m[seen.within]
            values[seen.within] = read(x, y, self.emission.height_m)
        return self._spread(seen, values, capped=capped)

    def _seen(self, x_m: Floats, y_m: Floats, z_m: float) -> Seen:
        if not 0 <= z_m < math.inf:
            raise RefusedError("dispersion.refused.plume-height", z_m=z_m)
        if not (np.all(np.isfinite(x_m)) and np.all(np.isfinite(y_m))):
            raise RefusedError("dispersion.refused.plume-point")
        dx, dy = x_m - self.emission.x_m, y_m - self.emission.y_m
        down, cross = wind_frame(dx, dy, self.weather.from_deg)
        edge = max(BESIDE_M, 0.5 * math.sqrt(max(s.area_m2 for s in self.emission.steps)))
        inside = (np.abs(down) <= edge) & (np.abs(cross) <= edge)
        reached = (down > 0) | inside
        within = inside[reached]
        x = np.where(within, edge, np.maximum(down[reached], BESIDE_M))
        return Seen(x, np.where(within, 0.0, cross[reached]), within, reached)

    def _spread(self, seen: Seen, values: Floats, *, capped: bool = True) -> Floats:
        """Return `values` of the reached points in the points' own shape, 0 elsewhere."""
        out = np.zeros(seen.reached.shape)
        out[seen.reached] = np.minimum(values, self.most_kg_m3) if capped else values
        return out


def solve(
    emission: Emission,
    weather: Weather,
    molar_mass_kg_mol: float,
    sigmas: str = SIMILARITY,
    terms: Terms | None = None,
) -> SteadyPlume:
    """Return the plume of `emission` in a steady wind.

    `sigmas` is "similarity" or a plume set of `SETS`; the source's area goes into `terms`' width.
    Raises `RefusedError` for an emission all at once or a rate that is no number of at least 0
    (with one above 0), a molar mass not above 0, an unknown set, a puff's set, or air without wind.
    """
    _check(emission, molar_mass_kg_mol, sigmas)
    coldest = min(step.temperature_k for step in emission.steps)
    if not (LEAST_K <= coldest < math.inf and 0 < weather.pressure_pa < math.inf):
        raise RefusedError("dispersion.refused.plume-gas-state", temperature_k=coldest)
    width = math.sqrt(max(step.area_m2 for step in emission.steps)) / WIDTHS
    terms = replace(terms or Terms(), width_m=max(width, terms.width_m if terms else 0.0))
    if sigmas == SIMILARITY:
        plume: Unit = similarity_plume.build(weather, emission.height_m, terms)
    else:
        plume = set_plume.build(SETS[sigmas], weather, emission.height_m, terms)
    air = emission.air_fraction
    volume = (1 - air) / molar_mass_kg_mol + air / AIR_KG_MOL  # of the mixture [mol/kg]
    most = (1 - air) * weather.pressure_pa / (GAS_CONSTANT * coldest * volume)
    used = ModelUse(
        f"passive.plume.{sigmas}",
        Note("dispersion.note.plume-validity", {"sigmas": sigmas}),
        _strains(weather, emission, plume),
    )
    gas = [(step.start_s, step.end_s, step.rate_kg_s * (1 - air)) for step in emission.steps]
    table = steady_table.tables(plume, np.array(sorted(gas), dtype=np.float64))
    return SteadyPlume(emission, weather, plume, most, terms.averaging_s, used, table)


def _check(emission: Emission, molar_mass_kg_mol: float, sigmas: str) -> None:
    if emission.kind is Kind.INSTANT or not emission.steps:
        raise RefusedError("dispersion.refused.plume-instant")
    rates = [step.rate_kg_s for step in emission.steps]
    if not all(0 <= rate < math.inf for rate in rates) or max(rates) == 0:
        raise RefusedError("dispersion.refused.plume-rate", rate_kg_s=min(rates))
    places = (emission.x_m, emission.y_m, *(step.area_m2 for step in emission.steps))
    ordered = all(0 <= step.start_s < step.end_s < math.inf for step in emission.steps)
    ordered = ordered and 0 <= emission.air_fraction < 1
    if not (all(map(math.isfinite, places)) and min(places[2:]) >= 0 and ordered):
        raise RefusedError("dispersion.refused.plume-emission")
    if not 0 < molar_mass_kg_mol < math.inf:
        raise RefusedError(
            "dispersion.refused.plume-molar-mass", molar_mass_kg_mol=molar_mass_kg_mol
        )
    if sigmas not in SETS or SETS[sigmas].averaging_s == 0:
        known = ", ".join(name for name, one in SETS.items() if one.averaging_s > 0)
        raise RefusedError("dispersion.refused.plume-sigma-set", sigmas=sigmas, known=known)


def _strains(weather: Weather, emission: Emission, plume: Unit) -> tuple[Note, ...]:
    """Return the notes on where this case strains the model."""
    notes: list[Note] = []
    if weather.speed_m_s < CALM_M_S:
        notes.append(Note("dispersion.note.light-wind", {"speed_m_s": round(weather.speed_m_s, 2)}))
    if emission.height_m > weather.mixing_height_m:
        notes.append(Note("dispersion.note.above-lid", {"lid_m": round(weather.mixing_height_m)}))
    deep = 0.1 * weather.mixing_height_m
    if isinstance(plume, similarity_plume.SimilarityPlume) and math.isfinite(deep):
        mean = plume.track.mean_m
        if mean[-1] > deep:
            far = float(np.interp(deep, mean, plume.track.x_m))
            notes.append(Note("dispersion.note.beyond-surface-layer", {"x_m": round(far)}))
    return tuple(notes)
