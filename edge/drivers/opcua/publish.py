"""Subscriptions of one session, and the publish requests that wait at the server for their news.

asyncua's own subscriptions are not used: they keep one request waiting, make objects of every
notification, and go on after failures as if all were well. Here whatever is wrong with one (dropped
by the server, notifications missing, an answer that cannot be read) ends the session: it is rebuilt
and every value read anew, because a gap that is marked is better than one that is guessed at.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from asyncua.ua.status_codes import StatusCodes

from edge.drivers.opcua.services import create_subscription, modify_subscription, publish
from edge.drivers.opcua.session import ServiceError, Session
from edge.drivers.opcua.wire import Item, pace_response, publish_response

INTERVAL_S = 0.25  # between two answers with news
KEEP_ALIVE_S = 0.75  # an answer comes at least this often, if need be to say that nothing changed
SLOWEST_ALIVE_S = 1.5  # a server that speaks less often cannot be told from a frozen one in time
MOST_WAITING = 8  # publish requests at the server
# Codes by which a server says that it has no subscription for us; values are then asked for.
NO_SUBSCRIPTIONS = {
    StatusCodes.BadServiceUnsupported,
    StatusCodes.BadNotImplemented,
    StatusCodes.BadNotSupported,
    StatusCodes.BadTooManySubscriptions,
    StatusCodes.BadUserAccessDenied,
}


class NoSubscriptionError(Exception):
    """A server that cannot serve a subscription as we need it; the text says why."""


@dataclass(slots=True)
class Subscription:
    """One subscription at the server, and who is told of its news.

    `on_items` takes the notifications of one answer, `on_alive` is called where there were none.
    """

    id: int
    alive_s: float  # the server answers at least this often
    on_items: Callable[[list[Item]], None]
    on_alive: Callable[[], None]
    heard_at: float  # loop time of the last answer
    sequence: int | None = None  # of the last answer with news


class Publisher:
    """The subscriptions of one session. `ended` is done, with why, once one of them is lost."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[Exception] = self._loop.create_future()
        self._subscriptions: dict[int, Subscription] = {}
        self._acks: list[tuple[int, int]] = []  # subscription, sequence
        self._waiting: set[asyncio.Task[None]] = set()

    async def open(
        self, on_items: Callable[[list[Item]], None], on_alive: Callable[[], None], timeout_s: float
    ) -> Subscription:
        """Return a new subscription without items.

        Raises `NoSubscriptionError` if the server has none for us, else as `Session.ask` does.
        """
        count = round(KEEP_ALIVE_S / INTERVAL_S)
        try:
            answer = await self.session.ask(create_subscription(INTERVAL_S, count), timeout_s)
        except ServiceError as error:
            if error.code in NO_SUBSCRIPTIONS:
                raise NoSubscriptionError(str(error)) from None
            raise
        pace = pace_response(answer)
        if pace.alive_s > KEEP_ALIVE_S:  # its interval is longer than was asked
            number, interval_s = pace.subscription, pace.interval_s
            count = max(1, int(KEEP_ALIVE_S / interval_s))
            request = modify_subscription(number, interval_s, count)
            pace = pace_response(await self.session.ask(request, timeout_s), number)
        if not pace.alive_s <= SLOWEST_ALIVE_S:  # not-a-number is no pace either
            raise NoSubscriptionError(f"it would say only every {pace.alive_s:g} s that it lives")
        now = self._loop.time()
        sub = Subscription(pace.subscription, pace.alive_s, on_items, on_alive, now)
        self._subscriptions[sub.id] = sub
        while len(self._waiting) <= min(len(self._subscriptions), MOST_WAITING - 1):
            task = asyncio.create_task(self._publish(), name="opcua publish")
            self._waiting.add(task)
            task.add_done_callback(self._done)
        return sub

    async def close(self) -> None:
        """Stop asking; what the server still has for us is lost with the session."""
        self.fail(ConnectionError("closed"))
        waiting, self._waiting = self._waiting, set()
        for task in waiting:
            task.cancel()
        if waiting:
            await asyncio.wait(waiting)

    def fail(self, error: Exception) -> None:
        """Say that the subscriptions are lost because of `error`; only the first time counts."""
        if not self.ended.done():
            self.ended.set_result(error)

    async def _publish(self) -> None:
        """Keep one request waiting at the server, and hand on what each answer brings."""
        while not self.ended.done():
            acks, self._acks = self._acks, []
            try:
                answer = await self.session.ask(publish(acks), 0)
            except ServiceError as error:
                if error.code == StatusCodes.BadTimeout:
                    continue
                if error.code == StatusCodes.BadTooManyPublishRequests and len(self._waiting) > 1:
                    return
                raise
            self._take(answer)

    def _take(self, answer: bytes) -> None:
        published = publish_response(answer)
        sub = self._subscriptions.get(published.subscription)
        if sub is None:  # one that we have given up before it had any items
            return
        sub.heard_at = self._loop.time()
        if published.status is not None and published.status & 0x80000000:
            raise ConnectionError(f"the server ended the subscription: 0x{published.status:08X}")
        if published.empty:
            sub.on_alive()
            return
        expected = None if sub.sequence is None else sub.sequence % 0xFFFFFFFF + 1
        if expected not in {None, published.sequence}:
            raise ValueError(
                f"notifications are missing: message {published.sequence} came for {expected}"
            )
        sub.sequence = published.sequence
        self._acks.append((sub.id, published.sequence))
        sub.on_items(published.items)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._waiting.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if isinstance(error, Exception):
            self.fail(error)
