"""What each tag is checked by: the tag list's columns, and where they are empty its quantity.

Defaults are few on purpose. A check that cries in good air is switched off by the third night, so
there is a default only where the physics of the quantity bears it:

- A gas tag has no default for jumps: zero to over-range between two polls is what it is there for.
- Weather (tags of a mast) follows WMO's step test: air temperature 3 degC, humidity 15 %, pressure
  2 hPa, wind speed 20 m/s between neighbouring readings (I. Zahumensky, Guidelines on Quality
  Control Procedures for Data from Automatic Weather Stations, 2004). Its persistence test asks for
  some change within an hour; ours waits longer, because cheap instruments read whole degrees.
- Levels, states and process values may stand for weeks: they are called frozen only by `frozen_s`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from edge.site.model import Checks
from edge.tag import Tag
from edge.units import LINEAR, Unit

GAS_FROZEN_S = 3600.0
GAS_CLEAR_SHARE = 0.05  # of the span: a zero that drifted this far may stand still for days
LATE_S, LATE_PERIODS = 10.0, 3.0
AIR_OXYGEN_VOL = 20.9  # % by volume, where the tag list gives no background
GASES = frozenset({"concentration", "oxygen"})
NO_CHECKS = Checks()


class Weather(NamedTuple):
    """Defaults of a mast's tag: a jump and a stillness that no air makes."""

    spike: float  # in `unit`
    unit: Unit
    frozen_s: float


WEATHER = {
    "temperature": Weather(3.0, Unit.CELSIUS, 6 * 3600.0),
    "humidity": Weather(15.0, Unit.PERCENT_RH, 6 * 3600.0),
    "pressure": Weather(2.0, Unit.HECTOPASCAL, 6 * 3600.0),
    "wind_speed": Weather(20.0, Unit.METRE_PER_SECOND, 1800.0),
}


class Parameters(NamedTuple):
    """One tag's checks. `spike`, `rate` and `still_s` are infinite where there is no such check.

    `clear` [unit] is what the tag reads in clean air. Between `clear_low` and `clear_high` a value
    may stand still without being called frozen, unless the tag has been seen to move there; see
    `Track.frozen`.
    """

    spike: float  # [unit]
    rate: float  # [unit/s]
    still_s: float
    clear: float  # [unit]
    clear_low: float
    clear_high: float
    late_s: float
    t_min_c: float | None
    due_day: int | None  # the last day of the calibration, as `date.toordinal` counts


def parameters_of(
    tag: Tag, checks: Checks | None, *, mast: bool, device_t_min_c: float | None
) -> Parameters:
    """Return what `tag` is checked by; `mast`: it is a weather mast's."""
    given = checks or NO_CHECKS
    spike, still_s = _defaults(tag, mast=mast)
    clear = tag.background or (AIR_OXYGEN_VOL if tag.quantity == "oxygen" else 0.0)
    clear_low, clear_high = math.inf, -math.inf  # nowhere: who wrote frozen_s means every value
    if given.frozen_s is None and tag.quantity in GASES:
        width = GAS_CLEAR_SHARE * (tag.range_high - tag.range_low)
        clear_low, clear_high = clear - width, clear + width
    elif given.frozen_s is None and tag.quantity == "wind_speed":
        clear_low = clear_high = 0.0  # a calm, or ice: edge.quality.wind
    due = given.calibration_due
    return Parameters(
        spike=_or(given.spike, spike),
        rate=_or(given.rate_max, math.inf),
        still_s=_or(given.frozen_s, still_s),
        clear=clear,
        clear_low=clear_low,
        clear_high=clear_high,
        late_s=_or(given.late_s, max(LATE_S, LATE_PERIODS * tag.period_s)),
        t_min_c=given.t_min_c if given.t_min_c is not None else device_t_min_c,
        due_day=None if due is None else due.toordinal(),
    )


def _or(given: float | None, default: float) -> float:
    """Return the tag list's figure; 0 there means never."""
    if given is None:
        return default
    return given or math.inf


def _defaults(tag: Tag, *, mast: bool) -> tuple[float, float]:
    """Return spike [unit] and still_s [s] of the quantity; infinity where it has none."""
    if tag.quantity in GASES:
        return math.inf, GAS_FROZEN_S
    weather = WEATHER.get(tag.quantity) if mast else None
    if weather is None:
        return math.inf, math.inf
    have, want = LINEAR[weather.unit], LINEAR[tag.unit]
    return weather.spike * have.factor / want.factor, weather.frozen_s
