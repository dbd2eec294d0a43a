"""Data-quality scores, 0 to 100: what share of the time a tag gave a value that could be used.

    score = 100 x (sum of weight(reason) x time) / (window - gateway's outages - work on it)
            - flapping - jumps - calibration

Every second weighs by its reason (`WEIGHTS`; Bad and unrecorded weigh 0). Time in which somebody
calibrates or tests the instrument is left out of both sides: working on it must not make it look
worse. A device's score is the mean of its tags', a site's the mean over its tags with gas counted
three times, because those are what people's lives hang on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from edge.quality.parameters import GASES
from edge.quality.tally import NO_RECORD, Key, Spell, Tally
from edge.tag import REASONS, Quality, Reason, Tag

HOUR_S = 3600.0
SILENT = (
    Reason.TIMEOUT,
    Reason.NOT_CONNECTED,
    Reason.STALE,
    Reason.BAD_REPLY,
    Reason.DEVICE_EXCEPTION,
    Reason.NOT_YET_READ,
)
WORKED_ON = (Reason.CALIBRATING, Reason.INJECTED, Reason.WARM_UP)
JUMPS = (Reason.SPIKE, Reason.RATE)

# How much a second counts. A saturated detector says "at least so much", a stale stamp leaves the
# value right; a wind that another mast denies is hardly one; an inhibited detector is blind, but
# somebody meant it.
WEIGHTS: dict[Reason, float] = {
    Reason.OK: 1.0,
    Reason.CALIBRATION_OVERDUE: 1.0,  # it is the penalty below, not the time
    Reason.MAINTENANCE_DUE: 0.9,
    Reason.CLOCK_SKEW: 0.9,
    Reason.OVER_RANGE: 0.8,
    Reason.LATE: 0.8,
    Reason.ESTIMATED: 0.8,
    Reason.NO_WIND: 0.8,
    Reason.LOW_TEMPERATURE: 0.8,
    Reason.DEVICE_UNCERTAIN: 0.7,
    Reason.SPIKE: 0.7,
    Reason.RATE: 0.7,
    Reason.UNDER_RANGE: 0.6,
    Reason.MASTS_DIFFER: 0.5,
    Reason.INHIBITED: 0.2,
    Reason.SIMULATED: 0.0,
}
FREE_CHANGES_H = 0.5  # changes of quality per hour that are nobody's fault
PER_CHANGE_H, MOST_FLAPPING = 2.0, 10.0
PER_JUMP_H, MOST_JUMPS = 2.0, 10.0
OVERDUE = 10.0
GAS_WEIGHT = 3.0
SOON_DAYS = 30


class Score(NamedTuple):
    """One tag's score and what it is made of. Times are [s], shares 0 to 1 of `observed_s`.

    `score` is None where nothing could be observed: the gateway was off, or all of it was work.
    """

    tag: str
    device: str
    gas: bool
    score: int | None
    observed_s: float
    good: float
    uncertain: float
    bad: float
    missing: float  # no record though the gateway ran
    silent: float  # no answer: the line, the power, the address
    frozen_s: float
    out_of_range_s: float
    worked_on_s: float
    changes: int
    jumps: int
    expected: int  # readings by its period
    heard: int
    noise: float | None  # [unit]
    lowest: float | None
    highest: float | None
    calibration_days: int | None  # until it is due; negative: overdue; None: no day is known
    penalties: float


def score_of(
    tag: Tag, tally: Tally, window_s: float, outage_s: float, due: date | None, today: date
) -> Score:
    """Return the score of `tag` over a window of `window_s` [s] that ended on `today`."""
    worked_s = tally.seconds(*WORKED_ON)
    observed_s = max(0.0, window_s - outage_s - worked_s)
    by_quality = _by_quality(tally)
    missing_s = tally.seconds(NO_RECORD)
    silent_s = tally.seconds(*SILENT)
    days = None if due is None else (due - today).days
    jumps = sum(tally.spells[r].count for r in JUMPS if r in tally.spells)
    hours = max(observed_s / HOUR_S, 1.0)
    penalties = _penalties(tally.changes / hours, jumps / hours, days)
    value: int | None = None
    if observed_s > 0:
        weighed = sum(WEIGHTS.get(k, 0.0) * s.seconds for k, s in tally.spells.items() if k)
        value = max(0, min(100, round(100 * weighed / observed_s - penalties)))
    heard = max(0.0, observed_s - missing_s - silent_s) / tag.period_s
    shares = [_share(s, observed_s) for s in (*by_quality, missing_s, silent_s)]
    return Score(
        tag.name,
        tag.device,
        tag.quantity in GASES,
        value,
        observed_s,
        *shares,
        frozen_s=tally.seconds(Reason.STUCK, Reason.ICED),
        out_of_range_s=tally.seconds(Reason.OVER_RANGE, Reason.UNDER_RANGE),
        worked_on_s=worked_s,
        changes=tally.changes,
        jumps=jumps,
        expected=round(observed_s / tag.period_s),
        heard=round(heard),
        noise=tally.noise,
        lowest=tally.lowest,
        highest=tally.highest,
        calibration_days=days,
        penalties=penalties,
    )


def _by_quality(tally: Tally) -> tuple[float, float, float]:
    """Return the seconds of Good, Uncertain and Bad, work on the instrument left out."""
    seconds = dict.fromkeys(Quality, 0.0)
    for key, spell in tally.spells.items():
        if key is not None and key not in WORKED_ON:
            seconds[REASONS[key].quality] += spell.seconds
    return seconds[Quality.GOOD], seconds[Quality.UNCERTAIN], seconds[Quality.BAD]


def _penalties(changes_h: float, jumps_h: float, days: int | None) -> float:
    flapping = min(MOST_FLAPPING, PER_CHANGE_H * max(0.0, changes_h - FREE_CHANGES_H))
    jumping = min(MOST_JUMPS, PER_JUMP_H * jumps_h)
    return flapping + jumping + (OVERDUE if days is not None and days < 0 else 0.0)


def _share(part_s: float, whole_s: float) -> float:
    return min(1.0, part_s / whole_s) if whole_s > 0 else 0.0


def device_scores(scores: Iterable[Score]) -> dict[str, int | None]:
    """Return each device's score: the mean of its tags'."""
    found: dict[str, list[Score]] = {}
    for score in scores:
        found.setdefault(score.device, []).append(score)
    return {device: mean(mine, gas_weight=1.0) for device, mine in found.items()}


def mean(scores: Iterable[Score], gas_weight: float = GAS_WEIGHT) -> int | None:
    """Return the mean score, a gas tag counted `gas_weight` times; None where there is none."""
    total = weight = 0.0
    for score in scores:
        if score.score is not None:
            own = gas_weight if score.gas else 1.0
            total += own * score.score
            weight += own
    return round(total / weight) if weight else None


def spell_of(tally: Tally, keys: Iterable[Key]) -> Mapping[Key, Spell]:
    """Return those of a tally's spells whose reason is one of `keys`."""
    return {key: tally.spells[key] for key in keys if key in tally.spells}
