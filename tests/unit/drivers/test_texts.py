"""Texts and dates come out of registers and go back into them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.drivers.template import TextCode
from edge.drivers.texts import bytes_of, text_of

letters = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=8)


@pytest.mark.parametrize("code", [TextCode.ASCII, TextCode.ASCII_LOW_FIRST, TextCode.UTF16])
@given(text=letters)
def test_letters_come_back(code: TextCode, text: str):
    """Whatever fits into the registers is read out of them again."""
    assert text_of(bytes_of(text, code, 8), code) == text


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), max_size=8))
def test_chinese_comes_back_from_a_character_a_register(text: str):
    """A tag's Chinese name in 16-bit characters reads as it is."""
    assert text_of(bytes_of(text, TextCode.UTF16, 8), TextCode.UTF16) == text


@pytest.mark.parametrize(
    ("data", "code", "text"),
    [
        ("4754 2d31", TextCode.ASCII, "GT-1"),
        ("5447 312d", TextCode.ASCII_LOW_FIRST, "GT-1"),
        ("0047 0054", TextCode.UTF16, "GT"),
        ("4056 534f", TextCode.BCD, "4056534F"),
        ("1a0b 1b08 0509", TextCode.DATE_BYTES, "2026-11-27 08:05:09"),
        ("07ea 000b 001b", TextCode.DATE_WORDS, "2026-11-27"),
        ("2042", TextCode.ASCII, "B"),
        ("4700 ffff", TextCode.ASCII, "G"),
        ("47ff 0141", TextCode.ASCII, "G??A"),
        ("", TextCode.DATE_BYTES, ""),
    ],
)
def test_printed_examples(data: str, code: TextCode, text: str):
    """Each coding reads as manuals print it; rubbish reads as question marks, never raises."""
    assert text_of(bytes.fromhex(data), code) == text


@given(st.binary(max_size=40).filter(lambda data: len(data) % 2 == 0), st.sampled_from(TextCode))
def test_any_registers_read_as_some_text(data: bytes, code: TextCode):
    """Garbage never raises and never brings a control character to a terminal."""
    assert text_of(data, code).isprintable()


def test_a_text_that_does_not_fit_is_refused():
    """Three characters do not go into one register."""
    with pytest.raises(ValueError, match="more than 1"):
        bytes_of("ABC", TextCode.ASCII, 1)
