"""What two others say to each other on an RTU line: bytes to requests and responses. Pure.

RTU frames carry neither a length nor a direction, so both follow from the function code, from what
was asked before, and from the checksum. MODBUS Application Protocol V1.1b3, section 6; MODBUS over
Serial Line V1.02, section 2.5.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from edge.drivers.modbus.crc import LONGEST, sound

READS = frozenset({1, 2, 3, 4, 23})
BITWISE = frozenset({1, 2, 5, 15})
MANY = frozenset({15, 16})
FIXED_REQUEST = {1: 8, 2: 8, 3: 8, 4: 8, 5: 8, 6: 8, 7: 4, 8: 8, 11: 4, 12: 4, 17: 4, 22: 10, 24: 6}
FIXED_RESPONSE = {5: 8, 6: 8, 7: 5, 8: 8, 11: 8, 15: 8, 16: 8, 22: 10}
ANSWER_S = 5.0  # a request older than this waits for no answer any more
GAP_S, GAP_CHARACTERS = 0.05, 20  # rest of the line after which a frame has ended, whatever came
_UNKNOWN, _MORE = 0, -1

Kind = Literal["request", "response", "exception", "damaged"]


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame as it was heard. `at_s` [s] is when its last byte came, on the listener's clock.

    A response has the `address` and `count` of the request before it where that was heard, and
    `took_s` [s] since it. `data` are the values that travel: of a write in the request, of a read
    in the response. Damaged is what no frame could be made of; only its `raw` bytes are known.
    """

    at_s: float
    kind: Kind
    raw: bytes
    unit: int = 0
    function: int = 0
    address: int | None = None
    count: int = 0
    data: bytes = b""
    code: int = 0  # of an exception
    took_s: float | None = None

    @property
    def crc_ok(self) -> bool:
        """Whether the frame came as it was sent."""
        return self.kind != "damaged"


class Decoder:
    """Turns what is heard, however it is cut, into frames. `character_s` [s] is one byte's time."""

    def __init__(self, character_s: float = 10 / 9600) -> None:
        self._gap_s = max(GAP_S, GAP_CHARACTERS * character_s)
        self._buffer = b""
        self._noise = b""
        self._heard_s = 0.0
        self._asked: Frame | None = None

    def feed(self, data: bytes, at_s: float) -> list[Frame]:
        """Take bytes that came at `at_s` [s]; return the frames that are whole by now."""
        found = self.flush(at_s) if at_s - self._heard_s > self._gap_s else []
        self._heard_s = at_s
        self._buffer += data
        self._scan(at_s, found, ended=False)
        return found

    def flush(self, at_s: float) -> list[Frame]:
        """Return what can be made of the bytes left over, at the end or after a rest."""
        found: list[Frame] = []
        self._scan(at_s, found, ended=True)
        self._damaged(found)
        return found

    def _scan(self, at_s: float, found: list[Frame], *, ended: bool) -> None:
        while len(self._buffer) >= 4 or (ended and self._buffer):
            frame = self._frame(at_s)
            if frame is not None:
                self._damaged(found)
                found.append(frame)
                self._buffer = self._buffer[len(frame.raw) :]
                self._asked = frame if frame.kind == "request" else None
            elif ended or not self._growing():
                self._noise += self._buffer[:1]
                self._buffer = self._buffer[1:]
            else:
                return

    def _damaged(self, found: list[Frame]) -> None:
        if self._noise:
            found.append(Frame(self._heard_s, "damaged", self._noise))
            self._noise = b""

    def _growing(self) -> bool:
        """Whether what is there may be the beginning of a frame."""
        size = len(self._buffer)
        if size < 2:
            return True
        sizes = [size_of(self._buffer) for size_of in _SIZES]
        return any(wanted == _MORE or size < wanted <= LONGEST for wanted in sizes)

    def _frame(self, at_s: float) -> Frame | None:
        """Return the sound frame that the buffer begins with, None if it begins with none."""
        asked = self._asked
        if asked is not None and at_s - asked.at_s > ANSWER_S:
            asked = self._asked = None
        answers = asked is not None and self._buffer[:1] == asked.raw[:1]
        answers = answers and asked is not None and self._buffer[1] & 0x7F == asked.function
        order = (_response, _request) if answers else (_request, _response)
        sizes = (response_size, request_size) if answers else (request_size, response_size)
        for size_of, make in zip(sizes, order, strict=True):
            size = size_of(self._buffer)
            if 4 <= size <= len(self._buffer) and sound(raw := self._buffer[:size]):
                return make(raw, at_s, asked if answers else None)
        return None


def request_size(data: bytes) -> int:
    """Return how long the request is that `data` begins with: 0 if none, -1 if too early to say."""
    if len(data) < 2:
        return _MORE
    function = data[1]
    if function in MANY:
        return 9 + data[6] if len(data) > 6 else _MORE
    if function == 23:
        return 13 + data[10] if len(data) > 10 else _MORE
    if function in {20, 21}:
        return 5 + data[2] if len(data) > 2 else _MORE
    return FIXED_REQUEST.get(function, _UNKNOWN)


def response_size(data: bytes) -> int:
    """Return how long the response is that `data` begins with: 0 if none, -1 if too early."""
    if len(data) < 2:
        return _MORE
    function = data[1]
    if function & 0x80:
        return 5
    if function in READS or function in {12, 17, 20, 21}:
        if len(data) < 3:
            return _MORE
        odd = function in {3, 4, 23} and data[2] & 1
        return _UNKNOWN if odd or not data[2] else 5 + data[2]
    return FIXED_RESPONSE.get(function, _UNKNOWN)


_SIZES: tuple[Callable[[bytes], int], ...] = (request_size, response_size)


def _request(raw: bytes, at_s: float, _asked: Frame | None) -> Frame:
    function = raw[1]
    address, count, data = None, 0, b""
    if function in {5, 6}:
        address, count, data = int.from_bytes(raw[2:4]), 1, raw[4:6]
    elif function in READS or function in MANY:
        address, count = int.from_bytes(raw[2:4]), int.from_bytes(raw[4:6])
        data = raw[7:-2] if function in MANY else raw[11:-2] if function == 23 else b""
    else:
        data = raw[2:-2]
    return Frame(at_s, "request", raw, raw[0], function, address, count, data)


def _response(raw: bytes, at_s: float, asked: Frame | None) -> Frame:
    function = raw[1] & 0x7F
    took_s = None if asked is None else at_s - asked.at_s
    address = None if asked is None else asked.address
    count = 0 if asked is None else asked.count
    if raw[1] & 0x80:
        return Frame(at_s, "exception", raw, raw[0], function, address, count, b"", raw[2], took_s)
    if function in READS:
        data = raw[3:-2]
        count = count or (8 * len(data) if function in BITWISE else len(data) // 2)
    elif function in {5, 6, 15, 16}:
        address = int.from_bytes(raw[2:4])
        count, data = (int.from_bytes(raw[4:6]), b"") if function in MANY else (1, raw[4:6])
    else:
        data = raw[2:-2]
    return Frame(at_s, "response", raw, raw[0], function, address, count, data, 0, took_s)
