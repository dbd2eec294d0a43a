"""What waits to be written: bounded in samples, never in events.

Core puts from its loop, the writer's thread takes; a lock of a few instructions is all they share.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import NamedTuple

from edge.event import Transition
from edge.tag import Sample


class Timed(NamedTuple):
    """A sample and the monotonic time [ns] at which it was offered."""

    sample: Sample
    mono_ns: int


class Batch(NamedTuple):
    """What one transaction writes; `dropped` samples were lost since the last batch."""

    transitions: tuple[Transition, ...]
    samples: tuple[Timed, ...]
    dropped: int


class Queue:
    """Two queues in order: transitions without a bound, and the newest `limit` samples."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._transitions: deque[Transition] = deque()
        self._samples: deque[Timed] = deque()
        self._dropped = 0
        self._closed = False
        self._changed = threading.Condition()
        self.put_total = 0  # transitions that were ever queued

    def put_sample(self, timed: Timed) -> None:
        """Queue a sample; the oldest one goes if there is no room."""
        with self._changed:
            self._samples.append(timed)
            if len(self._samples) > self._limit:
                self._samples.popleft()
                self._dropped += 1

    def put(self, transitions: Iterable[Transition]) -> None:
        """Queue transitions, and wake the writer."""
        with self._changed:
            before = len(self._transitions)
            self._transitions.extend(transitions)
            self.put_total += len(self._transitions) - before
            self._changed.notify()

    def close(self) -> None:
        """Wake the writer for the last time."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def wait(self, seconds: float) -> None:
        """Wait for transitions or the end, at most `seconds` [s]."""
        with self._changed:
            self._changed.wait_for(lambda: self._transitions or self._closed, seconds)

    def wait_closed(self, seconds: float) -> None:
        """Wait for the end, at most `seconds` [s]: a failing disk is not asked at every event."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed, seconds)

    def take(self, most_samples: int) -> Batch:
        """Take all transitions and the oldest samples, at most `most_samples`."""
        with self._changed:
            count = min(most_samples, len(self._samples))
            samples = tuple(self._samples.popleft() for _ in range(count))
            batch = Batch(tuple(self._transitions), samples, self._dropped)
            self._transitions.clear()
            self._dropped = 0
        return batch

    def give_back(self, batch: Batch) -> None:
        """Put what could not be written back where it was; the bound on samples still holds."""
        with self._changed:
            self._transitions.extendleft(reversed(batch.transitions))
            room = max(0, self._limit - len(self._samples))
            kept: Sequence[Timed] = tuple(islice(reversed(batch.samples), room))
            self._samples.extendleft(kept)
            self._dropped += batch.dropped + len(batch.samples) - len(kept)

    @property
    def closed(self) -> bool:
        """Whether the end was told."""
        return self._closed

    @property
    def has_transitions(self) -> bool:
        """Whether a transition waits."""
        return bool(self._transitions)

    @property
    def waiting(self) -> tuple[int, int]:
        """How many transitions and samples wait."""
        return len(self._transitions), len(self._samples)
