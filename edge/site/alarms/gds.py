"""Beside the GDS: which tags are the detectors' own controller's, and the alarms they make.

The detectors' controller (GDS, GB/T 50493) judges, sounds and latches by itself. A detector's row
names the tags in which it says so. Its alarm states are mirrored as conditions of the detector, on
the GDS's own tag and without a delay: what the GDS says is shown as the GDS says it. Where ours
says otherwise, or by other set-points, a calculated tag (`edge.alarm.calc.gds`) tells how.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.site.alarms.calculated import CalcSpec, core_tag
from edge.site.faults import Faults, suggest
from edge.site.model import ConditionClass, GdsTags, LimitKind, LimitSpec
from edge.site.parts import Title
from edge.site.quantities import CONCENTRATION, OXYGEN, SETPOINT
from edge.tag import Tag
from edge.units import Unit

if TYPE_CHECKING:
    from edge.site.tags_csv import Known, Row

ALARM_COLUMNS = ("gds_alarm_1", "gds_alarm_2")
SETPOINT_COLUMNS = ("gds_setpoint_1", "gds_setpoint_2")
GDS_COLUMNS = (*ALARM_COLUMNS, *SETPOINT_COLUMNS)
DIFFERS_TAG = ".gds"  # ends the name of the calculated tag
DIFFERS_S = 10.0  # it must differ this long: two readings of one gas are never of one moment
DIFFERS_PRIORITY = 2
SEEN_PERIODS = 3.0
# What is no difference, as shares of the detector's span and of the set-point itself: displays and
# registers round, and a set-point is moved by more than this.
NEAR_SPAN, ROUND_SPAN, ROUND_SHARE = 0.005, 0.001, 0.01
DETECTORS = frozenset({CONCENTRATION, OXYGEN})
# The mirror of each level, and the limit of ours whose priority it has.
MIRRORS = {
    "gds_alarm_1": (1, LimitKind.GDS_1, LimitKind.HIGH),
    "gds_alarm_2": (2, LimitKind.GDS_2, LimitKind.HIGH_HIGH),
}


def gds_tags_of(row: Row) -> GdsTags | None:
    """Return the GDS's tags that `row` names for its detector, None where it names none."""
    found = GdsTags(*(row.text(column) for column in GDS_COLUMNS))
    return found if any(found) else None


def add_gds(known: Known, faults: Faults) -> dict[str, CalcSpec]:
    """Check what rows say of the GDS; add the mirrors of its alarms, and what tells differences.

    Returns what makes the calculated tags, by their names.
    """
    _check(known, faults)
    for name in known.gds:
        known.limits.update((limit.id, limit) for limit in _mirrors(name, known))
    return _add_differences(known, faults)


def _check(known: Known, faults: Faults) -> None:
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


def _mirrors(name: str, known: Known) -> Iterator[LimitSpec]:
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
            priority=own.priority if own is not None else 0,  # 0: by its guidance
            level=level,
            area=detector.area,
            source="GDS",
        )


@dataclass(frozen=True)
class GdsSpec(CalcSpec):
    """How a detector is held against its GDS; values in the detector's unit.

    `limits` are our set-points of level 1 and 2 (None: there is none), `near` how close to one a
    reading says neither yes nor no, `alike` how far the GDS's may be from ours. A GDS alarm is ours
    as well if our reading was there up to `back_s` [s] before.
    """

    detector: str
    gds: GdsTags
    limits: tuple[float | None, float | None]
    near: tuple[float, float]
    alike: tuple[float, float]
    back_s: float


def _add_differences(known: Known, faults: Faults) -> dict[str, CalcSpec]:
    """Add the tags and conditions that tell where we and the GDS differ; return what makes them."""
    made: dict[str, CalcSpec] = {}
    for name, gds in known.gds.items():
        detector = known.tags[name]
        if detector.quantity == CONCENTRATION and all(t in known.tags for t in gds if t):
            spec = _spec(detector, gds, known)
            if any(limit is not None for limit in spec.limits):
                tag = _differs_tag(detector)
                if tag.name in known.lines:
                    problem = f"this name belongs to what compares {name} with its GDS"
                    faults.add(*known.lines[tag.name], tag.name, problem, "Rename it")
                made[tag.name] = spec
                known.tags[tag.name] = tag
                limit = _differs_limit(detector)
                known.limits[limit.id] = limit
    return made


def _spec(detector: Tag, gds: GdsTags, known: Known) -> GdsSpec:
    names = (detector.name, *(tag for tag in gds if tag))
    span = detector.range_high - detector.range_low
    own = [known.limits.get(f"{detector.name}/{ours.value}") for _, _, ours in MIRRORS.values()]
    first, second = (None if limit is None else limit.limit for limit in own)
    bands = [_bands(limit, detector, span, own[0]) for limit in (first, second)]
    return GdsSpec(
        tag=detector.name + DIFFERS_TAG,
        inputs=names,
        detector=detector.name,
        gds=gds,
        limits=(first, second),
        near=(bands[0][0], bands[1][0]),
        alike=(bands[0][1], bands[1][1]),
        back_s=DIFFERS_S + SEEN_PERIODS * max(known.tags[name].period_s for name in names),
    )


def _bands(
    limit: float | None, detector: Tag, span: float, own: LimitSpec | None
) -> tuple[float, float]:
    """Return `near` and `alike` of one set-point; near never reaches half-way to clean air."""
    if limit is None:
        return 0.0, 0.0
    deadband = own.deadband if own is not None else 0.0
    half_way = (limit - max(detector.range_low, detector.background)) / 2
    near = min(max(deadband, NEAR_SPAN * span), half_way)
    return near, max(ROUND_SPAN * span, ROUND_SHARE * abs(limit))


def _differs_tag(detector: Tag) -> Tag:
    title = Title(zh=f"{detector.title_zh} 与GDS比较", en=f"{detector.title_en}: against the GDS")
    low, high = -1.0, 6.0  # the codes of edge.alarm.calc.gds
    return core_tag(
        detector.name + DIFFERS_TAG,
        title,
        Unit.COUNT,
        "state",
        detector.world,
        like=detector,
        range_low=low,
        range_high=high,
    )


def _differs_limit(detector: Tag) -> LimitSpec:
    return LimitSpec(
        id=f"{detector.name}/{LimitKind.GDS_DIFFERS.value}",
        tag=detector.name + DIFFERS_TAG,
        kind=LimitKind.GDS_DIFFERS,
        limit=1.0,
        priority=DIFFERS_PRIORITY,
        on_delay_s=DIFFERS_S,
        klass=ConditionClass.SYSTEM,
        area=detector.area,
        source="GB/T 50493",
    )
