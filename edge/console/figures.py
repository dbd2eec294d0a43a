"""`/metrics` for the whole gateway: each daemon is asked on its own socket.

One that does not answer is said to be down.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import cast

from edge.control import ControlClient, Json
from edge.errors import CommandError, ConfigError, WireError

ASKED = ("core", "hazard", "relay")
PATIENCE_S = 2.0


class Figures:
    """Gathers the Prometheus text of every daemon. `own` gives the console's."""

    def __init__(self, run: Path, own: Callable[[], str]) -> None:
        self._run = run
        self._own = own

    async def gather(self) -> str:
        """Return all daemons' figures, and for each whether it answered."""
        answers = await asyncio.gather(*(self._ask(name) for name in ASKED))
        ups = [
            f'suian_up{{daemon="{name}"}} {int(bool(answer))}'
            for name, answer in zip(ASKED, answers, strict=True)
        ]
        return "".join([*answers, self._own(), "# TYPE suian_up gauge\n", "\n".join(ups), "\n"])

    async def _ask(self, name: str) -> str:
        """Return one daemon's figures; empty where it does not answer."""
        path = self._run / f"{name}.sock"
        try:
            async with ControlClient(path, "console-metrics") as client:
                result = await client.command("metrics", actor="console", timeout_s=PATIENCE_S)
        except (CommandError, ConfigError, WireError):
            return ""
        text = cast("Json", result).get("text") if isinstance(result, dict) else result
        return text if isinstance(text, str) else ""
