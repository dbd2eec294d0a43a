"""The device-template language: what a YAML file under `templates/` may say.

A template states facts of an instrument's manual: where a datum stands, how it is encoded, which
states gate its quality, what may be written. It holds no code. Addresses are zero-based, as they
travel; `printed` keeps the manual's own number so that an engineer can check one against the other.

The shape follows the 28 traits of the device facts: area, type, order, stride and invalid pattern
belong to a register; quality belongs to gates, which may read any register, field or bit; what a
site may change (byte order, base address, field list) is a named setting.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from edge.tag import Reason
from edge.units import Unit

ORDERS = ("ABCD", "CDAB", "DCBA", "BADC")
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
TemplateId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
Word = Annotated[int, Field(ge=0, le=0xFFFF)]
_SPAN = re.compile(r"^(-?\d+)\.\.(-?\d+)$")
_BITS = re.compile(r"^(\d{1,2})(?:\.\.(\d{1,2}))?$")


class Model(BaseModel):
    """A part of a template: frozen, and an unknown key is a fault, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Area(StrEnum):
    """The four tables of Modbus."""

    HOLDING = "holding"
    INPUT = "input"
    COIL = "coil"
    DISCRETE = "discrete"

    @property
    def bitwise(self) -> bool:
        """Whether one address of the table holds one bit, not a 16-bit register."""
        return self in {Area.COIL, Area.DISCRETE}


class Type(StrEnum):
    """How a datum is laid into registers; `u8` and `s8` stand in a register's low byte."""

    U8 = "u8"
    S8 = "s8"
    U16 = "u16"
    S16 = "s16"
    U32 = "u32"
    S32 = "s32"
    F32 = "f32"
    BIT = "bit"
    TEXT = "text"  # has a width (`registers`) and no value yet


WORDS = {Type.U32: 2, Type.S32: 2, Type.F32: 2}
SIGNED = {Type.S8, Type.S16, Type.S32, Type.F32}
BITS_OF = {Type.U8: 8, Type.S8: 8, Type.U16: 16, Type.S16: 16, Type.U32: 32, Type.S32: 32}


def span(text: str | int) -> tuple[int, int]:
    """Return the whole numbers that `text` names: 7 or "7" is (7, 7), "1..999" is (1, 999).

    Raises `ValueError` if it is neither, or runs backwards.
    """
    match = _SPAN.match(str(text))
    low, high = (int(match[1]), int(match[2])) if match else (int(text), int(text))
    if low > high:
        raise ValueError(f"{text} runs backwards")
    return low, high


def bits(text: str | int) -> tuple[int, int]:
    """Return (shift, width) of a bit field: 6 is (6, 1), "15..8" and "8..15" are (8, 8).

    Raises `ValueError` if it is no bit field of a 32-bit word.
    """
    match = _BITS.match(str(text))
    if match is None:
        raise ValueError(f"{text!r} is neither a bit (6) nor a run of bits ('15..8')")
    ends = sorted((int(match[1]), int(match[2] or match[1])))
    if ends[1] > 31:
        raise ValueError(f"{text!r} lies outside 32 bits")
    return ends[0], ends[1] - ends[0] + 1


def _checked_bits(text: str | int) -> str | int:
    bits(text)
    return text


def _checked_span(text: str | int) -> str | int:
    span(text)
    return text


Span = Annotated[int | str, AfterValidator(_checked_span)]
BitRun = Annotated[int | str, AfterValidator(_checked_bits)]


class Source(Model):
    """Where a fact was read."""

    title: str
    pages: str = ""


class Setting(Model):
    """Something the template leaves to the device's entry in site.yaml (`settings:`)."""

    type: Literal["order", "int", "fields"]
    default: str | int
    min: int | None = None
    max: int | None = None
    note: str = ""


class BitField(Model):
    """Some bits of a register. `stride` [bits] moves it on for each further channel."""

    bits: BitRun
    stride: Annotated[int, Field(ge=0)] = 0
    values: dict[Span, str] = {}
    units: dict[int, Unit] = {}
    note: str = ""


class Register(Model):
    """One datum of the map. Engineering value = raw x `scale` + `offset`.

    `at` is an address, or a sum of settings and numbers ("base+207"); without one the template's
    `layout` places it. `stride` is the distance in addresses to the next of `channels`. `unit` is
    what the device sends; without it the tag's own unit is believed, unless `units_from` names the
    register or field whose code tells. `invalid` holds raw patterns that are no value; a float
    that is not a number never is one. `zero_while` lists the reasons under which it sends 0.
    """

    at: Annotated[int, Field(ge=0, le=0xFFFF)] | str | None = None
    area: Area = Area.HOLDING
    type: Type = Type.U16
    registers: Annotated[int, Field(ge=1, le=125)] | None = None
    order: str | None = None
    channels: Annotated[int, Field(ge=1)] = 1
    stride: Annotated[int, Field(ge=0)] = 0
    scale: float = 1.0
    offset: float = 0.0
    decimals: str | None = None
    unit: Unit | None = None
    units_from: str | None = None
    units: dict[int, Unit] = {}
    invalid: tuple[Annotated[int, Field(ge=0, le=0xFFFFFFFF)], ...] = ()
    zero_while: tuple[Reason, ...] = ()
    values: dict[Span, str] = {}
    fields: dict[Identifier, BitField] = {}
    printed: str = ""
    note: str = ""

    @property
    def width(self) -> int:
        """How many addresses one channel of it takes."""
        return self.registers or WORDS.get(self.type, 1)


