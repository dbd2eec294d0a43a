"""A little site and drivers that do as they are told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edge.alarm import Heard
from edge.drivers.base import Batch, Reading
from edge.site.model import Device, LimitKind, LimitSpec, Site, SiteFile
from edge.tag import Position, Quality, Reason, Sample, Tag, World
from edge.units import Unit

GOOD = (Quality.GOOD, Reason.OK)
TITLE = {"zh": "试", "en": "test"}


def make_tag(name: str, device: str, **changes: Any) -> Tag:
    fields: dict[str, Any] = {
        "title_zh": name,
        "title_en": name,
        "ref": "concentration",
        "asset": "TANK",
        "area": "cl2",
        "substance": "chlorine",
        "quantity": "concentration",
        "unit": Unit.PPM,
        "range_low": 0.0,
        "range_high": 10.0,
        "period_s": 1.0,
        "position": Position(0, 0),
        "world": World.TEST,
    }
    return Tag(name=name, device=device, **(fields | changes))


def make_limit(tag: str, kind: str, limit: float | None = None, **changes: Any) -> LimitSpec:
    fields: dict[str, Any] = {
        "priority": {"h": 2, "hh": 1}.get(kind, 3),
        "level": {"h": 1, "hh": 2}.get(kind, 0),
        "area": "cl2",
    }
    kind_ = LimitKind(kind)
    return LimitSpec(f"{tag}/{kind}", tag, kind_, limit, **(fields | changes))


def make_site(
    tags: Sequence[Tag],
    links: Mapping[str, Mapping[str, Any]] | None = None,
    limits: Sequence[LimitSpec] = (),
    **changes: Any,
) -> Site:
    """A test-world site whose devices are the tags'; link "a" unless a device name says "b-…"."""
    devices = {
        tag.device: tag.device.split("-")[0] for tag in tags if tag.device not in {"hazard", "core"}
    }
    known = dict(links or {link: {} for link in sorted(set(devices.values()))})
    file: dict[str, Any] = {
        "suian": 1,
        "id": "little",
        "title": TITLE,
        "world": "test",
        "gateway": {"id": "gw-little"},
        "origin": {"lat_deg": 46, "lon_deg": 125},
        "areas": [{"id": "cl2", "title": TITLE}, {"id": "nh3", "title": TITLE}],
        "assets": [],
        "links": [
            {"id": name, "kind": "modbus-tcp", "port": 1000 + i, **facts}
            for i, (name, facts) in enumerate(known.items())
        ],
        "devices": [
            {"id": device, "link": link, "template": "honeywell-xnx", "world": "test"}
            for device, link in devices.items()
        ],
    }
    by_id = {limit.id: limit for limit in limits}
    tags_by_name = {tag.name: tag for tag in tags}
    return Site(SiteFile.model_validate(file | changes), Path(), "hash", tags_by_name, by_id)


@dataclass
class FakeBatch:
    device: Device
    tags: Sequence[Tag]
    patience_s: float = 3.0


@dataclass
class FakeDriver:
    """Answers what `answer` says; keeps when it was asked, and the writes it took."""

    answer: Callable[[FakeBatch], Any] = lambda batch: [Reading(0.0, *GOOD) for _ in batch.tags]
    asked: list[tuple[str, float]] = field(default_factory=list)
    wrote: list[tuple[str, dict[str, int | str]]] = field(default_factory=list)
    refuse: Exception | None = None
    time: Callable[[], float] = lambda: 0.0

    def plan(self, device: Device, tags: Sequence[Tag]) -> FakeBatch:
        return FakeBatch(device, tags)

    async def read(self, batch: Batch) -> list[Reading]:
        assert isinstance(batch, FakeBatch)
        self.asked.append((batch.device.id, self.time()))
        answer = self.answer(batch)
        if asyncio.iscoroutine(answer):
            answer = await answer
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def write(self, device: Device, values: Mapping[str, int | str]) -> None:
        if self.refuse is not None:
            raise self.refuse
        self.wrote.append((device.id, dict(values)))

    async def close(self) -> None:
        pass


class Taken(list[Sample]):
    """A sink that keeps what it is given."""

    def join(self, tags: Sequence[str]) -> Heard:
        return Heard(tags)  # all of them restless for ever

    def on_answer(self, heard: Heard, samples: Sequence[Sample], utc_ns: int) -> None:
        self.extend(samples)

    def on_samples(self, samples: Sequence[Sample]) -> None:
        self.extend(samples)

    def on_same(self, tags: Sequence[str], utc_ns: int) -> None:
        latest = {sample.tag: sample for sample in self}
        self.extend(latest[tag]._replace(receive_ns=utc_ns) for tag in tags)


async def settle() -> None:
    """Let every task run until it waits for time."""
    for _ in range(50):
        await asyncio.sleep(0)
