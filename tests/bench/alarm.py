"""The alarm engine's figures: its cost, a flood through core, bursts, and the model check.

Run as `python -m tests.bench.alarm [--json]`. Targets: see `TARGETS`.
"""

from __future__ import annotations

import asyncio
import gc
import tempfile
import time
from pathlib import Path

from edge.alarm import AlarmEngine
from edge.clock import NS, Instant
from edge.daemons.runtime import log_to_stderr
from edge.site.model import ConditionClass, LimitSpec
from edge.tag import Quality, Reason, Sample, Tag, World
from tests.bench.alarm_burst import bursts
from tests.bench.alarm_flood import TRANSITIONS, flood
from tests.bench.alarm_model import check
from tests.bench.kit import Bench, main, median
from tests.unit.alarm.helpers import limit, tag

TARGETS = {
    "evaluate_us": "<= 3",
    "tick_10k_ms": "<= 5",
    "flood_lost": "0",
    "flood_horn_s": "<= 0.1",
    "burst_missed": "0",
    "model_steps": ">= 100000",
    "model_divergences": "0",
}
START = Instant(1_700_000_000 * NS, 1000 * NS)
ROUNDS = 7
SAMPLES = 100_000
CONDITIONS, EACH = 10_000, 3
DELAYED = 500  # tags beyond their limit while the delay runs
TICK_S = 0.1
TICKS, STRETCH = 600, 40  # the scan for silent tags comes every 3 s
FLOODS = 3


def _limits(name: str, **changes: float) -> list[LimitSpec]:
    bad = limit("bad", name=name, klass=ConditionClass.SYSTEM)
    return [limit("h", 0.3, name, **changes), limit("hh", 0.6, name, **changes), bad]


def _engine(tags: list[Tag], **changes: float) -> AlarmEngine:
    limits = {spec.id: spec for tag_ in tags for spec in _limits(tag_.name, **changes)}
    return AlarmEngine(limits, {tag_.name: tag_ for tag_ in tags}, World.TEST)


def _sample(name: str, value: float, at: Instant) -> Sample:
    return Sample(name, value, Quality.GOOD, Reason.OK, at.utc_ns, at.utc_ns, World.TEST)


def evaluate_us() -> float:
    """Return the cost of one quiet sample of a tag with three conditions [µs]."""
    engine = _engine([tag()])
    engine.tick(START)
    samples = [_sample("AT-1", 0.1 + 0.01 * (i % 7), START) for i in range(SAMPLES)]
    now = START.plus(0.5)
    costs: list[float] = []
    for _ in range(ROUNDS):
        began = time.thread_time_ns()
        for sample in samples:
            engine.evaluate(sample, now)
        costs.append((time.thread_time_ns() - began) / SAMPLES / 1000)
    return median(costs)


def ticks_ms() -> list[float]:
    """Return what each tick costs [ms]: 10,000 conditions, 500 of them with a delay running.

    Every tag is heard of each second, as in core; the ticks that look for silent ones are among
    those that are counted.
    """
    tags = [tag(f"AT-{i:04}") for i in range(-(-CONDITIONS // EACH))]
    engine = _engine(tags, on_delay_s=3600.0)
    engine.tick(START)
    costs: list[float] = []
    now = START
    for step in range(TICKS):
        if step % round(1 / TICK_S) == 0:
            for index, item in enumerate(tags):
                engine.evaluate(_sample(item.name, 0.4 if index < DELAYED else 0.1, now), now)
        began = time.thread_time_ns()
        engine.tick(now)
        costs.append((time.thread_time_ns() - began) / 1e6)
        now = now.plus(TICK_S)
    return costs


def engine_cost(bench: Bench) -> None:
    """Set what samples and ticks cost."""
    gc.collect()
    bench.set(
        "evaluate_us", evaluate_us(), f"CPU, median of {ROUNDS} rounds of {SAMPLES:,} samples"
    )
    costs = ticks_ms()
    worst = [max(costs[i : i + STRETCH]) for i in range(0, len(costs), STRETCH)]
    note = (
        f"the dearest tick of {STRETCH * TICK_S:g} s, median of {len(worst)}; {DELAYED} delays run"
    )
    bench.set("tick_10k_ms", median(worst), note)
    bench.baselines["tick_10k_median_ms"] = round(median(costs), 4)
    bench.baselines["tick_10k_worst_ms"] = round(max(costs), 4)


def floods(bench: Bench) -> None:
    """Set what became of floods through core's real process."""
    with tempfile.TemporaryDirectory(prefix="suian-b-") as folder:
        found = [asyncio.run(flood(Path(folder) / f"flood-{i}")) for i in range(FLOODS)]
    spans = " ".join(f"{one.span_s:.2f}" for one in found)
    note = f"{FLOODS} floods of {TRANSITIONS:,} raised within {spans} s"
    bench.set("flood_lost", sum(one.lost for one in found), note)
    bench.set("flood_horn_s", max(one.horn_s for one in found), f"the slowest of {FLOODS}")
    bench.baselines["flood_span_s"] = round(max(one.span_s for one in found), 3)


def measure(bench: Bench) -> None:
    """Measure every figure of the alarm engine."""
    log_to_stderr("error")
    engine_cost(bench)
    found = bursts()
    note = f"{found.tried} bursts through {found.templates} templates"
    bench.set("burst_missed", len(found.missed), "; ".join([note, *found.missed[:5]]))
    floods(bench)
    model = check()
    note = f"{model.visited} of {model.cells} steps of the table were taken"
    bench.set("model_steps", model.steps, note)
    bench.set("model_divergences", model.divergences, model.first)


if __name__ == "__main__":
    main(Bench("alarm", TARGETS), measure)
