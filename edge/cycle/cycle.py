"""What happens to each sample: latest value, alarms, horn, journal, live push; plain calls.

The journal gets what is news (`edge.journal.exception`); all else sees every sample.

The order is the safety argument. Horns are told before anything is recorded or shown, and nothing
here waits: the annunciator and the journal have their own tasks, the control socket its buffers.
A fault in one stage is raised to the caller after the others have had their turn.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import structlog

from edge.alarm import AlarmEngine, AlarmView
from edge.annunciate import Annunciator
from edge.clock import NS, Clock, ScaledClock
from edge.errors import CommandError
from edge.event import Event, Param, StateRow, Transition
from edge.journal.exception import ExceptionFilter
from edge.site.model import Site
from edge.tag import Reason, Sample, World, bad_sample

TICK_S = 0.1  # on-delays and staleness are served this often
TICK_LEAST_S = 0.02  # of the machine's time, in a scaled replay
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
    ) -> None:
        self.site = site
        self.engine = engine
        self.annunciator = annunciator
        self.clock = clock
        self.push: Push | None = None
        self.samples = 0
        self.faults = 0  # samples that a stage could not digest: a mistake of ours
        self._faulty: set[str] = set()
        self._journal = journal
        self._derived = site.file.hazard.device if site.file.hazard is not None else None
        utc_ns = clock.now().utc_ns
        self.latest = {
            tag.name: bad_sample(tag, Reason.NOT_YET_READ, utc_ns) for tag in site.tags.values()
        }
        self._exceptions = ExceptionFilter(site, self.latest, journal.offer_sample)

    def on_samples(self, samples: Sequence[Sample]) -> None:
        """Take each sample through every stage: one that a stage cannot digest costs no other."""
        for sample in samples:
            try:
                self.on_sample(sample)
            except Exception:  # counted and told by `_fault`; the others must not pay for it
                log.exception("sample not taken", tag=sample.tag)

    def on_same(self, tags: Sequence[str], utc_ns: int) -> None:
        """Take it that `tags` were heard of at `utc_ns` [ns] and read what they read before."""
        self.on_samples([self.latest[tag]._replace(receive_ns=utc_ns) for tag in tags])

    def on_sample(self, sample: Sample) -> None:
        """Take one sample through every stage."""
        self.samples += 1
        self.latest[sample.tag] = sample
        try:
            changed = self.engine.evaluate(sample, self.clock.now())
            if changed:
                self._exceptions.insist_tag(sample.tag)
                self.announce(changed)
        except Exception as error:
            self._exceptions.insist_tag(sample.tag)
            self._fault(sample, error)
            raise
        finally:
            self._keep(sample)

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

    def tick(self) -> None:
        """Serve what no sample brings: delays that have run out, tags that have gone silent."""
        now = self.clock.now()
        changed = self.engine.tick(now)
        try:
            if changed:
                self._exceptions.insist(transition.event.subject for transition in changed)
                self.announce(changed)
        finally:
            for sample in self.engine.stale_samples(now):
                self.latest[sample.tag] = sample
                self._keep(sample)
            for tag in self._exceptions.due(now.mono_ns):
                self._journal.offer_sample(self.latest[tag])

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

    def _fault(self, sample: Sample, error: Exception) -> None:
        """Count a sample that could not be judged, and say so once per tag: people must know."""
        self.faults += 1
        if sample.tag not in self._faulty:
            self._faulty.add(sample.tag)
            detail = f"{type(error).__name__}: {error}"
            self.say("core.fault", sample.tag, {"tag": sample.tag, "detail": detail})


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
