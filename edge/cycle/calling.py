"""Callout, carried out: its contact to the annunciator, its events to the journal, its list shown.

A fault in it is said and costs nobody else anything: people are told of alarms beside the alarms,
never in their way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from edge.alarm import AlarmView
from edge.annunciate import Annunciator
from edge.callout import Callout
from edge.clock import Instant
from edge.cycle.seams import Push
from edge.event import StateRow, Transition
from edge.site.model import Site

Record = Callable[[list[Transition]], None]
Views = dict[str, list[dict[str, object]]]


class CalloutDesk:
    """Between `Callout`, which decides, and the rooms that do what it has decided.

    `record` takes transitions to journal and screens; `push` returns who shows them, if anybody
    does yet; `fault` is told what failed, and in what.
    """

    def __init__(
        self,
        site: Site,
        annunciator: Annunciator,
        record: Record,
        push: Callable[[], Push | None],
        fault: Callable[[str, Exception], None],
    ) -> None:
        self.callout = Callout(site)
        self._annunciator = annunciator
        self._record, self._push, self._fault = record, push, fault
        self._contact: tuple[str, str] | None = None
        self._shown = self.callout.views()

    def tick(self, now: Instant) -> None:
        """Do what is due; notices that fail keep nobody from being called."""
        self._try(lambda: self.callout.tell(now))
        self._try(lambda: self.callout.call(now))

    def carry_out(self, changed: list[Transition]) -> None:
        """Switch the contact, then tell the journal, then the screens."""
        contact = self.callout.contact
        if contact != self._contact:
            if self._contact is not None:
                self._annunciator.contact(*self._contact, on=False)
            if contact is not None:
                self._annunciator.contact(*contact, on=True)
            self._contact = contact
        if changed:
            self._record(changed)
        self._show()

    def restore(self, rows: Iterable[StateRow]) -> list[StateRow]:
        """Keep a former run's rows; return those of others."""
        return self.callout.restore(rows)

    def resume(self, alarms: Sequence[AlarmView], now: Instant) -> None:
        """Go on with a former run's call, its contact first."""
        self._try(lambda: self.callout.resume(alarms, now))

    def apply(self, site: Site, now: Instant) -> None:
        """Take up a changed site; a running call goes on."""
        self._try(lambda: self.callout.apply(site, now))

    def views(self) -> Views:
        """Return docs/wire.md's `calls` and `notices`."""
        return self.callout.views()

    def _try(self, decide: Callable[[], list[Transition]]) -> None:
        try:
            self.carry_out(decide())
        except Exception as error:  # noqa: BLE001  # told by `fault`
            self._fault("callout", error)

    def _show(self) -> None:
        views = self.callout.views()
        if views != self._shown:
            self._shown = views
            if (push := self._push()) is not None:
                push.push_calls(views)
