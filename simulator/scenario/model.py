"""A scenario as it is written: weather, plant, a story of events, what is scored.

The story's semantics are those of OpenSCENARIO's storyboard, as far as a drill needs them: an event
waits for its start trigger (a time, or a condition over tags that has held long enough), then its
actions happen once, at a tick of the plant.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from edge.site.model import Model, Name, Title
from simulator.plant.actions import Action
from simulator.plant.settings import NotNegative, PlantSettings, Weather


class Start(Model):
    """When an event happens: at `at_s` since the start, or `when` a condition has held `for_s`.

    `delay_s` is waited after the trigger. `when` is an expression of `edge.expr` over the values
    that the field shows, as `AT-101 > 0.6 ppm`.
    """

    at_s: NotNegative | None = None
    when: str | None = None
    for_s: NotNegative = 0.0
    delay_s: NotNegative = 0.0

    @model_validator(mode="after")
    def _one_trigger(self) -> Self:
        if (self.at_s is None) == (self.when is None):
            raise ValueError("give either at_s or when")
        return self


class Event(Model):
    """Something that happens in the story."""

    id: Name
    title: Title
    start: Start
    actions: tuple[Action, ...] = ()


class Step(Model):
    """Points for doing it within `within_s` seconds."""

    within_s: Annotated[float, Field(gt=0)]
    points: Annotated[int, Field(ge=0)]


class ScoreItem(Model):
    """One scored thing. The best of `steps` that was reached counts; none reached is 0 points.

    `acknowledge`: from the start of the leak that `event` makes to the operator's acknowledgement
    of the first alarm of detector level `level` that was raised after it.
    """

    id: Name
    title: Title
    measure: Literal["acknowledge"]
    event: Name
    level: Literal[1, 2] = 2
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]

    @property
    def full(self) -> int:
        """The most points there are for it."""
        return max(step.points for step in self.steps)


class Scenario(Model):
    """A drill's scenario file."""

    suian: Literal[1]
    id: Name
    title: Title
    site: Name  # the id of the site that it plays in
    seed: Annotated[int, Field(ge=0)] = 1
    weather: Weather = Weather()
    plant: PlantSettings = PlantSettings()
    events: tuple[Event, ...] = ()
    score: tuple[ScoreItem, ...] = ()
