"""Formulas over bits are parsed, never evaluated as code, and become truth tables."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.drivers.logic import Atom, compile_formula

NAMES = ("a", "b.c", "d[2]")
formulas = st.recursive(
    st.sampled_from(NAMES),
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["and", "or", "xor"]), inner, inner).map(
            lambda part: f"({part[1]} {part[0]} {part[2]})"
        ),
        inner.map(lambda part: f"not {part}"),
    ),
    max_leaves=8,
)


@given(formulas, st.tuples(st.booleans(), st.booleans(), st.booleans()))
def test_a_formula_means_what_the_same_words_mean_in_python(text: str, bits: tuple[bool, ...]):
    """Every formula agrees with Python's own and, or, not and exclusive-or."""
    formula = compile_formula(text)
    row = sum(bits[NAMES.index(atom.ref)] << n for n, atom in enumerate(formula.atoms))
    same = text.replace("d[2]", "d").replace("b.c", "b").replace("xor", "^")
    names = dict(zip("abd", bits, strict=True))
    same = same.replace("not a", "(not a)").replace("not b", "(not b)").replace("not d", "(not d)")
    expected = bool(eval(same.replace("not (", "not bool("), {"bool": bool}, names))
    assert formula.table[row] == expected


def test_and_binds_closer_than_xor_and_xor_closer_than_or():
    """The formula a or b xor a and b is a or (b xor (a and b))."""
    formula = compile_formula("a or b xor a and b")
    assert formula.table == (False, True, True, True)


def test_codes_and_spans_are_atoms():
    """A comparison holds for a code or a span; the same atom is asked once."""
    formula = compile_formula("m == 4 or s.x in 2..9 and m != 4")
    assert formula.atoms == (Atom("m", 4, 4), Atom("s.x", 2, 9))
    assert formula.table == (False, True, True, True)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "its end"),
        ("a and", "its end"),
        ("a b", "one too many"),
        ("(a", "closing bracket"),
        ("a == ", "ends where a number"),
        ("a + b", "does not read"),
        ("__import__('os')", "does not read"),
        ("a in 9..1", "runs backwards"),
        (" and ".join(f"a{n}" for n in range(9)), "more than 8"),
        ("and", "lacks a register"),
    ],
)
def test_what_does_not_read_is_said(text: str, says: str):
    """A formula that is none is refused with what is wrong about it."""
    with pytest.raises(ValueError, match=says):
        compile_formula(text)
