"""Mangled sheets: whatever stands in them, the import says what is wrong, and where, and lives."""

from __future__ import annotations

import io
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from edge.errors import ConfigError
from suian.points.exporting import export
from suian.points.importing import Request
from tests.unit.points.kit import import_told, sound_site

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**9), 10**9),
    st.floats(allow_nan=False, allow_infinity=False),
    st.dates(date(1990, 1, 1), date(2100, 1, 1)),
    st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001 - as spreadsheets have them
    st.just(time(8, 30)),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12),
    st.sampled_from(["=A1", "=1/0", "#REF!", "位号", "/", "0～100", "25/50", "０．５", "tag"]),
)
EDITS = st.lists(st.tuples(st.integers(1, 8), st.integers(1, 30), VALUES), min_size=1, max_size=12)
MERGES = st.lists(
    st.tuples(st.integers(1, 8), st.integers(1, 20), st.integers(0, 3), st.integers(0, 4)),
    max_size=2,
)


@cache
def _exported() -> bytes:
    """Return the workbook of the sound site."""
    with TemporaryDirectory() as name:
        site, book = sound_site(Path(name)), Path(name) / "points.xlsx"
        export(site, book)
        return book.read_bytes()


NOTHING = "nothing is written"


def _told(request: Request) -> list[str]:
    """Import; return what is said, ending with NOTHING where it is refused for any fault."""
    try:
        said = import_told(request)
    except ConfigError as error:
        said = [
            str(fault) for fault in error.faults if fault.file and fault.problem and fault.remedy
        ]
        return [*said, NOTHING] if said else []
    return [*said, NOTHING] if said[-1].endswith(NOTHING) else said


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(EDITS, MERGES, st.sampled_from(["refuse", "keep", "remove"]))
def test_a_mangled_sheet_is_refused_with_its_cells_or_taken(edits, merges, missing):
    """Either every fault names where it is and nothing is written, or the site stays sound."""
    with TemporaryDirectory() as name:
        site, book = sound_site(Path(name)), Path(name) / "points.xlsx"
        before = (site / "tags.csv").read_bytes()
        workbook = load_workbook(io.BytesIO(_exported()))
        sheet = workbook["tags"]
        for row, column, value in edits:
            sheet.cell(row, column, value)
        for top, left, down, right in merges:
            if down or right:
                sheet.merge_cells(
                    start_row=top, start_column=left, end_row=top + down, end_column=left + right
                )
        workbook.save(book)
        said = _told(Request(site, book, missing=missing))
        if said[-1] == NOTHING:
            assert (site / "tags.csv").read_bytes() == before
        else:
            again = import_told(Request(site, book, missing=missing), write_it=False)
            assert again[-1] == "nothing changes: the site's tag lists say the same"


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["xlsx", "csv"]))
def test_no_file_brings_it_down(raw, suffix):
    """Bytes of any kind are a fault of the file, never a traceback."""
    with TemporaryDirectory() as name:
        site, path = sound_site(Path(name)), Path(name) / f"points.{suffix}"
        path.write_bytes(raw)
        before = (site / "tags.csv").read_bytes()
        assert _told(Request(site, path, delimited=suffix == "csv"))[-1] == NOTHING
        assert (site / "tags.csv").read_bytes() == before


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_a_damaged_workbook_is_a_fault(data):
    """A workbook with damaged bytes is refused or read; it never brings the command down."""
    with TemporaryDirectory() as name:
        site, book = sound_site(Path(name)), Path(name) / "points.xlsx"
        raw = bytearray(_exported())
        for _ in range(data.draw(st.integers(1, 5))):
            raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
        book.write_bytes(raw[: data.draw(st.integers(1, len(raw)))])
        assert _told(Request(site, book))
