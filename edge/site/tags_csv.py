"""Tag lists: CSV rows to `Tag` and `LimitSpec`, every fault with its line.

One row is one tag with its limits. Files are UTF-8 with or without a mark at the start; a file
that Excel saved as GBK is a fault that says how to save it. Two thousand rows must load well
under a second, so a row is read by plain functions and checked only against sets made once.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from sys import intern
from typing import NamedTuple

from edge.site.alarms.gds import GDS_COLUMNS, gds_tags_of
from edge.site.csv_lines import CsvLines
from edge.site.faults import Faults, nearest, place_from, suggest
from edge.site.journalling import journalling_of
from edge.site.limits import limits_of
from edge.site.model import Asset, Checks, GdsTags, LimitSpec, Space
from edge.site.parts import NAME_PATTERN
from edge.site.quantities import (
    CONCENTRATION,
    DERIVED_QUANTITIES,
    QUANTITY_UNITS,
    UNIT_SPELLINGS,
)
from edge.site.tag_checks import CHECK_COLUMNS, checks_of
from edge.tag import Position, Tag, World
from edge.units import Unit

MANDATORY = (
    "tag",
    "title_zh",
    "title_en",
    "device",
    "ref",
    "asset",
    "quantity",
    "unit",
    "range_low",
    "range_high",
    "period_s",
    "x_m",
    "y_m",
)
OPTIONAL = (
    "area",
    "space",
    "substance",
    "z_m",
    "background",
    "lel_fraction",
    "h",
    "hh",
    "l",
    "ll",
    "h_priority",
    "hh_priority",
    "l_priority",
    "ll_priority",
    "bad_priority",
    "on_delay_s",
    "off_delay_s",
    "deadband",
    "journal_deadband",
    "journal_every_s",
    "latch",
    "limit_source",
)
_NAME = re.compile(NAME_PATTERN)
COLUMNS = frozenset(MANDATORY + OPTIONAL + CHECK_COLUMNS + GDS_COLUMNS)
FARTHEST_M = 20_000.0  # a park is smaller: farther is longitude, latitude or a slip of a digit
LONGEST_PERIOD_S = 3600.0


@dataclass
class Known:
    """What a tag row may refer to, and what the rows before it have taken."""

    world: World
    devices: set[str]
    areas: set[str]
    spaces: dict[str, Space]
    space_ids: set[str]
    assets: dict[str, Asset]
    asset_ids: set[str]
    substances: set[str] | None  # None: no substance table to check against
    hazard_device: str
    tags: dict[str, Tag] = field(default_factory=dict[str, Tag])
    limits: dict[str, LimitSpec] = field(default_factory=dict[str, LimitSpec])
    checks: dict[str, Checks] = field(default_factory=dict[str, Checks])
    gds: dict[str, GdsTags] = field(default_factory=dict[str, GdsTags])
    whole: bool = True  # every tag list could be read to its end
    lines: dict[str, tuple[str, int]] = field(default_factory=dict[str, tuple[str, int]])
    refs: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])


@lru_cache(maxsize=4096)
def _number(text: str) -> float:
    """Return the number: one object for all cells that say the same, as most of a column do."""
    return float(text)


class Row:
    """One line of a tag list: its cells by column, and where a fault in it is noted."""

    __slots__ = ("cells", "faults", "file", "line", "name")

    def __init__(self, cells: dict[str, str], file: str, line: int, faults: Faults) -> None:
        self.cells, self.file, self.line, self.faults = cells, file, line, faults
        self.name = cells.get("tag", "") or "row"

    def fault(self, problem: str, remedy: str, column: str = "") -> None:
        """Note a fault of this row; `column` where one cell of it is meant."""
        self.faults.add(self.file, self.line, self.name, problem, remedy, column)

    def text(self, column: str) -> str:
        """Return the cell, "" where it is empty."""
        return self.cells.get(column, "")

    def number(self, column: str) -> float | None:
        """Return the cell as a finite number, None where it is empty or a fault."""
        text = self.cells.get(column, "")
        if not text:
            return None
        try:
            value = _number(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value) or "_" in text:
            self.fault(
                f"{column} is {text!r}, not a number", "Write a plain number such as 0.5", column
            )
            return None
        return value

    def at_least(self, column: str, least: float, default: float) -> float:
        """Return the cell as a number >= `least`, `default` where it is empty or a fault."""
        value = self.number(column)
        if value is None:
            return default
        if value < least:
            self.fault(f"{column} is {value:g}", f"Write {least:g} or more", column)
            return default
        return value


def read_tags(text: str, file: str, known: Known, faults: Faults) -> None:
    """Add the tags and limits of one tag list to `known`; every fault goes to `faults`."""
    for row in _rows(text, file, known, faults):
        before = known.lines.get(row.name)
        if row.cells["tag"] and before is not None:
            where = place_from(file, before)
            row.fault(f"the tag stands already at {where}", "Rename or remove one of them", "tag")
        tag = _tag(row, known)
        limits = limits_of(row, tag)
        checks = checks_of(row, tag, limits)
        if row.cells["tag"] and before is None:  # a row with faults as well: others may name it
            known.lines[tag.name] = (file, row.line)
            known.tags[tag.name] = tag
            known.limits.update((limit.id, limit) for limit in limits)
            if checks is not None:
                known.checks[tag.name] = checks
            if gds := gds_tags_of(row):
                known.gds[tag.name] = gds


def _rows(text: str, file: str, known: Known, faults: Faults) -> Iterator[Row]:
    header: list[str] | None = None
    lines = CsvLines(text, file, faults)
    for line, cells in lines:
        if header is None:
            header = cells
            _check_header(header, file, line, faults)
            if "tag" not in header:
                break
            continue
        row = Row({"tag": "", **dict(zip(header, cells, strict=False))}, file, line, faults)
        if _strays(row, header, cells):
            known.lines.setdefault(row.name, (file, line))
            continue
        yield row
    if not lines.whole or header is None or "tag" not in header:
        known.whole = False
    if header is None:
        faults.add(file, 1, "header", "the tag list is empty", "Start it with the column names")


def _strays(row: Row, header: list[str], cells: list[str]) -> bool:
    """Note a cell that no column names. More cells than columns: nothing else can be said of it."""
    for name, cell in zip(header, cells, strict=False):
        if cell and not name:
            row.fault(f"{cell!r} stands in a column without a name", "Name the column or empty it")
    if not any(cells[len(header) :]):
        return False
    problem = f"{len(cells)} cells in {len(header)} columns"
    row.fault(problem, "Put a cell that holds a comma in quotation marks")
    return True


def _check_header(header: list[str], file: str, line: int, faults: Faults) -> None:
    if len(header) == 1 and any(mark in header[0] for mark in ";\t"):
        faults.add(file, line, "header", "cells are not parted by commas", "Save it as CSV, comma")
        return
    for column in dict.fromkeys(header):
        if column and column not in COLUMNS:
            remedy = suggest(column, COLUMNS)
            faults.add(file, line, column, f"unknown column {column!r}", remedy)
        if column and header.count(column) > 1:
            faults.add(file, line, column, "the column stands twice", "Keep one of them")
    for column in MANDATORY:
        if column not in header:
            faults.add(file, line, column, f"column {column!r} is missing", "Add it")


class _Range(NamedTuple):
    low: float
    high: float


_ANY = _Range(-math.inf, math.inf)


def _tag(row: Row, known: Known) -> Tag:
    """Return the row's tag; what is a fault has a stand-in, for the site is then refused."""
    _check_filled(row)
    _check_device(row, known)
    area, space = _check_place(row, known)
    quantity, unit = _quantity(row)
    lel = _check_substance(row, quantity, unit, known)
    span = _span(row)
    position = _position(row)
    period = row.number("period_s")
    if period is not None and not 0 < period <= LONGEST_PERIOD_S:
        remedy = f"Write seconds above 0, up to {LONGEST_PERIOD_S:g}"
        row.fault(f"period_s is {period:g}", remedy, "period_s")
    background = row.number("background") or 0.0
    if background and not span.low <= background <= span.high:
        problem = f"background {background:g} is outside the range"
        row.fault(problem, "Correct it or the range", "background")
    journalling = journalling_of(row, span.high - span.low)
    return Tag(
        name=row.name,
        title_zh=row.text("title_zh"),
        title_en=row.text("title_en"),
        device=intern(row.text("device")),
        ref=row.text("ref"),
        asset=intern(row.text("asset")),
        area=intern(area),
        substance=intern(row.text("substance")),
        quantity=intern(quantity),
        unit=unit or Unit.COUNT,
        range_low=span.low,
        range_high=span.high,
        period_s=period or 1.0,
        position=position,
        space=intern(space),
        background=background,
        lel_fraction=lel,
        world=known.world,
        journal_deadband=journalling.deadband,
        journal_every_s=journalling.every_s,
    )