class Gate(Model):
    """A state that decides the quality of what it `governs` (registers or fields; all channels).

    A state's raw value is looked up in `when`; one that is not there gives `otherwise`. Of several
    gates the gravest reason wins, the earlier one among equals.
    """

    source: str = Field(alias="from")
    governs: tuple[str, ...]
    when: dict[Span, Reason]
    otherwise: Reason = Reason.OK
    note: str = ""


class Identity(Model):
    """What a register must read for the device to be the one the site file says."""

    source: str = Field(alias="from")
    equals: tuple[int, ...]


class Heartbeat(Model):
    """A datum that moves while the instrument is alive; `period_s` [s] is one step.

    A `toggle` cannot be judged by polling (it may be met in the same phase each time), a counter
    can.
    """

    source: str = Field(alias="from")
    kind: Literal["counter", "seconds", "toggle"]
    period_s: Annotated[float, Field(gt=0)]
    governs: tuple[str, ...]


class OutputPoint(Model):
    """Something that may be driven. Raw word = state's code | `apply`.

    `codes` are the numbers that may be written as they are; `read_mask` is what of the register
    read back must equal the code; `ignore` is the word that leaves the output as it is, where the
    device has one.
    """

    at: Annotated[int, Field(ge=0, le=0xFFFF)] | str
    area: Literal[Area.HOLDING, Area.COIL] = Area.HOLDING
    channels: Annotated[int, Field(ge=1)] = 1
    stride: Annotated[int, Field(ge=0)] = 0
    states: dict[str, Word] = {}
    codes: tuple[Span, ...] = ()
    apply: Word = 0
    read_mask: Word = 0xFFFF
    ignore: Word | None = None
    verify: bool = True
    printed: str = ""
    note: str = ""


class Hole(Model):
    """Addresses that must not be read, ends included."""

    area: Area
    first: Word
    last: Word


class ReadRules(Model):
    """How the device likes to be read; a request may span `max_gap` unused registers."""

    max_registers: Annotated[int, Field(ge=1, le=125)] = 125
    max_bits: Annotated[int, Field(ge=1, le=2000)] = 2000
    max_gap: Annotated[int, Field(ge=0, le=124)] = 4
    holes: tuple[Hole, ...] = ()


class Layout(Model):
    """Registers without an address follow each other in the order of a `fields` setting."""

    setting: Identifier
    at: Word = 0


class Addressing(Model):
    """How the manual's printed number becomes an address; `basis` says how sure that is."""

    rule: str
    basis: Literal["read", "derived", "bench"]


class TemplateHead(Model):
    """What every template says about itself."""

    suian_template: Literal[1]
    id: TemplateId
    vendor: str
    model: str
    kinds: tuple[str, ...]
    confidence: Literal["read", "partial", "bench"]
    source: tuple[Source, ...]
    notes: tuple[str, ...] = ()


class ModbusTemplate(TemplateHead):
    """A device that speaks Modbus. `order` is one of `ORDERS` or the name of a setting."""

    protocol: Literal["modbus"]
    addressing: Addressing
    order: str = "ABCD"
    default_channel: Annotated[int, Field(ge=1)] | None = None
    settings: dict[Identifier, Setting] = {}
    layout: Layout | None = None
    read: ReadRules = ReadRules()
    registers: dict[Identifier, Register]
    identity: tuple[Identity, ...] = ()
    heartbeat: Heartbeat | None = None
    gates: tuple[Gate, ...] = ()
    outputs: dict[Identifier, OutputPoint] = {}


class StatusRule(Model):
    """What an OPC UA status code means to us; `code` is compared without its low 16 info bits."""

    code: Annotated[int, Field(ge=0, le=0xFFFFFFFF)]
    name: str
    reason: Reason


class NodeGate(Model):
    """A node whose state decides what values may be used for.

    It stands below each value, with browse name `below` in namespace `uri`, where the server has
    one there; or the device's setting `setting` names it, and it governs all of the device's
    values. A state that is not in `when` is nothing against them; a node that cannot be read is.
    """

    below: str = ""
    uri: str = ""
    setting: str = ""
    when: dict[int, Reason]


class OpcUaTemplate(TemplateHead):
    """A server that speaks OPC UA: a tag's reference is a node, a value brings its own status."""

    protocol: Literal["opcua"]
    statuses: tuple[StatusRule, ...]
    good: Reason = Reason.OK
    uncertain: Reason = Reason.DEVICE_UNCERTAIN
    bad: Reason = Reason.DEVICE_BAD
    max_nodes_per_read: Annotated[int, Field(ge=1)] = 500
    gates: tuple[NodeGate, ...] = ()


Template = ModbusTemplate | OpcUaTemplate
