"""From `conditions:` to calculated tags, what makes them, and their limits; all faults noted.

A row is one condition whose id is the row's. What it judges is a tag of the device `core` of the
same name (a state: the tag itself). Inputs are tags of the tag lists and those calculated by rows
above; a prediction is none, for it never votes with detectors.
"""

from __future__ import annotations

from dataclasses import dataclass

from edge.site.alarms.calculated import (
    CalcSpec,
    Channel,
    DeviationSpec,
    OverfillSpec,
    RateSpec,
    VoteSpec,
    core_tag,
)
from edge.site.alarms.conditions import (
    ConditionRow,
    DeviationTest,
    OverfillTest,
    RateTest,
    StateTest,
    VoteTest,
)
from edge.site.alarms.inputs import Inputs, Path, line_to, range_of, shown, turn_of
from edge.site.alarms.ledger import FLOOD
from edge.site.alarms.vessel import volumes_of
from edge.site.faults import Faults, suggest
from edge.site.model import LimitKind, LimitSpec
from edge.site.quantities import CHANGE, DEVIATION
from edge.site.structure import Draft
from edge.site.tags_csv import Known
from edge.tag import Tag
from edge.units import Unit

TESTS = ("state", "rate", "deviation", "vote", "overfill", "expression")
FAR_S = 86_400.0  # a vessel that is full later than in a day, or does not fill


@dataclass
class Made:
    """What one test comes to: the calculated tag (None: it judges `limit.tag`), and its limit."""

    kind: LimitKind
    limit: float
    like: Tag  # where it stands, and whose area it is
    calculated: Tag | None = None
    spec: CalcSpec | None = None
    deadband: float = 0.0


def conditions_of(draft: Draft, known: Known, faults: Faults) -> dict[str, CalcSpec]:
    """Add the tags and limits of `conditions:` to `known`; return what calculates, by its tag."""
    found: dict[str, CalcSpec] = {}
    builder = _Builder(draft, known, faults)
    for path, row in draft.each("conditions"):
        made = builder.row(path, row)
        if made is None:
            continue
        tag = made.like if made.calculated is None else made.calculated
        if made.calculated is not None and made.spec is not None:
            known.tags[tag.name] = made.calculated
            found[tag.name] = made.spec
        known.limits[row.id] = _limit(row, made, tag)
    return found


def _limit(row: ConditionRow, made: Made, tag: Tag) -> LimitSpec:
    return LimitSpec(
        id=row.id,
        tag=tag.name,
        kind=made.kind,
        limit=made.limit,
        priority=row.priority or 0,
        level=row.level,
        deadband=made.deadband,
        on_delay_s=row.on_delay_s,
        off_delay_s=row.off_delay_s,
        latch=row.latch,
        area=row.area or tag.area,
        source=row.source,
        guidance=row.guidance,
    )


