"""Facts about the gateway itself as tags of the device `core`, judged by ordinary conditions.

An annunciator that takes nothing is serious: people would rely on a horn that is dead. That nobody
has tested horns and beacons in this shift is a low alarm of its own; so is a changed alarm setting
without papers.
"""

from __future__ import annotations

from edge.site.alarms.calculated import core_tag
from edge.site.annunciator import Annunciator
from edge.site.model import ConditionClass, LimitKind, LimitSpec, SiteFile
from edge.site.parts import Title
from edge.site.quantities import HEALTH
from edge.tag import Tag
from edge.units import Unit

OK = "-OK"  # ends the name of the tag that says that an annunciator works
SETTINGS_TAG = "SETTINGS-OK"  # 0 while a changed alarm setting has no papers
SHIFT_TEST = "SHIFT-TEST-OK"  # 1 while the test of this shift is done or not yet due


def own_tags(file: SiteFile) -> tuple[list[Tag], list[LimitSpec]]:
    """Return the tags of core's own facts, and the conditions on them."""
    title = Title(zh="报警设定均有变更单", en="Every alarm setting has its papers")
    tags = [core_tag(SETTINGS_TAG, title, Unit.BOOL, HEALTH, file.world)]
    tags += [_works(file, item) for item in file.annunciators]
    if file.shifts and any(item.tested for item in file.annunciators):
        title = Title(zh="本班试灯试音", en="Horns and beacons tested in this shift")
        tags.append(core_tag(SHIFT_TEST, title, Unit.BOOL, HEALTH, file.world))
    return tags, [_off(tag) for tag in tags]


def works_tag(annunciator: str) -> str:
    """Return the name of the tag that says that an annunciator works."""
    return annunciator + OK


def _works(file: SiteFile, item: Annunciator) -> Tag:
    title = Title(zh=f"声光报警器 {item.id} 可用", en=f"Annunciator {item.id} works")
    area = item.areas[0] if len(item.areas) == 1 else ""
    return core_tag(works_tag(item.id), title, Unit.BOOL, HEALTH, file.world, area=area)


def _off(tag: Tag) -> LimitSpec:
    """Return the condition that an on-off tag is off."""
    return LimitSpec(
        id=f"{tag.name}/{LimitKind.STATE.value}",
        tag=tag.name,
        kind=LimitKind.STATE,
        limit=0.0,  # off is the alarm
        priority=0,  # its guidance makes it
        klass=ConditionClass.SYSTEM,
        area=tag.area,
    )
