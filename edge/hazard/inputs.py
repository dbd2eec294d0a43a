"""What core has sent of the tags that inference needs, remembered for some minutes.

Core sends a row when something of it changed, so a value holds until the next one. Arrival is
stamped by the monotonic clock: a wall clock that steps must not move a reading in time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from edge.clock import NS, Instant
from edge.errors import WireError
from edge.tag import REASONS, Reason

Row = Sequence[object]  # [tag, value, quality, reason, source_ns, receive_ns]


class Entry(NamedTuple):
    """A value that holds from `mono_ns` on; `value` is None where the reading has none."""

    mono_ns: int
    value: float | None
    reason: Reason

    @property
    def informs(self) -> bool:
        """Whether this reading may be used to infer a release."""
        return self.value is not None and REASONS[self.reason].informs


class Piece(NamedTuple):
    """An entry and the part of a window that it held [s]."""

    seconds: float
    entry: Entry


class Inputs:
    """The recent past of a set of tags. Not thread-safe: one loop takes, and copies are judged."""

    def __init__(self, tags: Iterable[str], keep_s: float = 900.0) -> None:
        self._tracks: dict[str, deque[Entry]] = {tag: deque() for tag in tags}
        self._keep_ns = round(keep_s * NS)
        self._heard_ns: int | None = None

    def take(self, rows: Iterable[Row], now: Instant) -> None:
        """Remember wire rows that arrived `now`. Raises `WireError` for a row that is none."""
        self._heard_ns = now.mono_ns
        for row in rows:
            try:
                tag, value, _quality, reason = row[0], row[1], row[2], Reason(str(row[3]))
            except (IndexError, ValueError) as error:
                raise WireError(f"core sent a row that is no sample: {row!r}") from error
            if isinstance(tag, str) and tag in self._tracks:
                number = float(value) if isinstance(value, int | float) else None
                self._append(tag, Entry(now.mono_ns, number, reason))

    def take_alarm(self, tag: str, value: float, now: Instant) -> None:
        """Remember the value that raised an alarm: it is here before the gathered rows are."""
        track = self._tracks.get(tag)
        if track is not None and (not track or track[-1].value != value):
            self._append(tag, Entry(now.mono_ns, value, Reason.OK))

    def hear(self, now: Instant) -> None:
        """Note that core is there, though nothing changed."""
        self._heard_ns = now.mono_ns

    def lose(self) -> None:
        """Forget everything: the link to core is gone and no value holds any longer."""
        self._heard_ns = None
        for track in self._tracks.values():
            track.clear()

    def silent_s(self, now: Instant) -> float:
        """Return how long core has said nothing [s]; infinite if it is not there."""
        return float("inf") if self._heard_ns is None else (now.mono_ns - self._heard_ns) / NS

    def latest(self, tag: str) -> Entry | None:
        """Return the newest entry of `tag`, None if there is none."""
        track = self._tracks.get(tag)
        return track[-1] if track else None

    def pieces(self, tag: str, from_ns: int, to_ns: int) -> Iterator[Piece]:
        """Yield what held between two monotonic times [ns], oldest first, gaps left out."""
        track = self._tracks.get(tag, ())
        entries = list(track)
        for index, entry in enumerate(entries):
            newest = index + 1 == len(entries)
            end = to_ns if newest else entries[index + 1].mono_ns
            held = min(end, to_ns) - max(entry.mono_ns, from_ns)
            if held > 0 or (newest and entry.mono_ns == to_ns):
                yield Piece(max(held, 1) / NS, entry)

    def copy(self) -> Inputs:
        """Return a copy for another thread to judge."""
        twin = Inputs((), self._keep_ns / NS)
        twin._tracks = {tag: deque(track) for tag, track in self._tracks.items()}
        twin._heard_ns = self._heard_ns
        return twin

    def _append(self, tag: str, entry: Entry) -> None:
        track = self._tracks[tag]
        track.append(entry)
        # the entry before the horizon still holds at it, so one older is kept
        while len(track) > 1 and track[1].mono_ns < entry.mono_ns - self._keep_ns:
            track.popleft()
