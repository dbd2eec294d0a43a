"""What a link's kind needs and what is senseless with it, each with its line in the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from edge.errors import Fault
from edge.site.model import Device, Link
from edge.site.structure import Draft

SERIAL_UNITS = range(1, 248)  # 0 is everybody at once, 248-255 are kept by the specification
_NEEDS = {"modbus-rtu": "serial", "modbus-tls": "tls"}


def check_links(draft: Draft, root: Path) -> Iterator[Fault]:
    """Yield the faults of the draft's links, and of its devices' units on them.

    `root` is the site's folder, where certificates are looked for.
    """
    ports: dict[str, str] = {}
    for path, link in draft.each("links"):
        for key, subject, problem, remedy in _of_link(link, root):
            yield Fault(*draft.place(*path, *key), subject, problem, remedy)
        if link.kind == "modbus-rtu" and link.serial is not None:
            port = str(Path(link.serial.port).resolve())
            if port in ports:
                problem = f"serial port {link.serial.port} is link {ports[port]}'s already"
                remedy = "One line is one link: put the devices of both on it"
                place = draft.place(*path, "serial", "port")
                yield Fault(*place, link.id, problem, remedy)
            ports.setdefault(port, link.id)
    links: Mapping[str, Link] = draft.by_id("links")
    for path, device in draft.each("devices"):
        link = links.get(device.link)
        if link is not None and link.on_line and device.unit_id not in SERIAL_UNITS:
            yield _unit_fault(draft.place(*path, "unit_id"), device, link)


def _unit_fault(place: tuple[str, int], device: Device, link: Link) -> Fault:
    problem = f"unit id {device.unit_id} cannot be on the serial line {link.id}"
    return Fault(*place, device.id, problem, "Give it the number set at the instrument: 1-247")


def _of_link(link: Link, root: Path) -> Iterator[tuple[tuple[str, ...], str, str, str]]:
    """Yield (key, subject, problem, remedy) of each thing wrong with a link by itself."""
    for key, given in (("serial", link.serial), ("tls", link.tls)):
        wanted = _NEEDS.get(link.kind) == key
        if wanted and given is None:
            problem = f"a link of kind {link.kind} needs its {key!r} section"
            yield (), link.id, problem, _EXAMPLES[key]
        elif given is not None and not wanted:
            kind = next(kind for kind, need in _NEEDS.items() if need == key)
            problem = f"a {key!r} section means nothing to a link of kind {link.kind}"
            yield (key,), link.id, problem, f"Remove it, or write 'kind: {kind}'"
    if link.kind == "opcua" and link.gap_s:
        yield ("gap_s",), link.id, "gap_s means nothing to an OPC UA link", "Remove it"
    if link.kind == "modbus-rtu" and link.model_fields_set & {"host", "port"}:
        key = "host" if "host" in link.model_fields_set else "port"
        problem = f"{key!r} means nothing to a serial port of this machine"
        remedy = "Remove it, or write 'kind: modbus-rtu-tcp' for a serial server"
        yield (key,), link.id, problem, remedy
    if link.tls is not None:
        for key in ("ca", "certificate", "key"):
            name = str(getattr(link.tls, key))
            if not (root / name).is_file():
                remedy = "Put it there; names are from the site's own folder"
                yield ("tls", key), link.id, f"there is no file {name!r}", remedy


_EXAMPLES = {
    "serial": "Add 'serial: {port: /dev/serial/by-id/…, baud: 9600}'",
    "tls": "Add 'tls: {ca: tls/ca.pem, certificate: tls/gateway.pem, key: tls/gateway.key}'",
}
