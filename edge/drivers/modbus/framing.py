"""Frames around requests and answers, and which of what comes in is the answer. Pure.

Two framings: MBAP (TCP and TLS), whose frames say their length and carry a number by which an
answer finds its request; and RTU, whose frames carry neither, so that noise, late and doubled
answers must be told from the right one by what they look like.
MODBUS Messaging on TCP/IP Implementation Guide V1.0b, 3.1.3; MODBUS over Serial Line V1.02, 2.5.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Protocol

from edge.drivers.modbus.crc import crc_of, sound
from edge.drivers.modbus.decode import response_size
from edge.drivers.modbus.requests import ECHO, Request, RequestError
from edge.tag import Reason

_HEAD = struct.Struct(">HHHBB")
_ASK = struct.Struct(">HHHB")
LONGEST_KEPT = 512  # bytes of noise that are searched for an answer
MOST_TWINS = 1000
MOST_REMEMBERED = 64  # requests of a unit whose latest answers are kept
Stray = Callable[[int], None]


class Framing(Protocol):
    """One connection's frames. `settle_s` [s]: rest after which what came is all there will be."""

    settle_s: float | None

    @property
    def number(self) -> int:
        """The number of the last request, where requests have numbers."""
        ...

    @property
    def partial(self) -> int:
        """How many bytes wait for the rest of a frame."""
        ...

    def request(self, unit: int, request: Request, owed: int) -> bytes:
        """Return the frame to send, and look for its answer from now on.

        `owed` is how many answers to older requests may still come from that unit.
        """
        ...

    def feed(self, data: bytes) -> bytes | RequestError | None:
        """Take what came in: the answer's data, what is wrong with it, or None to wait on.

        Raises `LostError` where nobody can say any more where a frame begins.
        """
        ...

    def settled(self) -> bytes | RequestError | None:
        """Return what is to be made of an answer after which the line has come to rest."""
        ...

    def done(self) -> None:
        """Look for no answer any more."""
        ...


class LostError(Exception):
    """What comes in is no Modbus, so the connection is of no use any more."""


class MbapFraming:
    """Modbus TCP's frames: number, protocol 0, length, unit. `number` is the last one given."""

    settle_s: float | None = None  # TCP loses nothing: a frame that has begun is waited for

    def __init__(self, stray: Stray, number: int = 0) -> None:
        self._stray = stray
        self._buffer = b""
        self._number = number
        self._unit = 0
        self._asked = Request(b"\0", 0)
        self._waiting = False

    @property
    def number(self) -> int:
        """The number of the last request."""
        return self._number

    @property
    def partial(self) -> int:
        """How many bytes wait for the rest of a frame."""
        return len(self._buffer)

    def request(self, unit: int, request: Request, owed: int) -> bytes:  # noqa: ARG002  # numbers tell
        """Return the frame to send, and look for its answer from now on."""
        self._number = self._number + 1 & 0xFFFF
        self._unit, self._asked, self._waiting = unit, request, True
        return _ASK.pack(self._number, 0, len(request.pdu) + 1, unit) + request.pdu

    def feed(self, data: bytes) -> bytes | RequestError | None:
        """Take what came in; see `Framing.feed`. A late answer is passed over by its number."""
        buffer = self._buffer + data if self._buffer else data
        answer: bytes | RequestError | None = None
        while len(buffer) >= 8:
            number, protocol, length, unit, function = _HEAD.unpack_from(buffer)
            if protocol or not 3 <= length <= 254:
                raise LostError("what came is no Modbus")
            end = 6 + length
            if len(buffer) < end:
                break
            if self._waiting and number == self._number:
                answer = self._answer(buffer[:end], unit, function)
                self._waiting = False
            else:
                self._stray(unit)
            buffer = buffer[end:]
        self._buffer = buffer
        return answer

    def settled(self) -> bytes | RequestError | None:
        """TCP has no rest that would mean anything."""
        return None

    def done(self) -> None:
        """Look for no answer any more."""
        self._waiting = False

    def _answer(self, frame: bytes, unit: int, function: int) -> bytes | RequestError:
        if self._unit and unit != self._unit:  # who is asked as 0 may answer by his own number
            raise LostError(f"unit {unit} answered where unit {self._unit} was asked")
        return _checked(self._asked, function, frame[8:])


