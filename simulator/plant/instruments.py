"""What the instruments show of the plant: lag, noise, drifting zero, range, faults.

A gas detector is a first-order lag: T90, the time to 90 % of a step, is ln 10 time constants.
Registers are refreshed at the instrument's own pace; between, they hold.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from edge.drivers.base import Reading
from edge.tag import Quality, Reason, Tag
from edge.units import Unit
from simulator.plant.settings import DetectorSettings

Array = NDArray[np.float64]
# T90 [s] by substance where neither tag nor scenario says: catalogue values of electrochemical
# cells and infrared benches, of the order of IEC 62990-1 and IEC 60079-29-1 demands.
T90_S = {"chlorine": 30.0, "ammonia": 60.0, "methane": 10.0, "hydrogen_sulfide": 30.0}
T90_OTHER_S = 30.0
FAILED = Reading(None, Quality.BAD, Reason.SENSOR_FAULT)
NOT_MODELLED = Reading(None, Quality.BAD, Reason.NOT_CONNECTED)
PAST_RANGE = (20.5 - 20) / 16  # of span
OTHER_NOISE = 0.0005  # of span, of levels, pressures, weather


class Instruments:
    """Every gas detector at once, as arrays over `tags`; values in the tags' own units."""

    def __init__(
        self, tags: tuple[Tag, ...], settings: DetectorSettings, generator: np.random.Generator
    ) -> None:
        self.tags = tags
        self._generator = generator
        t90 = [settings.t90_s.get(t.name, _t90(t.substance, settings)) for t in tags]
        self._lag_s = np.asarray(t90) / math.log(10)
        self._low = np.asarray([t.range_low for t in tags])
        self._high = np.asarray([t.range_high for t in tags])
        self._span = self._high - self._low
        self._background = np.asarray([t.background for t in tags])
        self._noise = settings.noise_fraction
        self._drift = settings.drift_fraction
        self._drift_s = settings.drift_time_s
        self.seen: Array = self._background.copy()  # behind the lag, before noise
        self._zero = np.zeros(len(tags))
        self._shown: Array = self.seen.copy()
        self.faults: dict[str, str] = {}

    def lag(self, true: Array, dt_s: float) -> None:
        """Let each detector follow `true` (n,), the gas above its background, for `dt_s` [s]."""
        keep = np.exp(-dt_s / self._lag_s)
        self.seen = (true + self._background) * (1 - keep) + self.seen * keep

    def refresh(self, dt_s: float) -> None:
        """Draw the noise and drift of a new set of registers, `dt_s` [s] after the last."""
        count = len(self.tags)
        keep = math.exp(-dt_s / self._drift_s)
        wander = self._generator.standard_normal(count) * math.sqrt(1 - keep * keep)
        self._zero = self._zero * keep + wander * self._drift * self._span
        noise = self._generator.standard_normal(count) * self._noise * self._span
        fresh = self.seen + self._zero + noise
        frozen = np.asarray([self.faults.get(t.name) == "freeze" for t in self.tags], dtype=bool)
        self._shown = np.where(frozen, self._shown, fresh)

    def readings(self) -> dict[str, Reading]:
        """Return what the detectors show, clipped to their ranges; over the range says so."""
        shown: dict[str, Reading] = {}
        for tag, value in zip(self.tags, self._shown.tolist(), strict=True):
            if self.faults.get(tag.name) == "fail":
                shown[tag.name] = FAILED
            else:
                shown[tag.name] = clipped(tag, value)
        return shown

    def state(self) -> Array:
        """Return everything the next step depends on, for the plant's digest."""
        return np.concatenate([self.seen, self._zero, self._shown])


def clipped(tag: Tag, value: float) -> Reading:
    """Return `value` [the tag's unit] as an instrument of the tag's range gives it.

    A transmitter shows a little past its range before it clips: 20.5 mA of 4-20 (NAMUR NE 43).
    """
    if value > tag.range_high:
        most = tag.range_high + PAST_RANGE * (tag.range_high - tag.range_low)
        return Reading(min(value, most), Quality.UNCERTAIN, Reason.OVER_RANGE)
    return Reading(max(value, tag.range_low), Quality.GOOD, Reason.OK)


def shown(tag: Tag, value: float, noise: float) -> Reading:
    """Return a process or weather value with `noise` (standard normal); switches have none.

    Angles turn past 360; what leaves a range at the bottom sticks there, as a transmitter does.
    """
    if tag.unit is Unit.BOOL:
        return Reading(1.0 if value >= 0.5 else 0.0, Quality.GOOD, Reason.OK)
    noisy = value + noise * OTHER_NOISE * (tag.range_high - tag.range_low)
    if tag.quantity == "wind_from":
        return Reading(noisy % 360.0, Quality.GOOD, Reason.OK)
    return clipped(tag, noisy)


def _t90(substance: str, settings: DetectorSettings) -> float:
    return settings.t90_s.get(substance, T90_S.get(substance, T90_OTHER_S))
