"""The path that looks only at what changed does what one that looks at everything would do.

Both are fed the same answers, failures, splits and silences: the reference decodes every block,
gives the cycle every sample one by one, and knows nothing of tags at rest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.alarm import engine_of
from edge.annunciate import Annunciator
from edge.clock import NS, Instant, ManualClock
from edge.cycle import Checks, Cycle
from edge.drivers.base import Reading
from edge.drivers.codec import decode, encode, payloads
from edge.drivers.layout import resolve
from edge.drivers.modbus.driver import ModbusBatch
from edge.drivers.plan import make_plan
from edge.event import Transition
from edge.poll import Feed
from edge.site.model import ConditionClass
from edge.tag import REASONS, Quality, Reason, Sample, World, bad_sample
from tests.unit.cycle.test_cycle import Log
from tests.unit.drivers.points import MODBUS
from tests.unit.poll.helpers import FakeDriver, make_limit, make_site, make_tag

DEVICES = ("a-1", "b-1")
VALUES = (0.0, 0.1, 0.102, 0.29, 0.31, 0.65, 12.0)  # ppm: level 1 is 0.3, level 2 is 0.6
SAID = (Reason.OK, Reason.OK, Reason.OK, Reason.INHIBITED, Reason.DEVICE_FAULT, Reason.OVER_RANGE)


class Doubts:
    """Doubts a quick rise of a detector (AT), and calls any other tag stuck after 4 s.

    The first is right only if it knows the last of a run of same samples, the second only if it is
    shown each of them, which it says.
    """

    def __init__(self) -> None:
        self._seen: dict[str, tuple[float | None, int, int]] = {}  # value, heard, since when

    def check(self, sample: Sample, now: Instant, heard_ns: int) -> Sample:
        fresh = (sample.value, now.mono_ns, now.mono_ns)
        value, seen_ns, since_ns = self._seen.get(sample.tag, fresh)
        heard_ns = max(heard_ns, seen_ns)
        same = value == sample.value
        since_ns = since_ns if same else now.mono_ns
        self._seen[sample.tag] = (sample.value, now.mono_ns, since_ns)
        if sample.quality is not Quality.GOOD or sample.value is None:
            return sample
        if not sample.tag.startswith("AT"):
            stuck = now.mono_ns - since_ns > 4 * NS
            return bad_of(sample, Reason.STUCK) if stuck else sample
        rise_per_s = (sample.value - (value or 0.0)) * NS / max(now.mono_ns - heard_ns, 1)
        if not same and rise_per_s > 0.15:
            return sample._replace(quality=Quality.UNCERTAIN, reason=Reason.RATE)
        return sample

    def restless(self, tag: str) -> bool:
        return not tag.startswith("AT")

    def tick(self, now: Instant) -> Sequence[Sample]:
        del now
        return ()

    def forgive(self, seconds: float) -> None:
        raise NotImplementedError


def bad_of(sample: Sample, reason: Reason) -> Sample:
    """Return `sample` as one without a value, for `reason`."""
    return sample._replace(value=None, quality=Quality.BAD, reason=reason)


class Side:
    """A cycle with what it tells, and the devices it reads."""

    def __init__(self, checks: Checks | None) -> None:
        tags = [
            make_tag(f"{kind}-{device}", device, ref=ref, quantity=quantity, journal_every_s=2.0)
            for device in DEVICES
            for kind, ref, quantity in (
                ("AT", "concentration", "concentration"),
                ("FT", "fault_warn_number", "level"),
            )
        ]
        limits = [
            limit
            for device in DEVICES
            for limit in (
                make_limit(f"AT-{device}", "h", 0.3, deadband=0.05, on_delay_s=1.0),
                make_limit(f"AT-{device}", "hh", 0.6, off_delay_s=2.0),
                make_limit(f"AT-{device}", "bad", klass=ConditionClass.SYSTEM, on_delay_s=1.5),
            )
        ]
        self.site = make_site(tags, {"a": {}, "b": {}}, limits)
        self.clock = ManualClock()
        self.log = Log()
        self.engine = engine_of(self.site)
        annunciator = Annunciator(self.site, {"a": FakeDriver()}, self.clock, lambda _: None)
        self.cycle = Cycle(self.site, self.engine, annunciator, self.log, self.clock, checks)
        self.cycle.push = self.log
        template = MODBUS["honeywell-xnx"]
        self.batches: dict[str, ModbusBatch] = {}
        for device in self.site.file.devices:
            mine = self.site.tags_of(device.id)
            plan = make_plan(resolve(template, device.settings), mine)
            self.batches[device.id] = ModbusBatch(device, mine, plan, 3.0)
        self.cycle.tick()

    def answer(self, device: str, blocks: list[bytes | Reason]) -> None:
        raise NotImplementedError

    def fail(self, device: str, reason: Reason) -> None:
        raise NotImplementedError

    def split(self, device: str) -> None:
        """Read the device without gaps from now on, as after a refused address."""
        batch = self.batches[device]
        for block in batch.plan.blocks:
            if block.parts:
                batch.split(block)

    def beside(self, tag: str, value: float) -> None:
        """Take a sample that came by another way than the device's answers."""
        ns = self.clock.now().utc_ns
        self.cycle.on_samples([Sample(tag, value, Quality.GOOD, Reason.OK, ns, ns, World.TEST)])

    def told(self) -> dict[str, Any]:
        """Return everything that this side has told, and how it stands."""
        return {
            "transitions": self.log.transitions,
            "alarms": self.engine.alarms(),
            "latest": dict(self.cycle.latest),
            "journal": self.log.kept,
            "samples": self.cycle.samples,
        }


