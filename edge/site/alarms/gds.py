"""Beside the GDS: which tags are the detectors' own controller's, and the alarms they mirror.

The detectors' controller (GDS, GB/T 50493) judges, sounds and latches by itself. A detector's row
names the tags in which it says so. Its alarm states are mirrored as conditions of the detector, on
the GDS's own tag and without a delay: what the GDS says is shown as the GDS says it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edge.site.faults import Faults, suggest
from edge.site.limits import GAS_PRIORITIES
from edge.site.model import GdsTags, LimitKind, LimitSpec
from edge.site.quantities import CONCENTRATION, SETPOINT
from edge.tag import Tag
from edge.units import Unit

if TYPE_CHECKING:
    from edge.site.tags_csv import Known, Row

ALARM_COLUMNS = ("gds_alarm_1", "gds_alarm_2")
SETPOINT_COLUMNS = ("gds_setpoint_1", "gds_setpoint_2")
GDS_COLUMNS = (*ALARM_COLUMNS, *SETPOINT_COLUMNS)
DETECTORS = frozenset({CONCENTRATION, "oxygen"})
# The mirror of each level, and the limit of ours whose priority it has.
MIRRORS = {
    "gds_alarm_1": (1, LimitKind.GDS_1, LimitKind.HIGH),
    "gds_alarm_2": (2, LimitKind.GDS_2, LimitKind.HIGH_HIGH),
}


def gds_tags_of(row: Row) -> GdsTags | None:
    """Return the GDS's tags that `row` names for its detector, None where it names none."""
    found = GdsTags(*(row.text(column) for column in GDS_COLUMNS))
    return found if any(found) else None


def check_gds(known: Known, faults: Faults) -> None:
    """Note each GDS column that names what cannot be the GDS's word on its detector."""
    taken: dict[str, str] = {}  # GDS tag -> "AT-101 gds_alarm_1"
    for name, gds in known.gds.items():
        detector, place = known.tags[name], known.lines[name]
        columns = [(column, tag) for column, tag in zip(GDS_COLUMNS, gds, strict=True) if tag]
        if detector.quantity not in DETECTORS:
            problem = f"GDS tags of a {detector.quantity or 'tag'}, which is no gas detector's"
            remedy = "Name them in the row of the detector's concentration"
            faults.add(*place, name, problem, remedy, columns[0][0])
            continue
        for column, tag in columns:
            found = _problem(detector, column, tag, known)
            if found is None and tag in taken:
                found = f"{column} {tag} is {taken[tag]} already", "One GDS tag, one use"
            taken.setdefault(tag, f"{name}'s {column}")
            if found is not None:
                faults.add(*place, name, *found, column)


def _problem(detector: Tag, column: str, name: str, known: Known) -> tuple[str, str] | None:
    """Return what is wrong with `name` in `column`, and the remedy; None if nothing is."""
    tag = known.tags.get(name)
    if tag is None:
        if not known.whole or name in known.lines:  # in what could not be read
            return None
        return f"{column} names an unknown tag {name!r}", suggest(name, known.tags, "tag")
    if column in ALARM_COLUMNS:
        if tag.unit is Unit.BOOL:
            return None
        remedy = "Name a tag in bool that is on while the GDS is in alarm"
        return f"{column} {name} is in {tag.unit}, not on or off", remedy
    if tag.quantity != SETPOINT:
        remedy = f"Give {name} the quantity {SETPOINT}, or name the tag that has it"
        return f"{column} {name} is a {tag.quantity}", remedy
    if tag.unit is not detector.unit:
        remedy = f"Read it in {detector.unit}"
        return f"{column} {name} is in {tag.unit}, the detector in {detector.unit}", remedy
    if tag.lel_fraction != detector.lel_fraction:
        remedy = "Write one lel_fraction for both: a share of another LEL is another gas content"
        return f"{column} {name} has another lel_fraction than the detector", remedy
    return None


def add_mirrors(known: Known) -> None:
    """Add the conditions that mirror the GDS's alarm states: `AT-101/gds1` and `AT-101/gds2`."""
    for name in known.gds:
        known.limits.update((limit.id, limit) for limit in mirrors_of(name, known))


def mirrors_of(name: str, known: Known) -> Iterator[LimitSpec]:
    """Yield the mirrors of the detector `name`: of its own levels' priorities, area and horns."""
    detector, gds = known.tags[name], known.gds[name]
    for column, tag in zip(ALARM_COLUMNS, gds[:2], strict=True):
        if tag not in known.tags:
            continue
        level, kind, ours = MIRRORS[column]
        own = known.limits.get(f"{name}/{ours.value}")
        yield LimitSpec(
            id=f"{name}/{kind.value}",
            tag=tag,
            kind=kind,
            limit=1.0,
            priority=own.priority if own is not None else GAS_PRIORITIES[ours],
            level=level,
            area=detector.area,
            source="GDS",
        )
