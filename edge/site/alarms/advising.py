"""Which guidance is an alarm's, and how urgent that makes it.

Every condition of a site goes through here, tens of thousands of them: entries that name neither
tag nor condition are looked up once for each sort of alarm, and texts are shared, never copied.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import translate
from functools import cache
from typing import NamedTuple

from edge.rules import priority_rule, set_point_rule
from edge.site.alarms.guidance import STANDARD_PREFIX, GuidanceRow, standard_guidance
from edge.site.faults import Faults, suggest
from edge.site.files import is_pattern
from edge.site.model import LimitKind, LimitSpec
from edge.site.quantities import (
    CONCENTRATION,
    DERIVED_QUANTITIES,
    OXYGEN,
    PREDICTED,
    QUANTITY_UNITS,
)
from edge.site.structure import Draft
from edge.site.tags_csv import Known
from edge.substance import Substance
from edge.tag import Tag
from edge.units import Unit

QUANTITIES = frozenset({*QUANTITY_UNITS, *DERIVED_QUANTITIES})
Place = tuple[str, int]  # file and line


class Sort(NamedTuple):
    """What an entry can ask for beside a tag's or a condition's name."""

    asset: str
    area: str
    substance: str
    quantity: str
    kind: str
    hazard: str
    level: int
    klass: str


def advise(
    draft: Draft, known: Known, table: Mapping[str, Substance], faults: Faults
) -> dict[str, GuidanceRow]:
    """Give each limit of `known` its guidance and priority; return the entries in use, by id.

    A priority of 0 stands for the one that consequence and time make; a stated one may be more
    urgent, never less. A limit without guidance is a fault, one for each tag.
    """
    own = [row for _, row in draft.each("guidance")]
    _check_entries(draft, known, faults)
    sorter = _Sorter(table)
    site, standard = _Book(own), _Book(standard_guidance().guidance)
    by_id = {row.id: row for row in (*standard_guidance().guidance, *own)}
    used: dict[str, GuidanceRow] = {}
    missing: dict[str, list[LimitSpec]] = {}
    for name, spec in known.limits.items():
        tag = known.tags[spec.tag]
        sort = sorter.sort(spec, tag)
        usual = standard.find(spec, sort)
        row = by_id.get(spec.guidance) if spec.guidance else site.find(spec, sort) or usual
        if row is None:
            missing.setdefault(spec.tag, []).append(spec)
            known.limits[name] = replace(spec, priority=spec.priority or 3)
            continue
        used[row.id] = row
        due = _due(row, spec, usual)
        if spec.priority > due:
            _less_urgent(draft, known, spec, row, due, faults)
        known.limits[name] = replace(
            spec, guidance=row.id, respond_s=row.respond_s, priority=spec.priority or due
        )
    if len(own) == len(draft.ids["guidance"]):  # else it may stand in an entry that is broken
        _tell_missing(draft, known, missing, faults)
    return used


def _due(row: GuidanceRow, spec: LimitSpec, usual: GuidanceRow | None) -> int:
    """Return the priority that guidance makes; a gas level's is never below the standard's."""
    rule = priority_rule()
    due = rule.priority(row.severity, row.respond_s)
    if spec.level and usual is not None:
        due = min(due, rule.priority(usual.severity, usual.respond_s))
    return due


class _Sorter:
    """Says of what sort an alarm is."""

    def __init__(self, table: Mapping[str, Substance]) -> None:
        self._table = table
        self._hazards: dict[tuple[str, str, Unit], str] = {}

    def sort(self, spec: LimitSpec, tag: Tag) -> Sort:
        """Return the sort of `spec`, whose tag is `tag`."""
        key = (tag.quantity, tag.substance, tag.unit)
        hazard = self._hazards.get(key)
        if hazard is None:
            hazard = self._hazards[key] = _hazard(self._table, *key)
        return Sort(
            tag.asset,
            spec.area,
            tag.substance,
            tag.quantity,
            spec.kind.value,
            hazard,
            spec.level,
            spec.klass.value,
        )


def _hazard(table: Mapping[str, Substance], quantity: str, substance: str, unit: Unit) -> str:
    """Return what a gas threatens with; a channel that is not in %LEL warns of poison first."""
    if quantity == OXYGEN:
        return OXYGEN
    if quantity not in {CONCENTRATION, PREDICTED}:
        return ""
    if unit is Unit.PERCENT_LEL:
        return "combustible"
    facts = table.get(substance)
    if facts is None or facts.lel_fraction is None or facts.idlh_ppm is not None:
        return "toxic"
    return "toxic" if substance in set_point_rule().oels else "combustible"


class _Book:
    """Entries, the narrowest first, and the one that fits an alarm."""

    def __init__(self, rows: Sequence[GuidanceRow]) -> None:
        ordered = sorted(rows, key=_width)  # stable: of two alike, the first
        self._broad = [row for row in ordered if not _names(row)]
        self._named: dict[str, list[tuple[int, GuidanceRow]]] = {}
        self._patterns: list[tuple[re.Pattern[str], int, GuidanceRow]] = []
        for rank, row in enumerate(ordered):
            for name in _names(row):
                if is_pattern(name):
                    self._patterns.append((re.compile(translate(name)), rank, row))
                else:
                    self._named.setdefault(name, []).append((rank, row))
        self._found: dict[Sort, GuidanceRow | None] = {}

    def find(self, spec: LimitSpec, sort: Sort) -> GuidanceRow | None:
        """Return the entry for `spec`, None where none fits."""
        for _, row in self._candidates(spec):
            if _fits_names(row, spec) and _fits_sort(row, sort):
                return row
        if sort not in self._found:
            self._found[sort] = next((r for r in self._broad if _fits_sort(r, sort)), None)
        return self._found[sort]

    def _candidates(self, spec: LimitSpec) -> list[tuple[int, GuidanceRow]]:
        named, patterns = self._named, self._patterns
        found = [*named.get(spec.id, ()), *named.get(spec.tag, ())] if named else []
        for pattern, rank, row in patterns:
            if pattern.match(spec.tag) or pattern.match(spec.id):
                found.append((rank, row))
        return sorted(found, key=lambda pair: pair[0]) if len(found) > 1 else found


def _names(row: GuidanceRow) -> tuple[str, ...]:
    """Return the names by which an entry is found: its conditions, else its tags."""
    return row.fits.conditions or row.fits.tags


def _width(row: GuidanceRow) -> tuple[int, int]:
    """Return how wide an entry's reach is: what it names, then how little it asks for."""
    fits = row.fits
    named = 0 if fits.conditions else 2 if fits.tags else 4 if fits.assets else 5
    patterned = int(any(map(is_pattern, _names(row))))
    return named + patterned, -len(fits.model_fields_set)


