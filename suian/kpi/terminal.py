"""The report on a terminal, through rich: 80 columns, colours where there are any."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from edge.kpi.page import Page, Row
from edge.report.text import COLUMNS, width, wrap
from suian.kpi.show import words_of

STYLES = {"good": "green", "fair": "yellow", "bad": "bold red", "none": "dim"}
HEAT = {"off": "░", "zero": "·"}


def as_text(page: Page, *, colour: bool = False) -> str:
    """Return the page for a terminal of 80 columns."""
    out = io.StringIO()
    console = Console(
        file=out, width=COLUMNS, force_terminal=colour, no_color=not colour, highlight=False
    )
    words = words_of(page.language)
    console.print(Text(f"{page.title}  {page.site} ({page.gateway})", "bold"))
    console.print(Text(f"{page.window}  [{page.world}]"))
    for note in page.notes:
        _lines(console, note, "dim", 2)
    console.print()
    console.print(_facts(page))
    _heading(console, words["actors"])
    _actors(console, page, words)
    _heading(console, words["figures"])
    console.print(_figures(page, words))
    if page.heat:
        _heading(console, words["hours"])
        for line in _heat(page):
            console.print(line)
    _heading(console, words["top"])
    console.print(_top(page, words) if page.top else words["top_none"])
    _heading(console, words["floods"])
    console.print(_floods(page, words) if page.floods else words["floods_none"])
    _heading(console, words["waits"])
    console.print(_rows((), page.waits))
    _heading(console, words["holds"])
    keys = ("hold_times", "hold_time", "hold_now", "hold_overdue", "hold_by")
    console.print(_rows(("", *(words[key] for key in keys)), page.holds, right=4))
    _heading(console, words["classes"])
    keys = ("class", "class_announced", "class_per_day", "class_standing", "class_most")
    console.print(_rows([words[key] for key in keys], page.classes, right=3))
    console.print()
    _lines(console, words["disclaimer"], "dim")
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def _heading(console: Console, text: str) -> None:
    console.print()
    console.print(Text(text, "bold"))
    console.print(Rule(style="dim"))


def _table(*heads: tuple[str, bool]) -> Table:
    """Return a table with these heads; True: its column is of numbers."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1))
    for head, numbers in heads:
        table.add_column(head, justify="right" if numbers else "left", no_wrap=numbers)
    return table


def _facts(page: Page) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for fact in page.facts:
        table.add_row(fact.label, Text(fact.value, STYLES.get(fact.grade, "bold")), fact.note)
    return table


def _actors(console: Console, page: Page, words: dict[str, str]) -> None:
    if not page.actors:
        console.print(words["actors_none"])
        return
    for actor in page.actors:
        console.print(Text(f"{actor.rank:>2}  {actor.name}  {actor.title}", "bold"))
        _lines(console, f"{actor.place} · {actor.priority} · {actor.often}", "", 4)
        for what, do in actor.faults:
            _lines(console, what, "yellow", 4)
            label = f"{words['do']}: "
            _lines(console, label + do, "", 6, width(label))
    console.print()
    _lines(console, words["actors_note"], "dim")


def _lines(console: Console, text: str, style: str, indent: int = 0, hang: int = 0) -> None:
    """Print text in lines of 80 columns; rich breaks lines at spaces only, and Chinese has none."""
    for line in wrap(text, indent, indent + hang):
        console.print(Text(line, style))


def _figures(page: Page, words: dict[str, str]) -> Table:
    table = _table(
        (words["col_figure"], False),
        (words["col_value"], True),
        ("", False),
        (words["col_target"], True),
        (words["col_limit"], True),
    )
    for row in page.figures:
        style = STYLES[row.grade]
        grade = Text(row.grade_word, style)
        table.add_row(row.name, Text(row.value, style), grade, row.target, row.limit or "–")
    return table


def _heat(page: Page) -> Iterable[Text]:
    yield Text(" " * 7 + "".join(f"{hour:>2} " for hour in range(24)), "dim")
    for row in page.heat:
        line = Text(f"{row.day:<6} ")
        for cell in row.cells:
            shown = str(cell.alarms) if cell.alarms else HEAT.get(cell.kind, "·")
            style = STYLES["bad"] if cell.kind == "flood" else ""
            line.append(f"{shown if len(shown) < 3 else '9+':>2} ", style)
        yield line


def _top(page: Page, words: dict[str, str]) -> Table:
    table = _table(
        ("", True),
        (words["alarm"], False),
        (words["count"], True),
        (words["share"], True),
        (words["stood"], True),
        (words["wrong"], False),
    )
    for row in page.top:
        name = Text(row.name, "bold").append(f" {row.title}", "not bold")
        table.add_row(str(row.rank), name, row.alarms, row.share, row.stood, row.wrong or "–")
    return table


def _floods(page: Page, words: dict[str, str]) -> Table:
    keys = ("flood_from", "flood_lasted", "flood_alarms", "flood_most", "flood_first")
    table = _table(*((words[key], 0 < place < 4) for place, key in enumerate(keys)))
    for row in page.floods:
        table.add_row(*row)
    return table


def _rows(heads: Sequence[str], found: Sequence[Row], right: int = 0) -> Table:
    """Return a small table; the `right` columns after the first are numbers."""
    count = len(found[0].cells) if found else 0
    shown = heads or [""] * count
    table = _table(*((head, 0 < place <= right) for place, head in enumerate(shown)))
    table.show_header = bool(heads)
    for row in found:
        table.add_row(*(Text(cell, STYLES.get(row.grade, "")) for cell in row.cells))
    return table
