"""A point list into a site's tag lists: read, merged, checked as core would, and only then written.

A sheet says everything of the tags that it names, by the columns that it has: an empty cell
empties, a column that it lacks keeps what the site has. Tags that the site has and the sheet lacks
are an engineer's decision (`missing`), never a guess. What the checks find is told at its cell.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from edge.errors import ConfigError, Fault
from edge.site import Site, survey
from edge.site.tags_csv import COLUMNS, MANDATORY
from edge.words import say
from suian.points.cells import NUMBERS
from suian.points.changes import Changes, compare
from suian.points.grid import Grid
from suian.points.header import FEWEST, Header, find_header, join_columns
from suian.points.headers import synonyms
from suian.points.lists import CANONICAL, TagList, read_lists
from suian.points.names import Names
from suian.points.rows import PointRow, Read, read_rows
from suian.points.workbook import read_delimited, read_workbook
from suian.sites import Examined, examine, root_of

OWN_SHEETS = frozenset(say(f"points.{key}", "zh-CN") for key in ("guide", "options"))


@dataclass(frozen=True)
class Request:
    """What an engineer asks for: `source` into the site at `path`."""

    path: Path
    source: Path
    delimited: bool = False  # a CSV file of any make, not a workbook
    sheets: tuple[str, ...] = ()  # () means all that are shown
    wanted: Mapping[str, str] = field(
        default_factory=dict[str, str]
    )  # header -> column, "" leaves out
    defaults: Mapping[str, str] = field(
        default_factory=dict[str, str]
    )  # column -> text where empty
    missing: Literal["refuse", "keep", "remove"] = "refuse"
    into: str = ""  # the tag list of new tags, where it does not follow from their sheet


@dataclass
class Outcome:
    """What would be written, and whether it may: `texts` by file, only those that change."""

    changes: Changes | None = None
    texts: dict[str, str] = field(default_factory=dict[str, str])
    faults: list[Fault] = field(default_factory=list[Fault])
    notes: list[str] = field(default_factory=list[str])
    site: Site | None = None  # as it would be


def plan_import(request: Request) -> Outcome:
    """Return what `request` would change, with every fault of it; nothing is written.

    Raises:
        ConfigError: where the sheet or the site cannot be read at all.
    """
    site, found = survey(request.path)
    if site is None:
        raise ConfigError(found)
    _check_options(request, site)
    grids, hidden = _grids(request)
    shut = [name for name in hidden if name not in OWN_SHEETS]
    read = Read([], [], [f"sheet {name!r} is hidden and not read" for name in shut])
    names, headers = Names(site), list[Header]()
    for grid in grids:
        header = find_header(grid, request.wanted, read.faults, FEWEST - (len(grids) == 1))
        if header is None and grid.sheet in OWN_SHEETS:
            continue
        if header is None:
            read.notes.append(f"{grid.place(0)[0]}: no header of a point list; not read")
            continue
        headers.append(header)
        read_rows(grid, header, names, read)
    if not headers:
        problem = "no sheet has the header of a point list"
        remedy = "Name the columns: 位号, 名称, 单位, … (docs/site.md lists what is understood)"
        raise ConfigError([Fault(request.source.name, 0, "header", problem, remedy)])
    old = read_lists(site.root, site.tag_lists or ("tags.csv",), request.source)
    merge = _Merge(request, old, read, headers)
    new = merge.lists()
    outcome = Outcome(compare(old, new), faults=read.faults, notes=read.notes)
    outcome.texts = _changed(site.root, new)
    after = examine(request.path, {one.file: one.text() for one in new})
    outcome.site = after.site
    outcome.faults += _told_at_cells(merge, new, after, site.root)
    return outcome


def _check_options(request: Request, site: Site) -> None:
    """Refuse names of columns and lists that do not exist."""
    faults: list[Fault] = []
    pairs = set(synonyms()) | COLUMNS
    for option, columns in (("--map", request.wanted.values()), ("--default", request.defaults)):
        for column in columns:
            if column and column not in (pairs if option == "--map" else COLUMNS):
                remedy = f"The columns: {', '.join(sorted(COLUMNS))}"
                faults.append(Fault(option, 0, column, f"unknown column {column!r}", remedy))
    if request.into and request.into not in site.tag_lists:
        remedy = f"The site's tag lists: {', '.join(site.tag_lists)}"
        problem = "no tag list of this site"
        faults.append(Fault("--into", 0, request.into, problem, remedy))
    if faults:
        raise ConfigError(faults)


def _grids(request: Request) -> tuple[list[Grid], list[str]]:
    if request.delimited:
        return [read_delimited(request.source)], []
    return read_workbook(request.source, request.sheets)


class _Merge:
    """The rows of the sheets laid over the site's own lists."""

    def __init__(
        self, request: Request, old: Sequence[TagList], read: Read, headers: Sequence[Header]
    ) -> None:
        self.request, self.old, self.read = request, old, read
        self.columns = join_columns(headers)
        self.home = {tag: one.file for one in old for tag in one.by_tag if tag}
        self.known = {tag: cells for one in reversed(old) for tag, cells in one.by_tag.items()}
        self.origin: dict[tuple[str, int], PointRow] = {}  # file, row index -> its row in a sheet
        self.lacking: set[str] = set()  # mandatory columns that the sheets lack and new tags need

    def lists(self) -> list[TagList]:
        """Return the lists as they would be; what forbids it is noted in the read's faults."""
        rows = self._unique()
        files = self._files(rows)
        self._check_missing({row.tag for row in rows})
        return [
            self._one(one, [row for row in rows if files[row.tag] == one.file]) for one in self.old
        ]

    def _unique(self) -> list[PointRow]:
        first: dict[str, PointRow] = {}
        for row in self.read.rows:
            if not row.tag:
                told = any(
                    f.file == row.place("tag")[0] and f.column == "tag" for f in self.read.faults
                )
                if not told:
                    remedy = "Write its 位号, or empty the row"
                    self.read.faults.append(
                        Fault(*row.place("tag"), "row", "no tag", remedy, "tag")
                    )
            elif row.tag in first:
                file, line = first[row.tag].place("tag")
                where = f"{file} line {line}" if line else file
                problem, remedy = (
                    f"the tag stands already at {where}",
                    "Rename or remove one of them",
                )
                self.read.faults.append(Fault(*row.place("tag"), row.tag, problem, remedy, "tag"))
            else:
                first[row.tag] = row
        return list(first.values())

    def _files(self, rows: Sequence[PointRow]) -> dict[str, str]:
        """Return the list of each tag: where it is, else where the others of its sheet are."""
        homes: dict[str, set[str]] = {}
        for row in rows:
            if row.tag in self.home:
                homes.setdefault(row.grid.sheet, set()).add(self.home[row.tag])
        found: dict[str, str] = {}
        astray: list[PointRow] = []
        for row in rows:
            near = homes.get(row.grid.sheet, set())
            choice = self.home.get(row.tag) or self.request.into
            if not choice and len(near) == 1:
                (choice,) = near
            if not choice and len(self.old) > 1:
                astray.append(row)
            found[row.tag] = choice or self.old[0].file
        if astray:
            problem = f"{len(astray)} new tags could go to several tag lists"
            remedy = f"Name one with --into: {', '.join(one.file for one in self.old)}"
            fault = Fault(*astray[0].place("tag"), astray[0].tag, problem, remedy, "tag")
            self.read.faults.append(fault)
        return found

    def _check_missing(self, given: set[str]) -> None:
        gone = [tag for tag in self.home if tag not in given]
        if not gone:
            return
        shown = ", ".join(gone[:10]) + (", …" if len(gone) > 10 else "")
        if self.request.missing == "refuse":
            problem = f"{len(gone)} tags of the site are not in it: {shown}"
            remedy = "--keep leaves them as they are, --remove takes them out of the site"
            self.read.faults.append(Fault(self.request.source.name, 0, "tags", problem, remedy))
        elif self.request.missing == "keep":
            self.read.notes.append(f"{len(gone)} tags that are not in it stay as they are: {shown}")

    def _one(self, old: TagList, rows: Sequence[PointRow]) -> TagList:
        made = {row.tag: self._cells(row) for row in rows}
        order = list(made)
        if self.request.missing != "remove":
            kept = {tag: cells for tag, cells in old.by_tag.items() if tag not in made}
            if kept:  # in their old places; what is new follows
                made |= kept
                order = [*old.by_tag, *(tag for tag in order if tag not in old.by_tag)]
        by_tag = {row.tag: row for row in rows}
        for index, tag in enumerate(order):
            if tag in by_tag:
                self.origin[old.file, index] = by_tag[tag]
        used = {column for cells in made.values() for column, text in cells.items() if text}
        wanted = used | {*MANDATORY} | ({*self.columns} if not old.header else set())
        columns = [c for c in [*self.columns, *CANONICAL] if c in wanted]
        return old.with_rows(columns, [made[tag] for tag in order])

    def _cells(self, row: PointRow) -> dict[str, str]:
        was = self.known.get(row.tag, {})
        cells = {**was, **row.cells}
        for column, text in self.request.defaults.items():
            cells[column] = cells.get(column) or text
        for column, text in was.items():
            if column in NUMBERS and text != cells[column] and _same(text, cells[column]):
                cells[column] = text  # 0.30 stays 0.30: no change where none is meant
        self.lacking |= {c for c in MANDATORY if c not in self.columns and not cells.get(c)}
        return cells


