"""What is no answer is told apart from what has not come yet and from what comes late."""

from __future__ import annotations

import struct
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.drivers.modbus.framing import LostError, MbapFraming, RtuFraming
from edge.drivers.modbus.requests import (
    RequestError,
    read_request,
    write_read_request,
    write_request,
)
from edge.drivers.template import Area
from edge.tag import Reason
from tests.unit.drivers.modbus.frames import rtu

ASK = read_request(Area.HOLDING, 0, 2)
OTHER = read_request(Area.HOLDING, 100, 2)
GOOD = bytes.fromhex("0007 0000 0007 05 03 04 41424344")
LATE = bytes.fromhex("0006 0000 0003 05 83 02")
DATA = bytes.fromhex("41424344")
ANSWER = rtu("05 03 04 41424344")
STRANGER = rtu("06 03 04 41424344")

Told = bytes | RequestError | None


def mbap(strays: list[int] | None = None) -> MbapFraming:
    """Return a framing that has just sent request number 7 to unit 5."""
    framing = MbapFraming((strays if strays is not None else []).append)
    for number in range(1, 8):
        sent = framing.request(5, ASK, 0)
        assert sent[:2] == number.to_bytes(2)
    return framing


def serial(strays: list[int] | None = None, owed: int = 0) -> RtuFraming:
    """Return a framing that has just asked unit 5."""
    framing = RtuFraming((strays if strays is not None else []).append, 0.1)
    framing.request(5, ASK, owed)
    return framing


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ("0007 0000 0003 05 83 02", "exception 2"),
        ("0007 0000 0004 05 83 02 00", "exception came with the wrong length"),
        ("0007 0000 0007 05 04 04 41424344", "function 4 answered"),
        ("0007 0000 0007 05 03 08 41424344", "bytes came where 4"),
        ("0007 0000 0005 05 03 02 4142", "2 bytes came where 4"),
    ],
)
def test_a_wrong_answer_is_named(data: str, says: str):
    """Each wrong answer is told apart, and the connection can go on."""
    framing = mbap()
    answer = framing.feed(bytes.fromhex(data))
    assert isinstance(answer, RequestError)
    assert says in answer.detail
    framing.request(5, ASK, 0)
    assert framing.feed(b"\0\x08" + GOOD[2:]) == DATA


@pytest.mark.parametrize(
    "data",
    [
        bytes.fromhex("a0a1 a2a3 a4a5 a6 a7"),
        bytes.fromhex("0007 0000 0001 05 03"),
        bytes.fromhex("0007 0000 0007 06 03 04 41424344"),  # unit 6 in unit 5's name
        LATE + bytes(8),
    ],
)
def test_what_is_no_modbus_ends_a_tcp_connection(data: bytes):
    """Where nobody can say where the next frame starts, the connection is given up."""
    with pytest.raises(LostError):
        mbap().feed(data)


def test_late_and_doubled_answers_are_passed_over_by_their_number():
    """An answer to an older request, before or after ours, is never taken for ours."""
    strays: list[int] = []
    framing = mbap(strays)
    assert framing.feed(LATE + GOOD + GOOD) == DATA
    assert strays == [5, 5]
    framing.request(5, OTHER, 0)
    assert framing.feed(GOOD) is None


@given(st.lists(st.integers(0, len(LATE + GOOD)), max_size=12))
def test_an_answer_cut_anywhere_is_put_together(cuts: list[int]):
    """However TCP or TLS cuts a late and a good answer, the good one is found."""
    framing, stream = mbap(), LATE + GOOD
    told = [
        framing.feed(stream[a:b]) for a, b in pairwise([0, *sorted(cuts), len(stream)]) if a < b
    ]
    assert [one for one in told if one is not None] == [DATA]
    assert framing.partial == 0


@given(st.binary(max_size=300))
def test_noise_on_tcp_is_waited_on_or_named(data: bytes):
    """Any bytes are waited on, named, or end the connection: nothing else is raised."""
    try:
        answer = mbap().feed(data)
    except LostError:
        return
    assert answer is None or isinstance(answer, RequestError) or data[7:9] == b"\x03\x04"


@given(st.binary(max_size=40), st.lists(st.integers(0, 60), max_size=8))
def test_rtu_finds_the_answer_behind_any_noise_however_cut(noise: bytes, cuts: list[int]):
    """Noise before an answer costs nothing: the sound frame is found at any place."""
    framing, stream = serial(), noise + ANSWER
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    told = [framing.feed(stream[a:b]) for a, b in pairwise(edges) if a < b]
    assert [one for one in told if one is not None] == [DATA]


@given(st.binary(max_size=300))
def test_rtu_never_makes_a_value_of_noise(data: bytes):
    """Bytes without a sound checksum are never an answer, also once the line rests."""
    framing = serial()
    assert not isinstance(framing.feed(data), bytes)
    assert not isinstance(framing.settled(), bytes)


@given(st.integers(0, len(ANSWER) * 8 - 1))
def test_a_spoilt_bit_is_a_bad_reply(bit: int):
    """One wrong bit anywhere makes the answer a bad reply once the line rests; the next is good."""
    spoilt = bytearray(ANSWER)
    spoilt[bit >> 3] ^= 1 << (bit & 7)
    framing = serial()
    assert framing.feed(bytes(spoilt)) is None
    told = framing.settled()
    assert isinstance(told, RequestError)
    assert told.reason is Reason.BAD_REPLY
    framing.request(5, ASK, 0)
    assert framing.feed(ANSWER) == DATA


