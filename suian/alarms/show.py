"""What a run of tables has to say: what failed, expected beside got, and the readings around it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from edge.words import say
from suian.alarms.compare import Row
from suian.alarms.run import Failure, Outcome, given_at
from suian.alarms.table import Table, Test, shown_time
from suian.quality.show import pad, width

BEFORE, AFTER = 3, 1  # readings that are shown around a failure
MOST_TAGS = 6
LEAST_WIDTH = 10


class Ran(NamedTuple):
    """A table and what became of its tests."""

    table: Table
    outcomes: tuple[Outcome, ...]

    @property
    def failed(self) -> int:
        """How many of its tests failed."""
        return sum(bool(outcome.failures) for outcome in self.outcomes)


def lines_of(ran: Sequence[Ran], language: str) -> Iterator[str]:
    """Yield what an engineer reads: a line for each test, what failed below it, then the sum."""
    for one in ran:
        yield str(one.table.path)
        for outcome in one.outcomes:
            mark = say(f"alarmtest.{'fail' if outcome.failures else 'pass'}", language)
            yield f"  {mark}  {outcome.test.name}"
            for failure in outcome.failures:
                yield ""
                yield from _failure(one.table, outcome.test, failure, language)
            if outcome.failures:
                yield ""
    tests = sum(len(one.outcomes) for one in ran)
    failed = sum(one.failed for one in ran)
    params = {"files": len(ran), "tests": tests, "passed": tests - failed, "failed": failed}
    yield say("alarmtest.sum", language, params)


def _failure(table: Table, test: Test, failure: Failure, language: str) -> Iterator[str]:
    params: dict[str, object] = {"at": shown_time(failure.at_ns), "line": failure.line}
    if failure.what == "act":
        head = say("alarmtest.act-head", language, params | {"act": failure.rows[0].kind})
    elif failure.what == "events":
        head = say("alarmtest.events-head", language, params)
    else:
        what = say(f"alarmtest.what.{failure.what}", language)
        head = say("alarmtest.head", language, params | {"what": what})
    yield f"    {table.path}:{failure.line}"
    yield f"    {head}"
    rows = [_act_row(row, language) for row in failure.rows] if failure.what == "act" else None
    yield from _beside(rows or failure.rows, language)
    if failure.what != "events":
        yield from _readings(table, test, failure, language)


def _act_row(row: Row, language: str) -> Row:
    def told(message_id: str) -> str:
        if not message_id:
            return say("alarmtest.done", language)
        return say("alarmtest.refused", language, {"why": message_id})

    return row._replace(wanted=told(row.wanted), got=told(row.got))


def _beside(rows: Sequence[Row], language: str) -> Iterator[str]:
    nothing = say("alarmtest.nothing", language)
    left, right = (say(f"alarmtest.{side}", language) for side in ("expected", "got"))
    broad = max([LEAST_WIDTH, width(left), *(width(row.wanted or nothing) for row in rows)])
    yield f"      {pad(left, broad)}    {right}"
    for row in rows:
        mark = " " if row.held else "≠"
        yield f"      {pad(row.wanted or nothing, broad)}  {mark} {row.got or nothing}"


def _readings(table: Table, test: Test, failure: Failure, language: str) -> Iterator[str]:
    """Yield what the tags read before and after the moment, those of the failure first."""
    tags = _tags(table, test, failure)
    if not tags:
        return
    place = failure.at_ns // test.interval_ns
    places = range(max(0, place - BEFORE), place + AFTER + 1)
    times = [shown_time(i * test.interval_ns) for i in places]
    broad = max(map(len, times)) + 2
    columns: list[tuple[str, list[str]]] = []
    for tag in tags:
        unit = str(table.site.tags[tag].unit)
        cells = [_cell(test, tag, i * test.interval_ns) for i in places]
        columns.append((f"{tag} [{unit}]", cells))
    wide = [max(width(head), *map(width, cells)) for head, cells in columns]
    yield f"      {say('alarmtest.readings', language)}"
    heads = (pad(head, w) for (head, _), w in zip(columns, wide, strict=True))
    yield "      " + " " * (broad + 2) + "  ".join(heads)
    for row, i in enumerate(places):
        cells = (pad(cells[row], w) for (_, cells), w in zip(columns, wide, strict=True))
        mark = ">" if i == place else " "
        yield f"      {mark} {pad(times[row], broad)}{'  '.join(cells)}".rstrip()


def _tags(table: Table, test: Test, failure: Failure) -> list[str]:
    limits = table.site.limits
    subjects = [row.subject for row in failure.rows if not row.held]
    named = [limits[name].tag if name in limits else name for name in subjects]
    first = [tag for tag in dict.fromkeys(named) if tag in test.series]
    return list(dict.fromkeys([*first, *test.series]))[:MOST_TAGS]


def _cell(test: Test, tag: str, at_ns: int) -> str:
    given = given_at(test, tag, at_ns)
    return "_" if given is None else str(given)


def write_junit(path: Path, ran: Sequence[Ran], language: str) -> None:
    """Write the results as JUnit XML, which every CI server reads."""
    root = ElementTree.Element("testsuites")
    for one in ran:
        facts = {"tests": str(len(one.outcomes)), "failures": str(one.failed)}
        suite = ElementTree.SubElement(root, "testsuite", {"name": str(one.table.path), **facts})
        for outcome in one.outcomes:
            name = {"classname": one.table.path.stem, "name": outcome.test.name}
            case = ElementTree.SubElement(suite, "testcase", name)
            if not outcome.failures:
                continue
            lines = [
                line
                for failure in outcome.failures
                for line in _failure(one.table, outcome.test, failure, language)
            ]
            failed = ElementTree.SubElement(case, "failure", message=lines[1].strip())
            failed.text = "\n".join(lines)
    ElementTree.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)
