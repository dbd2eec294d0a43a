"""What a scenario may set of the simulated plant: weather, vessels, detectors.

These models are the schema of a scenario's `weather` and `plant` keys as well. Every key has a
default, so that a scenario says only what is particular to it. Keys carry their unit.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from edge.site.model import Model

Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Direction = Annotated[float, Field(ge=0, lt=360)]
Stability = Literal["A", "B", "C", "D", "E", "F"]


class Weather(Model):
    """The mean weather that the wind meanders about."""

    wind_speed_m_s: Annotated[float, Field(ge=0.2, le=30)] = 3.0  # at 10 m
    wind_from_deg: Direction = 240.0
    stability: Stability = "D"
    temperature_c: Annotated[float, Field(ge=-50, le=55)] = 15.0
    pressure_hpa: Annotated[float, Field(ge=500, le=1100)] | None = None  # None: by altitude
    roughness_m: Annotated[float, Field(gt=0, le=2)] = 0.1


class BaySettings(Model):
    """A liquefied-gas unloading bay: the tanker, its hose and what flows through them."""

    tanker_kg: Positive = 20_000.0
    line_kg: Positive = 6.0  # liquid between the shut-off valve and the tank's check valve
    unloading_kg_s: NotNegative = 1.5
    feed_kg_s: Positive = 20.0  # what the tanker could give into an open end
    pad_mpa: NotNegative = 0.2  # dry air over the tanker's own vapour pressure
    valve_open: bool = True
    valve_stroke_s: Positive = 4.0


class TankSettings(Model):
    """A storage tank, upright and of one cross-section."""

    area_m2: Positive = 12.0
    level_m: NotNegative = 1.4


class PumpSettings(Model):
    """A transfer pump, drawing from the nearest tank of its substance."""

    running: bool = False
    flow_kg_s: NotNegative = 2.0


class DetectorSettings(Model):
    """How the instruments see: lag, noise and drift. Fractions are of a channel's span."""

    t90_s: dict[str, Positive] = Field(
        default_factory=dict
    )  # tag or substance -> seconds to 90 % of a step
    noise_fraction: NotNegative = 0.001
    drift_fraction: NotNegative = 0.002  # standing deviation of the wandering zero
    drift_time_s: Positive = 7200.0
    update_s: Annotated[float, Field(ge=0.1, le=10)] = 0.5  # how often registers are refreshed


class GdsSettings(Model):
    """The detectors' own controller."""

    latching: bool = True  # its alarms stand until somebody turns its reset key


class PuffSettings(Model):
    """How the plant's own gas is reckoned (`puffs.py`)."""

    step_s: Annotated[float, Field(ge=0.1, le=1.0)] = 1.0
    most: Annotated[int, Field(ge=50, le=20_000)] = 2000
    domain_m: Annotated[float, Field(ge=100, le=10_000)] = 1500.0


class PlantSettings(Model):
    """The plant, where it differs from the defaults; keys of the maps are asset ids."""

    bays: dict[str, BaySettings] = Field(default_factory=dict)
    tanks: dict[str, TankSettings] = Field(default_factory=dict)
    pumps: dict[str, PumpSettings] = Field(default_factory=dict)
    vessel_kg: Positive = 500.0  # content of an evaporator, pump or pipe that can be holed
    detectors: DetectorSettings = DetectorSettings()
    gds: GdsSettings = GdsSettings()
    puffs: PuffSettings = PuffSettings()
