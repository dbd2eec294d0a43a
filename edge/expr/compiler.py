"""A tree to something that can be evaluated: names resolved, units checked, once.

A value that is not known (its tag is Bad) makes what depends on it unknown: `evaluate` returns
None. `and`, `or` and `not` follow Kleene's three-valued logic: `false and unknown` is false,
`true or unknown` is true. A division by zero or an overflow is unknown as well, never an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NamedTuple

from edge.errors import ExpressionError
from edge.expr import program
from edge.expr.messages import refusal
from edge.expr.parser import parse
from edge.expr.program import Code, Now, Result, Values
from edge.expr.syntax import (
    COMPARISONS,
    TIME,
    Binary,
    Call,
    Node,
    Number,
    Ref,
    Time,
    Truth,
    Unary,
    unparse,
)
from edge.units import LINEAR, Unit


class Kind(NamedTuple):
    """What a part of an expression is: a condition, a plain number, or a quantity in a unit."""

    dimension: str
    unit: Unit | None = None

    def __str__(self) -> str:
        return self.unit.value if self.unit is not None else self.dimension


CONDITION = Kind("true/false")
PLAIN = Kind("number")
# What needs a substance to be turned into anything else is a dimension of its own.
_OWN = {Unit.MG_M3: "mass concentration", Unit.PERCENT_LEL: "share of the LEL"}


@dataclass(frozen=True)
class Expression:
    """A checked expression."""

    text: str
    tree: Node
    kind: Kind
    tags: tuple[str, ...]  # in the order they are first named
    uses_time: bool
    uses_age: bool
    _code: Code

    @property
    def unit(self) -> Unit | None:
        """The unit of a number it gives; None of a condition and of a plain number."""
        return self.kind.unit

    @property
    def is_condition(self) -> bool:
        """Whether it is true or false rather than a number."""
        return self.kind == CONDITION

    def evaluate(self, values: Values, t_s: float | None = None) -> Result:
        """Return the value now, None where it is unknown.

        `values` holds each tag's value in the unit it was compiled with, or an `Input`; a tag that
        is not there is unknown and bad. `t_s` [s] is what `t` stands for.
        """
        return self._code(Now(values, t_s))


def compile_expression(text: str, tags: Mapping[str, Unit]) -> Expression:
    """Return `text` as an expression over `tags` (name -> unit of its values).

    Raises:
        ExpressionError: not the grammar, an unknown tag, or units that do not fit.
    """
    tree = parse(text)
    compiler = _Compiler(text, tags)
    code, kind = compiler.node(tree)
    named, uses = tuple(compiler.named), (compiler.uses_time, compiler.uses_age)
    return Expression(unparse(tree), tree, kind, named, *uses, code)


def kind_of(unit: Unit) -> Kind:
    """Return the kind of a value in `unit`: bool is a condition, a count is a plain number."""
    if unit is Unit.BOOL:
        return CONDITION
    if unit is Unit.COUNT:
        return PLAIN
    return Kind(_OWN[unit] if unit in _OWN else LINEAR[unit].dimension, unit)


class _Compiler:
    def __init__(self, text: str, tags: Mapping[str, Unit]) -> None:
        self._text, self._tags = text, tags
        self.named: dict[str, None] = {}
        self.uses_time = self.uses_age = False

    def node(self, node: Node) -> tuple[Code, Kind]:
        if isinstance(node, Number):
            return self._number(node)
        if isinstance(node, Truth):
            return program.constant(node.value), CONDITION
        if isinstance(node, Time):
            self.uses_time = True
            return program.time, kind_of(Unit.SECOND)
        if isinstance(node, Ref):
            kind = kind_of(self._tag(node))
            return program.value_of(node.name, kind == CONDITION), kind
        if isinstance(node, Call):
            return self._call(node)
        if isinstance(node, Unary):
            return self._unary(node)
        if node.operator in ("and", "or"):
            left, right = self._condition(node.left, node), self._condition(node.right, node)
            return (program.both if node.operator == "and" else program.either)(
                left, right
            ), CONDITION
        if node.operator in ("*", "/"):
            return self._product(node)
        return self._joined(node)

    def _number(self, node: Number) -> tuple[Code, Kind]:
        if node.unit is Unit.BOOL:
            return program.constant(node.value != 0), CONDITION
        return program.constant(node.value), kind_of(node.unit) if node.unit is not None else PLAIN

    def _tag(self, node: Ref) -> Unit:
        unit = self._tags.get(node.name)
        if unit is None:
            raise self._unknown(node)
        self.named.setdefault(node.name)
        return unit

    def _unknown(self, node: Ref) -> ExpressionError:
        name = node.name
        known = {TIME, *self._tags}
        if any(name[:at] in known for at, letter in enumerate(name) if letter == "-"):
            return refusal(self._text, node.offset, "expr.subtract", name=name)
        near = get_close_matches(name, list(self._tags), n=1)
        if near:
            return refusal(
                self._text, node.offset, "expr.unknown-name-near", name=name, near=near[0]
            )
        return refusal(self._text, node.offset, "expr.unknown-name", name=name)

    def _condition(self, node: Node, parent: Unary | Binary) -> Code:
        code, kind = self.node(node)
        if kind != CONDITION:
            raise refusal(
                self._text,
                node.offset,
                "expr.wants-condition",
                operator=parent.operator,
                found=str(kind),
            )
        return code

    def _quantity(self, node: Node, operator: str) -> tuple[Code, Kind]:
        code, kind = self.node(node)
        self._measured(node, kind, operator)
        return code, kind

    def _measured(self, node: Node, kind: Kind, operator: str) -> None:
        if kind == CONDITION:
            raise refusal(self._text, node.offset, "expr.wants-number", operator=operator)

    def _unary(self, node: Unary) -> tuple[Code, Kind]:
        if node.operator == "not":
            return program.negated(self._condition(node.operand, node)), CONDITION
        code, kind = self._quantity(node.operand, "-")
        return program.scaled(code, -1.0), kind

    def _joined(self, node: Binary) -> tuple[Code, Kind]:
        sides = [node.left, node.right]
        operands = [self.node(side) for side in sides]
        kinds = [kind for _, kind in operands]
        if kinds == [CONDITION, CONDITION] and node.operator in ("==", "!="):
            return program.pair(node.operator, operands[0][0], operands[1][0]), CONDITION
        for side, kind in zip(sides, kinds, strict=True):
            self._measured(side, kind, node.operator)
        (left, right), kind = self._alike(sides, operands, node)
        code = program.pair(node.operator, left, right)
        return code, CONDITION if node.operator in COMPARISONS else kind

    def _product(self, node: Binary) -> tuple[Code, Kind]:
        left, left_kind = self._quantity(node.left, node.operator)
        right, right_kind = self._quantity(node.right, node.operator)
        divides = node.operator == "/"
        if right_kind == PLAIN:
            kind = left_kind
        elif left_kind == PLAIN and not divides:
            kind = right_kind
        elif divides and left_kind.dimension == right_kind.dimension:
            right, kind = _converted(node.right, right, right_kind, left_kind), PLAIN
        else:
            raise refusal(
                self._text,
                node.offset,
                "expr.product",
                operator=node.operator,
                left=str(left_kind),
                right=str(right_kind),
            )
        return program.pair(node.operator, left, right), kind

    def _call(self, node: Call) -> tuple[Code, Kind]:
        if node.name in ("age", "bad"):
            (ref, *rest) = node.arguments
            if rest or not isinstance(ref, Ref):
                raise refusal(self._text, node.offset, "expr.wants-one-tag", name=node.name)
            self._tag(ref)
            if node.name == "bad":
                return program.bad_of(ref.name), CONDITION
            self.uses_age = True
            return program.age_of(ref.name), kind_of(Unit.SECOND)
        if node.name == "abs":
            if len(node.arguments) != 1:
                raise refusal(self._text, node.offset, "expr.wants-one-number", name="abs")
            code, kind = self._quantity(node.arguments[0], "abs")
            return program.absolute(code), kind
        if len(node.arguments) < 2:
            raise refusal(self._text, node.offset, "expr.wants-numbers", name=node.name)
        operands = [self._quantity(item, node.name) for item in node.arguments]
        codes, kind = self._alike(list(node.arguments), operands, node)
        return program.extreme(min if node.name == "min" else max, codes), kind

    def _alike(
        self, nodes: list[Node], operands: list[tuple[Code, Kind]], parent: Binary | Call
    ) -> tuple[list[Code], Kind]:
        """Bring operands to one unit: that of the first that is not a mere number of the text."""
        kinds = [kind for _, kind in operands]
        measured = [k for n, k in zip(nodes, kinds, strict=True) if not isinstance(n, Number)]
        target = next((k for k in measured if k != PLAIN), (measured or kinds)[0])
        operator = parent.operator if isinstance(parent, Binary) else parent.name
        for node, kind in zip(nodes, kinds, strict=True):
            if kind.dimension == target.dimension:
                continue
            if kind == PLAIN and isinstance(node, Number):
                number, unit = unparse(node), str(target)
                raise refusal(self._text, node.offset, "expr.no-unit", number=number, unit=unit)
            left = str(kinds[0])
            right = str(next(k for k in kinds if k.dimension != kinds[0].dimension))
            if operator in COMPARISONS:
                raise refusal(self._text, parent.offset, "expr.compared", left=left, right=right)
            raise refusal(
                self._text, parent.offset, "expr.units", left=left, right=right, operator=operator
            )
        pairs = zip(nodes, operands, strict=True)
        return [_converted(node, code, kind, target) for node, (code, kind) in pairs], target


def _converted(node: Node, code: Code, kind: Kind, target: Kind) -> Code:
    """Bring a value to the unit of `target`, without the last digit's noise: 600 ppb is 0.6 ppm."""
    if kind.unit == target.unit or kind.unit is None or target.unit is None:
        return code
    factor = _clean(LINEAR[kind.unit].factor / LINEAR[target.unit].factor)
    if isinstance(node, Number):
        return program.constant(_clean(node.value * factor))
    return program.scaled(code, factor)


def _clean(value: float) -> float:
    return float(f"{value:.15g}")
