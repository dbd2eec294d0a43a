"""The model check, run long: the machine of tests/unit/alarm, with its steps counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from edge.alarm import alarm as alarm_module
from edge.alarm.states import TABLE, Refusal, State, Step, Trigger
from tests.unit.alarm.test_machine import EngineAgainstModel

STEPS = 100_000
EXAMPLES, LENGTH = 250, 100  # of one run: hypothesis begins each with other choices
SETTINGS = settings(
    max_examples=EXAMPLES,
    stateful_step_count=LENGTH,
    deadline=None,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large),
    report_multiple_bugs=False,
)


class Taken(dict[tuple[State, Trigger], Step | Refusal]):
    """The table, counting which of its steps the engine asks for."""

    asked: ClassVar[Counter[tuple[State, Trigger]]] = Counter()

    def __getitem__(self, key: tuple[State, Trigger]) -> Step | Refusal:
        self.asked[key] += 1
        return super().__getitem__(key)


@dataclass(slots=True)
class Checked:
    """What a long run came to; `first` is the first divergence in words."""

    steps: int = 0
    divergences: int = 0
    visited: int = 0
    cells: int = len(TABLE)
    first: str = ""


def check(steps: int = STEPS) -> Checked:
    """Run the machine until it has taken `steps` steps."""
    found = Checked()

    class Counted(EngineAgainstModel):
        @invariant()
        def count(self) -> None:
            found.steps += hasattr(self, "bench")

    before, alarm_module.TABLE = alarm_module.TABLE, Taken(TABLE)
    try:
        while found.steps < steps:
            try:
                run_state_machine_as_test(Counted, settings=SETTINGS)
            except Exception as error:  # noqa: BLE001  # a divergence, of whatever kind
                found.divergences += 1
                found.first = found.first or f"{type(error).__name__}: {error}"[:300]
    finally:
        alarm_module.TABLE = before
    found.visited = len(Taken.asked.keys() & TABLE.keys())
    return found
