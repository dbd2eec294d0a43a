"""The hazard daemon's loop: take what core sends, estimate, publish, keep.

An alarm of level >= 1 is answered at once; while evidence stands the estimate is made anew every
`hazard.period_s`. Kernels are compiled (or read from their cache) in a thread after the start;
until they are warm the state is `preparing` and the readable truth computes what is wanted.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from typing import Any, Protocol

import structlog

from edge.clock import NS, Clock, Instant, SystemClock
from edge.dispersion.passive.plume import briggs
from edge.dispersion.passive.plume.briggs import Kernels
from edge.errors import JournalError, SuianError
from edge.hazard import derived
from edge.hazard.estimate import Estimate, as_json, estimate, input_record, preparing_json
from edge.hazard.inputs import Inputs
from edge.hazard.scene import Scene
from edge.tag import Sample, World

log = structlog.get_logger(__name__)

PREPARING, RUNNING, OTHER_SITE = "preparing", "running", "other-site"
GATHER_S = 0.2  # core gathers values this long
LEAST_PAUSE_S = 0.1  # real time between two estimates: a scaled clock must not eat the machine


class Link(Protocol):
    """The way to core: what `edge.control.ControlClient` offers."""

    def messages(self, period_s: float = GATHER_S) -> AsyncIterator[dict[str, Any]]:
        """Subscribe and yield core's messages for ever."""
        ...

    def publish(self, samples: Iterable[Sample], world: World) -> bool:
        """Send samples of derived tags; whether core took them."""
        ...

    def report(self, state: str) -> None:
        """Say how this daemon is."""
        ...


class Keeper(Protocol):
    """What keeps finished estimates: `edge.journal.hazard_file.HazardWriter`."""

    def write(self, estimate: Mapping[str, Any], inputs: Mapping[str, Any]) -> int:
        """Keep an estimate and what it was made from; return its seq."""
        ...


class Figures(Protocol):
    """Where the daemon's figures go: `edge.daemons.metrics.Metrics`."""

    def add(self, name: str, count: float = 1) -> None:
        """Count `name` up."""
        ...

    def set(self, name: str, value: float) -> None:
        """Set the gauge `name`."""
        ...


