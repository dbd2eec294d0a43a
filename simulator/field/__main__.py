"""`python -m simulator.field`: serve a site's field from the plant, or from a recorded trial.

Prints the truth as JSON lines on standard output and its log as JSON on standard error. Ends
cleanly on SIGTERM and SIGINT; with code 2 and the reason when it cannot start.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
import structlog

from edge.clock import Clock, ScaledClock, open_clock
from edge.errors import ConfigError, Fault, SuianError
from edge.site import load_site
from edge.site.model import Site
from edge.tag import World
from simulator.field.process import Field
from simulator.field.record import read_record
from simulator.field.sources import PlantSource, ReplaySource, Source
from simulator.scenario import load_scenario


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until told to stop; return the exit code."""
    _log_to_stderr()
    options = _parser().parse_args(arguments)
    try:
        asyncio.run(_serve(options))
    except SuianError as error:
        sys.stderr.write(f"field of {options.site}: {error}\n")
        return 2
    except OSError as error:
        sys.stderr.write(f"cannot serve: {error}\n")
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m simulator.field", description=__doc__)
    parser.add_argument("--site", type=Path, required=True, help="site.yaml or its folder")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--scenario", type=Path, metavar="FILE", help="play a scenario")
    what.add_argument("--replay", type=Path, metavar="DIR", help="replay a recorded trial")
    parser.add_argument(
        "--from", dest="start", default="", metavar="TIME", help="UTC or leak:N; of a replay"
    )
    parser.add_argument("--clock", default="system", metavar="SPEC", help="system or scaled:…")
    parser.add_argument("--seed", type=int, help="instead of the scenario's own")
    parser.add_argument("--feed", type=Path, metavar="SOCKET", help="serve seats on a Unix socket")
    return parser


async def _serve(options: argparse.Namespace) -> None:
    site = load_site(options.site)
    if site.world is World.LIVE:
        # Its gateway would take what is simulated for real, and people would be told so.
        remedy = "Give a site whose world is drill, test or replay"
        raise ConfigError(
            [Fault("site.yaml", 0, "world", "a live site is never simulated", remedy)]
        )
    clock = open_clock(options.clock, site.world.value)
    source = _source(options, site, clock)
    field = Field(site, source, clock, _tell, options.feed)
    await field.start()
    loop = asyncio.get_running_loop()
    running = asyncio.ensure_future(field.run())
    for sig in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sig, running.cancel)
    try:
        await running
    except asyncio.CancelledError:
        pass  # that is how it is told to stop
    finally:
        await field.stop()


def _source(options: argparse.Namespace, site: Site, clock: Clock) -> Source:
    """Return what was asked for. Raises `ConfigError`."""
    if options.replay is None:
        if options.start:
            raise _wrong("--from", options.start, "only a replay has a past", "Give --replay DIR")
        return PlantSource(site, load_scenario(options.scenario, site), options.seed)
    record = read_record(options.replay)
    if isinstance(clock, ScaledClock):
        if options.start:
            problem = "the scaled clock says already when it is"
            raise _wrong("--from", options.start, problem, "Leave --from out")
        return ReplaySource(site, record)
    return ReplaySource(site, record, record.start_ns(options.start) - clock.now().utc_ns)


def _wrong(option: str, value: str, problem: str, remedy: str) -> ConfigError:
    return ConfigError([Fault(option, 0, value, problem, remedy)])


def _tell(line: Mapping[str, Any]) -> None:
    """Print one line of the truth at once: somebody is waiting for it."""
    sys.stdout.write(orjson.dumps(line).decode() + "\n")
    sys.stdout.flush()


def _log_to_stderr() -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


if __name__ == "__main__":
    sys.exit(main())