def _same(one: str, other: str) -> bool:
    try:
        return float(one) == float(other)
    except ValueError:
        return False


def _changed(root: Path, new: Sequence[TagList]) -> dict[str, str]:
    texts = {one.file: one.text() for one in new}
    return {file: text for file, text in texts.items() if _bytes(root / file) != text.encode()}


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _told_at_cells(
    merge: _Merge, new: Sequence[TagList], after: Examined, root: Path
) -> list[Fault]:
    """Return what the checks of the site as it would be find, each at its cell of the sheet."""
    rows: dict[tuple[str, int], PointRow | None] = {}
    by_tag: dict[str, PointRow] = {}
    for one in new:
        for index, line in enumerate(one.starts()):
            rows[one.file, line] = merge.origin.get((one.file, index))
    for row in merge.origin.values():
        by_tag[row.tag] = row
    files = {one.file for one in new}
    told: list[Fault] = []
    unread = {(f.file, f.line, f.column) for f in merge.read.faults}  # empty only for that
    for fault in after.own:
        row = rows.get((fault.file, fault.line))
        if row is not None and fault.column in merge.lacking and fault.column not in row.at:
            continue  # said once, for the column
        moved = _moved(fault, row, root)
        if row is None or (moved.file, moved.line, moved.column) not in unread:
            told.append(moved)
    known = {(fault.file, fault.subject) for fault in told}
    for fault in after.drivers:
        row = by_tag.get(fault.subject) if fault.file in files else None
        moved = _moved(fault, row, root)
        if (moved.file, moved.subject) not in known:
            told.append(moved)
    return [*_lacking(merge), *told]


