"""`conditions:` of site.yaml: alarms on more than one reading, or on how a reading moves."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from edge.site.parts import Model, Name, Priority, Title

Seconds = Annotated[float, Field(ge=0, le=3600)]
Window = Annotated[float, Field(ge=5, le=3600)]
More = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Band = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Finite = Annotated[float, Field(allow_inf_nan=False)]


class StateTest(Model):
    """An on-off tag is on (`when: true`) or off."""

    tag: str
    when: bool = True


class RateTest(Model):
    """A tag rises, or falls, by so much a minute or faster. Units: `unit`, else the tag's own."""

    tag: str
    rise_per_min: More | None = None
    fall_per_min: More | None = None
    unit: str = ""
    window_s: Window = 60.0  # over which the rate is reckoned
    deadband: Band = 0.0  # per minute


class DeviationTest(Model):
    """Two tags differ by `limit` or more [`unit`, else the first one's]."""

    tags: tuple[str, ...]
    limit: More
    unit: str = ""
    deadband: Band = 0.0


class VoteTest(Model):
    """So many channels at once are beyond their limits.

    A channel is a condition of a tag (AT-101/hh), or a tag alone, which then votes from `limit`
    [`unit`, else its own] upwards. `bad` is what a channel counts for that is lost.
    """

    votes: Annotated[int, Field(ge=1)]
    channels: tuple[str, ...]
    limit: Finite | None = None
    unit: str = ""
    deadband: Band = 0.0
    bad: Literal["vote", "degrade", "ignore"] = "degrade"


class OverfillTest(Model):
    """A vessel that fills is full sooner than people can act (API 2350).

    `full` is the level [the tag's unit] at which it spills or is damaged. How much a level holds
    is said once: by `area_m2` (upright walls, a level in metres or millimetres), `m3_per_unit`
    (m3 for each unit of the level) or `table` of levels and volumes [m3].
    """

    tag: str
    full: Finite
    response_s: Annotated[float, Field(gt=0, le=14_400)]  # what people need to stop the flow
    area_m2: More | None = None
    m3_per_unit: More | None = None
    table: tuple[tuple[Finite, Finite], ...] = ()
    filling_m3_h: More = 1.0  # slower than this it does not fill
    window_s: Window = 120.0
    deadband_s: Band | None = None  # None: a tenth of response_s


class ConditionRow(Model):
    """One condition that no column of a tag list can say; exactly one of its tests is given."""

    id: Name
    title: Title
    state: StateTest | None = None
    rate: RateTest | None = None
    deviation: DeviationTest | None = None
    vote: VoteTest | None = None
    overfill: OverfillTest | None = None
    expression: str | None = None  # in the grammar of expressions, true where the alarm is
    priority: Priority | None = None  # None: by its guidance
    guidance: str = ""  # id of what people are told to do
    level: Literal[0, 1, 2] = 0  # the detector level that it is to sound as; 0: none
    area: str = ""  # "": that of its first tag
    on_delay_s: Seconds = 0.0
    off_delay_s: Seconds = 0.0
    latch: bool = False
    source: str = ""  # where the set-point is from
