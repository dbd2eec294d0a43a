"""Tag lists as text: read whole, written as they were but for what changed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from edge.errors import ConfigError, Fault
from edge.site.faults import suggest
from edge.site.tags_csv import COLUMNS, MANDATORY, OPTIONAL
from suian.points.workbook import decode

CANONICAL = (*MANDATORY, *OPTIONAL, *sorted(COLUMNS - {*MANDATORY, *OPTIONAL}))
_BOM = "\ufeff"


@dataclass(frozen=True)
class TagList:
    """One tag list: header, rows in order, and how the file is written."""

    file: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    bom: bool = False
    ending: str = "\n"

    @property
    def by_tag(self) -> dict[str, dict[str, str]]:
        """Cells by column of each tag; of two rows with one name, the first."""
        found: dict[str, dict[str, str]] = {}
        for row in self.rows:
            cells = dict(zip(self.header, row, strict=True))
            found.setdefault(cells.get("tag", ""), cells)
        return found

    def with_rows(self, columns: Iterable[str], rows: Iterable[Mapping[str, str]]) -> TagList:
        """Return the list with other rows; columns that it lacks are added behind its own."""
        further = [c for c in dict.fromkeys(columns) if c not in self.header]
        header = (*self.header, *further)
        made = tuple(tuple(row.get(column, "") for column in header) for row in rows)
        return replace(self, header=header, rows=made)

    def text(self) -> str:
        """Return the file's text."""
        return (_BOM if self.bom else "") + "".join(self._lines())

    def starts(self) -> list[int]:
        """Return the line in `text` at which each row begins."""
        starts, line = list[int](), 1
        for written in self._lines():
            starts.append(line)
            line += written.count("\n")
        return starts[1:]

    def _lines(self) -> Iterator[str]:
        for row in (self.header, *self.rows) if self.header else ():
            stream = io.StringIO(newline="")
            csv.writer(stream, lineterminator=self.ending).writerow(row)
            yield stream.getvalue()


def parse_list(file: str, text: str) -> TagList:
    """Return the list in `text`; blank lines are dropped, short rows are filled.

    Raises:
        ConfigError: where it cannot be rewritten without losing something.
    """
    bom, text = text.startswith(_BOM), text.removeprefix(_BOM)
    ending = "\r\n" if "\r\n" in text else "\n"
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: tuple[str, ...] = ()
    rows: list[tuple[str, ...]] = []
    faults: list[Fault] = []
    start = 1
    try:
        for cells in reader:
            line, start = start, reader.line_num + 1
            row = tuple(cell.strip().replace("\r\n", "\n") for cell in cells)
            if not any(row):
                continue
            if not header:
                header = row
                faults.extend(_of_header(file, line, row))
                continue
            if any(row[len(header) :]):
                problem = f"{len(row)} cells in {len(header)} columns"
                remedy = "Put a cell that holds a comma in quotation marks"
                faults.append(Fault(file, line, row[0] or "row", problem, remedy))
            rows.append((*row, *[""] * len(header))[: len(header)])
    except csv.Error as error:
        remedy = "Look for a quotation mark that is not closed"
        faults.append(Fault(file, start, "row", f"not CSV: {error}", remedy))
    if faults:
        raise ConfigError(faults)
    return TagList(file, header, tuple(rows), bom, ending)


def _of_header(file: str, line: int, header: tuple[str, ...]) -> Iterator[Fault]:
    if "tag" not in header:
        yield Fault(file, line, "header", "no column 'tag'", "Start it with the column names")
    for column in dict.fromkeys(header):
        if column not in COLUMNS:
            remedy = suggest(column, COLUMNS)
            yield Fault(file, line, column or "header", f"unknown column {column!r}", remedy)
        if header.count(column) > 1:
            yield Fault(
                file, line, column or "header", "the column stands twice", "Keep one of them"
            )


def read_lists(root: Path, files: Iterable[str], source: Path | None = None) -> list[TagList]:
    """Return the tag lists of a site, of whatever encoding; one that is not there is empty.

    So is `source`, the file that they are to be replaced from, where it is not parted by commas.

    Raises:
        ConfigError: with every fault of all lists.
    """
    lists: list[TagList] = []
    faults: list[Fault] = []
    for file in files:
        path = root / file
        text = decode(path.read_bytes()) if path.exists() else ""
        try:
            if text is None:
                remedy = "Restore it from its .bak, or remove it"
                raise ConfigError([Fault(file, 0, "encoding", "neither UTF-8 nor GBK", remedy)])
            lists.append(parse_list(file, text))
        except ConfigError as error:
            if source is not None and path.exists() and source.samefile(path):
                lists.append(TagList(file, (), ()))
            else:
                faults.extend(error.faults)
    if faults:
        raise ConfigError(faults)
    return lists
