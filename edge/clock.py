"""Time as an argument: the clock is injected, never called from logic.

Two readings make an `Instant`: UTC for stamps, monotonic for delays. A wall clock
may step; a delay must not (design §4), so no code subtracts two UTC stamps to time
a delay.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from edge.errors import ClockError

NS = 1_000_000_000
FASTEST = 10_000.0  # of a scaled clock: three hours a second
FURTHEST_NS = 1 << 62  # in the year 2116: half of the 64 bits that a stamp has, for it goes on


class Instant(NamedTuple):
    """One moment, read twice: `utc_ns` since 1970 UTC and `mono_ns` on the monotonic clock."""

    utc_ns: int
    mono_ns: int

    def plus(self, seconds: float) -> Instant:
        """Return the moment `seconds` [s] later on both scales."""
        delta = round(seconds * NS)
        return Instant(self.utc_ns + delta, self.mono_ns + delta)


class Clock(Protocol):
    """What every daemon is given instead of `time`."""

    def now(self) -> Instant:
        """Return the present moment."""
        ...

    async def sleep_until(self, mono_ns: int) -> None:
        """Return once `now().mono_ns` has reached `mono_ns` [ns]."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> Instant:
        """Return the present moment."""
        return Instant(time.time_ns(), time.monotonic_ns())

    async def sleep_until(self, mono_ns: int) -> None:
        """Sleep on the event loop until the monotonic clock reads `mono_ns` [ns]."""
        await asyncio.sleep(max(0.0, (mono_ns - time.monotonic_ns()) / NS))


@dataclass(frozen=True, slots=True)
class ScaledClock:
    """A replay's clock: every process given the same three numbers agrees on the time.

    Simulated UTC is `utc0_ns` when the machine's monotonic clock reads `mono0_ns`, and runs
    `speed` times as fast. Linux's monotonic clock is one for the machine, so daemons started
    minutes apart still agree. A live site refuses this clock (`open_clock`).
    """

    mono0_ns: int
    utc0_ns: int
    speed: float

    def now(self) -> Instant:
        """Return the present moment of the replay."""
        elapsed = round((time.monotonic_ns() - self.mono0_ns) * self.speed)
        return Instant(self.utc0_ns + elapsed, self.mono0_ns + elapsed)

    async def sleep_until(self, mono_ns: int) -> None:
        """Sleep until the scaled monotonic clock reads `mono_ns` [ns]."""
        wait = (mono_ns - self.now().mono_ns) / (self.speed * NS)
        await asyncio.sleep(max(0.0, wait))

    def spec(self) -> str:
        """Return the text that `open_clock` reads back, for another process's command line."""
        return f"scaled:{self.mono0_ns}:{self.utc0_ns}:{self.speed!r}"


class ManualClock:
    """A test's clock: it stands still until it is moved."""

    def __init__(self, utc_ns: int = 1_700_000_000 * NS, mono_ns: int = 1000 * NS) -> None:
        self._now = Instant(utc_ns, mono_ns)
        self._sleepers: list[tuple[int, asyncio.Future[None]]] = []

    def now(self) -> Instant:
        """Return the moment it was last moved to."""
        return self._now

    async def sleep_until(self, mono_ns: int) -> None:
        """Wait until `advance` has moved the clock to `mono_ns` [ns] or beyond."""
        if mono_ns <= self._now.mono_ns:
            await asyncio.sleep(0)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((mono_ns, future))
        await future

    def advance(self, seconds: float) -> Instant:
        """Move both scales on by `seconds` [s], wake who was waiting, return the new moment."""
        self._now = self._now.plus(seconds)
        due = [future for at, future in self._sleepers if at <= self._now.mono_ns]
        self._sleepers = [(at, f) for at, f in self._sleepers if at > self._now.mono_ns]
        for future in due:
            if not future.done():
                future.set_result(None)
        return self._now

    def step_utc(self, seconds: float) -> Instant:
        """Step the wall clock alone by `seconds` [s], as NTP or an engineer may."""
        self._now = Instant(self._now.utc_ns + round(seconds * NS), self._now.mono_ns)
        return self._now


def open_clock(spec: str, world: str) -> Clock:
    """Return the clock that `spec` names: "system", or a `ScaledClock.spec()`.

    Raises `ClockError` if the text is not one of these, if its numbers make no clock, or if a
    scaled clock is asked for in any world but replay.
    """
    if spec == "system":
        return SystemClock()
    kind, _, rest = spec.partition(":")
    parts = rest.split(":")
    if kind != "scaled" or len(parts) != 3:
        raise ClockError(f"clock {spec!r} is neither 'system' nor 'scaled:MONO0:UTC0:SPEED'")
    if world != "replay":
        raise ClockError(f"a scaled clock is for replay worlds only; this site's world is {world}")
    try:
        clock = ScaledClock(int(parts[0]), int(parts[1]), float(parts[2]))
    except ValueError as error:
        raise ClockError(f"clock {spec!r} has a part that is not a number: {error}") from None
    if not 0 < clock.speed <= FASTEST:
        raise ClockError(f"clock speed must be above 0 and at most {FASTEST:g}, not {clock.speed}")
    if max(map(abs, clock.now())) > FURTHEST_NS:
        raise ClockError(f"clock {spec!r} shows no time that a journal can hold")
    return clock