class RtuFraming:
    """RTU's frames: unit, function, data, checksum; over a serial line or a serial server.

    An answer with exactly the data that the unit last gave to another request may be that one sent
    twice. It is believed when nothing follows it (`settled`) and it is the same when asked for once
    more; so each pair of requests with equal answers is doubted once.
    """

    def __init__(self, stray: Stray, settle_s: float) -> None:
        self.settle_s: float | None = settle_s
        self._owed = 0
        self._stray = stray
        self._buffer = b""
        self._unit = 0
        self._asked = Request(b"\0", 0)
        self._head = b""
        self._waiting = False
        self._held: bytes | None = None
        self._latest: dict[int, dict[Request, bytes]] = {}  # of each unit: request -> data
        self._suspects: set[tuple[int, Request, Request]] = set()  # seen to read the same once
        self._twins: set[tuple[int, Request, Request]] = set()  # and found to

    @property
    def number(self) -> int:
        """RTU has no numbers."""
        return 0

    @property
    def partial(self) -> int:
        """How many bytes wait for the rest of a frame."""
        return len(self._buffer)

    def request(self, unit: int, request: Request, owed: int) -> bytes:
        """Return the frame to send; what came before it is no answer to it."""
        self._owed = owed
        if self._buffer:
            self._twins.clear()  # somebody sends more than he was asked for
        self._buffer, self._held = b"", None
        self._unit, self._asked, self._waiting = unit, request, True
        head = (
            (unit, request.function)
            if request.size == ECHO
            else (unit, request.function, request.size)
        )
        self._head = bytes(head)
        body = bytes([unit]) + request.pdu
        return body + crc_of(body)

    def feed(self, data: bytes) -> bytes | RequestError | None:
        """Take what came in; see `Framing.feed`."""
        buffer = self._buffer = self._buffer + data if self._buffer else data
        if self._waiting and buffer.startswith(self._head):
            wanted = self._asked.answer_octets
            if len(buffer) < wanted:
                return None
            if sound(buffer[:wanted]):
                self._buffer = buffer[wanted:]
                answer = self._believed(buffer[len(self._head) : wanted - 2])
                if answer is not None:
                    return answer
        return self._search()

    def settled(self) -> bytes | RequestError | None:
        """Return what is to be made of an answer after which the line has come to rest."""
        if self._held is not None:
            return self._doubted(self._held)
        if not self._buffer or not self._waiting:
            return None
        size, whole = len(self._buffer), len(self._buffer) >= self._asked.answer_octets
        found = "the checksum is wrong" if whole else "no whole answer"
        return RequestError(Reason.BAD_REPLY, f"{size} bytes came, {found}")

    def done(self) -> None:
        """Look for no answer any more."""
        self._waiting = False

    def _search(self) -> bytes | RequestError | None:
        """Find a sound frame anywhere in what came: the answer, or one that nobody waits for."""
        at = 0
        while at + 4 <= len(self._buffer):
            size = response_size(self._buffer[at : at + 3])
            frame = self._buffer[at : at + size] if size > 0 else b""
            if len(frame) < 4 or len(frame) < size or not sound(frame):
                at += 1
                continue
            self._buffer, at = self._buffer[at + size :], 0
            answer = self._found(frame)
            if answer is not None:
                return answer
        self._buffer = self._buffer[-LONGEST_KEPT:]
        return None

    def _found(self, frame: bytes) -> bytes | RequestError | None:
        unit, function, asked = frame[0], frame[1], self._asked
        if not self._waiting or unit != self._unit or function & 0x7F != asked.function:
            self._stray(unit)
            return None
        answer = _checked(asked, function, frame[2:-2])
        if isinstance(answer, bytes):
            return self._believed(answer)
        if answer.reason is Reason.BAD_REPLY and self._owed:
            self._owed -= 1
            self._stray(unit)  # the answer to an older request: ours is still to come
            return None
        return answer

    def _believed(self, data: bytes) -> bytes | None:
        """Return an answer's data; None where it may be an older answer once more."""
        if self._held is not None:
            self._stray(self._unit)  # what was held was indeed sent twice
            self._twins.clear()
        if self._asked.size != ECHO and not self._twins.issuperset(self._alike(data)):
            self._held = data
            return None
        return self._accepted(data)

    def _doubted(self, data: bytes) -> bytes | RequestError:
        """Believe an answer that equals an older one, if it has been doubted before."""
        pairs = self._alike(data)
        if not self._suspects.issuperset(pairs):
            if len(self._suspects) >= MOST_TWINS:
                self._suspects.clear()
            self._suspects.update(pairs)
            self._held = None
            return RequestError(Reason.BAD_REPLY, "the same as an older answer", again_s=0.0)
        if len(self._twins) >= MOST_TWINS:
            self._twins.clear()
        self._twins.update(pairs)
        return self._accepted(data)

    def _alike(self, data: bytes) -> list[tuple[int, Request, Request]]:
        """Return the pairs of this request with others that the unit last answered the same."""
        unit, asked = self._unit, self._asked
        latest = self._latest.get(unit)
        if latest is None:
            return []
        return [
            (unit, other, asked)
            for other, given in latest.items()
            if given == data and other != asked
        ]

    def _accepted(self, data: bytes) -> bytes:
        latest = self._latest.setdefault(self._unit, {})
        if len(latest) >= MOST_REMEMBERED and self._asked not in latest:
            latest.pop(next(iter(latest)))
        latest[self._asked] = data
        self._held, self._waiting = None, False
        return data


def _checked(asked: Request, function: int, rest: bytes) -> bytes | RequestError:
    """Return the data of the answer `function` + `rest`, or what makes it none."""
    if function == asked.function:
        if asked.size == ECHO:
            if len(rest) == 4:
                return rest
            return _wrong("a write was answered with the wrong length")
        if rest and rest[0] == len(rest) - 1 == asked.size:
            return rest[1:]
        return _wrong(f"{max(len(rest) - 1, 0)} bytes came where {asked.size} were asked for")
    if function == asked.function | 0x80:
        if len(rest) == 1:
            return RequestError(Reason.DEVICE_EXCEPTION, f"exception {rest[0]}", rest[0])
        return _wrong("an exception came with the wrong length")
    return _wrong(f"function {function} answered function {asked.function}")


def _wrong(detail: str) -> RequestError:
    return RequestError(Reason.BAD_REPLY, detail)
