"""What the data-quality stage costs a sample, and a report costs a row of the journal."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence

from edge.alarm.heard import NEVER_NS
from edge.clock import NS, Instant
from edge.quality import QualityStage
from edge.quality.tally import reckon
from edge.site import load_site
from edge.site.model import Checks, Site
from edge.tag import Quality, Reason, Sample
from tests.bench.kit import Bench, main
from tests.unit.quality.day import SITE

SECONDS = 2000
ROUNDS = 5
TARGETS = {
    "same_us": "<= 0.6",
    "changed_us": "<= 0.6",
    "no_checks_us": "<= 0.2",
    "tick_us": "no target",
    "row_us": "no target",
}
Batch = tuple[Instant, list[Sample]]


def readings(site: Site, *, noisy: bool) -> list[Batch]:
    """Return a good reading a second of every tag that is polled, quiet or flickering a little."""
    tags = [tag for tag in site.tags.values() if tag.device in site.devices]
    found: list[Batch] = []
    for second in range(SECONDS):
        now = Instant(1_768_000_000 * NS, 1000 * NS).plus(second)
        flicker = 0.001 * (second % 7) if noisy else 0.0
        samples = [
            Sample(
                tag.name,
                tag.range_low + 0.3 * (tag.range_high - tag.range_low) + flicker,
                Quality.GOOD,
                Reason.OK,
                now.utc_ns,
                now.utc_ns,
                site.world,
            )
            for tag in tags
        ]
        found.append((now, samples))
    return found


def check_us(site: Site, batches: Sequence[Batch]) -> float:
    """Return the best of some rounds [us per sample], the loop itself taken off."""
    count = sum(len(samples) for _, samples in batches)
    full, empty = [], []
    for _ in range(ROUNDS):
        check = QualityStage(site).check
        begun = time.perf_counter()
        for now, samples in batches:
            for sample in samples:
                check(sample, now, NEVER_NS)
        middle = time.perf_counter()
        for _now, samples in batches:
            for _sample in samples:
                pass
        full.append(middle - begun)
        empty.append(time.perf_counter() - middle)
    return (min(full) - min(empty)) / count * 1e6


def measure(result: Bench) -> None:
    """Measure every figure of the stage and the report."""
    site = load_site(SITE)
    every = Checks(spike=1e6, rate_max=1e6, frozen_s=86_400)
    checked = dataclasses.replace(site, checks=dict.fromkeys(site.tags, every))
    bare = dataclasses.replace(
        site, tags={name: tag for name, tag in site.tags.items() if tag.quantity == "level"}
    )
    same, changed = readings(checked, noisy=False), readings(checked, noisy=True)
    result.set("same_us", check_us(checked, same))
    result.set("changed_us", check_us(checked, changed))
    result.set("no_checks_us", check_us(bare, readings(bare, noisy=True)))
    stage = QualityStage(checked)
    begun = time.perf_counter()
    for now, _ in same:
        stage.tick(now)
    result.set("tick_us", (time.perf_counter() - begun) / len(same) * 1e6)
    rows = [sample for _, samples in changed for sample in samples]
    holds = dict.fromkeys(site.tags, 150.0)
    begun = time.perf_counter()
    reckon(rows, holds, rows[0].receive_ns, rows[-1].receive_ns + NS)
    result.set("row_us", (time.perf_counter() - begun) / len(rows) * 1e6)


if __name__ == "__main__":
    main(Bench("quality", TARGETS), measure)
