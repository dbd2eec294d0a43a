"""Tag, Sample and Quality: the words every other room speaks. No I/O, nothing third-party.

A sample never travels without quality, reason, both times and its world. What a reason does to
alarms stands in one table, `REASONS`; nobody else decides it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import NamedTuple

from edge.units import Unit


class World(StrEnum):
    """Whose world a sample is of. Unknown means live, and live is never suppressed."""

    LIVE = "live"
    TEST = "test"
    DRILL = "drill"
    REPLAY = "replay"


class Quality(IntEnum):
    """OPC UA severity: how far a value may be believed."""

    GOOD = 0
    UNCERTAIN = 1
    BAD = 2


class Reason(StrEnum):
    """Why a sample has its quality; the text is the journal's, API's and catalogue's id."""

    OK = "ok"
    # Uncertain: a value that may be wrong in detail and still counts
    OVER_RANGE = "over-range"
    UNDER_RANGE = "under-range"
    SPIKE = "spike"
    RATE = "rate"
    CLOCK_SKEW = "clock-skew"
    LATE = "late"
    MAINTENANCE_DUE = "maintenance-due"
    CALIBRATION_OVERDUE = "calibration-overdue"
    DEVICE_UNCERTAIN = "device-uncertain"
    ESTIMATED = "estimated"
    LOW_TEMPERATURE = "low-temperature"  # colder than it is made for: slow, less sensitive
    NO_WIND = "no-wind"  # exactly 0 for long: a calm, or a cup that does not turn
    MASTS_DIFFER = "masts-differ"
    # Not a measurement: marked, shown, out of alarms and inference
    CALIBRATING = "calibrating"
    INJECTED = "injected"
    INHIBITED = "inhibited"
    WARM_UP = "warm-up"
    SIMULATED = "simulated"
    # Bad: no usable value
    NOT_YET_READ = "not-yet-read"
    NOT_CONNECTED = "not-connected"
    TIMEOUT = "timeout"
    DEVICE_EXCEPTION = "device-exception"
    BAD_REPLY = "bad-reply"
    DEVICE_FAULT = "device-fault"
    SENSOR_FAULT = "sensor-fault"
    INVALID_VALUE = "invalid-value"
    WRONG_DEVICE = "wrong-device"
    HEARTBEAT_LOST = "heartbeat-lost"
    STUCK = "stuck"
    ICED = "iced"  # a vane that stands still in wind, or a cup that does while others turn
    IMPOSSIBLE = "impossible"
    STALE = "stale"
    CONFIGURATION = "configuration"
    DEVICE_BAD = "device-bad"


class ReasonRule(NamedTuple):
    """What a reason means to the engine and to inference."""

    quality: Quality
    judges: bool  # may raise and clear a limit
    informs: bool  # may vote and be used to infer a release


_GOOD = ReasonRule(Quality.GOOD, judges=True, informs=True)
_DOUBT = ReasonRule(Quality.UNCERTAIN, judges=True, informs=True)
_ASIDE = ReasonRule(Quality.UNCERTAIN, judges=False, informs=False)
_BAD = ReasonRule(Quality.BAD, judges=False, informs=False)

_DOUBTFUL = (
    Reason.OVER_RANGE,
    Reason.UNDER_RANGE,
    Reason.SPIKE,
    Reason.RATE,
    Reason.CLOCK_SKEW,
    Reason.LATE,
    Reason.MAINTENANCE_DUE,
    Reason.CALIBRATION_OVERDUE,
    Reason.DEVICE_UNCERTAIN,
    Reason.ESTIMATED,
    Reason.LOW_TEMPERATURE,
    Reason.NO_WIND,
    Reason.MASTS_DIFFER,
)
_SET_ASIDE = (
    Reason.CALIBRATING,
    Reason.INJECTED,
    Reason.INHIBITED,
    Reason.WARM_UP,
    Reason.SIMULATED,
)
REASONS: dict[Reason, ReasonRule] = {
    reason: _GOOD
    if reason is Reason.OK
    else _DOUBT
    if reason in _DOUBTFUL
    else _ASIDE
    if reason in _SET_ASIDE
    else _BAD
    for reason in Reason
}


@dataclass(frozen=True, slots=True)
class Position:
    """A point in site metres: `x_m` east and `y_m` north of the origin, `z_m` above ground."""

    x_m: float
    y_m: float
    z_m: float = 0.0


@dataclass(frozen=True, slots=True)
class Tag:
    """One measured point (位号): what it measures, where it stands, and where it is read.

    `ref` is the point of the device's template (`concentration[2]`) or an OPC UA node; `range_low`
    and `range_high` are in `unit`; `background` [unit] is what the tag reads in clean air;
    `lel_fraction` [mol/mol] is the LEL that a %LEL channel was calibrated against. A change of no
    more than `journal_deadband` [unit] is not journalled, but at least one sample each
    `journal_every_s` [s] is; None: the site's default.
    """

    name: str
    title_zh: str
    title_en: str
    device: str
    ref: str
    asset: str
    area: str
    substance: str  # "" where none is measured: wind, weather
    quantity: str  # concentration, level, wind_speed, wind_from, temperature, pressure, …
    unit: Unit
    range_low: float
    range_high: float
    period_s: float
    position: Position
    space: str = "outdoor"
    background: float = 0.0
    lel_fraction: float | None = None
    world: World = World.LIVE
    journal_deadband: float | None = None
    journal_every_s: float | None = None


class Sample(NamedTuple):
    """One reading of one tag; immutable. `value` is in the tag's unit, None where there is none.

    Times are UTC nanoseconds: `source_ns` by the instrument's own stamp where it gives one, else
    equal to `receive_ns`.
    """

    tag: str
    value: float | None
    quality: Quality
    reason: Reason
    source_ns: int
    receive_ns: int
    world: World


def bad_sample(tag: Tag, reason: Reason, utc_ns: int) -> Sample:
    """Return the sample that says `tag` has no value now, and why."""
    return Sample(tag.name, None, REASONS[reason].quality, reason, utc_ns, utc_ns, tag.world)
