"""What core does for its horns beside driving them: tests, buttons, trouble, facts as tags.

Trouble is what makes it doubtful that people would be warned, and lights every trouble beacon: an
annunciator fails (its own beacon as well, as far as its device still takes that), no device at all
can be read, core itself stood still. A disk that refuses is none: the horns do not wait for it.
What core can tell nobody any more, because it is dead, the watchdog beside the device tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from edge.annunciate import Annunciator, Button, Evacuation, ShiftTest
from edge.clock import NS, Instant
from edge.event import Event, Param, StateRow, Transition
from edge.site.model import Site
from edge.site.own_tags import SHIFT_TEST, works_tag
from edge.tag import REASONS, Quality, Reason, Sample, Tag

STALLED_S = 60.0  # how long core's own standstill is shown
BLIND_S = 10.0  # no device read for so long is trouble; a start takes less
FAILED, BLIND, STALLED = "annunciator-failed", "no-device", "core-stalled"
Trouble = tuple[str, str]  # reason, subject


class Horns:
    """The state of a site's annunciation, between the annunciator and the cycle. No call waits."""

    def __init__(self, site: Site, annunciator: Annunciator) -> None:
        file = site.file
        self._annunciator = annunciator
        self.evacuation = Evacuation(_evacuated(site), site.world)
        names = [item.id for item in file.annunciators if item.tested]
        self._shift = ShiftTest(names, file.shifts, file.utc_offset_h)
        self._troubles: set[Trouble] = set()
        self._said: dict[str, float] = {}  # facts, by tag
        self._buttons: dict[str, Button] = {}
        self._blind_ns: int | None = None  # since when no device could be read
        self._stalled_ns: int | None = None  # when core last came back
        self._take_up(site)

    def _take_up(self, site: Site) -> None:
        self._site = site
        file = site.file
        self.inputs: dict[str, list[str]] = {}  # silence input -> its annunciators
        for item in file.annunciators:
            if item.silence_input:
                self.inputs.setdefault(item.silence_input, []).append(item.id)
        self._buttons = {name: self._buttons.get(name, Button()) for name in self.inputs}
        self._shows = [item.id for item in file.annunciators if item.of_kind("trouble")]
        self._polled = [tag.name for tag in site.tags.values() if tag.device in site.devices]
        self._said = {name: value for name, value in self._said.items() if name in site.tags}

    # --- buttons ---------------------------------------------------------------------------------

    def press(self, sample: Sample, now: Instant) -> list[Transition]:
        """Take a sample of a silence input; still its horns if it was pressed."""
        if not self._buttons[sample.tag].press(sample, now.mono_ns):
            return []
        told: list[Transition] = []
        for name in self.inputs[sample.tag]:
            params: dict[str, Param] = {"count": self._annunciator.silence(name)}
            params |= {"actor": "button", "place": sample.tag, "until_ns": self._until_ns(name)}
            told.append(self._event("annunciator.silenced", name, params, now))
        return told

    def _until_ns(self, name: str) -> Param:
        rows = self._annunciator.tones()
        return next(row["until_ns"] for row in rows if row["annunciator"] == name)

    # --- tests -----------------------------------------------------------------------------------

    def tested(self, name: str, actor: str, now: Instant) -> list[Transition]:
        """Take it that the device of an annunciator has taken the test of all that it has."""
        row = self._shift.done(name)
        event = self._event("annunciator.tested", name, {"actor": actor}, now).event
        return [Transition(event, row)]

    # --- what comes with time --------------------------------------------------------------------

    def tick(
        self, now: Instant, latest: Mapping[str, Sample]
    ) -> tuple[list[Transition], list[Sample]]:
        """Return what time, and the annunciators, have brought: events, and facts that changed."""
        told: list[Transition] = []
        if (row := self._shift.tick(now)) is not None:
            params: dict[str, Param] = {"shift_ns": row.params["shift_ns"]}
            params["untested"] = " ".join(self._shift.untested())
            begun = Event("shift.begun", "shift", now, self._site.world, params)
            told.append(Transition(begun, row))
        for tag, button in self._buttons.items():
            if button.sticks(now.mono_ns):
                told += [
                    self._event("annunciator.button-stuck", name, {"tag": tag}, now)
                    for name in self.inputs[tag]
                ]
        told += self._watch(now, latest)
        return told, self._facts(now)

    def stalled(self, now: Instant) -> None:
        """Take it that core itself stood still until now."""
        self._stalled_ns = now.mono_ns

    def _watch(self, now: Instant, latest: Mapping[str, Sample]) -> list[Transition]:
        """Light and put out the trouble beacons; return which trouble has begun and ended."""
        if not self._shows:
            return []
        found = self._found(now, latest)
        if found == self._troubles:
            return []
        before, self._troubles = self._troubles, found
        self._annunciator.trouble(self._shows if found else ())
        told: list[Transition] = []
        for kind, changed in (("trouble.began", found - before), ("trouble.ended", before - found)):
            for reason, subject in sorted(changed):
                params: dict[str, Param] = {"reason": reason, "subject": subject}
                told.append(Transition(Event(kind, subject, now, self._site.world, params), None))
        return told

    def _found(self, now: Instant, latest: Mapping[str, Sample]) -> set[Trouble]:
        working = self._annunciator.working()
        found = {(FAILED, name) for name, works in working.items() if works is False}
        if self._polled and all(latest[tag].quality is Quality.BAD for tag in self._polled):
            self._blind_ns = now.mono_ns if self._blind_ns is None else self._blind_ns
            if now.mono_ns - self._blind_ns >= BLIND_S * NS:
                found.add((BLIND, "field"))
        else:
            self._blind_ns = None
        if self._stalled_ns is not None and now.mono_ns - self._stalled_ns < STALLED_S * NS:
            found.add((STALLED, "core"))
        return found

    def _facts(self, now: Instant) -> list[Sample]:
        facts = {works_tag(name): ok for name, ok in self._annunciator.working().items()}
        if SHIFT_TEST in self._site.tags:
            facts[SHIFT_TEST] = not self._shift.overdue(now)
        made: list[Sample] = []
        for name, true in facts.items():
            tag = self._site.tags.get(name)
            if true is not None and tag is not None and self._said.get(name) != true:
                self._said[name] = float(true)
                made.append(_sample(tag, float(true), now))
        return made

    # --- what was before, and what is shown ------------------------------------------------------

    def restore(
        self, rows: Iterable[StateRow], now: Instant
    ) -> tuple[list[StateRow], list[Transition]]:
        """Take over what a former run left; return the rows of others, and what ended meanwhile."""
        others, ended = self.evacuation.restore(self._shift.restore(rows, now), now)
        self._annunciator.evacuate(self.evacuation.running)
        return others, ended

    def evacuate(self) -> None:
        """Have the evacuation sounds follow the orders."""
        self._annunciator.evacuate(self.evacuation.running)

    def apply(self, site: Site, now: Instant) -> list[Transition]:
        """Take up a changed site; what goes on in it goes on."""
        file = site.file
        names = [item.id for item in file.annunciators if item.tested]
        self._shift.apply(names, file.shifts, file.utc_offset_h)
        self._take_up(site)
        ended = self.evacuation.apply(_evacuated(site), now)
        self.evacuate()
        return ended

    def view(self, now: Instant) -> dict[str, object]:
        """Return docs/wire.md's `annunciation`."""
        tones = self._annunciator.tones()
        incident = any(row["incident"] for row in tones)
        return {
            "incident": incident,
            "silenced": incident and not any(row["tone"] for row in tones),
            "evacuating": sorted(self.evacuation.running),
            "test_due": self._shift.overdue(now),
            "untested": self._shift.untested(),
            "trouble": [{"reason": r, "subject": s} for r, s in sorted(self._troubles)],
            "orders": self.evacuation.orders(),
            "tones": tones,
        }

    def _event(self, kind: str, name: str, params: Mapping[str, Param], now: Instant) -> Transition:
        named = {"annunciator": name, **params}
        return Transition(Event(kind, name, now, self._site.world, named), None)


def _evacuated(site: Site) -> set[str]:
    """Return the areas that have an evacuation sound."""
    items = site.file.annunciators
    return {area for item in items if item.of_kind("evacuation") for area in item.areas}


def _sample(tag: Tag, value: float, now: Instant) -> Sample:
    quality = REASONS[Reason.OK].quality
    return Sample(tag.name, value, quality, Reason.OK, now.utc_ns, now.utc_ns, tag.world)
