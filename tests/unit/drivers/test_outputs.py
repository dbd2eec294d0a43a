"""Output states become words and are told apart from what is read back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.drivers.layout import RefError, resolve
from edge.drivers.outputs import shown, writes
from edge.drivers.template import Area, OutputPoint
from tests.unit.drivers.points import MODBUS

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
