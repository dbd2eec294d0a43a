"""What state words say: codes, flags and factors out of the raw data, and back into them. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from edge.drivers.views import FactorView, Source, looked_up
from edge.tag import Reason

# a Reason where the block that held the datum could not be read; bytes where it is a text
Raw = float | Reason | bytes
MOST_DECIMALS = 9  # that are believed


def code_at(raw: Raw, shift: int, mask: int | None) -> int | Reason:
    """Return the bits of `raw` under `mask`, all of it without one; a Reason stays one."""
    if isinstance(raw, Reason):
        return raw
    if isinstance(raw, bytes) or not math.isfinite(raw):
        return Reason.INVALID_VALUE  # a float that serves as a counter, and is no number now
    return int(raw) if mask is None else int(raw) >> shift & mask


def state(raw: Sequence[Raw], source: Source) -> int | Reason:
    """Return the code at `source`: of its bits, or 0 or 1 where it is a flag."""
    if source.atoms:
        row = 0
        for number, (atom, low, high) in enumerate(source.atoms):
            code = state(raw, atom)
            if isinstance(code, Reason):
                return code
            row |= (low <= code <= high) << number
        return int(source.table[row])
    code = code_at(raw[source.slot], source.shift, source.mask)
    if source.signed and not isinstance(code, Reason):
        return signed(code, source.mask)
    return code


def signed(code: int, mask: int | None) -> int:
    """Return the bits `code` of a field as wide as `mask` in two's complement."""
    return code - mask - 1 if mask and code > mask >> 1 else code


def factor_of(raw: Sequence[Raw], factor: FactorView) -> float | Reason:
    """Return what the value is to be multiplied by, or why that is not known."""
    seen = raw[factor.source.slot]
    if factor.floating and isinstance(seen, float):
        says = seen * factor.line[0] + factor.line[1]
    else:
        code = state(raw, factor.source)
        if isinstance(code, Reason):
            return code
        if factor.listed:
            says = looked_up(factor.table, factor.spans, code, math.nan)
        else:
            says = code * factor.line[0] + factor.line[1]
    if factor.kind == "decimals":
        fits = 0 <= says <= MOST_DECIMALS  # no instrument shows more: what came is not decimals
        return 10.0**-says if fits else Reason.INVALID_VALUE
    if not math.isfinite(says) or says == 0:
        return Reason.CONFIGURATION if factor.listed else Reason.INVALID_VALUE
    return says if factor.kind == "multiplier" else 1 / says


def worth(factor: FactorView, says: float) -> float:
    """Return what one count is worth while the factor's register says `says`."""
    if factor.kind == "decimals":
        return 10.0**-says
    return says if factor.kind == "multiplier" else 1 / says


def with_code(word: float, shift: int, mask: int | None, code: int) -> int:
    """Return `word` with `code` in its bits under `mask`."""
    if mask is None:
        return code
    return int(word) & ~(mask << shift) | (code & mask) << shift


def put(raw: list[Any], source: Source, code: int) -> None:
    """Make `source` read `code`; a flag by moving as few of its atoms as will do."""
    if not source.atoms:
        raw[source.slot] = with_code(raw[source.slot], source.shift, source.mask, code)
        return
    now = 0
    for number, (atom, low, high) in enumerate(source.atoms):
        seen = state(raw, atom)
        now |= (not isinstance(seen, Reason) and low <= seen <= high) << number
    rows = [row for row, truth in enumerate(source.table) if truth == bool(code)]
    if not rows:
        return  # a flag that never changes
    wanted = min(rows, key=lambda row: ((row ^ now).bit_count(), row ^ now))
    for number, (atom, low, high) in enumerate(source.atoms):
        holds = bool(wanted >> number & 1)
        if holds != bool(now >> number & 1):
            put(raw, atom, low if holds else 0 if low > 0 else high + 1)
