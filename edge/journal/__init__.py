"""The journal: one SQLite file, one writer, cursor readers; the spine of the gateway.

`JournalWriter` is imported from `edge.journal.writer` by core alone: it brings SQLAlchemy, which
the satellites' memory has no room for. It can be had from here too, and is loaded when asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edge.journal.reader import JournalReader
from edge.journal.rows import EventRow, SampleRow, TrendPoint

if TYPE_CHECKING:
    from edge.journal.writer import JournalWriter

__all__ = ["EventRow", "JournalReader", "JournalWriter", "SampleRow", "TrendPoint"]


def __getattr__(name: str) -> Any:  # noqa: ANN401  # a module's attribute is of any type
    if name != "JournalWriter":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from edge.journal.writer import JournalWriter  # noqa: PLC0415 - see the docstring above

    return JournalWriter
