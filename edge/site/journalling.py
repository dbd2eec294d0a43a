"""How a tag's past is journalled, as its row of the tag list says: deadband and interval."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from edge.site.model import LONGEST_EVERY_S, SHORTEST_EVERY_S

if TYPE_CHECKING:
    from edge.site.tags_csv import Row


class Journalling(NamedTuple):
    """Deadband [the tag's unit] and maximum interval [s]; None: the site's default."""

    deadband: float | None
    every_s: float | None


def journalling_of(row: Row, span: float) -> Journalling:
    """Return what `row` says; `span` is the width of the tag's range, in its unit."""
    deadband, every_s = row.number("journal_deadband"), row.number("journal_every_s")
    if deadband is not None and deadband < 0:
        row.fault(
            f"journal_deadband is {deadband:g}",
            "Write 0 (every change) or more",
            "journal_deadband",
        )
    elif deadband is not None and deadband >= span:
        problem = f"journal_deadband {deadband:g} is the whole range: no change would be recorded"
        row.fault(
            problem, f"Write much less than {span:g}, in the tag's own unit", "journal_deadband"
        )
    if every_s is not None and not SHORTEST_EVERY_S <= every_s <= LONGEST_EVERY_S:
        remedy = f"Write seconds from {SHORTEST_EVERY_S:g} to {LONGEST_EVERY_S:g}"
        row.fault(f"journal_every_s is {every_s:g}", remedy, "journal_every_s")
    return Journalling(deadband, every_s)
