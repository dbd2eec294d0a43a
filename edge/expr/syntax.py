"""The tree of an expression, and the tree as text again.

Two trees are equal when they mean the same, wherever they stood: offsets are not compared.
`parse(unparse(tree)) == tree` for every tree that `parse` gives.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from edge.expr.lexer import KEYWORDS
from edge.units import Unit

TIME = "t"
FUNCTIONS = ("min", "max", "abs", "age", "bad")
_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:[.-][A-Za-z0-9_]+)*")


@dataclass(frozen=True)
class Number:
    """A number, with its unit or plain."""

    value: float
    unit: Unit | None
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Truth:
    """`true` or `false`."""

    value: bool
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Time:
    """`t`: seconds since the start of whatever the expression belongs to."""

    offset: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Ref:
    """A tag's present value."""

    name: str
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Call:
    """One of `FUNCTIONS`."""

    name: str
    arguments: tuple[Node, ...]
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Unary:
    """`not` or `-`."""

    operator: str
    operand: Node
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Binary:
    """Two operands joined; `offset` is the operator's."""

    operator: str
    left: Node
    right: Node
    offset: int = field(default=0, compare=False)


Node = Number | Truth | Time | Ref | Call | Unary | Binary

COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")
BINDING = {
    "or": 1,
    "and": 2,
    "not": 3,
    **dict.fromkeys(COMPARISONS, 4),
    "+": 5,
    "-": 5,
    "*": 6,
    "/": 6,
    "negative": 7,
}
_TIGHTEST = 8


def unparse(node: Node) -> str:
    """Return the expression as text, with only the parentheses that it needs."""
    return _text(node, 0)


def _text(node: Node, around: int) -> str:
    text, binding = _bare(node)
    return f"({text})" if binding < around else text


def _bare(node: Node) -> tuple[str, int]:
    if isinstance(node, Number):
        return _number(node), _TIGHTEST
    if isinstance(node, Truth):
        return ("true" if node.value else "false"), _TIGHTEST
    if isinstance(node, Time):
        return TIME, _TIGHTEST
    if isinstance(node, Ref):
        return _name(node.name), _TIGHTEST
    if isinstance(node, Call):
        return f"{node.name}({', '.join(_text(x, 0) for x in node.arguments)})", _TIGHTEST
    if isinstance(node, Unary):
        key, sign = ("not", "not ") if node.operator == "not" else ("negative", "-")
        return f"{sign}{_text(node.operand, BINDING[key])}", BINDING[key]
    binding = BINDING[node.operator]
    # left-associative, and a comparison joins no comparison
    left = binding + 1 if node.operator in COMPARISONS else binding
    joined = f"{_text(node.left, left)} {node.operator} {_text(node.right, binding + 1)}"
    return joined, binding


def _number(node: Number) -> str:
    whole = node.value.is_integer() and abs(node.value) < 1e15
    digits = str(int(node.value)) if whole else repr(node.value)
    return f"{digits} {node.unit.value}" if node.unit is not None else digits


def _name(name: str) -> str:
    plain = _BARE.fullmatch(name) and name != TIME and name not in KEYWORDS
    return name if plain and name not in FUNCTIONS else f"[{name}]"
