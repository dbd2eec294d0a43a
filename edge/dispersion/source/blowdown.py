"""A vessel that empties: what leaves when, as pressure, level and temperature fall.

Liquefied gas, mass m and energy U in the volume V, both counted exactly:

    dm = -q dt,   dU = -h dm out (h_l while liquid leaves, h_g while vapour does)
    m (v_l + x v_fg) = V,   m (u_l + x u_fg) = U       give the temperature and the vapour's x

so vapour drawn is boiled off by the liquid's own warmth, which cools. Gas: dU = -h dm (adiabatic)
or constant temperature (thick or slow walls), p and u of `realgas`; it is never colder than its
dew point, and what is left when the last liquid has gone keeps its temperature: a few kilograms
of gas in a wall of steel. A gas pad (air, nitrogen)
over the liquid thins as its space grows; a vented tank keeps its pressure. A closed tank that
would fall below the air's pressure draws air in through its hole and runs on by its head.
References: CCPS, Guidelines for Consequence Analysis (1999), section 2.1.5; TNO, CPR 14E (3rd ed.
2005), section 2.5.2. Domain: vessel at one temperature, walls give no heat, no swell: a hole in
the vapour space passes vapour only (a nearly full vessel would pass froth at first, and more).
"""

from __future__ import annotations

from collections.abc import Callable

from edge.dispersion.constants import GRAVITY
from edge.dispersion.notes import RefusedError
from edge.dispersion.source.check import checked, driven
from edge.dispersion.source.droplets import Outside
from edge.dispersion.source.outflow import Opening, Stream, of_gas, of_liquid
from edge.dispersion.source.realgas import clamped
from edge.dispersion.source.roots import crossing
from edge.dispersion.source.saturation import Sat
from edge.dispersion.source.tank import level_m
from edge.dispersion.source.vessel import Blowdown, Record, State, Vessel, start

STEP_SHARE = 0.04  # of the mass at the start, a step
GAS_STEP = 0.05  # of the gas that is left, a step
COOLING_K = 2.0  # a step's, while vapour boils off
ENOUGH = 1.002  # times the pressure outside: the flow has ended
MOST_STEPS = 4000


def blow_down(
    vessel: Vessel, opening: Opening, outside: Outside, until_s: float, stop_pa: float = 0.0
) -> Blowdown:
    """Return how `vessel` empties through `opening` until `until_s` [s] or for good.

    `stop_pa` [Pa] is a valve's reseat pressure, below which nothing more leaves. Raises
    `RefusedError` for impossible vessels and holes, states that are no liquid or gas, and where
    nothing would flow out.
    """
    checked("duration", until_s)
    checked("temperature", outside.temperature_k)
    checked("pressure", outside.pressure_pa)
    _fits(vessel, opening)
    stop = max(stop_pa, ENOUGH * outside.pressure_pa)
    first = start(vessel)
    hot = vessel.fill > 0.0 and first.pressure_pa > outside.pressure_pa
    if hot and vessel.matter.table.at(vessel.temperature_k).pressure_pa > outside.pressure_pa:
        vessel.matter.table.boiling_k(outside.pressure_pa)  # refuses where it would freeze outside
    if not _wet(first, opening):
        driven(first.pressure_pa, outside.pressure_pa)
    run = _Run(vessel, opening, outside, until_s, stop)
    return run.all(first)


def _fits(vessel: Vessel, opening: Opening) -> None:
    """Refuse a hole higher than the vessel or wider than it."""
    high = vessel.shape.height_m
    if opening.height_m > high or opening.diameter_m > high:
        raise RefusedError(
            "dispersion.refused.source-hole-outside",
            diameter_m=f"{opening.diameter_m:g}",
            height_m=f"{opening.height_m:g}",
            vessel_m=f"{high:g}",
        )


def _wet(state: State, opening: Opening) -> bool:
    """Return whether liquid stands over the hole."""
    return state.liquid_kg > 0.0 and state.level_m > opening.height_m


