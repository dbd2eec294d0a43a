"""What happens to each sample: latest value, alarms, horn, journal, live push; plain calls.

The journal gets what is news (`edge.journal.exception`); all else sees every sample. Of a tag at
rest (Good, within its limits, nothing running: `QUIET`) one that is the same again is
seen by nobody: it could change nothing, and only the time at which the tag was heard moves on.

The order is the safety argument. Horns are told before anything is recorded or shown, and nothing
here waits: the annunciator and the journal have their own tasks, the control socket its buffers.
A fault in one stage is raised to the caller after the others have had their turn.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import structlog

from edge.alarm import QUIET, AlarmEngine, AlarmView, Heard
from edge.alarm.heard import ALONE, NEVER_NS
from edge.annunciate import Annunciator
from edge.clock import NS, Clock, Instant, ScaledClock
from edge.cycle.calibration import Calibration
from edge.cycle.calling import CalloutDesk
from edge.cycle.derived import derived
from edge.cycle.horns import Horns
from edge.cycle.latest import Latest, moved
from edge.cycle.own import Own
from edge.cycle.seams import Checks, Push, Recorder
from edge.cycle.telling import Demands
from edge.cycle.wire import wire_event
from edge.event import Event, Param, StateRow, Transition
from edge.journal.exception import ExceptionFilter
from edge.site.model import Site
from edge.tag import Reason, Sample, World, bad_sample

TICK_S = 0.1  # on-delays and staleness are served this often
TICK_LEAST_S = 0.02  # of the machine's time, in a scaled replay
SHOW_S = 5.0  # screens are told this often that a value is still what it was
STALL_S = 1.0  # a tick this late [s of the machine's time] means that core itself stood still
log = structlog.get_logger(__name__)


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
        self.calibration = Calibration(_polled(site), site.world, site.gds)
        self.callouts = CalloutDesk(
            site, annunciator, self.record, lambda: self.push, self._tell_fault
        )
        told = annunciator, self.callouts.callout
        # The lambda: a changed site brings another engine.
        self._demands = Demands(lambda: self.engine.alarms(), told, self._tell_fault)  # noqa: PLW0108  # see above
        self.horns = Horns(site, annunciator)
        annunciator.on_news = self.serve_horns
        self._journal = journal
        self._checks = checks
        speed = clock.speed if isinstance(clock, ScaledClock) else 1.0
        self._show_ns = round(SHOW_S * speed * NS)
        self._said: dict[str, Sample] = {}  # by the instrument, where something else was made of it
        utc_ns = clock.now().utc_ns
        self.latest = Latest(
            bad_sample(tag, Reason.NOT_YET_READ, utc_ns) for tag in site.tags.values()
        )
        self._exceptions = self._filter()
        self._own = Own(site, self.join, self._tell_fault, speed)

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
        self._take(samples, heard, now)
        self.samples += len(heard.tags) - len(samples)
        heard.mono_ns, heard.utc_ns = now.mono_ns, utc_ns
        if now.mono_ns >= heard.show_from_ns and self.push is not None:
            heard.show_from_ns = now.mono_ns + self._show_ns
            self.push.push_values([self.latest[tag] for tag in heard.tags])

    def on_samples(self, samples: Sequence[Sample]) -> None:
        """Take samples of tags that are heard of one by one through every stage."""
        for sample in samples:
            self.stir(sample.tag)  # should an answer bring the tag as well: this was not one
        self._take(samples, ALONE, self.clock.now())

    def on_same(self, tags: Sequence[str], utc_ns: int) -> None:
        """Take it that `tags` were heard of at `utc_ns` [ns] and read what they read before."""
        said = (self._said.get(tag) or self.latest[tag] for tag in tags)
        self.on_samples([moved(sample, utc_ns) for sample in said])

    def on_sample(self, sample: Sample) -> None:
        """Take one sample through every stage."""
        self.on_samples((sample,))

    def stir(self, tag: str) -> None:
        """Have the tag's next sample go through every stage, though it be the same again."""
        heard = self.latest.heard_of(tag)
        if heard is not ALONE:
            self.latest.settle(tag)
            heard.restless.add(tag)

    def _take(self, samples: Sequence[Sample], heard: Heard, now: Instant) -> None:
        """Take samples of an answer of `heard` (ALONE: of none) through every stage."""
        self.samples += len(samples)
        if self._checks is not None or self.calibration.running or self._said:
            samples = [self._marked(sample, heard, now) for sample in samples]
        restless = set[str]() if heard is ALONE else heard.restless
        with self._demands:
            for sample in samples:
                if not self._follow(sample, now):
                    restless.add(sample.tag)
                elif restless:
                    restless.discard(sample.tag)
        if self.push is not None:
            self.push.push_values(samples)

    def _marked(self, given: Sample, heard: Heard, now: Instant) -> Sample:
        """Return what is to be made of what the instrument gave: the first of all stages."""
        sample = given
        if heard is ALONE:
            heard = self.latest.heard_of(given.tag)
        try:
            if self.calibration.running:
                sample = self.calibration.mark(given)
            if self._checks is not None:  # of what was set aside as well: it is measured by nothing
                sample = self._checks.check(sample, now, heard.mono_ns)
        except Exception as error:  # noqa: BLE001  # told by `_failed`; it is judged as it stands
            self._failed(sample, error)
        if sample is not given:
            self._said[given.tag] = given
        elif self._said:
            self._said.pop(given.tag, None)
        return sample

    def _follow(self, sample: Sample, now: Instant) -> bool:
        """Judge a sample, tell of what that changed, and keep it; what fails costs no other sample.

        Returns whether the tag is at rest: the same sample, if it comes again, need not be seen.
        """
        tag = sample.tag
        try:
            changed = self.engine.evaluate(sample, now)
            if changed:
                self._exceptions.insist_tag(tag)
                self.announce(changed)
        except Exception as error:  # noqa: BLE001  # told by `_failed`; the rest must not pay for it
            changed = self._failed(sample, error)
        try:
            if self._exceptions.wants(sample):  # it may ask what was the latest before
                self._journal.offer_sample(sample)
        except Exception as error:  # noqa: BLE001  # told by `_failed`
            changed = self._failed(sample, error)
        self.latest.put(sample)
        if tag in self.horns.inputs:
            self.record(self.horns.press(sample, now))
        own = self._own
        if tag in own.fed:
            self._take_own(own.derive(sample, now), now)
        if changed is not QUIET or tag in self._faulty or tag in own.timed:
            return False
        return self._checks is None or not self._checks.restless(tag)

    def _take_own(self, made: Sequence[Sample], now: Instant) -> None:
        """Take what core says itself the way of all samples."""
        if made:
            for sample in made:
                self.stir(sample.tag)
            self._take(made, ALONE, now)

    def _failed(self, sample: Sample, error: Exception) -> list[Transition]:
        """Count a sample that a stage could not digest, and say so once per tag; people must know.

        Nobody may think that it was judged: not even that the tag was heard of.
        """
        self._tell_fault(sample.tag, error)
        self._demands.owe()
        self.engine.part(sample.tag)
        self._exceptions.insist_tag(sample.tag)
        return []

    def _tell_fault(self, subject: str, error: Exception) -> None:
        log.error("stage failed", subject=subject, exc_info=error)
        self.faults += 1
        if subject not in self._faulty:
            self._faulty.add(subject)
            detail = f"{type(error).__name__}: {error}"
            self.say("core.fault", subject, {"tag": subject, "detail": detail})

    def on_derived(self, samples: Iterable[Sample], world: World) -> None:
        """Take the hazard daemon's samples like any device's. Raises `CommandError`."""
        self.on_samples(derived(self.site, samples, world, self.clock.now().utc_ns))

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
            late = self.engine.stale_samples(now)  # judged by the engine's tick already
            for sample in late:
                self._leave(sample.tag)
                self._tell_silent(sample, now)
                if sample.tag in self.horns.inputs:
                    self.record(self.horns.press(sample, now))
                if self._exceptions.wants(sample):
                    self._journal.offer_sample(sample)
                self.latest.put(sample)
                self._take_own(self._own.derive(sample, now), now)
            if self._own.due(now):
                self._take_own(self._own.tick(now), now)
                self.on_answer(self._own.heard, self._own.again(self.latest, now), now.utc_ns)
            found = self._found(now)
            for sample in found:
                self._leave(sample.tag)
                self._follow(sample, now)
            if self.push is not None and (late or found):
                self.push.push_values([*late, *found])
            for tag in self._exceptions.due(now.mono_ns):
                self._journal.offer_sample(self.latest.settle(tag))
            self._demands.settle()
            self.callouts.tick(now)
            self.serve_horns()

    def serve_horns(self) -> None:
        """Tell what has become of the horns themselves, and what is due for them."""
        now = self.clock.now()
        try:
            told, facts = self.horns.tick(now, self.latest)
        except Exception as error:  # noqa: BLE001  # told by `_tell_fault`; the horns go on
            self._tell_fault("horns", error)
            return
        self.record(told)
        self._take_own(facts, now)

    def _tell_silent(self, sample: Sample, now: Instant) -> None:
        try:
            if self._checks is not None:
                self._checks.check(sample, now, NEVER_NS)
        except Exception as error:  # noqa: BLE001  # told by `_tell_fault`
            self._tell_fault(sample.tag, error)

    def _found(self, now: Instant) -> Sequence[Sample]:
        """Return what the checks make of time alone. No fault there ends the ticks."""
        try:
            return () if self._checks is None else self._checks.tick(now)
        except Exception as error:  # noqa: BLE001  # told by `_tell_fault`
            self._tell_fault("quality", error)
            return ()

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
                self.engine.forgive(late_s, self.clock.now())
                if self._checks is not None:
                    self._checks.forgive(late_s)
                self.say("core.stalled", "core", {"seconds": round(late_s, 1)})
                self.horns.stalled(self.clock.now())
            self.tick()
            due_ns = self.clock.now().mono_ns + step_ns
            await self.clock.sleep_until(due_ns)

    def announce(self, changed: list[Transition]) -> None:
        """Tell the horns, the journal and the screens, in this order, what has changed."""
        try:
            self._demands.change()
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
        """Take over what a former run left: calibrations, alarms' states, their horns, calls."""
        now = self.clock.now()
        others, ended = self.calibration.restore(self.callouts.restore(rows), now)
        others, over = self.horns.restore(others, now)
        self.record(ended + over)
        self.strike(self.engine.restore(others, now))
        self._demands.change()
        self.callouts.resume(self.engine.alarms(), now)

    def apply(self, site: Site, engine: AlarmEngine, checks: Checks | None) -> None:
        """Take up a changed site and its `engine`; what is the same goes on as it was.

        Readers have to `join` anew: every tag's next sample goes through every stage.
        """
        now = self.clock.now()
        self.site, self._checks = site, checks
        orphans = engine.adopt(self.engine, now)
        self.engine = engine
        self._said = {tag: said for tag, said in self._said.items() if tag in site.tags}
        before = self.latest
        self.latest = Latest(
            before[tag.name]
            if tag.name in before
            else bad_sample(tag, Reason.NOT_YET_READ, now.utc_ns)
            for tag in site.tags.values()
        )
        self._exceptions = self._filter()
        self._own = self._own.renewed(site)
        ended = self.calibration.apply(_polled(site), now, site.gds)
        self.record(ended + self.horns.apply(site, now))
        self.strike(orphans)
        self.callouts.apply(site, now)
        self._demands.change()

    def _filter(self) -> ExceptionFilter:
        return ExceptionFilter(self.site, self.latest, self._journal.offer_sample, self.stir)

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
            "alarms_held": sum(view.held for view in alarms),
        }

    def _after(self, transition: Transition) -> dict[str, Param] | None:
        """Return the alarm that a transition left behind, for the screens."""
        if transition.row is None:
            return None
        view: AlarmView | None = self.engine.view(transition.row.condition)
        return None if view is None else view.as_dict()


def _polled(site: Site) -> list[str]:
    """Return the tags that instruments measure; the hazard daemon's are not."""
    return [tag.name for tag in site.tags.values() if tag.device in site.devices]
