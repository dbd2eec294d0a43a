"""Horns and beacons: the demand of standing alarms, written to the allow-listed devices.

`Annunciator.demand` is a plain call that never waits; each annunciator has a task of its own that
writes at once when its outputs are to change, again every `refresh_s`, and after a failure with
back-off until the device has taken them. A device that was away is brought to what is demanded
now, not to what was demanded when it went.

Only alarms of class process, of the annunciator's own areas and world count; a prediction never
sounds in the field. A horn sounds while such an alarm is unacknowledged and not silenced. Silence
is no acknowledgement: it covers the alarms that stand at that moment, and the next one, or the
same one raised again, sounds anew. Beacons flash while an alarm is unacknowledged and are steady
after that. A dialler answers to no alarm: it is on while `contact` says so.

On a clean stop the outputs stay as demanded: an alarm that stands must go on sounding while core
is restarted or updated. The next start writes what is demanded then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import structlog

from edge.alarm import AlarmView
from edge.clock import NS, Clock
from edge.drivers.base import Driver
from edge.errors import CommandError, DeviceError, WriteRefusedError
from edge.event import Event, Param
from edge.site.model import Annunciator as Spec
from edge.site.model import ConditionClass, Device, Output, Site

FIRST_RETRY_S = 0.25
WRITE_BUDGET = 6.0  # times the link's time-out: connect, write and read back, each once more
TEST_S = 3.0
log = structlog.get_logger(__name__)
Silenced = frozenset[tuple[str, int]]  # (condition, count) of alarms whose horn was silenced


def wanted(output: Output, alarms: Sequence[AlarmView], silenced: Silenced) -> int | str:
    """Return the state of `output` for `alarms`, all of which concern its annunciator. Pure."""
    driving = [alarm for alarm in alarms if alarm.level in output.levels]
    loud = [alarm for alarm in driving if not alarm.acked]
    if output.kind == "horn":
        loud = [alarm for alarm in loud if (alarm.condition, alarm.count) not in silenced]
    if loud:
        return output.on
    if driving and output.acked is not None:
        return output.acked
    return output.off


@dataclass(slots=True, eq=False)
class _Tower:
    """One annunciator: what it is to show, what it was last seen to show, and how writing goes."""

    spec: Spec
    device: Device
    driver: Driver
    limit_s: float
    retry_s: float
    desired: dict[str, int | str] = field(default_factory=dict[str, int | str])
    shown: dict[str, int | str] = field(default_factory=dict[str, int | str])  # last taken
    failed: bool = False
    due: bool = True  # its task has something to write
    rest: asyncio.Future[None] | None = None  # what its task waits for meanwhile
    tests: dict[str, int] = field(default_factory=dict[str, int])  # output id -> until mono_ns
    testers: list[asyncio.Future[None]] = field(default_factory=list[asyncio.Future[None]])

    def same(self, other: _Tower) -> bool:
        """Whether `other` is the same thing to drive, through the same driver."""
        mine, its = ((t.spec, t.device, t.limit_s, t.retry_s) for t in (self, other))
        return mine == its and self.driver is other.driver

    def wake(self) -> None:
        """Have the task write now. One turn of the loop away: a horn waits in no queue."""
        self.due = True
        if self.rest is not None and not self.rest.done():
            self.rest.set_result(None)


class Annunciator:
    """Drives every annunciator of `site` through `drivers` (by link id).

    `clock` stamps events, `pace` (by default the same) times refresh and retries; `on_event` is
    told `annunciator.set` of every output change that a device has taken, and, once each,
    `annunciator.failed` and `annunciator.recovered`.
    """

    def __init__(
        self,
        site: Site,
        drivers: Mapping[str, Driver],
        clock: Clock,
        on_event: Callable[[Event], object],
        pace: Clock | None = None,
    ) -> None:
        self._world = site.world
        self._clock = clock
        self._pace = pace or clock
        self._on_event = on_event
        self._silenced: Silenced = frozenset()
        self._contacts: set[tuple[str, str]] = set()  # (annunciator, output) that are to be on
        self._alarms: tuple[AlarmView, ...] = ()
        self._towers = {spec.id: _tower(site, spec, drivers) for spec in site.file.annunciators}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._group: asyncio.TaskGroup | None = None  # while `run` runs
        self.demand(())

    def demand(self, alarms: Iterable[AlarmView]) -> None:
        """Take the alarms that stand now; outputs that change are written at once. Never waits."""
        self._alarms = tuple(
            alarm
            for alarm in alarms
            if alarm.klass == ConditionClass.PROCESS
            and alarm.world == self._world
            and alarm.state != "normal"
            and not alarm.held
        )
        standing = {(alarm.condition, alarm.count) for alarm in self._alarms}
        self._silenced &= standing
        for tower in self._towers.values():
            self._aim(tower)

    def silence(self) -> int:
        """Stop the horns for the alarms that stand now; return how many had sounded."""
        loud = {(alarm.condition, alarm.count) for alarm in self._alarms if not alarm.acked}
        fresh = len(loud - self._silenced)
        self._silenced |= loud
        for tower in self._towers.values():
            self._aim(tower)
        return fresh

    def contact(self, annunciator: str, output: str, *, on: bool) -> None:
        """Switch a dialler on or off; written at once if that changes it. Never waits.

        One that the site does not have (yet) is remembered: it is driven once it is there.
        """
        (self._contacts.add if on else self._contacts.discard)((annunciator, output))
        if annunciator in self._towers:
            self._aim(self._towers[annunciator])

    async def test(self, annunciator: str, output: str) -> None:
        """Drive one output for `TEST_S` [s]; return when the device has taken it.

        Raises `CommandError` if there is no such output or the device does not take it. A real
        demand is not changed by a test, nor by its end.
        """
        tower = self._towers.get(annunciator)
        if tower is None or output not in {item.id for item in tower.spec.outputs}:
            name = {"annunciator": annunciator, "output": output}
            raise CommandError("annunciator.refused.unknown-output", name)
        tower.tests[output] = self._pace.now().mono_ns + round(TEST_S * NS)
        taken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        tower.testers.append(taken)
        self._aim(tower)
        tower.wake()
        await taken

    def outputs(self) -> list[dict[str, Param]]:
        """Return every output for docs/wire.md's `outputs`: what is demanded, what was taken."""
        return [
            {
                "annunciator": tower.spec.id,
                "output": output.id,
                "kind": output.kind,
                "demanded": tower.desired[output.point],
                "shown": None if tower.failed else tower.shown.get(output.point),
                "on": tower.desired[output.point] == output.on,
                "failed": tower.failed,
            }
            for tower in self._towers.values()
            for output in tower.spec.outputs
        ]

    async def run(self) -> None:
        """Drive the outputs for ever; cancel to stop, and they stay as they are."""
        try:
            async with asyncio.TaskGroup() as self._group:
                for tower in self._towers.values():
                    self._start(tower)
                await asyncio.Event().wait()  # a site may get its first annunciator later
        finally:
            self._group = None

    def apply(self, site: Site, drivers: Mapping[str, Driver]) -> list[str]:
        """Take up a changed site: return the ids of the annunciators that are driven anew.

        One that is the same, on the same driver, goes on undisturbed in whatever it shows.
        """
        towers = {spec.id: _tower(site, spec, drivers) for spec in site.file.annunciators}
        fresh: list[str] = []
        for name, tower in towers.items():
            before = self._towers.get(name)
            if before is not None and before.same(tower):
                towers[name] = before
            else:
                fresh.append(name)
        for name, tower in self._towers.items():
            if towers.get(name) is tower:
                continue
            if task := self._tasks.pop(name, None):
                task.cancel()
            gone = DeviceError(tower.device.id, "configuration", "no longer driven like this")
            _answer(tower.testers, tower, gone)
        self._towers = towers
        for name in fresh:
            self._aim(towers[name])
            self._start(towers[name])
        return fresh

    def _start(self, tower: _Tower) -> None:
        if self._group is not None:
            name = tower.spec.id
            drive = self._drive(tower)
            self._tasks[name] = self._group.create_task(drive, name=f"annunciator {name}")

    def _aim(self, tower: _Tower) -> None:
        """Work out what `tower` is to show; wake its task if that changed."""
        mine = [alarm for alarm in self._alarms if alarm.area in tower.spec.areas]
        desired = {
            output.point: output.on
            if output.id in tower.tests
            else self._wanted(tower, output, mine)
            for output in tower.spec.outputs
        }
        if desired != tower.desired:
            tower.desired = desired
            tower.wake()

    def _wanted(self, tower: _Tower, output: Output, mine: Sequence[AlarmView]) -> int | str:
        if output.kind == "dialler":
            return output.on if (tower.spec.id, output.id) in self._contacts else output.off
        return wanted(output, mine, self._silenced)

    async def _drive(self, tower: _Tower) -> None:
        pause_s = FIRST_RETRY_S
        while True:
            tower.due = False
            aim = dict(tower.desired)
            testers, tower.testers = tower.testers, []
            trouble = await self._write(tower, aim)
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                return  # Python 3.11's wait_for drops a cancellation that meets an answer
            _answer(testers, tower, trouble)
            self._tell(tower, trouble)
            if trouble is None:
                self._note(tower, aim)
                wait_s, pause_s = tower.spec.refresh_s, FIRST_RETRY_S
            else:
                wait_s, pause_s = pause_s, min(2 * pause_s, tower.retry_s)
            await self._rest(tower, wait_s)

    async def _write(self, tower: _Tower, aim: Mapping[str, int | str]) -> DeviceError | None:
        """Write all outputs together; return what went wrong."""
        name = tower.device.id
        try:
            async with asyncio.timeout(tower.limit_s):
                await tower.driver.write(tower.device, aim)
        except TimeoutError:
            return DeviceError(name, "timeout", f"not written within {tower.limit_s:g} s")
        except DeviceError as error:
            return error
        except WriteRefusedError as error:
            return DeviceError(name, "configuration", str(error))
        except Exception as error:  # a broken driver must not end the horn's task
            if not tower.failed:
                log.exception("driver broke", device=name)
            return DeviceError(name, "bad-reply", f"{type(error).__name__}: {error}")
        return None

    async def _rest(self, tower: _Tower, wait_s: float) -> None:
        """Wait until woken, for `wait_s` [s], or to the end of a test."""
        refresh_ns = self._pace.now().mono_ns + round(wait_s * NS)
        until_ns = min([refresh_ns, *tower.tests.values()])
        tower.rest = asyncio.get_running_loop().create_future()
        if not tower.due:
            sleep = asyncio.ensure_future(self._pace.sleep_until(until_ns))
            sleep.add_done_callback(lambda done: None if done.cancelled() else tower.wake())
            try:
                await tower.rest
            finally:
                sleep.cancel()
        now_ns = self._pace.now().mono_ns
        ended = [output for output, until in tower.tests.items() if until <= now_ns]
        for output in ended:
            del tower.tests[output]
        if ended:
            self._aim(tower)

    def _note(self, tower: _Tower, taken: dict[str, int | str]) -> None:
        """Keep what the device has taken, and say which outputs that changed."""
        for output in tower.spec.outputs:
            state = taken[output.point]
            if state != tower.shown.get(output.point, output.off):
                params: dict[str, Param] = {"output": output.id, "kind": output.kind}
                self._event("annunciator.set", tower, params | {"state": state})
        tower.shown = taken

    def _tell(self, tower: _Tower, trouble: DeviceError | None) -> None:
        """Say once that the device does not take its outputs, and once that it does again."""
        if tower.failed == (trouble is not None):
            return
        tower.failed = trouble is not None
        params: dict[str, Param] = {"device": tower.device.id}
        if trouble is not None:
            params |= {"reason": trouble.reason, "detail": trouble.detail}
            log.error("annunciator failed", annunciator=tower.spec.id, why=str(trouble))
        kind = "annunciator.failed" if tower.failed else "annunciator.recovered"
        self._event(kind, tower, params)

    def _event(self, kind: str, tower: _Tower, params: Mapping[str, Param]) -> None:
        named: dict[str, Param] = {"annunciator": tower.spec.id, **params}
        self._on_event(Event(kind, tower.spec.id, self._clock.now(), self._world, named))


def _tower(site: Site, spec: Spec, drivers: Mapping[str, Driver]) -> _Tower:
    device = site.devices[spec.device]
    link = site.links[device.link]
    limit_s = WRITE_BUDGET * link.timeout_s
    return _Tower(spec, device, drivers[link.id], limit_s, max(link.retry_s, FIRST_RETRY_S))


def _answer(
    testers: Sequence[asyncio.Future[None]], tower: _Tower, trouble: DeviceError | None
) -> None:
    """Tell those who asked for a test how it went."""
    for tester in testers:
        if tester.done():
            continue
        if trouble is None:
            tester.set_result(None)
        else:
            params = {"annunciator": tower.spec.id, "reason": trouble.reason}
            tester.set_exception(CommandError("annunciator.refused.not-taken", params))
