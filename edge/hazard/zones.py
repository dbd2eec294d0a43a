"""Threat zones and concentrations at places, from the most likely source."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edge.dispersion.arrays import Floats
from edge.dispersion.isopleth import isopleth
from edge.dispersion.passive.plume.briggs import Air, Kernels, Release
from edge.hazard.infer import SOURCE_SIZE_M, Candidate
from edge.hazard.scene import BREATHING_M, Gas, Scene, Zone
from edge.site.model import Place


@dataclass(frozen=True, slots=True)
class ThreatZone:
    """A zone's threshold and its rings [(n, 2) site metres] at nose height."""

    zone: Zone
    rings: tuple[Floats, ...]
    truncated: bool


@dataclass(frozen=True, slots=True)
class AtPlace:
    """What the release adds at a place [ppm], and the zone it is in."""

    place: Place
    value_ppm: float
    zone: str  # id of the highest zone reached; "": in none, which does not call it safe


def plume_of(candidate: Candidate, stability: str) -> tuple[Release, Air]:
    """Return the plume of a candidate, as the model wants it."""
    position = candidate.asset.position
    release = Release(
        candidate.rate_kg_s, position.x_m, position.y_m, candidate.height_m, SOURCE_SIZE_M
    )
    return release, Air(candidate.speed_m_s, candidate.from_deg, stability)


def threat_zones(
    scene: Scene, gas: Gas, plume: tuple[Release, Air], temperature_k: float, kernels: Kernels
) -> list[ThreatZone]:
    """Return the zones of `gas`, rising. A zone that the plume never reaches has no rings."""
    found: list[ThreatZone] = []
    for zone in gas.zones:
        threshold = scene.density(zone.value, zone.unit, gas, temperature_k)
        line = isopleth(*plume, threshold, BREATHING_M, kernels)
        found.append(ThreatZone(zone, line.rings, line.truncated))
    return found


def at_places(
    scene: Scene, gas: Gas, plume: tuple[Release, Air], temperature_k: float, kernels: Kernels
) -> list[AtPlace]:
    """Return what the plume brings to every place of the site, in the site file's order."""
    found: list[AtPlace] = []
    for place in scene.places:
        x, y = np.array([place.position.x_m]), np.array([place.position.y_m])
        height = max(place.position.z_m, BREATHING_M)
        density = float(kernels.field(*plume, x, y, height)[0])
        reached = [
            zone.id
            for zone in gas.zones
            if density >= scene.density(zone.value, zone.unit, gas, temperature_k)
        ]
        ppm = scene.ppm(density, gas, temperature_k)
        found.append(AtPlace(place, ppm, reached[-1] if reached else ""))
    return found
