"""The call: nobody answers, so the contact is switched on and one person after the other is called.

There is one call at a time: alarms that come while it runs join it. Its steps count from when its
oldest alarm came to be unacknowledged, on the monotonic clock, and what was reached is not taken
back until no alarm waits for a person any more. A call that was read rests for a while, unless an
alarm comes that nobody has read of; only an acknowledgement ends it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from edge.alarm import AlarmView
from edge.callout.facts import MOST_SHOWN, counts, since_mono_ns, waits
from edge.clock import NS, Instant
from edge.errors import CommandError
from edge.event import Event, Param, StateRow, Transition, text, whole
from edge.site.alarms.duty import Callout as Rules
from edge.site.model import Site

ROW = "/call"  # its row among the conditions' states; no condition has such a name
RUNNING, IDLE = "calling", "normal"
SinceOf = Callable[[AlarmView], int]  # since when [mono ns] an alarm has waited
URGENT = 1  # priority 1 calls whatever its detector level


@dataclass(slots=True)
class Call:
    """A running call: stamps in UTC for people, on the monotonic clock for its delays.

    `person` is who was called last ("": nobody yet), `round` how often the list was begun.
    """

    id: str
    oldest: str  # the condition that it began with
    since_ns: int
    since_mono_ns: int
    person: str = ""
    round: int = 1
    made: int = 0  # how many calls
    called_ns: int = 0
    called_mono_ns: int = 0
    read_by: str = ""
    read_ns: int = 0
    read_mono_ns: int = 0
    alarms: dict[str, None] = field(default_factory=dict[str, None])  # waiting, oldest first

    @property
    def step(self) -> str:
        """Return docs/wire.md's `step`."""
        if self.read_by:
            return "read"
        return "called" if self.person else "contact"

    def row(self) -> StateRow:
        """Return what a restart needs; which alarms wait, their own rows say."""
        params: dict[str, Param] = {
            "call": self.id,
            "oldest": self.oldest,
            "since_ns": self.since_ns,
            "person": self.person,
            "round": self.round,
            "made": self.made,
            "called_ns": self.called_ns,
            "read_by": self.read_by,
            "read_ns": self.read_ns,
        }
        return StateRow(ROW, RUNNING, params)


