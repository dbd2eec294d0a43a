"""Changed alarm settings through core's real process: no change without papers goes by unseen."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest

from edge.errors import CommandError
from edge.journal import JournalReader
from edge.site.alarms.ledger import COLUMNS
from suian.changes import rows_to_write
from tests.gateway import Gateway, gateway, until_good
from tests.sites import write_changes, write_site

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]
ALARM = "SETTINGS-OK/state"
RAISED = ("AT-0001/h", "limit", "0.3", "0.33")


def edit_list(site: Path, was: str, now: str) -> None:
    """Change detector AT-0001 in the tag list."""
    path = site / "tags.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    at = next(i for i, line in enumerate(lines) if "AT-0001" in line)
    assert was in lines[at]
    lines[at] = lines[at].replace(was, now)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def higher(site: Path) -> None:
    """Raise AT-0001's level 1: within the rule, and later than it was."""
    edit_list(site, ",0.3,0.6,", ",0.33,0.6,")


async def events(built: Gateway, last: str, count: int) -> list[tuple[str, dict[str, Any]]]:
    """The journal's events of alarm settings, once there are `count` and the last is `last`."""
    found: list[tuple[str, dict[str, Any]]] = []
    async with asyncio.timeout(20):
        while len(found) < count:
            reader = JournalReader(built.run.parent / "state" / "journal.db")
            rows = reader.events(0, 1000)
            reader.close()
            found = [(r.kind, dict(r.params)) for r in rows if r.kind.startswith("setting.")]
            await asyncio.sleep(0.05)
    assert [kind for kind, _ in found][-1] == last
    assert len(found) == count
    return found


async def test_a_changed_set_point_is_refused_until_two_people_stand_for_it(
    tmp_path: Path,
) -> None:
    """The fault says what was, what is, and the row to write; with the row it is taken up."""
    site = write_site(tmp_path / "site", detectors=3)
    async with gateway(tmp_path, site, ("core",)) as built:
        await until_good(built, 1.0)
        await events(built, "setting.baseline", 1)
        higher(site)
        with pytest.raises(CommandError) as caught:
            await built.command("apply_site", {})
        told = str(caught.value.params["faults"])
        assert "changes.csv: AT-0001/h: limit was '0.3' and is '0.33' now" in told
        assert "AT-0001/h,limit,0.3,0.33,(reason),(proposed by),(approved by)" in told
        rows = await asyncio.to_thread(rows_to_write, site, tmp_path / "state")
        header, row = rows.splitlines()
        assert header == ",".join(COLUMNS)
        assert row in told
        write_changes(site, RAISED)
        assert "has its papers" in rows_to_write(site, tmp_path / "state")
        assert (await built.command("apply_site", {}))["changed"] is True
        assert ALARM not in await built.alarms()
        _, params = (await events(built, "setting.changed", 2))[-1]
        assert params == {
            "condition": "AT-0001/h",
            "setting": "limit",
            "from": "0.3",
            "to": "0.33",
            "change": "MOC-1",
            "reason": "试验",
            "proposed_by": "王",
            "approved_by": "李",
        }


async def test_what_is_changed_while_core_is_down_is_an_alarm_until_it_has_papers(
    tmp_path: Path,
) -> None:
    """It runs and is told once, over further restarts too; papers end it without a restart."""
    site = write_site(tmp_path / "site", detectors=3)
    async with gateway(tmp_path, site, ("core",)) as built:
        await until_good(built, 1.0)
        await built.processes.stop("core")
        higher(site)
        edit_list(site, ",0.05,", ",0.04,")
        for _ in range(2):
            await built.start("core")
            alarm = await built.alarm(ALARM, "unack")
            assert (alarm["priority"], alarm["guidance"]) == (3, "std-settings-changed")
            await built.processes.stop("core")
        await built.start("core")
        await built.alarm(ALARM, "unack")
        await events(built, "setting.without-papers", 4)
        assert (await built.command("apply_site", {}))["changed"] is False
        write_changes(site, RAISED, ("AT-0001/*", "deadband", "0.05", "0.04"))
        assert (await built.command("apply_site", {}))["changed"] is True
        await built.alarm(ALARM, "rtn-unack")
        papers = (await events(built, "setting.papers", 7))[4:]
        assert sorted(params["setting"] for _, params in papers) == ["deadband"] * 2 + ["limit"]


async def test_a_condition_taken_out_and_a_new_suppression_need_papers(tmp_path: Path) -> None:
    """Whatever makes an alarm come later, or not at all; a new tag's alarms need none."""
    site = write_site(tmp_path / "site", detectors=3)
    async with gateway(tmp_path, site, ("core",)) as built:
        await until_good(built, 1.0)
        lines = (site / "tags.csv").read_text(encoding="utf-8").splitlines()
        kept = [line for line in lines if "AT-0002" not in line]
        (site / "tags.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")
        body = orjson.loads((site / "site.yaml").read_bytes())
        body["flood"] = {"begin": 30}
        (site / "site.yaml").write_bytes(orjson.dumps(body))
        with pytest.raises(CommandError) as caught:
            await built.command("apply_site", {})
        told = str(caught.value.params["faults"])
        assert "AT-0002/h: condition was 'in force' and is 'removed' now" in told
        assert "flood: flood was 'begin 11, end 4, priorities 4'" in told
        body.pop("flood")
        (site / "site.yaml").write_bytes(orjson.dumps(body))
        write_changes(site, ("AT-0002/*", "condition", "in force", "removed"))
        assert (await built.command("apply_site", {}))["removed"] == 1
        (site / "tags.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        assert (await built.command("apply_site", {}))["added"] == 1
        kinds = [kind for kind, _ in await events(built, "setting.added", 5)]
        assert kinds[1:4] == ["setting.changed"] * 3
