"""`suian device statistics`: how each device answers the running gateway."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from edge.control import ControlClient
from edge.errors import CommandError, SuianError
from suian.device.table import columns

RUN = Path("/run/suian")
COLUMNS = {
    "link": "link", "connected": "connected", "silent": "silent", "requests": "requests",
    "answers": "answers", "timeouts": "timeouts", "bad_frames": "bad", "strays": "strays",
    "retries": "retries", "silences": "silences", "reconnects": "reconnects",
    "latency_mean_ms": "mean ms", "latency_p95_ms": "p95 ms", "latency_max_ms": "max ms",
}  # fmt: skip


class CoreAwayError(SuianError):
    """Core could not be asked; says where it was looked for and what to do."""


def core_runs(run: Path | None = None) -> bool:
    """Whether a core answers at its socket on this machine."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str((run or RUN) / "core.sock"))
        except OSError:  # nobody is there, or it is not ours to ask
            return False
    return True


async def statistics(run: Path) -> dict[str, dict[str, Any]]:
    """Return core's figures of each device. Raises `CoreAwayError` if core is not there."""
    path = run / "core.sock"
    try:
        async with ControlClient(path, "device") as client:
            found = await client.command("statistics")
    except CommandError as error:
        if error.message_id not in {"control.down", "control.timeout"}:
            raise
        raise CoreAwayError(
            f"{path}: core does not answer there. Start suian-core, or name the folder of its "
            "socket with --run DIR"
        ) from None
    return dict(found.get("devices", {}))


def figure_lines(devices: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Yield a table of the devices, and below it what is to be said of one of them."""
    if not devices:
        yield "core counts nothing: the site has no Modbus device"
        return
    rows = [
        (name, *(_shown(figures.get(key)) for key in COLUMNS))
        for name, figures in sorted(devices.items())
    ]
    yield from columns(("device", *COLUMNS.values()), rows)
    for name, figures in sorted(devices.items()):
        refused = figures.get("exceptions") or {}
        if refused:
            told = ", ".join(f"code {code}: {count}" for code, count in refused.items())
            yield f"{name}: exceptions {told}"
        if figures.get("last_error"):
            yield f"{name}: last error: {figures['last_error']}"


def _shown(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.1f}" if isinstance(value, float) else str(value)
