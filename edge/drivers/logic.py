"""Flags made of other bits: "relay xor normally_energized", "mode == 4 and raw == 0". Pure.

A formula becomes its atoms (a reference and the codes for which it holds) and a truth table over
them, so that reading a flag is a look-up and writing one is a search for the nearest row.

    formula = term {"or" term}        term = part {"xor" part}        part = atom {"and" atom}
    atom = "not" atom | "(" formula ")" | reference [("==" | "!=") number | "in" span]
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from edge.drivers.datum import ENDLESS, span

MOST_ATOMS = 8
_TOKEN = re.compile(
    r"\s*(==|!=|[()]|-?\d+\.\.-?\d*|-?\d+|[A-Za-z]\w*(?:\.[A-Za-z]\w*)?(?:\[\d+\])?)"
)
_WORDS = {"and", "or", "xor", "not", "in"}
Truth = Callable[[int], bool]  # from a row number: bit n says whether atom n holds


class Atom(NamedTuple):
    """Holds while the code at `ref` lies in `low` to `high`."""

    ref: str
    low: int
    high: int


class Formula(NamedTuple):
    """`table[row]` is the flag; bit n of a row's number says whether atom n holds."""

    atoms: tuple[Atom, ...]
    table: tuple[bool, ...]


def compile_formula(text: str) -> Formula:
    """Return the compiled `text`. Raises `ValueError`, saying what does not read."""
    reader = _Reader(text)
    truth = reader.either()
    if reader.tokens:
        raise ValueError(f"{text!r}: {reader.tokens[0]!r} is one too many")
    if len(reader.atoms) > MOST_ATOMS:
        raise ValueError(f"{text!r} asks for more than {MOST_ATOMS} bits")
    rows = range(1 << len(reader.atoms))
    return Formula(tuple(reader.atoms), tuple(truth(row) for row in rows))


class _Reader:
    """Takes a formula apart, gathering its atoms."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.atoms: list[Atom] = []
        self.tokens: list[str] = []
        at, end = 0, len(text.rstrip())
        while at < end:
            match = _TOKEN.match(text, at)
            if match is None:
                raise ValueError(f"{text!r} does not read from {text[at:]!r} on")
            self.tokens.append(match[1])
            at = match.end()

    def either(self) -> Truth:
        return self._chain("or", self._odd, lambda a, b: lambda row: a(row) or b(row))

    def _odd(self) -> Truth:
        return self._chain("xor", self._both, lambda a, b: lambda row: a(row) != b(row))

    def _both(self) -> Truth:
        return self._chain("and", self._atom, lambda a, b: lambda row: a(row) and b(row))

    def _chain(
        self, word: str, part: Callable[[], Truth], join: Callable[[Truth, Truth], Truth]
    ) -> Truth:
        truth = part()
        while self._take(word):
            truth = join(truth, part())
        return truth

    def _atom(self) -> Truth:
        if self._take("not"):
            inner = self._atom()
            return lambda row: not inner(row)
        if self._take("("):
            inner = self.either()
            if not self._take(")"):
                raise ValueError(f"{self.text!r} lacks a closing bracket")
            return inner
        ref = self.tokens.pop(0) if self.tokens else ""
        if not ref[:1].isalpha() or ref in _WORDS:
            raise ValueError(f"{self.text!r} lacks a register or field before {ref or 'its end'!r}")
        if self._take("!="):
            differs = self._compared(ref)
            return lambda row: not differs(row)
        if self._take("==") or self._take("in"):
            return self._compared(ref)
        return self._holds(Atom(ref, 1, ENDLESS))

    def _compared(self, ref: str) -> Truth:
        if not self.tokens:
            raise ValueError(f"{self.text!r} ends where a number should stand")
        return self._holds(Atom(ref, *span(self.tokens.pop(0))))

    def _holds(self, atom: Atom) -> Truth:
        if atom not in self.atoms:
            self.atoms.append(atom)
        number = self.atoms.index(atom)
        return lambda row: bool(row >> number & 1)

    def _take(self, token: str) -> bool:
        if self.tokens and self.tokens[0] == token:
            self.tokens.pop(0)
            return True
        return False