class Plain(Side):
    """Every block decoded, every sample taken by itself."""

    def answer(self, device: str, blocks: list[bytes | Reason]) -> None:
        batch, ns = self.batches[device], self.clock.now().utc_ns
        self.cycle.on_samples(
            [
                Sample(tag.name, r.value, r.quality, r.reason, ns, ns, tag.world)
                for tag, r in zip(batch.tags, decode(batch.plan, blocks), strict=True)
            ]
        )

    def fail(self, device: str, reason: Reason) -> None:
        ns = self.clock.now().utc_ns
        self.cycle.on_samples([bad_sample(t, reason, ns) for t in self.batches[device].tags])


class Sparse(Side):
    """As the poller does it."""

    def __init__(self, checks: Checks | None) -> None:
        super().__init__(checks)
        self.feeds = {name: Feed(batch.tags, self.cycle) for name, batch in self.batches.items()}

    def answer(self, device: str, blocks: list[bytes | Reason]) -> None:
        readings = self.batches[device].memory.decode(blocks)
        self.feeds[device].take(readings, self.clock.now().utc_ns)

    def fail(self, device: str, reason: Reason) -> None:
        self.feeds[device].fail(reason, self.clock.now().utc_ns)


def blocks_of(batch: ModbusBatch, value: float, reason: Reason) -> list[bytes | Reason]:
    """Return what a detector that reads `value` and says `reason` answers."""
    good = Reading(0.0, Quality.GOOD, Reason.OK)
    shown = None if REASONS[reason].quality is Quality.BAD else value
    said = Reading(shown, REASONS[reason].quality, reason)
    return list(payloads(batch.plan, encode(batch.plan, [said, good])))


step = st.tuples(
    st.sampled_from(DEVICES),
    st.sampled_from(["same", "same", "same", "value", "value", "lost", "block", "split", "beside"]),
    st.sampled_from(VALUES),
    st.sampled_from(SAID),
    st.sampled_from([0.1, 0.5, 1.0, 1.0, 1.0, 2.5, 4.0]),
)


