"""Notices: the shift, and the three owners of the major hazard source, are told of alarms at once.

One notice each for the shift and for a source, for as long as alarms of it stand: an alarm that
comes meanwhile joins it, and then everybody has to read it anew. Reading acknowledges nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from edge.alarm import AlarmView
from edge.callout.facts import MOST_SHOWN, Ownership, counts, since_mono_ns, stands, waits
from edge.clock import NS, Instant
from edge.errors import CommandError
from edge.event import Event, Param, StateRow, Transition, text, whole
from edge.site.alarms.duty import OWNER_ROLES
from edge.site.model import Site

ROW = "/notice"  # ends the name of a notice's row: the source's id before it, nothing: the shift
STANDING, IDLE = "notice", "normal"
PRIORITIES = frozenset({1, 2})
KEEP_S = 8 * 3600.0  # one that not everybody has read goes this long after its last alarm: a shift
SHIFT = ""  # the key of the shift's own notice; the others' is their source's id


@dataclass(slots=True)
class Receipt:
    """Who is told, in which role, and when they said that they have read it."""

    person: str
    role: str  # principal, technical, operational; shift
    user: str = ""  # the console's user that reads for them
    read_by: str = ""
    read_ns: int = 0

    @property
    def key(self) -> str:
        """Return what tells it from the notice's others."""
        return f"{self.role}/{self.person}"


@dataclass(slots=True)
class Notice:
    """What one source's owners, or the shift, were told. `seen_mono_ns`: an alarm last stood."""

    id: str
    hazard: str
    sent_ns: int
    seen_mono_ns: int
    receipts: list[Receipt] = field(default_factory=list[Receipt])
    alarms: dict[str, AlarmView] = field(default_factory=dict[str, AlarmView])  # standing
    told: set[str] = field(default_factory=set[str])  # of those that wait for a person

    @property
    def unread(self) -> int:
        """Return how many have not read it."""
        return sum(not receipt.read_by for receipt in self.receipts)

    def row(self) -> StateRow:
        """Return what a restart needs; which alarms stand, their own rows say."""
        params: dict[str, Param] = {"notice": self.id, "sent_ns": self.sent_ns}
        for receipt in self.receipts:
            if receipt.read_by:
                params[f"by {receipt.key}"] = receipt.read_by
                params[f"at {receipt.key}"] = receipt.read_ns
        return StateRow(self.hazard + ROW, STANDING, params)

    def view(self) -> dict[str, object]:
        """Return docs/wire.md's notice."""
        first = next(iter(self.alarms.values()), None)
        return {
            "notice": self.id,
            "hazard": self.hazard,
            "people": [
                {
                    "person": receipt.person,
                    "role": receipt.role,
                    "read_by": receipt.read_by or None,
                    "read_ns": receipt.read_ns or None,
                }
                for receipt in self.receipts
            ],
            "alarms": list(self.alarms)[:MOST_SHOWN],
            "count": len(self.alarms),
            "area": "" if first is None else first.area,
            "sent_ns": self.sent_ns,
        }