_REMEDIES = {
    "x_m": "Give its position: metres east of the site's origin",
    "y_m": "Give its position: metres north of the site's origin",
    "ref": "Give the point of the device's template, or the OPC UA node",
    "asset": "Name the asset that it stands at",
    "range_low": "Give the instrument's range",
    "range_high": "Give the instrument's range",
}


def _check_filled(row: Row) -> None:
    for column in MANDATORY:
        # a column that is missing altogether is the header's fault, said once
        if not row.text(column) and column in row.cells:
            row.fault(f"{column} is empty", _REMEDIES.get(column, "Fill it in"), column)
    if row.name != "row" and not _NAME.fullmatch(row.name):
        row.fault(
            f"{row.name!r} is no name for a tag",
            "Use up to 64 of A-Z a-z 0-9 . _ -, beginning with a letter or digit",
            "tag",
        )


def _check_device(row: Row, known: Known) -> None:
    device, ref = row.text("device"), row.text("ref")
    if not device:
        return
    if device == known.hazard_device:
        problem = f"device {device!r} is the hazard daemon's own"
        row.fault(problem, "Remove the row: its tags are made from the site's places", "device")
    elif device not in known.devices:
        remedy = suggest(device, known.devices, "device")
        row.fault(f"unknown device {device!r}", remedy, "device")
    elif ref:
        other = known.refs.setdefault((device, ref), row.name)
        if other != row.name:
            problem = f"reads {ref!r} of {device}, as {other} does"
            row.fault(problem, "Give each tag its own channel", "ref")