def _fits_names(row: GuidanceRow, spec: LimitSpec) -> bool:
    fits = row.fits
    return _among(spec.id, fits.conditions) and _among(spec.tag, fits.tags)


def _among(name: str, wanted: tuple[str, ...]) -> bool:
    return not wanted or any(_matcher(word).match(name) for word in wanted)


@cache
def _matcher(word: str) -> re.Pattern[str]:
    return re.compile(translate(word) if is_pattern(word) else re.escape(word) + r"\Z")


def _fits_sort(row: GuidanceRow, sort: Sort) -> bool:
    fits = row.fits
    return (
        (not fits.kinds or sort.kind in fits.kinds)
        and (not fits.quantities or sort.quantity in fits.quantities)
        and (not fits.substances or sort.substance in fits.substances)
        and (not fits.hazards or sort.hazard in fits.hazards)
        and (not fits.areas or sort.area in fits.areas)
        and (not fits.assets or sort.asset in fits.assets)
        and (not fits.levels or sort.level in fits.levels)
        and (not fits.classes or sort.klass in fits.classes)
    )


# --- what is wrong -------------------------------------------------------------------------------


def _check_entries(draft: Draft, known: Known, faults: Faults) -> None:
    """Note entries that ask for nothing, for what is not there, or for a name of the standard."""
    words: dict[str, tuple[str, set[str]]] = {
        "conditions": ("condition", set(known.limits)),
        "tags": ("tag", set(known.tags)),
        "assets": ("asset", draft.ids["assets"]),
        "areas": ("area", draft.ids["areas"]),
        "substances": ("substance", known.substances or set[str]()),
        "quantities": ("quantity", set(QUANTITIES)),
        "kinds": ("kind", {kind.value for kind in LimitKind}),
    }
    for path, row in draft.each("guidance"):
        if row.id.startswith(STANDARD_PREFIX):
            problem = f"ids in {STANDARD_PREFIX}… belong to the standard guidance"
            faults.add(*draft.place(*path, "id"), row.id, problem, "Rename it")
        if not any(value for _, value in row.fits):  # its keys with their values
            problem, remedy = "fits no alarm: it asks for nothing", "Write fits: {tags: [LI-101]}"
            faults.add(*draft.place(*path, "fits"), row.id, problem, remedy)
        for key, (noun, there) in words.items():
            for index, name in enumerate(getattr(row.fits, key)):
                where = draft.place(*path, "fits", key, index)
                if key in {"conditions", "tags"} and not known.whole:
                    continue  # it may stand in what could not be read
                if not _is_there(name, there, key):
                    remedy = suggest(name, there, noun)
                    faults.add(*where, row.id, f"no {noun} {name!r}", remedy)


