"""What of the data path reaches the journal."""

from __future__ import annotations

from edge.alarm import engine_of
from tests.unit.cycle.test_cycle import Bench
from tests.unit.poll.helpers import make_limit


def test_journal_gets_what_is_news_and_alarms_and_screens_get_every_sample() -> None:
    """A reading within its deadband is judged and shown, and is journalled once an interval."""
    bench = Bench()
    for second in range(60):
        bench.feed(0.1 + second % 2 / 1000)
        bench.clock.advance(1.0)
        bench.cycle.tick()
    assert bench.cycle.samples == 60
    assert bench.log.told.count(("push", "AT-1")) >= 60
    assert 1 <= len([s for s in bench.log.kept if s.tag == "AT-1"]) <= 3


def test_sample_that_a_delayed_alarm_was_raised_on_is_journalled() -> None:
    """An on-delay that runs out between samples leaves the newest sample in the journal."""
    bench = Bench()
    limit = make_limit("AT-1", "h", 0.3, on_delay_s=2.0)
    bench.site.limits["AT-1/h"] = limit
    bench.engine = engine_of(bench.site)
    bench.cycle.engine = bench.engine
    for value in (0.40, 0.41):  # within a deadband of each other
        bench.feed(value)
        bench.clock.advance(1.0)
    bench.cycle.tick()
    assert bench.kinds == ["alarm.raised"]
    assert [sample.value for sample in bench.log.kept if sample.tag == "AT-1"] == [0.40, 0.41]
