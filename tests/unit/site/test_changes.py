"""changes.csv: rows that are refused, and which change a ledger covers."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from edge.site import load_site, survey
from edge.site.alarms.ledger import Change, Difference, Ledger, row_to_write
from edge.site.alarms.settings import differences, merged, pack, settings_of, unpack

SOUND = Path(__file__).parents[2] / "cases" / "site" / "sound"
HEADER = "change,date,condition,setting,from,to,reason,proposed_by,approved_by"
GOOD = "MOC-1,2026-09-30,AT-1/h,limit,0.3,0.2,试验,王,李"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The sound site, to be written into."""
    shutil.copytree(SOUND, tmp_path / "site")
    return tmp_path / "site"


def write(folder: Path, *lines: str) -> Path:
    """Write the ledger."""
    (folder / "changes.csv").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return folder


def test_a_ledger_is_read_and_counts_into_the_hash(folder: Path):
    """So that papers that are added can be applied."""
    before = load_site(folder).hash
    site = load_site(write(folder, HEADER, GOOD, "", GOOD.replace("0.3,0.2", "0.2,0.25")))
    assert site.hash != before
    first, second = site.changes.rows
    assert first == Change(
        "MOC-1", date(2026, 9, 30), "AT-1/h", "limit", "0.3", "0.2", "试验", "王", "李", 2
    )
    assert second.line == 4


ROWS = [
    (GOOD.replace("李", "王"), "王 proposed it and approved it", "approved_by"),
    (GOOD.replace("王,李", " Li Hua,li  hua"), "Li Hua proposed it and approved it", "approved_by"),
    (GOOD.replace("李", ""), "approved_by is empty", "approved_by"),
    (GOOD.replace("MOC-1", ""), "change is empty", "change"),
    (GOOD.replace("试验", ""), "reason is empty", "reason"),
    (GOOD.replace("2026-09-30", "2026-02-30"), "date is '2026-02-30', not a day", "date"),
    (GOOD.replace("limit", "setpoint"), "unknown setting 'setpoint'", "setting"),
    (GOOD.replace("0.2", "0.30"), "from and to are both '0.3'", "to"),
]


@pytest.mark.parametrize(("row", "problem", "column"), ROWS)
def test_a_row_that_nobody_answers_for_is_refused(
    folder: Path, row: str, problem: str, column: str
):
    """Each fault has the line, the cell and what to do."""
    (fault,) = survey(write(folder, HEADER, row))[1]
    assert (fault.file, fault.line, fault.column) == ("changes.csv", 2, column)
    assert problem in fault.problem
    assert fault.remedy


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ((HEADER.replace("reason", "why"), GOOD), "column 'reason' is missing"),
        ((HEADER + ",note", GOOD), "unknown column 'note'"),
        ((HEADER, GOOD, GOOD.replace("0.3,0.2", "0.3,0.1")), "and line 2 left it at '0.2'"),
        ((HEADER, '"MOC-1'), "not CSV"),
    ],
)
def test_a_ledger_that_cannot_be_followed_is_refused(
    folder: Path, lines: tuple[str, ...], problem: str
):
    """A row goes on from where the one before it left its setting."""
    assert problem in "\n".join(str(fault) for fault in survey(write(folder, *lines))[1])


def row(condition: str, before: str, now: str, line: int) -> Change:
    """A row of the ledger about a set-point."""
    day = date(2026, 9, 30)
    return Change("N", day, condition, "limit", before, now, "r", "a", "b", line)


HISTORY = [row("AT-1/h", "0.3", "0.25", 2), row("AT-1/h", "0.25", "0.3", 3)]
ON = [*HISTORY, row("AT-1/h", "0.3", "0.2", 4)]


@pytest.mark.parametrize(
    ("rows", "before", "now", "line"),
    [
        (HISTORY[:1], "0.3", "0.25", 2),
        (HISTORY[:1], "0.30", "0.250", 2),
        (HISTORY[:1], "0.3", "0.2", None),
        (HISTORY[:1], "0.4", "0.25", None),
        (HISTORY, "0.3", "0.25", None),  # an old row covers nothing anew
        (ON, "0.3", "0.2", 4),
        (ON, "0.25", "0.2", 4),  # two changes at once
        ([row("AT-*/h", "0.3", "0.2", 2)], "0.3", "0.2", 2),
        ([row("AT-*/hh", "0.3", "0.2", 2)], "0.3", "0.2", None),
        ([], "0.3", "0.2", None),
    ],
)
def test_the_last_row_says_what_is_to_be_in_force(
    rows: list[Change], before: str, now: str, line: int | None
):
    """It covers a change if the rows lead from what was to what is."""
    found = Ledger(rows).covers(Difference("AT-1/h", "limit", before, now))
    assert (found.line if found is not None else None) == line


