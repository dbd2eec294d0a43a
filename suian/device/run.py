"""From the words of a command line to a probe, a scan or a sniff that runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import structlog

from edge.drivers.template import ModbusTemplate
from edge.errors import ConfigError, Fault
from suian.device import figures as counting
from suian.device import probe as probing
from suian.device import scan as scanning
from suian.device import sniff as sniffing
from suian.device.figures import core_runs
from suian.device.quiet import LISTEN_S
from suian.device.shelf import find_modbus
from suian.device.target import Target, as_it_likes, link_of, of_site, settings_in, target

T = TypeVar("T")


@dataclass(frozen=True)
class Job:
    """Whom to ask and through what, as the command line says it."""

    where: str
    site: Path | None = None
    template: str = ""
    templates: Path | None = None
    unit: int | None = None
    settings: tuple[str, ...] = ()
    listen_s: float = LISTEN_S

    def aim(self) -> tuple[Target, ModbusTemplate | None]:
        """Return the target and its template, None where none is named. Raises `ConfigError`."""
        if self.site is not None:
            found = of_site(self.site, self.where, self.unit)
            name, folder = self.template or found.device.template, self.templates or found.templates
            template = find_modbus(name, folder)
            return replace(found, link=as_it_likes(found.link, template)), template
        template = find_modbus(self.template, self.templates) if self.template else None
        return target(self.where, None, self.unit, template), template


def probe(job: Job, channels: int, *, watch: bool) -> bool:
    """Probe; return whether the device answered. Raises `SuianError`."""
    found, template = job.aim()
    if template is None:
        remedy = "Name one with --template, or look without: --raw holding:0:10, --scan VALUE"
        raise ConfigError([Fault("probe", 0, job.where, "needs a template", remedy)])
    options = probing.ProbeOptions(
        settings=settings_in(job.settings),
        channels=max(1, channels),
        watch=watch,
        listen_s=max(LISTEN_S, job.listen_s),
    )
    return _run(probing.probe(found, template, options, _say), otherwise=True)


def raw(job: Job, dump: str) -> bool:
    """Dump registers; return whether any came. Raises `SuianError`."""
    found, _ = job.aim()
    wanted = scanning.dump_of(dump)
    listen_s = max(LISTEN_S, job.listen_s)
    return _run(scanning.raw(found, wanted, listen_s, _say), otherwise=True)


def scan(job: Job, value: str, tolerance: float | None, around: str, span: int) -> bool:
    """Look for a value; return whether it was found. Raises `SuianError`."""
    found, _ = job.aim()
    options = scanning.ScanOptions(
        value, tolerance, around, span, listen_s=max(LISTEN_S, job.listen_s)
    )
    return bool(_run(scanning.scan(found, options, _say), otherwise=[]))


def sniff(job: Job, seconds: float) -> None:
    """Listen to a line. Raises `SuianError`."""
    if job.site is not None:
        found, template = job.aim()
        link = found.link
    else:
        link = link_of(job.where)
        template = find_modbus(job.template, job.templates) if job.template else None
    settings = settings_in(job.settings)
    _run(sniffing.sniff(link, seconds, template, settings, job.unit, _say), otherwise=None)


def statistics(folder: Path) -> dict[str, dict[str, Any]]:
    """Return core's figures of each device; its socket is in `folder`. Raises `SuianError`."""
    return _run(counting.statistics(folder), otherwise={})


def _run(work: Coroutine[Any, Any, T], *, otherwise: T) -> T:
    """Run `work`, without the daemons' log lines between ours; Ctrl-C ends it with `otherwise`."""
    if core_runs():
        _say(
            "note: suian-core runs on this machine. A serial port that it reads is refused to us, "
            "and an instrument that takes one connection only has none left for one of the two."
        )
    with _hushed():
        try:
            return asyncio.run(work)
        except KeyboardInterrupt:
            return otherwise


@contextmanager
def _hushed() -> Iterator[None]:
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        yield
    finally:
        structlog.configure(**before)


def _say(line: str) -> None:
    print(line, flush=True)  # a line as it comes, into a pipe too
