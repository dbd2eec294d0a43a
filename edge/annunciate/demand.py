"""What an output is to show for the alarms that stand. Pure.

Only alarms of class process, of the annunciator's own areas and world, that nobody holds back,
count; a prediction never sounds in the field, nor does a fault of the gateway itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from edge.alarm import AlarmView
from edge.site.annunciator import Annunciator, Output
from edge.site.model import ConditionClass
from edge.tag import World

FOLLOWING = frozenset({"horn", "beacon"})  # the kinds of outputs that follow alarms
URGENT = 1
HIGH_LEVEL = 2
RANK, URGENT_RANK, HIGH_RANK = 1, 2, 3


def of_field(alarms: Iterable[AlarmView], world: World) -> tuple[AlarmView, ...]:
    """Return the alarms that may drive anything in the field."""
    return tuple(
        alarm
        for alarm in alarms
        if alarm.klass == ConditionClass.PROCESS
        and alarm.world == world
        and alarm.state != "normal"
        and not alarm.held
    )


def drives(output: Output, alarm: AlarmView) -> bool:
    """Whether an alarm of the field is one that `output` is for."""
    if output.kind not in FOLLOWING:
        return False
    if output.priorities:
        return alarm.priority in output.priorities
    return alarm.level in output.levels


def wanted(output: Output, alarms: Sequence[AlarmView], *, tone: bool = True) -> int | str:
    """Return the state of a horn or beacon for `alarms`, all of which concern its annunciator.

    A horn sounds for what nobody has acknowledged, and only while the incident has its `tone`.
    """
    driving = [alarm for alarm in alarms if drives(output, alarm)]
    loud = any(not alarm.acked for alarm in driving)
    if loud and (tone or output.kind != "horn"):
        return output.on
    if driving and output.acked is not None:
        return output.acked
    return output.off


def unanswered(spec: Annunciator, alarms: Sequence[AlarmView]) -> list[AlarmView]:
    """Return those of `alarms` for which a horn of `spec` is there and nobody has answered."""
    horns = spec.of_kind("horn")
    return [a for a in alarms if not a.acked and any(drives(horn, a) for horn in horns)]


def worst_by_area(alarms: Iterable[AlarmView]) -> Mapping[str, int]:
    """Return each area's worst rank: a level 2's, below it an urgent alarm's, then all others'."""
    worst: dict[str, int] = {}
    for alarm in alarms:
        rank = URGENT_RANK if alarm.priority == URGENT else RANK
        if alarm.level >= HIGH_LEVEL:
            rank = HIGH_RANK
        worst[alarm.area] = max(rank, worst.get(alarm.area, 0))
    return worst
