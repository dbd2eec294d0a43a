"""One datum of a register map, as a template writes it: its place, its code and its scale.

A register and a field of its bits are the same kind of thing: both are a raw number with a scale,
a unit, patterns that are no value and names for its codes. Engineering value = raw x `scale` +
`offset`, or on the line through two `points`, times what other registers say.
"""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from edge.tag import Reason
from edge.units import Unit

ORDERS = ("ABCD", "CDAB", "DCBA", "BADC")
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
Word = Annotated[int, Field(ge=0, le=0xFFFF)]
Address = Annotated[int, Field(ge=0, le=0xFFFF)] | str
Pattern = Annotated[int, Field(ge=0, le=0xFFFF_FFFF_FFFF_FFFF)]
Factor = Annotated[float, Field(allow_inf_nan=False)]
_SPAN = re.compile(r"^(-?\d+)\.\.(-?\d+)?$")
_BITS = re.compile(r"^(\d{1,2})(?:\.\.(\d{1,2}))?$")
ENDLESS = 0xFFFF_FFFF_FFFF_FFFF


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
    U8_HIGH = "u8-high"
    S8_HIGH = "s8-high"
    U16 = "u16"
    S16 = "s16"
    U32 = "u32"
    S32 = "s32"
    F32 = "f32"
    U64 = "u64"
    S64 = "s64"
    F64 = "f64"
    BIT = "bit"
    TEXT = "text"  # a fact for people and for the identity, never a tag


class TextCode(StrEnum):
    """How characters, digits or a date stand in the registers of a text."""

    ASCII = "ascii"  # two characters a register, the first in the high byte
    ASCII_LOW_FIRST = "ascii-low-first"
    UTF16 = "utf-16"  # one character a register
    BCD = "bcd"  # four digits a register; also letters A to F
    DATE_BYTES = "date-bytes"  # year, month, day[, hour, minute, second], a byte each
    DATE_WORDS = "date-words"  # the same, a register each


WORDS = {Type.U32: 2, Type.S32: 2, Type.F32: 2, Type.U64: 4, Type.S64: 4, Type.F64: 4}
FLOATS = {Type.F32, Type.F64}
SIGNED = {Type.S8, Type.S8_HIGH, Type.S16, Type.S32, Type.S64, *FLOATS}
BITS_OF = {
    Type.U8: 8,
    Type.S8: 8,
    Type.U8_HIGH: 8,
    Type.S8_HIGH: 8,
    Type.U16: 16,
    Type.S16: 16,
    Type.U32: 32,
    Type.S32: 32,
    Type.U64: 64,
    Type.S64: 64,
}


def span(text: str | int) -> tuple[int, int]:
    """Return the whole numbers that `text` names: 7, "1..999", or "11.." and all above.

    Raises `ValueError` if it is neither, or runs backwards.
    """
    match = _SPAN.match(str(text))
    if match is None:
        low = high = int(text)
    else:
        low, high = int(match[1]), int(match[2]) if match[2] else ENDLESS
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


class Datum(Model):
    """What a raw number means.

    `points` are two pairs (raw, value) instead of scale and offset. `scale_by` names a number
    setting that multiplies; `decimals`, `multiplier` and `divisor` name a register or field whose
    code moves the decimal point, multiplies or divides (looked up in *its* `scales`, where it has
    them). `unit` is what the device sends; without it the tag's own unit is believed, unless
    `units_from` names the register or field whose code tells (looked up in *its* `units`; null
    there is a unit that is none of ours, an unlisted code is believed to be the tag's). `of_range`
    holds the two values [own unit] that stand for the ends of the tag's range: a loop current.
    `invalid` holds raw patterns that are no value, compared before scaling; a float that is not a
    number never is one. `zero_while`, `frozen_while`: reasons under which 0 or the last value is
    sent.
    """

    scale: Factor = 1.0
    offset: Factor = 0.0
    points: tuple[tuple[Factor, Factor], tuple[Factor, Factor]] | None = None
    scale_by: Identifier | None = None
    decimals: str | None = None
    multiplier: str | None = None
    divisor: str | None = None
    scales: dict[Span, Factor] = {}
    unit: Unit | None = None
    units_from: str | None = None
    units: dict[int, Unit | None] = {}
    of_range: tuple[Factor, Factor] | None = None
    invalid: tuple[Pattern, ...] = ()
    zero_while: tuple[Reason, ...] = ()
    frozen_while: tuple[Reason, ...] = ()
    values: dict[Span, str] = {}
    note: str = ""

    @property
    def line(self) -> tuple[float, float]:
        """Scale and offset from raw to value, whichever way they are written."""
        if self.points is None:
            return self.scale, self.offset
        (raw, value), (raw_2, value_2) = self.points
        scale = (value_2 - value) / (raw_2 - raw)
        return scale, value - scale * raw


class BitField(Datum):
    """Some bits of a register. `stride` [bits] moves it on for each further channel."""

    bits: BitRun
    stride: Annotated[int, Field(ge=0)] = 0
    signed: bool = False


class Register(Datum):
    """One datum of the map.

    `at` is an address, or a sum of settings and numbers ("base+207"); without one the template's
    `layout` places it. `stride` is the distance in addresses to the next of `channels`, of which
    the int setting `channels_by` may say how many there are. `min_period_s` [s]: to ask oftener
    brings nothing. `epoch`: the number counts seconds from there. `wide`: one address stands for
    32 bits, so that an answer has twice the bytes; such a register cannot be read by a tag.
    """

    at: Address | None = None
    area: Area = Area.HOLDING
    type: Type = Type.U16
    registers: Annotated[int, Field(ge=1, le=125)] | None = None
    text: TextCode = TextCode.ASCII
    order: str | None = None
    channels: Annotated[int, Field(ge=1)] = 1
    channels_by: Identifier | None = None
    stride: Annotated[int, Field(ge=0)] = 0
    min_period_s: Annotated[float, Field(ge=0)] = 0.0
    epoch: date | None = None
    wide: bool = False
    fields: dict[Identifier, BitField] = {}
    printed: str = ""

    @property
    def width(self) -> int:
        """How many addresses one channel of it takes."""
        return 1 if self.wide else self.registers or WORDS.get(self.type, 1)
