"""What happens to each sample: latest value, alarms, horn, journal, live push; plain calls.

The journal gets what is news (`edge.journal.exception`); all else sees every sample. Of a tag at
rest (Good, within its limits, nothing running: `AlarmEngine.rests`) one that is the same again is
seen by nobody: it could change nothing, and only the time at which the tag was heard moves on.

The order is the safety argument. Horns are told before anything is recorded or shown, and nothing
here waits: the annunciator and the journal have their own tasks, the control socket its buffers.
A fault in one stage is raised to the caller after the others have had their turn.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import structlog

from edge.alarm import AlarmEngine, AlarmView, Heard
from edge.alarm.heard import ALONE
from edge.annunciate import Annunciator
from edge.clock import NS, Clock, Instant, ScaledClock
from edge.cycle.calibration import Calibration
from edge.cycle.checks import Checks
from edge.cycle.latest import Latest, moved
from edge.errors import CommandError
from edge.event import Event, Param, StateRow, Transition
from edge.journal.exception import ExceptionFilter
from edge.site.model import Site
from edge.tag import Reason, Sample, World, bad_sample

TICK_S = 0.1  # on-delays and staleness are served this often
TICK_LEAST_S = 0.02  # of the machine's time, in a scaled replay
SHOW_S = 5.0  # screens are told this often that a value is still what it was
STALL_S = 1.0  # a tick this late [s of the machine's time] means that core itself stood still
log = structlog.get_logger(__name__)


class Recorder(Protocol):
    """What the cycle needs of the journal; neither call waits for the disk."""

    def offer_sample(self, sample: Sample) -> None:
        """Queue a sample."""
        ...

    def offer(self, transitions: Iterable[Transition]) -> None:
        """Queue transitions; they are committed at once."""
        ...


class Push(Protocol):
    """What the cycle needs of the control server; neither call waits for a client."""

    def push_value(self, sample: Sample) -> None:
        """Have a sample go out with the next tick."""
        ...

    def push_event(self, event: Mapping[str, Any], alarm: Mapping[str, Any] | None) -> None:
        """Send an event and its alarm's state after it now."""
        ...


