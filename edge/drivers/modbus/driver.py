"""The Modbus driver: plans once, reads blocks, writes outputs and reads them back."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from edge.drivers.base import Batch, Reading
from edge.drivers.blocks import Block
from edge.drivers.codec import Raw, heartbeat
from edge.drivers.judgement import bad
from edge.drivers.layout import DeviceMap, RefError, resolve
from edge.drivers.modbus.link import SharedLink
from edge.drivers.modbus.requests import RequestError
from edge.drivers.outputs import Write, writes
from edge.drivers.plan import ReadPlan, make_plan
from edge.drivers.sparse import Memory
from edge.drivers.template import ModbusTemplate, Template
from edge.errors import ConfigError, DeviceError, Fault, WriteRefusedError
from edge.site.model import Device, Link
from edge.tag import Quality, Reason, Tag

ILLEGAL_ADDRESS = 2
BEATS_MISSED = 3  # steps a heartbeat may miss before the instrument counts as dead
_log = structlog.get_logger(__name__)


class ModbusBatch:
    """Some tags of one device and the requests that read them; requests are split if refused."""

    def __init__(
        self, device: Device, tags: Sequence[Tag], plan: ReadPlan, patience_s: float
    ) -> None:
        self.device = device
        self.tags = tuple(tags)
        self.plan = plan
        self.memory = Memory(plan)
        self.patience_s = patience_s

    def split(self, block: Block) -> None:
        """Read `block` in its gapless parts from now on."""
        at = self.plan.blocks.index(block)
        blocks = (*self.plan.blocks[:at], *block.parts, *self.plan.blocks[at + 1 :])
        self.plan = replace(self.plan, blocks=blocks)
        self.memory = Memory(self.plan)


@dataclass(slots=True)
class _Pulse:
    value: int
    since: float  # loop time at which it was first seen


class ModbusDriver:
    """One Modbus link's way to its devices (see `edge.drivers.base.Driver`).

    `folder` is the site's: certificates are named from there.
    """

    def __init__(
        self,
        link: Link,
        devices: Sequence[Device],
        templates: Mapping[str, Template],
        writable: frozenset[str],
        folder: Path | None = None,
    ) -> None:
        rules = {
            device.id: template.read
            for device in devices
            if isinstance(template := templates.get(device.template), ModbusTemplate)
        }
        self._link = SharedLink(link, devices, folder, rules)
        self._templates = templates
        self._writable = writable
        self._maps: dict[str, DeviceMap] = {}
        self._pulses: dict[str, _Pulse] = {}

    def plan(self, device: Device, tags: Sequence[Tag]) -> ModbusBatch:
        """Return the requests that read `tags` of `device`. Raises `ConfigError`."""
        try:
            device_map = self._map(device)
        except RefError as error:
            fault = Fault("site.yaml", 0, device.id, error.problem, error.remedy)
            raise ConfigError([fault]) from None
        plan = make_plan(device_map, tags)
        patience_s = self._link.patience_s(device.unit_id, len(plan.blocks))
        return ModbusBatch(device, tags, plan, patience_s)

    async def read(self, batch: Batch) -> list[Reading]:
        """Return one reading per tag of `batch`. Raises `DeviceError` if nothing could be read."""
        assert isinstance(batch, ModbusBatch)  # a batch belongs to the driver that made it
        payloads = await self._payloads(batch)
        readings = batch.memory.decode(payloads)
        if batch.plan.heartbeat is not None and self._pulse_lost(batch, batch.memory.raw):
            readings = [
                bad(Reason.HEARTBEAT_LOST)
                if program.heartbeat and reading.quality is not Quality.BAD
                else reading
                for program, reading in zip(batch.plan.programs, readings, strict=True)
            ]
        return readings

    async def _payloads(self, batch: ModbusBatch) -> list[bytes | Reason]:
        """Return what came for each block; raises `DeviceError` where no block brought anything."""
        payloads: list[bytes | Reason] = []
        first: RequestError | None = None
        gone: Reason | None = None  # the device answers no more: spare it and us the other blocks
        while len(payloads) < len(batch.plan.blocks):
            if gone is not None:
                payloads.append(gone)
                continue
            block = batch.plan.blocks[len(payloads)]
            unit = batch.device.unit_id
            try:
                answer = await self._link.read(unit, block.area, block.address, block.count)
            except RequestError as fault:
                if fault.code == ILLEGAL_ADDRESS and block.parts:
                    _log.info("reading without gaps", device=batch.device.id, at=block.address)
                    batch.split(block)
                    continue
                first = first or fault
                payloads.append(fault.reason)
                if fault.reason in {Reason.TIMEOUT, Reason.NOT_CONNECTED}:
                    gone = fault.reason
                continue
            payloads.append(answer)
        if first is not None and all(isinstance(payload, Reason) for payload in payloads):
            self._pulses.pop(batch.device.id, None)
            raise DeviceError(batch.device.id, first.reason, first.detail)
        return payloads

    def _pulse_lost(self, batch: ModbusBatch, raw: Sequence[Raw]) -> bool:
        seen = heartbeat(batch.plan, raw)
        beat = batch.plan.heartbeat
        if seen is None or beat is None:
            return False
        now = asyncio.get_running_loop().time()
        pulse = self._pulses.setdefault(batch.device.id, _Pulse(seen, now))
        if pulse.value != seen:
            self._pulses[batch.device.id] = _Pulse(seen, now)
            return False
        return now - pulse.since > BEATS_MISSED * beat.period_s

    async def write(self, device: Device, values: Mapping[str, int | str]) -> None:
        """Bring output points to `values` and read them back.

        Raises `WriteRefusedError` before anything is sent if the device is not on the allow-list
        or has no such output, and `DeviceError` if it did not take the write.
        """
        if device.id not in self._writable:
            raise WriteRefusedError(f"{device.id} is no annunciator; it is never written")
        try:
            requests = writes(self._map(device), values)
        except RefError as error:
            raise WriteRefusedError(f"{device.id}: {error}") from None
        try:
            for request in requests:
                await self._link.write(
                    device.unit_id, request.area, request.address, request.words, request.function
                )
            for request in requests:
                await self._verify(device, request)
        except RequestError as fault:
            raise DeviceError(device.id, fault.reason, fault.detail) from None

    async def _verify(self, device: Device, request: Write) -> None:
        if not request.expects:
            return
        count = len(request.words)
        data = await self._link.verify(device.unit_id, request.area, request.address, count)
        for expect in request.expects:
            at = expect.address - request.address
            if request.area.bitwise:
                seen = data[at >> 3] >> (at & 7) & 1
            else:
                seen = int.from_bytes(data[2 * at : 2 * at + 2]) & expect.mask
            if seen != expect.code:
                detail = f"address {expect.address} reads {seen} after {expect.code} was written"
                raise RequestError(Reason.DEVICE_FAULT, detail)

    def statistics(self) -> dict[str, dict[str, object]]:
        """Return each device's figures by its id (`DeviceStatistics.as_dict`)."""
        return self._link.statistics()

    async def close(self) -> None:
        """Let go of the link; may be called at any time and twice."""
        self._link.close()
        self._pulses.clear()

    def _map(self, device: Device) -> DeviceMap:
        known = self._maps.get(device.id)
        if known is None:
            template = self._templates.get(device.template)
            if not isinstance(template, ModbusTemplate):
                raise RefError(
                    f"{device.template!r} is no Modbus template", "Name a template that is there"
                )
            known = self._maps[device.id] = resolve(template, device.settings)
        return known
