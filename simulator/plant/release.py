"""What holds gas and how it comes out: vessels, the unloading bay's line, pools.

All in SI. One `Outflow` per asset turns holes into airborne mass: the flashing liquid's airborne
share at once, the rest from a pool that boils off. Mass is booked: contents + pool + given off.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from simulator.plant.fluids import Fluid

POOL_TIME_S = 180.0  # a thin pool on concrete boils off; own parameter
QUIET_SHARE = 0.01  # of its peak rate: below it a release counts as stopped


@dataclass(slots=True)
class Line:
    """What an unloading bay adds to a vessel: a valve, a hose and the tank it feeds.

    The tanker is the vessel. Pressures are absolute [Pa]. `opening` is 1 open, 0 shut.
    """

    feed_kg_s: float
    unloading_kg_s: float
    full_kg: float
    pad_pa: float
    stroke_s: float
    content_kg: float
    opening: float = 1.0
    wanted: float = 1.0

    def move(self, dt_s: float) -> None:
        """Move the valve towards where it was told to go."""
        reach = dt_s / self.stroke_s
        self.opening += max(-reach, min(reach, self.wanted - self.opening))


@dataclass(slots=True)
class Outflow:
    """One asset's holes, its content and its pool. Rates are [kg/s], masses [kg]."""

    asset: str
    substance: str
    position: tuple[float, float, float]  # of the release, site metres
    content_kg: float
    fluid: Fluid | None = None  # None: only `leak_kg_s` can let it out
    line: Line | None = None
    hole_m2: float = 0.0
    leak_kg_s: float = 0.0
    pool_kg: float = 0.0
    emitted_kg: float = 0.0
    rate_kg_s: float = 0.0  # airborne, over the last step
    unloaded_kg_s: float = 0.0  # into the tank, over the last step
    peak_kg_s: float = 0.0  # ever
    running: bool = False  # between the start and the stop of a release

    def pressure_pa(self, temperature_k: float, air_pa: float) -> float:
        """Return the pressure inside, or in the line where there is one [Pa absolute]."""
        if self.fluid is None:
            return air_pa
        inside = self.fluid.vapour_pressure_pa(temperature_k)
        if self.line is None:
            return max(air_pa, inside) if self.content_kg > 0 else air_pa
        supply = inside + self.line.pad_pa
        filled = self.line.content_kg / self.line.full_kg
        # Two conductances in a row; behind a shut valve there is no flow to lose pressure to.
        demand = self._hole_flow(temperature_k, 1.0) + self.line.unloading_kg_s
        supplied = self.line.feed_kg_s / (self.line.feed_kg_s + demand * self.line.opening)
        return air_pa + max(0.0, supply - air_pa) * supplied * filled

    def _hole_flow(self, temperature_k: float, drive: float) -> float:
        """Return the outflow through the hole [kg/s]; `drive` [-] is the share of full pressure."""
        if self.fluid is None or self.hole_m2 <= 0:
            return 0.0
        return self.hole_m2 * self.fluid.flashing_flux_kg_m2_s(temperature_k) * drive

    def step(self, dt_s: float, temperature_k: float, air_pa: float) -> float:
        """Let out gas for `dt_s` [s]; return the airborne mass [kg] of it."""
        liquid = self._drain(dt_s, temperature_k, air_pa)
        airborne = liquid
        if self.fluid is not None and liquid > 0:
            airborne = liquid * self.fluid.airborne_fraction(temperature_k)
            self.pool_kg += liquid - airborne
        boiled = self.pool_kg * -math.expm1(-dt_s / POOL_TIME_S)
        self.pool_kg -= boiled
        leaked = min(self.leak_kg_s * dt_s, self.content_kg)
        self.content_kg -= leaked
        given = airborne + boiled + leaked
        self.emitted_kg += given
        self.rate_kg_s = given / dt_s
        self.peak_kg_s = max(self.peak_kg_s, self.rate_kg_s)
        return given

    def _drain(self, dt_s: float, temperature_k: float, air_pa: float) -> float:
        """Return the liquid let out through the hole [kg], taken from line and content."""
        if self.line is None:
            liquid = min(self._hole_flow(temperature_k, 1.0) * dt_s, self.content_kg)
            self.content_kg -= liquid
            return liquid
        line = self.line
        line.move(dt_s)
        assert self.fluid is not None
        full = max(1.0, self.fluid.vapour_pressure_pa(temperature_k) + line.pad_pa - air_pa)
        drive = (self.pressure_pa(temperature_k, air_pa) - air_pa) / full
        liquid = min(self._hole_flow(temperature_k, drive) * dt_s, line.content_kg)
        fed = line.unloading_kg_s * dt_s * line.opening
        self.unloaded_kg_s = min(fed, self.content_kg) / dt_s if self.content_kg > 0 else 0.0
        # The tanker refills the line as fast as it empties, as long as the valve lets it.
        refill = min(line.full_kg - line.content_kg + liquid, line.feed_kg_s * line.opening * dt_s)
        refill = min(max(0.0, refill), max(0.0, self.content_kg - self.unloaded_kg_s * dt_s))
        self.content_kg -= refill + self.unloaded_kg_s * dt_s
        line.content_kg += refill - liquid
        return liquid

    def plug(self) -> None:
        """Close every hole and leak."""
        self.hole_m2 = self.leak_kg_s = 0.0

    def change(self) -> str | None:
        """Return "start" or "stop" when the release has just begun or ended, else None."""
        quiet = QUIET_SHARE * self.peak_kg_s
        if not self.running and self.rate_kg_s > 2 * quiet:
            self.running = True
            return "start"
        if self.running and self.rate_kg_s <= quiet:
            self.running = False
            return "stop"
        return None
