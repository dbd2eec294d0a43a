"""Evidence: which readings of one gas speak for a release, and which against.

A detector above its level 1 within the window speaks for it; every other usable detector of that
gas speaks too: what it does not smell is evidence as well. Readings that do not inform (being
calibrated, injected, Bad) are left out. A reading at the end of its range is a lower bound.
"""

from __future__ import annotations

from typing import NamedTuple

from edge.clock import NS, Instant
from edge.hazard.inputs import Entry, Inputs
from edge.hazard.scene import BREATHING_M, Detector, Gas, Scene
from edge.tag import Reason
from edge.units import gas_to_density

LEAST_WINDOW_S = 60.0
MOST_WINDOW_S = 600.0


class Observation(NamedTuple):
    """What one detector says of the window: mean above background [kg/m3] and its clear-air error.

    `value` is the mean in the tag's unit as read; `at_least`: the truth may be higher, for it
    stood at the end of its range; `risen_s` [s] is how long ago it first rose above level 1, None
    if it was not above it in the window.
    """

    detector: Detector
    value: float
    density_kg_m3: float
    noise_kg_m3: float
    at_least: bool
    risen_s: float | None

    @property
    def alarming(self) -> bool:
        """Whether it was above level 1 in the window."""
        return self.risen_s is not None

    @property
    def point(self) -> tuple[float, float, float]:
        """Return where it smells [site metres]; one without a height stands at nose height."""
        position = self.detector.tag.position
        return position.x_m, position.y_m, position.z_m if position.z_m > 0 else BREATHING_M


class Evidence(NamedTuple):
    """What is known about one gas now; it stands while any detector alarms in the window."""

    gas: Gas
    observations: tuple[Observation, ...]
    usable: int  # detectors that can speak now
    heard: int  # detectors that core has said anything about

    @property
    def stands(self) -> bool:
        """Whether a release must be looked for."""
        return any(observation.alarming for observation in self.observations)

    @property
    def severity(self) -> float:
        """Return the largest reading as a multiple of its level 1; 0 where none alarms."""
        return max(
            (
                o.value / o.detector.level_1
                for o in self.observations
                if o.alarming and o.detector.level_1
            ),
            default=0.0,
        )


def gather(scene: Scene, gas: Gas, inputs: Inputs, now: Instant, temperature_k: float) -> Evidence:
    """Return the evidence on `gas` at `now`, readings turned to SI at `temperature_k` [K].

    All detectors are averaged over the same time: since the first rose above level 1, at most a
    minute (five periods of a slow detector), so that a young cloud is not thinned by the clear
    air before it.
    """
    slowest = max((d.tag.period_s for d in gas.detectors), default=0.0)
    window_s = min(max(5 * slowest, LEAST_WINDOW_S), MOST_WINDOW_S)
    start = now.mono_ns - round(window_s * NS)
    far = now.mono_ns - round(MOST_WINDOW_S * NS)
    rises = {d.tag.name: _risen_ns(d, inputs, start, now.mono_ns) for d in gas.detectors}
    since = min((ns for ns in rises.values() if ns is not None), default=start)
    observations: list[Observation] = []
    for detector in gas.detectors:
        found = _observe(scene, gas, detector, inputs, since, now.mono_ns, temperature_k)
        if found is not None:
            if rises[detector.tag.name] is not None:
                onset = _risen_ns(detector, inputs, far, now.mono_ns) or since
                found = found._replace(risen_s=(now.mono_ns - onset) / NS)
            observations.append(found)
    latest = [inputs.latest(detector.tag.name) for detector in gas.detectors]
    usable = sum(1 for entry in latest if entry is not None and entry.informs)
    heard = sum(1 for entry in latest if entry is not None)
    return Evidence(gas, tuple(observations), usable, heard)


def _risen_ns(detector: Detector, inputs: Inputs, start: int, end: int) -> int | None:
    """Return when the detector was first above level 1 in the window [mono ns], None if never."""
    if detector.level_1 is None:
        return None
    for _, entry in inputs.pieces(detector.tag.name, start, end):
        if entry.informs and entry.value is not None and entry.value >= detector.level_1:
            return max(entry.mono_ns, start)
    return None


def _observe(
    scene: Scene,
    gas: Gas,
    detector: Detector,
    inputs: Inputs,
    start: int,
    end: int,
    temperature_k: float,
) -> Observation | None:
    """Return a detector's mean over the window; None where it has no reading that informs."""
    tag = detector.tag
    pieces = [p for p in inputs.pieces(tag.name, start, end) if p.entry.informs]
    if not pieces:
        return None
    total = sum(piece.seconds for piece in pieces)
    value = sum(p.seconds * p.entry.value for p in pieces if p.entry.value is not None) / total
    one = gas_to_density(
        1.0, tag.unit, gas.substance.molar_mass_kg_mol, temperature_k,
        tag.lel_fraction, scene.pressure_pa,
    )  # fmt: skip
    return Observation(
        detector,
        value,
        (value - tag.background) * one,
        detector.noise * one,
        at_least=any(_clipped(piece.entry, tag.range_high) for piece in pieces),
        risen_s=None,
    )


def _clipped(entry: Entry, range_high: float) -> bool:
    """Whether a reading stands at the end of its range."""
    return entry.reason is Reason.OVER_RANGE or (
        entry.value is not None and entry.value >= range_high
    )
