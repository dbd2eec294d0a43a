"""What is no answer is told apart from what has not come yet and from what comes late."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.drivers.modbus.wire import wrong_reply

SENT = bytes.fromhex("0007 0000 0006 05 03 0000 0002")
GOOD = bytes.fromhex("0007 0000 0007 05 03 04 41424344")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (GOOD, ""),
        (bytes.fromhex("0007 0000 0003 05 83 02"), ""),
        (bytes.fromhex("0007 0000 0004 05 83 02 00"), "exception of the wrong length"),
        (bytes.fromhex("0007 0000 0007 05 04 04 41424344"), "function 4 answered"),
        (bytes.fromhex("0007 0000 0007 06 03 04 41424344"), "unit 6 answered"),
        (bytes.fromhex("0007 0000 0007 05 03 08 41424344"), "number of bytes"),
        (bytes.fromhex("a0a1 a2a3 a4a5 a6 a7"), "no Modbus"),
        (bytes.fromhex("0007 0000 0001 05 03"), "no Modbus"),
        (bytes.fromhex("0006 0000 0003 05 83 02") + GOOD, ""),  # late answer first
        (bytes.fromhex("0006 0000 0003 05 83 02") + bytes(8), "no Modbus"),
    ],
)
def test_frames(data: bytes, says: str):
    """Each malformed frame is named; late and whole ones pass."""
    found = wrong_reply(SENT, data)
    assert (says in found) if says else not found


@given(st.integers(0, len(GOOD)))
def test_a_good_answer_is_never_wrong_while_it_arrives(length: int):
    """However TCP cuts a good answer, no part of it is called wrong."""
    assert wrong_reply(SENT, GOOD[:length]) == ""


@given(st.binary(max_size=300))
def test_noise_never_raises(data: bytes):
    """Any bytes are either waited on, passed over or named."""
    assert isinstance(wrong_reply(SENT, data), str)