class Cycle:
    """Core's data path for one site. `push` is set once the control server stands."""

    def __init__(
        self,
        site: Site,
        engine: AlarmEngine,
        annunciator: Annunciator,
        journal: Recorder,
        clock: Clock,
        checks: Checks | None = None,
    ) -> None:
        self.site = site
        self.engine = engine
        self.annunciator = annunciator
        self.clock = clock
        self.push: Push | None = None
        self.samples = 0
        self.faults = 0  # samples that a stage could not digest: a mistake of ours
        self._faulty: set[str] = set()
        self.calibration = Calibration(_polled(site), site.world)
        self._journal = journal
        self._checks = checks
        speed = clock.speed if isinstance(clock, ScaledClock) else 1.0
        self._show_ns = round(SHOW_S * speed * NS)
        self._said: dict[str, Sample] = {}  # by the instrument, where something else was made of it
        self._derived = site.file.hazard.device if site.file.hazard is not None else None
        utc_ns = clock.now().utc_ns
        self.latest = Latest(
            bad_sample(tag, Reason.NOT_YET_READ, utc_ns) for tag in site.tags.values()
        )
        self._exceptions = ExceptionFilter(site, self.latest, journal.offer_sample, self.stir)

    # --- what comes from the field -------------------------------------------------------------

    def join(self, tags: Sequence[str]) -> Heard:
        """Return what `on_answer` takes for `tags`, which are heard of together from now on."""
        heard = self.engine.join(tags)
        self.latest.join(heard)
        return heard

    def on_answer(self, heard: Heard, samples: Sequence[Sample], utc_ns: int) -> None:
        """Take it that all of `heard` were heard of at `utc_ns` [ns].

        `samples` are those that changed and those of all restless tags, in the order of the tags
        and received at `utc_ns`; the others read what they read before, and cost nothing.
        """
        now = self.clock.now()
        for sample in samples:
            self._take_safely(sample, heard, now)
        self.samples += len(heard.tags) - len(samples)
        heard.mono_ns, heard.utc_ns = now.mono_ns, utc_ns
        if now.mono_ns >= heard.show_from_ns:
            heard.show_from_ns = now.mono_ns + self._show_ns
            self._show(heard)

    def on_samples(self, samples: Sequence[Sample]) -> None:
        """Take each sample through every stage: one that a stage cannot digest costs no other."""
        now = self.clock.now()
        for sample in samples:
            self._take_safely(sample, ALONE, now)

    def on_same(self, tags: Sequence[str], utc_ns: int) -> None:
        """Take it that `tags` were heard of at `utc_ns` [ns] and read what they read before."""
        said = (self._said.get(tag) or self.latest[tag] for tag in tags)
        self.on_samples([moved(sample, utc_ns) for sample in said])

    def on_sample(self, sample: Sample) -> None:
        """Take one sample through every stage."""
        self._take(sample, ALONE, self.clock.now())

    def stir(self, tag: str) -> None:
        """Have the tag's next sample go through every stage, though it be the same again."""
        self._catch_up(tag)
        heard = self.latest.heard_of(tag)
        if heard is not ALONE:
            heard.restless.add(tag)

    def _take_safely(self, sample: Sample, heard: Heard, now: Instant) -> None:
        try:
            self._take(sample, heard, now)
        except Exception:  # counted and told by `_fault`; the others must not pay for it
            log.exception("sample not taken", tag=sample.tag)

    def _take(self, given: Sample, heard: Heard, now: Instant) -> None:
        """Take one sample of an answer of `heard` (ALONE: of none) through every stage."""
        tag = given.tag
        self.samples += 1
        if heard is ALONE:
            self.stir(tag)  # the next answer has to sample it: this was not one
        elif tag not in heard.restless:
            self._catch_up(tag)
            heard.restless.add(tag)
        sample = self._marked(given, now)
        if sample is not given:
            self._said[tag] = given
        elif self._said:
            self._said.pop(tag, None)
        self._follow(sample, now)
        if heard is not ALONE and self._rests(sample):
            heard.restless.discard(tag)

    def _marked(self, sample: Sample, now: Instant) -> Sample:
        """Return what is to be made of what the instrument gave: the first of all stages."""
        aside = self.calibration.mark(sample)
        if self._checks is None:
            return aside
        try:  # what was set aside as well: after it, the stage compares with nothing before it
            return self._checks.check(aside, now)
        except Exception as error:  # a mistake of ours: no reading may miss its alarms for it
            log.exception("quality not judged", tag=sample.tag)
            self._fault(sample.tag, error)
            return aside

    def _follow(self, sample: Sample, now: Instant) -> None:
        """Judge a sample, tell of what that changed, and keep it."""
        self.latest.put(sample)
        try:
            changed = self.engine.evaluate(sample, now)
            if changed:
                self._exceptions.insist_tag(sample.tag)
                self.announce(changed)
        except Exception as error:
            self.engine.part(sample.tag)  # nobody may think that it was taken
            self._exceptions.insist_tag(sample.tag)
            self._fault(sample.tag, error)
            raise
        finally:
            self._keep(sample)

    def _rests(self, sample: Sample) -> bool:
        """Return whether `sample`, if it comes again, need not be looked at."""
        if self._checks is not None and self._checks.restless(sample.tag):
            return False
        return self.engine.rests(sample)

    def _catch_up(self, tag: str) -> None:
        """Show the last of the same samples that nobody saw: the next one is measured by it."""
        sample, news = self._settle(tag)
        if news and self._exceptions.wants(sample):
            self._journal.offer_sample(sample)

    def _settle(self, tag: str) -> tuple[Sample, bool]:
        """Return the tag's newest sample, and if it is one that nobody saw; the stage then does."""
        sample, news = self.latest.settle(tag)
        if news:
            heard, said = self.latest.heard_of(tag), self._said.get(tag)
            again = sample if said is None else moved(said, heard.utc_ns)
            self._marked(again, Instant(heard.utc_ns, heard.mono_ns))
        return sample, news

    def _show(self, heard: Heard) -> None:
        if self.push is not None:
            for tag in heard.tags:
                self.push.push_value(self.latest[tag])

    def on_derived(self, samples: Iterable[Sample], world: World) -> None:
        """Take the hazard daemon's samples like any device's.

        All are refused with `CommandError` if one is not of a derived tag of this site, or if they
        are of another world. They are stamped as received now.
        """
        if world is not self.site.world:
            params = {"world": str(world), "expected": str(self.site.world)}
            raise CommandError("derived.refused.world", params)
        taken = tuple(samples)
        for sample in taken:
            tag = self.site.tags.get(sample.tag)
            if tag is None or tag.device != self._derived:
                raise CommandError("derived.refused.tag", {"tag": sample.tag[:64]})
        utc_ns = self.clock.now().utc_ns
        for sample in taken:
            self.on_sample(sample._replace(receive_ns=utc_ns, world=world))

    # --- what comes with time ------------------------------------------------------------------

    def tick(self) -> None:
        """Serve what no sample brings: delays that have run out, tags that have gone silent."""
        now = self.clock.now()
        changed = self.calibration.tick(now) + self.engine.tick(now)
        try:
            if changed:
                self._exceptions.insist(transition.event.subject for transition in changed)
                self.announce(changed)
        finally:
            for sample in self.engine.stale_samples(now):
                self._leave(sample.tag)
                self._marked(sample, now)  # the stage has to know that nothing is heard
                self.latest.put(sample)
                self._keep(sample)
            if self._checks is not None:
                self._take_due(self._checks, now)
            for tag in self._exceptions.due(now.mono_ns):
                self._journal.offer_sample(self._settle(tag)[0])

    def _take_due(self, checks: Checks, now: Instant) -> None:
        """Take what the stage makes of time alone. No fault there ends the ticks."""
        try:
            for sample in checks.tick(now):
                self._leave(sample.tag)
                self._follow(sample, now)
        except Exception as error:
            log.exception("quality not looked at")
            self._fault("quality", error)

    def _leave(self, tag: str) -> None:
        """Get ready for a sample that the instrument did not give: its own comes back later."""
        self.stir(tag)
        self._said.setdefault(tag, self.latest[tag])

    async def run(self) -> None:
        """Tick for ever. A tick that comes far too late is said, and is nobody else's silence."""
        speed = self.clock.speed if isinstance(self.clock, ScaledClock) else 1.0
        step_ns = round(max(TICK_S, TICK_LEAST_S * speed) * NS)
        due_ns = self.clock.now().mono_ns
        while True:
            late_s = (self.clock.now().mono_ns - due_ns) / NS
            if late_s > STALL_S * speed:
                log.error("core did not run", seconds=late_s)
                self.engine.forgive(late_s)
                if self._checks is not None:
                    self._checks.forgive(late_s)
                self.say("core.stalled", "core", {"seconds": round(late_s, 1)})
            self.tick()
            due_ns = self.clock.now().mono_ns + step_ns
            await self.clock.sleep_until(due_ns)

    def announce(self, changed: list[Transition]) -> None:
        """Tell the horns, the journal and the screens, in this order, what has changed."""
        try:
            self.annunciator.demand(self.engine.alarms())
        finally:
            self.record(changed)

    def record(self, changed: list[Transition]) -> None:
        """Tell the journal and the screens what has changed."""
        try:
            self._journal.offer(changed)
        finally:
            if self.push is not None:
                for transition in changed:
                    self.push.push_event(wire_event(transition.event), self._after(transition))

    def note(self, event: Event) -> None:
        """Record an event that is of no condition."""
        self.record([Transition(event, None)])

    def say(self, kind: str, subject: str, params: Mapping[str, Param]) -> None:
        """Record an event of now, of no condition."""
        self.note(Event(kind, subject, self.clock.now(), self.site.world, params))

    def restore(self, rows: Iterable[StateRow]) -> None:
        """Take over what a former run left: calibrations, alarms' states, and their horns."""
        others, ended = self.calibration.restore(rows, self.clock.now())
        self.record(ended)
        self.strike(self.engine.restore(others))
        self.annunciator.demand(self.engine.alarms())

    def set_aside(self, tag: str) -> None:
        """Let everybody know that `tag`'s value counts no more: its next poll may be far."""
        self.on_sample(self._said.get(tag) or self.latest[tag])

    def strike(self, orphans: Iterable[StateRow]) -> None:
        """Say which standing alarms have no condition in the site any more, and let them go."""
        now = self.clock.now()
        for row in orphans:
            log.warning("alarm struck: its condition is gone", condition=row.condition)
            params: dict[str, Param] = {"condition": row.condition, "state": row.state}
            event = Event("alarm.removed", row.condition, now, self.site.world, params)
            self.record([Transition(event, StateRow(row.condition, "normal", {}))])

    def figures(self) -> dict[str, int]:
        """Return the cycle's figures, by the names under which metrics show them."""
        alarms = self.engine.alarms()
        return {
            "samples_total": self.samples,
            "faults_total": self.faults,
            "alarms_standing": len(alarms),
            "alarms_unacknowledged": sum(not view.acked for view in alarms),
        }

    def _after(self, transition: Transition) -> dict[str, Param] | None:
        """Return the alarm that a transition left behind, for the screens."""
        if transition.row is None:
            return None
        view: AlarmView | None = self.engine.view(transition.row.condition)
        return None if view is None else view.as_dict()

    def _keep(self, sample: Sample) -> None:
        try:
            if self._exceptions.wants(sample):
                self._journal.offer_sample(sample)
        finally:
            if self.push is not None:
                self.push.push_value(sample)

    def _fault(self, tag: str, error: Exception) -> None:
        """Count a sample that could not be judged, and say so once per tag: people must know."""
        self.faults += 1
        if tag not in self._faulty:
            self._faulty.add(tag)
            detail = f"{type(error).__name__}: {error}"
            self.say("core.fault", tag, {"tag": tag, "detail": detail})


def _polled(site: Site) -> list[str]:
    """Return the tags that instruments measure; the hazard daemon's are not."""
    return [tag.name for tag in site.tags.values() if tag.device in site.devices]


def wire_event(event: Event) -> dict[str, Any]:
    """Return docs/wire.md's event; the journal has not numbered it yet."""
    return {
        "seq": None,
        "kind": event.kind,
        "subject": event.subject,
        "utc_ns": event.at.utc_ns,
        "world": str(event.world),
        "params": dict(event.params),
    }
