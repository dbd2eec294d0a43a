"""Calibration mode: detectors that a person has set aside, and their return within the hour.

While a spell lasts, whatever the detector sends is marked Calibrating: it raises and clears
nothing, does not vote and informs no estimate, and test gas in its head is nobody's alarm: not
here, where the detectors' own controller (GDS) alarms on it, though the GDS sounds as it does. The
detector is blind meanwhile, which the pages show. It returns by itself, because one that was
forgotten is worse than one that alarms too early. An instrument that says of itself that it is
being calibrated is marked by its template and needs no spell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from edge.clock import NS, Instant
from edge.errors import CommandError
from edge.event import Event, Param, StateRow, Transition, text, whole
from edge.site.model import GdsTags
from edge.tag import Quality, Reason, Sample, World

LONGEST_S = 3600.0
ROW = "/calibration"  # ends the name of a spell's row among the conditions' states
IDLE, RUNNING = "normal", "calibrating"


@dataclass(frozen=True, slots=True)
class Spell:
    """One detector's time aside: stamps in UTC for people, its end on the monotonic clock."""

    tag: str
    actor: str
    permit: str
    since_ns: int
    until_ns: int
    ends_mono_ns: int

    def as_dict(self) -> dict[str, Param]:
        """Return docs/wire.md's calibration."""
        return {
            "tag": self.tag,
            "actor": self.actor,
            "permit": self.permit,
            "since_ns": self.since_ns,
            "until_ns": self.until_ns,
        }


class Calibration:
    """The detectors of one site that are being calibrated; `tags` are those that may be.

    The alarm states that the GDS gives of a detector (`gds`, by detector) are set aside with it.
    """

    def __init__(
        self, tags: Iterable[str], world: World, gds: Mapping[str, GdsTags] | None = None
    ) -> None:
        self._tags = frozenset(tags)
        self._alarms = _alarms(gds or {})
        self._world = world
        self._spells: dict[str, Spell] = {}

    @property
    def running(self) -> bool:
        """Whether any detector is set aside."""
        return bool(self._spells)

    def apply(
        self, tags: Iterable[str], now: Instant, gds: Mapping[str, GdsTags] | None = None
    ) -> list[Transition]:
        """Take up a changed site's `tags`; a spell of one that is gone ends."""
        self._tags = frozenset(tags)
        self._alarms = _alarms(gds or {})
        gone = [spell for spell in self._spells.values() if spell.tag not in self._tags]
        for spell in gone:
            del self._spells[spell.tag]
        return [self._returned("calibration.ended", spell, now) for spell in gone]

    def begin(
        self, tag: str, actor: str, now: Instant, seconds: float = LONGEST_S, permit: str = ""
    ) -> list[Transition]:
        """Set `tag` aside for `seconds` [s] from `now`; a running spell begins anew.

        Raises `CommandError` for a tag that is none of the site's own, a time that is none, or
        without the number of a permit.
        """
        if tag not in self._tags:
            raise CommandError("calibration.refused.tag", {"tag": tag[:64]})
        if not permit.strip():
            raise CommandError("calibration.refused.permit", {"tag": tag[:64]})
        if not 0 < seconds <= LONGEST_S:
            raise CommandError("calibration.refused.time", {"minutes": round(LONGEST_S / 60)})
        span_ns = round(seconds * NS)
        until = now.utc_ns + span_ns, now.mono_ns + span_ns
        spell = self._spells[tag] = Spell(tag, actor, permit, now.utc_ns, *until)
        row = StateRow(tag + ROW, RUNNING, spell.as_dict())
        return [Transition(self._event("calibration.begun", spell, now), row)]

    def end(self, tag: str, now: Instant) -> list[Transition]:
        """Let `tag` watch again. Raises `CommandError` where it has not been set aside."""
        spell = self._spells.pop(tag, None)
        if spell is None:
            raise CommandError("calibration.refused.not-running", {"tag": tag[:64]})
        return [self._returned("calibration.ended", spell, now)]

    def tick(self, now: Instant) -> list[Transition]:
        """Return the detectors whose time has run out to their watch."""
        if not self._spells:
            return []
        over = [spell for spell in self._spells.values() if now.mono_ns >= spell.ends_mono_ns]
        for spell in over:
            del self._spells[spell.tag]
        return [self._returned("calibration.expired", spell, now) for spell in over]

    def mark(self, sample: Sample) -> Sample:
        """Return `sample` as what it is: a reading under calibration where its tag is set aside.

        A lost reading is marked as well, without a value: cables are pulled during a calibration.
        """
        if self._alarms.get(sample.tag, sample.tag) not in self._spells:
            return sample
        return sample._replace(quality=Quality.UNCERTAIN, reason=Reason.CALIBRATING)

    def beside(self, tag: str) -> list[str]:
        """Return what is set aside with `tag`: itself first."""
        return [tag, *(alarm for alarm, detector in self._alarms.items() if detector == tag)]

    def views(self) -> list[dict[str, Param]]:
        """Return the running spells, the next to end first."""
        return [s.as_dict() for s in sorted(self._spells.values(), key=lambda s: s.ends_mono_ns)]

    def restore(
        self, rows: Iterable[StateRow], now: Instant
    ) -> tuple[list[StateRow], list[Transition]]:
        """Take over a former run's spells; return the rows of others, and what ended meanwhile.

        The time that core was away counts. A wall clock that stands before the spell's start is
        wrong, and the spell's whole time is granted once more: never more than that.
        """
        others: list[StateRow] = []
        ended: list[Transition] = []
        for row in rows:
            if not row.condition.endswith(ROW):
                others.append(row)
                continue
            spell = _spell(row, now) if row.state == RUNNING else None
            if spell is None:
                continue
            if spell.tag in self._tags and spell.ends_mono_ns > now.mono_ns:
                self._spells[spell.tag] = spell
            else:
                ended.append(self._returned("calibration.expired", spell, now))
        return others, ended

    def _returned(self, kind: str, spell: Spell, now: Instant) -> Transition:
        return Transition(self._event(kind, spell, now), StateRow(spell.tag + ROW, IDLE, {}))

    def _event(self, kind: str, spell: Spell, now: Instant) -> Event:
        return Event(kind, spell.tag, now, self._world, spell.as_dict())


def _alarms(gds: Mapping[str, GdsTags]) -> dict[str, str]:
    """Return the detector of each alarm state that the GDS gives."""
    return {tag: name for name, tags in gds.items() for tag in tags[:2] if tag}


def _spell(row: StateRow, now: Instant) -> Spell:
    params, tag = row.params, row.condition.removesuffix(ROW)
    since_ns, until_ns = whole(params, "since_ns"), whole(params, "until_ns")
    whole_ns = min(max(until_ns - since_ns, 0), round(LONGEST_S * NS))
    left_ns = min(max(until_ns - now.utc_ns, 0), whole_ns)
    actor, permit = text(params, "actor"), text(params, "permit")
    return Spell(tag, actor, permit, since_ns, until_ns, now.mono_ns + left_ns)