@given(st.integers(1, len(ANSWER) - 1))
def test_half_an_answer_is_no_answer(size: int):
    """A frame that is cut short is a bad reply once the line rests, wherever it was cut."""
    framing = serial()
    assert framing.feed(ANSWER[:size]) is None
    assert isinstance(framing.settled(), RequestError)


def test_another_units_answer_is_passed_over():
    """A sound frame of another unit is a stray; ours may still follow it."""
    strays: list[int] = []
    framing = serial(strays)
    assert framing.feed(STRANGER) is None
    assert framing.settled() is None  # nothing of ours has come: it is the time-out that speaks
    assert framing.feed(ANSWER) == DATA
    assert strays == [6]


def test_an_answer_of_another_size_is_wrong_unless_one_is_owed():
    """Fewer registers than asked for are a bad reply; a late answer to another request is none."""
    short = rtu("05 03 02 4142")
    told = serial().feed(short)
    assert isinstance(told, RequestError)
    assert told.detail == "2 bytes came where 4 were asked for"
    strays: list[int] = []
    framing = serial(strays, owed=1)
    assert framing.feed(short) is None
    assert framing.feed(ANSWER) == DATA
    assert strays == [5]


def test_a_doubled_answer_is_not_taken_for_the_next():
    """The last answer once more, to another request, is held until it is clear what it was."""
    framing = serial()
    assert framing.feed(ANSWER) == DATA
    framing.request(5, OTHER, 0)
    assert framing.feed(ANSWER) is None  # the same bytes: the last one again?
    assert framing.feed(rtu("05 03 04 00000001")) == bytes.fromhex("00000001")


def test_two_places_that_read_the_same_are_believed_and_doubted_once():
    """Blocks with equal contents cost one more request, not one each time."""
    framing = serial()
    assert framing.feed(ANSWER) == DATA
    for other in (OTHER, ASK):
        framing.request(5, other, 0)
        assert framing.feed(ANSWER) is None
        told = framing.settled()
        assert isinstance(told, RequestError)
        assert told.again_s == 0
        framing.request(5, other, 1)
        assert framing.feed(ANSWER) is None
        assert framing.settled() == DATA
    for ask in (OTHER, ASK, OTHER):
        framing.request(5, ask, 0)
        assert framing.feed(ANSWER) == DATA


def test_an_adapter_that_echoes_is_seen_through():
    """Our own bytes, heard back from a two-wire adapter, are no answer."""
    framing = serial()
    sent = framing.request(5, ASK, 0)
    assert framing.feed(sent + ANSWER) == DATA


def test_requests_are_as_the_specification_prints_them():
    """Functions 1-6, 15, 16 and 23 against the examples of the protocol's specification."""
    cases = [
        (read_request(Area.COIL, 0x13, 0x13), "01 0013 0013", 3),
        (read_request(Area.DISCRETE, 0xC4, 0x16), "02 00C4 0016", 3),
        (read_request(Area.HOLDING, 0x6B, 3), "03 006B 0003", 6),
        (read_request(Area.INPUT, 8, 1), "04 0008 0001", 2),
        (write_request(Area.COIL, 0xAC, (1,)), "05 00AC FF00", -1),
        (write_request(Area.HOLDING, 1, (3,)), "06 0001 0003", -1),
        (
            write_request(Area.COIL, 0x13, (1, 0, 1, 1, 0, 0, 1, 1, 1, 0)),
            "0F 0013 000A 02 CD01",
            -1,
        ),
        (write_request(Area.HOLDING, 1, (0x0A, 0x102)), "10 0001 0002 04 000A 0102", -1),
        (
            write_read_request(0x0E, (0xFF, 0xFF, 0xFF), 3, 6),
            "17 0003 0006 000E 0003 06 00FF00FF00FF",
            12,
        ),
    ]
    for request, pdu, size in cases:
        assert (request.pdu.hex(), request.size) == (bytes.fromhex(pdu).hex(), size)


@given(st.integers(1, 125), st.integers(0, 246))
def test_every_read_of_every_size_comes_back(count: int, unit: int):
    """What is sent in a frame of any size is what is read, over both framings."""
    data = struct.pack(f">{count}H", *range(count))
    ask = read_request(Area.INPUT, 7, count)
    framing = RtuFraming(lambda _: None, 0.1)
    framing.request(unit, ask, 0)
    assert framing.feed(rtu(bytes([unit, 4, len(data)]) + data)) == data
    tcp = MbapFraming(lambda _: None)
    head = tcp.request(unit, ask, 0)[:4]
    assert tcp.feed(head + struct.pack(">HBBB", len(data) + 3, unit, 4, len(data)) + data) == data


def test_an_older_answer_once_more_is_not_taken_either():
    """A copy that comes one request later still is held against all that the unit said."""
    framing = serial()
    assert framing.feed(ANSWER) == DATA
    framing.request(5, OTHER, 0)
    assert framing.feed(rtu("05 03 04 00000001")) == bytes.fromhex("00000001")
    framing.request(5, read_request(Area.HOLDING, 200, 2), 0)
    assert framing.feed(ANSWER) is None
    assert framing.feed(rtu("05 03 04 00000002")) == bytes.fromhex("00000002")


def test_copies_of_copies_are_held_as_well():
    """However many copies of an older answer come, the answer behind them is the one believed."""
    framing = serial()
    assert framing.feed(ANSWER) == DATA
    framing.request(5, OTHER, 0)
    for _ in range(3):
        assert framing.feed(ANSWER) is None
    assert framing.feed(rtu("05 03 04 00000001")) == bytes.fromhex("00000001")