class Calling:
    """The call of one site, if any runs; `contact` is the output that is to be on, if any."""

    def __init__(self, site: Site) -> None:
        self._take(site)
        self._waiting: dict[str, tuple[int, AlarmView]] = {}  # since [mono ns], oldest first
        self._call: Call | None = None

    def _take(self, site: Site) -> None:
        self._world = site.world
        self._rules = site.file.callout

    @property
    def contact(self) -> tuple[str, str] | None:
        """Return the annunciator and output that are to be on now."""
        contact = self._rules.contact
        if self._call is None or contact is None:
            return None
        return contact.annunciator, contact.output

    def apply(self, site: Site) -> None:
        """Take up a changed site: a running call goes on by the new list and times."""
        self._take(site)

    def demand(self, alarms: Iterable[AlarmView], now: Instant) -> None:
        """Take the alarms that stand `now`; the time of each that begins to wait begins here."""
        self._see(alarms, lambda _: now.mono_ns)

    def resume(self, row: StateRow | None, alarms: Iterable[AlarmView], now: Instant) -> None:
        """Take over a former run's call (its `row`, if any) and how long its alarms have waited."""
        self._see(alarms, lambda view: since_mono_ns(view.raised_ns, now))
        if row is None or row.state != RUNNING or not self._on:
            return
        call = self._call = _restored(row.params, now)
        if call.oldest in self._waiting:  # raised again since, perhaps: it has waited all the time
            since, view = self._waiting[call.oldest]
            self._waiting[call.oldest] = min(since, call.since_mono_ns), view
            self._sort()
        call.alarms = dict.fromkeys(self._waiting)

    def tick(self, now: Instant) -> list[Transition]:
        """Return what time, and the alarms as they were last seen, make of the call."""
        call = self._call
        if not self._waiting or not self._on:
            return [] if call is None else [self._end(call, now)]
        condition, (since, view) = next(iter(self._waiting.items()))
        changed: list[Transition] = []
        if call is None:
            if now.mono_ns < since + _ns(self._rules.contact_s):
                return []
            changed.append(self._begin(condition, since, view, now))
        else:
            changed += self._join(call, now)
        call = self._call
        assert call is not None
        if now.mono_ns >= self._due_ns(call, since):
            changed += self._next(call, now)
        return changed

    def read(self, call_id: str, actor: str, now: Instant) -> list[Transition] | None:
        """Record that `actor` has read the call; None if it is not this one. No alarm's answer.

        Raises `CommandError` where nobody was called yet, or somebody has read it.
        """
        call = self._call
        if call is None or call.id != call_id:
            return None
        if not call.person:
            raise CommandError("callout.refused.nobody-called", {"call": call.id})
        if call.read_by:
            raise CommandError(
                "callout.refused.already-read", {"call": call.id, "by": call.read_by}
            )
        call.read_by, call.read_ns, call.read_mono_ns = actor, now.utc_ns, now.mono_ns
        seconds = round((now.mono_ns - call.called_mono_ns) / NS)
        extra: dict[str, Param] = {"person": call.person, "actor": actor, "seconds": seconds}
        return [self._say("callout.read", call, now, extra)]

    def views(self) -> list[dict[str, object]]:
        """Return docs/wire.md's calls."""
        call = self._call
        if call is None:
            return []
        return [
            {
                "call": call.id,
                "step": call.step,
                "person": call.person,
                "round": call.round,
                "alarms": list(call.alarms)[:MOST_SHOWN],
                "count": len(call.alarms),
                "area": self._area(call),
                "since_ns": call.since_ns,
                "called_ns": call.called_ns or None,
                "read_by": call.read_by or None,
                "read_ns": call.read_ns or None,
            }
        ]

    # --- the steps -----------------------------------------------------------------------------

    @property
    def _on(self) -> bool:
        return bool(self._rules.shift) and self._rules.contact is not None

    def _see(self, alarms: Iterable[AlarmView], since: SinceOf) -> None:
        world, rules = str(self._world), self._rules
        calling = {
            view.condition: view
            for view in alarms
            if counts(view, world) and waits(view) and _calls(view, rules)
        }
        self._waiting = {
            name: (self._waiting[name][0] if name in self._waiting else since(view), view)
            for name, view in calling.items()
        }
        self._sort()
        if self._call is not None:
            gone = [name for name in self._call.alarms if name not in self._waiting]
            for name in gone:
                del self._call.alarms[name]

    def _sort(self) -> None:
        order = sorted(self._waiting.items(), key=lambda item: (item[1][0], item[0]))
        self._waiting = dict(order)

    def _begin(self, condition: str, since: int, view: AlarmView, now: Instant) -> Transition:
        since_ns = now.utc_ns - (now.mono_ns - since)
        call_id = f"call-{now.utc_ns // 1_000_000}"
        call = self._call = Call(call_id, condition, since_ns, since)
        call.alarms = dict.fromkeys(self._waiting)
        assert self._rules.contact is not None
        extra: dict[str, Param] = {
            "condition": condition,
            "priority": view.priority,
            "level": view.level,
            "annunciator": self._rules.contact.annunciator,
            "output": self._rules.contact.output,
            "seconds": round((now.mono_ns - since) / NS),
        }
        return self._say("callout.began", call, now, extra)

    def _join(self, call: Call, now: Instant) -> list[Transition]:
        news = [name for name in self._waiting if name not in call.alarms]
        if not news:
            return []
        call.alarms |= dict.fromkeys(news)
        extra: dict[str, Param] = {"condition": news[0], "new": len(news)}
        extra["alarms"] = " ".join(news[:MOST_SHOWN])
        return [self._say("callout.joined", call, now, extra)]

    def _due_ns(self, call: Call, oldest_ns: int) -> int:
        """Return when [mono ns] the next person is to be called."""
        rules = self._rules
        if not call.person:
            return oldest_ns + _ns(rules.desk_s)
        if call.read_by:
            rests_ns = call.read_mono_ns + _ns(rules.again_s)
            unread = (since for since, _ in self._waiting.values() if since > call.read_mono_ns)
            return min(rests_ns, next(unread, rests_ns) + _ns(rules.desk_s))
        first = call.made == 1
        return call.called_mono_ns + _ns(rules.next_s - rules.desk_s if first else rules.each_s)

    def _next(self, call: Call, now: Instant) -> list[Transition]:
        changed: list[Transition] = []
        if call.read_by:
            extra: dict[str, Param] = {
                "actor": call.read_by,
                "seconds": round((now.mono_ns - call.read_mono_ns) / NS),
            }
            call.read_by, call.read_ns = "", 0
            changed.append(self._say("callout.unanswered", call, now, extra))
        shift = self._rules.shift
        place = shift.index(call.person) + 1 if call.person in shift else 0
        if place == len(shift):
            place = 0
            call.round += 1
            changed.append(self._say("callout.round", call, now, {}))
        call.person = shift[place]
        call.made += 1
        call.called_ns, call.called_mono_ns = now.utc_ns, now.mono_ns
        params: dict[str, Param] = {"person": call.person, "condition": next(iter(call.alarms))}
        changed.append(self._say("callout.called", call, now, params))
        return changed

    def _end(self, call: Call, now: Instant) -> Transition:
        """Return the end: every alarm of it was acknowledged or set aside by a person."""
        seconds = round((now.mono_ns - call.since_mono_ns) / NS)
        extra: dict[str, Param] = {"person": call.person, "seconds": seconds}
        said = self._say("callout.ended", call, now, extra)
        self._call = None
        return said._replace(row=StateRow(ROW, IDLE, {}))

    def _area(self, call: Call) -> str:
        """Return where its oldest alarm is; the page of who is called shows it first."""
        first = next(iter(call.alarms), "")
        return self._waiting[first][1].area if first in self._waiting else ""

    def _say(self, kind: str, call: Call, now: Instant, extra: Mapping[str, Param]) -> Transition:
        params: dict[str, Param] = {
            "call": call.id,
            "area": self._area(call),
            "count": len(call.alarms),
            "round": call.round,
            **extra,
        }
        return Transition(Event(kind, call.id, now, self._world, params), call.row())


def _calls(view: AlarmView, rules: Rules) -> bool:
    return view.priority == URGENT or view.level in rules.levels


def _restored(params: Mapping[str, Param], now: Instant) -> Call:
    since_ns, called_ns, read_ns = (whole(params, f"{k}_ns") for k in ("since", "called", "read"))
    call_id, oldest = text(params, "call"), text(params, "oldest")
    call = Call(call_id, oldest, since_ns, since_mono_ns(since_ns, now))
    call.person, call.read_by = text(params, "person"), text(params, "read_by")
    call.round, call.made = max(whole(params, "round"), 1), whole(params, "made")
    call.called_ns, call.called_mono_ns = called_ns, since_mono_ns(called_ns, now)
    call.read_ns, call.read_mono_ns = read_ns, since_mono_ns(read_ns, now)
    return call


def _ns(seconds: float) -> int:
    return round(seconds * NS)
