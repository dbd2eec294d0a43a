"""The simulated park: one object, stepped on integer ticks of 0.1 s. No I/O, no clock but its own.

Equal seed, site, settings and actions give equal plants, tick for tick: each part draws from a
generator of its own (named streams of one seed), and actions are applied at ticks only.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from edge.drivers.base import Reading
from edge.errors import ConfigError, Fault
from edge.site.model import Asset, Site
from edge.substance import substances
from edge.tag import Tag
from edge.units import STANDARD_PRESSURE_PA, density_to_gas, from_si
from simulator.plant.actions import (
    Action,
    Detector,
    GdsChannel,
    GdsReset,
    GdsSetPoint,
    Leak,
    Plug,
    Pump,
    Rupture,
    SetWind,
    Valve,
)
from simulator.plant.controller import Controller
from simulator.plant.fluids import excess_of
from simulator.plant.instruments import FAILED, NOT_MODELLED, Instruments, shown
from simulator.plant.layout import Layout, lay_out, refusal
from simulator.plant.process import Process
from simulator.plant.puffs import Parcel, Puffs
from simulator.plant.settings import PlantSettings, Weather
from simulator.plant.wind import Wind, WindNow

TICK_S = 0.1
KELVIN = 273.15
AIR_SCALE_HEIGHT_M = 8400.0
STREAMS = ("wind", "gas detectors", "other instruments")


class Happening(NamedTuple):
    """What really happened in a step: a leak's start or stop. `tick` is the plant's own time."""

    tick: int
    state: str  # "start" or "stop"
    asset: str
    rate_kg_s: float


class Plant:
    """The park of one site under one weather; `step` moves it on by one tick."""

    def __init__(
        self,
        site: Site,
        seed: int,
        weather: Weather | None = None,
        settings: PlantSettings | None = None,
    ) -> None:
        self.site = site
        self.weather = weather or Weather()
        self.settings = settings or PlantSettings()
        self.layout: Layout = lay_out(site)
        self.tick = 0
        streams = np.random.SeedSequence(seed).spawn(len(STREAMS))
        wind, detectors, others = (np.random.Generator(np.random.PCG64(s)) for s in streams)
        self._temperature_k = self.weather.temperature_c + KELVIN
        self._air_pa = _air_pressure_pa(site, self.weather)
        self._gas_every = max(1, round(self.settings.puffs.step_s / TICK_S))
        self._refresh_every = max(1, round(self.settings.detectors.update_s / TICK_S))
        self._wind = Wind(self.weather, wind)
        self.process = Process(site, self.layout, self.settings, self._air_pa)
        self.puffs = self._make_puffs()
        self.instruments = Instruments(self.layout.gas_tags, self.settings.detectors, detectors)
        self.gds = Controller(site, latching=self.settings.gds.latching)
        self._others = others
        self._points = np.asarray(
            [[t.position.x_m, t.position.y_m, t.position.z_m] for t in self.layout.gas_tags]
        ).reshape(-1, 3)
        self._true: NDArray[np.float64] = np.zeros(len(self.layout.gas_tags))
        self._parcels: dict[str, float] = {}
        self._frozen: dict[str, Reading] = {}
        self._readings: dict[str, Reading] = {}
        self._show()

    @property
    def time_s(self) -> float:
        """Seconds since the plant's start."""
        return self.tick * TICK_S

    @property
    def wind(self) -> WindNow:
        """The wind of this moment."""
        return self._wind.now()

    def step(self, actions: Sequence[Action] = ()) -> list[Happening]:
        """Apply `actions`, move everything on by one tick, return the leaks begun and ended."""
        for action in actions:
            self.apply(action)
        self.tick += 1
        self._wind.step(TICK_S)
        for asset, mass in self.process.step(TICK_S, self._temperature_k).items():
            self._parcels[asset] = self._parcels.get(asset, 0.0) + mass
        if self.tick % self._gas_every == 0:
            self._step_gas()
        self.instruments.lag(self._true, TICK_S)
        if self.tick % self._refresh_every == 0:
            self.instruments.refresh(self._refresh_every * TICK_S)
            self._show()
        return self._changes()

    def readings(self) -> Mapping[str, Reading]:
        """Return what every field tag's instrument shows now, in the tag's unit."""
        return self._readings

    @property
    def refreshed(self) -> bool:
        """Whether the last step gave the registers new contents."""
        return self.tick % self._refresh_every == 0

    def apply(self, action: Action) -> None:
        """Do one thing to the plant. Raises `ConfigError` for what it does not have."""
        problem = refusal(self.layout, action)
        if problem:
            raise ConfigError([Fault("action", 0, action.do, problem, "Name what the site has")])
        match action:
            case Rupture():
                hole = math.pi / 4 * (action.hole_mm / 1000) ** 2
                self.process.outflows[action.asset].hole_m2 = hole
            case Leak():
                self.process.outflows[action.asset].leak_kg_s = action.rate_kg_s
            case Plug():
                self.process.outflows[action.asset].plug()
            case Valve():
                self.process.valve(action.tag, opened=action.do == "open_valve")
            case Pump():
                self.process.pump(action.tag, running=action.do == "start_pump")
            case SetWind():
                self._wind.set(action)
            case Detector():
                self._fault(action)
            case GdsChannel() | GdsSetPoint() | GdsReset():
                self.gds.apply(action)

    def digest(self) -> str:
        """Return a hash of the quantised state: equal for equal histories."""
        wind = np.asarray(self._wind.state())
        process = np.asarray(self.process.state())
        gds = np.asarray(self.gds.state())
        parts = [wind, process, self.puffs.rows.ravel(), self.instruments.state(), gds]
        whole = np.round(np.concatenate(parts) * 1e6).astype(np.int64)
        return hashlib.blake2b(whole.tobytes() + self.tick.to_bytes(8), digest_size=16).hexdigest()

    def _step_gas(self) -> None:
        """Give the gas of the last ticks to the air, move it, see what the detectors stand in."""
        parcels: list[Parcel] = []
        for name, mass in self._parcels.items():
            outflow = self.process.outflows[name]
            kind = self.layout.gases.index(outflow.substance)
            parcels.append(Parcel(kind, mass, *outflow.position))
        self._parcels = {}
        self.puffs.step(self._gas_every * TICK_S, self._wind.now(), parcels)
        known = substances()
        for kind, gas in enumerate(self.layout.gases):
            chosen = [i for i, tag in enumerate(self.layout.gas_tags) if tag.substance == gas]
            if not chosen:
                continue
            density = self.puffs.concentration(self._points[chosen], kind)
            for index, value in zip(chosen, density.tolist(), strict=True):
                tag = self.layout.gas_tags[index]
                self._true[index] = density_to_gas(
                    value,
                    tag.unit,
                    known[gas].molar_mass_kg_mol,
                    self._temperature_k,
                    tag.lel_fraction,
                    self._air_pa,
                )

    def _show(self) -> None:
        """Draw the registers anew."""
        noise = self._others.standard_normal(len(self.layout.other_tags)).tolist()
        fresh = self.instruments.readings()
        for tag, draw in zip(self.layout.other_tags, noise, strict=True):
            value = self._other(tag)
            fresh[tag.name] = NOT_MODELLED if value is None else shown(tag, value, draw)
        self.gds.see(fresh)
        fresh |= dict.fromkeys((tag.name for tag in self.layout.gds_tags), NOT_MODELLED)
        self._readings = {**fresh, **self.gds.readings(), **self._frozen}

    def _other(self, tag: Tag) -> float | None:
        """Return what a tag of no gas should show, in its unit; None: not modelled."""
        asset: Asset | None = self.site.assets.get(tag.asset)
        weather = {
            "wind_speed": lambda: self.wind.at(tag.position.z_m),
            "wind_from": lambda: math.radians(self.wind.from_deg),
            "temperature": lambda: self._temperature_k,
        }
        if tag.quantity in weather:
            return from_si(weather[tag.quantity](), tag.unit)
        if tag.quantity == "pressure" and asset is not None and not asset.holds:
            return from_si(self._air_pa, tag.unit)
        value = self.process.quantity(tag.asset, tag.quantity, self._temperature_k)
        return None if value is None else from_si(value, tag.unit)

    def _fault(self, action: Detector) -> None:
        """Break or mend one instrument. A gas detector freezes behind its own noise."""
        name = action.tag
        self._frozen.pop(name, None)
        self.instruments.faults.pop(name, None)
        gas = any(tag.name == name for tag in self.layout.gas_tags)
        if action.fault == "none":
            return
        if gas:
            self.instruments.faults[name] = action.fault
        elif action.fault == "freeze":
            self._frozen[name] = self._readings[name]
        else:
            self._frozen[name] = FAILED

    def _changes(self) -> list[Happening]:
        found: list[Happening] = []
        for name, outflow in self.process.outflows.items():
            state = outflow.change()
            if state is not None:
                found.append(Happening(self.tick, state, name, outflow.rate_kg_s))
        return found

    def _make_puffs(self) -> Puffs:
        known = substances()
        excess = [excess_of(gas, known[gas].molar_mass_kg_mol) for gas in self.layout.gases]
        chosen = self.settings.puffs
        return Puffs(excess, chosen.most, chosen.domain_m, np.asarray(self.layout.centre))


def _air_pressure_pa(site: Site, weather: Weather) -> float:
    """Return the air pressure [Pa]: the weather's, else the standard one at the site's height."""
    if weather.pressure_hpa is not None:
        return weather.pressure_hpa * 100
    height = site.file.origin.altitude_m
    return STANDARD_PRESSURE_PA * math.exp(-height / AIR_SCALE_HEIGHT_M)
