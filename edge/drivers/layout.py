"""A template met with one device's settings: every datum at its wire address. Pure.

`resolve` turns names into `Cell`s (where and how) and `Point`s (what a tag, gate or heartbeat
reads); the codec and the planner see nothing of YAML any more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from edge.drivers.logic import compile_formula
from edge.drivers.settings import RefError, Value, fields_in, settings_of, with_settings
from edge.drivers.template import (
    BITS_OF,
    FLOATS,
    ORDERS,
    Area,
    BitField,
    Datum,
    ModbusTemplate,
    OutputPoint,
    Register,
    Type,
    bits,
)

__all__ = ["Cell", "DeviceMap", "Output", "Point", "RefError", "Value", "resolve"]

_REF = re.compile(r"^([A-Za-z]\w*)(?:\.([A-Za-z]\w*))?(?:\[(\d+)\])?$")


@dataclass(frozen=True, slots=True)
class Cell:
    """One raw datum: `words` addresses of `area` from zero-based `address`."""

    area: Area
    address: int
    type: Type
    order: str
    words: int


@dataclass(frozen=True, slots=True)
class Flag:
    """A truth made of other points: bit n of a row of `table` says whether atom n holds.

    An atom holds while its point's code lies in its span, ends included.
    """

    atoms: tuple[tuple[Point, int, int], ...]
    table: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """What a reference means: some or all bits of a cell, or a flag, on one channel.

    `mask` is None for the whole cell; a flag has the cell of its first atom. `per_channel` says
    whether another channel has its own.
    """

    name: str  # register, register.field, or flag
    channel: int
    cell: Cell
    register: Register
    shift: int = 0
    mask: int | None = None
    bitfield: BitField | None = None
    per_channel: bool = False
    flag: Flag | None = None

    @property
    def datum(self) -> Datum:
        """What its raw number means."""
        if self.flag is not None:
            return _TRUTH
        return self.register if self.bitfield is None else self.bitfield


_TRUTH = Datum()


@dataclass(frozen=True, slots=True)
class Output:
    """One output channel at its wire address."""

    name: str
    channel: int
    address: int
    spec: OutputPoint


@dataclass(frozen=True)
class DeviceMap:
    """A Modbus template with a device's settings filled in."""

    template: ModbusTemplate
    settings: Mapping[str, Value]
    placed: Mapping[str, int] = field(default_factory=dict[str, int])  # by `layout`

    def point(self, ref: str, channel: int | None = None) -> Point:
        """Return what `ref` ("concentration[2]", "status.fault") reads. Raises `RefError`.

        `channel` stands in for an index that `ref` does not carry (a gate beside its tag).
        """
        name, part, index = _split(ref)
        if name in self.template.outputs:
            return self._output_point(ref)
        if name in self.template.flags and not part:
            return self._flag_point(name, index, channel)
        register = self.template.registers.get(name)
        if register is None:
            known = ", ".join([*self.template.registers, *self.template.flags])
            raise RefError(f"{self.template.id} has no point {name!r}", f"It has: {known}")
        bitfield = register.fields.get(part) if part else None
        if part and bitfield is None:
            known = ", ".join(register.fields) or "none"
            raise RefError(f"{name} has no field {part!r}", f"It has: {known}")
        strides = bool(register.stride) or bool(bitfield and bitfield.stride)
        count = self._most_channels() if bitfield and bitfield.stride else register.channels
        number = self._channel(ref, count, index, channel if strides else None)
        address = self._address(name, register) + (number - 1) * register.stride
        order = "ABCD" if register.type is Type.TEXT else self._order(register)
        cell = Cell(register.area, address, register.type, order, register.width)
        full = f"{name}.{part}" if part else name
        if bitfield is None:
            return Point(full, number, cell, register, per_channel=strides)
        shift, width = bits(bitfield.bits)
        shift += (number - 1) * bitfield.stride
        if shift + width > BITS_OF.get(register.type, 0):
            raise RefError(f"{ref} lies outside its {register.type}", "Mend its bits or stride")
        return Point(full, number, cell, register, shift, (1 << width) - 1, bitfield, strides)

    def output(self, ref: str) -> Output:
        """Return the output that `ref` ("tier[2]") drives. Raises `RefError`."""
        name, part, index = _split(ref)
        spec = self.template.outputs.get(name)
        if spec is None or part:
            known = ", ".join(self.template.outputs) or "none: it is never written"
            raise RefError(f"{self.template.id} has no output {ref!r}", f"It has: {known}")
        number = self._channel(ref, spec.channels, index, None)
        address = self._sum(spec.at or 0) + (number - 1) * spec.stride
        return Output(name, number, address, spec)

    def command_address(self, output: Output, at: int | str) -> int:
        """Return where a state with a number of its own is written for the output's channel."""
        return self._sum(at) + (output.channel - 1) * output.spec.stride

    def _flag_point(self, name: str, index: int | None, implied: int | None) -> Point:
        channel = implied if index is None else index
        try:
            formula = compile_formula(self.template.flags[name])
        except ValueError as error:
            raise RefError(f"flag {name}: {error}", "Write: a and not b, a xor b, a == 3") from None
        points: list[Point] = []
        for ref, _, _ in formula.atoms:
            if ref.partition("[")[0] in self.template.flags:
                raise RefError(f"flag {name} asks flag {ref}", "Name registers and fields only")
            point = self.point(ref, channel)
            if point.cell.type in FLOATS or point.cell.type is Type.TEXT:
                raise RefError(f"flag {name} asks {ref}, a {point.cell.type}", "Name whole numbers")
            points.append(point)
        spans = ((low, high) for _, low, high in formula.atoms)
        atoms = tuple((point, *ends) for point, ends in zip(points, spans, strict=True))
        own = [point for point in points if point.per_channel]
        if not own and index not in {None, 1}:
            raise RefError(f"flag {name} has no channel {index}", "It stands once in the device")
        first, number = points[0], own[0].channel if own else 1
        flag = Flag(atoms, formula.table)
        return Point(name, number, first.cell, first.register, per_channel=bool(own), flag=flag)

    def _output_point(self, ref: str) -> Point:
        output = self.output(ref)
        kind = Type.BIT if output.spec.area is Area.COIL else Type.U16
        register = Register(at=output.address, area=output.spec.area, type=kind)
        cell = Cell(output.spec.area, output.address, kind, "ABCD", 1)
        mask = output.spec.read_mask if kind is Type.U16 else None
        return Point(output.name, output.channel, cell, register, 0, mask, per_channel=True)

    def _channel(self, ref: str, count: int, index: int | None, implied: int | None) -> int:
        number = index if index is not None else implied
        if number is None:
            if count > 1 and self.template.default_channel is None:
                raise RefError(f"{ref} does not say which channel", f"Write {ref}[1] to [{count}]")
            number = self.template.default_channel or 1
        if not 1 <= number <= count:
            raise RefError(f"{ref} has no channel {number}", f"Channels are 1 to {count}")
        return number

    def _most_channels(self) -> int:
        return max(register.channels for register in self.template.registers.values())

    def _address(self, name: str, register: Register) -> int:
        if register.at is not None:
            address = self._sum(register.at)
        elif name in self.placed:
            address = self.placed[name]
        else:
            raise RefError(
                f"{name} is not among the fields this device sends",
                "Add it to the device's settings in the order the instrument is set to",
            )
        if not 0 <= address <= 0xFFFF:
            raise RefError(f"{name} would be at address {address}", "Mend the base setting")
        return address

    def _sum(self, at: int | str) -> int:
        if isinstance(at, int):
            return at
        return sum(_term(term, self.settings) for term in at.split("+"))

    def _order(self, register: Register) -> str:
        order = register.order or self.template.order
        return order if order in ORDERS else str(self.settings[order])


