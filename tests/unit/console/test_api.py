"""The console over real sockets: who may see and do what, and what a page is told."""

import pytest

from edge.console.server import listen
from edge.errors import ConfigError
from edge.tag import Reason
from tests.unit.console.conftest import PASSWORD
from tests.unit.console.fake_core import FakeCore, sample

FAR = {"x_forwarded_for": "10.1.2.3"}  # a caller who is not at this machine


async def core_is_up(bench):
    """Wait until the console hears core."""
    async with bench.page().live() as live:
        await live.next("tick", lambda message: message["core"] == "up")


async def test_a_wall_page_sees_without_login_what_a_far_one_does_not(bench):
    """Viewing from this machine is free; from elsewhere it needs a login."""
    near, far = bench.page(), bench.page(**FAR)

    for path in ("site", "alarms", "calls", "hazard/latest", "events", "me"):
        assert (await near.get(f"/api/v1/{path}"))[0] == 200
    for path in ("/api/v1/site", "/api/v1/alarms", "/api/v1/events", "/metrics"):
        status, body = await far.get(path)
        assert status == 401
        assert body == {"error": {"id": "web.login-needed", "params": {}}}
    async with far.live() as live:
        await live.socket.wait_closed()
        assert live.socket.close_code == 4401
    assert (await far.get("/api/v1/health"))[0] == 200


async def test_the_site_page_holds_what_the_map_needs(bench, site):
    """Map, tags, limits, places and plan are all there, in site metres."""
    _, body = await bench.page().get("/api/v1/site")

    assert {tag["tag"] for tag in body["tags"]} == set(site.tags)
    assert {limit["id"] for limit in body["limits"]} == set(site.limits)
    assert body["substances"]["chlorine"] == {"zh": "氯", "en": "Chlorine", "formula": "Cl2"}
    shapes = {feature["id"] for feature in body["plan"]["features"]}
    assert {asset["id"] for asset in body["assets"]} - shapes == {"MAST-1"}
    assert body["world"] == "drill"


async def test_the_site_page_says_who_owns_what_and_no_telephone_number(bench, site):
    """Posts and owners are for every page; numbers stay in the site's files."""
    _, body = await bench.page().get("/api/v1/site")

    assert {person["id"] for person in body["people"]} == {p.id for p in site.file.people}
    assert not [person for person in body["people"] if "phone" in person]
    owners = {source["id"]: source["owners"] for source in body["major_hazards"]}
    assert owners["cl2-source"]["technical"] == "cl2-engineer"


async def test_snapshot_then_ticks_then_events_at_once(bench, core, site):
    """A page gets all that is, then what changes, and an alarm without waiting for the tick."""
    core.say(sample(site, "AT-101", 0.1))
    await core_is_up(bench)
    async with bench.page().live() as live:
        assert (await live.next())["t"] == "hello"
        snapshot = await live.next()
        assert snapshot["t"] == "snapshot"
        first = await live.next("tick")
        core.say(sample(site, "AT-101", 0.9), sample(site, "AT-102", None, Reason.TIMEOUT))
        core.raise_alarm("AT-101/hh", 0.9)
        event = await live.next("event")
        tick = await live.next("tick", lambda message: len(message["values"]) == 2)

    assert event["alarm"]["condition"] == "AT-101/hh"
    assert tick["n"] > first["n"]
    assert tick["core"] == "up"
    assert {row[0]: row[1:4] for row in tick["values"]} == {
        "AT-101": [0.9, 0, "ok"],
        "AT-102": [None, 2, "timeout"],
    }


async def test_core_going_and_coming_is_told_and_the_list_is_kept(bench, site, run_folder):
    """While core is away ticks go on and alarms stay; when it is back a snapshot says what is."""
    async with FakeCore(site, run_folder) as first:
        first.raise_alarm("AT-101/hh", 0.9)
        await core_is_up(bench)
        async with bench.page().live() as live:
            await live.next("snapshot", lambda message: bool(message["alarms"]))
            await first.__aexit__(None, None, None)
            await live.next("tick", lambda message: message["core"] == "down")
            _, listed = await bench.page().get("/api/v1/alarms")
            assert listed["core"] == "down"
            assert [alarm["condition"] for alarm in listed["alarms"]] == ["AT-101/hh"]
            async with FakeCore(site, run_folder):
                snapshot = await live.next("snapshot")
                assert snapshot["alarms"] == []
                await live.next("tick", lambda message: message["core"] == "up")


