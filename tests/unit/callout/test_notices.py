"""The shift, and the three owners of a major hazard source, are told at once."""

from __future__ import annotations

import pytest

from edge.callout.notices import KEEP_S
from edge.errors import CommandError
from tests.unit.callout.rig import Run, callout_site


def notices(run: Run) -> list[tuple[str, str, str]]:
    """(hazard, condition, people) of each notice event."""
    keys = ("hazard", "condition", "people")
    found = [t.event.params for t in run.transitions if t.event.kind == "callout.notice"]
    return [tuple(str(params[key]) for key in keys) for params in found]  # type: ignore[misc]


def test_owners_and_shift_are_told_at_once_by_role() -> None:
    """The event names each role's person, and goes out in the alarm's own second."""
    run = Run()
    run.raise_("AT-1/h")
    assert notices(run) == [
        ("", "AT-1/h", "desk leader dispatcher"),
        ("cl2-source", "AT-1/h", "boss engineer foreman"),
    ]
    params = run.transitions[1].event.params
    assert [params[role] for role in ("principal", "technical", "operational")] == [
        "boss",
        "engineer",
        "foreman",
    ]
    assert run.read_in() == {"boss": None, "engineer": None, "foreman": None}


def test_an_alarm_outside_every_source_is_the_shift_s_alone() -> None:
    """Owners answer for their own source."""
    run = Run()
    run.raise_("AT-9/hh")
    assert [hazard for hazard, *_ in notices(run)] == [""]


def test_what_is_computed_in_the_source_s_area_is_its_own() -> None:
    """A vote of several detectors has no asset: its area tells whose it is."""
    run = Run()
    run.raise_("VOTE-1/vote", priority=1)
    assert [hazard for hazard, *_ in notices(run)] == ["", "cl2-source"]


@pytest.mark.parametrize(
    "changes", [{"priority": 3}, {"klass": "predicted"}, {"state": "shelved"}, {"world": "live"}]
)
def test_what_nobody_is_told_of(changes: dict[str, object]) -> None:
    """Low priorities, predictions, what is set aside, other worlds."""
    run = Run()
    run.raise_("AT-1/h", **changes)
    assert run.transitions == []


def test_each_reads_for_themselves() -> None:
    """A receipt is its owner's; it stops nothing and acknowledges nothing."""
    run = Run()
    run.raise_("AT-1/hh")
    run.read(run.notice()["notice"], "u-boss")
    assert run.read_in() == {"boss": "u-boss", "engineer": None, "foreman": None}
    with pytest.raises(CommandError, match="not-yours"):
        run.read(run.notice()["notice"], "u-desk")
    with pytest.raises(CommandError, match="already-read"):
        run.read(run.notice()["notice"], "u-boss")
    run.wait(60)
    assert run.calls == [(60, "began")]


def test_a_further_alarm_joins_and_has_to_be_read_anew() -> None:
    """One notice for an incident; what comes after reading is news to everybody."""
    run = Run()
    run.raise_("AT-1/hh")
    first = run.notice()["notice"]
    for user in ("u-boss", "u-engineer", "u-foreman"):
        run.read(first, user)
    run.raise_("AT-2/hh")
    assert run.notice()["notice"] == first
    assert (run.notice()["count"], set(run.read_in().values())) == (2, {None})


def test_a_flood_is_one_event_a_moment() -> None:
    """What comes together is told together, the most urgent first; the rest is counted."""
    run = Run()
    run.raise_(*(f"AT-1/h{i}" for i in range(80)), "AT-1/hh")
    told = [t.event.params for t in run.transitions]
    assert len(told) == 2
    assert (told[1]["condition"], told[1]["new"], told[1]["count"]) == ("AT-1/hh", 81, 81)
    assert len(str(told[1]["alarms"]).split()) == len(run.notice()["alarms"]) == 50


def test_chatter_is_no_news() -> None:
    """An alarm that comes again before anybody acknowledged it has been told."""
    run = Run()
    run.raise_("AT-1/hh")
    run.raise_("AT-1/hh", state="rtn-unack")
    run.raise_("AT-1/hh", count=2)
    assert len(notices(run)) == 2
    run.acknowledge("AT-1/hh")
    run.raise_("AT-1/hh", count=3)
    assert len(notices(run)) == 4


def test_a_notice_ends_when_all_is_over_and_read() -> None:
    """Unread, it stays for a shift's length after its last alarm."""
    run = Run()
    run.raise_("AT-1/hh")
    for user in ("u-boss", "u-engineer", "u-foreman"):
        run.read(run.notice()["notice"], user)
    run.acknowledge("AT-1/hh")
    run.wait(10)
    assert run.notice()["count"] == 1
    run.clear("AT-1/hh")
    assert [view["hazard"] for view in run.callout.views()["notices"]] == [""]
    run.clock.advance(KEEP_S)
    run.wait(1)
    assert run.callout.views()["notices"] == []
    (ended,) = [t for t in run.transitions[-1:] if t.event.kind == "callout.notice-ended"]
    assert ended.event.params["unread"] == 3


def test_a_restart_keeps_notices_and_receipts() -> None:
    """Nobody is told twice, nobody has to read twice; what came after is told."""
    run = Run()
    run.raise_("AT-1/hh")
    run.read(run.notice()["notice"], "u-engineer")
    before = run.callout.views()
    run.restart(away_s=100.0)
    assert run.callout.views()["notices"] == before["notices"]
    assert len(notices(run)) == 2
    run.raise_("AT-2/hh")
    assert len(notices(run)) == 4


def test_a_reload_tells_new_owners_and_keeps_the_others_receipts() -> None:
    """Who became an owner meanwhile is told of what stands."""
    run = Run()
    run.raise_("AT-1/hh")
    run.read(run.notice()["notice"], "u-boss")
    site = callout_site()
    (source,) = site.file.major_hazards
    owners = source.owners.model_copy(update={"technical": "leader"})
    changed = source.model_copy(update={"owners": owners})
    site = type(site)(
        site.file.model_copy(update={"major_hazards": (changed,)}), site.root, "", site.tags, {}
    )
    run.take(run.callout.apply(site, run.clock.now()))
    assert run.read_in() == {"boss": "u-boss", "leader": None, "foreman": None}
    assert notices(run)[-1] == ("cl2-source", "AT-1/hh", "boss leader foreman")