def _moved(fault: Fault, row: PointRow | None, root: Path) -> Fault:
    if row is None:
        file = root / fault.file
        return fault._replace(file=str(file)) if file.exists() else fault
    file, line = row.place(fault.column)
    return fault._replace(file=file, line=line)


def _lacking(merge: _Merge) -> list[Fault]:
    found: list[Fault] = []
    for column in (c for c in MANDATORY if c in merge.lacking):
        names = synonyms().get(column, ())[:3]
        called = f" ({', '.join(names)})" if names else ""
        problem = f"no column {column}{called}, and new tags need it"
        remedy = f"Add the column, or give all of them one value: --default {column}=…"
        found.append(Fault(merge.request.source.name, 0, column, problem, remedy, column))
    return found


def write(root: Path, texts: Mapping[str, str], say: Callable[[str], None]) -> None:
    """Write the lists, each whole or not at all; what was there is kept beside it as .bak.

    Raises:
        ConfigError: where one cannot be written; all are laid ready before the first is replaced.
    """
    ready: list[tuple[Path, Path]] = []
    path = root
    try:
        for name, text in texts.items():
            path = (root / name).resolve()
            ready.append((_lay_ready(path, text.encode()), path))
        for fresh, path in ready:
            kept = ""
            if path.exists():
                backup = path.with_name(f"{path.name}.bak")
                backup.write_bytes(path.read_bytes())
                kept = f"; what was there is in {backup.name}"
            fresh.replace(path)
            say(f"{path}: written{kept}")
    except OSError as error:
        for fresh, _ in ready:
            fresh.unlink(missing_ok=True)
        problem = f"cannot be written: {error.strerror or type(error).__name__}"
        remedy = "Run it as who may write there"
        raise ConfigError([Fault(str(path), 0, "file", problem, remedy)]) from None


def _lay_ready(path: Path, raw: bytes) -> Path:
    """Write `raw` to the disk beside `path`, with the mode and owner of what is there."""
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("wb") as stream:
        stream.write(raw)
        stream.flush()
        os.fsync(stream.fileno())
    if path.exists():
        shutil.copymode(path, fresh)
        was, now = path.stat(), fresh.stat()
        if (was.st_uid, was.st_gid) != (now.st_uid, now.st_gid):
            os.chown(fresh, was.st_uid, was.st_gid)  # core reads it as another user
    return fresh


def root_folder(request: Request) -> Path:
    """Return the folder of the site that `request` is for."""
    return root_of(request.path)
