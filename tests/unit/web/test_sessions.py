"""Sessions end by themselves, cannot be forged, and guesses are slowed down."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.clock import ManualClock
from edge.web.door import Door
from edge.web.sessions import IDLE_S, LONGEST_S, MOST_SESSIONS, Sessions
from edge.web.throttle import FIRST_WAIT_S, FREE_TRIES, LONGEST_WAIT_S, MOST_KEYS, Throttle
from edge.web.users import User

ADMIN = User(name="admin", role="admin", hash="")


def test_a_token_finds_its_session_until_it_is_ended():
    """Login, look, logout."""
    sessions = Sessions(ManualClock())
    token = sessions.open(ADMIN)

    found = sessions.find(token)
    assert found
    assert found.user == "admin"
    sessions.end(token)
    assert sessions.find(token) is None


def test_a_session_ends_when_idle_and_at_the_end_of_a_shift():
    """Without a touch it ends after an hour; touched, after a shift; a wall page is no touch."""
    clock = ManualClock()
    sessions = Sessions(clock)
    left, watched, used = (sessions.open(ADMIN) for _ in range(3))

    for _ in range(round(LONGEST_S / IDLE_S) * 2 - 1):
        clock.advance(IDLE_S / 2)
        sessions.find(watched, touch=False)
        assert sessions.find(used) is not None
    assert sessions.find(left) is None
    assert sessions.find(watched) is None
    clock.advance(IDLE_S / 2)
    assert sessions.find(used) is None


@given(st.text(max_size=80))
def test_no_text_is_a_token(text):
    """Whatever is sent as a cookie finds nobody and raises nothing."""
    sessions = Sessions(ManualClock())
    token = sessions.open(ADMIN)

    assert sessions.find(text) is None
    assert sessions.find(f"{token.partition('.')[0]}.{text}") is None


def test_sessions_are_bounded():
    """More logins than are kept push the oldest out."""
    sessions = Sessions(ManualClock())
    tokens = [sessions.open(ADMIN) for _ in range(MOST_SESSIONS + 1)]

    assert sessions.find(tokens[0]) is None
    assert sessions.find(tokens[-1]) is not None


def test_guesses_wait_longer_and_longer_and_success_forgets():
    """Five free tries, then waits that double up to a quarter of an hour."""
    clock = ManualClock()
    throttle = Throttle(clock)
    waits = []
    for _ in range(FREE_TRIES + 8):
        throttle.count("a")
        waits.append(throttle.wait_s("a"))

    assert waits[: FREE_TRIES - 1] == [0.0] * (FREE_TRIES - 1)
    assert waits[FREE_TRIES - 1 : FREE_TRIES + 1] == [FIRST_WAIT_S, 2 * FIRST_WAIT_S]
    assert waits[-1] == LONGEST_WAIT_S
    assert throttle.wait_s("b") == 0.0
    throttle.succeed("a")
    assert throttle.wait_s("a") == 0.0


def test_the_throttle_is_bounded():
    """A flood of addresses does not fill the memory."""
    throttle = Throttle(ManualClock())
    for number in range(MOST_KEYS + 50):
        throttle.count(f"10.0.{number}")

    assert len(throttle._records) <= MOST_KEYS


@pytest.mark.parametrize(
    ("address", "headers", "login", "kiosk", "view", "silence", "act"),
    [
        ("127.0.0.1", {}, False, True, True, True, False),
        ("::1", {}, False, True, True, True, False),
        ("127.0.0.1", {"x-forwarded-for": "10.0.0.9"}, False, True, False, False, False),
        ("127.0.0.1", {}, False, False, False, False, False),
        ("10.0.0.9", {}, False, True, False, False, False),
        ("testclient", {}, False, True, False, False, False),
        ("10.0.0.9", {}, True, True, True, True, True),
        ("127.0.0.1", {}, True, False, True, True, True),
    ],
)
def test_door_rules(address, headers, login, kiosk, view, silence, act):
    """Looking without a login is for this machine alone; acting always needs a named person."""
    sessions = Sessions(ManualClock())
    door = Door(sessions, kiosk_view=kiosk)

    caller = door.caller(address, headers, sessions.open(ADMIN) if login else None)

    assert (door.may_view(caller), door.may_silence(caller), door.may_act(caller)) == (
        view,
        silence,
        act,
    )