def _is_there(name: str, there: set[str], key: str) -> bool:
    if key in {"conditions", "tags"} and is_pattern(name):
        return any(map(_matcher(name).match, there))
    return name in there


def _tell_missing(
    draft: Draft, known: Known, missing: Mapping[str, list[LimitSpec]], faults: Faults
) -> None:
    for tag, specs in missing.items():
        if known.tags[tag].quantity not in QUANTITIES:
            continue  # it is not known what it measures: said already
        if strange := next((spec.guidance for spec in specs if spec.guidance), ""):
            remedy = suggest(strange, draft.ids["guidance"], "guidance")
            faults.add(*_place(draft, known, specs[0]), tag, f"no guidance {strange!r}", remedy)
            continue
        kinds = ", ".join(spec.kind.value for spec in specs)
        problem = f"no guidance for {kinds}: nobody knows what to do"
        remedy = (
            f"Add an entry that fits {tag} to guidance: in site.yaml"
            " (cause, consequence, actions, respond_s, severity)"
        )
        faults.add(*_place(draft, known, specs[0]), tag, problem, remedy, specs[0].kind.value)


def _less_urgent(
    draft: Draft, known: Known, spec: LimitSpec, row: GuidanceRow, due: int, faults: Faults
) -> None:
    problem = (
        f"{spec.kind.value} has priority {spec.priority}, and its guidance {row.id}"
        f" ({row.severity}, {row.respond_s:g} s) makes it {due}"
    )
    remedy = f"Write {due} or more urgent, leave it empty, or correct what the guidance says"
    column = f"{spec.kind.value}_priority"
    faults.add(*_place(draft, known, spec), spec.tag, problem, remedy, column)


def _place(draft: Draft, known: Known, spec: LimitSpec) -> Place:
    """Return where the limit is from: a row of a tag list, or of `conditions:`."""
    if spec.tag in known.lines:
        return known.lines[spec.tag]
    for path, item in _conditions(draft):
        if item in {spec.id, spec.tag, spec.id.partition("/")[0]}:
            return draft.place(*path)
    return draft.place("guidance")


def _conditions(draft: Draft) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for path, item in draft.each("conditions"):
        yield path, item.id
