"""`annunciators:` of site.yaml: the allow-list, what each device can show, and who silences it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from edge.site.parts import Model, Name, Priority

OutputKind = Literal["horn", "beacon", "dialler", "trouble", "evacuation"]

TESTED = frozenset({"horn", "beacon", "trouble"})  # the kinds that the test of a shift drives


class Output(Model):
    """One thing an annunciator can do: drive `point` to `on` while a demand stands, else `off`.

    Horns and beacons follow alarms: of `levels`, or of `priorities` where these are written. A
    `dialler` is on while a call goes unanswered. A `trouble` beacon says that the way to the horns
    cannot be trusted. An `evacuation` sound is driven by people's two-step command and by nothing
    else; it may share the point of a horn.
    """

    id: Name
    kind: OutputKind
    point: str
    on: int | str
    acked: int | str | None = None  # while every alarm of the demand is acknowledged; None: as off
    off: int | str = 0
    levels: tuple[Literal[1, 2], ...] = (1, 2)  # detector levels that drive it
    priorities: tuple[Priority, ...] = ()  # alarm priorities that drive it, in place of levels


class Heartbeat(Model):
    """What a watchdog beside the device must see: `values` in turn at `point`, each `period_s`.

    When they stop, the watchdog lights the trouble beacon by itself: core need not live for it.
    """

    point: str
    values: Annotated[tuple[int | str, ...], Field(min_length=2, max_length=2)]
    period_s: Annotated[float, Field(gt=0, le=60)]


class Annunciator(Model):
    """A device on the allow-list: the only kind of device that is ever written."""

    id: Name
    device: Name
    areas: tuple[Name, ...]
    refresh_s: Annotated[float, Field(gt=0)] = 10.0
    outputs: tuple[Output, ...]
    silence_input: str = ""  # an on-off tag: the button beside it; pressing it stills these horns
    heartbeat: Heartbeat | None = None

    def of_kind(self, kind: OutputKind) -> tuple[Output, ...]:
        """Return its outputs of one kind."""
        return tuple(output for output in self.outputs if output.kind == kind)

    @property
    def tested(self) -> bool:
        """Whether it has anything that is tested in each shift."""
        return any(output.kind in TESTED for output in self.outputs)
