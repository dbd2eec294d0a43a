"""suian-hazard: `python -m edge.daemons.hazard --site PATH --state DIR --run DIR`.

Reads live values from core's control socket, writes hazard.db, publishes the derived tags.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from edge.control import ControlClient
from edge.daemons.runtime import Daemon, run_daemon
from edge.dispersion.passive.plume import briggs
from edge.dispersion.passive.plume.briggs import Kernels
from edge.hazard.scene import build_scene
from edge.hazard.service import HazardService
from edge.journal.hazard_file import HazardWriter


def load_kernels(cache: Path) -> Kernels:
    """Return the compiled plume, warm. `cache` keeps what is compiled if nobody says otherwise.

    numba's cache must have a writable place before its decorators run: beside the sources of an
    installed package it has none.
    """
    if not os.access(Path(briggs.__file__).parent, os.W_OK):
        os.environ.setdefault("NUMBA_CACHE_DIR", str(cache))
    from edge.dispersion.passive.plume import briggs_jit  # noqa: PLC0415 - numba takes a second: not at start

    briggs_jit.warm()
    return briggs_jit


async def root(daemon: Daemon) -> None:
    """Run the hazard service until told to stop."""
    scene = build_scene(daemon.site)
    keeper = HazardWriter(daemon.state / "hazard.db")
    try:
        async with ControlClient(daemon.core_socket, daemon.name, world=daemon.site.world) as link:
            service = HazardService(
                scene,
                link,
                keeper,
                daemon.metrics,
                daemon.clock,
                lambda: load_kernels(daemon.state / "numba"),
                on_cycle=daemon.alive,
                follow=daemon.follow,
            )
            daemon.ready()
            await service.run()
    finally:
        keeper.close()


def main() -> int:
    """Run the daemon; return its exit code."""
    return run_daemon("hazard", root)


if __name__ == "__main__":
    sys.exit(main())
