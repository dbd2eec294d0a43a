"""The poller: one task per link, an absolute schedule, and a sample for every tag whatever happens.

Every (device, period) has its slots at `k * period + phase` on the monotonic clock; phases are
spread over the period, so that a site's links do not all fall due at once. A slot that has passed
while its link was busy is skipped and counted: there is never a burst of catch-up reads. Within a
link the batch that has waited longest goes first, so a slow device costs its neighbours slots, not
their turn.

A device that gives nothing is a Bad sample per tag with its reason; a driver that breaks is one as
well, with the trace in the log. Neither ends the task.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import structlog

from edge.clock import NS, Clock, ScaledClock
from edge.drivers.base import Batch, Driver, Reading, StreamingDriver
from edge.errors import ConfigError, DeviceError, Fault
from edge.poll.feed import Feed, Sink
from edge.poll.stream import Stream
from edge.site.model import Device, Site
from edge.tag import Reason, Tag

PERIOD_SHARE = 0.9  # of its period that a read may take
REPLAY_LEAST_S = 0.05  # that a read in a scaled replay is given
LATE_S = 5.0  # a link this much beyond what it may take is stuck [s of the machine's time]
log = structlog.get_logger(__name__)


@dataclass(slots=True, eq=False)
class _Job:
    """One device's tags of one period: what is read, when, and how it went."""

    batch: Batch
    feed: Feed
    period_ns: int
    phase_ns: int
    limit_s: float  # of the machine's time
    said: str = ""  # the trouble that the log has been told of; "" while all is well
    reads: int = 0

    def next_slot(self, mono_ns: int) -> int:
        """Return the first slot after `mono_ns` [ns]."""
        return mono_ns + self.period_ns - (mono_ns - self.phase_ns) % self.period_ns


@dataclass(slots=True)
class _Line:
    """One link's jobs and what its task is doing."""

    link: str
    driver: Driver
    jobs: list[_Job] = field(default_factory=list["_Job"])
    streams: list[Stream] = field(default_factory=list[Stream])
    busy_until_ns: int = 0  # it should have come round by then
    reading: bool = False
    over: bool = False  # to end with the read that is under way
    tasks: list[asyncio.Task[None]] = field(default_factory=list["asyncio.Task[None]"])

    @property
    def reads(self) -> list[tuple[Device, tuple[Tag, ...], float]]:
        """What is read: device, tags and period of each job and stream."""
        batches = [(job.batch, job.period_ns / NS) for job in self.jobs]
        batches += [(stream.batch, stream.period_s) for stream in self.streams]
        return [(batch.device, tuple(batch.tags), period_s) for batch, period_s in batches]


