"""One annunciator: what it is to show, and the task that has its device show it.

The task writes at once when outputs are to change, again every `refresh_s`, and after a failure
with back-off until the device has taken them. A device that was away is brought to what is
demanded now, not to what was demanded when it went. Its heartbeat goes out before all else: a
module whose watchdog has tripped takes nothing before it is told that somebody is there again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

import structlog

from edge.alarm import AlarmView
from edge.annunciate.demand import FOLLOWING, unanswered, wanted, worst_by_area
from edge.annunciate.incident import Incident
from edge.clock import NS, Clock
from edge.drivers.base import Driver
from edge.errors import CommandError, DeviceError, WriteRefusedError
from edge.event import Param
from edge.site.annunciator import Annunciator as Spec
from edge.site.annunciator import Output
from edge.site.model import Site

FIRST_RETRY_S = 0.25
WRITE_BUDGET = 6.0  # times the link's time-out: connect, write and read back, each once more
TEST_S = 3.0
log = structlog.get_logger(__name__)
State = int | str


class Owner(Protocol):
    """Who knows what a tower is to show, and hears how it goes."""

    def aim(self, tower: Tower) -> None:
        """Have `tower` aim anew: time has made something of it."""
        ...

    def told(self, kind: str, tower: Tower, params: Mapping[str, Param]) -> None:
        """Hear of something that happened to it."""
        ...

    def heard(self) -> None:
        """Hear that a tower has begun to work or to fail."""
        ...


class Tower:
    """One annunciator: what it is to show, what it was last seen to show, and how writing goes.

    `pace` times refresh, retries, heartbeat and the tone.
    """

    def __init__(
        self, site: Site, spec: Spec, drivers: Mapping[str, Driver], pace: Clock, owner: Owner
    ) -> None:
        self.spec, self.device = spec, site.devices[spec.device]
        link = site.links[self.device.link]
        self.driver = drivers[link.id]
        self.incident = Incident()
        self.desired: dict[str, State] = {}  # by output
        self.shown: dict[str, State] = {}  # last taken, by point
        self.failed = False
        self.known = False  # whether a write has come to an end, well or not
        self.limit_s = WRITE_BUDGET * link.timeout_s
        self.retry_s = max(link.retry_s, FIRST_RETRY_S)
        self._pace, self._owner = pace, owner
        self._said: dict[str, State] = {}  # the states of outputs that were told
        self._due = True  # its task has something to write
        self._woken: asyncio.Future[None] | None = None  # what its task waits for meanwhile
        self._tests: dict[str, int] = {}  # output -> until mono_ns
        self._testers: list[asyncio.Future[None]] = []
        self._beats = 0
        self._beat_ns: int | None = None  # when the next is due; None: at once

    def same(self, other: Tower) -> bool:
        """Whether `other` is the same thing to drive, through the same driver."""
        mine, its = ((t.spec, t.device, t.limit_s, t.retry_s) for t in (self, other))
        return mine == its and self.driver is other.driver

    @property
    def testing(self) -> Collection[str]:
        """The outputs that are being tested."""
        return self._tests.keys()

    # --- what it is to show ----------------------------------------------------------------------

    def aim(self, alarms: Sequence[AlarmView], ordered: Collection[str]) -> str:
        """Work out what to show; wake the task if that changed. Returns why the tone comes again.

        `alarms` are those of the field, `ordered` the outputs, of kinds that follow no alarm, which
        are to be on.
        """
        mine = [alarm for alarm in alarms if alarm.area in self.spec.areas]
        worst = worst_by_area(unanswered(self.spec, mine))
        before_ns = self.incident.next_ns
        again = self.incident.take(worst, self._pace.now().mono_ns)
        desired: dict[str, State] = {}
        for output in self.spec.outputs:
            if output.kind in FOLLOWING:
                state = wanted(output, mine, tone=self.incident.tone)
            else:
                state = output.on if output.id in ordered else output.off
            if output.id in self._tests and state == output.off:
                state = output.on  # what stands is not changed by a test
            desired[output.id] = state
        if desired != self.desired:
            self.desired = desired
            self.wake()
        elif self.incident.next_ns != before_ns:
            self._look_up()  # its task sleeps until what was to come before
        return again

    def _points(self) -> dict[str, State]:
        """Return the state of each point; the evacuation sound goes before a horn on its point."""
        points: dict[str, State] = {}
        for output in self.spec.outputs:
            if output.kind != "evacuation":
                points[output.point] = self.desired[output.id]
        for output in self.spec.of_kind("evacuation"):
            if self.desired[output.id] == output.on:
                points[output.point] = output.on
            else:
                points.setdefault(output.point, output.off)
        return points

    def wake(self) -> None:
        """Have the task write now. One turn of the loop away: a horn waits in no queue."""
        self._due = True
        self._look_up()

    def _look_up(self) -> None:
        """Have the task see anew what is due, and when."""
        if self._woken is not None and not self._woken.done():
            self._woken.set_result(None)

    def test(self, outputs: Sequence[Output]) -> asyncio.Future[None]:
        """Have `outputs` tested from the next `aim` on, for `TEST_S` [s].

        What is returned is done when the device has taken them, or raises `CommandError`.
        """
        until_ns = self._pace.now().mono_ns + round(TEST_S * NS)
        self._tests |= {output.id: until_ns for output in outputs}
        taken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._testers.append(taken)
        return taken

    def part(self) -> None:
        """Tell those who wait for a test that it is not driven like this any more."""
        self._answer(
            self._testers,
            DeviceError(self.device.id, "configuration", "no longer driven like this"),
        )

    # --- having it shown -------------------------------------------------------------------------

    async def drive(self) -> None:
        """Have the device show what is desired, until cancelled."""
        pause_s = FIRST_RETRY_S
        whole_ns = self._pace.now().mono_ns  # when all outputs are to be written next
        while True:
            whole = self._due or self.failed or self._pace.now().mono_ns >= whole_ns
            self._due = False
            aim = self._points() if whole else {}
            testers: list[asyncio.Future[None]] = []
            if whole:
                testers, self._testers = self._testers, []
            trouble = await self._write(aim)
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                return  # Python 3.11's wait_for drops a cancellation that meets an answer
            self._answer(testers, trouble)
            self._tell(trouble)
            now_ns = self._pace.now().mono_ns
            if trouble is not None:
                whole_ns = now_ns + round(pause_s * NS)
                pause_s = min(2 * pause_s, self.retry_s)
            elif whole:
                self._note(aim)
                whole_ns, pause_s = now_ns + round(self.spec.refresh_s * NS), FIRST_RETRY_S
            await self._rest(whole_ns)

    async def _write(self, aim: Mapping[str, State]) -> DeviceError | None:
        """Write the heartbeat if it is due, and `aim`; return what went wrong."""
        name = self.device.id
        try:
            async with asyncio.timeout(self.limit_s):
                await self._beat()
                if aim:
                    await self.driver.write(self.device, aim)
        except TimeoutError:
            return DeviceError(name, "timeout", f"not written within {self.limit_s:g} s")
        except DeviceError as error:
            return error
        except WriteRefusedError as error:
            return DeviceError(name, "configuration", str(error))
        except Exception as error:  # a broken driver must not end the horn's task
            if not self.failed:
                log.exception("driver broke", device=name)
            return DeviceError(name, "bad-reply", f"{type(error).__name__}: {error}")
        return None

    async def _beat(self) -> None:
        """Let the watchdog see that core is there."""
        beat, now_ns = self.spec.heartbeat, self._pace.now().mono_ns
        if beat is None or (self._beat_ns is not None and now_ns < self._beat_ns):
            return
        self._beat_ns = None  # at once again, should this one fail
        await self.driver.write(self.device, {beat.point: beat.values[self._beats % 2]})
        self._beats += 1
        self._beat_ns = now_ns + round(beat.period_s * NS)

    async def _rest(self, whole_ns: int) -> None:
        """Wait until woken, until `whole_ns`, or for what time alone brings."""
        times = [whole_ns, *self._tests.values()]
        times += [at for at in (self._beat_ns, self.incident.next_ns) if at is not None]
        self._woken = asyncio.get_running_loop().create_future()
        if not self._due:
            sleep = asyncio.ensure_future(self._pace.sleep_until(min(times)))
            sleep.add_done_callback(self._slept)
            try:
                await self._woken
            finally:
                sleep.cancel()
        now_ns = self._pace.now().mono_ns
        ended = [output for output, until in self._tests.items() if until <= now_ns]
        for output in ended:
            del self._tests[output]
        sounds = self.incident.next_ns
        if ended or (sounds is not None and sounds <= now_ns):
            self._owner.aim(self)

    def _slept(self, sleep: asyncio.Future[None]) -> None:
        if not sleep.cancelled():
            self._look_up()

    # --- how it went -----------------------------------------------------------------------------

    def _note(self, taken: dict[str, State]) -> None:
        """Keep what the device has taken, and say which outputs that changed."""
        self.shown = taken
        for output in self.spec.outputs:
            state = self._state(output)
            if state != self._said.get(output.id, output.off):
                params: dict[str, Param] = {"output": output.id, "kind": output.kind}
                self._owner.told("annunciator.set", self, params | {"state": state})
            self._said[output.id] = state

    def _state(self, output: Output) -> State:
        """Return what the device shows of `output`; of two on one point, one is off."""
        state = self.shown[output.point]
        sharing = [o for o in self.spec.outputs if o.point == output.point]
        if len(sharing) == 1:
            return state
        evacuating = any(o.kind == "evacuation" and o.on == state for o in sharing)
        return state if evacuating == (output.kind == "evacuation") else output.off

    def shown_of(self, output: Output) -> State | None:
        """Return what the device shows of `output`, None where that is not known."""
        return None if self.failed or output.point not in self.shown else self._state(output)

    def _tell(self, trouble: DeviceError | None) -> None:
        """Say once that the device does not take its outputs, and once that it does again."""
        before, self.failed = self.failed, trouble is not None
        news, self.known = not self.known or before != self.failed, True
        if before != self.failed:
            params: dict[str, Param] = {"device": self.device.id}
            if trouble is not None:
                params |= {"reason": trouble.reason, "detail": trouble.detail}
                log.error("annunciator failed", annunciator=self.spec.id, why=str(trouble))
            kind = "annunciator.failed" if self.failed else "annunciator.recovered"
            self._owner.told(kind, self, params)
        if news:
            self._owner.heard()

    def _answer(self, testers: Sequence[asyncio.Future[None]], trouble: DeviceError | None) -> None:
        """Tell those who asked for a test how it went."""
        for tester in testers:
            if tester.done():
                continue
            if trouble is None:
                tester.set_result(None)
            else:
                params = {"annunciator": self.spec.id, "reason": trouble.reason}
                tester.set_exception(CommandError("annunciator.refused.not-taken", params))
