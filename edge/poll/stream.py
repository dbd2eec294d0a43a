"""Devices that tell of changes by themselves: one task per batch, in place of a poll job.

What the driver hands on becomes samples at once, every one of them and in order. A tag that had no
news while its device proved alive is refreshed once a period, so that nothing goes stale while all
is well; a device that is lost is a Bad sample per tag, repeated once a period as a poll's would be,
and the gap between is told with its two ends when the device is back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Protocol

import structlog

from edge.clock import NS, Clock, Instant
from edge.drivers.base import Batch, Reading, StreamingDriver
from edge.errors import DeviceError
from edge.tag import Quality, Reason, Sample, bad_sample

LOOK_SHARE = 0.25  # of its period, after which a batch is looked through for quiet tags again
# A tag this long without a sample may have been called stale by the engine (after 3 s), so that
# "the same as before" would no longer mean the device's word: it is said in full.
AGAIN_NS = 2 * NS
LEAST_S = 0.1  # between two calls of a driver whose stream ends at once
log = structlog.get_logger(__name__)


class Taker(Protocol):
    """Where samples go (`edge.poll.poller.Sink`): plain calls that never wait and never raise."""

    def on_samples(self, samples: Sequence[Sample]) -> None:
        """Take samples in their order."""
        ...

    def on_same(self, tags: Sequence[str], utc_ns: int) -> None:
        """Take it that `tags` were heard of at `utc_ns` [ns] and read what they read before."""
        ...


class Stream:
    """One batch that its driver streams. `begun` is called when every tag has its first sample."""

    def __init__(
        self,
        link: str,
        driver: StreamingDriver,
        batch: Batch,
        period_s: float,
        clock: Clock,
        sink: Taker,
        begun: Callable[[], None],
    ) -> None:
        self._driver, self._batch, self._clock, self._sink = driver, batch, clock, sink
        self._begun = begun
        self._log = log.bind(link=link, device=batch.device.id)
        self._names = [tag.name for tag in batch.tags]
        self._period_ns = round(period_s * NS)
        self._answered = clock.now()  # when the device last said anything
        self._seen_ns = [self._answered.mono_ns] * len(self._names)  # when each had a sample
        self._last: list[Sample | None] = [None] * len(self._names)
        self._looked_ns = self._answered.mono_ns
        self._first = True
        self._lost = False
        self._said = ""  # the trouble that the log was last told of
        self.answers = 0  # of the device: news, or that there is none
        self.losses = 0

    async def run(self) -> None:
        """Stream for ever; cancel to stop."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._repeat())
            group.create_task(self._serve())

    async def _serve(self) -> None:
        while True:
            started = self._clock.now()
            try:
                await self._driver.stream(self._batch, self._deliver, self._heard)
            except DeviceError as error:
                self._lose(_reason(error.reason), "", error.detail)
            except Exception as error:  # noqa: BLE001  # a broken driver is Bad samples; _lose logs its trace
                self._lose(Reason.BAD_REPLY, type(error).__name__, str(error))
            else:
                self._lose(Reason.BAD_REPLY, "", "the stream ended")
            await self._clock.sleep_until(started.plus(LEAST_S).mono_ns)

    async def _repeat(self) -> None:
        """Say once a period that a lost device is still lost."""
        while True:
            await self._clock.sleep_until(self._clock.now().mono_ns + self._period_ns)
            if self._lost:
                self._sink.on_same(self._names, self._clock.now().utc_ns)

    def _deliver(self, places: Sequence[int], readings: Sequence[Reading]) -> None:
        now = self._clock.now()
        tags, utc_ns, mono_ns = self._batch.tags, now.utc_ns, now.mono_ns
        seen, last = self._seen_ns, self._last
        samples: list[Sample] = []
        for place, (value, quality, reason, source_ns) in zip(places, readings, strict=True):
            tag = tags[place]
            kept = None if quality is Quality.BAD else value
            stamp = utc_ns if source_ns is None else source_ns
            sample = Sample(tag.name, kept, quality, reason, stamp, utc_ns, tag.world)
            samples.append(sample)
            seen[place], last[place] = mono_ns, sample
        if samples:
            self._back(now)
            self._sink.on_samples(samples)
        self._alive(now)
        self._start()

    def _heard(self) -> None:
        self._alive(self._clock.now())

    def _alive(self, now: Instant) -> None:
        """Refresh the tags that have had no sample for a period, each at most once in one."""
        self.answers += 1
        self._answered = now
        if self._lost or now.mono_ns - self._looked_ns < self._period_ns * LOOK_SHARE:
            return
        self._looked_ns = now.mono_ns
        before_ns = now.mono_ns - self._period_ns
        old_ns = now.mono_ns - max(2 * self._period_ns, AGAIN_NS)
        seen, last = self._seen_ns, self._last
        quiet = [place for place, at in enumerate(seen) if at <= before_ns]
        again = [last[place] for place in quiet if seen[place] <= old_ns]
        same = [self._names[place] for place in quiet if seen[place] > old_ns]
        for place in quiet:
            seen[place] = now.mono_ns
        if same:
            self._sink.on_same(same, now.utc_ns)
        if again:
            self._sink.on_samples([one._replace(receive_ns=now.utc_ns) for one in again if one])

    def _lose(self, reason: Reason, kind: str, detail: str) -> None:
        self.losses += 1
        now = self._clock.now()
        trouble = f"{reason} {kind}"
        if self._lost and trouble == self._said:
            return  # `_repeat` says it again
        self._lost = True
        self._said = trouble
        if kind:
            self._log.error("driver broke", detail=detail, exc_info=True)
        else:
            self._log.warning("device gives nothing", reason=str(reason), detail=detail)
        self._sink.on_samples([bad_sample(tag, reason, now.utc_ns) for tag in self._batch.tags])
        self._start()

    def _back(self, now: Instant) -> None:
        if not self._lost:
            return
        self._lost = False
        last = self._answered  # nothing is known of what happened since
        seconds = round((now.mono_ns - last.mono_ns) / NS, 3)
        gap = {"gap_from": _stamp(last), "gap_to": _stamp(now), "seconds": seconds}
        self._log.info("device answers again", **gap)

    def _start(self) -> None:
        if self._first:
            self._first = False
            self._begun()


def _stamp(at: Instant) -> str:
    return datetime.fromtimestamp(at.utc_ns / NS, UTC).isoformat(timespec="milliseconds")


def _reason(text: str) -> Reason:
    """Return the reason a driver gave; one that is none of ours is a bad reply."""
    try:
        return Reason(text)
    except ValueError:
        return Reason.BAD_REPLY
