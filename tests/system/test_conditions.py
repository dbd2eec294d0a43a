"""Conditions on several readings through core's real process and journal."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import orjson
import pytest

from edge.drivers.base import Reading
from edge.journal import JournalReader
from edge.tag import Quality, Reason
from tests.gateway import GOOD, Gateway, gateway, until_good
from tests.sites import write_site

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]
TITLE = {"zh": "试", "en": "test"}
LEVEL = "PT-0000"
BAY = [f"AT-000{i}/hh" for i in range(3)]
CONDITIONS: list[dict[str, Any]] = [
    {"id": "VOTE", "vote": {"votes": 2, "channels": BAY, "bad": "degrade"}, "level": 2},
    {"id": "RISES", "rate": {"tag": LEVEL, "rise_per_min": 1, "window_s": 5}},
    {
        "id": "FILLS",
        "overfill": {
            "tag": LEVEL,
            "full": 2.4,
            "area_m2": 12,
            "response_s": 600,
            "window_s": 5,
        },
    },
    {"id": "DIFFER", "deviation": {"tags": ["AT-0000", "AT-0001"], "limit": 2}},
    {"id": "BOTH", "expression": f"AT-0000 > 0.6 ppm and {LEVEL} > 0.1 m", "on_delay_s": 1},
]
GUIDANCE = {
    "id": "test",
    "fits": {"kinds": ["rate", "dev", "expr"]},
    "severity": "moderate",
    "respond_s": 600,
    "cause": TITLE,
    "consequence": TITLE,
    "actions": [TITLE],
}


def write_conditions_site(folder: Path) -> Path:
    """Write three detectors, a level, and one condition of each kind on them."""
    site = write_site(folder, detectors=3, opcua_items=1)
    data = orjson.loads((site / "site.yaml").read_bytes())
    for link in data["links"]:
        if link["kind"] == "opcua":
            link["mode"] = "poll"  # the field's server answers, and tells nothing by itself
    data["conditions"] = [{**row, "title": TITLE} for row in CONDITIONS]
    data["guidance"] = [*data.get("guidance", []), GUIDANCE]
    (site / "site.yaml").write_bytes(orjson.dumps(data))
    with (site / "tags.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        if row["tag"] == LEVEL:
            row |= {"quantity": "level", "unit": "m", "substance": ""}
    with (site / "tags.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return site


def fill(built: Gateway, per_poll: float) -> None:
    """Fill the tank: each level that core has been told is followed by the next."""
    level = 0.5

    def rise(tag: str, _mono_ns: int) -> None:
        nonlocal level
        if tag == LEVEL:
            level = min(level + per_poll, 2.3)
            built.field.set_tag(LEVEL, Reading(level, *GOOD))

    built.field.on_served = rise
    built.field.set_tag(LEVEL, Reading(level, *GOOD))


async def test_every_kind_is_raised_by_a_real_core_and_survives_its_kill(tmp_path: Path):
    """Readings raise all five; after SIGKILL they stand as they were and clear by readings."""
    site = write_conditions_site(tmp_path / "site")
    async with gateway(tmp_path, site, ("core",)) as built:
        await until_good(built, 1.0)
        fill(built, per_poll=0.05)
        assert (await built.alarm("RISES", "unack"))["value"] > 1
        full = await built.alarm("FILLS", "unack")
        assert (full["unit"], full["limit"]) == ("s", 600)
        assert 0 <= full["value"] < 60
        built.field.set_tag("AT-0000", Reading(5.0, *GOOD))
        await built.alarm("DIFFER", "unack")
        await built.alarm("BOTH", "unack")
        built.field.set_tag("AT-0002", Reading(None, Quality.BAD, Reason.SENSOR_FAULT))
        vote = await built.alarm("VOTE", "unack")  # 2oo3 is 1oo2 with one lost
        assert (vote["value"], vote["level"], vote["priority"]) == (2.0, 2, 1)
        built.field.on_served = lambda _tag, _mono_ns: None  # it fills no more
        before = (await built.alarms())["VOTE"]
        await built.kill("core")
        await built.start("core")
        after = (await built.alarms())["VOTE"]
        assert {k: after[k] for k in ("state", "count", "since_ns")} == {
            k: before[k] for k in ("state", "count", "since_ns")
        }
        for tag in ("AT-0000", "AT-0001", "AT-0002"):
            built.field.set_tag(tag, Reading(0.0, *GOOD))
        for name in ("VOTE", "DIFFER", "BOTH", "RISES", "FILLS"):
            await built.alarm(name, "rtn-unack")
    reader = JournalReader(tmp_path / "state/journal.db")
    raised = {row.subject for row in reader.events(0, 1000) if row.kind == "alarm.raised"}
    assert {row["id"] for row in CONDITIONS} <= raised
    samples = {row.tag for row in reader.samples(0, 10_000)}
    assert {row["id"] for row in CONDITIONS} <= samples
