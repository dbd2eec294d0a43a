"""Where a sheet's list begins, and which of its columns is which of ours.

Our own exports carry the columns' ids in a row below the titles; an engineer's sheet has a title,
perhaps a date, then one to three rows of headers, often merged: 报警值 over 一级 and 二级.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from edge.errors import Fault
from edge.site.faults import nearest
from edge.site.tags_csv import COLUMNS
from suian.points.grid import Grid, Span, letters, tidy
from suian.points.headers import PAIRS, column_of, fold, is_left_out, synonyms

SEARCHED_ROWS = 30
MOST_DEPTH = 3
FEWEST = 3  # columns that must be known for a row to be the header; of a lone sheet one less


@dataclass
class Header:
    """What stands above the list: `first` and `last` row of it, and the column of each cell."""

    first: int
    last: int
    columns: dict[int, str] = field(default_factory=dict[int, str])
    texts: dict[int, str] = field(default_factory=dict[int, str])
    left_out: list[str] = field(default_factory=list[str])


class _Candidate(NamedTuple):
    score: int
    row: int
    depth: int
    texts: dict[int, str]


def find_header(
    grid: Grid, wanted: Mapping[str, str], faults: list[Fault], fewest: int = FEWEST
) -> Header | None:
    """Return the header of `grid`, None where it has no point list.

    `wanted` says what single headers mean, before all synonyms ("" leaves a column out). Columns
    that nobody knows, and two for the same thing, are added to `faults`. A row with fewer than
    `fewest` known columns is none: a log of repairs has tags and names as well.
    """
    spans = {(s.top, s.left): s for s in grid.merged}
    best: _Candidate | None = None
    for row in range(1, min(SEARCHED_ROWS, len(grid.rows)) + 1):
        for depth in range(1, min(MOST_DEPTH, len(grid.rows) - row + 1) + 1):
            texts = _texts(grid, spans, row, depth)
            known = {column_of(text, COLUMNS) for text in texts.values()} - {""}
            known |= {wanted.get(text.replace("\n", ""), "") for text in texts.values()} - {""}
            # 量程 over 下限 and 上限 counts one by itself, two with the row below
            if "tag" in known and len(known) >= max(fewest, best.score + 1 if best else 0):
                best = _Candidate(len(known), row, depth, texts)
    if best is None:
        return None
    last = best.row + best.depth - 1
    ids = _id_row(grid, last + 1)
    header = Header(best.row, last + bool(ids))
    _assign(grid, header, {**best.texts, **ids}, wanted, faults)
    return header


def _texts(
    grid: Grid, spans: Mapping[tuple[int, int], Span], row: int, depth: int
) -> dict[int, str]:
    """Return each column's header, joined downwards over `depth` rows; merged cells count once."""
    filled: dict[tuple[int, int], tuple[str, tuple[int, int]]] = {}
    for (top, left), span in spans.items():
        text = _shown(grid, top, left)
        for r in range(max(top, row), min(span.bottom, row + depth - 1) + 1):
            for c in range(left, min(span.right, grid.width) + 1):
                filled[r, c] = (text, (top, left))
    texts: dict[int, str] = {}
    for column in range(1, grid.width + 1):
        parts: dict[tuple[int, int], str] = {}
        for r in range(row, row + depth):
            text, origin = filled.get((r, column), (_shown(grid, r, column), (r, column)))
            if text:
                parts[origin] = text
        if parts:
            texts[column] = "".join(parts.values())
    return texts


def _shown(grid: Grid, row: int, column: int) -> str:
    value = grid.cell(row, column).value
    return "" if value is None else tidy(str(value))


def _id_row(grid: Grid, row: int) -> dict[int, str]:
    """Return the ids of a row that holds nothing else, as our exports have below their titles."""
    if row > len(grid.rows):
        return {}
    texts = {column: _shown(grid, row, column) for column, _ in grid.filled(row)}
    return texts if texts and "tag" in texts.values() and set(texts.values()) <= COLUMNS else {}


def _assign(
    grid: Grid,
    header: Header,
    texts: Mapping[int, str],
    wanted: Mapping[str, str],
    faults: list[Fault],
) -> None:
    taken: dict[str, int] = {}
    for column, text in texts.items():
        plain = text.replace("\n", "")
        place = grid.place(header.last, column)
        meant = wanted.get(plain, column_of(text, COLUMNS))
        header.texts[column] = plain
        if (plain in wanted and not meant) or (not meant and is_left_out(text)):
            header.left_out.append(plain)
        elif not meant:
            faults.append(Fault(*place, plain, f"unknown column {plain!r}", _remedy(plain)))
        elif meant in taken:
            other = letters(taken[meant])
            problem = f"{plain!r} means {meant}, as column {other} does"
            remedy = f"Rename one of them, or leave it out: --map '{plain}='"
            faults.append(Fault(*place, plain, problem, remedy))
        else:
            taken[meant] = column
            header.columns[column] = meant
    _check_headless(grid, header, faults)


def _check_headless(grid: Grid, header: Header, faults: list[Fault]) -> None:
    """Say what stands below no header at all."""
    for column in range(1, grid.width + 1):
        if column in header.texts:
            continue
        for row in range(header.last + 1, len(grid.rows) + 1):
            inside = any(
                s.top <= row <= s.bottom and s.left <= column <= s.right for s in grid.merged
            )
            if not grid.cell(row, column).empty and not inside:
                problem = f"column {letters(column)} has no header"
                remedy = "Give it one, or empty the column"
                faults.append(Fault(*grid.place(row, column), "header", problem, remedy))
                break


def _remedy(text: str) -> str:
    known: dict[str, str] = {fold(column): column for column in COLUMNS}
    for names in synonyms().values():
        known.update((fold(name), name) for name in names)
    hit = nearest(fold(text), known)
    leave = f"to leave it out: --map '{text}='"
    return f"Did you mean {known[hit]!r}? Else, {leave}" if hit else f"Rename it; or, {leave}"


def join_columns(headers: Sequence[Header]) -> list[str]:
    """Return the columns that any of `headers` has, pairs taken apart, in the order met."""
    found: dict[str, None] = {}
    for header in headers:
        for column in header.columns.values():
            found.update(dict.fromkeys(PAIRS.get(column, (column,))))
    return list(found)