def _split(ref: str) -> tuple[str, str | None, int | None]:
    match = _REF.match(ref)
    if match is None:
        raise RefError(f"{ref!r} is no reference", "Write point, point.field or point[channel]")
    return match[1], match[2], int(match[3]) if match[3] else None


def _term(term: str, settings: Mapping[str, Value]) -> int:
    name = term.strip()
    if name.isdigit():
        return int(name)
    value = settings.get(name)
    if not isinstance(value, int):
        raise RefError(f"{name!r} is neither a number nor an int setting", "Mend the address")
    return value


def resolve(template: ModbusTemplate, given: Mapping[str, Value]) -> DeviceMap:
    """Return `template` with a device's settings `given` filled in. Raises `RefError`."""
    settings = settings_of(template, given)
    template = with_settings(template, settings)
    placed: dict[str, int] = {}
    for name, setting in template.settings.items():
        if setting.type == "fields":
            for item in fields_in(settings[name]):
                if item not in template.registers or template.registers[item].at is not None:
                    raise RefError(f"{name} names {item!r}", "Name fields of the template only")
    if template.layout is not None:
        at = template.layout.at
        for name in fields_in(settings[template.layout.setting]):
            placed[name] = at
            at += template.registers[name].width
    return DeviceMap(template, settings, placed)
