"""A pool of liquid: it spreads, takes heat, and evaporates, boiling or not, by one law.

Mass, area and one temperature (well mixed) are followed in time:

    dM/dt = feed - m,   m = A k p_w / (R T) M_w (P / p) ln(1 / (1 - p / P)),   p = p_sat(T)
    M cp dT/dt = feed cp (T_feed - T) + ground + A (air + sun + sky) - m L

The logarithm is Stefan's flow, which near the boiling point grows without bound: a boiling pool
is the same law's limit, held just below boiling and evaporating what heat it gets (TNO Yellow
Book CPR 14E, section 3.5; Kawamura and Mackay 1987, J. Hazardous Materials 15, 343-364, for the
heat balance). `ground`, `pool_air` and `pool_spread` hold the parts.

Domain: pure liquid at or below its boiling point, one air for the whole time, level ground, wind
0.1-60 m/s at 10 m. Each step is solved implicitly, so steps may be as long as one likes; what
evaporates, what lies and what was fed agree to rounding. Not covered: see docs/models/pool.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from edge.dispersion.notes import Note, RefusedError
from edge.dispersion.source.feed import Feed
from edge.dispersion.source.ground import Change, Ground, GroundHeat
from edge.dispersion.source.pool_air import Above, PoolAir, Sky, Transfer, above
from edge.dispersion.source.pool_check import check_ground, check_supply, check_time
from edge.dispersion.source.pool_spread import spread
from edge.dispersion.source.reactive_data import REACTIONS
from edge.substance.fluid import GAS_CONSTANT, Fluid

MIXES_WITH_WATER = frozenset(
    {"ammonia", "methanol", "ethanol", "acetone", "acetic_acid", "hydrogen_fluoride",
     "hydrogen_chloride", "ethylene_oxide", "hydrogen_cyanide", "acrylonitrile", "nitric_acid",
     "dmf", "formaldehyde", "sulfur_dioxide", "propylene_oxide"}
)  # fmt: skip
FIRST_STEP_S = 0.02
SHARE = 0.15  # of the time so far
SPLIT = 0.5  # ln(1/(1 - p/P)) above which the step is solved for it rather than for temperature


@dataclass(frozen=True, slots=True)
class Spill:
    """Liquid on the ground: `mass_kg` [kg] at once at `temperature_k` [K], and `feed` after it.

    `ground_k` [K] is the ground's temperature before; `bund_m2` [m2] the area of a dike around
    it (inf: none). Give one of the two, or both.
    """

    fluid: Fluid
    ground: Ground
    ground_k: float
    mass_kg: float = 0.0
    temperature_k: float = math.nan
    feed: Feed = ()
    bund_m2: float = math.inf


@dataclass(frozen=True, slots=True)
class Moment:
    """A pool at `time_s` [s]: mass [kg], area [m2] and temperature [K] then.

    `rate_kg_s` [kg/s] is the mean evaporation since the moment before; `fed_kg` and
    `evaporated_kg` [kg] count from the start: mass = fed - evaporated.
    """

    time_s: float
    mass_kg: float
    area_m2: float
    temperature_k: float
    rate_kg_s: float
    fed_kg: float
    evaporated_kg: float


@dataclass(frozen=True, slots=True)
class Pool:
    """What became of a spill: its moments, the first at 0 s, and what a reader must know.

    The last moment is the end of the time asked for, or when the pool is dry for good.
    """

    spill: Spill
    air: PoolAir
    transfer: Transfer
    moments: tuple[Moment, ...]
    notes: tuple[Note, ...]


def pool(
    spill: Spill,
    air: PoolAir,
    sky: Sky,
    duration_s: float,
    transfer: Transfer = Transfer.MACKAY_MATSUGU,
) -> Pool:
    """Return the pool of `spill` over `duration_s` [s]; `RefusedError` outside the domain."""
    check_time(duration_s)
    over = above(spill.fluid.molar_mass_kg_mol, air, sky, transfer)
    check(spill, air.pressure_pa)
    try:
        moments, froze = _Run(spill, over).run(duration_s)
    except RefusedError:
        raise
    except ValueError as error:  # a property's table ends
        raise RefusedError("dispersion.refused.pool-property", reason=str(error)) from error
    return Pool(spill, air, transfer, moments, _notes(spill, moments, froze, air))


def check(spill: Spill, pressure_pa: float) -> None:
    """Raise `RefusedError` for a spill that is no pool: no mass, too hot, frozen, sinking."""
    fluid = spill.fluid
    if fluid.id in REACTIONS:  # its vapour alone would hide the gas that it makes
        raise RefusedError("dispersion.refused.pool-reacts", substance=fluid.id)
    check_supply(spill.mass_kg, spill.feed)
    check_ground(spill.ground, spill.ground_k, spill.bund_m2)
    arrivals = [temperature for _, _, _, temperature in spill.feed]
    if spill.mass_kg:
        arrivals.append(spill.temperature_k)
    for temperature in arrivals:
        check_liquid(fluid, temperature, pressure_pa)
    if spill.ground.is_water:
        _check_floats(fluid, arrivals[0])


def check_liquid(fluid: Fluid, temperature_k: float, pressure_pa: float) -> None:
    """Raise `RefusedError` where `fluid` is no liquid at `temperature_k` [K] in open air."""
    params = {"substance": fluid.id, "temperature_k": temperature_k}
    if not 0 < temperature_k < math.inf:
        raise RefusedError("dispersion.refused.pool-temperature", **params)
    if temperature_k >= fluid.t_crit_k:
        raise RefusedError("dispersion.refused.pool-critical", **params, limit_k=fluid.t_crit_k)
    if temperature_k < fluid.t_melt_k:
        raise RefusedError("dispersion.refused.pool-frozen", **params, limit_k=fluid.t_melt_k)
    boiling = fluid.saturation_k(pressure_pa)
    if temperature_k > boiling + 0.5:
        raise RefusedError("dispersion.refused.pool-boiling", **params, limit_k=boiling)


def _check_floats(fluid: Fluid, temperature_k: float) -> None:
    """Raise `RefusedError` for a liquid that water swallows."""
    density = fluid.liquid_density_kg_m3(temperature_k)
    if density >= 990.0:
        raise RefusedError("dispersion.refused.pool-sinks", substance=fluid.id, density=density)
    if fluid.id in MIXES_WITH_WATER:
        raise RefusedError("dispersion.refused.pool-mixes", substance=fluid.id)


def _notes(
    spill: Spill, moments: tuple[Moment, ...], froze: bool, air: PoolAir
) -> tuple[Note, ...]:
    """Return what strains the model in this case."""
    notes: list[Note] = []
    if spill.ground.porosity > 0:
        notes.append(Note("dispersion.note.pool-soaks", {"porosity": spill.ground.porosity}))
    if froze:
        notes.append(Note("dispersion.note.pool-freezes", {"limit_k": spill.fluid.t_melt_k}))
    if spill.ground.change is Change.THAWS and max(m.temperature_k for m in moments) > 273.15:
        notes.append(Note("dispersion.note.pool-thaws", {"ground": spill.ground.id}))
    if air.wind_m_s < 1.5:
        notes.append(Note("dispersion.note.pool-calm", {"wind_m_s": air.wind_m_s}))
    return tuple(notes)


def times(duration_s: float, marks: tuple[float, ...], caps: int = 100) -> tuple[float, ...]:
    """Return the moments to compute [s]: short steps after each of `marks`, long ones later.

    No step is longer than `SHARE` of the time so far: a pool is quickest when it is young, and a
    distant horizon must not average its beginning away.
    """
    stops = sorted({0.0, duration_s, *(m for m in marks if 0 < m < duration_s)})
    grid = [0.0]
    longest = duration_s / caps
    for start, stop in pairwise(stops):
        dt = FIRST_STEP_S if start == 0 else max(FIRST_STEP_S, (stop - start) / 8)
        dt = min(dt, longest, max(FIRST_STEP_S, SHARE * start))
        while grid[-1] + 1.5 * dt < stop:
            grid.append(grid[-1] + dt)
            dt = min(longest, 1.15 * dt)
        grid.append(stop)
    return tuple(grid)


class _Run:
    """One pool being followed: the state that changes, and what a step needs of the rest."""

    def __init__(self, spill: Spill, over: Above) -> None:
        self._spill, self._over, self._fluid = spill, over, spill.fluid
        self._boiling = spill.fluid.saturation_k(over.pressure_pa)
        self._coldest = max(
            spill.fluid.t_melt_k, -1.0 / spill.fluid.ln_vapour_pressure.temperatures_k[0]
        )
        first = spill.temperature_k if spill.mass_kg else spill.feed[0][3]
        self._temperature = min(max(first, self._coldest), self._boiling)
        self._split = max(self._coldest, self._saturation(SPLIT))
        self._mass = spill.mass_kg
        self._area = self._first_area()
        self._fed, self._gone, self._froze = spill.mass_kg, 0.0, False
        self._ground = GroundHeat(spill.ground, spill.ground_k, self._area, self._temperature)

    def _first_area(self) -> float:
        """Return the area [m2] of what fell at once: a cylinder as high as its radius."""
        if not self._mass:
            return 0.0
        volume = self._mass / self._fluid.liquid_density_kg_m3(self._temperature)
        column = math.pi * (volume / math.pi) ** (2 / 3)
        return min(column, volume / self._spill.ground.least_layer_m, self._spill.bund_m2)

    def run(self, duration_s: float) -> tuple[tuple[Moment, ...], bool]:
        """Return the moments until `duration_s` [s], and whether the pool came to its melting."""
        moments = [self._moment(0.0, 0.0)]
        marks = tuple(t for start, end, _, _ in self._spill.feed for t in (start, end))
        start = 0.0
        last_feed = max(marks, default=0.0)
        for end in times(duration_s, marks)[1:]:
            while end > start:
                start = self._step(start, end, moments)
                if not self._mass and start >= last_feed:
                    return tuple(moments), self._froze
        return tuple(moments), self._froze

    def _step(self, start: float, end: float, moments: list[Moment]) -> float:
        """Follow the pool from `start` towards `end` [s]; return where the step really ended.

        It ends early where the pool dries, so that the rate of its last liquid is not thinned.
        """
        fed, warmth = self._arriving(start, end)
        if not self._mass + fed:
            moments.append(self._moment(end, 0.0))
            return end
        self._widen(fed, end - start)
        temperature, gone = self._solve(start, end, fed, warmth)
        available = self._mass + fed
        if gone >= available:
            if not fed and gone > 1.001 * available and end - start > 1e-3:
                end = start + max(1e-3, (end - start) * available / gone)
                temperature, _ = self._solve(start, end, fed, warmth)
            gone = available
        self._ground.accept(self._area, temperature)
        self._temperature, self._mass = temperature, available - gone
        self._fed += fed
        self._gone += gone
        moments.append(self._moment(end, gone / (end - start)))
        return end

    def _moment(self, time_s: float, rate: float) -> Moment:
        """Return the pool as it is."""
        return Moment(
            time_s, self._mass, self._area, self._temperature, rate, self._fed, self._gone
        )

    def _arriving(self, start: float, end: float) -> tuple[float, float]:
        """Return what is fed between two times [kg] and its mean temperature [K]."""
        fed = warmth = 0.0
        for begin, stop, rate, temperature in self._spill.feed:
            mass = rate * max(0.0, min(end, stop) - max(start, begin))
            fed += mass
            warmth += mass * min(temperature, self._boiling)
        return fed, warmth / fed if fed else 0.0

    def _widen(self, fed: float, dt: float) -> None:
        """Let the pool spread over the step."""
        density = self._fluid.liquid_density_kg_m3(self._temperature)
        volume = (self._mass + fed) / density
        spill = self._spill
        self._area = spread(self._area, volume, spill.ground, density, spill.bund_m2, dt)

    def _saturation(self, drive: float) -> float:
        """Return the temperature [K] at which ln(1/(1 - p/P)) is `drive`."""
        if drive > 30:
            return self._boiling
        return self._fluid.saturation_k(-self._over.pressure_pa * math.expm1(-drive))

    def _solve(self, start: float, end: float, fed: float, fed_k: float) -> tuple[float, float]:
        """Return the temperature [K] at `end` and what evaporates until then [kg]."""
        fluid, over, area, before = self._fluid, self._over, self._area, self._temperature
        dt = end - start
        self._ground.begin(end)
        film = over.film_w_m2_k(area)
        capacity, latent = fluid.liquid_cp_j_kg_k(before), fluid.latent_heat_j_kg(before)
        per_drive = dt * area * over.transfer_m_s(area)
        per_drive *= over.pressure_pa * fluid.molar_mass_kg_mol / (GAS_CONSTANT * before)
        ground, mass, pressure = self._ground, self._mass, over.pressure_pa

        def surplus(temperature: float) -> float:
            """Return the heat taken up without evaporation, less the heat brought [J]."""
            taken = capacity * (mass * (temperature - before) + fed * (temperature - fed_k))
            brought = dt * area * over.heat_w_m2(film, temperature)
            return taken - brought - ground.heat_j(area, temperature)

        def drive(temperature: float) -> float:
            return -math.log1p(-fluid.vapour_pressure_pa(temperature) / pressure)

        middle = surplus(self._split)
        if middle + per_drive * SPLIT * latent < 0:
            most = 1.01 * (SPLIT - middle / (per_drive * latent)) + 1.0
            found = root(
                lambda y: surplus(self._saturation(y)) / latent + per_drive * y, SPLIT, most
            )
            return self._saturation(found), per_drive * found
        lowest = self._coldest
        if surplus(lowest) + per_drive * drive(lowest) * latent >= 0:
            self._froze = True
            return lowest, per_drive * drive(lowest)
        found = root(lambda t: surplus(t) / latent + per_drive * drive(t), lowest, self._split)
        return found, per_drive * drive(found)


def root(function: Callable[[float], float], low: float, high: float) -> float:
    """Return where a rising `function` is 0 between `low` (below 0) and `high` (above 0).

    Regula falsi with the Illinois rule (Dowell and Jarratt 1971, BIT 11, 168-174), to 1e-10 of
    the bracket.
    """
    at_low, at_high = function(low), function(high)
    width = 1e-10 * (high - low)
    kept = 0
    for _ in range(100):
        middle = (low * at_high - high * at_low) / (at_high - at_low)
        at_middle = function(middle)
        if at_middle < 0:
            low, at_low = middle, at_middle
            at_high *= 0.5 if kept == -1 else 1.0
            kept = -1
        else:
            high, at_high = middle, at_middle
            at_low *= 0.5 if kept == 1 else 1.0
            kept = 1
        if at_middle == 0 or abs(high - low) < width:
            return middle
    return 0.5 * (low + high)
