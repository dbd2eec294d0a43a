"""The scenario file of `suian plume`: its models. Keys carry their units; docs/plume.md explains.

A release is told by exactly one of `rate`, `puff`, `hole`, `spill`, `rupture` or `reactive`;
`indoors` puts it into a room.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
AtLeastZero = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]
Degrees = Annotated[float, Field(ge=0, le=360)]
Celsius = Annotated[float, Field(ge=-60, le=800)]
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]


class Part(BaseModel):
    """A part of a scenario file; an unknown key is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Origin(Part):
    """Where the site metres' (0, 0) is on earth (CGCS2000), and how high."""

    lat_deg: Annotated[float, Field(ge=-90, le=90)]
    lon_deg: Annotated[float, Field(ge=-180, le=180)]
    altitude_m: Annotated[float, Field(ge=-500, le=6000)] = 0.0


class Wind(Part):
    """What an anemometer shows [m/s, deg]; `sigma_theta_deg` is its direction's spread."""

    speed_m_s: AtLeastZero
    from_deg: Degrees
    height_m: Positive = 10.0
    sigma_theta_deg: Annotated[float, Field(ge=0, le=180)] | None = None


class Change(Part):
    """The wind from `at_s` on [s since the release began]; what is not said stays as it was."""

    at_s: Positive
    speed_m_s: AtLeastZero | None = None
    from_deg: Degrees | None = None


class WeatherPart(Part):
    """What is known of the weather; an unknown cloud cover takes the careful side."""

    wind: Wind
    temperature_c: Annotated[float, Field(ge=-60, le=60)]
    humidity_pct: Annotated[float, Field(ge=0, le=100)] = 50.0
    pressure_kpa: Annotated[float, Field(ge=50, le=110)] | None = None
    cloud_eighths: Annotated[float, Field(ge=0, le=8)] | None = None
    snow: bool = False
    stability: Literal["A", "B", "C", "D", "E", "F"] | None = None
    roughness_m: Annotated[float, Field(gt=0, le=3)] = 0.1
    urban: bool = False
    mixing_height_m: Positive | None = None
    changes: tuple[Change, ...] = ()


class At(Part):
    """A place in site metres: east, north, above ground."""

    x_m: Number = 0.0
    y_m: Number = 0.0
    height_m: AtLeastZero = 0.0


class Rate(Part):
    """A stated rate of gas (and droplets) into the air; without a duration it goes on."""

    kg_s: Positive
    duration_min: Positive | None = None
    temperature_c: Celsius | None = None
    diameter_m: Positive = 1.0
    liquid_fraction: Share = 0.0
    velocity_m_s: AtLeastZero = 0.0
    direction: Literal["level", "up"] = "level"


class Puff(Part):
    """A stated mass all at once, as a cloud of `diameter_m` on the ground."""

    kg: Positive
    temperature_c: Celsius | None = None
    diameter_m: Positive = 5.0
    liquid_fraction: Share = 0.0


class Vessel(Part):
    """A closed vessel; `pressure_kpa` is absolute, and where it is not said the saturation's."""

    volume_m3: Positive
    mass_kg: Positive
    temperature_c: Celsius
    pressure_kpa: Positive | None = None
    shape: Literal["upright", "lying", "sphere"] = "upright"
    diameter_m: Positive | None = None


class Hole(Part):
    """A hole or broken pipe of a vessel. `height_m` is the hole's, above the vessel's bottom."""

    vessel: Vessel
    diameter_mm: Positive
    height_m: AtLeastZero = 0.0
    pipe_m: AtLeastZero = 0.0
    coefficient: Annotated[float, Field(gt=0, le=1)] | None = None
    direction: Literal["level", "up", "down"] = "level"
    ground: str = "concrete"
    bund_m2: Positive | None = None
    closed_after_min: Positive | None = None
    method: Literal["best", "hj169"] = "best"