class _Run:
    """One blow-down as it goes."""

    def __init__(
        self, vessel: Vessel, opening: Opening, outside: Outside, until_s: float, stop_pa: float
    ) -> None:
        self.vessel, self.opening, self.outside = vessel, opening, outside
        self.until_s, self.stop_pa = until_s, stop_pa
        self.matter, self.volume = vessel.matter, vessel.volume_m3
        self.records: list[Record] = []
        self.time = 0.0
        self.stop_k = self.matter.boils_at(stop_pa) or 0.0
        self.below_m3 = vessel.shape.volume_m3(opening.height_m)

    def all(self, first: State) -> Blowdown:
        """Return the whole of it: liquid over the hole, then vapour, then gas alone."""
        self.first = first
        self.pad_pa = 0.0
        state = first
        if first.liquid_kg > 0.0:
            self.pad_pa = first.pressure_pa - self.matter.table.at(first.temperature_k).pressure_pa
            state = self._stage(state, self._liquid, self._equilibrium, self._liquid_step)
            if not self.vessel.vented:
                state = self._stage(state, self._vapour, self._equilibrium, self._vapour_step)
        if not self.vessel.vented and state.liquid_kg <= 0.0:
            state = self._stage(state, self._gas, self._gas_state, self._gas_step)
        return Blowdown(tuple(self.records), first, state)

    def _stage(
        self,
        state: State,
        flow: Callable[[State], Stream | None],
        after: Callable[[State, float, float], State],
        size: Callable[[State], float],
    ) -> State:
        """Return the state after all that `flow` lets out, by the midpoint rule over mass."""
        while self.time < self.until_s and len(self.records) < MOST_STEPS:
            now = flow(state)
            if now is None:
                break
            mass = min(size(state), 0.999 * state.mass_kg)
            halfway = after(state, 0.5 * mass, 0.5 * mass * self._enthalpy(now, state))
            mean = flow(halfway) or now
            lasts = mass / mean.rate_kg_s
            if self.time + lasts > self.until_s:
                mass *= (self.until_s - self.time) / lasts
                lasts = self.until_s - self.time
            state = after(state, mass, mass * self._enthalpy(mean, halfway))
            self.records.append(Record(self.time, self.time + lasts, mass, mean))
            self.time += lasts
        return state

    def _enthalpy(self, stream: Stream, state: State) -> float:
        """Return the enthalpy [J/kg] that a leaving kilogram takes from the balance."""
        if not stream.liquid:
            return stream.enthalpy_j_kg
        return self.matter.table.at(state.temperature_k).h_liquid  # the pad does the rest

    def _liquid(self, state: State) -> Stream | None:
        """Return the stream while liquid stands over the hole."""
        head = state.level_m - self.opening.height_m
        if not (state.liquid_kg > 0.0 and head > 1e-5):
            return None
        over = max(state.pressure_pa, self.outside.pressure_pa)  # else air is drawn in
        rho = 1.0 / self.matter.table.at(state.temperature_k).v_liquid
        inside = over + rho * GRAVITY * head
        if state.pressure_pa <= self.stop_pa and self.stop_pa > ENOUGH * self.outside.pressure_pa:
            return None
        return of_liquid(
            self.matter, self.opening, state.temperature_k, inside, self.outside.pressure_pa
        )

    def _liquid_step(self, state: State) -> float:
        """Return the mass of a step [kg]: finer as the level nears the hole."""
        v = self.matter.table.at(state.temperature_k).v_liquid
        above = state.liquid_kg - self.below_m3 / v
        return min(STEP_SHARE * self.first.mass_kg, max(0.6 * above, 1e-4 * self.first.mass_kg))

    def _vapour(self, state: State) -> Stream | None:
        """Return the stream while the liquid boils off below the hole."""
        if state.liquid_kg <= 0.0 or state.pressure_pa <= self.stop_pa:
            return None
        sat = self.matter.table.at(state.temperature_k)
        stream = of_gas(
            self.matter,
            self.opening,
            state.temperature_k,
            state.pressure_pa,
            self.outside.pressure_pa,
            sat.v_gas * sat.pressure_pa / state.pressure_pa,
        )
        return Stream(
            stream.rate_kg_s, stream.speed_m_s, sat.h_gas, stream.temperature_k, True, False,
            stream.model,
        )  # fmt: skip

    def _vapour_step(self, state: State) -> float:
        """Return the mass of a step [kg]: one that cools the liquid by `COOLING_K`."""
        sat = self.matter.table.at(state.temperature_k)
        cp = clamped(self.matter.fluid.liquid_cp, state.temperature_k)
        cools = state.liquid_kg * cp * COOLING_K / sat.latent
        vapour = state.mass_kg - state.liquid_kg
        # half of the way to the end, lest the last steps pass it
        left = 0.5 * (state.temperature_k - self.stop_k) / COOLING_K * cools
        whole = max(cools, GAS_STEP * vapour)
        return min(STEP_SHARE * self.first.mass_kg, whole, max(left, 1e-4 * self.first.mass_kg))

    def _equilibrium(self, state: State, mass_out: float, energy_out: float) -> State:
        """Return the boiling contents after mass and energy have left."""
        mass, energy = state.mass_kg - mass_out, state.energy_j - energy_out
        table = self.matter.table
        if self.vessel.vented:
            return self._vented(state, mass)
        v, u = self.volume / mass, energy / mass
        a = state.temperature_k
        off_a = table.at(a)
        at_a = _energy_off(off_a, v, u)
        b = max(a - 0.5, table.first_k)
        for _ in range(12):
            off_b = table.at(b)
            at_b = _energy_off(off_b, v, u)
            if abs(at_b) < 1e-7 * abs(off_b.latent) or at_a == at_b:
                break
            c = b - at_b * (b - a) / (at_b - at_a)
            a, at_a, b = b, at_b, min(max(c, table.first_k), table.last_k)
        sat = table.at(b)
        quality = (v - sat.v_liquid) / (sat.v_gas - sat.v_liquid)
        if quality >= 1.0:
            return self._dried(state, mass)
        liquid = mass * (1.0 - max(quality, 0.0))
        level = level_m(self.vessel.shape, min(liquid * sat.v_liquid, self.volume))
        return State(mass, energy, b, self._padded(sat.pressure_pa, liquid * sat.v_liquid, b),
                     level, liquid, sat.v_gas)  # fmt: skip

    def _padded(self, vapour_pa: float, liquid_m3: float, t: float) -> float:
        """Return the gas space's pressure [Pa]: the vapour's and what is left of the pad's."""
        if self.pad_pa <= 0.0:
            return vapour_pa
        first, whole = self.first, self.volume
        space = whole * (1.0 - self.vessel.fill)
        thinned = space / max(whole - liquid_m3, 1e-9 * whole) * t / first.temperature_k
        return vapour_pa + self.pad_pa * min(thinned, 1.0)

    def _vented(self, state: State, mass: float) -> State:
        """Return a vented tank's contents: as warm and as pressed as before."""
        sat = self.matter.table.at(state.temperature_k)
        liquid = max(state.liquid_kg - (state.mass_kg - mass), 0.0)
        level = level_m(self.vessel.shape, min(liquid * sat.v_liquid, self.volume))
        return state._replace(mass_kg=mass, level_m=level, liquid_kg=liquid)

    def _dried(self, state: State, mass: float) -> State:
        """Return the contents when the last liquid has gone: gas as warm as it was."""
        real, v = self.matter.gas, self.volume / mass
        t = state.temperature_k
        return State(mass, mass * real.energy(t, v), t, real.pressure_pa(t, v), 0.0, 0.0, v)

    def _gas(self, state: State) -> Stream | None:
        """Return the stream of a vessel of gas alone."""
        if state.pressure_pa <= self.stop_pa:
            return None
        return of_gas(
            self.matter,
            self.opening,
            state.temperature_k,
            state.pressure_pa,
            self.outside.pressure_pa,
            state.volume_m3_kg,
        )

    def _gas_state(self, state: State, mass_out: float, energy_out: float) -> State:
        """Return the gas after mass and energy have left."""
        mass, energy = state.mass_kg - mass_out, state.energy_j - energy_out
        real, v = self.matter.gas, self.volume / mass
        t = state.temperature_k
        if not (self.vessel.isothermal or self.first.liquid_kg > 0.0):
            t = self._not_below_dew(real.temperature_of_energy(energy / mass, v, t), v)
            return State(mass, energy, t, real.pressure_pa(t, v), 0.0, 0.0, v)
        # the walls give what is missing
        return State(mass, mass * real.energy(t, v), t, real.pressure_pa(t, v), 0.0, 0.0, v)

    def _not_below_dew(self, t: float, v: float) -> float:
        """Return `t` [K], or the dew point of a gas of volume `v` that would be colder."""
        table = self.matter.table
        if t >= table.last_k or table.at(max(t, table.first_k)).v_gas <= v:
            return max(t, table.first_k) if t < table.last_k else t
        return crossing(lambda dew: table.at(dew).v_gas - v, table.first_k, table.last_k, 1e-3)

    def _gas_step(self, state: State) -> float:
        """Return the mass of a step [kg]: half of the way to the end, at most `GAS_STEP`."""
        left = 0.5 * (1.0 - self.stop_pa / state.pressure_pa)
        return min(GAS_STEP, max(left, 1e-3)) * state.mass_kg


def _energy_off(sat: Sat, v: float, u: float) -> float:
    """Return how much the mixture of volume `v` at `sat` has more energy than `u` [J/kg]."""
    quality = (v - sat.v_liquid) / (sat.v_gas - sat.v_liquid)
    return sat.u_liquid + quality * (sat.u_gas - sat.u_liquid) - u
