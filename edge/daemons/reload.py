"""A changed site, taken up while the gateway runs: what is the same goes on undisturbed.

Everything is loaded and checked beside the running site; the change itself is one step of the
loop, between two samples. Links, detectors and horns that are the same are not disturbed, alarms
keep states and delays, satellites are told by a new hello and begin anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import structlog

from edge.alarm import AlarmEngine, engine_of
from edge.annunciate import Annunciator
from edge.cycle import Cycle
from edge.cycle.settings import Judged, SettingsInForce
from edge.daemons.field import Field, open_field, templates_of
from edge.daemons.runtime import Daemon
from edge.drivers.base import Driver
from edge.errors import CommandError, ConfigError, Fault
from edge.journal.writer import JournalWriter
from edge.poll import Poller
from edge.quality import QualityStage
from edge.site import Site, load_site

FAULTS_TOLD = 5  # of a refused site, in its event and answer; `suian site check` has them all
Renew = Callable[[Mapping[str, Any]], None]
log = structlog.get_logger(__name__)


class Reload:
    """Takes up the daemon's site files anew. `renew` says core's hello again (`ControlServer`)."""

    def __init__(
        self,
        daemon: Daemon,
        field: Field,
        cycle: Cycle,
        poller: Poller,
        annunciator: Annunciator,
        journal: JournalWriter,
        settings: SettingsInForce,
    ) -> None:
        self.field = field
        self.renew: Renew = lambda _: None
        self._daemon, self._cycle, self._poller = daemon, cycle, poller
        self._annunciator, self._journal, self._settings = annunciator, journal, settings
        self._turn = asyncio.Lock()

    async def on_signal(self) -> None:
        """Take up the files; who sent a signal reads the answer in the log and the journal."""
        try:
            log.info("site taken up", **await self.apply())
        except CommandError as error:
            log.error("site refused, the old one goes on", **error.params)

    async def apply(self) -> dict[str, Any]:
        """Take up the site as its files are now; return what changed.

        Raises `CommandError` with the first faults of files that cannot be used; the site that
        runs goes on then, as if nobody had asked.
        """
        async with self._turn:
            old = self._daemon.site
            try:
                site = await asyncio.to_thread(load_site, self._daemon.path)
                templates = await asyncio.to_thread(templates_of, site)
                judged = await asyncio.to_thread(self._settings.judge, old, site)
                _refuse(self._cannot(old, site) + self._settings.refusals(judged))
                if site.hash == old.hash:
                    return {"changed": False, "site_hash": site.hash}
                field = open_field(site, templates, self.field)
                engine = engine_of(site, self._daemon.clock), QualityStage(site, field.t_min_c)
            except ConfigError as error:
                raise self._refused(error) from None
            except Exception as error:
                log.exception("site cannot be taken up")
                problem = f"cannot be taken up: {type(error).__name__}: {error}"
                remedy = "Put it back as it was and tell us: nothing of a site may do this"
                fault = Fault("site.yaml", 0, "site", problem, remedy)
                raise self._refused(ConfigError([fault])) from error
            left = self.field.left_by(field)
            changed = self._swap(old, site, field, engine, judged)
        await _close(left)
        return changed

    def _swap(
        self,
        old: Site,
        site: Site,
        field: Field,
        engine: tuple[AlarmEngine, QualityStage],
        judged: Judged,
    ) -> dict[str, Any]:
        before, self.field, self._daemon.site = self.field, field, site
        self._cycle.apply(site, *engine)
        horns = self._annunciator.apply(site, field.drivers)
        self._poller.apply(site, field.drivers)
        self._journal.apply(site.file.journal)
        links = [name for name, d in field.drivers.items() if before.drivers.get(name) is not d]
        changed: dict[str, Any] = {
            "changed": True,
            "site_hash": site.hash,
            "links": ", ".join(links),
            "annunciators": ", ".join(horns),
            "tags": len(site.tags),
            "added": len(site.tags.keys() - old.tags.keys()),
            "removed": len(old.tags.keys() - site.tags.keys()),
        }
        self._cycle.say("site.applied", site.file.id, changed)
        self._settings.take(judged)
        self.renew(self._daemon.hello())
        return changed

    def _refused(self, error: ConfigError) -> CommandError:
        told = "\n".join(str(fault) for fault in error.faults[:FAULTS_TOLD])
        params: dict[str, str | int | float] = {"count": len(error.faults), "faults": told}
        self._cycle.say("site.refused", self._daemon.site.file.id, params)
        return CommandError("site.refused", params)

    def _cannot(self, old: Site, site: Site) -> list[Fault]:
        """Return what of a sound site cannot be taken up by a gateway that runs."""
        faults = [
            Fault("site.yaml", 0, what, f"{what} was {was}, and is {now} now", "Restart suian-core")
            for what, was, now in (
                ("id", old.file.id, site.file.id),
                ("gateway", old.file.gateway.id, site.file.gateway.id),
                ("world", str(old.world), str(site.world)),
            )
            if was != now
        ]
        kept, driven = set(_driven(site).values()), _driven(old)
        on = [
            (str(row["annunciator"]), str(row["output"]))
            for row in self._annunciator.outputs()
            if row["on"]
        ]
        for name in sorted({output[0] for output in on if driven[output] not in kept}):
            problem = "is sounding: nobody could switch it off once it is taken out"
            remedy = "Acknowledge its alarms and silence it first"
            faults.append(Fault("site.yaml", 0, name, problem, remedy))
        return faults


async def _close(drivers: Iterable[Driver]) -> None:
    """Close what is not used any more; one that cannot be closed is nobody else's trouble."""
    for driver in drivers:
        try:
            await driver.close()
        except Exception:
            log.exception("driver not closed")


def _driven(site: Site) -> dict[tuple[str, str], tuple[str, str, str]]:
    """Return what each output, by (annunciator, output), drives: through whom, device and point."""
    return {
        (spec.id, output.id): (spec.id, spec.device, output.point)
        for spec in site.file.annunciators
        for output in spec.outputs
    }


def _refuse(faults: list[Fault]) -> None:
    if faults:
        raise ConfigError(faults)
