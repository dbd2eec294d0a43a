"""What reading a site costs its links: every request, the line's time, and what cannot fit. Pure.

A request on a serial line takes its bytes (8 asked; answered 5 and 2 a register, or 1 for eight
bits), the rest before it, and the instrument's own turnaround, which no one knows before it was
measured: `turnaround_s` is assumed. Over TCP only that is reckoned with.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from edge.drivers.blocks import Block
from edge.drivers.layout import DeviceMap, RefError, resolve
from edge.drivers.modbus.requests import read_request
from edge.drivers.modbus.unit import character_s, rest_s
from edge.drivers.plan import ReadPlan, make_plan
from edge.drivers.template import Area, ModbusTemplate, OpcUaTemplate, Template
from edge.errors import ConfigError, Fault
from edge.site.model import Device, Link, Site
from edge.tag import Tag

FUNCTIONS = {Area.COIL: 1, Area.DISCRETE: 2, Area.HOLDING: 3, Area.INPUT: 4}
BUSY_LINE = 0.6  # share of a line's time above which one silent unit makes everything late
PERIOD_SHARE = 0.9  # of its period that reading a device may take (edge.poll)
LINE_TURNAROUND_S, SOCKET_TURNAROUND_S = 0.02, 0.005  # assumed where nothing was measured
REQUEST_OCTETS = 8


@dataclass(frozen=True, slots=True)
class RequestLoad:
    """One request: `count` registers or bits from zero-based `address`, as the manual `printed` it.

    `unused` are read along and mean nothing to anybody. `wire_s` is its time on a serial line with
    the rest before it, `takes_s` the same with the answer's assumed delay [s].
    """

    function: int
    address: int
    printed: str
    count: int
    tags: tuple[str, ...]
    unused: int
    wire_s: float
    takes_s: float


@dataclass(frozen=True, slots=True)
class BatchLoad:
    """One device's tags of one period [s]: read together, one request after the other.

    `min_gap_s` [s] lies at least between the device's requests; others use the link meanwhile.
    `streamed`: an OPC UA server tells of changes by itself, and is asked nothing.
    """

    device: str
    template: str
    unit: int
    period_s: float
    tags: int
    requests: tuple[RequestLoad, ...]
    min_gap_s: float = 0.0
    streamed: bool = False

    @property
    def busy_s(self) -> float:
        """How long reading it keeps the link busy [s]."""
        return sum(request.takes_s for request in self.requests)

    @property
    def paced_s(self) -> float:
        """How long the device itself is taken up: its rests between requests come on top [s]."""
        return sum(max(request.takes_s, self.min_gap_s) for request in self.requests)

    @property
    def takes_s(self) -> float:
        """How long reading it takes from the first question to the last answer [s]."""
        if not self.requests:
            return 0.0
        last_s = self.requests[-1].takes_s
        return self.paced_s - max(last_s, self.min_gap_s) + last_s


@dataclass(frozen=True, slots=True)
class LinkLoad:
    """One link. Shares are of its time: on the wire, and with the answers' assumed delay."""

    link: str
    kind: str
    where: str
    baud: int | None  # of a serial line; None: not known, or there is none
    on_line: bool
    turnaround_s: float
    batches: tuple[BatchLoad, ...]

    @property
    def line_share(self) -> float:
        """How much of the line's time its bytes and rests take; 0 where there is no line."""
        return sum(
            request.wire_s / batch.period_s for batch in self.batches for request in batch.requests
        )

    @property
    def busy_share(self) -> float:
        """How much of its time the link is in use; above 1 the plan cannot be kept."""
        return sum(batch.busy_s / batch.period_s for batch in self.batches)

    @property
    def registers_per_s(self) -> float:
        """How many registers and bits are read in a second."""
        return sum(
            request.count / batch.period_s for batch in self.batches for request in batch.requests
        )

    @property
    def requests_per_s(self) -> float:
        """How many requests go out in a second."""
        return sum(len(batch.requests) / batch.period_s for batch in self.batches)

    @property
    def cycles(self) -> dict[float, float]:
        """Period [s] -> how long all that is read at it keeps the link busy [s]."""
        found: dict[float, float] = {}
        for batch in self.batches:
            found[batch.period_s] = found.get(batch.period_s, 0.0) + batch.busy_s
        return found


