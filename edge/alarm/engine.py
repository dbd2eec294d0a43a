"""The alarm engine: samples in, transitions out. Plain functions of data and `now`; no I/O.

What it promises:

- Zero to over-range in one sample raises every level at once where the on-delay is 0.
- A Bad sample, a reason that does not judge (`REASONS`) and a value that is no finite number
  neither raise nor clear a limit. The tag's own bad-quality condition speaks instead, and for a
  gas detector lost while rising or in alarm it speaks with priority 1 as a level 2.
- A gas alarm that saw over-range or >= 90 %LEL is cleared by a person's reset only.
- Nothing acknowledges an alarm but a person. A step of the wall clock changes no state.
- What a person has set aside, or the design suppresses, is judged on and recorded, and comes back
  as what it then is; nothing of priority 1 is ever shelved.
- A tag that is not heard of for `max(3 periods, 3 s)` is Bad (stale), whoever has died.

Cost: a quiet sample is a dictionary look-up and five comparisons (`Watch.low`, `Watch.high`). One
that is the same again costs nothing: `Heard` keeps the time for all that are heard of together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from edge.alarm.alarm import Alarm
from edge.alarm.condition import RISING_KINDS, Edge
from edge.alarm.design import Design
from edge.alarm.desk import Desk
from edge.alarm.heard import ALONE, Heard
from edge.alarm.register import Register
from edge.alarm.view import AlarmView
from edge.alarm.watch import Watch
from edge.clock import NS, Clock, Instant, ScaledClock
from edge.event import StateRow, Transition
from edge.site.alarms.calculated import CORE
from edge.site.model import LimitKind, LimitSpec, Site
from edge.tag import Quality, Reason, Sample, Tag, World, bad_sample

STALE_PERIODS = 3.0
STALE_LEAST_S = 3.0
NEVER_S = 1e9  # thirty years
HOUR_NS = 3600 * NS  # a site without tags is looked over this often
_GOOD, _OK = Quality.GOOD, Reason.OK  # looking a member up in its class is slow
QUIET: list[Transition] = []  # of a sample that changed nothing and would not if it came again


class AlarmEngine:
    """Judges every tag of one world against its conditions and keeps the alarms' states.

    Args:
        limits: conditions by id, as `Site.limits`.
        tags: tags by name, as `Site.tags`; every one is watched for staleness.
        world: the world of this engine; a sample of another is refused.
        stale_s: tag -> seconds, where a tag goes stale otherwise than after
            `max(3 periods, 3 s)`: the hazard daemon's derived tags.
        design: what the site makes of alarms together.

    People act on the alarms through `desk`.

    Raises `ValueError` for a condition whose tag is unknown or whose limit is no number: the site
    loader reports such faults to people before this.
    """

    def __init__(
        self,
        limits: Mapping[str, LimitSpec],
        tags: Mapping[str, Tag],
        world: World,
        stale_s: Mapping[str, float] | None = None,
        design: Design | None = None,
    ) -> None:
        self.world = world
        strange = sorted({spec.tag for spec in limits.values()} - tags.keys())
        if strange:
            raise ValueError(f"conditions on tags that do not exist: {strange}")
        alarms = {
            spec.id: Alarm(spec, tags[spec.tag])
            for spec in limits.values()  # ids are the specs' own
        }
        self._register = Register(alarms, design or Design(), world)
        by_tag: dict[str, list[Alarm]] = {name: [] for name in tags}
        for alarm in alarms.values():
            by_tag[alarm.spec.tag].append(alarm)
        after_s = stale_s or {}
        self._watches = {
            name: Watch(
                tag,
                by_tag[name],
                after_s.get(name, max(STALE_PERIODS * tag.period_s, STALE_LEAST_S)),
            )
            for name, tag in tags.items()
        }
        for item in self._register.suppressing:
            self._watches[item.spec.tag].suppressing = item
        self.desk = Desk(self._register, self._watches)
        self._delayed: dict[str, Alarm] = {}  # an on-delay is running
        self._newly_stale: list[Watch] = []
        self._scan_from_ns: int | None = None  # no tag can be stale before this

    def evaluate(self, sample: Sample, now: Instant) -> list[Transition]:
        """Judge one sample; return what it changed, in order. Never raises for a sample's content.

        The answer is the very list `QUIET` where the tag is at rest: the same sample again need
        not be evaluated, if only its tag's `Heard` is moved on. A tag nobody knows has no
        conditions; a sample of another world is a programming error and raises `ValueError`.
        """
        tag, value, quality, reason, _, _, world = sample  # by name, each costs as much as all
        watch = self._watches.get(tag)
        if watch is None:
            return QUIET
        if world is not self.world:
            raise ValueError(f"a sample of {sample.tag} is {sample.world}, not {self.world}")
        if (
            watch.calm
            and quality is _GOOD
            and reason is _OK
            and value is not None
            and watch.low < value < watch.high
        ):
            watch.previous, watch.last = watch.last, value  # as `note` does: it is judged already
            watch.heard_ns = now.mono_ns
            return QUIET
        watch.catch_up()
        if reason is not Reason.STALE:
            watch.heard_ns = now.mono_ns
            watch.stale = False
        return self._judge(watch, sample, now)

    def join(self, tags: Sequence[str]) -> Heard:
        """Return what keeps the time of `tags`, which are heard of together from now on.

        The caller moves it on after each answer, once the restless of them have been evaluated.
        """
        heard = Heard(tags)
        for name in tags:
            if (watch := self._watches.get(name)) is not None:
                watch.catch_up()
                watch.together = heard
        return heard

    def part(self, tag: str) -> None:
        """Let `tag` be heard of by its own samples alone."""
        if (watch := self._watches.get(tag)) is not None:
            watch.together = ALONE

    def tick(self, now: Instant) -> list[Transition]:
        """Serve on-delays that have run out and tags that have gone silent."""
        changed = self._register.tick(now)
        if self._scan_from_ns is None or now.mono_ns >= self._scan_from_ns:
            changed += self._scan(now)
        for alarm in tuple(self._delayed.values()):
            if alarm.condition.tick(now.mono_ns) is Edge.RAISED:
                watch = self._watches[alarm.spec.tag]
                lost = watch.lost_in_gas and alarm.spec.kind is LimitKind.BAD_QUALITY
                self._track(alarm)
                changed += self._raise(watch, alarm, now, urgent=lost)
        return changed

    def forgive(self, seconds: float, now: Instant) -> None:
        """Count no silence over `seconds` [s] until `now` in which this process did not run.

        A gateway that was stopped or starved heard nobody; that is its own fault, to be said by
        the caller, and not every instrument's. Who was heard since is late by that and no later.
        """
        missed_ns = round(seconds * NS)
        for watch in self._watches.values():
            if watch.heard_ns is not None:
                watch.heard_ns = min(watch.heard_ns + missed_ns, now.mono_ns)
        for heard in {watch.together for watch in self._watches.values()} - {ALONE}:
            heard.mono_ns = min(heard.mono_ns + missed_ns, now.mono_ns)

    def stale_samples(self, now: Instant) -> list[Sample]:
        """Return a Bad STALE sample for each tag that `tick` found silent since the last call."""
        found, self._newly_stale = self._newly_stale, []
        return [bad_sample(watch.tag, Reason.STALE, now.utc_ns) for watch in found]

    def restore(self, rows: Iterable[StateRow], now: Instant) -> list[StateRow]:
        """Take over a former run's states; return the rows that stood and have no condition now.

        Those are of a site file that has changed since; the caller says so and strikes them.
        """
        taken = list(rows)
        orphans = self._register.restore(taken, now)
        for row in taken:
            if (alarm := self._register.alarms.get(row.condition)) is not None:
                self._watches[alarm.spec.tag].calm = False
        return orphans

    def adopt(self, old: AlarmEngine, now: Instant) -> list[StateRow]:
        """Take over from the engine of the site as it was; return what stood and is gone now.

        A tag that is the same with all its conditions goes on in the midst of whatever it does,
        delays included; one that is heard of with others has to `join` anew. A condition that is
        not the same keeps its state, to be judged by the next sample.
        """
        self._register.adopt(old._register)
        for name, watch in old._watches.items():
            mine = self._watches.get(name)
            if mine is None or not mine.same(watch):
                continue
            watch.catch_up()
            watch.together = ALONE
            self._watches[name] = watch
            for alarm in (*watch.limits, *watch.quality_alarms):
                self._register.take(alarm)
                self._track(alarm)
        for watch in self._watches.values():
            watch.suppressing = None
        for item in self._register.suppressing:
            self._watches[item.spec.tag].suppressing = item
            self._watches[item.spec.tag].calm = False
        carried = {id(alarm) for alarm in self._register.alarms.values()}
        changed = [alarm for alarm in old._register.alarms.values() if id(alarm) not in carried]
        orphans = self.restore([alarm.row() for alarm in changed], now)
        self._register.hold_on(changed)
        return orphans

    def alarms(self) -> list[AlarmView]:
        """Return every alarm that is not normal: unacknowledged, then most urgent, then newest."""
        return self._register.views()

    def view(self, condition: str) -> AlarmView | None:
        """Return one alarm, normal or not; None where there is no such condition."""
        alarm = self._register.alarms.get(condition)
        return None if alarm is None else alarm.view()

    @property
    def flood(self) -> bool:
        """Whether more alarms come than people can take in."""
        return self._register.flood.on

    def _judge(self, watch: Watch, sample: Sample, now: Instant) -> list[Transition]:
        changed: list[Transition] = []
        value, bad, reason = watch.read(sample)
        watch.reason = reason
        if value is None:
            watch.judged = False
            for alarm in watch.limits:
                alarm.condition.hold()
        else:
            watch.note(value, now.mono_ns)
            extreme = watch.is_extreme(value, reason)
            for alarm in watch.limits:
                thick = extreme and alarm.spec.kind in RISING_KINDS
                changed += self._offer(watch, alarm, value, now, extreme=thick)
        # One that starts anew in gas tells no more of it than one that is lost.
        watch.bad = bad = bad or (reason is Reason.WARM_UP and watch.in_gas())
        if watch.quality_alarms:  # a tag that is Bad without one is the site loader's choice
            watch.lost_in_gas = bad and watch.in_gas()
            for alarm in watch.quality_alarms:
                changed += self._offer_quality(watch, alarm, now)
        if watch.suppressing is not None:
            changed += self._register.suppress(watch.suppressing, value, bad, now)
        watch.settle()
        return changed

    def _offer(
        self, watch: Watch, alarm: Alarm, value: float, now: Instant, *, extreme: bool
    ) -> list[Transition]:
        changed: list[Transition] = []
        edge = alarm.condition.offer(value, now.mono_ns)
        if extreme:
            # Before the raise below: an alarm that is born over-range latches from the start.
            seen = alarm.see_extreme(edge, now, value, watch.reason)
            changed += self._register.keep(alarm, seen, now)
        elif alarm.condition.pending_since_ns is None and edge is not Edge.RAISED:
            alarm.extreme = False  # the on-delay it was seen in came to nothing
        return changed + self._follow(watch, alarm, edge, now)

    def _offer_quality(self, watch: Watch, alarm: Alarm, now: Instant) -> list[Transition]:
        if alarm.urgent and alarm.condition.active and not (watch.bad or watch.judged):
            alarm.condition.hold()  # set aside: nobody knows yet that the gas is gone
            return []
        edge = alarm.condition.offer(1.0 if watch.bad else 0.0, now.mono_ns)
        worse = watch.lost_in_gas and alarm.condition.active and not alarm.urgent
        self._track(alarm)
        if edge is Edge.RAISED or worse:
            return self._raise(watch, alarm, now, urgent=watch.lost_in_gas)
        return self._follow(watch, alarm, edge, now)

    def _follow(self, watch: Watch, alarm: Alarm, edge: Edge, now: Instant) -> list[Transition]:
        self._track(alarm)
        if edge is Edge.RAISED:
            return self._raise(watch, alarm, now)
        if edge is Edge.ENDED:
            return self._register.keep(alarm, alarm.end(now, watch.last, watch.reason), now)
        return []

    def _track(self, alarm: Alarm) -> None:
        """Have `tick` look after an on-delay, and only while one runs."""
        if alarm.condition.pending_since_ns is not None and not alarm.condition.active:
            self._delayed[alarm.spec.id] = alarm
        elif self._delayed:
            self._delayed.pop(alarm.spec.id, None)

    def _raise(
        self, watch: Watch, alarm: Alarm, now: Instant, *, urgent: bool = False
    ) -> list[Transition]:
        return self._register.raise_(alarm, now, watch.last, watch.reason, urgent=urgent)

    def _scan(self, now: Instant) -> list[Transition]:
        changed: list[Transition] = []
        mono_ns = now.mono_ns
        soonest = mono_ns + HOUR_NS
        for watch in self._watches.values():
            heard_ns = watch.heard_ns
            if heard_ns is None:  # nobody is late before the engine has begun to run
                heard_ns = watch.heard_ns = mono_ns
            elif heard_ns < watch.together.mono_ns:
                watch.catch_up()
                heard_ns = watch.together.mono_ns
            due = heard_ns + watch.stale_after_ns
            if mono_ns > due:
                due = mono_ns + watch.stale_after_ns  # heard of again at once, at the earliest
                if not watch.stale:
                    watch.stale = True
                    self._newly_stale.append(watch)
                    late = bad_sample(watch.tag, Reason.STALE, now.utc_ns)
                    changed += self._judge(watch, late, now)
            if due < soonest:  # noqa: PLR1730 - min() is a call for each of ten thousand
                soonest = due
        self._scan_from_ns = soonest
        return changed


def engine_of(site: Site, clock: Clock | None = None) -> AlarmEngine:
    """Return the engine of a site; derived tags go stale by the hazard section's own figure.

    Core's own tags never do: what they are made of does, and makes them Bad.
    With a scaled replay's `clock`, nothing goes stale within three seconds of the machine's time:
    its sockets are no faster than its periods are short.
    """
    speed = clock.speed if isinstance(clock, ScaledClock) else 1.0
    hazard = site.file.hazard
    after_s: dict[str, float] = {}
    for tag in site.tags.values():
        derived = hazard is not None and tag.device == hazard.device
        own_s = hazard.stale_s if hazard is not None and derived else STALE_PERIODS * tag.period_s
        after_s[tag.name] = NEVER_S if tag.device == CORE else max(own_s, STALE_LEAST_S * speed)
    design = Design(site.groups, site.suppressions, site.file.flood)
    return AlarmEngine(site.limits, site.tags, site.world, after_s, design)
