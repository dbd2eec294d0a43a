"""One reactive pool being followed, step by step: the working part of `reactive`."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from edge.dispersion.source.ground import GroundHeat
from edge.dispersion.source.pool import root, times
from edge.dispersion.source.pool_air import Above
from edge.dispersion.source.pool_spread import spread
from edge.dispersion.source.reactive_data import SPECIES, contents
from edge.dispersion.source.reactive_spill import ReactiveMoment, ReactiveSpill
from edge.dispersion.weather.steam import water_pressure_pa
from edge.substance.fluid import GAS_CONSTANT

FULL = 0.999  # p / P from which the pool counts as boiling
MOST_PER_STEP = 0.1  # share of a volatile that one step may take: composition is held within it
MOST_OF_PURE = 0.5  # the same for a liquid whose pressure does not change as it goes
WATER_LATENT_J_MOL = 44_000.0  # CRC Handbook, 25 C
UNBOUND_K = 900.0  # no pool gets so hot: only the search for its temperature needs an end
SPENT = 1e-5  # share of what was fed below which a volatile no longer shortens steps
ANY_DENSITY = 1500.0  # only a floating pool's matters, and these never float
DRY = 1e-12  # share of what was fed below which nothing volatile is left


@dataclass(slots=True)
class _State:
    """The pool now; `moles` lie in it, `gone` has left [mol]."""

    area_m2: float
    temperature_k: float
    moles: dict[str, float]
    gone: dict[str, float] = field(default_factory=dict[str, float])
    fed_kg: float = 0.0
    water_mol: float = 0.0

    def moment(self, time_s: float) -> ReactiveMoment:
        return ReactiveMoment(
            time_s,
            self.area_m2,
            self.temperature_k,
            dict(self.moles),
            dict(self.gone),
            self.fed_kg,
            self.water_mol,
        )


class Run:
    """One reactive pool being followed."""

    def __init__(self, spill: ReactiveSpill, over: Above, humidity: float) -> None:
        self._spill, self._over, self._liquor = spill, over, spill.liquor
        first = spill.temperature_k if spill.mass_kg else spill.feed[0][3]
        moles = contents(spill.liquor, spill.mass_kg)
        volume = _volume(moles)
        column = math.pi * (volume / math.pi) ** (2 / 3)
        area = min(column, volume / spill.ground.least_layer_m, spill.bund_m2)
        self._state = _State(area, first, moles, fed_kg=spill.mass_kg)
        self._ground = GroundHeat(spill.ground, spill.ground_k, area, first)
        self._scale = {
            name: over.relative(SPECIES[name].molar_mass_kg_mol)
            for name in (*spill.liquor.volatiles, "water")
        }
        drinks = spill.liquor.reaction is not None
        pressure = humidity * water_pressure_pa(over.temperature_k) if drinks else 0.0
        self._vapour_mol_m3 = pressure / (GAS_CONSTANT * over.temperature_k)
        self._film = spill.wet.film_kg_m2 / SPECIES["water"].molar_mass_kg_mol
        self._rain = spill.wet.rain_kg_m2_s / SPECIES["water"].molar_mass_kg_mol
        self._most = MOST_PER_STEP if len(spill.liquor.content) > 1 else MOST_OF_PURE
        self._wetted_m2 = 0.0
        self.froze = False

    def run(self, duration_s: float) -> tuple[ReactiveMoment, ...]:
        """Return the moments until `duration_s` [s]."""
        marks = tuple(t for start, end, _, _ in self._spill.feed for t in (start, end))
        moments = [self._state.moment(0.0)]
        last_feed = max(marks, default=0.0)
        start = 0.0
        for end in times(duration_s, marks)[1:]:
            while end > start:
                start = self._step(start, end)
                moments.append(self._state.moment(start))
                if start >= last_feed and self._spent():
                    return tuple(moments)
        return tuple(moments)

    def _spent(self) -> bool:
        """Whether nothing volatile is left."""
        left = sum(self._state.moles.get(name, 0.0) for name in self._liquor.volatiles)
        return left <= DRY * self._state.fed_kg

    def _step(self, start: float, end: float) -> float:
        """Follow the pool from `start` towards `end` [s]; return where the step ended.

        A step is halved until no volatile loses more than its share: composition is held in it.
        """
        while True:
            trial = self._trial(start, end)
            if trial is None:
                return end
            state, shares = trial
            if max(shares, default=0.0) <= self._most or end - start < 0.02:
                break
            end = start + 0.5 * (end - start)
        self._ground.accept(state.area_m2, state.temperature_k)
        self._wetted_m2 = state.area_m2
        self._state = state
        return end

    def _trial(self, start: float, end: float) -> tuple[_State, list[float]] | None:
        """Return the state at `end` and the share that each volatile lost; None without a pool."""
        old, dt = self._state, end - start
        fed, warmth = self._arriving(start, end)
        moles = dict(old.moles)
        for name, amount in contents(self._liquor, fed).items():
            moles[name] = moles.get(name, 0.0) + amount
        if not any(moles.values()):
            return None
        area = self._widened(moles, old.fed_kg + fed, dt)
        carried = self._scale["water"] * self._over.transfer_m_s(area) * self._vapour_mol_m3
        condensed = dt * area * carried
        water = self._film * (area - self._wetted_m2) + dt * area * self._rain + condensed
        moles["water"] = moles.get("water", 0.0) + water
        gone = dict(old.gone)
        heat = self._react(moles, gone) + condensed * WATER_LATENT_J_MOL + warmth
        self._ground.begin(end)
        temperature, lost = self._solve(dt, area, moles, heat)
        shares: list[float] = []
        for name, amount in lost.items():
            if moles[name] > SPENT * (old.fed_kg + fed):
                shares.append(amount / moles[name])
            moles[name] = max(0.0, moles[name] - amount)
            gone[name] = gone.get(name, 0.0) + amount
        state = _State(area, temperature, moles, gone, old.fed_kg + fed, old.water_mol + water)
        return state, shares

    def _widened(self, moles: Mapping[str, float], fed_kg: float, dt: float) -> float:
        """Return the area [m2] after the step.

        Water that was met on the way counts for nothing here: it lay there or falls everywhere.
        """
        delivered = contents(self._liquor, fed_kg).get("water", 0.0)
        volume = _volume({**moles, "water": delivered})
        ground, bund = self._spill.ground, self._spill.bund_m2
        return spread(self._state.area_m2, volume, ground, ANY_DENSITY, bund, dt)

    def _arriving(self, start: float, end: float) -> tuple[float, float]:
        """Return what is fed between two times [kg] and how much warmer than the pool it is [J].

        Water met on the way is taken to have the pool's own temperature.
        """
        fed = warmth = 0.0
        here = self._state.temperature_k
        per_kg = _capacity(contents(self._liquor, 1.0))
        for begin, stop, rate, temperature in self._spill.feed:
            mass = rate * max(0.0, min(end, stop) - max(start, begin))
            fed += mass
            warmth += mass * per_kg * (temperature - here)
        return fed, warmth

    def _react(self, moles: dict[str, float], gone: dict[str, float]) -> float:
        """Let reagent and water in `moles` react; return the heat given off [J]."""
        reaction = self._liquor.reaction
        if reaction is None:
            return 0.0
        extent = min(moles[reaction.reagent], moles["water"] / reaction.water)
        moles[reaction.reagent] -= extent
        moles["water"] = max(0.0, moles["water"] - extent * reaction.water)
        for name, count in reaction.residues.items():
            moles[name] = moles.get(name, 0.0) + extent * count
        for name, count in reaction.gases.items():
            gone[name] = gone.get(name, 0.0) + extent * count
        return extent * reaction.heat_j_mol

    def _partial(self, moles: Mapping[str, float], temperature: float) -> dict[str, float]:
        """Return the partial pressures over the pool [Pa]: the liquor's, and spare water's.

        Water counts only where it is left over after the reaction (it boils away the heat).
        """
        liquor = self._liquor
        found = dict(zip(liquor.volatiles, liquor.pressures(moles, temperature), strict=True))
        if liquor.reaction is not None and moles["water"] > 0:
            whole = sum(moles.values())
            found["water"] = water_pressure_pa(temperature) * moles["water"] / whole
        return {name: p for name, p in found.items() if moles.get(name, 0.0) > 0 and p > 0}

    def _solve(
        self, dt: float, area: float, moles: Mapping[str, float], heat: float
    ) -> tuple[float, dict[str, float]]:
        """Return the temperature [K] at the step's end and what evaporates of each species [mol].

        `heat` [J] is what reaction, condensing moisture and feed bring.
        """
        over, capacity = self._over, _capacity(moles)
        before, film = self._state.temperature_k, over.film_w_m2_k(area)
        latent = self._latent(moles, before)
        per = {
            name: dt * area * self._scale[name] * over.transfer_m_s(area) * over.pressure_pa
            / (GAS_CONSTANT * before)
            for name in latent
        }  # fmt: skip

        def surplus(temperature: float) -> float:
            brought = heat + dt * area * over.heat_w_m2(film, temperature)
            warmed = capacity * (temperature - before)
            return warmed - brought - self._ground.heat_j(area, temperature)

        def leaving(temperature: float) -> dict[str, float]:
            partial = self._partial(moles, temperature)
            whole = sum(partial.values())
            drive = -math.log1p(-whole / over.pressure_pa)
            return {n: min(moles[n], per[n] * drive * p / whole) for n, p in partial.items()}

        def residual(temperature: float) -> float:
            taken = sum(latent[n] * m for n, m in leaving(temperature).items())
            return surplus(temperature) + taken

        low, high = self._liquor.melt_k, self._bubble(moles)
        if residual(low) >= 0:
            self.froze = True
            return low, leaving(low)
        if residual(high) > 0:
            found = root(residual, low, high)
            return found, leaving(found)
        return self._boil(moles, per, latent, surplus, high)

    def _latent(self, moles: Mapping[str, float], temperature: float) -> dict[str, float]:
        """Return each volatile's heat of evaporation [J/mol]: R T^2 d ln p / dT."""
        here, above_it = (self._partial(moles, temperature + dt) for dt in (0.0, 0.5))
        between = (temperature + 0.25) ** 2
        found = {n: 2 * GAS_CONSTANT * between * math.log(above_it[n] / p) for n, p in here.items()}
        if "water" in found:
            found["water"] = WATER_LATENT_J_MOL
        return found

    def _bubble(self, moles: Mapping[str, float]) -> float:
        """Return the temperature [K] at which the pool counts as boiling, or the hottest known."""
        if not self._partial(moles, self._state.temperature_k):
            return UNBOUND_K
        goal = FULL * self._over.pressure_pa
        low, high = self._liquor.melt_k, self._liquor.hottest_k
        while high - low > 1e-4:
            middle = 0.5 * (low + high)
            under = sum(self._partial(moles, middle).values()) < goal
            low, high = (middle, high) if under else (low, middle)
        return low

    def _boil(
        self,
        moles: Mapping[str, float],
        per: Mapping[str, float],
        latent: Mapping[str, float],
        surplus: Callable[[float], float],
        boiling: float,
    ) -> tuple[float, dict[str, float]]:
        """Return what the heat at hand boils off [mol], or all that can and the heat left in T."""
        partial = self._partial(moles, boiling)
        whole = sum(partial.values())
        spare = -surplus(boiling)
        if sum(latent[n] * moles[n] for n in partial) <= spare:
            lost = {n: moles[n] for n in partial}
            taken = sum(latent[n] * m for n, m in lost.items())
            if surplus(UNBOUND_K) + taken <= 0:
                return UNBOUND_K, lost
            return root(lambda t: surplus(t) + taken, boiling, UNBOUND_K), lost

        def boiled(drive: float) -> dict[str, float]:
            return {n: min(moles[n], per[n] * drive * p / whole) for n, p in partial.items()}

        most = max(moles[n] * whole / (per[n] * p) for n, p in partial.items())
        drive = root(lambda d: sum(latent[n] * m for n, m in boiled(d).items()) - spare, 0.0, most)
        return boiling, boiled(drive)


def _volume(moles: Mapping[str, float]) -> float:
    """Return the liquid's volume [m3]: its parts' volumes."""
    return sum(
        n * SPECIES[name].molar_mass_kg_mol / SPECIES[name].density_kg_m3
        for name, n in moles.items()
    )


def _capacity(moles: Mapping[str, float]) -> float:
    """Return the liquid's heat capacity [J/K]."""
    return sum(n * SPECIES[name].cp_j_mol_k for name, n in moles.items())
