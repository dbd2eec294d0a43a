"""The evacuation sound: a named person's order in two steps, and nothing else. Pure.

Arming gives a token that is good for `ARMED_S`, once, and for the same person; with it the order
begins. It goes on, through restarts of core, until somebody ends it. No alarm, no lost heartbeat
and no test leads here.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from edge.clock import Instant
from edge.errors import CommandError
from edge.event import Event, Param, StateRow, Transition, text, whole
from edge.tag import World

ARMED_S = 15.0
ROW = "/evacuation"  # ends the name of an order's row among the conditions' states
IDLE, RUNNING = "normal", "evacuating"


@dataclass(frozen=True, slots=True)
class Armed:
    """A first step that waits for the second."""

    token: str
    actor: str
    ends_mono_ns: int


@dataclass(frozen=True, slots=True)
class Order:
    """A running evacuation of one area: who ordered it, where from, why, and when [UTC ns]."""

    area: str
    actor: str
    place: str
    reason: str
    since_ns: int

    def as_dict(self) -> dict[str, Param]:
        """Return docs/wire.md's evacuation."""
        return {
            "area": self.area,
            "actor": self.actor,
            "place": self.place,
            "reason": self.reason,
            "since_ns": self.since_ns,
        }


class Evacuation:
    """The evacuations of one site; `areas` are those that have a sound for it."""

    def __init__(self, areas: Iterable[str], world: World) -> None:
        self._areas = frozenset(areas)
        self._world = world
        self._armed: dict[str, Armed] = {}
        self._orders: dict[str, Order] = {}

    @property
    def running(self) -> frozenset[str]:
        """The areas that are being evacuated."""
        return frozenset(self._orders)

    def orders(self) -> list[dict[str, Param]]:
        """Return the running orders, the first first."""
        return [o.as_dict() for o in sorted(self._orders.values(), key=lambda o: o.since_ns)]

    def arm(self, area: str, actor: str, now: Instant) -> tuple[str, int]:
        """Take the first step: return the token and until when it is good [UTC ns].

        Raises `CommandError` for an area that has no evacuation sound.
        """
        if area not in self._areas:
            raise CommandError("evacuation.refused.area", {"area": area[:64]})
        until = now.plus(ARMED_S)
        armed = self._armed[area] = Armed(secrets.token_hex(8), actor, until.mono_ns)
        return armed.token, until.utc_ns

    def begin(self, area: str, token: str, who: Sequence[str], now: Instant) -> list[Transition]:
        """Take the second step: `who` is actor, place and reason. Raises `CommandError`."""
        actor, place, reason = who
        named = {"area": area[:64]}
        armed = self._armed.get(area)
        if armed is None or not secrets.compare_digest(armed.token.encode(), token.encode()):
            raise CommandError("evacuation.refused.not-armed", named)
        if armed.actor != actor:
            raise CommandError("evacuation.refused.other-person", named)
        del self._armed[area]
        if now.mono_ns >= armed.ends_mono_ns:
            raise CommandError("evacuation.refused.too-late", named)
        if area in self._orders:
            raise CommandError("evacuation.refused.running", named)
        order = self._orders[area] = Order(area, actor, place, reason, now.utc_ns)
        row = StateRow(area + ROW, RUNNING, order.as_dict())
        return [self._told("evacuation.begun", order.as_dict(), row, now)]

    def end(self, area: str, actor: str, now: Instant) -> list[Transition]:
        """Let it be over. Raises `CommandError` where nothing is evacuated."""
        order = self._orders.pop(area, None)
        if order is None:
            raise CommandError("evacuation.refused.not-running", {"area": area[:64]})
        return [self._ended(order, actor, now)]

    def restore(
        self, rows: Iterable[StateRow], now: Instant
    ) -> tuple[list[StateRow], list[Transition]]:
        """Take over the orders of a former run; return the rows of others, and what ended.

        An order for an area that has no evacuation sound any more cannot go on.
        """
        others: list[StateRow] = []
        ended: list[Transition] = []
        for row in rows:
            if not row.condition.endswith(ROW):
                others.append(row)
            elif row.state == RUNNING:
                order = _order(row)
                if order.area in self._areas:
                    self._orders[order.area] = order
                else:
                    ended.append(self._ended(order, "", now))
        return others, ended

    def apply(self, areas: Iterable[str], now: Instant) -> list[Transition]:
        """Take up a changed site: an area without an evacuation sound is evacuated no more."""
        self._areas = frozenset(areas)
        gone = [order for area, order in self._orders.items() if area not in self._areas]
        for order in gone:
            del self._orders[order.area]
        return [self._ended(order, "", now) for order in gone]

    def _ended(self, order: Order, by: str, now: Instant) -> Transition:
        params = {**order.as_dict(), "ended_by": by}
        return self._told("evacuation.ended", params, StateRow(order.area + ROW, IDLE, {}), now)

    def _told(self, kind: str, params: dict[str, Param], row: StateRow, now: Instant) -> Transition:
        return Transition(Event(kind, str(params["area"]), now, self._world, params), row)


def _order(row: StateRow) -> Order:
    area, params = row.condition.removesuffix(ROW), row.params
    actor, place, reason = (text(params, key) for key in ("actor", "place", "reason"))
    return Order(area, actor, place, reason, whole(params, "since_ns"))
