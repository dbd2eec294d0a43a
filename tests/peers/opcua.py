"""A poller on one OPC UA link, and what it hands on: for tests against servers of any make."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from edge.alarm import Heard
from edge.clock import SystemClock
from edge.drivers import open_driver
from edge.poll import Poller
from edge.site.model import Device, Link
from edge.tag import Quality, Reason, Sample, Tag
from tests.conformance.field import TEMPLATES, make_site, make_tag

URI = "urn:suian:peer"
PATIENCE_S = 40.0  # on a machine that others keep busy; nothing here measures time


class Seen:
    """A sink: every sample, the latest of each tag, and when an answer was told of."""

    def __init__(self) -> None:
        self.all: list[Sample] = []
        self.latest: dict[str, Sample] = {}
        self.heard_ns: list[int] = []
        self._news = asyncio.Event()

    def on_samples(self, samples: Sequence[Sample]) -> None:
        """Keep samples."""
        self.all += samples
        self.latest |= {sample.tag: sample for sample in samples}
        self._news.set()

    def join(self, tags: Sequence[str]) -> Heard:
        """Return what stands for `tags`."""
        return Heard(tags)

    def on_answer(self, heard: Heard, samples: Sequence[Sample], utc_ns: int) -> None:
        """Keep samples, and when all were heard of; good ones rest."""
        self.heard_ns.append(utc_ns)
        self.on_samples(samples)
        heard.restless.clear()
        heard.restless |= {s.tag for s in self.latest.values() if s.quality is Quality.BAD}

    def on_same(self, tags: Sequence[str], utc_ns: int) -> None:
        """Take it that nothing changed."""

    async def until(self, holds: Callable[[], bool]) -> None:
        """Return once `holds()` is true, looking again at every sample."""
        async with asyncio.timeout(PATIENCE_S):
            while not holds():
                self._news.clear()
                await self._news.wait()

    async def value(self, tag: str, value: float) -> Sample:
        """Return the sample by which `tag` has `value`, once it has come."""
        await self.until(lambda: tag in self.latest and self.latest[tag].value == value)
        return self.latest[tag]

    async def reason(self, tag: str, reason: Reason) -> Sample:
        """Return the sample by which `tag` has `reason`, once it has come."""
        await self.until(lambda: tag in self.latest and self.latest[tag].reason is reason)
        return self.latest[tag]

    async def all_of(self, quality: Quality) -> None:
        """Return once every tag's latest sample is of `quality`."""
        await self.until(lambda: {sample.quality for sample in self.latest.values()} == {quality})


def link_to(port: int, **more: Any) -> Link:
    """Return a link to the peer on `port`."""
    facts: dict[str, Any] = {"path": "/suian/peer", "timeout_s": 2.0, "retry_s": 0.5}
    return Link(id="u", kind="opcua", port=port, **(facts | more))


def tags_of(*names: str, uri: str = URI, high: float = 1e9) -> list[Tag]:
    """Return tags called as the peer's variables are."""
    return [make_tag(name, "D", f"nsu={uri};s={name}", low=-1e9, high=high) for name in names]


@asynccontextmanager
async def reading(
    link: Link, tags: Sequence[Tag], root: Path = Path(), **settings: str
) -> AsyncIterator[Seen]:
    """A poller on `link` for the length of a block, and its sink; `root` is the site's folder."""
    device = Device(id="D", link="u", template="opcua", settings=dict(settings))
    driver = open_driver(link, [device], TEMPLATES, frozenset(), root)
    seen = Seen()
    poller = Poller(make_site([link], [device], tags), {"u": driver}, SystemClock(), seen)
    task = asyncio.create_task(poller.run())
    try:
        yield seen
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await driver.close()
