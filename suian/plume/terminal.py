"""The report on a terminal of 80 columns, through rich."""

from __future__ import annotations

import io
from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from edge.report.text import COLUMNS, cut, wrap
from edge.words import say
from suian.plume.page import Page, Section

NAME_COLUMNS = 16  # of a place, so that its figures keep to their line


def as_text(page: Page, *, colour: bool = False) -> str:
    """Return the page for a terminal."""
    out = io.StringIO()
    console = Console(
        file=out, width=COLUMNS, force_terminal=colour, no_color=not colour, highlight=False
    )
    shown = _Shown(console, page)
    console.print(Text(f"{page.title}  {page.site}", "bold"))
    for line in (*page.told, "", *page.weather):
        shown.lines(line)
    for line in page.weather_notes:
        shown.lines(line, "dim", 2)
    for section in page.sections:
        shown.section(section)
    console.print()
    shown.lines(shown.say("disclaimer"), "dim")
    return out.getvalue()


class _Shown:
    """Prints the parts of a page."""

    def __init__(self, console: Console, page: Page) -> None:
        self._console, self._page = console, page

    def say(self, key: str) -> str:
        return say(f"plume.{key}", self._page.language, {"minutes": self._page.exposure})

    def lines(self, text: str, style: str = "", indent: int = 0) -> None:
        """Print text in lines of 80 columns; Chinese has no spaces to break at."""
        for line in wrap(text, indent, indent + 2 if indent else 0):
            self._console.print(Text(line, style))

    def section(self, section: Section) -> None:
        self._console.print()
        self._console.print(Text(section.title, "bold"))
        self._console.print(Rule(style="dim"))
        for row in section.emissions:
            self.lines(f"{row.name}  {row.text}")
            if row.chosen:
                self.lines(row.chosen, "dim", 2)
        self._zones(section)
        self._places(section)
        if section.flammable:
            self._console.print()
            self.lines(section.flammable)
        self._likely(section)
        self._told(section)

    def _table(self, title: str, heads: Sequence[tuple[str, bool]]) -> Table:
        self._console.print()
        table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1))
        for index, (key, numbers) in enumerate(heads):
            head = Text(self.say(key))
            table.add_column(head, justify="right" if numbers else "left", no_wrap=index == 0)
        self._console.print(Text(self.say(title), "bold"))
        return table

    def _zones(self, section: Section) -> None:
        heads = (
            ("zone", False), ("zone.value", True), ("zone.averaging", False),
            ("zone.reach", True), ("zone.area", True),
        )  # fmt: skip
        table = self._table("zones", heads)
        for row in section.zones:
            table.add_row(row.name, row.value, row.averaging, Text(row.reach, "bold"), row.area)
        self._console.print(table)
        for text in section.zone_notes:
            self.lines(text, "dim")

    def _places(self, section: Section) -> None:
        if not section.places:
            return
        heads = [
            ("place", False), ("place.peak", True), ("place.zone", False), ("place.first", True),
            ("place.lasts", True), ("place.load", True), ("place.indoor", True),
        ]  # fmt: skip
        if self._page.engineering:
            heads.append(("place.fraction", True))
        table = self._table("places", heads)
        for row in section.places:
            cells = [
                cut(row.name, NAME_COLUMNS),
                row.peak,
                row.zone,
                row.first,
                row.lasts,
                row.load,
                row.indoor,
            ]
            table.add_row(*cells, *([row.fraction] if self._page.engineering else []))
        self._console.print(table)
        for text in section.place_notes:
            self.lines(text, "dim")

    def _likely(self, section: Section) -> None:
        if not section.likely:
            return
        heads = (
            ("zone", False), ("likely.low", True), ("likely.middle", True), ("likely.high", True),
            ("likely.reached", True),
        )  # fmt: skip
        table = self._table("likely", heads)
        for row in section.likely:
            table.add_row(row.name, row.low, Text(row.middle, "bold"), row.high, row.reached)
        self._console.print(table)

    def _told(self, section: Section) -> None:
        self._console.print()
        self._console.print(Text(self.say("models"), "bold"))
        for name, validity in section.models:
            self.lines(f"{validity} [{name}]", "", 2)
        if section.notes:
            self._console.print(Text(self.say("notes"), "bold"))
        for note in section.notes:
            self.lines(f"· {note}", "", 2)
