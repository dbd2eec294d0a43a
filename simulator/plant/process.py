"""Bays, tanks and pumps: levels that move slowly, pressures, and the valves that stop a leak."""

from __future__ import annotations

from dataclasses import dataclass

from edge.site.model import Site
from simulator.plant.fluids import FLUIDS
from simulator.plant.layout import Layout
from simulator.plant.release import Line, Outflow
from simulator.plant.settings import BaySettings, PlantSettings, PumpSettings, TankSettings

PLENTY_KG = 1e6  # behind a leak of given rate from an asset without a content of its own


@dataclass(slots=True)
class Tank:
    """A storage tank; the level [m] follows its content."""

    asset: str
    area_m2: float
    density_kg_m3: float

    def level_m(self, outflow: Outflow) -> float:
        """Return the level [m] of the liquid that `outflow`, the tank's own, still holds."""
        return outflow.content_kg / (self.area_m2 * self.density_kg_m3)


@dataclass(slots=True)
class Pump:
    """A transfer pump."""

    asset: str
    tank: str
    flow_kg_s: float
    running: bool


class Process:
    """Everything that holds and moves liquid. Pressures are absolute [Pa], masses [kg]."""

    def __init__(self, site: Site, layout: Layout, settings: PlantSettings, air_pa: float) -> None:
        self.layout = layout
        self.air_pa = air_pa
        self.tanks: dict[str, Tank] = {}
        self.pumps: dict[str, Pump] = {}
        self.outflows: dict[str, Outflow] = {}
        for name, gas in layout.sources.items():
            asset = site.assets[name]
            at = (asset.position.x_m, asset.position.y_m, asset.release_height_m)
            fluid = FLUIDS.get(gas)
            content = settings.vessel_kg if fluid else PLENTY_KG
            self.outflows[name] = Outflow(name, gas, at, content, fluid)
        for name in layout.tanks:
            self._add_tank(name, settings.tanks.get(name, TankSettings()))
        for name in layout.bays:
            self._add_bay(name, settings.bays.get(name, BaySettings()))
        for name, part in layout.pumps.items():
            chosen = settings.pumps.get(name, PumpSettings())
            self.pumps[name] = Pump(name, part.tank, chosen.flow_kg_s, chosen.running)

    def _add_tank(self, name: str, chosen: TankSettings) -> None:
        outflow = self.outflows[name]
        assert outflow.fluid is not None
        self.tanks[name] = Tank(name, chosen.area_m2, outflow.fluid.density_kg_m3)
        outflow.content_kg = chosen.level_m * chosen.area_m2 * outflow.fluid.density_kg_m3

    def _add_bay(self, name: str, chosen: BaySettings) -> None:
        outflow = self.outflows[name]
        outflow.content_kg = chosen.tanker_kg
        opening = 1.0 if chosen.valve_open else 0.0
        outflow.line = Line(
            feed_kg_s=chosen.feed_kg_s,
            unloading_kg_s=chosen.unloading_kg_s,
            full_kg=chosen.line_kg,
            pad_pa=chosen.pad_mpa * 1e6,
            stroke_s=chosen.valve_stroke_s,
            content_kg=chosen.line_kg,
            opening=opening,
            wanted=opening,
        )

    def step(self, dt_s: float, temperature_k: float) -> dict[str, float]:
        """Move liquids for `dt_s` [s]; return the airborne mass [kg] that each asset let out."""
        given: dict[str, float] = {}
        for name, outflow in self.outflows.items():
            mass = outflow.step(dt_s, temperature_k, self.air_pa)
            if mass > 0:
                given[name] = mass
        for name, part in self.layout.bays.items():
            if part.tank:
                received = self.outflows[name].unloaded_kg_s * dt_s
                self.outflows[part.tank].content_kg += received
        for pump in self.pumps.values():
            if pump.running and pump.tank:
                tank = self.outflows[pump.tank]
                tank.content_kg -= min(pump.flow_kg_s * dt_s, tank.content_kg)
        return given

    def valve(self, tag: str, *, opened: bool) -> None:
        """Tell the shut-off valve of `tag` to open or close."""
        line = self.outflows[self.layout.valves[tag]].line
        assert line is not None
        line.wanted = 1.0 if opened else 0.0

    def pump(self, tag: str, *, running: bool) -> None:
        """Start or stop the pump of `tag`."""
        self.pumps[self.layout.starters[tag]].running = running

    def quantity(self, asset: str, quantity: str, temperature_k: float) -> float | None:
        """Return a process quantity in SI (pressures as gauge [Pa]); None if it has none."""
        outflow = self.outflows.get(asset)
        if quantity == "running" and asset in self.pumps:
            return float(self.pumps[asset].running)
        if outflow is None:
            return None
        if quantity == "level" and asset in self.tanks:
            return self.tanks[asset].level_m(outflow)
        if quantity == "pressure" and outflow.fluid is not None:
            return outflow.pressure_pa(temperature_k, self.air_pa) - self.air_pa
        if quantity == "valve_open" and outflow.line is not None:
            return 1.0 if outflow.line.opening > 0.5 else 0.0
        return None

    def state(self) -> list[float]:
        """Return everything the next step depends on, for the plant's digest."""
        values: list[float] = []
        for outflow in self.outflows.values():
            values += [outflow.content_kg, outflow.pool_kg, outflow.hole_m2, outflow.leak_kg_s]
            if outflow.line is not None:
                values += [outflow.line.content_kg, outflow.line.opening, outflow.line.wanted]
        return values + [float(pump.running) for pump in self.pumps.values()]