async def test_calls_reach_the_page_at_once_and_are_read_by_a_named_person(bench, core):
    """A page gets them when it comes and when they change; a receipt needs a login."""
    calls = [{"call": "call-1", "step": "called", "person": "duty-desk", "read_by": None}]
    notices = [{"notice": "notice-2", "hazard": "cl2-source"}]
    await core_is_up(bench)
    page = bench.page()
    async with page.live() as live:
        snapshot = await live.next("snapshot")
        assert (snapshot["calls"], snapshot["notices"]) == ([], [])
        core.server.push_calls({"calls": calls, "notices": notices})
        message = await live.next("calls")
    assert message == {"t": "calls", "calls": calls, "notices": notices}
    _, body = await page.get("/api/v1/calls")
    assert body == {"core": "up", "calls": calls, "notices": notices}
    async with page.live() as live:
        assert (await live.next("snapshot"))["calls"] == calls

    assert (await page.command("read_call", call="call-1"))[0] == 401
    assert (await page.login(PASSWORD))[0] == 200
    assert (await page.command("read_call", "read-call-1", call="call-1"))[0] == 200
    assert (core.commands[-1].actor, core.commands[-1].args) == ("admin", {"call": "call-1"})


async def test_acting_needs_a_name_and_silence_does_not(bench, core):
    """A kiosk may still the horn and no more; a login acknowledges under its own name."""
    core.raise_alarm("AT-101/hh", 0.9)
    await core_is_up(bench)
    page = bench.page()

    status, body = await page.command("acknowledge", condition="AT-101/hh")
    assert (status, body["error"]["id"]) == (401, "web.login-needed")
    assert core.commands == []

    async with page.live() as live:
        assert (await page.command("silence", "silence-0001"))[0] == 200
        assert (await live.next("silenced"))["actor"] == "kiosk"
    assert core.alarms["AT-101/hh"]["state"] == "unack"

    assert (await page.login(PASSWORD))[0] == 200
    status, _ = await page.command("acknowledge", "acknowledge-1", condition="AT-101/hh")
    assert status == 200
    silence, acknowledge = core.commands
    assert (silence.actor, silence.role) == ("kiosk", "kiosk")
    assert (acknowledge.actor, acknowledge.role) == ("admin", "admin")
    assert acknowledge.place == "console 127.0.0.1"
    assert core.alarms["AT-101/hh"]["state"] == "acked"


async def test_a_far_page_without_login_may_not_silence(bench, core):
    """One touch without login is for this machine alone."""
    await core_is_up(bench)

    assert (await bench.page(**FAR).command("silence"))[0] == 401
    assert core.commands == []


async def test_refused_and_impossible_commands_say_why(bench, core):
    """Core's refusal keeps its words; an unknown command or form never reaches core."""
    await core_is_up(bench)
    page = bench.page()
    await page.login(PASSWORD)

    status, body = await page.command("acknowledge", condition="NO/h")
    assert (status, body["error"]["id"]) == (409, "control.unknown-condition")
    count = len(core.commands)
    for body in (
        {"id": "0123456789", "name": "metrics"},
        {"id": "short", "name": "silence"},
        {"id": "0123456789", "name": "silence", "actor": "somebody-else"},
        [],
    ):
        status, answer = await page.post("/api/v1/command", body)
        assert (status, answer["error"]["id"]) == (422, "web.bad-request")
    assert len(core.commands) == count


async def test_commands_without_core_say_that_it_is_down(bench):
    """A command that nobody carried out is never shown as done."""
    page = bench.page()
    await page.login(PASSWORD)

    status, body = await page.command("silence")

    assert status in {409, 503}
    assert body["error"]["id"] in {"control.down", "console.core-down"}


async def test_login_cookie_logout_and_guesses(bench):
    """The cookie is HttpOnly and same-site; wrong guesses wait; logout ends the session."""
    page = bench.page()
    status, body = await page.login("wrong")
    assert (status, body["error"]["id"]) == (401, "web.wrong-login")
    await page.login(PASSWORD)
    flags = page.set_cookie.lower()
    assert "httponly" in flags
    assert "samesite=strict" in flags
    _, me = await page.get("/api/v1/me")
    assert me == {"user": "admin", "role": "admin", "view": True, "silence": True, "act": True}

    await page.post("/api/v1/logout", {})
    assert (await page.get("/api/v1/me"))[1]["act"] is False

    for _ in range(5):
        await bench.page().login("guess")
    status, body = await page.login(PASSWORD)
    assert (status, body["error"]["id"]) == (429, "web.wait")


