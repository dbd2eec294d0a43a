"""From a folder to a frozen Site: every file read once, every fault reported at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import orjson

from edge.errors import ConfigError, Fault
from edge.site.alarms.advising import advise
from edge.site.alarms.changes import read_changes
from edge.site.alarms.conditioning import conditions_of
from edge.site.alarms.gds import add_gds
from edge.site.alarms.grouping import groups_of, suppressions_of
from edge.site.checks import Checker, check_named_tags
from edge.site.derive import derive
from edge.site.duty_checks import check_duty, check_owned
from edge.site.faults import Faults
from edge.site.files import Files, is_pattern
from edge.site.includes import INSIDE, gather
from edge.site.link_checks import check_links
from edge.site.model import Site, SiteFile
from edge.site.own_tags import own_tags
from edge.site.setpoints import check_set_points
from edge.site.structure import SECTIONS, Draft, validate
from edge.site.tags_csv import Known, read_tags
from edge.site.yaml_doc import parse_yaml
from edge.substance import Substance, substances
from edge.tag import World

SITE_FILE = "site.yaml"


def load_site(path: Path | str) -> Site:
    """Return the site of `path`: a site.yaml, or the folder that holds one.

    Tags and limits include those derived for the hazard daemon (`derive.py`).

    Raises:
        ConfigError: with every fault of every file, each with file (relative to the site's
            folder), line and remedy.
    """
    site, found = survey(path)
    if found or site is None:
        raise ConfigError(found)
    return site


def survey(
    path: Path | str, instead: Mapping[str, str] | None = None
) -> tuple[Site | None, list[Fault]]:
    """Return the site of `path` as far as it can be read, and every fault in it.

    The site is None where site.yaml cannot be read at all. One that comes with faults lacks what
    does not hold, and may have references that lead nowhere: it is for further checks only, never
    to be run. `instead` gives texts that are read in place of the files of these names: what an
    import would write is checked before it is.
    """
    given = Path(path)
    folder = given.is_dir() or not given.suffix
    root, name = (given, SITE_FILE) if folder else (given.parent, given.name)
    faults = Faults(name)
    files = Files(root, faults, instead or {})
    draft = _structure(files, name, faults)
    if draft is None:
        return None, faults.sorted()
    table = substances()
    Checker(draft, set(table), faults).all()
    faults.found.extend(check_links(draft, root))
    faults.found.extend(check_duty(draft))
    known = _known(draft, set(table))
    tag_lists = _tag_lists(files, draft, faults)
    for tag_list in tag_lists:
        text = files.text(tag_list)
        if text is not None:
            read_tags(text, tag_list, known, faults)
        known.whole = known.whole and text is not None
    check_set_points(known, faults)
    check_named_tags(draft, known, faults)
    check_owned(draft, known, faults)
    beside = add_gds(known, faults)
    plan = _plan(files, draft, faults)
    _note_templates(files, draft, faults)
    file = draft.file or draft.sound_parts()
    _add_derived(file, known, table, faults)
    calculations = beside | conditions_of(draft, known, faults)
    guidance = advise(draft, known, table, faults)
    groups = groups_of(draft, known.limits, faults)
    suppressions, when = suppressions_of(draft, known, faults)
    changes = read_changes(files, faults)
    site = Site(
        file,
        root,
        files.hash(),
        known.tags,
        known.limits,
        plan,
        known.checks,
        groups,
        suppressions,
        calculations | when,
        guidance=guidance,
        changes=changes,
        sources=draft.whole.files,
        tag_lists=tag_lists,
        gds=known.gds,
    )
    return site, faults.sorted()


def _structure(files: Files, name: str, faults: Faults) -> Draft | None:
    text = files.text(name)
    document = parse_yaml(text, name, faults) if text is not None else None
    if document is None:
        return None
    keys = list(SiteFile.model_fields)
    return validate(gather(document, files, list(SECTIONS), keys, faults), faults)


def _tag_lists(files: Files, draft: Draft, faults: Faults) -> tuple[str, ...]:
    """Return the tag lists by name, patterns resolved; each once."""
    found: dict[str, None] = {}
    for index, name in draft.tags:
        if problem := files.outside(name):
            faults.add(*draft.place("tags", index), "tags", problem, INSIDE)
        elif not is_pattern(name):
            found[name] = None  # one that is not there is told when it is read
        else:
            matching = files.matching(name)
            if not matching:
                problem = f"no file matches {name!r}"
                place = draft.place("tags", index)
                faults.add(*place, "tags", problem, "Correct it or put the file there")
            found.update(dict.fromkeys(matching))
    return tuple(found)


def _known(draft: Draft, substance_ids: set[str]) -> Known:
    return Known(
        world=draft.world or World.LIVE,
        devices=draft.ids["devices"],
        areas=draft.ids["areas"],
        spaces=draft.by_id("spaces"),
        space_ids=draft.ids["spaces"],
        assets=draft.by_id("assets"),
        asset_ids=draft.ids["assets"],
        substances=substance_ids,
        hazard_device=draft.hazard.device if draft.hazard is not None else "",
    )


def _add_derived(
    file: SiteFile, known: Known, table: Mapping[str, Substance], faults: Faults
) -> None:
    made = (
        (derive(file, table), "hazard daemon"),
        (own_tags(file), "gateway itself"),
    )
    for (tags, limits), owner in made:
        for tag in tags:
            if tag.name in known.lines:
                name, line = known.lines[tag.name]
                problem = f"this name belongs to a tag of the {owner}"
                faults.add(name, line, tag.name, problem, "Rename it")
            known.tags[tag.name] = tag
        known.limits.update((limit.id, limit) for limit in limits)


def _plan(files: Files, draft: Draft, faults: Faults) -> dict[str, object]:
    """Return the GeoJSON to draw; only a plan of another than the default name must be there."""
    default = str(SiteFile.model_fields["plan"].default)
    name = draft.plan or default
    if name == default and not (files.root / name).is_file():
        return {}
    if problem := files.outside(name):
        faults.add(*draft.place("plan"), "plan", problem, INSIDE)
        return {}
    text = files.text(name)
    if text is None:
        return {}
    try:
        plan: Any = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        faults.add(name, error.lineno, "plan", f"not JSON: {error.msg}", "Export the plan again")
        return {}
    kind: object = plan.get("type") if isinstance(plan, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  # JSON has no types
    if kind != "FeatureCollection":
        faults.add(name, 1, "plan", "not a GeoJSON FeatureCollection", "Export it as GeoJSON")
        return {}
    return cast("dict[str, object]", plan)


def _note_templates(files: Files, draft: Draft, faults: Faults) -> None:
    """The site's own templates are parsed by edge.drivers; here they only count into the hash."""
    if not draft.templates:
        return
    folder = files.root / draft.templates
    if problem := files.outside(draft.templates):
        faults.add(*draft.place("templates"), "templates", problem, INSIDE)
        return
    if not folder.is_dir():
        problem = f"no folder {draft.templates!r} beside {draft.whole.main.file}"
        faults.add(*draft.place("templates"), "templates", problem, "Correct it or leave it out")
        return
    for path in sorted(folder.glob("*.yaml")):
        files.note(path.relative_to(files.root).as_posix())
