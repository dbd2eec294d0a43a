"""Values gathered for subscribers that want them equally often, encoded once for all of them."""

from __future__ import annotations

import asyncio
from typing import Protocol

from edge.clock import NS, Clock
from edge.control.protocol import encode, value_row
from edge.tag import Sample


class Listener(Protocol):
    """Somebody a line can be sent to."""

    def send(self, line: bytes) -> None:
        """Take a line; must not wait."""
        ...


class Group:
    """The subscribers of one period. It ticks even if nothing changed: silence is a dead core."""

    def __init__(self, period_s: float, clock: Clock, pace: Clock) -> None:
        self.period_s = period_s
        self.pending: dict[str, Sample] = {}
        self._clock, self._pace = clock, pace
        self._tick = 0
        self._listeners: set[Listener] = set()
        self._task: asyncio.Task[None] | None = None

    @property
    def empty(self) -> bool:
        """Whether nobody listens any more."""
        return not self._listeners

    def join(self, listener: Listener) -> None:
        """Send every tick from now on to `listener`."""
        self._listeners.add(listener)
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    def leave(self, listener: Listener) -> None:
        """Send nothing more to `listener`; the last one to leave stops the ticks."""
        self._listeners.discard(listener)
        if self.empty:
            self.end()

    def end(self) -> None:
        """Stop ticking."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _run(self) -> None:
        due_ns = self._pace.now().mono_ns
        while True:
            due_ns += round(self.period_s * NS)
            await self._pace.sleep_until(due_ns)
            # After a stall the missed ticks are not made up for: values are as they are now.
            due_ns = max(due_ns, self._pace.now().mono_ns - round(self.period_s * NS))
            self._send()

    def _send(self) -> None:
        self._tick += 1
        rows = [value_row(sample) for sample in self.pending.values()]
        self.pending.clear()
        at_ns = self._clock.now().utc_ns
        line = encode({"t": "values", "tick": self._tick, "at_ns": at_ns, "values": rows})
        for listener in tuple(self._listeners):
            listener.send(line)
