"""Devices that tell of changes by themselves: one task per batch, in place of a poll job.

What the driver hands on becomes samples at once, every one of them and in order; all other tags of
the batch were heard of with it. Of those, the ones that must not rest are sampled again once a
period. A device that is lost is a Bad sample per tag, again once a period as a poll's would be, and
the gap between is told with its two ends when the device is back.
"""

from __future__ import annotations

from asyncio import TaskGroup
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from edge.clock import NS, Clock, Instant
from edge.drivers.base import Batch, Reading, StreamingDriver
from edge.errors import DeviceError
from edge.poll.feed import Sink, sample_of
from edge.tag import Reason, Sample, bad_sample

QUIET_SHARE = 0.25  # of a period, in which an answer without news is told only once
LEAST_S = 0.1  # between two calls of a driver whose stream ends at once


class Stream:
    """One batch that its driver streams; `told` is the log with the device's name.

    `begun` is called when every tag has its first sample.
    """

    def __init__(
        self,
        driver: StreamingDriver,
        batch: Batch,
        period_s: float,
        clock: Clock,
        sink: Sink,
        begun: Callable[[], None],
        told: Any,  # noqa: ANN401  # structlog's loggers have no type of their own
    ) -> None:
        self._driver, self._batch, self._clock, self._sink = driver, batch, clock, sink
        self._begun, self._log = begun, told
        self._period_ns = round(period_s * NS)
        self._place = {tag.name: place for place, tag in enumerate(batch.tags)}
        self._heard_of = sink.join(list(self._place))
        self._facts = [(tag.name, tag.world) for tag in batch.tags]
        self._last: list[Sample | None] = [None] * len(batch.tags)
        self._sampled_ns = [0] * len(batch.tags)  # when each had its last sample
        self._answered = clock.now()  # when the device last said anything
        self._told_ns = self._answered.mono_ns  # when the sink was last told of an answer
        self._first = True
        self._lost = False
        self._said = ""  # the trouble that the log was last told of
        self.answers = 0  # of the device: news, or that there is none
        self.losses = 0

    @property
    def batch(self) -> Batch:
        """What is streamed."""
        return self._batch

    @property
    def period_s(self) -> float:
        """The period after which a quiet tag is refreshed [s]."""
        return self._period_ns / NS

    def join_like(self, other: Stream) -> None:
        """Hand on as `other` would, which was made for those who took up a changed site."""
        self._heard_of = other._heard_of

    async def run(self) -> None:
        """Stream for ever; cancel to stop."""
        async with TaskGroup() as group:
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
                self._tell([], self._clock.now())

    def _deliver(self, places: Sequence[int], readings: Sequence[Reading]) -> None:
        now = self._clock.now()
        facts, last, sampled_ns = self._facts, self._last, self._sampled_ns
        samples: list[Sample] = []
        for place, reading in zip(places, readings, strict=True):
            sample = sample_of(facts[place], reading, now.utc_ns)
            samples.append(sample)
            last[place], sampled_ns[place] = sample, now.mono_ns
        if samples and self._lost:
            self._back(now)
        self._hear(samples, now)
        self._start()

    def _heard(self) -> None:
        now = self._clock.now()
        if now.mono_ns - self._told_ns >= self._period_ns * QUIET_SHARE:
            self._hear([], now)
        else:
            self.answers, self._answered = self.answers + 1, now

    def _hear(self, samples: list[Sample], now: Instant) -> None:
        self.answers, self._answered = self.answers + 1, now
        if not self._lost:
            self._tell(samples, now)

    def _tell(self, samples: list[Sample], now: Instant) -> None:
        """Hand on an answer: its news, and the tags that must not rest, each once a period."""
        due_ns = now.mono_ns - self._period_ns
        for name in self._heard_of.restless:
            place = self._place[name]
            before = self._last[place]
            if before is not None and self._sampled_ns[place] <= due_ns:
                samples.append(before._replace(receive_ns=now.utc_ns))
                self._sampled_ns[place] = now.mono_ns
        self._told_ns = now.mono_ns
        self._sink.on_answer(self._heard_of, samples, now.utc_ns)

    def _lose(self, reason: Reason, kind: str, detail: str) -> None:
        """Make every tag Bad; `kind` is the name of a broken driver's exception."""
        self.losses += 1
        now, trouble = self._clock.now(), f"{reason} {kind}"
        if self._lost and trouble == self._said:
            return  # `_repeat` says it again
        self._lost = True
        self._said = trouble
        if kind:
            self._log.error("driver broke", detail=detail, exc_info=True)
        else:
            self._log.warning("device gives nothing", reason=str(reason), detail=detail)
        samples = [bad_sample(tag, reason, now.utc_ns) for tag in self._batch.tags]
        self._last[:] = samples
        self._sampled_ns = [now.mono_ns] * len(samples)
        self._tell(samples, now)
        self._start()

    def _back(self, now: Instant) -> None:
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
