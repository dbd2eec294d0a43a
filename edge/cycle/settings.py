"""The alarm settings in force: no change of one without its papers goes by unseen.

The journal keeps the settings that were approved (state `/settings`). A running gateway refuses a
site that changes one without a row of changes.csv; one that starts takes it up, because refusing
would leave nobody watching, says so and raises an alarm until the row is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import orjson
import structlog

from edge.cycle.cycle import Cycle
from edge.errors import Fault
from edge.event import Event, Param, StateRow, Transition
from edge.site.alarms.ledger import FILE, Change, Difference, row_to_write
from edge.site.alarms.settings import (
    SUPPRESSIONS,
    Settings,
    differences,
    merged,
    pack,
    settings_of,
    unpack,
)
from edge.site.model import Site
from edge.site.own_tags import SETTINGS_TAG
from edge.tag import Quality, Reason, Sample, bad_sample

ROW = "/settings"  # their row among the conditions' states; no condition has such a name
IN_FORCE = "in-force"
NAMED = 5  # new conditions that an event names
Row = dict[str, Param]
log = structlog.get_logger(__name__)


class Judged(NamedTuple):
    """What a site makes of the settings in force: what is approved then, open, and to be told."""

    approved: str  # packed; "" where nothing is known of what was
    open: tuple[Difference, ...]
    told: list[tuple[str, str, Row]]  # events: kind, subject, params


class SettingsInForce:
    """What was approved, and what runs without papers, of one gateway."""

    def __init__(self, cycle: Cycle) -> None:
        self._cycle = cycle
        self._approved = ""  # packed; "": not known
        self._open: tuple[Difference, ...] = ()  # they run, and nobody approved them
        self._known = False  # the journal could be read

    def restore(self, rows: Iterable[StateRow], *, known: bool) -> list[StateRow]:
        """Take over what a former run left; return the rows of others.

        `known` says whether the journal could be read: where not, nothing is taken for new.
        """
        self._known = known
        others: list[StateRow] = []
        for row in rows:
            if row.condition != ROW:
                others.append(row)
                continue
            packed = str(row.params.get("approved") or "")
            try:
                unpack(packed)
                opened = _differences(row.params.get("open"))
            except (TypeError, ValueError) as error:
                log.error("settings in force cannot be read: a new baseline", reason=str(error))
                continue
            self._approved, self._open = packed, opened
        return others

    def begin(self) -> None:
        """Take up what the site says at a start, whatever it is, and tell of it."""
        site = self._cycle.site
        if self._known:
            self.take(self.judge(site, site))
            return
        utc_ns = self._cycle.clock.now().utc_ns
        self._cycle.on_sample(bad_sample(site.tags[SETTINGS_TAG], Reason.NOT_YET_READ, utc_ns))

    def judge(self, running: Site, site: Site) -> Judged:
        """Return what `site` makes of the settings in force; changes nothing."""
        after = settings_of(site)
        packed = pack(after)
        if not self._approved and self._known:
            return Judged(packed, (), [("setting.baseline", ROW, {"count": len(after)})])
        if packed == self._approved and not self._open:
            return Judged(packed, (), [])
        before = unpack(self._approved) if self._approved else settings_of(running)
        found = list(differences(before, after))
        papers = {one: site.changes.covers(one) for one in found}
        still = tuple(one for one, row in papers.items() if row is None)
        told = self._told(papers)
        added = [name for name in after if name not in before]
        added = [name for name in added if not name.startswith(SUPPRESSIONS)]
        if added:
            params: Row = {"count": len(added), "conditions": ", ".join(added[:NAMED])}
            told.append(("setting.added", ROW, params))
        held: dict[str, set[str]] = {}
        for one in still:
            held.setdefault(one.condition, set()).add(one.setting)
        approved = pack(merged(before, after, held)) if self._approved else ""
        return Judged(approved, still, told)

    def refusals(self, judged: Judged) -> list[Fault]:
        """Return a fault for each change that a running gateway may not take up."""
        return [
            Fault(
                FILE,
                0,
                one.condition,
                f"{one.setting} was {one.before!r} and is {one.now!r} now, without a change number"
                " and two names",
                f"Put it back, or write in {FILE}: {row_to_write(one)}",
            )
            for one in judged.open
            if one not in self._open
        ]

    def take(self, judged: Judged) -> None:
        """Take it up, tell of it, and have the tag say whether every change has its papers."""
        now, site = self._cycle.clock.now(), self._cycle.site
        self._approved, self._open = judged.approved, judged.open
        events = [Event(*told[:2], now, site.world, told[2]) for told in judged.told]
        if events:
            row = self._row() if self._approved else None
            changed = [Transition(event, None) for event in events[:-1]]
            self._cycle.record([*changed, Transition(events[-1], row)])
        if self._approved:
            tag, value = site.tags[SETTINGS_TAG], float(not self._open)
            utc_ns = now.utc_ns
            said = Sample(tag.name, value, Quality.GOOD, Reason.OK, utc_ns, utc_ns, tag.world)
            self._cycle.on_sample(said)

    def _told(self, papers: Mapping[Difference, Change | None]) -> list[tuple[str, str, Row]]:
        """Return an event for each change that is new, and for each whose standing is."""
        told: list[tuple[str, str, Row]] = []
        for one, row in papers.items():
            params: Row = {"condition": one.condition, "setting": one.setting}
            params |= {"from": one.before, "to": one.now}
            if row is not None:
                kind = "setting.papers" if one in self._open else "setting.changed"
                params |= {"change": row.number, "reason": row.reason}
                params |= {"proposed_by": row.proposed_by, "approved_by": row.approved_by}
                told.append((kind, one.condition, params))
            elif one not in self._open:
                told.append(("setting.without-papers", one.condition, params))
        there = {(one.condition, one.setting) for one in papers}
        for one in self._open:
            if (one.condition, one.setting) not in there:
                params = {"condition": one.condition, "setting": one.setting, "to": one.before}
                told.append(("setting.put-back", one.condition, params))
        return told

    def _row(self) -> StateRow:
        text = orjson.dumps([list(one) for one in self._open]).decode()
        return StateRow(ROW, IN_FORCE, {"approved": self._approved, "open": text})


def approved_settings(rows: Iterable[StateRow]) -> Settings | None:
    """Return the approved settings among a journal's states, None where there are none yet."""
    packed = next((row.params.get("approved") for row in rows if row.condition == ROW), None)
    return unpack(packed) if isinstance(packed, str) else None


def _differences(text: Param) -> tuple[Difference, ...]:
    rows: list[list[str]] = orjson.loads(text) if isinstance(text, str) else []
    return tuple(Difference(*map(str, row)) for row in rows)
