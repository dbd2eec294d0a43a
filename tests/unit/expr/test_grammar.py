"""The grammar: what parses, to what, and where a text that does not is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import ExpressionError
from edge.expr import parse, unparse
from edge.expr.lexer import KEYWORDS
from edge.expr.messages import MESSAGES
from edge.expr.syntax import (
    COMPARISONS,
    FUNCTIONS,
    Binary,
    Call,
    Node,
    Number,
    Ref,
    Time,
    Truth,
    Unary,
)
from edge.units import Unit
from edge.words import LANGUAGES, catalogue

NORMAL = [
    ("AT-101>0.6ppm", "AT-101 > 0.6 ppm"),
    ("AT-101 > .6 ppm and not bad( AT-102 )", "AT-101 > 0.6 ppm and not bad(AT-102)"),
    ("a or b and c", "a or b and c"),
    ("(a or b) and c", "(a or b) and c"),
    ("a - (b - c)", "a - (b - c)"),
    ("(a - b) - c", "a - b - c"),
    ("-(a + b) * 2", "-(a + b) * 2"),
    ("not (a and b)", "not (a and b)"),
    ("((1 == 2) == true)", "(1 == 2) == true"),
    ("[ 1T-5 ] > 3 m/s", "[1T-5] > 3 m/s"),
    ("[t] > t", "[t] > t"),
    ("[min] > min(1, 2)", "[min] > min(1, 2)"),
    ("3 t>2t", "3 t > 2 t"),
    ("max(a,b , c)>= 50 %LEL", "max(a, b, c) >= 50 %LEL"),
    ("x < 1e-3 %vol", "x < 0.001 %vol"),
    ("AT-101.PV > 2 m3/h", "AT-101.PV > 2 m3/h"),
    ("5 m-3 m > 1 mm", "5 m - 3 m > 1 mm"),
]


@pytest.mark.parametrize(("text", "normal"), NORMAL)
def test_text_comes_back_normal(text: str, normal: str):
    """Text is read as meant: hyphens in names, units after numbers, the usual binding."""
    assert unparse(parse(text)) == normal
    assert parse(normal) == parse(text)


WRONG = [
    ("", 1, "expr.empty"),
    ("  ", 1, "expr.empty"),
    ("1 +", 4, "expr.ends-early-operand"),
    ("(1", 3, "expr.ends-early"),
    ("1 2", 3, "expr.expected-operator"),
    ("* 2", 1, "expr.expected-operand"),
    ("min(1; 2)", 6, "expr.unknown-character"),
    ("min(1, 2 > 1", 13, "expr.ends-early"),
    ("bad(a b)", 7, "expr.expected"),
    ("1 < 2 < 3", 7, "expr.chained"),
    ("a = b", 3, "expr.unknown-character"),
    ("[AT-101 > 3", 1, "expr.open-bracket"),
    ("[] > 3", 1, "expr.no-name"),
    ("a > 3 PPM", 7, "expr.unknown-unit"),
    ("sin(1)", 1, "expr.unknown-function"),
    ("1e999 > 2", 1, "expr.number-too-large"),
    ("浓度 > 3 ppm", 1, "expr.unknown-character"),
    ("(" * 60 + "1" + ")" * 60, 41, "expr.too-deep"),
    ("not " * 60 + "a", 161, "expr.too-deep"),
    (" + ".join(["1"] * 300), 803, "expr.too-long"),
    ("x" * 5000, 1, "expr.too-long"),
]


@pytest.mark.parametrize(("text", "position", "message_id"), WRONG)
def test_wrong_text_says_where_and_what(text: str, position: int, message_id: str):
    """Every refusal names the character, counted from 1, and a message of the catalogue."""
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert (caught.value.position, caught.value.message_id) == (position, message_id)
    assert f"character {position}" in str(caught.value)


def test_messages_stand_in_the_catalogue():
    """The English in this package and the catalogue's are one, and Chinese has all parameters."""
    texts = catalogue()
    for message_id, english in MESSAGES.items():
        assert texts[message_id]["en"] == english
        chinese = texts[message_id][LANGUAGES[0]]
        for parameter in ("{found}", "{name}", "{limit}", "{left}", "{right}", "{number}"):
            assert (parameter in english) == (parameter in chinese), message_id


names = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,8}", fullmatch=True)
numbers = st.builds(
    Number,
    st.floats(min_value=0, max_value=1e12, allow_nan=False),
    st.none() | st.sampled_from(list(Unit)),
)
leaves = numbers | st.builds(Ref, names) | st.builds(Truth, st.booleans()) | st.just(Time())


def _branches(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    operators = st.sampled_from([*COMPARISONS, "and", "or", "+", "-", "*", "/"])
    calls = st.builds(Call, st.sampled_from(FUNCTIONS), st.lists(inner, min_size=1).map(tuple))
    return (
        st.builds(Unary, st.sampled_from(["not", "-"]), inner)
        | st.builds(Binary, operators, inner, inner)
        | calls
    )


trees = st.recursive(leaves, _branches, max_leaves=12)


@given(trees)
def test_tree_survives_its_text(tree: Node):
    """Whatever tree there is, its text parses to the same tree."""
    assert parse(unparse(tree)) == tree


pieces = st.sampled_from(
    [
        *(*KEYWORDS, *FUNCTIONS, *COMPARISONS, *(unit.value for unit in Unit)),
        *("t", "AT-101", "[", "]", "(", ")", ",", "+", "-", "*", "/", "0.6", "1e9", " ", "\n"),
    ]
)


@given(st.text() | st.lists(pieces).map("".join) | st.lists(pieces).map(" ".join))
def test_any_text_parses_or_is_refused(text: str):
    """No text does anything but give a tree or an ExpressionError inside the text."""
    tree, position = None, 1
    try:
        tree = parse(text)
    except ExpressionError as error:
        position = error.position
    assert 1 <= position <= len(text) + 1
    assert tree is None or parse(unparse(tree)) == tree
