"""A day in January at the example site, as its journal tells it: some of everything."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from edge.clock import NS, Instant, ManualClock
from edge.event import Event, Transition
from edge.journal.writer import JournalWriter
from edge.site import load_site
from edge.site.model import Checks, Journal, Site
from edge.tag import REASONS, Quality, Reason, Sample
from edge.words.wording import CHINA

SITE = Path(__file__).parents[3] / "deploy/sites/demo"
MIDNIGHT_NS = round(datetime(2026, 1, 10, tzinfo=CHINA).timestamp()) * NS
MINUTE_NS = 60 * NS
OFF = (12 * 60, 12 * 60 + 45)  # [min] the gateway did not run
# tag, from, to [min of the day], reason
STORY = (
    ("AT-101", 200, 510, Reason.TIMEOUT),
    ("AT-101", 1260, 1440, Reason.TIMEOUT),
    ("AT-102", 360, 1440, Reason.STUCK),
    ("AT-103", 540, 1020, Reason.INHIBITED),
    ("AT-104", 600, 640, Reason.CALIBRATING),
    ("AT-105", 842, 865, Reason.OVER_RANGE),
    ("AT-107", 0, 1440, Reason.UNDER_RANGE),
    ("AT-108", 0, 1440, Reason.CALIBRATION_OVERDUE),
    ("AT-204", 240, 540, Reason.LOW_TEMPERATURE),
    ("WD-301", 120, 420, Reason.ICED),
    ("WS-301", 120, 180, Reason.NO_WIND),
    ("PT-101", 0, 1440, Reason.CLOCK_SKEW),
    ("PT-201", 0, 1440, Reason.CLOCK_SKEW),
)
JUMPY = "AT-106"  # a spike every twenty minutes
DUE = {"AT-108": date(2025, 12, 31), "AT-201": date(2026, 1, 31), "AT-202": date(2026, 9, 30)}


def day_site() -> Site:
    """Return the example site with some calibration days."""
    site = load_site(SITE)
    return dataclasses.replace(
        site, checks={name: Checks(calibration_due=day) for name, day in DUE.items()}
    )


def write_day(state: Path, site: Site, minutes: int = 1440) -> None:
    """Write the day's journal into `state`: a row a minute per tag, as by exception in calm air."""
    state.mkdir(parents=True, exist_ok=True)
    clock = ManualClock(MIDNIGHT_NS)
    settings = Journal(sample_flush_s=10, queue_samples=200_000)
    name = site.file.gateway.id
    path = state / "journal.db"
    writer = JournalWriter(path, name, "boot-a", site.world, settings, clock, None, lambda: True)
    writer.open()
    try:
        at = Instant(MIDNIGHT_NS + OFF[1] * MINUTE_NS, clock.now().mono_ns)
        writer.offer([Transition(Event("gateway.started", name, at, site.world, {}), None)])
        for row in rows(site, minutes):
            writer.offer_sample(row)
    finally:
        writer.close()


def rows(site: Site, minutes: int) -> Iterator[Sample]:
    for minute in range(-2, minutes):
        if OFF[0] <= minute < OFF[1]:
            continue
        at_ns = MIDNIGHT_NS + minute * MINUTE_NS
        for tag in site.tags.values():
            if tag.device not in site.devices:
                continue
            reason = _reason(tag.name, minute)
            quality = REASONS[reason].quality
            value = tag.background + 0.01 * (minute % 3)
            value = tag.range_high if reason is Reason.OVER_RANGE else value
            shown = None if quality is Quality.BAD else value
            yield Sample(tag.name, shown, quality, reason, at_ns, at_ns, site.world)


def _reason(tag: str, minute: int) -> Reason:
    if tag == JUMPY and minute % 20 == 0:
        return Reason.SPIKE
    for name, start, end, reason in STORY:
        if name == tag and start <= minute < end:
            return reason
    return Reason.OK
