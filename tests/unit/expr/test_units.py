"""Units and meaning: what is refused at compile time, and what a sound expression gives."""

from __future__ import annotations

import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge import expr
from edge.errors import ExpressionError
from edge.expr import Input, Result
from edge.units import Unit

TAGS = {
    "AT-101": Unit.PPM,
    "AT-102": Unit.PPB,
    "GT-1": Unit.PERCENT_LEL,
    "DT-1": Unit.MG_M3,
    "LI-1": Unit.METRE,
    "TT-1": Unit.CELSIUS,
    "TT-2": Unit.CELSIUS,
    "XV-1": Unit.BOOL,
    "N": Unit.COUNT,
    "t-2": Unit.SECOND,
}

REFUSED = [
    ("AT-101 > 2 m", 8, "expr.compared", "ppm cannot be compared with m"),
    ("AT-101 > 0.6", 10, "expr.no-unit", "write '0.6 ppm'"),
    ("t > 20", 5, "expr.no-unit", "write '20 s'"),
    ("DT-1 > 3 ppm", 6, "expr.compared", "mg/m3"),
    ("GT-1 > 5 %", 6, "expr.compared", "%LEL"),
    ("AT-101 + LI-1 > 3 ppm", 8, "expr.units", "'+'"),
    ("max(AT-101, LI-1) > 3 ppm", 1, "expr.units", "'max'"),
    ("LI-1 * LI-1", 6, "expr.product", "plain number"),
    ("2 / LI-1", 3, "expr.product", "plain number"),
    ("XV-1 and LI-1", 10, "expr.wants-condition", "'and'"),
    ("not 3 m", 5, "expr.wants-condition", "'not'"),
    ("XV-1 + 1", 1, "expr.wants-number", "'+'"),
    ("XV-1 == 1", 1, "expr.wants-number", "'=='"),
    ("-XV-1", 2, "expr.wants-number", "'-'"),
    ("AT-103 > 1 ppm", 1, "expr.unknown-name-near", "AT-10"),
    ("zzz > 1 ppm", 1, "expr.unknown-name", "zzz"),
    ("AT-101 > 1 ppm or bad(QQQ-9)", 23, "expr.unknown-name", "QQQ-9"),
    ("t-5 > 1 s", 1, "expr.subtract", "spaces"),
    ("LI-1-LI-1 > 1 m", 1, "expr.subtract", "spaces"),
    ("bad(3 m)", 1, "expr.wants-one-tag", "bad"),
    ("age(AT-101, AT-102) > 3 s", 1, "expr.wants-one-tag", "age"),
    ("abs(1, 2)", 1, "expr.wants-one-number", "abs"),
    ("min(AT-101)", 1, "expr.wants-numbers", "min"),
]


@pytest.mark.parametrize(("text", "position", "message_id", "said"), REFUSED)
def test_units_are_checked_when_compiled(text: str, position: int, message_id: str, said: str):
    """What does not fit is refused at load, with its place: never found out in an alarm."""
    with pytest.raises(ExpressionError) as caught:
        expr.compile(text, TAGS)
    assert (caught.value.position, caught.value.message_id) == (position, message_id)
    assert said in caught.value.problem


VALUES = {
    "AT-101": 0.6,
    "AT-102": None,
    "GT-1": Input(25.0, age_s=3.0),
    "DT-1": Input(1.0, age_s=70.0, bad=True),
    "LI-1": 2.5,
    "TT-1": 25.0,
    "TT-2": -10.0,
    "XV-1": 1.0,
    "N": 3,
}
CASES: list[tuple[str, Result]] = [
    ("AT-101 >= 600 ppb", True),
    ("600 ppb <= AT-101", True),
    ("AT-101 == 0.00006 %vol", True),
    ("AT-101 > 0.6 ppm", False),
    ("LI-1 == 2500 mm", True),
    ("LI-1 - 500 mm", 2.0),
    ("2 * LI-1 / 5", 1.0),
    ("LI-1 / 500 mm", 5.0),
    ("TT-1 - TT-2 > 30 degC", True),
    ("abs(TT-2)", 10.0),
    ("max(TT-1, TT-2, 30 degC)", 30.0),
    ("min(AT-101, 20 ppb)", 0.02),
    ("XV-1", True),
    ("not XV-1", False),
    ("XV-1 == true", True),
    ("XV-1 != (LI-1 > 1 m)", False),
    ("N + 2 == 5", True),
    ("N == 3 count", True),
    ("t", 30.0),
    ("t >= 30 s and t < 1 d", True),
    ("age(GT-1) < 5 s", True),
    ("age(AT-101)", None),
    ("bad(AT-102)", True),
    ("bad(DT-1)", True),
    ("bad(AT-101)", False),
    ("AT-102 > 1 ppb", None),
    ("DT-1 > 0 mg/m3", None),
    ("not AT-102 > 1 ppb", None),
    ("AT-102 > 1 ppb and XV-1", None),
    ("AT-102 > 1 ppb and not XV-1", False),
    ("AT-102 > 1 ppb or XV-1", True),
    ("AT-102 > 1 ppb or not XV-1", None),
    ("max(AT-101, AT-102)", None),
    ("LI-1 / 0", None),
    ("LI-1 * 1e300 * 1e300", None),
    ("true", True),
    ("1 bool", True),
]


@pytest.mark.parametrize(("text", "result"), CASES)
def test_evaluates(text: str, result: Result):
    """Values come in the tag's unit; what rests on a Bad tag is unknown, and logic is Kleene's."""
    found = expr.compile(text, TAGS).evaluate(VALUES, t_s=30.0)
    assert found == result
    assert type(found) is type(result)


def test_result_carries_its_unit():
    """A number comes in the unit of the first tag; a condition and a plain number have none."""
    assert expr.compile("max(20 ppb, AT-101)", TAGS).unit is Unit.PPM
    assert expr.compile("LI-1 / 2 m", TAGS).unit is None
    condition = expr.compile("LI-1 > 2 m and t > 3 s", TAGS)
    assert condition.is_condition
    assert condition.unit is None
    assert condition.tags == ("LI-1",)
    assert condition.uses_time


@given(st.text())
def test_any_text_compiles_or_is_refused(text: str):
    """Compiling never does anything but give an expression or an ExpressionError."""
    with contextlib.suppress(ExpressionError):
        expr.compile(text, TAGS)


@given(
    st.dictionaries(st.sampled_from(sorted(TAGS)), st.none() | st.floats()),
    st.sampled_from([text for text, _ in CASES]),
    st.none() | st.floats(min_value=0, max_value=1e9),
)
def test_evaluation_never_fails(values: dict[str, float | None], text: str, t_s: float | None):
    """Whatever the values (gone, infinite, not a number), the result is finite or unknown."""
    found = expr.compile(text, TAGS).evaluate(values, t_s)
    assert found is None or isinstance(found, bool) or math.isfinite(found)
