"""What `suian site apply` does: ask core to take up the files that have been checked here."""

from __future__ import annotations

import asyncio
import getpass
from pathlib import Path
from typing import Any

from edge.control import ControlClient
from edge.errors import CommandError, SuianError

PATIENCE_S = 60.0  # ten thousand tags load in seconds, on a Pi in some more


def apply_site(run: Path) -> str:
    """Return what core says of having taken up its site. Raises `SuianError` in plain words."""
    answer = asyncio.run(_ask(run))
    if not answer["changed"]:
        return "core reads this site already"
    anew = f"connected anew: {answer['links']}" if answer["links"] else "no link connected anew"
    counts = f"{answer['tags']} tags, {answer['added']} added, {answer['removed']} removed"
    return f"taken up: {counts}; {anew}"


async def _ask(run: Path) -> dict[str, Any]:
    async with ControlClient(run / "core.sock", "suian-site-apply") as client:
        who: dict[str, Any] = {
            "actor": getpass.getuser(),
            "role": "engineer",
            "place": "command line",
        }
        try:
            return await client.command("apply_site", **who, timeout_s=PATIENCE_S)
        except CommandError as error:
            raise _in_words(error, run) from None


def _in_words(error: CommandError, run: Path) -> SuianError:
    """Return `error` as an engineer is to read it."""
    if error.message_id == "control.down":
        return SuianError(f"core is not there: nobody answers at {run / 'core.sock'}")
    if error.message_id == "site.refused":
        return SuianError(f"not taken up, the old site goes on:\n{error.params.get('faults')}")
    return error