def walk(sides: Sequence[Side], steps: Sequence[tuple[str, str, float, Reason, float]]) -> None:
    """Take both sides through `steps`; compare them after each."""
    stands: dict[str, tuple[float, Reason]] = dict.fromkeys(DEVICES, (0.1, Reason.OK))
    for device, what, value, reason, wait_s in steps:
        if what == "value":
            stands[device] = (value, reason)
        for side in sides:
            if what == "split":
                side.split(device)
            if what == "beside":
                side.beside(f"AT-{device}", value)
            elif what == "lost":
                side.fail(device, Reason.TIMEOUT)
            else:
                blocks = blocks_of(side.batches[device], *stands[device])
                if what == "block":
                    blocks[-1] = Reason.DEVICE_EXCEPTION
                side.answer(device, blocks)
            whole, rest = divmod(wait_s, 1.0)
            for part in [1.0] * int(whole) + [rest] * (rest > 0):
                side.clock.advance(part)
                side.cycle.tick()
        plain, sparse = (side.told() for side in sides)
        for key, expected in plain.items():
            assert sparse[key] == expected, (key, device, what)


Steps = list[tuple[str, str, float, Reason, float]]


def steps_of(text: str) -> Steps:
    """Return steps of device a-1, one second apart: a number is its new value, +0.2 one beside."""
    found: Steps = []
    for word in text.split():
        what = {"+": "beside", "s": "same", "l": "lost"}.get(word[0], "value")
        value = float(word) if what in {"beside", "value"} else 0.0
        found.append(("a-1", what, value, Reason.OK, 1.0))
    return found


@pytest.mark.parametrize(
    "text",
    [
        "0 0 0.1 same same lost lost lost",  # stood still before it was lost: it was in no gas
        "0 0 0 0.1 lost lost lost",  # lost while it rose: it was
        "0.1 0.1 same same same same same 0.3 same",  # too quick a rise, measured from the last
        "0.1 same same same same same same 0.104 same same same",  # due while at rest
        "0.31 same same 0.31 0.1 same same",  # raised after its delay by a sample that is the same
        "12 same same 0.1 same same",  # held for a person
        "0.1 same same same same +0.28 same",  # the same, too quick since the last answer
        "0.1 same same same +0.2 same same",  # a sample that was no answer, of a tag at rest
    ],
)
@pytest.mark.parametrize("checks", [lambda: None, Doubts])
def test_these_in_particular(text: str, checks: Callable[[], Checks | None]) -> None:
    """Cases that want a same sample to count, each found by breaking the code."""
    walk([Plain(checks()), Sparse(checks())], steps_of(text))


def test_tags_at_rest_are_passed_over_and_are_heard_of_all_the_same() -> None:
    """The comparison is worth something: most samples are seen by nobody, and no tag is late."""
    side, seen = Sparse(None), list[int]()
    evaluate = side.engine.evaluate

    def watched(sample: Sample, now: Instant) -> list[Transition]:
        seen.append(sample.receive_ns)
        return evaluate(sample, now)

    side.engine.evaluate = watched
    walk([side, Plain(None)], steps_of("same " * 20))
    assert len(set(seen)) == 2, "its first sample, and the first that was the same again"
    latest = side.cycle.latest["AT-a-1"]
    assert (latest.reason, latest.receive_ns) == (Reason.OK, side.clock.now().utc_ns - NS)


@settings(max_examples=200, deadline=None)
@given(st.lists(step, min_size=10, max_size=40))
def test_transitions_latest_values_and_journal_are_those_of_the_plain_path(steps: Steps) -> None:
    """Whatever comes in whatever order, nobody can tell which path it took."""
    walk([Plain(None), Sparse(None)], steps)


@settings(max_examples=100, deadline=None)
@given(st.lists(step, min_size=10, max_size=40))
def test_stage_of_checks_sees_what_it_needs(steps: Steps) -> None:
    """Rates are measured from the last same sample, and a stuck value stays stuck."""
    walk([Plain(Doubts()), Sparse(Doubts())], steps)
