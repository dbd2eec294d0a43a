"""Groups and suppressions of a site: members found, and none that must always speak."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from edge.site.alarms.calculated import CalcSpec, core_tag
from edge.site.alarms.groups import Suppression, SuppressionSpec
from edge.site.alarms.inputs import Inputs
from edge.site.alarms.ledger import FLOOD
from edge.site.faults import Faults, suggest
from edge.site.model import LimitSpec
from edge.site.structure import Draft
from edge.site.tags_csv import Known
from edge.units import Unit

TAG_PREFIX = "SUPPRESS-"  # begins the name of the tag that says that a suppression is in force
URGENT = 1
PATTERN = "*?["


def groups_of(
    draft: Draft, limits: Mapping[str, LimitSpec], faults: Faults
) -> dict[str, tuple[str, ...]]:
    """Return the members of each alarm group by its id, noting what is wrong."""
    found: dict[str, tuple[str, ...]] = {}
    for path, group in draft.each("alarm_groups"):
        members = _members(draft, (*path, "members"), group.id, group.members, limits, faults)
        if len(members) == 1:
            problem = "one member: there is no first of one"
            faults.add(*draft.place(*path, "members"), group.id, problem, "Name two or more")
        found[group.id] = tuple(members)
    return found


def suppressions_of(
    draft: Draft, known: Known, faults: Faults
) -> tuple[dict[str, SuppressionSpec], dict[str, CalcSpec]]:
    """Return the suppressions by id, and what calculates whether each is in force, by its tag.

    Those tags are added to `known`. Urgent alarms and the levels of gas detectors may not be
    suppressed by design: a state of the plant that explains gas away is an emergency of its own.
    """
    found: dict[str, SuppressionSpec] = {}
    calculations: dict[str, CalcSpec] = {}
    inputs = Inputs(draft, known, faults)
    for path, item in draft.each("suppressions"):
        members = _members(draft, (*path, "members"), item.id, item.members, known.limits, faults)
        for name in members:
            _check_member(draft, (*path, "members"), item, known.limits[name], faults)
        inputs.path, inputs.subject = path, item.id
        if problem := _taken(item.id, known):
            faults.add(*draft.place(*path, "id"), item.id, problem, "Rename the suppression")
            continue
        spec = inputs.expression(("when",), item.when, TAG_PREFIX + item.id)
        if spec is None:
            continue
        like = known.tags[spec.inputs[0]]
        tag = core_tag(spec.tag, item.title, Unit.BOOL, "state", known.world, like=like)
        known.tags[tag.name], calculations[tag.name] = tag, spec
        delays = item.on_delay_s, item.off_delay_s
        found[item.id] = SuppressionSpec(item.id, spec.tag, frozenset(members), *delays)
    return found, calculations


def _taken(name: str, known: Known) -> str:
    """Return why a suppression cannot be called `name`, "" where it can."""
    if name == FLOOD:
        return f"{FLOOD} is what holds alarms back in a flood"
    if TAG_PREFIX + name in known.tags:
        return f"its tag {TAG_PREFIX}{name} is there already"
    return ""


def _check_member(
    draft: Draft,
    path: tuple[str | int, ...],
    item: Suppression,
    limit: LimitSpec,
    faults: Faults,
) -> None:
    if limit.priority == URGENT:
        problem = f"{limit.id} is urgent and must always speak"
    elif limit.level:
        problem = f"{limit.id} is level {limit.level} of a gas detector and must always speak"
    else:
        return
    faults.add(*draft.place(*path), item.id, problem, "Leave it out of the suppression")


def _members(
    draft: Draft,
    path: tuple[str | int, ...],
    subject: str,
    named: Sequence[str],
    limits: Mapping[str, LimitSpec],
    faults: Faults,
) -> list[str]:
    """Return the conditions that are named or match, each once, in the order of the site."""
    if not named:
        faults.add(*draft.place(*path), subject, "no members", "Name conditions, as LI-101/l")
    found: set[str] = set()
    for index, name in enumerate(named):
        matching = _matching(name, limits)
        if not matching:
            problem, remedy = f"no condition {name!r}", suggest(name, limits, "condition")
            faults.add(*draft.place(*path, index), subject, problem, remedy)
        found.update(matching)
    return [limit for limit in limits if limit in found]


def _matching(name: str, limits: Mapping[str, LimitSpec]) -> list[str]:
    if any(character in name for character in PATTERN):
        return [limit for limit in limits if fnmatchcase(limit, name)]
    return [name] if name in limits else []
