"""The hazard estimate: everything put together for one gas at one moment, and its JSON form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from edge.clock import Instant
from edge.dispersion.passive.plume.briggs import Kernels
from edge.dispersion.weather.pasquill import pasquill_class
from edge.dispersion.weather.sun import sun_elevation_deg
from edge.hazard import wind as winds
from edge.hazard.evidence import Evidence, gather
from edge.hazard.infer import Candidate, MeanWind, rank
from edge.hazard.inputs import Inputs
from edge.hazard.scene import Scene
from edge.hazard.wind import DEFAULT_TEMPERATURE_K, Wind
from edge.hazard.zones import AtPlace, ThreatZone, at_places, plume_of, threat_zones
from edge.tag import Reason
from edge.units import Unit, from_si

MODEL = {"name": "gaussian-plume-briggs-rural", "version": "1"}
NO_DETECTOR = "no-detector"


@dataclass(frozen=True, slots=True)
class Estimate:
    """What hazard knows of one gas. `state` is idle, insufficient, no-wind or estimate.

    `problem` is a word id ("" where there is none) and `reason` the one a predicted tag gets
    while no prediction can be made. `severity` is the largest reading over its level 1.
    """

    state: str
    problem: str
    reason: Reason
    at: Instant
    evidence: Evidence
    wind: Wind
    temperature_k: float | None
    stability: str = ""
    candidates: tuple[Candidate, ...] = ()
    zones: tuple[ThreatZone, ...] = ()
    places: tuple[AtPlace, ...] = ()

    @property
    def predicts(self) -> bool:
        """Whether its places are a prediction (an idle gas predicts zero)."""
        return self.state == "estimate" or (self.state == "idle" and not self.problem)


def estimate(
    scene: Scene, substance: str, inputs: Inputs, now: Instant, kernels: Kernels
) -> Estimate:
    """Return the estimate for `substance`. Pure: no clock, no file, no state of its own."""
    gas = scene.gases[substance]
    temperature = winds.temperature_k(scene, inputs)
    warmth = temperature if temperature is not None else DEFAULT_TEMPERATURE_K
    wind = winds.average(scene, inputs, now)
    evidence = gather(scene, gas, inputs, now, warmth)

    def short(state: str, problem: str = "", reason: Reason = Reason.OK) -> Estimate:
        return Estimate(state, problem, reason, now, evidence, wind, temperature)

    if inputs.silent_s(now) > scene.hazard.stale_s:
        return short("insufficient", "core-silent", Reason.STALE)
    if not evidence.stands:
        return short("idle", *_idle_problem(evidence, wind))
    if wind.problem or wind.speed_m_s is None or wind.from_deg is None:
        return short("no-wind", wind.problem, wind.reason)
    if not gas.candidates:
        return short("insufficient", "no-candidate", Reason.CONFIGURATION)
    stability = _stability(scene, wind.speed_m_s, now)
    mean = MeanWind(wind.speed_m_s, wind.from_deg, wind.sigma_deg, scene.wind_height_m, stability)
    ranked = rank(gas.candidates, evidence.observations, mean, kernels)
    if not ranked:
        return short("insufficient", "unexplained", Reason.DEVICE_BAD)
    plume = plume_of(ranked[0], stability)
    return Estimate(
        "estimate", "", Reason.ESTIMATED, now, evidence, wind, temperature, stability,
        tuple(ranked),
        tuple(threat_zones(scene, gas, plume, warmth, kernels)),
        tuple(at_places(scene, gas, plume, warmth, kernels)),
    )  # fmt: skip


def _idle_problem(evidence: Evidence, wind: Wind) -> tuple[str, Reason]:
    """Return why an idle gas may not be shown as predicted zero: ("", OK) where it may.

    Calm is no fault of the instruments: without evidence there is nothing to carry.
    """
    if not evidence.gas.detectors:
        return NO_DETECTOR, Reason.CONFIGURATION
    if wind.problem not in {"", "calm"}:
        return wind.problem, wind.reason
    if 2 * evidence.usable < len(evidence.gas.detectors) or not evidence.usable:
        unread = evidence.heard < len(evidence.gas.detectors)
        return "detectors-bad", Reason.NOT_YET_READ if unread else Reason.DEVICE_BAD
    return "", Reason.OK


def _stability(scene: Scene, speed_m_s: float, now: Instant) -> str:
    origin = scene.site.file.origin
    elevation = sun_elevation_deg(now.utc_ns, origin.lat_deg, origin.lon_deg)
    return pasquill_class(speed_m_s, elevation)


def as_json(found: Estimate, scene: Scene, compute_s: float) -> dict[str, Any]:
    """Return the estimate as hazard.db, console and relay have it; `compute_s` [s] is its cost."""
    wind, celsius = found.wind, None
    if found.temperature_k is not None:
        celsius = round(from_si(found.temperature_k, Unit.CELSIUS), 1)
    return {
        "id": f"{found.evidence.gas.substance.id}-{found.at.utc_ns}",
        "at_ns": found.at.utc_ns,
        "world": scene.world.value,
        "state": found.state,
        "problem": f"hazard.problem.{found.problem}" if found.problem else "",
        "substance": found.evidence.gas.substance.id,
        "wind": {
            "speed_m_s": _rounded(wind.speed_m_s, 2),
            "from_deg": _rounded(wind.from_deg, 1),
            "sigma_deg": round(wind.sigma_deg, 1),
            "temperature_c": celsius,
            "stability": found.stability,
        },
        "evidence": [
            {
                "tag": o.detector.tag.name,
                "value": _digits(o.value),
                "unit": o.detector.tag.unit.value,
            }
            for o in found.evidence.observations
            if o.alarming
        ],
        "candidates": [_candidate(candidate) for candidate in found.candidates],
        "zones": [_zone(zone) for zone in found.zones],
        "places": [
            {"place": at.place.id, "value_ppm": _digits(at.value_ppm), "zone": at.zone}
            for at in found.places
        ],
        "model": MODEL,
        "compute_s": round(compute_s, 4),
    }


def preparing_json(scene: Scene, now: Instant) -> dict[str, Any]:
    """Return the estimate that says only that the daemon has just started."""
    wind = {
        "speed_m_s": None,
        "from_deg": None,
        "sigma_deg": 0.0,
        "temperature_c": None,
        "stability": "",
    }
    return {
        "id": f"preparing-{now.utc_ns}",
        "at_ns": now.utc_ns,
        "world": scene.world.value,
        "state": "preparing",
        "problem": "",
        "substance": "",
        "wind": wind,
        "evidence": [],
        "candidates": [],
        "zones": [],
        "places": [],
        "model": MODEL,
        "compute_s": 0.0,
    }


def input_record(found: Estimate) -> dict[str, Any]:
    """Return what the estimate was made from, so that it can be judged again later."""
    return {
        "observations": [
            {
                "tag": o.detector.tag.name,
                "value": _digits(o.value),
                "unit": o.detector.tag.unit.value,
                "at_least": o.at_least,
                "alarming": o.alarming,
            }
            for o in found.evidence.observations
        ],
        "usable": found.evidence.usable,
        "detectors": len(found.evidence.gas.detectors),
    }


def _candidate(candidate: Candidate) -> dict[str, Any]:
    return {
        "asset": candidate.asset.id,
        "rate_kg_s": _digits(candidate.rate_kg_s),
        "rate_lo_kg_s": _digits(candidate.rate_lo_kg_s),
        "rate_hi_kg_s": _digits(candidate.rate_hi_kg_s),
        "weight": round(candidate.weight, 4),
    }


def _zone(found: ThreatZone) -> dict[str, Any]:
    return {
        "id": found.zone.id,
        "title": {"zh": found.zone.title.zh, "en": found.zone.title.en},
        "value": found.zone.value,
        "unit": found.zone.unit.value,
        "source": found.zone.source,
        "rings": [[[float(x), float(y)] for x, y in ring] for ring in found.rings],
        "truncated": found.truncated,
    }


def _digits(value: float) -> float:
    """Return `value` with four significant digits: more would pretend."""
    return float(f"{value:.4g}")


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
