"""The plant: a pure, seeded model of the park, stepped on integer ticks.

What it does to gas differs on purpose from what the gateway assumes: a meandering wind, puffs that
follow it, an own dense-gas law, own noise. Prediction would be perfect by construction otherwise.
"""

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
from simulator.plant.plant import TICK_S, Happening, Plant
from simulator.plant.settings import PlantSettings, Weather

__all__ = [
    "TICK_S",
    "Action",
    "Detector",
    "GdsChannel",
    "GdsReset",
    "GdsSetPoint",
    "Happening",
    "Leak",
    "Plant",
    "PlantSettings",
    "Plug",
    "Pump",
    "Rupture",
    "SetWind",
    "Valve",
    "Weather",
]
