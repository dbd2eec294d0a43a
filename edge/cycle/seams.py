"""What the cycle needs of the rooms around it; no call of these waits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from edge.clock import Instant
from edge.event import Event, Transition
from edge.tag import Sample


class Recorder(Protocol):
    """What the cycle needs of the journal; neither call waits for the disk."""

    def offer_sample(self, sample: Sample) -> None:
        """Queue a sample."""
        ...

    def offer(self, transitions: Iterable[Transition]) -> None:
        """Queue transitions; they are committed at once."""
        ...


class Push(Protocol):
    """What the cycle needs of the control server; neither call waits for a client."""

    def push_values(self, samples: Sequence[Sample]) -> None:
        """Have samples go out with the next tick."""
        ...

    def push_event(self, event: Mapping[str, Any], alarm: Mapping[str, Any] | None) -> None:
        """Send an event and its alarm's state after it now."""
        ...

    def push_calls(self, calls: Mapping[str, Any]) -> None:
        """Send the calls and notices that stand now."""
        ...


class Checks(Protocol):
    """What the cycle needs of the stage that judges how far a reading may be believed.

    Of a tag at rest (its reading Good and taken as it came, the stage not restless), samples that
    are the same again are not shown to it.
    """

    def check(self, sample: Sample, now: Instant, heard_ns: int) -> Sample:
        """Return what is to be made of a sample that the instrument gave `now`.

        `heard_ns` [ns, monotonic], where that is later than the last sample shown, is when the
        tag was last heard of and read the same as in that one.
        """
        ...

    def restless(self, tag: str) -> bool:
        """Return whether the tag's last sample, given again, could be judged otherwise."""
        ...

    def tick(self, now: Instant) -> Sequence[Sample]:
        """Return the samples, judged already, of tags of which time alone has made something."""
        ...

    def forgive(self, seconds: float) -> None:
        """Count no time over `seconds` [s] in which core itself did not run."""
        ...


def wire_event(event: Event) -> dict[str, Any]:
    """Return docs/wire.md's event; the journal has not numbered it yet."""
    return {
        "seq": None,
        "kind": event.kind,
        "subject": event.subject,
        "utc_ns": event.at.utc_ns,
        "world": str(event.world),
        "params": dict(event.params),
    }
