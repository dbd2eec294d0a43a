"""From a device's readings to samples: what changed is handed on in full, the rest as one fact.

Whoever reads a set of tags together (a poll, a subscription) has one `Feed` for them. Change is
told by identity: a driver gives an unchanged tag the very `Reading` of the time before, and one
that does not costs time and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import compress
from operator import is_not
from typing import Any, Protocol, cast

from edge.alarm import Heard
from edge.drivers.base import Reading
from edge.tag import Quality, Reason, Sample, Tag, World, bad_sample

_BAD = Quality.BAD  # looking a member up in its class costs a tenth of a sample
_new = cast("Any", tuple).__new__  # a NamedTuple's own constructor takes twice as long


class Sink(Protocol):
    """Where samples go: plain calls on the loop that never wait and never raise."""

    def join(self, tags: Sequence[str]) -> Heard:
        """Return what stands for `tags`, all of which are heard of at each `on_answer`."""
        ...

    def on_answer(self, heard: Heard, samples: Sequence[Sample], utc_ns: int) -> None:
        """Take it that all of `heard` were heard of at `utc_ns` [ns].

        `samples` are those that changed and all of `heard.restless`, in the order of the tags; the
        others read what they read before.
        """
        ...

    def on_samples(self, samples: Sequence[Sample]) -> None:
        """Take samples of tags that are heard of one by one, in the order of the tags."""
        ...

    def on_same(self, tags: Sequence[str], utc_ns: int) -> None:
        """Take it that `tags` were heard of at `utc_ns` [ns] and read what they read before."""
        ...


class Feed:
    """Hands on what is read of `tags`, which are always read together."""

    def __init__(self, tags: Sequence[Tag], sink: Sink) -> None:
        self._tags = tuple(tags)
        self._sink = sink
        self._facts = [(tag.name, tag.world) for tag in tags]
        self._place = {tag.name: place for place, tag in enumerate(tags)}
        self._heard = sink.join([tag.name for tag in tags])
        self._last: list[Reading] = []

    def take(self, readings: list[Reading], utc_ns: int) -> None:
        """Hand on one reading per tag, in their order, received at `utc_ns` [ns].

        `readings` is kept: the caller does not change it afterwards.
        """
        places, facts = self._changed(readings), self._facts
        if self._heard.restless:
            restless = (self._place[name] for name in self._heard.restless)
            places = sorted({*places, *restless})
        samples = [sample_of(facts[place], readings[place], utc_ns) for place in places]
        self._last = readings
        self._sink.on_answer(self._heard, samples, utc_ns)

    def fail(self, reason: Reason, utc_ns: int) -> None:
        """Hand on that every tag is Bad for `reason` at `utc_ns` [ns]."""
        self._last = []
        samples = [bad_sample(tag, reason, utc_ns) for tag in self._tags]
        self._sink.on_answer(self._heard, samples, utc_ns)

    def _changed(self, readings: list[Reading]) -> Iterable[int]:
        if readings is self._last:
            return ()
        everything = range(len(self._tags))
        if not self._last:
            return everything
        return compress(everything, map(is_not, readings, self._last))


def sample_of(tag: tuple[str, World], reading: Reading, utc_ns: int) -> Sample:
    """Return the sample that `reading` of a tag (name, world) makes, received at `utc_ns` [ns]."""
    value, quality, reason, source_ns = reading
    if quality is _BAD:
        value = None
    seen_ns = utc_ns if source_ns is None else source_ns
    return _new(Sample, (tag[0], value, quality, reason, seen_ns, utc_ns, tag[1]))
