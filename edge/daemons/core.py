"""suian-core: `python -m edge.daemons.core --site PATH --state DIR --run DIR`.

Poll, alarm, annunciate, journal, control socket; it waits for no disk, broker or satellite.
"""

from __future__ import annotations

import asyncio
import sys

from edge.alarm import engine_of
from edge.annunciate import Annunciator
from edge.clock import SystemClock
from edge.control import ControlServer
from edge.cycle import ControlHandlers, Cycle, Recorded
from edge.cycle.settings import SettingsInForce
from edge.daemons.field import open_field, templates_of
from edge.daemons.lock import only_one
from edge.daemons.reload import Reload
from edge.daemons.runtime import Daemon, boot_id, on_hangup, run_daemon, settle_memory, version
from edge.drivers import statistics_of
from edge.journal.writer import JournalWriter
from edge.poll import Poller
from edge.quality import QualityStage

WATCH_S = 0.5
SWITCH_S = 0.0005  # the journal's thread gives way to a horn within this, not in Python's own 5 ms


async def core(daemon: Daemon) -> None:
    """Be the gateway until told to stop. Raises `ConfigError` at the start."""
    site, clock, boot, name = daemon.site, daemon.clock, boot_id(), daemon.site.file.gateway.id
    sys.setswitchinterval(SWITCH_S)
    field, engine = open_field(site, templates_of(site)), engine_of(site, clock)
    # The lambda: the cycle is made after the annunciator that tells it.
    annunciator = Annunciator(site, field.drivers, clock, lambda e: cycle.note(e), SystemClock())  # noqa: PLW0108
    path = daemon.state / "journal.db"
    journal = JournalWriter(path, name, boot, site.world, site.file.journal, clock)
    cycle = Cycle(site, engine, annunciator, journal, clock, QualityStage(site, field.t_min_c))
    poller = Poller(site, field.drivers, clock, cycle)
    settings = SettingsInForce(cycle)
    reload = Reload(daemon, field, cycle, poller, annunciator, journal, settings)
    for figures in (poller.figures, cycle.figures, journal.figures):
        for key in figures():
            daemon.metrics.ask(key, lambda figures=figures, key=key: figures()[key])
    daemon.metrics.devices = lambda: statistics_of(reload.field.drivers)
    with only_one(daemon.name, daemon.state):
        journal.begin()
        try:
            cycle.restore(settings.restore(journal.states(), known=bool(journal.epoch)))
            facts = {"epoch": journal.epoch, "boot": boot}
            cycle.say("gateway.started", name, {**facts, "version": version(), "site": site.hash})
            settings.begin()
            told = daemon.metrics.text, daemon.metrics.devices
            acts = ControlHandlers(cycle, *told, reload.apply)
            handlers = Recorded(acts, journal, clock)
            hello = daemon.hello() | facts
            async with (
                ControlServer(daemon.core_socket, hello, handlers, clock) as server,
                asyncio.TaskGroup() as tasks,
            ):
                cycle.push = server
                reload.renew = lambda hello: server.renew({**hello, **facts})
                on_hangup(lambda: tasks.create_task(reload.on_signal()))
                for work in (annunciator.run(), cycle.run(), poller.run()):
                    tasks.create_task(work)
                tasks.create_task(watch(daemon, poller, cycle, journal))
                await poller.first_cycle()
                settle_memory()
                daemon.ready(f"{len(site.tags)} tags")
        finally:
            cycle.say("gateway.stopped", name, {"epoch": journal.epoch})
            journal.close()
            for driver in reload.field.drivers.values():
                await driver.close()


async def watch(daemon: Daemon, poller: Poller, cycle: Cycle, journal: JournalWriter) -> None:
    """Feed the watchdog while the data path moves; say it when the journal does not.

    A disk that refuses is said and no more: a restart would not mend it, and would stop the horns.
    """
    pace, failing = SystemClock(), False
    while True:
        now = daemon.clock.now()
        if journal.alive and not poller.stuck(now.mono_ns):
            daemon.alive()
        if failing == journal.healthy(now):
            failing = not failing
            cycle.say(f"journal.{'failing' if failing else 'healthy'}", "journal", {})
        await pace.sleep_until(pace.now().plus(WATCH_S).mono_ns)


if __name__ == "__main__":
    sys.exit(run_daemon("core", core))
