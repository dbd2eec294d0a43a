"""Whom to ask: an address that an engineer types, or a device of a site. Pure but for the site."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn
from urllib.parse import SplitResult, parse_qsl, urlsplit

from pydantic import ValidationError

from edge.drivers.settings import Value
from edge.drivers.template import ModbusTemplate
from edge.errors import ConfigError, Fault
from edge.site import survey
from edge.site.model import Device, Link
from edge.tag import Tag

KINDS = {
    "tcp": "modbus-tcp",
    "tls": "modbus-tls",
    "rtu": "modbus-rtu",
    "rtu+tcp": "modbus-rtu-tcp",
}
PORTS = {"modbus-tcp": 502, "modbus-tls": 802}  # where an address names none
KEYS = {
    "modbus-rtu": ("baud", "parity", "stop_bits"),
    "modbus-tls": ("ca", "certificate", "key", "server_name"),
}
HOW = (
    "Write tcp://HOST:PORT, rtu:///dev/ttyUSB0?baud=9600&parity=none&stop_bits=1, "
    "rtu+tcp://HOST:PORT or tls://HOST:PORT?ca=FILE&certificate=FILE&key=FILE, "
    "or name a device of a site: --site PATH DEVICE"
)


@dataclass(frozen=True, slots=True)
class Target:
    """A device on its link; `tags` are what a site reads of it, `root` is that site's folder."""

    link: Link
    device: Device
    tags: tuple[Tag, ...] = ()
    root: Path = Path()
    templates: Path | None = None


def target(
    text: str, site: Path | None, unit: int | None, template: ModbusTemplate | None = None
) -> Target:
    """Return whom `text` names. Raises `ConfigError`.

    A bare address is asked as the template says its device likes to be asked.
    """
    if site is not None:
        return of_site(site, text, unit)
    link = as_it_likes(link_of(text), template)
    name = template.id if template else ""
    usual = template.serial.unit_id if template and template.serial else None
    number = next((one for one in (unit, usual) if one is not None), 1)
    device = Device(id="device", link=link.id, template=name, unit_id=number)
    return Target(link, device)


def as_it_likes(link: Link, template: ModbusTemplate | None) -> Link:
    """Return `link` with at least the rests and the patience that the template asks for."""
    if template is None:
        return link
    gap_s = max(link.gap_s, template.read.min_gap_s)
    timeout_s = max(link.timeout_s, template.read.timeout_s or 0.0)
    return link.model_copy(update={"gap_s": gap_s, "timeout_s": timeout_s})


def link_of(text: str) -> Link:
    """Return the link that the address `text` names. Raises `ConfigError`."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        _refuse(text, str(error))
    kind = KINDS.get(parts.scheme)
    if kind is None:
        _refuse(text, "is no address of a Modbus device")
    facts: dict[str, object] = {"id": "line", "kind": kind}
    options = _options(text, parts, KEYS.get(kind, ()))
    if kind == "modbus-rtu":
        facts["serial"] = {"port": parts.path, **options}
    elif not parts.hostname:
        _refuse(text, "needs a host")
    elif port is None and kind not in PORTS:
        _refuse(text, "needs the port of the serial server")
    else:
        facts |= {"host": parts.hostname, "port": port or PORTS[kind]}
        facts |= {"tls": options} if kind == "modbus-tls" else {}
    try:
        return Link.model_validate(facts)
    except ValidationError as error:
        first = error.errors()[0]
        _refuse(text, f"{first['loc'][-1]}: {first['msg']}")


def _options(text: str, parts: SplitResult, known: Collection[str]) -> dict[str, object]:
    """Return what stands behind the address's question mark."""
    found: dict[str, object] = {}
    for key, value in parse_qsl(parts.query, keep_blank_values=True):
        name = "stop_bits" if key == "stop" else key
        if name not in known:
            _refuse(text, f"has a {key!r}, which means nothing to it")
        found[name] = int(value) if value.isdecimal() else value
    return found


def of_site(path: Path, name: str, unit: int | None = None) -> Target:
    """Return the device `name` of the site at `path`. Raises `ConfigError`."""
    site, faults = survey(path)
    if site is None:
        raise ConfigError(faults)
    device = site.devices.get(name)
    link = site.links.get(device.link) if device else None
    if device is None or link is None:
        known = ", ".join(site.devices) or "none"
        raise ConfigError(
            [Fault("site.yaml", 0, name, "is no device here", f"Name one of {known}")]
        )
    if link.kind == "opcua":
        remedy = "`suian opcua browse` reads it"
        raise ConfigError([Fault("site.yaml", 0, name, "speaks OPC UA, not Modbus", remedy)])
    tags = tuple(tag for tag in site.tags.values() if tag.device == name)
    if unit is not None:
        device = device.model_copy(update={"unit_id": unit})
    folder = site.root / site.file.templates if site.file.templates else None
    return Target(link, device, tags, site.root, folder)


def settings_in(texts: Iterable[str]) -> dict[str, Value]:
    """Return the settings in `name=value` texts; numbers become numbers. Raises `ConfigError`."""
    found: dict[str, Value] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name:
            fault = Fault("--set", 0, text, "is no setting", "Write --set order=CDAB")
            raise ConfigError([fault])
        found[name.strip()] = _value(value.strip())
    return found


def _value(text: str) -> Value:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _refuse(text: str, problem: str) -> NoReturn:
    raise ConfigError([Fault("TARGET", 0, text, problem, HOW)])
