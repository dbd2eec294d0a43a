"""One stream on its way: what was read ahead, what is in flight, what is acknowledged. No I/O."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from edge.relay.payload import Message

Read = Callable[[int], Sequence[Message]]


class Stream:
    """Messages of one (stream, epoch), in journal order.

    `read(after_seq)` returns the next messages, none where there are none yet. `acknowledged` is
    the end of the longest run that the broker has acknowledged from the start: never past a gap.
    """

    def __init__(self, name: str, epoch: str, cursor: int, read: Read) -> None:
        self.name, self.epoch = name, epoch
        self.acknowledged = cursor
        self.kept = cursor  # as it stands on the disk
        self._read = read
        self._read_to = cursor
        self._ahead: deque[Message] = deque()
        self._flight: deque[_Sent] = deque()

    @property
    def in_flight(self) -> int:
        """How many messages wait for the broker or for one before them."""
        return len(self._flight)

    def next(self) -> Message | None:
        """Return the next message to send and count it as sent; None where there is none."""
        if not self._ahead:
            self._ahead.extend(self._read(self._read_to))
            if not self._ahead:
                return None
            self._read_to = self._ahead[-1].last_seq
        return self._ahead.popleft()

    def sent(self, message: Message) -> Callable[[], None]:
        """Note that `message` is on its way; return what its acknowledgement calls."""
        entry = _Sent(message.last_seq)
        self._flight.append(entry)

        def acknowledged() -> None:
            entry.done = True
            while self._flight and self._flight[0].done:
                self.acknowledged = self._flight.popleft().last_seq

        return acknowledged


class _Sent:
    """A message in flight."""

    __slots__ = ("done", "last_seq")

    def __init__(self, last_seq: int) -> None:
        self.last_seq = last_seq
        self.done = False
