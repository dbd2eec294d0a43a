"""Whom to ask: an address that an engineer types, or a device of a site. Pure but for the site."""

from __future__ import annotations

from collections.abc import Iterable
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

KINDS = {"tcp": "modbus-tcp", "rtu": "modbus-rtu", "rtu+tcp": "modbus-rtu-tcp"}
HOW = (
    "Write tcp://HOST:PORT, rtu:///dev/ttyUSB0?baud=9600&parity=none&stop_bits=1 or "
    "rtu+tcp://HOST:PORT, or name a device of a site: --site PATH DEVICE"
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
    link = link_of(text)
    if template is not None:
        rules = template.read
        update = {"gap_s": rules.min_gap_s, "timeout_s": rules.timeout_s or link.timeout_s}
        link = link.model_copy(update=update)
    name = template.id if template else ""
    usual = template.serial.unit_id if template and template.serial else None
    number = next((one for one in (unit, usual) if one is not None), 1)
    device = Device(id="device", link=link.id, template=name, unit_id=number)
    return Target(link, device)


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
    if kind == "modbus-rtu":
        facts["serial"] = {"port": parts.path, **_line(text, parts)}
    elif not parts.hostname or parts.query:
        _refuse(text, "needs a host and nothing after the port")
    elif kind == "modbus-rtu-tcp" and port is None:
        _refuse(text, "needs the port of the serial server")
    else:
        facts |= {"host": parts.hostname, "port": port or 502}
    try:
        return Link.model_validate(facts)
    except ValidationError as error:
        first = error.errors()[0]
        _refuse(text, f"{first['loc'][-1]}: {first['msg']}")


def _line(text: str, parts: SplitResult) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in parse_qsl(parts.query, keep_blank_values=True):
        name = "stop_bits" if key == "stop" else key
        if name not in {"baud", "parity", "stop_bits"}:
            _refuse(text, f"has a {key!r}")
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
