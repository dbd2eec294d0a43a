"""What the alarm page is told and may ask: the site's advice, floods, evacuations, its commands."""

from __future__ import annotations

import pytest

from tests.unit.console.conftest import PASSWORD
from tests.unit.console.test_api import core_is_up

HELD = {"condition": "LI-201/h", "minutes": 30, "once": True}


async def test_the_site_page_holds_what_guidance_needs(bench, site):
    """Every limit's guidance is there with both languages, and who owns its major hazard source."""
    _, body = await bench.page().get("/api/v1/site")

    assert body["guidance"].keys() == site.guidance.keys()
    for limit in body["limits"]:
        guidance = body["guidance"][limit["guidance"]]
        texts = [guidance["cause"], guidance["consequence"], *guidance["actions"]]
        assert all(text["zh"] and text["en"] for text in texts)
        assert limit["respond_s"] > 0
    people = {person["id"] for person in body["people"]}
    for source in body["major_hazards"]:
        assert set(source["owners"].values()) <= people
    assert {one["id"] for one in body["annunciators"]} == {a.id for a in site.file.annunciators}
    assert "phone" not in str(body["people"])


async def test_shelving_needs_a_login_and_carries_numbers_and_truths(bench, core):
    """Minutes go as a number, once as a truth, the name from the session."""
    core.raise_alarm("LI-201/h", 3.3)
    await core_is_up(bench)
    page = bench.page()
    assert (await page.command("shelve", **HELD))[0] == 401
    await page.login(PASSWORD)
    assert (await page.command("shelve", **HELD))[0] == 200

    command = core.commands[-1]
    assert (command.name, command.actor, command.args) == ("shelve", "admin", HELD)
    assert command.args["once"] is True
    assert core.alarms["LI-201/h"]["state"] == "shelved"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1 << 60, {"a": 1}, None])
async def test_what_is_no_argument_is_refused(bench, core, value):
    """No number that JSON or core could not carry gets past the door."""
    await core_is_up(bench)
    page = bench.page()
    await page.login(PASSWORD)
    status, body = await page.command("reset", condition="LI-201/h", reading=value)
    assert (status, core.commands) == (422, []) or isinstance(value, int)
    assert "error" in body or isinstance(value, int)


async def test_a_flood_and_an_evacuation_are_in_the_snapshot_of_a_page_that_comes_later(
    bench, core
):
    """The board takes both from core's events, and from its snapshot."""
    await core_is_up(bench)
    async with bench.page().live() as live:
        await live.next("snapshot")
        core.set_flood(on=True)
        evacuation = {"area": "cl2", "actor": "wang", "since_ns": 5}
        core.tell("evacuation.begun", "cl2", evacuation)
        await live.next("event", lambda message: message["event"]["kind"] == "evacuation.begun")
        async with bench.page().live() as later:
            snapshot = await later.next("snapshot")
            assert (snapshot["flood"], snapshot["evacuations"]) == (True, [evacuation])
        core.set_flood(on=False)
        core.tell("evacuation.ended", "cl2", evacuation)
        await live.next("event", lambda message: message["event"]["kind"] == "evacuation.ended")
        async with bench.page().live() as later:
            snapshot = await later.next("snapshot")
            assert (snapshot["flood"], snapshot["evacuations"]) == (False, [])


async def test_a_page_hears_at_once_what_horns_wait_for(bench, core):
    """Whole, when it changes, and no more often."""
    await core_is_up(bench)
    async with bench.page().live() as live:
        assert (await live.next("snapshot"))["annunciation"]["trouble"] == []
        core.tell("trouble.began", "tower-1", {"reason": "annunciator-failed"})
        core.tell("annunciator.set", "tower-1", {})
        core.tell("trouble.ended", "tower-1", {"reason": "annunciator-failed"})
        told = [(await live.next("annunciation"))["annunciation"]["trouble"] for _ in range(2)]
    assert told == [[{"reason": "annunciator-failed", "subject": "tower-1"}], []]


async def test_a_result_says_whether_it_is_recorded(bench, core):
    """What core says of the disk reaches the page."""
    core.raise_alarm("LI-201/h", 3.3)
    core.recorded = False
    await core_is_up(bench)
    page = bench.page()
    await page.login(PASSWORD)
    _, body = await page.command("acknowledge", condition="LI-201/h")
    assert body["result"]["recorded"] is False


async def test_only_a_shift_s_outputs_are_offered_for_its_test(bench, site):
    """No dialler and no evacuation sound is part of it."""
    _, body = await bench.page().get("/api/v1/site")
    kinds = {o["kind"]: o["tested"] for one in body["annunciators"] for o in one["outputs"]}
    assert kinds == {
        "horn": True,
        "beacon": True,
        "trouble": True,
        "dialler": False,
        "evacuation": False,
    }
