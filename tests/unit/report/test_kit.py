"""The report kit: a gap in the data is a mistake, and a missing library is said with its remedy."""

from __future__ import annotations

import sys

import pytest
from jinja2 import UndefinedError

from edge.errors import SuianError
from edge.report import render
from edge.report.kit import _environment


def test_what_the_template_asks_for_must_be_there():
    """A name that nobody gave raises; a report has no blanks where a figure should be."""
    with pytest.raises(UndefinedError):
        render("quality", {"words": {}})


def test_without_jinja2_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch):
    """An install without the engineer's extra says what to install."""
    _environment.cache_clear()
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(SuianError, match=r"suian\[engineer\]"):
        render("quality", {})
    monkeypatch.undo()
    _environment.cache_clear()