class Notices:
    """The notices of one site that stand."""

    def __init__(self, site: Site) -> None:
        self._notices: dict[str, Notice] = {}
        self._standing: dict[str, dict[str, AlarmView]] = {}  # by key, then by condition
        self._fresh = False  # not followed yet
        self._take(site)

    def _take(self, site: Site) -> None:
        self._world = site.world
        self._owned = Ownership(site)
        users = {person.id: person.user for person in site.file.people}
        shift = site.file.callout.shift
        told = {SHIFT: [(name, "shift") for name in shift]} if shift else {}
        for source in site.file.major_hazards:
            told[source.id] = [(getattr(source.owners, role), role) for role in OWNER_ROLES]
        self._told = {
            key: [Receipt(name, role, users.get(name, "")) for name, role in people]
            for key, people in told.items()
        }

    def apply(self, site: Site, now: Instant) -> list[Transition]:
        """Take up a changed site: who is told still keeps their receipt, others are told now."""
        self._take(site)
        changed: list[Transition] = []
        for key, notice in tuple(self._notices.items()):
            if key not in self._told:
                changed.append(self._end(notice, now))
                continue
            before = {receipt.key: receipt for receipt in notice.receipts}
            notice.receipts = self._receipts(key)
            for receipt in notice.receipts:
                if (old := before.get(receipt.key)) is not None:
                    receipt.read_by, receipt.read_ns = old.read_by, old.read_ns
            if any(receipt.key not in before for receipt in notice.receipts):
                changed += self._tell(notice, list(notice.alarms.values()), now)
        return changed

    def demand(self, alarms: Iterable[AlarmView]) -> None:
        """Take the alarms that stand now."""
        world = str(self._world)
        found: dict[str, dict[str, AlarmView]] = {}
        for view in alarms:
            if view.priority not in PRIORITIES or not counts(view, world) or not stands(view):
                continue
            for key in (SHIFT, *(source.id for source in self._owned.sources(view))):
                if key in self._told:
                    found.setdefault(key, {})[view.condition] = view
        self._standing, self._fresh = found, True

    def resume(self, rows: Iterable[StateRow], alarms: Iterable[AlarmView], now: Instant) -> None:
        """Take over a former run's notices; what was raised after the last of them is news."""
        self.demand(alarms)
        for row in rows:
            key = row.condition.removesuffix(ROW)
            if row.state != STANDING or key not in self._told:
                continue
            sent_ns = whole(row.params, "sent_ns")
            # How long no alarm of it has stood is not known: as if since it was sent.
            seen_ns = since_mono_ns(sent_ns, now)
            notice = Notice(text(row.params, "notice"), key, sent_ns, seen_ns, self._receipts(key))
            for receipt in notice.receipts:
                receipt.read_by = text(row.params, f"by {receipt.key}")
                receipt.read_ns = whole(row.params, f"at {receipt.key}")
            notice.alarms = dict(self._standing.get(key, {}))
            notice.told = {
                name
                for name, view in notice.alarms.items()
                if waits(view) and view.raised_ns <= sent_ns
            }
            self._notices[key] = notice

    def tick(self, now: Instant) -> list[Transition]:
        """Return what the alarms as they were last seen, and time, make of the notices."""
        changed: list[Transition] = []
        if self._fresh:
            self._fresh = False
            for key, standing in self._standing.items():
                changed += self._follow(key, standing, now)
        for key, notice in tuple(self._notices.items()):
            if key in self._standing:
                notice.seen_mono_ns = now.mono_ns
                continue
            notice.alarms, notice.told = {}, set()
            old = now.mono_ns >= notice.seen_mono_ns + round(KEEP_S * NS)
            if not notice.unread or old:
                changed.append(self._end(notice, now))
        return changed

    def read(self, notice_id: str, actor: str, now: Instant) -> list[Transition] | None:
        """Record that `actor` has read a notice; None if there is none of this name.

        Raises `CommandError` where it was not for `actor`, or was read by them already.
        """
        notice = next((one for one in self._notices.values() if one.id == notice_id), None)
        if notice is None:
            return None
        own = [receipt for receipt in notice.receipts if actor in (receipt.user, receipt.person)]
        if not own:
            raise CommandError(
                "callout.refused.not-yours", {"call": notice.id, "actor": actor[:64]}
            )
        fresh = [receipt for receipt in own if not receipt.read_by]
        if not fresh:
            params = {"call": notice.id, "by": own[0].read_by}
            raise CommandError("callout.refused.already-read", params)
        for receipt in fresh:
            receipt.read_by, receipt.read_ns = actor, now.utc_ns
        extra: dict[str, Param] = {
            "people": " ".join(dict.fromkeys(receipt.person for receipt in fresh)),
            "roles": " ".join(dict.fromkeys(receipt.role for receipt in fresh)),
            "actor": actor,
            "unread": notice.unread,
        }
        return [self._say("callout.notice-read", notice, now, extra)]

    def views(self) -> list[dict[str, object]]:
        """Return docs/wire.md's notices."""
        return [notice.view() for notice in self._notices.values()]

    def _receipts(self, key: str) -> list[Receipt]:
        return [Receipt(one.person, one.role, one.user) for one in self._told[key]]

    def _follow(
        self, key: str, standing: Mapping[str, AlarmView], now: Instant
    ) -> list[Transition]:
        waiting = {name: view for name, view in standing.items() if waits(view)}
        notice = self._notices.get(key)
        news = [view for name, view in waiting.items() if notice is None or name not in notice.told]
        if notice is None:
            if not news:  # all of them were acknowledged before anybody could be told
                return []
            notice_id = "-".join(filter(None, ("notice", key, str(now.utc_ns // 1_000_000))))
            notice = Notice(notice_id, key, now.utc_ns, now.mono_ns, self._receipts(key))
            self._notices[key] = notice
        notice.alarms, notice.told = dict(standing), set(waiting)
        if news:
            notice.sent_ns = now.utc_ns
            for receipt in notice.receipts:
                receipt.read_by, receipt.read_ns = "", 0
        return self._tell(notice, news, now)

    def _tell(self, notice: Notice, news: list[AlarmView], now: Instant) -> list[Transition]:
        """Return the event that everybody of a notice, by role, is told of what is new: one."""
        if not news:
            return []
        view = min(news, key=lambda one: one.priority)
        roles: dict[str, list[str]] = {}
        for receipt in notice.receipts:
            roles.setdefault(receipt.role, []).append(receipt.person)
        extra: dict[str, Param] = {role: " ".join(people) for role, people in roles.items()}
        extra["people"] = " ".join(dict.fromkeys(one.person for one in notice.receipts))
        extra |= {"condition": view.condition, "tag": view.tag, "area": view.area}
        extra |= {"priority": view.priority, "level": view.level, "new": len(news)}
        extra["alarms"] = " ".join(one.condition for one in news[:MOST_SHOWN])
        return [self._say("callout.notice", notice, now, extra)]

    def _end(self, notice: Notice, now: Instant) -> Transition:
        del self._notices[notice.hazard]
        said = self._say("callout.notice-ended", notice, now, {"unread": notice.unread})
        return said._replace(row=StateRow(notice.hazard + ROW, IDLE, {}))

    def _say(
        self, kind: str, notice: Notice, now: Instant, extra: Mapping[str, Param]
    ) -> Transition:
        params: dict[str, Param] = {"notice": notice.id, "hazard": notice.hazard}
        params |= {"count": len(notice.alarms), **extra}
        return Transition(Event(kind, notice.id, now, self._world, params), notice.row())
