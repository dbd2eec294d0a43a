"""Output states become words and are told apart from what is read back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.drivers.layout import RefError, resolve
from edge.drivers.outputs import shown, writes
from edge.drivers.template import Area, OutputPoint
from tests.unit.drivers.points import MODBUS
from tests.unit.drivers.test_language import template

TOWER = resolve(MODBUS["patlite-la6-poe"], {})


def test_horn_and_beacons_go_out_in_one_request():
    """Tiers and buzzer change together; tiers between are passed over by their ignore word."""
    (write,) = writes(TOWER, {"tier[1]": "flashing", "buzzer": 2})
    assert (write.address, write.words) == (0, (0x0102, 0, 0, 0, 0, 0x0102))
    assert [(e.address, e.mask, e.code) for e in write.expects] == [(0, 0xFF, 2), (5, 0xFF, 2)]


def test_what_has_no_ignore_word_is_not_passed_over():
    """Mute (no ignore word) is never written by the way; a command is not read back."""
    before, after = writes(TOWER, {"clear": "clear", "mute": "on"}), writes(TOWER, {"mute": "off"})
    assert [write.words for write in before] == [(1, 1)]
    assert [expect.address for expect in before[0].expects] == [8]
    assert [write.words for write in after] == [(0,)]


@pytest.mark.parametrize(
    "values",
    [
        {"tier[6]": "on"},
        {"tier": "on"},
        {"tier[1]": "blue"},
        {"tier[1]": 7},
        {"buzzer": 4},
        {"smart_mode": 0},
        {"contact_input[1]": 1},
        {"concentration": 1},
    ],
)
def test_unknown_points_and_states_are_refused(values: dict[str, int | str]):
    """Nothing is sent for a point, state or code the template does not list."""
    with pytest.raises(RefError):
        writes(TOWER, values)


outputs = st.fixed_dictionaries(
    {},
    optional={
        **{f"tier[{n}]": st.sampled_from(["off", "on", "flashing"]) for n in range(1, 6)},
        "buzzer": st.integers(0, 3),
    },
)


@given(outputs, st.lists(st.sampled_from([0, 1, 2]), min_size=6, max_size=6))
def test_a_device_shows_what_was_written_and_nothing_else(
    values: dict[str, int | str], before: list[int]
):
    """After a write every named output reads its code, every other what it read before."""
    words = list(before)
    changed: dict[int, int] = {}
    for write in writes(TOWER, values):
        for index, word in enumerate(write.words):
            address = write.address + index
            spec = TOWER.template.outputs["buzzer" if address == 5 else "tier"]
            words[address] = shown(spec, words[address], word)
        changed |= {expect.address: expect.code for expect in write.expects}
    assert len(changed) == len(values)
    for address in range(6):
        assert words[address] == changed.get(address, before[address])


def test_coils_take_bits():
    """A coil output writes and shows a plain bit."""
    spec = OutputPoint(at=3, area=Area.COIL, states={"off": 0, "on": 1}, read_mask=1)
    assert shown(spec, 0, 1) == 1


POWER = """
kinds: [discrete output]
registers: {}
outputs:
  relay:
    channels: 2
    stride: 1
    area: coil
    states: {"on": {at: 4200}, "off": {at: 5200}}
  door: {at: 10, states: {open: [0x065E, 0x3626], shut: [0x075E, 0x3626]}, verify: false}
  bell: {at: 12, states: {"off": 0, "on": 1}, function: 6}
  reset: {at: 13, states: {reset: 0x3247}, momentary: true}
  lamp: {at: 14, states: {"off": 0, "on": 1}, function: 16}
"""
OWN = resolve(template(POWER), {})


def test_on_and_off_may_have_numbers_of_their_own():
    """Each state goes to its own command, never joined with a neighbour's, and is not read back."""
    sent = writes(OWN, {"relay[1]": "on", "relay[2]": "on"})
    assert [(w.area, w.address, w.words, w.expects) for w in sent] == [
        (Area.COIL, 4200, (1,), ()),
        (Area.COIL, 4201, (1,), ()),
    ]
    assert [w.address for w in writes(OWN, {"relay[2]": "off"})] == [5201]


def test_a_key_travels_with_its_command():
    """Command and key are one request; what cannot be read back is not verified."""
    (write,) = writes(OWN, {"door": "open"})
    assert (write.address, write.words, write.expects) == (10, (0x065E, 0x3626), ())


def test_a_function_of_its_own_stays_alone_or_among_its_like():
    """An output that wants function 6 is never put into a request for several."""
    sent = writes(OWN, {"door": "shut", "bell": "on", "reset": "reset", "lamp": "on"})
    assert [(w.address, w.words, w.function) for w in sent] == [
        (10, (0x075E, 0x3626), None),
        (12, (1,), 6),
        (13, (0x3247,), None),
        (14, (1,), 16),
    ]
    assert [len(w.expects) for w in sent] == [0, 1, 0, 1]


def test_a_momentary_output_falls_back_by_itself():
    """What was written to it is not what it shows."""
    assert shown(OWN.template.outputs["reset"], 0, 0x3247) == 0