class Spill(Part):
    """A liquid on the ground: all at once (`kg`) or at a rate (`kg_s` for `duration_min`)."""

    kg: Positive | None = None
    kg_s: Positive | None = None
    duration_min: Positive | None = None
    temperature_c: Celsius | None = None
    ground: str = "concrete"
    bund_m2: Positive | None = None

    @model_validator(mode="after")
    def _one_amount(self) -> Self:
        if (self.kg is None) == (self.kg_s is None):
            raise ValueError("a spill has either 'kg' or 'kg_s' with 'duration_min'")
        if (self.kg_s is None) != (self.duration_min is None):
            raise ValueError("'kg_s' and 'duration_min' belong together")
        return self


class Reactive(Spill):
    """A liquid that water or air turns into other gases; `strength` is an acid's mass share.

    Of oleum it is the free SO3. `wet_mm` of water lie on the ground, `rain_mm_h` falls.
    """

    strength: Share | None = None
    wet_mm: AtLeastZero = 0.0
    rain_mm_h: AtLeastZero = 0.0


class Rupture(Part):
    """A vessel that bursts: its whole content at once."""

    vessel: Vessel
    ground: str = "concrete"
    bund_m2: Positive | None = None


class Room(Part):
    """The room the release is in. Air changes are an hour's; the scrubber's share is taken out.

    The emergency fan's air passes the scrubber: 0 where there is none, or it has failed. The door
    is shut (0 m2) unless told, and looks to `facing_deg`.
    """

    volume_m3: Positive
    height_m: Positive = 5.0
    temperature_c: Celsius | None = None
    normal_ach: AtLeastZero = 1.0
    emergency_ach: AtLeastZero = 0.0
    emergency_after_min: AtLeastZero = 0.0
    scrubber: Share = 0.0
    door_m2: AtLeastZero = 0.0
    door_opens_after_min: AtLeastZero = 0.0
    facing_deg: Degrees = 0.0


class ReleasePart(Part):
    """What is released, where and how."""

    at: At = At()
    rate: Rate | None = None
    puff: Puff | None = None
    hole: Hole | None = None
    spill: Spill | None = None
    rupture: Rupture | None = None
    reactive: Reactive | None = None
    indoors: Room | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = ("rate", "puff", "hole", "spill", "rupture", "reactive")
        told = [name for name in ways if getattr(self, name) is not None]
        if len(told) != 1:
            known, here = ", ".join(ways), ", ".join(told) or "none"
            raise ValueError(f"a release is told by exactly one of {known}; here by {here}")
        return self


class Receptor(Part):
    """A place where somebody may be; `ach` is its building's air changes by hour."""

    id: Id
    title: str = ""
    x_m: Number
    y_m: Number
    height_m: AtLeastZero = 1.5
    ach: Positive | None = None


class Uncertainty(Part):
    """How far the inputs may be off (one standard deviation), and how many members to run."""

    members: Annotated[int, Field(ge=10, le=1000)] = 100
    direction_deg: AtLeastZero | None = None
    speed_pct: Annotated[float, Field(ge=0, le=80)] = 20.0
    rate_pct: Annotated[float, Field(ge=0, le=300)] = 50.0
    stability: Annotated[float, Field(ge=0, le=2)] = 0.5
    seed: int = 1


class PlumeScenario(Part):
    """The whole file."""

    suian_plume: Literal[1]
    title: str = ""
    substance: str
    origin: Origin | None = None
    time: datetime | None = None
    weather: WeatherPart
    release: ReleasePart
    receptors: tuple[Receptor, ...] = ()
    zones: tuple[str, ...] = ()
    exposure_min: Literal[10, 30, 60] = 60
    height_m: AtLeastZero = 1.5
    horizon_min: Annotated[float, Field(gt=0, le=1440)] = 60.0
    spill_class: Literal["small", "large"] | None = None
    uncertainty: Uncertainty | None = None