class _Builder(Inputs):
    """Makes one row after the other; notes what is wrong with it and goes on."""

    def row(self, path: Path, row: ConditionRow) -> Made | None:
        """Return what `row` comes to, None where it does not hold."""
        self.path, self.subject = path, row.id
        given = [name for name in TESTS if getattr(row, name) is not None]
        if len(given) != 1:
            problem = f"{len(given)} tests: {', '.join(given)}" if given else "no test"
            self.fault((), problem, f"Give it exactly one of {', '.join(TESTS)}")
            return None
        if row.area and row.area not in self.known.areas:
            remedy = suggest(row.area, self.known.areas, "area")
            self.fault(("area",), f"unknown area {row.area!r}", remedy)
        taken = row.id in self.known.tags and row.id not in self.own
        self.own.add(row.id)
        if row.id == FLOOD:
            problem = "this name belongs to the setting of floods"
            self.fault(("id",), problem, "Rename the condition: its own settings have its name")
            return None
        if taken:
            problem = "this name belongs to a tag already"
            self.fault(("id",), problem, "Rename the condition: it has a tag of its own name")
            return None
        if row.state is not None:
            return self._state(row.state)
        if row.rate is not None:
            return self._rate(row, row.rate)
        if row.deviation is not None:
            return self._deviation(row, row.deviation)
        if row.vote is not None:
            return self._vote(row, row.vote)
        if row.overfill is not None:
            return self._overfill(row, row.overfill)
        return self._expression(row, row.expression or "")

    # --- the tests -------------------------------------------------------------------------------

    def _state(self, test: StateTest) -> Made | None:
        tag = self.tag(("state", "tag"), test.tag)
        if tag is None:
            return None
        if tag.unit is not Unit.BOOL:
            problem = f"{tag.name} is in {tag.unit}, not on or off"
            self.fault(("state", "tag"), problem, "Name an on-off tag, or write an expression")
            return None
        return Made(LimitKind.STATE, 1.0 if test.when else 0.0, tag)

    def _rate(self, row: ConditionRow, test: RateTest) -> Made | None:
        tag = self.number(("rate", "tag"), test.tag)
        if (test.rise_per_min is None) == (test.fall_per_min is None):
            self.fault(("rate",), "it rises or it falls", "Give rise_per_min or fall_per_min")
            return None
        factor = None if tag is None else self.factor(("rate", "unit"), test.unit, tag)
        if tag is None or factor is None:
            return None
        key = "rise_per_min" if test.rise_per_min is not None else "fall_per_min"
        limit = (test.rise_per_min or test.fall_per_min or 0.0) * factor
        most = (tag.range_high - tag.range_low) / (test.window_s / 60)
        self.reach(("rate", key), limit, most, tag)
        self.window("rate", test.window_s, tag)
        deadband = self.band(("rate", "deadband"), test.deadband * factor, limit)
        width = 4 * limit
        own = self._own(row, tag, tag.unit, CHANGE, -width, width)
        sign = 1.0 if test.rise_per_min is not None else -1.0
        spec = RateSpec(row.id, (tag.name,), sign, test.window_s)
        return Made(LimitKind.RATE, limit, tag, own, spec, deadband)

    def _deviation(self, row: ConditionRow, test: DeviationTest) -> Made | None:
        if len(test.tags) != 2 or test.tags[0] == test.tags[1]:
            self.fault(("deviation", "tags"), "not two tags", "Name the two that are compared")
            return None
        named = [self.number(("deviation", "tags", i), n) for i, n in enumerate(test.tags)]
        first, second = named
        if first is None or second is None:
            return None
        factor = self.factor(("deviation", "unit"), test.unit, first)
        line = line_to(second, first)
        if line is None:
            problem = f"{first.name} in {first.unit} cannot be compared with {shown(second)}"
            self.fault(("deviation", "tags"), problem, "Name two tags of like units")
        if line is None or factor is None:
            return None
        limit = test.limit * factor
        turn = turn_of(first) if first.quantity == second.quantity == "wind_from" else 0.0
        ends = [value * line[0] + line[1] for value in (second.range_low, second.range_high)]
        most = turn / 2 or max(first.range_high - min(ends), max(ends) - first.range_low)
        self.reach(("deviation", "limit"), limit, most, first)
        deadband = self.band(("deviation", "deadband"), test.deadband * factor, limit)
        own = self._own(row, first, first.unit, DEVIATION, 0.0, most)
        spec = DeviationSpec(row.id, (first.name, second.name), *line, turn)
        return Made(LimitKind.DEVIATION, limit, first, own, spec, deadband)

    def _vote(self, row: ConditionRow, test: VoteTest) -> Made | None:
        named = [self._channel(i, name, test) for i, name in enumerate(test.channels)]
        channels = [channel for channel in named if channel is not None]
        if len(test.channels) < 2:
            problem = f"{len(test.channels)} channels: there is nothing to vote on"
            self.fault(("vote", "channels"), problem, "Name two or more")
        elif test.votes > len(test.channels):
            problem = f"votes {test.votes} of {len(test.channels)} channels"
            self.fault(("vote", "votes"), problem, f"Write {len(test.channels)} or less")
        limited = test.limit is not None and self.known.whole
        if limited and not self.known.tags.keys() & set(test.channels):
            problem = "no channel takes this limit: conditions have their own"
            self.fault(("vote", "limit"), problem, "Leave it out, or name tags")
        if len(channels) < max(2, len(named)) or not self._each_once(channels):
            return None
        like = self.known.tags[channels[0].tag]
        own = self._own(row, like, Unit.COUNT, "count", 0.0, float(len(channels)))
        names = tuple(channel.tag for channel in channels)
        spec = VoteSpec(row.id, names, tuple(channels), test.votes, test.bad)
        return Made(LimitKind.VOTE, float(test.votes), like, own, spec)

    def _each_once(self, channels: list[Channel]) -> bool:
        seen: set[str] = set()
        for index, channel in enumerate(channels):
            if channel.tag in seen:
                problem, remedy = f"{channel.tag} votes twice", "One channel, one vote: remove one"
                self.fault(("vote", "channels", index), problem, remedy)
            seen.add(channel.tag)
        return len(seen) == len(channels)

    def _channel(self, index: int, name: str, test: VoteTest) -> Channel | None:
        path = ("vote", "channels", index)
        limit = self.known.limits.get(name)
        if limit is not None:
            if limit.limit is None:
                problem = f"{name} is about a lost reading: 'bad' says what that counts for"
                self.fault(path, problem, "Name a condition on its value, as AT-101/hh")
                return None
            if self.tag(path, limit.tag) is None:
                return None
            return Channel(limit.tag, limit.limit, limit.deadband, limit.falling)
        if "/" in name:
            if self.known.whole:
                remedy = suggest(name, self.known.limits, "condition")
                self.fault(path, f"no condition {name!r}", remedy)
            return None
        tag = self.number(path, name)
        factor = None if tag is None else self.factor(("vote", "unit"), test.unit, tag)
        if tag is None or factor is None:
            return None
        if test.limit is None:
            problem = f"{name} is a tag, and the vote has no limit for it"
            self.fault(path, problem, f"Name a condition, as {name}/hh, or give the vote a limit")
            return None
        value = test.limit * factor
        self.reach(("vote", "limit"), value, tag.range_high, tag, tag.range_low)
        return Channel(name, value, test.deadband * factor, falling=False)

    def _overfill(self, row: ConditionRow, test: OverfillTest) -> Made | None:
        tag = self.number(("overfill", "tag"), test.tag)
        if tag is None:
            return None
        if not tag.range_low < test.full <= tag.range_high:
            problem = f"full {test.full:g} is outside {range_of(tag)}"
            self.fault(("overfill", "full"), problem, f"Write a level in {tag.unit} within it")
        for kind in ("hh", "h"):
            high = self.known.limits.get(f"{tag.name}/{kind}")
            if high is not None and high.limit is not None and high.limit >= test.full:
                problem = f"full {test.full:g} is not above {kind} {high.limit:g} of {tag.name}"
                self.fault(("overfill", "full"), problem, "Alarms come before it is full")
                break
        self.window("overfill", test.window_s, tag)
        volumes = volumes_of(test, tag, self._overfill_fault)
        band = test.response_s / 10 if test.deadband_s is None else test.deadband_s
        if test.response_s + band >= FAR_S:
            problem = f"deadband_s {band:g} lets it never clear"
            self.fault(("overfill", "deadband_s"), problem, "Write less than a day")
        if volumes is None:
            return None
        own = self._own(row, tag, Unit.SECOND, "duration", 0.0, FAR_S)
        least = test.filling_m3_h / 3600
        facts = (test.full, volumes, least, test.window_s, FAR_S)
        spec = OverfillSpec(row.id, (tag.name,), *facts)
        return Made(LimitKind.OVERFILL, test.response_s, tag, own, spec, band)

    def _overfill_fault(self, path: Path, problem: str, remedy: str) -> None:
        self.fault(("overfill", *path), problem, remedy)

    def _expression(self, row: ConditionRow, text: str) -> Made | None:
        spec = self.expression(("expression",), text, row.id)
        if spec is None:
            return None
        like = self.known.tags[spec.inputs[0]]
        own = self._own(row, like, Unit.BOOL, "state", 0.0, 1.0)
        return Made(LimitKind.EXPRESSION, 1.0, like, own, spec)

    def _own(
        self, row: ConditionRow, like: Tag, unit: Unit, quantity: str, low: float, high: float
    ) -> Tag:
        return core_tag(
            row.id,
            row.title,
            unit,
            quantity,
            self.known.world,
            like=like,
            area=row.area,
            range_low=low,
            range_high=high,
        )
