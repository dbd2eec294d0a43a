"""Which instruments to visit first, why, since when, and with what: findings made of tallies. Pure.

One table says which reasons make which finding and how grave it is; the words for people (what it
is, what to do, what to bring) are in the catalogue under `quality.find.`, `.do.` and `.bring.`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from edge.quality.parameters import GASES
from edge.quality.score import JUMPS, SILENT, SOON_DAYS, WORKED_ON, Score, spell_of
from edge.quality.tally import NO_RECORD, Key, Spell, Tally
from edge.tag import Reason, Tag


class Kind(NamedTuple):
    """One kind of finding: its reasons, and how urgent it is (0-100) where it blinds a gas alarm.

    It is told from `least_s` [s] in the window or from `least_count` beginnings on.
    """

    id: str
    keys: tuple[Key, ...]
    urgency: int
    least_s: float = 60.0
    least_count: int = 0


KINDS = (
    Kind("wrong-device", (Reason.WRONG_DEVICE,), 98, 1.0),
    Kind("unit", (Reason.CONFIGURATION,), 96, 1.0),
    Kind(
        "fault",
        (
            Reason.SENSOR_FAULT,
            Reason.DEVICE_FAULT,
            Reason.DEVICE_BAD,
            Reason.INVALID_VALUE,
            Reason.IMPOSSIBLE,
        ),
        92,
    ),
    Kind("silent", SILENT, 90),
    Kind("heartbeat", (Reason.HEARTBEAT_LOST,), 86),
    Kind("stuck", (Reason.STUCK,), 84),
    Kind("iced", (Reason.ICED,), 82),
    Kind("inhibited", (Reason.INHIBITED, Reason.SIMULATED), 72, 4 * 3600.0),
    Kind("left-in-work", WORKED_ON, 66, 8 * 3600.0),
    Kind("under-range", (Reason.UNDER_RANGE,), 56, 600.0),
    Kind("over-range", (Reason.OVER_RANGE,), 52, 600.0),
    Kind("missing", (NO_RECORD,), 50, 600.0),
    Kind("masts-differ", (Reason.MASTS_DIFFER,), 46, 600.0),
    Kind("jumps", JUMPS, 44, 600.0, 5),
    Kind("calibration", (Reason.CALIBRATION_OVERDUE,), 42, 1.0),
    Kind("service", (Reason.MAINTENANCE_DUE, Reason.DEVICE_UNCERTAIN, Reason.ESTIMATED), 38, 600.0),
    Kind("cold", (Reason.LOW_TEMPERATURE,), 34, 600.0),
    Kind("clock", (Reason.CLOCK_SKEW,), 28, 600.0),
    Kind("late", (Reason.LATE,), 26, 600.0),
    Kind("no-wind", (Reason.NO_WIND,), 22, 3600.0),
)
SOON = Kind("calibration-soon", (), 14)
OVERDUE = next(kind for kind in KINDS if kind.id == "calibration")
PASSED = 0.6  # what is over now is less urgent
SHORT = 0.5  # and so is what lasted minutes; an hour makes it full
FULL_S = 3600.0
ALSO = 0.02  # each further finding of a device lifts it a little above its like


class Finding(NamedTuple):
    """One kind of trouble of a device's tags. `since_ns` [ns UTC] is when it last began."""

    kind: str
    tags: tuple[str, ...]
    seconds: float
    times: int
    since_ns: int
    standing: bool  # at the window's end
    urgency: float
    days: int | None = None  # of calibration: until it is due


class Visit(NamedTuple):
    """A device to go to, with everything found on it, gravest first."""

    device: str
    urgency: float
    findings: tuple[Finding, ...]


def visits(
    tags: Mapping[str, Tag],
    tallies: Mapping[str, Tally],
    scores: Iterable[Score],
    limited: frozenset[str],
) -> list[Visit]:
    """Return the devices worth a visit, most urgent first. `limited`: tags that have an alarm."""
    by_device: dict[str, dict[str, list[Finding]]] = {}
    for score in scores:
        tag = tags[score.tag]
        stakes = _stakes(tag, limited)
        mine = by_device.setdefault(tag.device, {})
        for finding in _findings(score, tallies[score.tag], stakes):
            mine.setdefault(finding.kind, []).append(finding)
    found: list[Visit] = []
    for device, kinds in by_device.items():
        joined = sorted((_join(same) for same in kinds.values()), key=lambda f: -f.urgency)
        if joined:
            urgency = joined[0].urgency * (1 + ALSO * (len(joined) - 1))
            found.append(Visit(device, urgency, tuple(joined)))
    return sorted(found, key=lambda visit: (-visit.urgency, visit.device))


def _stakes(tag: Tag, limited: frozenset[str]) -> float:
    """Return what hangs on a tag: a gas alarm, the wind that a plume goes by, or less."""
    if tag.quantity in GASES:
        return 1.0 if tag.name in limited else 0.9
    if tag.quantity in {"wind_speed", "wind_from"}:
        return 0.85
    return 0.75 if tag.name in limited else 0.6


def _findings(score: Score, tally: Tally, stakes: float) -> Iterable[Finding]:
    for kind in KINDS:
        spells = spell_of(tally, kind.keys)
        seconds = sum(spell.seconds for spell in spells.values())
        count = sum(spell.count for spell in spells.values())
        if seconds >= kind.least_s or (kind.least_count and count >= kind.least_count):
            yield _found(kind, score, tally, spells, stakes)
    days = score.calibration_days
    if days is not None and days <= SOON_DAYS and not spell_of(tally, OVERDUE.keys):
        kind = OVERDUE if days < 0 else SOON
        urgency = kind.urgency * stakes
        yield Finding(kind.id, (score.tag,), 0.0, 0, 0, standing=True, urgency=urgency, days=days)


def _found(
    kind: Kind, score: Score, tally: Tally, spells: Mapping[Key, Spell], stakes: float
) -> Finding:
    seconds = sum(spell.seconds for spell in spells.values())
    newest = max(spells.values(), key=lambda spell: spell.until_ns)
    standing = tally.standing in spells
    length = SHORT + (1 - SHORT) * min(1.0, seconds / FULL_S)
    urgency = kind.urgency * stakes * (1.0 if standing else PASSED) * length
    return Finding(
        kind.id,
        (score.tag,),
        seconds,
        sum(spell.count for spell in spells.values()),
        newest.since_ns,
        standing,
        urgency,
        score.calibration_days if kind is OVERDUE else None,
    )


def _join(same: list[Finding]) -> Finding:
    """Return one finding of several tags of a device that have the same trouble."""
    first = max(same, key=lambda finding: finding.urgency)
    return first._replace(
        tags=tuple(tag for finding in same for tag in finding.tags),
        seconds=max(finding.seconds for finding in same),
        times=max(finding.times for finding in same),
        since_ns=min(finding.since_ns for finding in same),
        standing=any(finding.standing for finding in same),
    )
