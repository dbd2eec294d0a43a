"""The device-template language: what a YAML file under `templates/` may say (docs/templates.md).

A template states facts of an instrument's manual: where a datum stands, how it is encoded, which
states gate its quality, what may be written. It holds no code. Addresses are zero-based, as they
travel; `printed` keeps the manual's own number so that an engineer can check one against the other.

The shape follows the 28 traits of the device facts: a datum (`datum.py`) has its place, type, scale
and unit; quality belongs to gates, which may read any register, field, bit or flag; what a site may
change (byte order, base address, model, field list) is a named setting. `…_by` names a setting,
`from` and `…_from` a register.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from edge.drivers.datum import (
    BITS_OF,
    FLOATS,
    ORDERS,
    SIGNED,
    WORDS,
    Address,
    Area,
    BitField,
    Datum,
    Identifier,
    Model,
    Register,
    Span,
    TextCode,
    Type,
    Word,
    bits,
    span,
)
from edge.tag import Reason

__all__ = [
    "BITS_OF",
    "FLOATS",
    "ORDERS",
    "SIGNED",
    "WORDS",
    "Area",
    "BitField",
    "Datum",
    "Register",
    "TextCode",
    "Type",
    "bits",
    "span",
]
TemplateId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
Seconds = Annotated[float, Field(ge=0)]
Celsius = Annotated[float, Field(ge=-100, le=300)]
WRITABLE = frozenset({"annunciator", "discrete output"})  # the kinds that may have outputs


class Source(Model):
    """Where a fact was read."""

    title: str
    pages: str = ""


class Instrument(Model):
    """What the instrument itself is good for; the quality checks take their defaults from here."""

    t90_s: Annotated[float, Field(gt=0)] | None = None
    t_min_c: Celsius | None = None
    t_max_c: Celsius | None = None
    note: str = ""


class Setting(Model):
    """Something the template leaves to the device's entry in site.yaml (`settings:`)."""

    type: Literal["order", "int", "number", "choice", "fields"]
    default: str | int | float
    min: float | None = None
    max: float | None = None
    choices: tuple[str, ...] = ()
    note: str = ""


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
    """What a register must read for the device to be the one the site file says: codes or texts."""

    source: str = Field(alias="from")
    equals: Annotated[tuple[int | str, ...], Field(min_length=1)]


class Heartbeat(Model):
    """A datum that moves while the instrument is alive; `period_s` [s] is one step.

    A `toggle` can be judged only where it is polled at least once a step (else it may be met in
    the same phase each time), a counter always.
    """

    source: str = Field(alias="from")
    kind: Literal["counter", "seconds", "toggle"]
    period_s: Annotated[float, Field(gt=0)]
    governs: tuple[str, ...]


class Command(Model):
    """A state that has a number of its own: the words `write` go to `at`, not to the output's."""

    at: Address
    write: Annotated[tuple[Word, ...], Field(min_length=1)] = (1,)


Words = Annotated[tuple[Word, ...], Field(min_length=1, max_length=16)]


class OutputPoint(Model):
    """Something that may be driven. Raw word = state's code | `apply`.

    A state is a code, or a list of codes for that many registers which go out in one request, or a
    `Command`. `codes` are the numbers that may be written as they are; `read_mask` is what of the
    register read back must equal the code; `ignore` is the word that leaves the output as it is,
    where the device has one. `momentary`: it falls back by itself, so it is not read back.
    `function` forces a function code; without it one word goes by 5 or 6, several by 15 or 16.
    """

    at: Address | None = None
    area: Literal[Area.HOLDING, Area.COIL] = Area.HOLDING
    channels: Annotated[int, Field(ge=1)] = 1
    channels_by: Identifier | None = None
    stride: Annotated[int, Field(ge=0)] = 0
    states: dict[str, Word | Words | Command] = Field(default={})
    codes: tuple[Span, ...] = ()
    apply: Word = 0
    read_mask: Word = 0xFFFF
    ignore: Word | None = None
    verify: bool = True
    momentary: bool = False
    function: Literal[5, 6, 15, 16, 23] | None = None
    printed: str = ""
    note: str = ""

    @property
    def width(self) -> int:
        """How many registers one channel of it takes."""
        lists = [state for state in self.states.values() if isinstance(state, tuple)]
        return max((len(state) for state in lists), default=1)


