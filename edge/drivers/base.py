"""The seam between the field and everything else: one `Driver` per link.

Contract, checked by the conformance suite over every driver:

- Constructors assign; nothing connects before the first `read` or `write`.
- `plan` is pure and done once at load; a reference that the template does not know is a
  `ConfigError` then, never a surprise at run time.
- `read` returns exactly one `Reading` per planned tag, in the plan's order. A tag that cannot be
  decoded is a Bad reading with its reason; only the failure of the whole device raises
  `DeviceError`, and the poller turns that into a Bad sample for every tag.
- `write` reaches annunciators on the allow-list only (`WriteRefusedError`), goes ahead of waiting
  reads, and returns after the device has answered.
- `close` may be called at any time and twice. After it, `read` connects anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol, runtime_checkable

from edge.site.model import Device
from edge.tag import Quality, Reason, Tag


class Reading(NamedTuple):
    """What was found for one tag; `source_ns` is the instrument's own stamp [UTC ns] or None."""

    value: float | None
    quality: Quality
    reason: Reason
    source_ns: int | None = None


READ_BUDGET = 3.0  # times a device's time-out: to connect, to ask, and to ask once more


class Batch(Protocol):
    """The plan to read some tags of one device; opaque to all but the driver that made it."""

    @property
    def device(self) -> Device:
        """The device that is read."""
        ...

    @property
    def tags(self) -> Sequence[Tag]:
        """The tags, in the order that `read` answers."""
        ...

    @property
    def patience_s(self) -> float:
        """How long a read of it may take before it has failed [s]."""
        ...


class Driver(Protocol):
    """One link's way to its devices."""

    def plan(self, device: Device, tags: Sequence[Tag]) -> Batch:
        """Return the requests that read `tags` of `device`. Raises `ConfigError`."""
        ...

    async def read(self, batch: Batch) -> list[Reading]:
        """Return one reading per tag of `batch`. Raises `DeviceError` if nothing was read."""
        ...

    async def write(self, device: Device, values: Mapping[str, int | str]) -> None:
        """Drive output points of `device`: point -> state or code.

        Raises `WriteRefusedError`, `DeviceError`.
        """
        ...

    async def close(self) -> None:
        """Let go of the link."""
        ...


Deliver = Callable[[Sequence[int], Sequence[Reading]], None]  # places in the batch, what was found


@runtime_checkable
class StreamingDriver(Driver, Protocol):
    """A driver whose devices may tell of changes by themselves, instead of being asked."""

    def streams(self, batch: Batch) -> bool:
        """Return whether `stream` is to be used for `batch` in place of `read`."""
        ...

    async def stream(self, batch: Batch, deliver: Deliver, heard: Callable[[], None]) -> None:
        """Hand on what the device tells, until cancelled.

        `deliver` takes readings for some places of `batch.tags`, in the order in which they came
        (one place may stand there several times); `heard` is called where the device proved alive
        and nothing of `batch` had changed. Either is a plain call. Each call of `stream` begins
        with a reading for every tag. Raises `DeviceError` when the device is lost: every tag is
        Bad then, and `stream` is called again at once, so the driver paces its own reconnecting.
        """
        ...


@runtime_checkable
class Counts(Protocol):
    """A driver that counts how its devices answer."""

    def statistics(self) -> dict[str, dict[str, object]]:
        """Return each device's figures by its id: plain numbers, texts and None."""
        ...