async def test_an_ended_session_closes_a_far_page(bench):
    """When a login ends the page that stood on it is told, and shows nothing more."""
    far = bench.page(**FAR)
    await far.login(PASSWORD)
    async with far.live() as live:
        await live.next("tick")
        bench.sessions.end(far.cookie.partition("=")[2])
        await live.socket.wait_closed()
        assert live.socket.close_code == 4401


async def test_history_is_asked_within_bounds(bench):
    """Events page backwards; a trend is of a known tag and a real span; a lost journal is said."""
    page = bench.page()

    assert [e["seq"] for e in (await page.get("/api/v1/events?limit=2&before=10"))[1]] == [9, 8]
    assert (await page.get("/api/v1/events?limit=100000"))[0] == 422
    status, points = await page.get("/api/v1/trend?tag=AT-101&from_ns=1&to_ns=9&points=7")
    assert (status, points[0]["points"]) == (200, 7)
    assert (await page.get("/api/v1/trend?tag=NOPE&from_ns=1&to_ns=9"))[0] == 404
    assert (await page.get("/api/v1/trend?tag=AT-101&from_ns=9&to_ns=1"))[0] == 422
    status, body = await page.get("/api/v1/alarms/kpi?hours=8")
    assert (status, body["hours"]) == (200, 8)
    assert (await page.get("/api/v1/alarms/kpi"))[1]["hours"] == 24
    assert (await page.get("/api/v1/alarms/kpi?hours=0"))[0] == 422
    assert (await page.get("/api/v1/alarms/kpi?hours=100000"))[0] == 422
    assert (await bench.page(**FAR).get("/api/v1/alarms/kpi"))[0] == 401
    bench.history.broken = True
    assert (await page.get("/api/v1/alarms/kpi"))[0] == 503
    status, body = await page.get("/api/v1/events")
    assert (status, body["error"]["id"]) == (503, "console.journal-unavailable")


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/events?before=9223372036854775808",
        "/api/v1/trend?tag=AT-101&from_ns=0&to_ns=9223372036854775808",
        "/api/v1/trend?tag=AT-101&from_ns=-1&to_ns=9",
    ],
)
async def test_numbers_beyond_64_bits_are_the_asker_s_mistake(bench, path):
    """SQLite cannot be asked for them; the answer says so, and no trace is logged."""
    status, body = await bench.page().get(path)
    assert (status, body["error"]["id"]) == (422, "web.bad-request")


@pytest.mark.parametrize(
    "args", [{"condition": "\ud800"}, {"condition": "x" * 201}, {"\udfff": "x"}]
)
async def test_text_that_no_line_can_carry_is_refused_before_core_is_asked(bench, core, args):
    """Half a character, or a page of it, ends neither the request nor the link to core in a 500."""
    await core_is_up(bench)
    page = bench.page()
    await page.login(PASSWORD)
    body = {"id": "12345678", "name": "acknowledge", "args": args}
    status, answer = await page.post("/api/v1/command", body)
    assert (status, answer["error"]["id"]) == (422, "web.bad-request")


async def test_a_new_estimate_reaches_the_page(bench, core):
    """What hazard wrote is sent when it is there, and its number goes with each tick."""
    await core_is_up(bench)
    async with bench.page().live() as live:
        await live.next("tick")
        bench.estimate = {"seq": 4, "id": "chlorine-1", "state": "estimate"}
        assert (await live.next("hazard"))["estimate"] == bench.estimate
        assert (await live.next("tick", lambda message: message["hazard"]))["hazard"] == 4
    assert (await bench.page().get("/api/v1/hazard/latest"))[1] == bench.estimate


async def test_the_page_itself_and_its_policy(bench):
    """The built page is served under the strict policy; without a build it says what to do."""
    status, body = await bench.page().get("/")
    assert (status, body) == (200, "<!doctype html><title>page</title>")
    assert (await bench.page(host="evil.example").get("/"))[0] == 403


async def test_a_page_that_is_not_built_says_so(bench):
    """A checkout without a build serves its API and says what is missing."""
    (bench.static / "index.html").unlink()

    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    app = bench.application(None)
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "raw_path": b"/",
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "http_version": "1.1",
        "server": ("127.0.0.1", 1),
        "client": ("127.0.0.1", 2),
        "headers": [(b"host", b"127.0.0.1:1")],
    }
    await app(scope, receive, send)

    assert sent[0]["status"] == 503
    assert b"make setup" in sent[1]["body"]


def test_a_port_in_use_is_a_clear_fault():
    """The message names the port and the cure."""
    taken = listen("127.0.0.1", 0)
    port = taken.getsockname()[1]

    with pytest.raises(ConfigError, match=rf"port {port} is in use.*console\.port"):
        listen("127.0.0.1", port)
    taken.close()
