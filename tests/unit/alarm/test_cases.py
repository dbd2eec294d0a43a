"""Scenarios as data: `tests/cases/alarm/<slug>/case.yaml`, a series and what it must lead to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from edge.tag import Reason
from edge.units import Unit
from tests.unit.alarm.helpers import TAG, Bench, limit, tag

CASES = sorted((Path(__file__).parents[2] / "cases/alarm").glob("*/case.yaml"))
TICK_S = 0.1
LONG_S = 30.0  # a wait longer than this is jumped over: no ticks in it
_FIRST = {"kind", "limit"}


def build(case: dict[str, Any]) -> Bench:
    facts = dict(case["tag"])
    facts["unit"] = Unit(facts["unit"])
    limits = [
        limit(
            spec["kind"], spec.get("limit"), **{k: spec[k] for k in spec.keys() - {"kind", "limit"}}
        )
        for spec in case["limits"]
    ]
    return Bench(*limits, tags=[tag(**facts)])


def act(bench: Bench, step: list[Any]) -> None:
    verb, *rest = step[1:]
    if verb == "bad":
        bench.feed(None, Reason(rest[0]))
    elif verb == "ack":
        bench.ack(f"{TAG}/{rest[0]}")
    elif verb == "reset":
        bench.reset(f"{TAG}/{rest[0]}")
    elif verb == "restart":
        bench.restart()
    elif verb == "utc":
        bench.clock.step_utc(rest[0])
    else:
        bench.feed(float(verb), Reason(rest[0]) if rest else Reason.OK)


def run(case: dict[str, Any]) -> list[list[Any]]:
    """Return [at_s, kind, event, state, priority] for every transition, ticking every 0.1 s."""
    bench = build(case)
    bench.tick()
    found: list[list[Any]] = []
    at = 0.0

    def note() -> None:
        while len(found) < len(bench.seen):
            event = bench.seen[len(found)].event
            view = bench.engine.view(event.subject)
            assert view is not None
            found.append([round(at, 1), view.kind, event.kind, view.state, view.priority])

    for step in case["steps"]:
        while at + TICK_S / 2 < step[0]:
            move = step[0] - at if step[0] - at > LONG_S else TICK_S
            bench.wait(move)
            at += move
            if move == TICK_S:
                bench.tick()
            note()
        act(bench, step)
        note()
    return found


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.parent.name)
def test_case(path: Path) -> None:
    """The series leads to exactly the expected transitions, in order, and to no other."""
    case = YAML(typ="safe").load(path)
    found = run(case)
    expected = case["expect"]
    shown = [row[: len(wanted)] for row, wanted in zip(found, expected, strict=False)] + found[
        len(expected) :
    ]
    assert shown == expected, case["what"]
