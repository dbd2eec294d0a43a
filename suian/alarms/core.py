"""Core's data path of a site without its sockets and its disk, on a clock that is moved.

Everything between the reading and the horn's demand is the code that core runs: quality stage,
cycle, alarm engine, control handlers, annunciator. Only the drivers are not there (readings are
given, no output is written), and the journal is a list.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NoReturn

from edge.alarm import AlarmView, engine_of
from edge.annunciate import Annunciator
from edge.clock import ManualClock
from edge.control.protocol import Command
from edge.cycle import ControlHandlers, Cycle
from edge.drivers.base import Batch, Reading
from edge.event import Event, StateRow, Transition
from edge.quality import QualityStage
from edge.site import Site
from edge.site.model import Device
from edge.site.yaml_doc import Plain
from edge.tag import Sample, Tag


class Record:
    """The journal of a test: its events, and the state rows that a restart reads."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.rows: dict[str, StateRow] = {}

    def offer_sample(self, sample: Sample) -> None:
        """Samples are not what is tested."""

    def offer(self, transitions: Iterable[Transition]) -> None:
        """Keep transitions."""
        for transition in transitions:
            self.events.append(transition.event)
            if transition.row is not None:
                self.rows[transition.row.condition] = transition.row


class NoField:
    """A link that leads nowhere; nothing of it is ever asked for."""

    def plan(self, device: Device, tags: Sequence[Tag]) -> NoReturn:
        """Refuse."""
        raise NotImplementedError

    async def read(self, batch: Batch) -> list[Reading]:
        """Refuse."""
        raise NotImplementedError

    async def write(self, device: Device, values: Mapping[str, int | str]) -> None:
        """Take it: a test's horns always work."""

    async def close(self) -> None:
        """Have nothing to close."""


class Core:
    """One run of core, from its start; `record` outlives it."""

    def __init__(self, site: Site, clock: ManualClock, record: Record) -> None:
        field = NoField()
        drivers = {link.id: field for link in site.file.links}
        self.site, self.record = site, record
        # Not bound yet: the cycle is made after the annunciator that tells it.
        self.annunciator = Annunciator(site, drivers, clock, lambda e: self.cycle.note(e))  # noqa: PLW0108
        engine = engine_of(site, clock)
        checks = QualityStage(site)
        self.cycle = Cycle(site, engine, self.annunciator, record, clock, checks)
        self.handlers = ControlHandlers(self.cycle, str)
        self.cycle.restore(list(record.rows.values()))

    def alarms(self) -> list[AlarmView]:
        """Return what stands."""
        return self.cycle.engine.alarms()

    def command(self, name: str, args: dict[str, Plain], who: Mapping[str, str]) -> None:
        """Do what a person wants. Raises `CommandError` where core refuses it."""
        command = Command(id="test", name=name, args=args, **who)
        self.handlers.on_command({"name": "test"}, command)

    def outputs(self) -> dict[str, int | str]:
        """Return what each output that is not off is to show, as `annunciator/output`."""
        off = {
            (item.id, output.id): output.off
            for item in self.site.file.annunciators
            for output in item.outputs
        }
        found: dict[str, int | str] = {}
        for row in self.annunciator.outputs():
            name, output, demanded = str(row["annunciator"]), str(row["output"]), row["demanded"]
            if isinstance(demanded, int | str) and demanded != off[name, output]:
                found[f"{name}/{output}"] = demanded
        return found

    def sounding(self) -> list[str]:
        """Return the annunciators whose horn is to sound."""
        rows = self.annunciator.outputs()
        return sorted(
            {str(row["annunciator"]) for row in rows if row["kind"] == "horn" and row["on"]}
        )