def _check_place(row: Row, known: Known) -> tuple[str, str]:
    asset_id, area, space = row.text("asset"), row.text("area"), row.text("space") or "outdoor"
    asset = known.assets.get(asset_id)
    if asset_id and asset_id not in known.asset_ids:
        remedy = suggest(asset_id, known.asset_ids, "asset")
        row.fault(f"unknown asset {asset_id!r}", remedy, "asset")
    if area and area not in known.areas:
        row.fault(f"unknown area {area!r}", suggest(area, known.areas, "area"), "area")
    elif area and asset is not None and area != asset.area:
        problem = f"area {area!r} is not that of its asset {asset_id} ({asset.area!r})"
        remedy = "Correct the area or the asset; an empty area means the asset's"
        row.fault(problem, remedy, "area")
    if space != "outdoor":
        room = known.spaces.get(space)
        if space not in known.space_ids:
            remedy = suggest(space, known.space_ids, "space")
            row.fault(f"unknown space {space!r}", remedy, "space")
        elif room is not None and room.area != (area or (asset.area if asset else room.area)):
            problem = f"space {space!r} lies in area {room.area!r}, not in the tag's"
            row.fault(problem, "Correct the space or the area", "space")
    return area or (asset.area if asset else ""), space


def _quantity(row: Row) -> tuple[str, Unit | None]:
    quantity, spelled = row.text("quantity"), row.text("unit")
    unit: Unit | None = None
    if spelled:
        try:
            unit = Unit(spelled)
        except ValueError:
            meant = UNIT_SPELLINGS.get(spelled.casefold()) or nearest(spelled, [*Unit])
            remedy = f"Did you mean {str(meant)!r}?" if meant else suggest(spelled, [*Unit])
            row.fault(f"unknown unit {spelled!r}", remedy, "unit")
    if quantity in DERIVED_QUANTITIES:
        problem = f"quantity {quantity!r} is for the hazard daemon's own tags"
        row.fault(problem, "Remove the row: these tags are made from the site's places", "quantity")
    elif quantity and quantity not in QUANTITY_UNITS:
        remedy = suggest(quantity, QUANTITY_UNITS)
        row.fault(f"unknown quantity {quantity!r}", remedy, "quantity")
    elif quantity and unit is not None and unit not in QUANTITY_UNITS[quantity]:
        fitting = ", ".join(sorted(QUANTITY_UNITS[quantity]))
        row.fault(f"a {quantity} is not measured in {unit}", f"Use one of {fitting}", "unit")
    return quantity, unit


def _check_substance(row: Row, quantity: str, unit: Unit | None, known: Known) -> float | None:
    substance, lel = row.text("substance"), row.number("lel_fraction")
    if substance and known.substances is not None and substance not in known.substances:
        remedy = suggest(substance, known.substances)
        row.fault(f"unknown substance {substance!r}", remedy, "substance")
    if not substance and quantity == CONCENTRATION:
        remedy = "Name the substance that it measures"
        row.fault("a concentration of no substance", remedy, "substance")
    if lel is not None and not 0 < lel < 1:
        remedy = "Write the LEL as a mole fraction: 5 % is 0.05"
        row.fault(f"lel_fraction is {lel:g}", remedy, "lel_fraction")
    if unit is Unit.PERCENT_LEL and not row.text("lel_fraction"):
        remedy = "Give the LEL that the channel was calibrated against: 5 % is 0.05"
        row.fault("%LEL without lel_fraction", remedy, "lel_fraction")
    return lel


def _span(row: Row) -> _Range:
    low, high = row.number("range_low"), row.number("range_high")
    if low is None or high is None:
        return _ANY
    if low >= high:
        remedy = "range_low must be below range_high"
        row.fault(f"range {low:g} to {high:g} is none", remedy, "range_high")
        return _ANY
    return _Range(low, high)


def _position(row: Row) -> Position:
    x_m, y_m = row.number("x_m") or 0.0, row.number("y_m") or 0.0
    if max(abs(x_m), abs(y_m)) > FARTHEST_M:
        problem = f"position {x_m:g}, {y_m:g} is over {FARTHEST_M / 1000:g} km from the origin"
        row.fault(problem, "Give metres east and north of the site's origin", "x_m")
    return Position(x_m, y_m, row.number("z_m") or 0.0)