class Poller:
    """Reads every tag of `site` through `drivers` (by link id) and hands samples to `sink`.

    Devices without tags are not read, nor is the hazard daemon, whose tags come through the
    control socket. Raises `ConfigError` with every fault of every device's plan.
    """

    def __init__(self, site: Site, drivers: Mapping[str, Driver], clock: Clock, sink: Sink) -> None:
        self._clock = clock
        self._sink = sink
        self._speed = clock.speed if isinstance(clock, ScaledClock) else 1.0
        self._group: asyncio.TaskGroup | None = None  # while `run` runs
        self._lines = self._plan(site, drivers)
        self._first_round = sum(len(line.reads) for line in self._lines)
        self._done = asyncio.Event()
        self.reads = 0  # read attempts, good and bad: what the watchdog lives on
        self.failures = 0  # reads that gave nothing
        self.overruns = 0  # slots that passed while their link was busy
        if not self._first_round:
            self._done.set()

    async def run(self) -> None:
        """Poll for ever; cancel to stop. Drivers are the caller's to close."""
        try:
            async with asyncio.TaskGroup() as self._group:
                for line in self._lines:
                    self._start(line, self._group, [])
                await asyncio.Event().wait()  # a site may get its first device later
        finally:
            self._group = None

    def apply(self, site: Site, drivers: Mapping[str, Driver]) -> None:
        """Read a changed site; the sink has taken it up already. Raises `ConfigError`.

        A link with the same driver that is read for the same goes on as it is. One with the same
        driver ends the read that is under way and is then read for what is new; another driver's
        tasks are ended, and the driver is the caller's to close.
        """
        before = {line.link: line for line in self._lines}
        lines: list[_Line] = []
        for line in self._plan(site, drivers):
            old = before.get(line.link)
            if old is not None and old.driver is line.driver and old.reads == line.reads:
                _take_feeds(old, line)
                lines.append(before.pop(line.link))
            else:
                lines.append(line)
        ended = {line.link: _end(line, drivers) for line in before.values()}
        if self._group is not None:
            for line in lines:
                if not line.tasks:
                    self._start(line, self._group, ended.get(line.link, []))
        self._lines = lines

    def _start(
        self, line: _Line, group: asyncio.TaskGroup, after: Sequence[asyncio.Task[None]]
    ) -> None:
        async def serve() -> None:
            if after:
                await asyncio.wait(after)
            if line.jobs:
                await self._serve(line)

        line.tasks = [group.create_task(serve(), name=f"poll {line.link}")]
        line.tasks += [group.create_task(stream.run()) for stream in line.streams]

    async def first_cycle(self) -> None:
        """Return once every device has been asked once, whatever it answered."""
        await self._done.wait()

    def stuck(self, mono_ns: int) -> list[str]:
        """Return the links whose task should long have come round at `mono_ns` [ns]."""
        late_ns = round(LATE_S * self._speed * NS)
        return [
            line.link
            for line in self._lines
            if line.busy_until_ns and mono_ns > line.busy_until_ns + late_ns
        ]

    def figures(self) -> dict[str, int]:
        """Return the poller's counters, by the names under which metrics show them."""
        streams = [stream for line in self._lines for stream in line.streams]
        return {
            "reads_total": self.reads + sum(stream.answers for stream in streams),
            "read_failures_total": self.failures + sum(stream.losses for stream in streams),
            "overruns_total": self.overruns,
        }

    def _plan(self, site: Site, drivers: Mapping[str, Driver]) -> list[_Line]:
        faults: list[Fault] = []
        lines: list[_Line] = []
        served = [link for link in site.file.links if link.id in drivers]
        for number, link in enumerate(served):
            line = _Line(link.id, drivers[link.id])
            for device in site.file.devices:
                if device.link != link.id:
                    continue
                for period_s, tags in _by_period(site.tags_of(device.id)).items():
                    try:
                        batch = line.driver.plan(device, tags)
                    except ConfigError as error:
                        faults.extend(error.faults)
                        continue
                    if not self._streamed(line, batch, period_s):
                        line.jobs.append(self._job(batch, period_s))
            for place, job in enumerate(line.jobs):
                share = (place + number / len(served)) / len(line.jobs)
                job.phase_ns = round(job.period_ns * share)
            if line.jobs or line.streams:
                lines.append(line)
        if faults:
            raise ConfigError(faults)
        return lines

    def _streamed(self, line: _Line, batch: Batch, period_s: float) -> bool:
        """Take over a batch whose driver streams it; a replay's time is no device's own."""
        driver = line.driver
        if self._speed != 1.0 or not isinstance(driver, StreamingDriver):
            return False
        if not driver.streams(batch):
            return False
        told = log.bind(link=line.link, device=batch.device.id)
        line.streams.append(
            Stream(driver, batch, period_s, self._clock, self._sink, self._first_done, told)
        )
        return True

    def _first_done(self) -> None:
        self._first_round -= 1
        if self._first_round <= 0:  # links that were added later have a first round as well
            self._done.set()

    def _job(self, batch: Batch, period_s: float) -> _Job:
        # A replay's period is short in the machine's time; its sockets are no faster for that.
        share_s = max(PERIOD_SHARE * period_s / self._speed, REPLAY_LEAST_S * (self._speed > 1))
        limit_s = min(batch.patience_s, share_s)
        return _Job(batch, Feed(batch.tags, self._sink), round(period_s * NS), 0, limit_s)

    async def _serve(self, line: _Line) -> None:
        start = self._clock.now().mono_ns
        # The first round is at once: an operator waits for values, and a burst waits for nobody.
        due = [(start, number) for number in range(len(line.jobs))]
        while True:
            at, number = due[0]
            job = line.jobs[number]
            line.busy_until_ns = at + round(job.limit_s * self._speed * NS)
            await self._clock.sleep_until(at)
            begun = self._clock.now().mono_ns
            line.busy_until_ns = begun + round(job.limit_s * self._speed * NS)
            line.reading = True
            result = await self._read(line, job)
            line.reading = False
            if _told_to_stop():
                return
            self._deliver(job, result)
            if line.over:
                return
            after = self._clock.now().mono_ns
            if job.reads > 1:  # the first round was in no slot
                self.overruns += max(0, (after - at) // job.period_ns)  # a timer may be early
            heapq.heapreplace(due, (job.next_slot(after), number))

    async def _read(self, line: _Line, job: _Job) -> list[Reading] | Reason:
        """Return the job's readings, or why there are none."""
        trouble, reason = "", Reason.OK
        readings: list[Reading] = []
        try:
            async with asyncio.timeout(job.limit_s):
                readings = await line.driver.read(job.batch)
            if len(readings) != len(job.batch.tags):
                trouble = f"{len(readings)} readings for {len(job.batch.tags)} tags"
                reason = Reason.BAD_REPLY
        except TimeoutError:
            trouble, reason = f"no reading within {job.limit_s:g} s", Reason.TIMEOUT
        except DeviceError as error:
            trouble, reason = error.detail, _reason(error.reason)
        except Exception as error:  # noqa: BLE001  # a broken driver is a Bad sample; _say logs its trace
            kind = type(error).__name__
            self._say(line.link, job, Reason.BAD_REPLY, kind, str(error))
            return Reason.BAD_REPLY
        self._say(line.link, job, reason, "", trouble)
        return readings if reason is Reason.OK else reason

    def _deliver(self, job: _Job, result: list[Reading] | Reason) -> None:
        job.reads += 1
        self.reads += 1
        self.failures += isinstance(result, Reason)
        utc_ns = self._clock.now().utc_ns
        if isinstance(result, Reason):
            job.feed.fail(result, utc_ns)
        else:
            job.feed.take(result, utc_ns)
        if job.reads == 1:
            self._first_done()

    def _say(self, link: str, job: _Job, reason: Reason, kind: str, detail: str) -> None:
        """Tell the log when a device's trouble begins, changes or ends; not at every poll.

        `kind` names the exception of a driver that broke; its trace is logged.
        """
        trouble = "" if reason is Reason.OK else f"{reason} {kind}"
        if trouble == job.said:
            return
        job.said = trouble
        told = log.bind(link=link, device=job.batch.device.id)
        if kind:
            told.error("driver broke", detail=detail, exc_info=True)
        elif trouble:
            told.warning("device gives nothing", reason=str(reason), detail=detail)
        else:
            told.info("device answers again")


def _take_feeds(old: _Line, line: _Line) -> None:
    """Have `old` hand on to those who took up the changed site: they know `line`'s feeds."""
    for mine, its in zip(old.jobs, line.jobs, strict=True):
        mine.feed = its.feed
    for mine, its in zip(old.streams, line.streams, strict=True):
        mine.join_like(its)


def _end(line: _Line, drivers: Mapping[str, Driver]) -> list[asyncio.Task[None]]:
    """End a line's tasks, but for a read under way through a driver that stays; return them."""
    line.over = True
    gentle = line.reading and drivers.get(line.link) is line.driver
    for task in line.tasks[1:] if gentle else line.tasks:
        task.cancel()
    return line.tasks


def _told_to_stop() -> bool:
    """Return whether this task was cancelled and somebody below took it for himself.

    Python 3.11's `asyncio.wait_for`, by which pymodbus waits for its answers, returns an answer
    that arrives together with a cancellation and drops the latter.
    """
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _by_period(tags: Sequence[Tag]) -> dict[float, list[Tag]]:
    found: dict[float, list[Tag]] = {}
    for tag in tags:
        found.setdefault(tag.period_s, []).append(tag)
    return found


def _reason(text: str) -> Reason:
    """Return the reason a driver gave; one that is none of ours is a bad reply."""
    try:
        return Reason(text)
    except ValueError:
        return Reason.BAD_REPLY
