"""The story as it is played: which events are due at a tick."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from edge.drivers.base import Reading
from edge.expr import Expression, Input, compile_expression
from edge.tag import Quality
from edge.units import Unit
from simulator.scenario.model import Event, Scenario


@dataclass(slots=True)
class _Waiting:
    """One event that has not happened yet. Times are seconds since the story's start."""

    event: Event
    condition: Expression | None
    held_since_s: float | None = None  # since when its condition has been true
    due_s: float | None = None  # when it happens, once it is triggered


class Story:
    """Plays a scenario's events, each once, in the order of the file where several are due."""

    def __init__(self, scenario: Scenario, units: Mapping[str, Unit]) -> None:
        """Compile the triggers over tags of `units`. Raises `ExpressionError`."""
        self._waiting = [_Waiting(event, _condition(event, units)) for event in scenario.events]

    def due(self, t_s: float, readings: Mapping[str, Reading]) -> list[Event]:
        """Return the events that happen now; `readings` are what the field shows."""
        if not self._waiting:
            return []
        values = {name: _input(reading) for name, reading in readings.items()}
        found: list[Event] = []
        for waiting in list(self._waiting):
            if self._happens(waiting, t_s, values):
                self._waiting.remove(waiting)
                found.append(waiting.event)
        return found

    @property
    def left(self) -> int:
        """How many events have not happened yet."""
        return len(self._waiting)

    def _happens(self, waiting: _Waiting, t_s: float, values: Mapping[str, Input]) -> bool:
        start = waiting.event.start
        if waiting.due_s is None:
            if start.at_s is not None:
                waiting.due_s = start.at_s + start.delay_s
            elif self._held(waiting, t_s, values):
                waiting.due_s = t_s + start.delay_s
        return waiting.due_s is not None and t_s >= waiting.due_s

    def _held(self, waiting: _Waiting, t_s: float, values: Mapping[str, Input]) -> bool:
        """Whether the condition has been true long enough; unknown is not true."""
        assert waiting.condition is not None
        if waiting.condition.evaluate(values, t_s) is not True:
            waiting.held_since_s = None
            return False
        if waiting.held_since_s is None:
            waiting.held_since_s = t_s
        return t_s - waiting.held_since_s >= waiting.event.start.for_s


def _condition(event: Event, units: Mapping[str, Unit]) -> Expression | None:
    return None if event.start.when is None else compile_expression(event.start.when, units)


def _input(reading: Reading) -> Input:
    return Input(reading.value, 0.0, reading.quality is Quality.BAD)
