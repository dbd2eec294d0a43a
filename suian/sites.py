"""What `suian site check` does: a site against its models, the rules and the drivers' templates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from edge.drivers import advise_site, check_site, load_templates
from edge.errors import ConfigError, Fault
from edge.site import Site, survey
from edge.site.alarms.calculated import CORE


class Examined(NamedTuple):
    """A site as far as it could be read, and the faults of its files and of what drivers find.

    Files are named from the site's folder.
    """

    site: Site | None
    own: list[Fault]
    drivers: list[Fault]


def examine(path: Path, instead: Mapping[str, str] | None = None) -> Examined:
    """Return the site at `path` (site.yaml or its folder) with every fault; see `survey`."""
    site, found = survey(path, instead)
    return Examined(site, found, _drivers(site) if site is not None else [])


def check(path: Path) -> list[Fault]:
    """Return every fault of the site at `path` (site.yaml or its folder), empty if it is sound."""
    return told(path, examine(path))


def told(path: Path, examined: Examined) -> list[Fault]:
    """Return the faults as people are told them, each file as the path that leads to it from here.

    What the drivers find is left out where the same line has a fault already: it follows from it.
    """
    root = root_of(path)
    faults = [fault._replace(file=str(root / fault.file)) for fault in examined.own]
    lines = {(fault.file, fault.line) for fault in faults if fault.line}
    further = [_from_here(fault, root) for fault in examined.drivers]
    return faults + [fault for fault in further if (fault.file, fault.line) not in lines]


def root_of(path: Path) -> Path:
    """Return the folder of the site that `path` names: a folder, or the site file in it."""
    return path if path.is_dir() or not path.suffix else path.parent


def counts(site: Site) -> dict[str, int]:
    """Return how many of each thing a site has: what an engineer compares with his own lists."""
    file = site.file
    derived = {CORE, file.hazard.device if file.hazard is not None else CORE}
    tags = [tag for tag in site.tags.values() if tag.device not in derived]
    names = {tag.name for tag in tags}
    return {
        "areas": len(file.areas),
        "assets": len(file.assets),
        "links": len(file.links),
        "devices": len(file.devices),
        "annunciators": len(file.annunciators),
        "tags": len(tags),
        "limits": sum(1 for limit in site.limits.values() if limit.tag in names),
        "conditions": len(file.conditions),
        "derived tags": len(site.tags) - len(tags),
    }


def advice(path: Path) -> list[Fault]:
    """Return what is allowed at the site at `path` and should be otherwise, said like faults."""
    site, _ = survey(path)
    if site is None:
        return []
    try:
        templates = load_templates(_own_templates(site))
    except ConfigError:  # told as faults
        return []
    root = root_of(path)
    return [_from_here(found, root) for found in advise_site(site, templates)]


def notes(path: Path) -> list[str]:
    """Return what is no fault of the site at `path`, and should be known: certificates that end."""
    site, _ = survey(path)
    if site is None or not any(link.kind == "opcua" for link in site.file.links):
        return []
    from edge.drivers.opcua.check import notes_of  # noqa: PLC0415 - only where there is OPC UA

    found = [note for link in site.file.links for note in notes_of(link, site.root)]
    folder = site.root / site.file.pki
    if folder.is_dir():
        from edge.drivers.opcua.pki import Pki  # noqa: PLC0415 - needs cryptography

        found += Pki(folder).notes(datetime.now(UTC))
    return found


def _drivers(site: Site) -> list[Fault]:
    try:
        templates = load_templates(_own_templates(site))
    except ConfigError as error:
        return list(error.faults)
    return check_site(site, templates)


def _own_templates(site: Site) -> Path | None:
    return site.root / site.file.templates if site.file.templates else None


def _from_here(fault: Fault, root: Path) -> Fault:
    """Return a drivers' fault with its path from here; that of a template has it already."""
    file = root / fault.file
    return fault._replace(file=str(file)) if file.exists() else fault
