"""What an expression is compiled to: plain functions of what is known now.

A value that is not known (its tag is Bad) makes what depends on it unknown: None. `both`,
`either` and `negated` follow Kleene's three-valued logic. A division by zero and an overflow are
unknown as well, never an error.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from typing import NamedTuple


class Input(NamedTuple):
    """What is known of a tag now: its value in the tag's unit, its age [s], and if it is Bad."""

    value: float | bool | None
    age_s: float | None = None
    bad: bool = False


Values = Mapping[str, Input | float | bool | None]
Result = bool | float | None


class Now(NamedTuple):
    """What a program is run on."""

    values: Values
    t_s: float | None


Code = Callable[[Now], Result]


def constant(value: float | bool) -> Code:
    """Always `value`."""
    return lambda _now: value


def time(now: Now) -> Result:
    """Seconds since the start; unknown where there is no such clock."""
    return now.t_s


def _known(now: Now, name: str) -> float | bool | None:
    found = now.values.get(name)
    if isinstance(found, Input):
        found = None if found.bad else found.value
    return None if found is None or not math.isfinite(found) else found


def value_of(name: str, condition: bool) -> Code:
    """A tag's value."""
    if not condition:

        def number(now: Now) -> Result:
            value = _known(now, name)
            return None if value is None else float(value)

        return number

    def truth(now: Now) -> Result:
        value = _known(now, name)
        return None if value is None else bool(value)

    return truth


def bad_of(name: str) -> Code:
    """Whether a tag has no usable value; this is always known."""
    return lambda now: _known(now, name) is None


def age_of(name: str) -> Code:
    """A tag's age [s]."""

    def age(now: Now) -> Result:
        found = now.values.get(name)
        return found.age_s if isinstance(found, Input) else None

    return age


def negated(code: Code) -> Code:
    """Not; unknown stays unknown."""

    def negated(now: Now) -> Result:
        value = code(now)
        return None if value is None else not value

    return negated


def both(left: Code, right: Code) -> Code:
    """And: false if either is, whatever the other."""

    def both(now: Now) -> Result:
        first = left(now)
        if first is False:
            return False
        second = right(now)
        if second is False:
            return False
        return None if first is None or second is None else True

    return both


def either(left: Code, right: Code) -> Code:
    """Or: true if either is, whatever the other."""

    def either(now: Now) -> Result:
        first = left(now)
        if first is True:
            return True
        second = right(now)
        if second is True:
            return True
        return None if first is None or second is None else False

    return either


def scaled(code: Code, factor: float) -> Code:
    """The value times `factor`."""

    def product(now: Now) -> Result:
        value = code(now)
        return None if value is None else _finite(value * factor)

    return product


def absolute(code: Code) -> Code:
    """The value without its sign."""

    def magnitude(now: Now) -> Result:
        value = code(now)
        return None if value is None else abs(value)

    return magnitude


def extreme(pick: Callable[[list[float]], float], codes: list[Code]) -> Code:
    """The least or greatest of the values; unknown if any of them is."""

    def picked(now: Now) -> Result:
        values = [value for code in codes if (value := code(now)) is not None]
        return pick(values) if len(values) == len(codes) else None

    return picked


def pair(symbol: str, left: Code, right: Code) -> Code:
    """Two numbers joined by a comparison or by arithmetic."""
    apply = _APPLY[symbol]

    def joined(now: Now) -> Result:
        first = left(now)
        if first is None:
            return None
        second = right(now)
        if second is None or (symbol == "/" and second == 0):
            return None
        value = apply(first, second)
        return value if isinstance(value, bool) else _finite(value)

    return joined


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


_APPLY: dict[str, Callable[[float, float], float | bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": lambda a, b: a / b,
}
