"""What can be done to the plant: by a scenario's story, by a trainee, by an instructor.

One list for all three: there is no way into the plant but these actions, applied at a tick.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from edge.site.model import Model, Name
from simulator.plant.settings import Direction, NotNegative


class Rupture(Model):
    """A hole of `hole_mm` equivalent diameter in what holds liquefied gas at `asset`."""

    do: Literal["rupture"]
    asset: Name
    hole_mm: Annotated[float, Field(gt=0, le=200)]


class Leak(Model):
    """Gas at a given rate from `asset`: for gases whose outflow the plant does not reckon."""

    do: Literal["leak"]
    asset: Name
    rate_kg_s: Annotated[float, Field(gt=0, le=100)]


class Plug(Model):
    """The end of every hole and leak at `asset`; what lies in a pool still evaporates."""

    do: Literal["plug"]
    asset: Name


class Valve(Model):
    """A shut-off valve told to close or open; `tag` is its position's tag."""

    do: Literal["close_valve", "open_valve"]
    tag: Name


class Pump(Model):
    """A pump told to start or stop; `tag` is its running signal's tag."""

    do: Literal["start_pump", "stop_pump"]
    tag: Name


class SetWind(Model):
    """A new mean wind, reached evenly over `over_s`."""

    do: Literal["set_wind"]
    from_deg: Direction | None = None
    speed_m_s: Annotated[float, Field(ge=0.2, le=30)] | None = None
    over_s: NotNegative = 0.0


class Detector(Model):
    """An instrument fault: `fail` gives no value, `freeze` the last one for ever, `none` mends."""

    do: Literal["detector"]
    tag: Name
    fault: Literal["fail", "freeze", "none"]


class GdsChannel(Model):
    """A channel of the detectors' own controller inhibited at its panel, or let watch again."""

    do: Literal["gds_inhibit", "gds_watch"]
    tag: Name  # the detector's


class GdsSetPoint(Model):
    """What the controller alarms at, moved at its panel; `value` is in the detector's unit."""

    do: Literal["gds_set_point"]
    tag: Name
    level: Literal[1, 2]
    value: Annotated[float, Field(gt=0, allow_inf_nan=False)]


class GdsReset(Model):
    """The reset key of the controller: what is below its set-point again is let go."""

    do: Literal["gds_reset"]


Action = Annotated[
    Rupture | Leak | Plug | Valve | Pump | SetWind | Detector | GdsChannel | GdsSetPoint | GdsReset,
    Field(discriminator="do"),
]
