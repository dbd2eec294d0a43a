"""A simulated Modbus device: registers made from readings through its template. No sockets.

The registers are made when they are asked for, from all of the device's readings at once, so that
a value and the status word beside it always belong together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from itertools import pairwise

from edge.drivers import ModbusTemplate, Reading
from edge.drivers.codec import Words, encode
from edge.drivers.layout import DeviceMap, Output, RefError, resolve
from edge.drivers.outputs import shown
from edge.drivers.plan import ReadPlan, make_plan
from edge.drivers.template import Area, Command
from edge.site.model import Device
from edge.tag import Quality, Reason, Tag
from simulator.field.watchdog import Watchdog

Place = tuple[Area, int]


class FieldFault(StrEnum):
    """What can be made wrong with a served device."""

    SILENT = "silent"  # takes requests and never answers
    EXCEPTION = "exception"  # answers every request with "device failure"
    GARBAGE = "garbage"  # answers with bytes that are no Modbus
    SHORT = "short"  # answers with fewer registers than asked
    CLOSE = "close"  # closes the connection on each request
    BUSY = "busy"  # answers two requests of three with "busy"
    WRONG_CRC = "wrong-crc"  # answers with a wrong checksum; over TCP, of another protocol
    WRONG_UNIT = "wrong-unit"  # answers in another unit's name
    TRUNCATED = "truncated"  # sends half of each answer
    LATE = "late"  # answers after the link's time-out
    DUPLICATE = "duplicate"  # sends each answer twice
    RESET_EVERY_THIRD = "reset-every-third"  # closes the connection on each third request
    FROZEN = "frozen"  # answers with what it last showed; its heartbeat stands still


class FieldDevice:
    """One device's registers. `readings` are what its tags are to show."""

    def __init__(self, device: Device, template: ModbusTemplate, tags: Sequence[Tag]) -> None:
        self.device = device
        self.map: DeviceMap = resolve(template, device.settings)
        self.plan: ReadPlan = make_plan(self.map, tags)
        self.fault: FieldFault | None = None
        self._readings = {
            tag.name: Reading(tag.background, Quality.GOOD, Reason.OK) for tag in tags
        }
        self._frozen = {
            program.tag.name: frozenset(program.point.datum.frozen_while)
            for program in self.plan.programs
        }
        self._outputs = _outputs(self.map)
        self._words: Words = dict.fromkeys(_mapped(self.map, self._outputs), 0)
        self._pending: dict[str, tuple[Area, int, int]] = {}
        self._spans = {
            program.tag.name: (
                program.point.cell.area,
                program.point.cell.address,
                program.point.cell.address + program.point.cell.words,
            )
            for program in self.plan.programs
        }
        self._dirty = True
        self._beats = 0
        self.watchdog: Watchdog | None = None

    def set(self, tag: str, reading: Reading) -> None:
        """Let `tag` show `reading` from the next request on.

        An instrument that stands still while it is set aside goes on showing its last value.
        """
        last = self._readings[tag]
        if reading.reason in self._frozen[tag] and last.value is not None:
            reading = reading._replace(value=last.value)
        if self._readings[tag][:3] != reading[:3]:  # registers carry no time
            self._readings[tag] = reading
            self._pending[tag] = self._spans[tag]
            self._dirty = True

    def reading(self, tag: str) -> Reading:
        """Return what `tag` is to show."""
        return self._readings[tag]

    def read(self, area: Area, address: int, count: int, mono_ns: int) -> list[int] | None:
        """Return the words or bits asked for, None if one of them is not there.

        `mono_ns` [ns] moves the heartbeat.
        """
        self._hear(mono_ns)
        self._refresh(mono_ns)
        words = self._words
        try:
            return [words[area, at] for at in range(address, address + count)]
        except KeyError:
            return None

    def served(self, area: Area, address: int, count: int) -> list[str]:
        """Return the tags whose latest change lies within a read answered now, once each."""
        if not self._pending:
            return []
        end = address + count
        names = [
            name
            for name, (where, first, last) in self._pending.items()
            if where is area and address <= first and last <= end
        ]
        for name in names:
            del self._pending[name]
        return names

    def write(self, area: Area, address: int, values: Sequence[int], mono_ns: int = 0) -> bool:
        """Take a write at `mono_ns` [ns] as the device would; False if it may not be written there.

        A module whose watchdog has tripped answers, and leaves its outputs as they are.
        """
        places = [(area, address + index) for index in range(len(values))]
        if not all(place in self._outputs for place in places):
            return False
        self._hear(mono_ns)
        if self.watchdog is not None and not self.watchdog.lets(places):
            return True
        for place, value in zip(places, values, strict=True):
            self._words[place] = shown(self._outputs[place].spec, self._words[place], value)
        return True

    def outputs(self, mono_ns: int = 0) -> dict[str, int]:
        """Return what each output shows at `mono_ns` [ns]: "tier[2]" -> code.

        Several words make one number.
        """
        if self.watchdog is not None and self.watchdog.due(mono_ns):
            self._words.update(self.watchdog.safe)
        codes: dict[str, int] = {}
        for place, output in sorted(self._outputs.items()):
            if output.address <= place[1] < output.address + output.spec.width:
                name = f"{output.name}[{output.channel}]"
                codes[name] = codes.get(name, 0) << 16 | self._words[place]
        return codes

    def _hear(self, mono_ns: int) -> None:
        """Let the watchdog, if it is set, know of a request."""
        if self.watchdog is not None and self.watchdog.hear(mono_ns):
            self._words.update(self.watchdog.safe)

    def _refresh(self, mono_ns: int) -> None:
        if self.fault is FieldFault.FROZEN:
            return
        if self.plan.heartbeat is not None:
            beats = int(mono_ns / (self.plan.heartbeat.period_s * 1e9))
            self._dirty = self._dirty or beats != self._beats
            self._beats = beats
        if self._dirty:
            readings = list(self._readings.values())
            self._words.update(encode(self.plan, readings, self._beats))
            self._dirty = False


def _outputs(device_map: DeviceMap) -> dict[Place, Output]:
    """Return the output that each writable address belongs to."""
    found: dict[Place, Output] = {}
    for name, spec in device_map.template.outputs.items():
        for channel in range(1, spec.channels + 1):
            output = device_map.output(f"{name}[{channel}]")
            starts = {output.address: spec.width} if spec.at is not None else {}
            for state in spec.states.values():
                if isinstance(state, Command):
                    starts[device_map.command_address(output, state.at)] = len(state.write)
            for start, width in starts.items():
                found.update(((spec.area, start + index), output) for index in range(width))
    return found


def _mapped(device_map: DeviceMap, outputs: Mapping[Place, Output]) -> set[Place]:
    """Return every address the device answers for: its registers and the gaps read across."""
    found = set(outputs)
    for name, register in device_map.template.registers.items():
        for channel in range(1, register.channels + 1):
            try:
                cell = device_map.point(f"{name}[{channel}]").cell
            except RefError:  # a field that this device is not set to send
                continue
            found.update((cell.area, cell.address + index) for index in range(cell.words))
    rules = device_map.template.read
    holes = {(hole.area, at) for hole in rules.holes for at in range(hole.first, hole.last + 1)}
    for area in Area:
        known = sorted(at for where, at in found if where is area)
        for low, high in pairwise(known):
            if high - low - 1 <= rules.max_gap:
                found.update((area, at) for at in range(low + 1, high))
    return found - holes
