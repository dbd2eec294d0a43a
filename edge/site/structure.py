"""site.yaml against its models: every wrong key and type at once, and the parts that are sound.

A file with one broken device is still checked for everything else, so `Draft` keeps the items
that hold by themselves, beside every id the file names, broken or not: a reference to a broken
item is not a second fault.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from pydantic import ValidationError

from edge.site.alarms.conditions import ConditionRow
from edge.site.alarms.duty import Callout, MajorHazard, Person
from edge.site.alarms.groups import AlarmGroup, Flood, Suppression
from edge.site.alarms.guidance import GuidanceRow
from edge.site.annunciator import Annunciator
from edge.site.faults import Faults
from edge.site.findings import Path, finding, subject_at
from edge.site.includes import Whole
from edge.site.model import (
    Area,
    Asset,
    Console,
    DataQuality,
    Device,
    Gateway,
    Hazard,
    Journal,
    Link,
    Model,
    Origin,
    Place,
    Relay,
    SiteFile,
    Space,
)
from edge.site.parts import Title
from edge.site.yaml_doc import Plain
from edge.tag import World

SECTIONS: dict[str, type[Model]] = {
    "areas": Area,
    "spaces": Space,
    "assets": Asset,
    "places": Place,
    "links": Link,
    "devices": Device,
    "annunciators": Annunciator,
    "conditions": ConditionRow,
    "guidance": GuidanceRow,
    "alarm_groups": AlarmGroup,
    "suppressions": Suppression,
    "people": Person,
    "major_hazards": MajorHazard,
}
PARTS: dict[str, type[Model]] = {
    "title": Title,
    "gateway": Gateway,
    "origin": Origin,
    "relay": Relay,
    "hazard": Hazard,
    "console": Console,
    "journal": Journal,
    "quality": DataQuality,
    "flood": Flood,
    "callout": Callout,
}
M = TypeVar("M", bound=Model)


@dataclass
class Draft:
    """What of site.yaml can be checked further: sound items with their place in the file."""

    whole: Whole
    file: SiteFile | None
    world: World | None  # None where it is none that we know
    items: dict[str, list[tuple[int, Any]]] = field(
        default_factory=dict[str, list[tuple[int, Any]]]
    )
    ids: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    hazard: Hazard | None = None
    relay: Relay | None = None
    console: Console | None = None
    quality: DataQuality | None = None
    callout: Callout | None = None  # None where it is not said, too
    tags: tuple[tuple[int, str], ...] = ()  # index in the list, name or pattern
    plan: str = ""
    templates: str = ""

    def place(self, *path: str | int) -> tuple[str, int]:
        """Return the file and line of `path`: in site.yaml, or in a file that it includes."""
        return self.whole.place(path)

    def each(self, section: str) -> Iterator[tuple[Path, Any]]:
        """Yield the path and model of each sound item of `section`."""
        for index, item in self.items.get(section, []):
            yield (section, index), item

    def by_id(self, section: str) -> dict[str, Any]:
        """Return the sound items of `section` by id; of two with one id, the first."""
        found: dict[str, Any] = {}
        for _, item in self.items.get(section, []):
            found.setdefault(item.id, item)
        return found

    def sound_parts(self) -> SiteFile:
        """Return what holds by itself as a file for further checks: other keys may be missing."""
        parts: dict[str, Any] = {name: tuple(m for _, m in self.each(name)) for name in SECTIONS}
        parts |= {"hazard": self.hazard, "relay": self.relay, "console": self.console or Console()}
        parts |= {
            "tags": tuple(name for _, name in self.tags),
            "plan": self.plan,
            "templates": self.templates,
        }
        return SiteFile.model_construct(world=self.world or World.LIVE, **parts)


def validate(whole: Whole, faults: Faults) -> Draft:
    """Return what of `whole` holds, noting every fault that its models find."""
    data = whole.data
    file: SiteFile | None = None
    try:
        file = SiteFile.model_validate(data)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            _note(whole, cast("dict[str, Any]", detail), faults)
    draft = Draft(whole, file, _world(data))
    for section, model in SECTIONS.items():
        raw = data.get(section)
        rows: list[Plain] = raw if isinstance(raw, list) else []
        pairs = [(i, _try(model, row)) for i, row in enumerate(rows)]
        draft.items[section] = [(i, item) for i, item in pairs if item is not None]
        draft.ids[section] = {
            str(row["id"]) for row in rows if isinstance(row, dict) and "id" in row
        }
    draft.hazard = _try(Hazard, data.get("hazard"))
    draft.relay = _try(Relay, data.get("relay"))
    draft.console = _try(Console, data.get("console", {}))
    draft.quality = _try(DataQuality, data.get("quality", {}))
    draft.callout = _try(Callout, data.get("callout"))
    draft.plan, draft.templates = _text(data.get("plan")), _text(data.get("templates"))
    lists = data.get("tags", ["tags.csv"])
    if isinstance(lists, list):
        draft.tags = tuple((i, name) for i, raw in enumerate(lists) if (name := _text(raw)))
    return draft


def _text(raw: Plain) -> str:
    return raw if isinstance(raw, str) else ""  # anything else the model has said already


def _world(data: dict[str, Plain]) -> World | None:
    try:
        return World(str(data.get("world", World.LIVE)))
    except ValueError:  # said already by the model
        return None


def _try(model: type[M], raw: Plain) -> M | None:
    if raw is None:
        return None
    try:
        return model.model_validate(raw)
    except ValidationError:  # said already, with the whole file
        return None


def _note(whole: Whole, detail: dict[str, Any], faults: Faults) -> None:
    path, problem, remedy = finding(detail, SiteFile)
    if path == ("suian",) and detail["type"] == "literal_error":
        problem = f"this site file is of format {detail['input']!r}, and this Suian reads format 1"
        remedy = "Upgrade Suian, or write 'suian: 1'"
    faults.add(*whole.place(path), subject_at(whole.data, path), problem, remedy)
