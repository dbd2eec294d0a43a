"""What a run leaves behind: figures as JSON, and a drill's score."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from pathlib import Path
from typing import Any

import orjson

from edge.clock import NS
from edge.errors import JournalError, SuianError
from edge.journal import JournalReader
from edge.tag import Quality
from suian.demo.options import DemoOptions, check, scenario_file, site_of
from suian.demo.run import DAEMONS, Run
from suian.demo.workspace import workspace


def run_demo(options: DemoOptions) -> None:
    """Run the demo; with `--json` end with one object on stdout.

    Raises `ConfigError`, and `SuianError` if the field or core ended before it was told to.
    """
    check(options)
    with workspace(site_of(options), options.broker, options.keep) as place:
        run = Run(options, place)
        asyncio.run(run.run())
        if options.as_json:
            sys.stdout.write(orjson.dumps(figures(run, place.state)).decode() + "\n")
        _whole(run)


def run_drill(options: DemoOptions) -> None:
    """Drill a scenario and print its score. Raises as `run_demo` does."""
    from training import score  # noqa: PLC0415 - the demo alone does without it

    check(options)
    with workspace(site_of(options), options.broker, options.keep) as place:
        run = Run(options, place)
        asyncio.run(run.run())
        report = score(place.state / "journal.db", run.truth, scenario_file(options))
        run.tell_score(report)
        _whole(run)


def _whole(run: Run) -> None:
    """Raise `SuianError` if the story ended before its time."""
    if run.broken:
        raise SuianError(f"the demo ended early: {run.broken}")


def figures(run: Run, state: Path) -> dict[str, Any]:
    """Return the run's figures: the chain's seconds, rows, messages and memory."""
    rows: dict[str, int | None] = {"events": None, "samples": None}
    with contextlib.suppress(JournalError):
        rows = dict(JournalReader(state / "journal.db").counts())
    memory = {name: run.memory.get(name, (None, None)) for name in DAEMONS}
    pss = [both[1] for both in memory.values()]
    return {
        "demo": "replay" if run.options.replay else run.options.scenario,
        **run.chain.figures(),
        "core_first_sample_s": _core_first_sample_s(run, state),
        "missing": run.chain.missing(),
        "rows_events": rows["events"],
        "rows_samples": rows["samples"],
        "messages_delivered": run.chain.messages,
        **{f"rss_{name}_mb": _rounded(both[0]) for name, both in memory.items()},
        "pss_gateway_mb": None if None in pss else _rounded(sum(p for p in pss if p is not None)),
    }


def _core_first_sample_s(run: Run, state: Path) -> float | None:
    """Return seconds from core's exec to its first Good sample, None in a replay's scaled time."""
    started_ns = run.chain.core_started_ns
    if run.options.replay is not None or started_ns is None:
        return None
    with contextlib.suppress(JournalError):
        for row in JournalReader(state / "journal.db").samples(0, 1000):
            if row.quality is Quality.GOOD:
                return round((row.mono_ns - started_ns) / NS, 3)
    return None


def _rounded(value: float | None) -> float | None:
    """Return megabytes to a tenth."""
    return None if value is None else round(value, 1)
