"""What is wrong with annunciators: outputs that nobody drives, sounds that could be mistaken."""

from __future__ import annotations

import re
from collections.abc import Iterator

from edge.site.annunciator import Annunciator, Output
from edge.site.faults import Faults, suggest
from edge.site.structure import Draft
from edge.site.tags_csv import Known
from edge.units import Unit

Path = tuple[str | int, ...]
Found = tuple[Path, str, str]  # where from the item, problem, remedy
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")  # hours and minutes, local
TAKEN = frozenset({"HAZARD", "SETTINGS", "SHIFT-TEST"})  # with -OK behind, tags of something else
SHARING = {"horn", "evacuation"}  # the kinds that may be two patterns of one sounder


def check_annunciators(draft: Draft, faults: Faults) -> None:
    """Note what is wrong with each annunciator, and with the shifts in which they are tested."""
    for path, item in draft.each("annunciators"):
        for below, problem, remedy in (*_item(draft, item), *_heartbeat(item)):
            faults.add(*draft.place(*path, *below), item.id, problem, remedy)
    _driven_twice(draft, faults)
    shifts = draft.file.shifts if draft.file is not None else ()
    for index, text in enumerate(shifts):
        place = draft.place("shifts", index)
        if not _TIME.fullmatch(text):
            faults.add(*place, "shifts", f"{text!r} is no time", 'Write it as "08:00"')
        elif text in shifts[:index]:
            faults.add(*place, "shifts", f"{text} stands twice", "Name each beginning once")


def check_silence_inputs(draft: Draft, known: Known, faults: Faults) -> None:
    """Note silence inputs that are no on-off tags of the site."""
    for path, item in draft.each("annunciators"):
        name = item.silence_input
        if not name:
            continue
        place = draft.place(*path, "silence_input")
        if name not in known.lines:
            if known.whole:
                fitting = [tag.name for tag in known.tags.values() if tag.unit is Unit.BOOL]
                remedy = suggest(name, fitting or known.tags, "tag")
                faults.add(*place, item.id, f"unknown tag {name!r}", remedy)
        elif name in known.tags and known.tags[name].unit is not Unit.BOOL:
            problem = f"silence_input {name} is in {known.tags[name].unit}, and no button"
            faults.add(*place, item.id, problem, "Name a tag in bool that is 1 while it is pressed")


def _item(draft: Draft, item: Annunciator) -> Iterator[Found]:
    devices, areas = draft.ids["devices"], draft.ids["areas"]
    if item.id in TAKEN:
        yield ("id",), f"its tag {item.id}-OK would be another's", "Rename the annunciator"
    if item.device not in devices:
        remedy = suggest(item.device, devices, "device")
        yield ("device",), f"unknown device {item.device!r}", remedy
    for index, area in enumerate(item.areas):
        if area not in areas:
            yield ("areas", index), f"unknown area {area!r}", suggest(area, areas, "area")
    if not item.areas:
        yield ("areas",), "no areas", "Name the areas it sounds for"
    if not item.outputs:
        yield ("outputs",), "no outputs", "Name the points that it drives"
    seen: set[str] = set()
    for index, output in enumerate(item.outputs):
        for below, problem, remedy in _output(output, seen):
            yield ("outputs", index, *below), problem, remedy
        seen.add(output.id)


def _output(output: Output, seen: set[str]) -> Iterator[Found]:
    if output.id in seen:
        yield ("id",), f"output {output.id!r} stands twice", "Rename one of them"
    if output.on == output.off:
        problem = f"output {output.id!r} is the same on as off"
        yield ("on",), problem, "Give 'on' what makes it sound"
    given = output.model_fields_set & {"levels", "priorities", "acked"}
    if output.kind not in {"horn", "beacon"}:
        for key in sorted(given):
            problem = f"output {output.id!r} of kind {output.kind} follows no alarm"
            yield (key,), problem, f"Remove {key}, or write kind: horn or kind: beacon"
    elif {"levels", "priorities"} <= given:
        problem = f"output {output.id!r} has levels and priorities"
        yield ("priorities",), problem, "Write one of them"
    elif not (output.priorities if "priorities" in given else output.levels):
        key = "priorities" if "priorities" in given else "levels"
        problem = f"output {output.id!r} answers to no {key.replace('ies', 'y').rstrip('s')}"
        yield (key,), problem, f"Write {key}: [1, 2]"


def _heartbeat(item: Annunciator) -> Iterator[Found]:
    beat = item.heartbeat
    if beat is None:
        return
    if not item.of_kind("trouble"):
        problem = "a heartbeat, and no trouble beacon that its watchdog could light"
        yield ("heartbeat",), problem, "Add an output of kind: trouble, wired to the watchdog"
    for output in item.outputs:
        if output.point == beat.point:
            problem = f"the heartbeat beats at {beat.point!r}, which is output {output.id!r}"
            yield ("heartbeat", "point"), problem, "Give the watchdog a point of its own"


def _driven_twice(draft: Draft, faults: Faults) -> None:
    taken: dict[tuple[str, str], tuple[Annunciator, Output]] = {}
    for path, item in draft.each("annunciators"):
        for index, output in enumerate(item.outputs):
            key, where = (item.device, output.point), (*path, "outputs", index)
            if key not in taken:
                taken[key] = item, output
                continue
            before, other = taken[key]
            name = f"{before.id}/{other.id}"
            if before is item and {output.kind, other.kind} == SHARING:
                if output.on == other.on or output.off != other.off:
                    problem = f"{output.id!r} cannot be told from {name} on {output.point!r}"
                    remedy = "Give the evacuation a pattern of its own, and both the same off"
                    faults.add(*draft.place(*where, "on"), item.id, problem, remedy)
                continue
            problem = f"{output.point!r} of {item.device} is driven by {name} already"
            remedy = "One point, one output: remove one, or name both areas in one"
            if "evacuation" in {output.kind, other.kind}:
                remedy = "The evacuation sound may share a horn's point, and no other"
            faults.add(*draft.place(*where, "point"), item.id, problem, remedy)
