"""The pulse: ticks to every page, by which it knows that it sees the present.

Paced by a person's clock, also when a replay's clock runs a hundred times faster; only the stamp
inside is the site's time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import structlog

from edge.clock import NS, Clock
from edge.console.board import Board, Json
from edge.console.hub import Hub
from edge.errors import SuianError

TICK_S = 0.5  # a tick at least this often: three missed ones make a page stale
SHORTEST_S = 0.2  # and with changed values at most this often: 5 Hz
CORE_SILENT_S = 1.5  # core pushes several times a second even when nothing changed
LOOK_S = 0.5  # how often the hazard file is looked at

_log = structlog.get_logger(__name__)


class Pulse:
    """Sends ticks, watches whether core is still heard, and looks for new estimates.

    `pace` is real time; `clock` is the site's. `latest_hazard` reads the hazard file (in a
    thread); a file that is not there yet gives None. `on_tick` feeds the watchdog.
    """

    def __init__(
        self,
        board: Board,
        hub: Hub,
        clock: Clock,
        pace: Clock,
        latest_hazard: Callable[[], Json | None],
        on_tick: Callable[[], None] = lambda: None,
    ) -> None:
        self._board, self._hub = board, hub
        self._clock, self._pace = clock, pace
        self._latest_hazard = latest_hazard
        self._on_tick = on_tick
        self._heard_ns: int | None = None
        self._hazard_fault = ""
        self.ticks = 0

    def heard(self) -> None:
        """Core said something."""
        self._heard_ns = self._pace.now().mono_ns

    def lost(self) -> None:
        """The connection to core ended."""
        self._heard_ns = None

    @property
    def core_up(self) -> bool:
        """Whether core was heard within `CORE_SILENT_S`."""
        if self._heard_ns is None:
            return False
        return self._pace.now().mono_ns - self._heard_ns < CORE_SILENT_S * NS

    def tick(self) -> Json:
        """Return the next tick, taking the changed values with it."""
        self.ticks += 1
        hazard = self._board.hazard
        return {
            "t": "tick",
            "n": self.ticks,
            "at_ns": self._clock.now().utc_ns,
            "values": self._board.changes(),
            "core": "up" if self.core_up else "down",
            "daemons": self._board.daemons,
            "hazard": hazard.get("seq") if hazard else None,
        }

    async def run(self) -> None:
        """Send ticks for ever."""
        step_ns = round(SHORTEST_S * NS / 2)
        last_ns = self._pace.now().mono_ns - round(TICK_S * NS)
        was_up: bool | None = None
        while True:
            now_ns = self._pace.now().mono_ns
            waited_s = (now_ns - last_ns) / NS
            changed = self._board.dirty or self.core_up != was_up
            if waited_s >= TICK_S or (changed and waited_s >= SHORTEST_S):
                self._hub.check_doors()
                was_up = self.core_up
                self._hub.send(self.tick())
                self._on_tick()
                last_ns = now_ns
            await self._pace.sleep_until(now_ns + step_ns)

    async def watch_hazard(self) -> None:
        """Look for a new estimate for ever; a file that cannot be read is said once."""
        while True:
            next_ns = self._pace.now().mono_ns + round(LOOK_S * NS)
            try:
                estimate: dict[str, Any] | None = await asyncio.to_thread(self._latest_hazard)
            except (SuianError, OSError) as error:
                if str(error) != self._hazard_fault:
                    self._hazard_fault = str(error)
                    _log.warning("hazard-file-unreadable", error=str(error))
            else:
                self._hazard_fault = ""
                if estimate is not None and self._board.take_hazard(estimate):
                    self._hub.send({"t": "hazard", "estimate": estimate})
            await self._pace.sleep_until(next_ns)
