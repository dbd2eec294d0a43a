"""The detectors' own controller beside core's real process: mirrored first, never written."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from edge.drivers.base import Reading
from edge.journal import JournalReader
from tests.gateway import GOOD, Gateway, gateway, until_good
from tests.sites import write_site

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]
GAS = "AT-0000"
LEVELS = {"XA-1": "al1", "XA-2": "al2"}
ON, OFF = Reading(1.0, *GOOD), Reading(0.0, *GOOD)


def write_gds_site(folder: Path) -> Path:
    """Write a site of two detectors, the first with the alarm states of its controller."""
    site = write_site(folder, detectors=2)
    path = site / "tags.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    state = {"quantity": "state", "unit": "bool", "range_high": "1", "h": "", "hh": ""}
    state |= {"deadband": "", "limit_source": ""}
    first = rows[0]
    beside = [
        {**first, **state, "tag": tag, "ref": f"alarm_fault_level.{bit}"}
        for tag, bit in LEVELS.items()
    ]
    rows[0] = first | {"gds_alarm_1": "XA-1", "gds_alarm_2": "XA-2"}
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows([*beside, *rows])
    return site


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Gateway]:
    async with gateway(tmp_path, write_gds_site(tmp_path / "site"), ("core",)) as built:
        await until_good(built, 1.0)
        yield built


async def test_acknowledging_the_gds_alarm_writes_nothing_to_it(running: Gateway, tmp_path: Path):
    """The mirror is raised, acknowledged and reset at the GDS; only our tower is ever written."""
    written: list[str] = []
    running.field.on_write = lambda device, *_: written.append(device)
    running.field.set_tag("XA-1", ON)
    raised = await running.alarm(f"{GAS}/gds1", "unack")
    assert (raised["kind"], raised["level"], raised["klass"]) == ("gds1", 1, "process")
    await running.command("acknowledge", {"condition": f"{GAS}/gds1"})
    acked = await running.alarm(f"{GAS}/gds1", "acked")
    assert acked["acked_by"] == "王"
    differs = await running.alarm(f"{GAS}/gds-differs", "unack")
    assert (differs["value"], differs["klass"], differs["priority"]) == (1.0, "system", 2)
    await running.command("acknowledge", {"condition": f"{GAS}/gds-differs"})
    running.field.set_tag("XA-1", OFF)
    while await running.alarms():  # each look is a new client's
        pass
    assert set(written) == {"TOWER"}
    reader = JournalReader(tmp_path / "state/journal.db")
    raised_at = {
        row.subject: row.utc_ns
        for row in reader.events(0, 500)
        if row.kind == "alarm.raised" and row.subject.startswith(GAS)
    }
    apart_s = (raised_at[f"{GAS}/gds-differs"] - raised_at[f"{GAS}/gds1"]) / 1e9
    assert 10 <= apart_s < 12


async def test_the_gds_is_first_and_we_are_second(running: Gateway, tmp_path: Path):
    """Of one answer the list's order is judged: the GDS's tags stand before the detector's."""
    for tag in LEVELS:
        running.field.set_tag(tag, ON)
    running.field.set_tag(GAS, Reading(5.0, *GOOD))
    await running.alarm(f"{GAS}/hh", "unack")
    alarms = await running.alarms()
    assert {f"{GAS}/{kind}" for kind in ("gds1", "gds2", "h", "hh")} <= alarms.keys()
    expected = [f"{GAS}/{kind}" for kind in ("gds1", "gds2", "h", "hh")]
    reader, raised = JournalReader(tmp_path / "state/journal.db"), list[str]()
    while len(raised) < len(expected):  # an alarm is shown before it is written
        await running.alarms()
        raised = [
            row.subject
            for row in reader.events(0, 500)
            if row.kind == "alarm.raised" and row.subject.startswith(GAS)
        ]
    assert raised == expected
