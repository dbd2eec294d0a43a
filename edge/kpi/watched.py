"""When the gateway really watched: an hour in which core did not run is not a quiet hour."""

from __future__ import annotations

from collections.abc import Mapping

from edge.clock import NS
from edge.event import Param

Span = tuple[int, int]  # [ns UTC]
STARTED, STOPPED = "gateway.started", "gateway.stopped"
GAP, STALLED = "journal.gap", "core.stalled"


class Watched:
    """The stretches in which core ran, from its own events."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.starts = 0
        self._since_ns: int | None = None  # it runs since
        self._last_ns: int | None = None  # the newest row so far
        self._gap_ns: int | None = None  # the newest row before a crash, samples among them

    def take(self, kind: str, at_ns: int, params: Mapping[str, Param]) -> None:
        """Take the next event of the journal, whatever it is."""
        if kind == GAP:
            last = params.get("last_ns")
            self._gap_ns = last if isinstance(last, int) and not isinstance(last, bool) else None
            return
        if kind == STARTED:
            self.starts += 1
            self._crashed()
            self._since_ns = at_ns
        elif self._since_ns is None and kind != STOPPED:
            self._since_ns = at_ns  # it began to run before what is kept
        if kind == STOPPED:
            self._close(at_ns)
        elif kind == STALLED:
            self._stalled(at_ns, params)
        self._last_ns = at_ns

    def end(self, newest_ns: int) -> list[Span]:
        """Return the stretches; a core that was not stopped ran until `newest_ns` [ns UTC]."""
        self._close(max(newest_ns, self._last_ns or 0))
        return merged(self.spans)

    def _crashed(self) -> None:
        """End the run before a start that no stop came before: with what it last wrote."""
        if self._since_ns is not None and self._last_ns is not None:
            self._close(max(self._last_ns, self._gap_ns or 0))
        self._gap_ns = None

    def _close(self, at_ns: int) -> None:
        if self._since_ns is not None and at_ns > self._since_ns:
            self.spans.append((self._since_ns, at_ns))
        self._since_ns = None

    def _stalled(self, at_ns: int, params: Mapping[str, Param]) -> None:
        seconds = params.get("seconds")
        if isinstance(seconds, int | float) and self._since_ns is not None:
            self._close(at_ns - round(seconds * NS))
            self._since_ns = at_ns


def merged(spans: list[Span]) -> list[Span]:
    """Return the stretches in order, each moment in one of them at most."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def within(spans: list[Span], from_ns: int, to_ns: int) -> list[Span]:
    """Return what of ordered stretches lies in [`from_ns`, `to_ns`)."""
    cut = ((max(start, from_ns), min(end, to_ns)) for start, end in spans)
    return [(start, end) for start, end in cut if end > start]


def length_s(spans: list[Span]) -> float:
    """Return how long stretches are together [s]."""
    return sum(end - start for start, end in spans) / NS


def by_bin(spans: list[Span], width_ns: int) -> dict[int, float]:
    """Return how much of each bin of `width_ns` was watched, 0 to 1, by the bin's number."""
    shares: dict[int, float] = {}
    for start, end in spans:
        for number in range(start // width_ns, -(-end // width_ns)):
            low, high = max(start, number * width_ns), min(end, (number + 1) * width_ns)
            shares[number] = shares.get(number, 0.0) + (high - low) / width_ns
    return shares