class LostMaster(Model):
    """Outputs fall to a safe state when nobody asks: `flag` reads one of `tripped` after that."""

    flag: str | None = None
    tripped: tuple[int, ...] = (1,)
    after_s: Seconds | None = None
    note: str = ""


class Hole(Model):
    """Addresses of one table, ends included."""

    area: Area
    first: Word
    last: Word


class ReadRules(Model):
    """How the device likes to be asked. Times in seconds.

    A request may span `max_gap` unused registers, never one of `holes`; each stretch of `whole` is
    read in one request or not at all. `min_gap_s` lies between two requests; after power is back
    the device needs `power_up_s`. `busy` are the exception codes that mean "ask again".
    """

    max_registers: Annotated[int, Field(ge=1, le=125)] = 125
    max_bits: Annotated[int, Field(ge=1, le=2000)] = 2000
    max_gap: Annotated[int, Field(ge=0, le=124)] = 4
    holes: tuple[Hole, ...] = ()
    whole: tuple[Hole, ...] = ()
    min_gap_s: Seconds = 0.0
    min_period_s: Seconds = 0.0
    timeout_s: Annotated[float, Field(gt=0)] | None = None
    retries: Annotated[int, Field(ge=0, le=10)] | None = None
    power_up_s: Seconds = 0.0
    busy: tuple[Annotated[int, Field(ge=1, le=255)], ...] = (5, 6)
    connections: Annotated[int, Field(ge=1)] | None = None


class Serial(Model):
    """How the device is set as delivered, as far as its manual says."""

    baud: Annotated[int, Field(ge=300, le=1_000_000)] | None = None
    parity: Literal["none", "even", "odd"] | None = None
    data_bits: Literal[7, 8] = 8
    stop_bits: Literal[1, 2] | None = None
    unit_id: Annotated[int, Field(ge=0, le=255)] | None = None
    unit_ids: Span | None = None
    note: str = ""


class Layout(Model):
    """Registers without an address follow each other in the order of a `fields` setting."""

    setting: Identifier
    at: Word = 0


class Addressing(Model):
    """How the manual's printed number becomes an address; `basis` says how sure that is."""

    rule: str
    basis: Literal["read", "derived", "bench"]


class Variant(Model):
    """What is different for one choice of a setting.

    Mappings are laid over the template's own, key by key; null takes a register, flag or output
    away (and with it what gates say of it); `gates` come after the common ones; all else replaces.
    """

    registers: dict[Identifier, dict[str, Any] | None] = Field(default={})
    flags: dict[Identifier, str | None] = Field(default={})
    outputs: dict[Identifier, dict[str, Any] | None] = Field(default={})
    gates: tuple[Gate, ...] = ()
    identity: tuple[Identity, ...] | None = None
    heartbeat: Heartbeat | None = None
    read: dict[str, Any] = Field(default={})
    order: str | None = None


class TemplateHead(Model):
    """What every template says about itself; `facts` names the facts file it was written from."""

    suian_template: Literal[1]
    id: TemplateId
    vendor: str
    model: str
    kinds: tuple[str, ...]
    confidence: Literal["read", "partial", "bench"]
    source: tuple[Source, ...]
    facts: Identifier | None = None
    instrument: Instrument = Instrument()
    notes: tuple[str, ...] = ()


class ModbusTemplate(TemplateHead):
    """A device that speaks Modbus. `order` is one of `ORDERS` or the name of a setting.

    `flags` are made of other bits: "status.relay xor status.normally_energized".
    """

    protocol: Literal["modbus"]
    addressing: Addressing
    serial: Serial | None = None
    order: str = "ABCD"
    default_channel: Annotated[int, Field(ge=1)] | None = None
    settings: dict[Identifier, Setting] = Field(default={})
    variants: dict[Identifier, dict[str, Variant]] = Field(default={})
    layout: Layout | None = None
    read: ReadRules = ReadRules()
    registers: dict[Identifier, Register]
    flags: dict[Identifier, str] = Field(default={})
    identity: tuple[Identity, ...] = ()
    heartbeat: Heartbeat | None = None
    gates: tuple[Gate, ...] = ()
    outputs: dict[Identifier, OutputPoint] = Field(default={})
    lost_master: LostMaster | None = None


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