def estimate(
    site: Site, templates: Mapping[str, Template], turnaround_s: float | None = None
) -> list[LinkLoad]:
    """Return what each link has to carry. Raises `ConfigError` where a device cannot be planned.

    `turnaround_s` [s] is how long instruments take to answer; None: a usual time for each kind.
    """
    loads: list[LinkLoad] = []
    for link in site.file.links:
        usual = LINE_TURNAROUND_S if link.on_line else SOCKET_TURNAROUND_S
        delay_s = usual if turnaround_s is None else turnaround_s
        batches: list[BatchLoad] = []
        for device in site.file.devices:
            template = templates.get(device.template)
            if device.link != link.id or template is None:
                continue
            periods: dict[float, list[Tag]] = {}
            for tag in site.tags_of(device.id):
                periods.setdefault(tag.period_s, []).append(tag)
            for period_s, tags in sorted(periods.items()):
                batches.append(_batch(link, device, template, period_s, tags, delay_s))
        baud = link.serial.baud if link.serial is not None else None
        loads.append(
            LinkLoad(link.id, link.kind, link.where, baud, link.on_line, delay_s, tuple(batches))
        )
    return loads


def _batch(
    link: Link,
    device: Device,
    template: Template,
    period_s: float,
    tags: Sequence[Tag],
    delay_s: float,
) -> BatchLoad:
    if isinstance(template, OpcUaTemplate):
        streamed = link.mode == "subscribe"
        each = template.max_nodes_per_read
        counts = [] if streamed else [min(each, len(tags) - at) for at in range(0, len(tags), each)]
        reads = tuple(RequestLoad(0, 0, "", count, (), 0, 0.0, delay_s) for count in counts)
        return BatchLoad(device.id, template.id, 0, period_s, len(tags), reads, streamed=streamed)
    device_map = _map(template, device)
    plan = make_plan(device_map, tags)
    requests = tuple(_request(link, device_map, plan, block, delay_s) for block in plan.blocks)
    gap_s = device_map.template.read.min_gap_s
    return BatchLoad(device.id, template.id, device.unit_id, period_s, len(tags), requests, gap_s)


def _map(template: ModbusTemplate, device: Device) -> DeviceMap:
    try:
        return resolve(template, device.settings)
    except RefError as error:
        fault = Fault("site.yaml", 0, device.id, error.problem, error.remedy)
        raise ConfigError([fault]) from None


def _request(
    link: Link, device_map: DeviceMap, plan: ReadPlan, block: Block, delay_s: float
) -> RequestLoad:
    slots = set(block.slots)
    used = {
        at
        for slot in slots
        for at in range(plan.cells[slot].address, plan.cells[slot].address + plan.cells[slot].words)
    }
    octets = REQUEST_OCTETS + read_request(block.area, block.address, block.count).answer_octets
    bytes_s, pause_s = octets * character_s(link), rest_s(link)
    return RequestLoad(
        function=FUNCTIONS[block.area],
        address=block.address,
        printed=printed_at(device_map, block.area, block.address),
        count=block.count,
        tags=tuple(program.tag.name for program in plan.programs if program.slot in slots),
        unused=block.count - len(used),
        wire_s=bytes_s + pause_s if link.on_line else 0.0,
        takes_s=bytes_s + pause_s + delay_s,
    )


def printed_at(device_map: DeviceMap, area: Area, address: int) -> str:
    """Return how the manual prints `address`, "" where its template does not say."""
    for name, register in device_map.template.registers.items():
        if register.area is not area or not register.printed:
            continue
        for channel in range(1, register.channels + 1):
            try:
                cell = device_map.point(f"{name}[{channel}]").cell
            except RefError:  # a field that this device is not set to send
                break
            if cell.address == address:
                return (
                    f"{register.printed} ({name}[{channel}])" if channel > 1 else register.printed
                )
    return ""


def misfits(load: LinkLoad) -> Iterator[str]:
    """Yield what of a link's plan cannot be kept: periods that are shorter than the reading."""
    paces: dict[str, float] = {}
    for batch in load.batches:
        share = batch.paced_s / batch.period_s
        paces[batch.device] = paces.get(batch.device, 0.0) + share
        if batch.takes_s > PERIOD_SHARE * batch.period_s:
            paces[batch.device] = -math.inf  # said already
            yield (
                f"reading {batch.device} takes {batch.takes_s:.2g} s of its period of "
                f"{batch.period_s:g} s: give its tags a longer period"
            )
    for device, share in paces.items():
        if share > 1 >= load.busy_share:
            yield (
                f"{device} has to rest between requests, and all its tags together need "
                f"{share:.0%} of its time: give them longer periods"
            )
    if load.busy_share > 1:
        yield (
            f"the plan needs {load.busy_share:.0%} of the link's time: lengthen periods, raise the "
            "speed, or put devices on a line of their own"
        )


def cautions(load: LinkLoad) -> Iterator[str]:
    """Yield what is possible and tight."""
    if load.line_share > BUSY_LINE and load.busy_share <= 1:
        yield (
            f"the line is {load.line_share:.0%} full; above {BUSY_LINE:.0%} one silent unit makes "
            "the others late"
        )
