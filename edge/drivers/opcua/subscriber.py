"""One batch, as its server tells of it: everything read once, then subscribed, then watched.

The connection may look alive and bring nothing, so silence has a deadline of its own: the server
must answer some publish request every `alive_s`, and one that does not is let go. Nodes that cannot
be subscribed are asked for at the batch's period, so that one bad node costs no other, and a node
that appears later is found.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import structlog
from asyncua.ua.uatypes import NodeId

from edge.drivers.base import Deliver, Reading
from edge.drivers.opcua.batch import OVERFLOW, OpcUaBatch
from edge.drivers.opcua.gates import Gating
from edge.drivers.opcua.publish import NoSubscriptionError, Publisher, Subscription
from edge.drivers.opcua.services import create_items
from edge.drivers.opcua.session import NAMESPACES, TOO_MUCH, Gated, ServiceError, Session
from edge.drivers.opcua.status import BAD
from edge.drivers.opcua.wire import Item, NodeValue, items_response
from edge.site.model import Link

SILENCE_S = 1.5  # that a server may be late beyond its own pace: 0.75 + 1.5 s, and 3 s are allowed
SETUP_S = 2.5  # that an answer may take while items are made: a frozen server is noticed then too
GRACE_S = 0.1  # whoever wakes late looks at what has come meanwhile before he complains
QUEUE = 10  # values of one node that the server keeps between two answers
MOST_PER_CALL = 500  # items made in one request
FIRST_HANDLE = 1  # of the first place; 0 is what node-opcua makes of a handle that it cannot keep
AGAIN_S = 30.0  # how often subscribing is tried again for nodes that could not be
log = structlog.get_logger(__name__)


class Subscriber:
    """The way of one batch's values from one session to `deliver` and `heard`."""

    def __init__(
        self,
        link: Link,
        batch: OpcUaBatch,
        publisher: Publisher,
        deliver: Deliver,
        heard: Callable[[], None],
    ) -> None:
        self._link = link
        self._batch = batch
        self._publisher = publisher
        self._deliver, self._heard = deliver, heard
        self._loop = asyncio.get_running_loop()
        self._gated = Gated([], Gating(batch, ()))
        self._list_handle = 0  # that of the list of namespaces; the first behind all places
        self._asked: Sequence[int] = ()  # places that must be asked for
        self._overflowed = False
        self._refused = 0

    @property
    def _session(self) -> Session:
        return self._publisher.session

    async def run(self) -> None:
        """Hand on values until cancelled.

        Raises `TimeoutError` if the server falls silent, `OSError` if it is gone, `ValueError` if
        what it says makes no sense.
        """
        async with asyncio.timeout(max(self._link.timeout_s, SETUP_S)):
            self._gated = await self._session.gated(self._batch)
        self._asked = range(len(self._gated.nodes))
        self._list_handle = len(self._gated.nodes) + FIRST_HANDLE
        await self._ask()
        subscription: Subscription | None = None
        try:
            subscription = await self._publisher.open(self._on_items, self._heard, SETUP_S)
            await self._subscribe(subscription)
        except NoSubscriptionError as error:
            log.warning(
                "server cannot be subscribed, it is polled",
                link=self._link.id,
                device=self._batch.device.id,
                detail=str(error),
            )
        await self._watch(subscription)

    async def _watch(self, subscription: Subscription | None) -> None:
        """Ask for what must be asked for, look out for silence; raise what ends either."""
        tasks = [asyncio.create_task(self._keep_asking(subscription))]
        if subscription is not None:
            tasks.append(asyncio.create_task(self._look_out(subscription)))
        ended = self._publisher.ended
        try:
            await asyncio.wait({ended, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
        if ended.done():
            raise ended.result()
        raise next(one for one in results if isinstance(one, Exception))

    async def _keep_asking(self, subscription: Subscription | None) -> None:
        period_s = self._batch.period_s
        ask_at = self._loop.time() + period_s
        again_at = self._loop.time() + AGAIN_S
        while True:
            await asyncio.sleep(ask_at - self._loop.time())
            now = self._loop.time()
            ask_at = max(ask_at + period_s, now)
            if not self._asked:
                continue
            await self._ask()
            if subscription is not None and now >= again_at:
                again_at = now + AGAIN_S
                await self._subscribe(subscription)

    async def _look_out(self, subscription: Subscription) -> None:
        limit_s = subscription.alive_s + SILENCE_S
        while True:
            await asyncio.sleep(subscription.heard_at + limit_s - self._loop.time())
            if self._loop.time() < subscription.heard_at + limit_s:
                continue
            await asyncio.sleep(GRACE_S)  # it may be we who did not run
            if self._loop.time() >= subscription.heard_at + limit_s:
                raise TimeoutError(f"connected, and nothing heard for {limit_s:g} s")

    async def _ask(self) -> None:
        """Read what must be asked for, and hand it on."""
        asked = list(self._asked)
        nodes = [self._gated.nodes[place] for place in asked]
        async with asyncio.timeout(max(self._link.timeout_s, SETUP_S)):
            values = await self._session.read(nodes, self._batch.most)
        count, gating = len(self._batch.tags), self._gated.gating
        found = list(zip(asked, values, strict=True))
        pairs: list[tuple[int, Reading]] = []
        for place, value in found:
            if place >= count:
                pairs += gating.take(place - count, value)
        pairs += [(place, gating.of_node(place, value)) for place, value in found if place < count]
        self._deliver([place for place, _ in pairs], [reading for _, reading in pairs])

    async def _subscribe(self, subscription: Subscription) -> None:
        """Have the server tell of everything that is asked for now; the rest stays asked for."""
        nodes = [(place, self._gated.nodes[place]) for place in self._asked]
        wanted = [(place + FIRST_HANDLE, node) for place, node in nodes if node is not None]
        refused = [place + FIRST_HANDLE for place, node in nodes if node is None]
        if subscription.sequence is None:
            wanted.append((self._list_handle, NAMESPACES))
        most = min(MOST_PER_CALL, self._session.limits.monitor or MOST_PER_CALL)
        start = 0
        while start < len(wanted):
            part = wanted[start : start + most]
            try:
                refused += await self._create(subscription, part)
            except ServiceError as error:
                if error.code not in TOO_MUCH or most == 1:
                    raise
                most = max(1, most // 2)
                continue
            start += len(part)
        places = [one - FIRST_HANDLE for one in refused if one != self._list_handle]
        self._say_refused(places)
        self._asked = places

    async def _create(
        self, subscription: Subscription, wanted: Sequence[tuple[int, NodeId]]
    ) -> list[int]:
        """Make monitored items of (handle, node); return the handles of those that are refused."""
        request = create_items(subscription.id, wanted, self._batch.period_s, QUEUE)
        answer = await self._session.ask(request, max(self._link.timeout_s, SETUP_S))
        codes = items_response(answer)
        if len(codes) != len(wanted):
            raise ValueError(f"{len(codes)} answers came for {len(wanted)} items")
        return [handle for (handle, _), code in zip(wanted, codes, strict=True) if code & BAD]

    def _on_items(self, items: list[Item]) -> None:
        """Hand on one answer's notifications, each in its turn."""
        places: list[int] = []
        found: list[Reading] = []
        gating, count = self._gated.gating, len(self._batch.tags)
        reading = gating.reading
        for handle, code, value, source_ns in items:
            place = handle - FIRST_HANDLE
            if 0 <= place < count:
                places.append(place)
                found.append(reading(place, code, value, source_ns))
                if code & OVERFLOW == OVERFLOW and not self._overflowed:
                    self._say_overflow(place)
            elif handle == self._list_handle:
                self._session.check_namespaces(NodeValue(code, value, None))
            elif place >= count:
                for governed, now in gating.take(place - count, NodeValue(code, value, source_ns)):
                    places.append(governed)
                    found.append(now)
        if places:
            self._deliver(places, found)
        else:
            self._heard()

    def _say_overflow(self, place: int) -> None:
        """Say once per session that the server is asked for more than its queues hold."""
        self._overflowed = True
        tag = self._batch.tags[place].name
        log.warning("server dropped values between two answers", link=self._link.id, tag=tag)

    def _say_refused(self, refused: Sequence[int]) -> None:
        """Say which tags the server will not tell of, when that changes."""
        tags = [self._batch.tags[place].name for place in refused if place < len(self._batch.tags)]
        if tags and len(tags) != self._refused:
            told = log.bind(link=self._link.id, device=self._batch.device.id)
            told.warning(
                "nodes cannot be subscribed, they are polled", count=len(tags), tags=tags[:5]
            )
        self._refused = len(tags)
