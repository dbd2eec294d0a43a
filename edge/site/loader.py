"""From a folder to a frozen Site: every file read once, every fault reported at once."""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import orjson

from edge.errors import ConfigError, Fault
from edge.site.checks import Checker, check_named_tags
from edge.site.derive import derive
from edge.site.faults import Faults
from edge.site.link_checks import check_links
from edge.site.model import Site, SiteFile
from edge.site.setpoints import check_set_points
from edge.site.structure import Draft, validate
from edge.site.tags_csv import Known, read_tags
from edge.site.yaml_doc import parse_yaml
from edge.substance import Substance, substances
from edge.tag import World

SITE_FILE = "site.yaml"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Files:
    """The files of one site: each read once, all of them in one hash."""

    def __init__(self, root: Path, faults: Faults) -> None:
        self.root, self._faults = root, faults
        self._read: dict[str, bytes] = {}

    def text(self, name: str) -> str | None:
        """Return the file's text, None with a fault noted if it cannot be read as UTF-8."""
        try:
            raw = (self.root / name).read_bytes()
        except OSError as error:
            reason = error.strerror or type(error).__name__
            remedy = "Correct its name or put it there; names are from the site's own folder"
            self._faults.add(name, 0, "file", f"cannot be read: {reason}", remedy)
            return None
        self._read[name] = raw
        return self._decode(name, raw)

    def note(self, name: str) -> None:
        """Count a file that others parse (a device template) into the hash, if it is there."""
        path = self.root / name
        if path.is_file():
            self._read[name] = path.read_bytes()

    def hash(self) -> str:
        """Return the SHA-256 [hex] over names, lengths and contents of all files read."""
        digest = hashlib.sha256()
        for name, raw in sorted(self._read.items()):
            digest.update(f"{name}\0{len(raw)}\0".encode())
            digest.update(raw)
        return digest.hexdigest()

    def _decode(self, name: str, raw: bytes) -> str | None:
        if raw.startswith(_UTF16):
            self._faults.add(name, 1, "encoding", "saved as UTF-16 (Excel: Unicode text)", _SAVE)
            return None
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = raw[: error.start].count(b"\n") + 1
        try:
            raw.decode("gb18030")
        except UnicodeDecodeError:
            problem = "neither UTF-8 nor GBK: the file is damaged or not text"
        else:
            problem = "saved as GBK (Excel's plain CSV), not UTF-8"
        self._faults.add(name, line, "encoding", problem, _SAVE)
        return None


_SAVE = "Save it as UTF-8: in Excel or WPS, 另存为 → CSV UTF-8 (逗号分隔)"


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


def survey(path: Path | str) -> tuple[Site | None, list[Fault]]:
    """Return the site of `path` as far as it can be read, and every fault in it.

    The site is None where site.yaml cannot be read at all. One that comes with faults lacks what
    does not hold, and may have references that lead nowhere: it is for further checks only, never
    to be run.
    """
    given = Path(path)
    folder = given.is_dir() or not given.suffix
    root, name = (given, SITE_FILE) if folder else (given.parent, given.name)
    faults = Faults(name)
    files = Files(root, faults)
    draft = _structure(files, name, faults)
    if draft is None:
        return None, faults.sorted()
    table = substances()
    Checker(draft, set(table), faults).all()
    faults.found.extend(check_links(draft, root))
    known = _known(draft, set(table))
    for tag_list in dict.fromkeys(draft.tags):
        text = files.text(tag_list)
        if text is not None:
            read_tags(text, tag_list, known, faults)
        known.whole = known.whole and text is not None
    check_set_points(known, table, faults)
    check_named_tags(draft, known, faults)
    plan = _plan(files, draft, faults)
    _note_templates(files, draft, faults)
    file = draft.file or draft.sound_parts()
    _add_derived(file, known, table, faults)
    site = Site(file, root, files.hash(), known.tags, known.limits, plan, known.checks)
    return site, faults.sorted()


def _structure(files: Files, name: str, faults: Faults) -> Draft | None:
    text = files.text(name)
    document = parse_yaml(text, name, faults) if text is not None else None
    return validate(document, faults) if document is not None else None


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
    tags, limits = derive(file, table)
    for tag in tags:
        if tag.name in known.lines:
            name, line = known.lines[tag.name]
            problem = "this name belongs to a tag of the hazard daemon"
            faults.add(name, line, tag.name, problem, "Rename it")
        known.tags[tag.name] = tag
    known.limits.update((limit.id, limit) for limit in limits)


def _plan(files: Files, draft: Draft, faults: Faults) -> dict[str, object]:
    """Return the GeoJSON to draw; only a plan of another than the default name must be there."""
    default = str(SiteFile.model_fields["plan"].default)
    name = draft.plan or default
    if name == default and not (files.root / name).is_file():
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
    if not folder.is_dir():
        line = draft.line("templates")
        problem = f"no folder {draft.templates!r} beside {draft.document.file}"
        faults.add(draft.document.file, line, "templates", problem, "Correct it or leave it out")
        return
    for path in sorted(folder.glob("*.yaml")):
        files.note(path.relative_to(files.root).as_posix())