def edited(folder: Path, file: str, was: str, now: str) -> list[tuple[str, ...]]:
    """What of the alarm settings differs after `was` has become `now` in `file`."""
    before = settings_of(load_site(folder))
    text = (folder / file).read_text(encoding="utf-8")
    assert was in text
    (folder / file).write_text(text.replace(was, now), encoding="utf-8")
    return [tuple(one) for one in differences(before, settings_of(load_site(folder)))]


@pytest.mark.parametrize(
    ("file", "was", "now", "expected"),
    [
        ("tags.csv", ",0.3,0.6,", ",0.2,0.6,", [("AT-1/h", "limit", "0.3", "0.2")]),
        (
            "tags.csv",
            ",0.05,,,,GBZ",
            ",0.02,yes,,,GBZ",
            [
                ("AT-1/h", "deadband", "0.05", "0.02"),
                ("AT-1/h", "latch", "no", "yes"),
                ("AT-1/hh", "deadband", "0.05", "0.02"),
                ("AT-1/hh", "latch", "no", "yes"),
            ],
        ),
        ("tags.csv", ",0.3,0.6,,,,,", ",0.3,0.6,,,1,,", [("AT-1/h", "priority", "2", "1")]),
        ("tags.csv", ",0.3,0.6,", ",off,0.6,", [("AT-1/h", "condition", "in force", "removed")]),
        ("tags.csv", ",0.3,0.6,", ",,0.6,", [("AT-1/h", "limit", "0.3", "0.33")]),
        ("tags.csv", "AT-1,氯气,Chlorine", "AT-1,氯,Gas", []),
        ("tags.csv", ",,0.3,0.6,", ",,0.3,0.6,", []),
        (
            "site.yaml",
            "hazard:",
            "flood: {begin: 20}\nhazard:",
            [
                (
                    "flood",
                    "flood",
                    "begin 11, end 4, priorities 4",
                    "begin 20, end 4, priorities 4",
                )
            ],
        ),
    ],
)
def test_what_changes_what_sounds_is_a_change(
    folder: Path, file: str, was: str, now: str, expected: list[tuple[str, ...]]
):
    """Set-points, deadbands, delays, latches, priorities, removals; a title is none."""
    assert edited(folder, file, was, now) == expected


def test_a_new_suppression_is_a_change_and_a_new_alarm_is_none(folder: Path):
    """One makes quiet what spoke; nobody has relied on the other yet."""
    item = "{id: s, title: {zh: 停, en: Off}, members: [WS-1/bad], when: WD-1 > 1 deg}"
    found = edited(folder, "site.yaml", "hazard:", f"suppressions:\n  - {item}\nhazard:")
    assert [(one[0], one[1], one[2]) for one in found] == [("suppressions/s", "suppression", "")]
    row = "LI-1,液位,Level,AE-1,level,CL2-TANK,chlorine,level,m,0,3,1,1,1,0,,,2.4,2.6,0.3,0.1\n"
    assert edited(folder, "tags.csv", "WD-1,", row + "WD-1,") == []


def test_settings_are_kept_short_and_whole(folder: Path):
    """What was packed comes out again; what was not, or by another Suian, is refused."""
    found = settings_of(load_site(folder))
    assert unpack(pack(found)) == found
    for strange in ("", "no", pack({"AT-1/h": (1, 2, 3)})):
        with pytest.raises(ValueError, match="no alarm settings"):
            unpack(strange)


def test_what_has_no_papers_stays_as_it_was_approved():
    """Of one condition, one setting may be approved and another not."""
    before = {"a": (1.0, 0.0, *[""] * 8), "gone": (2.0, *[""] * 9)}
    now = {"a": (3.0, 5.0, *[""] * 8), "new": (4.0, *[""] * 9)}
    found = merged(before, now, {"a": {"limit"}, "gone": {"condition"}})
    assert found == {"a": (1.0, 5.0, *[""] * 8), "gone": before["gone"], "new": now["new"]}


def test_the_row_to_write_can_be_copied():
    """A value with a comma is in quotation marks."""
    text = row_to_write(Difference("flood", "flood", "begin 11, end 4", "begin 20, end 4"))
    assert text == (
        '(number),(date),flood,flood,"begin 11, end 4","begin 20, end 4",'
        "(reason),(proposed by),(approved by)"
    )
