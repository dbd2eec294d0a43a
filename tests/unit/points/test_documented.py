"""docs/site.md says what the code does: every column, every header, every section."""

from __future__ import annotations

from pathlib import Path

from edge.site.model import SiteFile
from edge.words import say
from suian.points.headers import synonyms
from suian.points.lists import CANONICAL

PAGE = (Path(__file__).parents[3] / "docs" / "site.md").read_text(encoding="utf-8")


def test_every_column_and_its_names_are_documented():
    """Each column's id, Chinese and English name stand in one row of the table."""
    rows = [line for line in PAGE.splitlines() if line.startswith("| `")]
    for column in CANONICAL:
        row = next(line for line in rows if line.startswith((f"| `{column}` ", f"| `{column}` *")))
        assert say(f"points.column.{column}", "zh-CN") in row
        assert say(f"points.column.{column}", "en") in row


def test_every_header_that_is_understood_is_documented():
    """A header stands in the page, or is a documented heading before a documented limit."""
    words = set(PAGE.replace("|", " ").replace(",", " ").replace(":", " ").split())
    for names in synonyms().values():
        for name in names:
            parts = [(name[:at], name[at:]) for at in range(1, len(name))]
            assert name in words or any(a in words and b in words for a, b in parts), name


def test_every_section_is_documented():
    """Each key of site.yaml has its row."""
    assert not [key for key in SiteFile.model_fields if f"`{key}`" not in PAGE]
