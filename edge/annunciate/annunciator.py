"""All annunciators of a site: what they are told to show, and the tasks that have it shown.

`Annunciator.demand` is a plain call that never waits: a horn waits in no queue. On a clean stop the
outputs stay as demanded: an alarm that stands, or an evacuation, must go on sounding while core is
restarted or updated. The next start writes what is demanded then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping

import structlog

from edge.alarm import AlarmView
from edge.annunciate.demand import of_field, unanswered
from edge.annunciate.tower import Tower
from edge.clock import Clock
from edge.drivers.base import Driver
from edge.errors import CommandError
from edge.event import Event, Param
from edge.site.annunciator import TESTED, Output
from edge.site.annunciator import Annunciator as Spec
from edge.site.model import Site

log = structlog.get_logger(__name__)


def _nothing() -> None:
    """Hear, and do nothing."""


class Annunciator:
    """Drives every annunciator of `site` through `drivers` (by link id).

    `clock` stamps events, `pace` (by default the same) times refresh, retries and tones;
    `on_event` is told `annunciator.set` of every output change that a device has taken,
    `annunciator.resounded` where a tone comes again, and, once each, `annunciator.failed` and
    `annunciator.recovered`. `on_news` hears that one has begun to work or to fail.
    """

    def __init__(
        self,
        site: Site,
        drivers: Mapping[str, Driver],
        clock: Clock,
        on_event: Callable[[Event], object],
        pace: Clock | None = None,
    ) -> None:
        self.on_news: Callable[[], None] = _nothing
        self._world = site.world
        self._clock = clock
        self._pace = pace or clock
        self._on_event = on_event
        self._alarms: tuple[AlarmView, ...] = ()
        self._contacts: set[tuple[str, str]] = set()  # (annunciator, output) that are to be on
        self._evacuated: Collection[str] = frozenset()
        self._troubled: Collection[str] = frozenset()
        self._towers = self._made(site, drivers)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._group: asyncio.TaskGroup | None = None  # while `run` runs
        self.demand(())

    # --- what is demanded ------------------------------------------------------------------------

    def demand(self, alarms: Iterable[AlarmView]) -> None:
        """Take the alarms that stand now; outputs that change are written at once. Never waits."""
        self._alarms = of_field(alarms, self._world)
        self._aim_all()

    def evacuate(self, areas: Collection[str]) -> None:
        """Take the areas that are being evacuated. Never waits."""
        self._evacuated = areas
        self._aim_all()

    def trouble(self, names: Collection[str]) -> None:
        """Take the annunciators whose trouble beacons are to be lit. Never waits."""
        self._troubled = names
        self._aim_all()

    def contact(self, annunciator: str, output: str, *, on: bool) -> None:
        """Switch a dialler on or off; written at once if that changes it. Never waits.

        One that the site does not have (yet) is remembered: it is driven once it is there.
        """
        (self._contacts.add if on else self._contacts.discard)((annunciator, output))
        if annunciator in self._towers:
            self.aim(self._towers[annunciator])

    def silence(self, only: str | None = None) -> int:
        """Still what sounds, everywhere or at `only`; return how many alarms had sounded."""
        now_ns = self._pace.now().mono_ns
        stilled: set[str] = set()
        for tower in self._towers.values():
            if only in {None, tower.spec.id} and tower.incident.silence(now_ns):
                mine = [alarm for alarm in self._alarms if alarm.area in tower.spec.areas]
                stilled |= {alarm.condition for alarm in unanswered(tower.spec, mine)}
                self.aim(tower)
        return len(stilled)

    async def test(self, annunciator: str, output: str) -> None:
        """Drive one output for `TEST_S` [s]; return when the device has taken it.

        Raises `CommandError` if there is no such output, if it is an evacuation sound, or if the
        device does not take it. A real demand is not changed by a test, nor by its end.
        """
        await self.begin_test(annunciator, output)

    def begin_test(self, annunciator: str, output: str | None = None) -> asyncio.Future[None]:
        """Begin the test of one output, or of all; what is returned is done once they are taken.

        Raises `CommandError`, and what is returned does, as `test`.
        """
        tower = self._towers.get(annunciator)
        chosen = [] if tower is None else [o for o in tower.spec.outputs if _chosen(o, output)]
        name = {"annunciator": annunciator[:64], "output": (output or "")[:64]}
        if tower is None or not chosen:
            raise CommandError("annunciator.refused.unknown-output", name)
        if any(item.kind == "evacuation" for item in chosen):
            raise CommandError("annunciator.refused.evacuation", name)
        taken = tower.test(chosen)
        self.aim(tower)
        tower.wake()
        return taken

    # --- how it stands ---------------------------------------------------------------------------

    def outputs(self) -> list[dict[str, Param]]:
        """Return every output for docs/wire.md's `outputs`: what is demanded, what was taken."""
        return [
            {
                "annunciator": tower.spec.id,
                "output": output.id,
                "kind": output.kind,
                "point": output.point,
                "demanded": tower.desired[output.id],
                "shown": tower.shown_of(output),
                "on": tower.desired[output.id] == output.on,
                "failed": tower.failed,
                "testing": output.id in tower.testing,
            }
            for tower in self._towers.values()
            for output in tower.spec.outputs
        ]

    def tones(self) -> list[dict[str, Param]]:
        """Return docs/wire.md's `tones`: each annunciator's incident, and when it sounds again."""
        now, mono_ns = self._clock.now(), self._pace.now().mono_ns
        rows: list[dict[str, Param]] = []
        for tower in self._towers.values():
            incident, at_ns = tower.incident, tower.incident.next_ns
            rows.append(
                {
                    "annunciator": tower.spec.id,
                    "incident": incident.running,
                    "tone": incident.tone,
                    "silenced": incident.running and not incident.tone,
                    "until_ns": None if at_ns is None else now.utc_ns + at_ns - mono_ns,
                }
            )
        return rows

    def working(self) -> dict[str, bool | None]:
        """Return whether each annunciator's device takes what it is told; None: not tried yet."""
        return {
            name: not tower.failed if tower.known else None for name, tower in self._towers.items()
        }

    # --- having it shown -------------------------------------------------------------------------

    async def run(self) -> None:
        """Drive the outputs for ever; cancel to stop, and they stay as they are."""
        try:
            async with asyncio.TaskGroup() as self._group:
                for tower in self._towers.values():
                    self._start(tower)
                await asyncio.Event().wait()  # a site may get its first annunciator later
        finally:
            self._group = None

    def apply(self, site: Site, drivers: Mapping[str, Driver]) -> list[str]:
        """Take up a changed site: return the ids of the annunciators that are driven anew.

        One that is the same, on the same driver, goes on undisturbed in whatever it shows; one
        that is not keeps its incident, so that what was silenced is not sounded for the change.
        """
        towers = self._made(site, drivers)
        fresh: list[str] = []
        for name, tower in towers.items():
            before = self._towers.get(name)
            if before is not None and before.same(tower):
                towers[name] = before
                continue
            fresh.append(name)
            if before is not None:
                tower.incident = before.incident
        for name, tower in self._towers.items():
            if towers.get(name) is tower:
                continue
            if task := self._tasks.pop(name, None):
                task.cancel()
            tower.part()
        self._towers = towers
        for name in fresh:
            self.aim(towers[name])
            self._start(towers[name])
        return fresh

    def aim(self, tower: Tower) -> None:
        """Have one annunciator show what is demanded now."""
        ordered = {o.id for o in tower.spec.outputs if self._ordered(tower.spec, o)}
        if why := tower.aim(self._alarms, ordered):
            self.told("annunciator.resounded", tower, {"why": why})

    def _ordered(self, spec: Spec, output: Output) -> bool:
        """Whether an output that follows no alarm is to be on."""
        if output.kind == "evacuation":
            return any(area in self._evacuated for area in spec.areas)
        if output.kind == "trouble":
            return spec.id in self._troubled
        return (spec.id, output.id) in self._contacts

    def told(self, kind: str, tower: Tower, params: Mapping[str, Param]) -> None:
        """Pass on what happened to an annunciator."""
        named: dict[str, Param] = {"annunciator": tower.spec.id, **params}
        event = Event(kind, tower.spec.id, self._clock.now(), self._world, named)
        self._pass_on(lambda: self._on_event(event))

    def heard(self) -> None:
        """Pass on that an annunciator has begun to work or to fail."""
        self._pass_on(self.on_news)

    def _pass_on(self, tell: Callable[[], object]) -> None:
        """Tell others: a mistake of theirs must neither end a horn's task nor keep one still."""
        try:
            tell()
        except Exception:
            log.exception("nobody could be told of an annunciator")

    def _aim_all(self) -> None:
        """Aim every tower; what fails of one is raised once the others have had their turn."""
        failed: Exception | None = None
        for tower in self._towers.values():
            try:
                self.aim(tower)
            except Exception as error:  # noqa: BLE001  # raised below
                failed = failed or error
        if failed is not None:
            raise failed

    def _made(self, site: Site, drivers: Mapping[str, Driver]) -> dict[str, Tower]:
        specs = site.file.annunciators
        return {spec.id: Tower(site, spec, drivers, self._pace, self) for spec in specs}

    def _start(self, tower: Tower) -> None:
        if self._group is not None:
            name = tower.spec.id
            drive = tower.drive()
            self._tasks[name] = self._group.create_task(drive, name=f"annunciator {name}")


def _chosen(output: Output, name: str | None) -> bool:
    return output.kind in TESTED if name is None else output.id == name