class HazardService:
    """One site's hazard estimates, made as long as `run` runs.

    `load_kernels` returns the compiled kernels, warm; it runs in a thread. `on_cycle` is called
    after each full cycle (the watchdog), `follow` with each hello of core: where the site is not
    ours nothing is estimated. `pace` is real time, also in a scaled replay.
    """

    def __init__(
        self,
        scene: Scene,
        link: Link,
        keeper: Keeper,
        figures: Figures,
        clock: Clock,
        load_kernels: Callable[[], Kernels],
        on_cycle: Callable[[], None] = lambda: None,
        pace: Clock | None = None,
        follow: Callable[[dict[str, Any]], Awaitable[None]] | None = None,
    ) -> None:
        self._scene, self._link, self._keeper = scene, link, keeper
        self._figures, self._clock = figures, clock
        self._load_kernels, self._on_cycle = load_kernels, on_cycle
        self._pace = pace or SystemClock()
        self._follow = follow
        self._inputs = Inputs(scene.input_tags())
        self._kernels: Kernels = briggs
        self._wake = asyncio.Event()
        self._heard = False  # whether core has ever been there
        self._warm = False
        self._same_site = True
        self._kept: tuple[str, str] = ("", "")

    async def run(self) -> None:
        """Run until cancelled. Raises `WireError` where core speaks what we do not know."""
        self._say_state()
        self._keep(preparing_json(self._scene, self._clock.now()), {})
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._prepare())
                group.create_task(self._listen())
                group.create_task(self._work())
        except* SuianError as group:
            failure = group
        else:
            return
        raise failure.exceptions[0]  # one error with its own words, not a group of one

    # --- what comes in -----------------------------------------------------------------------

    async def _prepare(self) -> None:
        """Warm the kernels aside; without them the truth goes on computing, only slower."""
        try:
            self._kernels = await asyncio.to_thread(self._load_kernels)
        except (ImportError, OSError, RuntimeError):
            log.exception("kernels not available, computing without them")
        self._warm = True
        self._say_state()
        self._wake.set()

    async def _listen(self) -> None:
        async for message in self._link.messages(GATHER_S):
            self._take(message, self._clock.now())
            if message["t"] == "hello" and self._follow is not None:
                await self._follow(message)

    def _take(self, message: Mapping[str, Any], now: Instant) -> None:
        """Take one message of core."""
        kind = message["t"]
        if kind == "hello":
            self._same_site = message.get("site_hash") == self._scene.site.hash
            self._say_state()
        elif kind == "down":
            self._inputs.lose()
            self._wake.set()
        elif kind in {"snapshot", "values"}:
            self._inputs.take(message["values"], now)
            self._heard = True
            if kind == "snapshot":
                self._wake.set()
        elif kind == "event":
            self._take_event(message, now)

    def _take_event(self, message: Mapping[str, Any], now: Instant) -> None:
        self._inputs.hear(now)
        alarm: Mapping[str, Any] = message.get("alarm") or {}
        raised = message["event"]["kind"] == "alarm.raised"
        if not raised or alarm.get("klass") != "process" or (alarm.get("level") or 0) < 1:
            return
        value = alarm.get("value")
        if isinstance(value, int | float):
            self._inputs.take_alarm(str(alarm.get("tag")), float(value), now)
        self._wake.set()

    # --- what goes out -----------------------------------------------------------------------

    async def _work(self) -> None:
        while True:
            self._wake.clear()
            if self._heard and self._same_site:
                await self._update(self._clock.now())
            self._on_cycle()
            due_ns = self._clock.now().mono_ns + round(self._scene.hazard.period_s * NS)
            await self._pace.sleep_until(self._pace.now().mono_ns + round(LEAST_PAUSE_S * NS))
            await self._until(due_ns)

    async def _until(self, due_ns: int) -> None:
        """Wait for the clock to reach `due_ns`, or for a reason not to."""
        waits = {
            asyncio.ensure_future(self._clock.sleep_until(due_ns)),
            asyncio.ensure_future(self._wake.wait()),
        }
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _update(self, now: Instant) -> None:
        """Estimate every gas, publish the derived tags, keep what is news."""
        inputs, kernels = self._inputs.copy(), self._kernels
        found = await asyncio.to_thread(self._estimate_all, inputs, now, kernels)
        estimates = {name: one for name, (one, _) in found.items()}
        self._link.publish(derived.samples(self._scene, estimates, now), self._scene.world)
        for body, record in self._news(found):
            self._keep(body, record)

    def _estimate_all(
        self, inputs: Inputs, now: Instant, kernels: Kernels
    ) -> dict[str, tuple[Estimate, float]]:
        """Return each gas's estimate and what it cost [s]."""
        found: dict[str, tuple[Estimate, float]] = {}
        for name in self._scene.gases:
            start = self._pace.now().mono_ns
            one = estimate(self._scene, name, inputs, now, kernels)
            found[name] = (one, (self._pace.now().mono_ns - start) / NS)
        return found

    def _news(
        self, found: Mapping[str, tuple[Estimate, float]]
    ) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        """Return what is to be kept: every estimate with evidence, worst last; else a change."""
        standing = sorted(
            (pair for pair in found.values() if pair[0].evidence.stands),
            key=lambda pair: pair[0].evidence.severity,
        )
        if standing:
            self._kept = (standing[-1][0].state, standing[-1][0].problem)
            return [(as_json(one, self._scene, cost), input_record(one)) for one, cost in standing]
        if not self._warm:
            return []  # the row that says preparing still holds
        # nothing is alarming: one row says so for all gases, a gas with a problem speaking first
        troubled = sorted(found.values(), key=lambda pair: not pair[0].problem)
        if not troubled:
            return []
        one, cost = troubled[0]
        if (one.state, one.problem) == self._kept:
            return []
        self._kept = (one.state, one.problem)
        body = as_json(one, self._scene, cost)
        if not one.problem:
            body["substance"] = ""
        return [(body, input_record(one))]

    def _keep(self, body: Mapping[str, Any], record: Mapping[str, Any]) -> None:
        """Keep one estimate; a full disk must not stop the predictions that core is sent."""
        try:
            self._keeper.write(body, record)
        except JournalError:
            log.exception("estimate not kept", id=body["id"])
            self._figures.add("not_kept_total")
        self._figures.add("estimates_total")
        self._figures.set("compute_seconds", float(body["compute_s"]))

    def _say_state(self) -> None:
        state = RUNNING if self._warm else PREPARING
        self._link.report(state if self._same_site else OTHER_SITE)
