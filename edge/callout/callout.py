"""Callout: the call and the notices of one site as one machine; time is an argument.

`demand` only keeps what stands, as nothing that judges samples may pay for people; `tick` makes of
it what is due. Both give nothing to the outside themselves: transitions are for the journal,
`contact` for the annunciator, `views` for the screens.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from edge.alarm import AlarmView
from edge.callout import calling, notices
from edge.callout.calling import Calling
from edge.callout.notices import Notices
from edge.clock import Instant
from edge.errors import CommandError
from edge.event import StateRow, Transition
from edge.site.model import Site


class Callout:
    """Who is told and who is called. A site without `callout` and `major_hazards` does nothing."""

    def __init__(self, site: Site) -> None:
        self._calling = Calling(site)
        self._notices = Notices(site)
        self._to_call: Sequence[AlarmView] | None = None  # not looked at yet
        self._to_tell: Sequence[AlarmView] | None = None
        self._rows: list[StateRow] = []  # a former run's

    @property
    def contact(self) -> tuple[str, str] | None:
        """Return the annunciator and output that are to be on now, if any."""
        return self._calling.contact

    def demand(self, alarms: Sequence[AlarmView]) -> None:
        """Take the alarms that stand now."""
        self._to_call = self._to_tell = alarms

    def tick(self, now: Instant) -> list[Transition]:
        """Return what the alarms, and time, have made of calls and notices."""
        return self.tell(now) + self.call(now)

    def call(self, now: Instant) -> list[Transition]:
        """Return what the alarms, and time, have made of the call."""
        if self._to_call is not None:
            self._calling.demand(self._to_call, now)
            self._to_call = None
        return self._calling.tick(now)

    def tell(self, now: Instant) -> list[Transition]:
        """Return what the alarms, and time, have made of the notices."""
        if self._to_tell is not None:
            self._notices.demand(self._to_tell)
            self._to_tell = None
        return self._notices.tick(now)

    def read(self, call: str, actor: str, now: Instant) -> list[Transition]:
        """Record that `actor` has read a call or notice (已阅). Raises `CommandError`."""
        for some in (self._calling, self._notices):
            changed = some.read(call, actor, now)
            if changed is not None:
                return changed
        raise CommandError("callout.refused.unknown-call", {"call": call[:64]})

    def restore(self, rows: Iterable[StateRow]) -> list[StateRow]:
        """Keep a former run's rows for `resume`; return those of others."""
        others: list[StateRow] = []
        for row in rows:
            own = row.condition == calling.ROW or row.condition.endswith(notices.ROW)
            (self._rows if own else others).append(row)
        return others

    def resume(self, alarms: Sequence[AlarmView], now: Instant) -> list[Transition]:
        """Go on from a former run's rows, now that its alarms stand again; return what is due."""
        rows, self._rows = self._rows, []
        call = next((row for row in rows if row.condition == calling.ROW), None)
        self._calling.resume(call, alarms, now)
        self._notices.resume([row for row in rows if row is not call], alarms, now)
        return self.tick(now)

    def apply(self, site: Site, now: Instant) -> list[Transition]:
        """Take up a changed site: what runs goes on by its lists and times."""
        self._calling.apply(site)
        return self._notices.apply(site, now)

    def views(self) -> dict[str, list[dict[str, object]]]:
        """Return docs/wire.md's `calls` and `notices`."""
        return {"calls": self._calling.views(), "notices": self._notices.views()}
