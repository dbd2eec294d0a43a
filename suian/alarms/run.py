"""One test in virtual time: readings, ticks and acts in the order in which core would meet them.

At one instant: readings first, then core's tick, then what people do, then what is expected. A tag
is read at its own period, or at the test's interval where that is shorter; between two readings of
its series it reads what it read.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from edge.clock import NS, ManualClock
from edge.cycle.cycle import TICK_S
from edge.errors import CommandError
from edge.event import Event
from edge.tag import REASONS, Quality, Reason, Sample, Tag
from suian.alarms.acts import RESTART, STEP_CLOCK
from suian.alarms.compare import Row, compare_alarms, compare_events, compare_names, compare_values
from suian.alarms.core import Core, Record
from suian.alarms.rest import STIR_NS, Rest
from suian.alarms.series import Given
from suian.alarms.table import Act, Check, Table, Test

TICK_NS = round(TICK_S * NS)
REST_NS = NS  # how often tags that no series speaks of are heard


@dataclass(frozen=True)
class Failure:
    """Something that came otherwise than expected; `what` is a message id."""

    what: str
    at_ns: int
    line: int
    rows: tuple[Row, ...]


@dataclass
class Outcome:
    """What became of a test; `seen` are the alarm events with their times in it."""

    test: Test
    failures: list[Failure] = field(default_factory=list[Failure])
    seen: list[tuple[int, Event]] = field(default_factory=list[tuple[int, Event]])


def run_test(table: Table, test: Test) -> Outcome:
    """Run one test to its end and return what became of it."""
    run = _Run(table, test)
    for at_ns in _instants(test, run.steps_ns):
        run.at(at_ns)
    return run.finish()


def _instants(test: Test, steps_ns: set[int]) -> Iterator[int]:
    """Yield every time [ns from the start] at which something may happen, rising."""
    own = sorted({act.at_ns for act in test.acts} | {check.at_ns for check in test.checks})
    end = test.end_ns
    nexts = dict.fromkeys(steps_ns, 0)
    while True:
        at = min([*nexts.values(), *own[:1]])
        if at > end:
            return
        for step, due in nexts.items():
            if due == at:
                nexts[step] = at + step
        while own and own[0] == at:
            own.pop(0)
        yield at


class _Run:
    def __init__(self, table: Table, test: Test) -> None:
        self._test, self._site = test, table.site
        self._rest = Rest(table.site, table.rest)
        self._clock = ManualClock()
        self._start = self._clock.now()
        self._record = Record()
        self._outcome = Outcome(test)
        self._last: dict[str, float] = {}
        self._acts = sorted(test.acts, key=lambda act: act.at_ns)
        self._checks = list(test.checks)
        self._periods = {
            name: min(round(self._site.tags[name].period_s * NS), test.interval_ns)
            for name in test.series
        }
        self.steps_ns = {TICK_NS, REST_NS, *self._periods.values()}
        self._begin()

    def _begin(self) -> None:
        """Start core, and let the tags that no series speaks of be heard together."""
        site = self._site
        self._core = Core(site, self._clock, self._record)
        others = [tag for tag in site.tags.values() if tag.name not in self._test.series]
        self._resting = [tag for tag in others if tag.device in site.devices]
        hazard = site.file.hazard
        self._derived = [t for t in others if hazard is not None and t.device == hazard.device]
        self._heard = self._core.cycle.join([tag.name for tag in self._resting])
        self._core.cycle.tick()

    def at(self, at_ns: int) -> None:
        """Let everything happen that happens `at_ns` [ns] from the start."""
        now_ns = self._clock.now().mono_ns - self._start.mono_ns
        if at_ns > now_ns:
            self._clock.advance((at_ns - now_ns) / NS)
        before = len(self._record.events)
        if at_ns % REST_NS == 0:
            self._let_rest(at_ns)
        self._read(at_ns)
        if at_ns % TICK_NS == 0:
            self._core.cycle.tick()
        while self._acts and self._acts[0].at_ns <= at_ns:
            self._act(self._acts.pop(0))
        new = self._record.events[before:]
        self._outcome.seen += [(at_ns, e) for e in new if e.kind.startswith("alarm.")]
        while self._checks and self._checks[0].at_ns <= at_ns:
            self._check(self._checks.pop(0))

    def finish(self) -> Outcome:
        """Compare the events, and return what became of the test."""
        if self._test.events is not None:
            rows = compare_events(self._test.events, self._outcome.seen)
            self._fail("events", self._test.end_ns, self._test.line, rows)
        return self._outcome

    def _let_rest(self, at_ns: int) -> None:
        """Have the tags that no series speaks of read as they do when nothing is the matter."""
        cycle, rest = self._core.cycle, self._rest
        stirred = at_ns % STIR_NS == 0
        if self._resting:
            samples = [
                self._sample(tag, Given(rest.value(tag, at_ns)))
                for tag in self._resting
                if tag.name in self._heard.restless or (stirred and rest.stirs(tag))
            ]
            cycle.on_answer(self._heard, samples, self._clock.now().utc_ns)
        if self._derived:
            samples = [self._sample(tag, Given(rest.value(tag))) for tag in self._derived]
            cycle.on_derived(samples, self._site.world)

    def _read(self, at_ns: int) -> None:
        """Read every tag that is due and gives something."""
        place = at_ns // self._test.interval_ns
        samples: list[Sample] = []
        derived: list[Sample] = []
        for name, readings in self._test.series.items():
            given = readings[min(place, len(readings) - 1)]
            if given is None or at_ns % self._periods[name]:
                continue
            tag = self._site.tags[name]
            polled = tag.device in self._site.devices
            (samples if polled else derived).append(self._sample(tag, given))
        if samples:
            self._core.cycle.on_samples(samples)
        if derived:
            self._core.cycle.on_derived(derived, self._site.world)

    def _sample(self, tag: Tag, given: Given) -> Sample:
        """Return the reading as a driver gives it."""
        quality = REASONS[given.reason].quality
        value = given.value
        if quality is Quality.BAD:
            value = None
        elif value is None and given.reason is Reason.OVER_RANGE:
            value = tag.range_high
        elif value is None and given.reason is Reason.UNDER_RANGE:
            value = tag.range_low
        elif value is None:  # doubtful or set aside, and still what it was
            value = self._last.get(tag.name, self._rest.value(tag))
        if value is not None and math.isfinite(value):
            self._last[tag.name] = value
        utc_ns = self._clock.now().utc_ns
        return Sample(tag.name, value, quality, given.reason, utc_ns, utc_ns, tag.world)

    def _act(self, act: Act) -> None:
        refused = ""
        try:
            if act.name == RESTART:
                self._begin()
            elif act.name == STEP_CLOCK:
                seconds = act.args["seconds"]
                assert isinstance(seconds, int | float)
                self._clock.step_utc(seconds)
            else:
                self._core.command(act.name, act.args, act.who)
        except CommandError as error:
            refused = error.message_id
        wanted = act.refused
        held = refused == wanted or (wanted == "" and refused) or (wanted is None and not refused)
        if not held:
            row = Row(wanted or "", refused or "", held=False, kind=act.name)
            self._fail("act", act.at_ns, act.line, [row])

    def _check(self, check: Check) -> None:
        at_ns, line, core = check.at_ns, check.line, self._core
        if check.alarms is not None:
            rows = compare_alarms(check.alarms, core.alarms(), also=check.also)
            self._fail("alarms", at_ns, line, rows)
        if check.sounding is not None:
            self._fail("sounding", at_ns, line, compare_names(check.sounding, core.sounding()))
        if check.outputs is not None:
            outputs = core.outputs()
            named = {name.partition("=")[0] for name in check.outputs if "=" in name}
            got = [f"{n}={v}" if n in named else n for n, v in sorted(outputs.items())]
            self._fail("outputs", at_ns, line, compare_names(check.outputs, got))
        if check.values:
            self._fail("values", at_ns, line, compare_values(check.values, core.cycle.latest))

    def _fail(self, what: str, at_ns: int, line: int, rows: list[Row]) -> None:
        if any(not row.held for row in rows):
            self._outcome.failures.append(Failure(what, at_ns, line, tuple(rows)))


def given_at(test: Test, tag: str, at_ns: int) -> Given | None:
    """Return what the series of `tag` says at `at_ns` [ns]; None where it says nothing."""
    readings = test.series[tag]
    return readings[min(at_ns // test.interval_ns, len(readings) - 1)] if readings else None
