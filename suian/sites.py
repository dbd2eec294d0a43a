"""What `suian site check` does: a site against its models, the rules and the drivers' templates."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from edge.drivers import advise_site, check_site, load_templates
from edge.errors import ConfigError, Fault
from edge.site import Site, survey


def check(path: Path) -> list[Fault]:
    """Return every fault of the site at `path` (site.yaml or its folder), empty if it is sound.

    A fault's file is given as the path that leads to it from here, so that an editor opens it.
    What the drivers find is left out where the same line has a fault already: it follows from it.
    """
    site, found = survey(path)
    root = path if path.is_dir() or not path.suffix else path.parent
    faults = [fault._replace(file=str(root / fault.file)) for fault in found]
    if site is not None:
        told = {(fault.file, fault.line) for fault in faults if fault.line}
        further = [_from_here(fault, root) for fault in _drivers(site)]
        faults += [fault for fault in further if (fault.file, fault.line) not in told]
    return faults


def advice(path: Path) -> list[Fault]:
    """Return what is allowed at the site at `path` and should be otherwise, said like faults."""
    site, _ = survey(path)
    if site is None:
        return []
    try:
        templates = load_templates(_own_templates(site))
    except ConfigError:  # told as faults
        return []
    root = path if path.is_dir() or not path.suffix else path.parent
    return [_from_here(told, root) for told in advise_site(site, templates)]


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
