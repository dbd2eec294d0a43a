"""The templates that are at hand: the built-in ones, and a folder or file of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from edge.drivers.load import load_templates, parse_template
from edge.drivers.template import ModbusTemplate, Template
from edge.errors import ConfigError, Fault


def find(name: str, folder: Path | None = None) -> Template:
    """Return the template `name`: an id, or the path of a YAML file. Raises `ConfigError`."""
    path = Path(name)
    if path.suffix == ".yaml":
        return _from_file(path)
    templates = load_templates(folder, only={name})
    if name not in templates:
        remedy = "`suian device list` shows them; a file is named by its path, own.yaml"
        where = str(folder) if folder else "template"
        raise ConfigError([Fault(where, 0, name, "is no template at hand", remedy)])
    return templates[name]


def find_modbus(name: str, folder: Path | None = None) -> ModbusTemplate:
    """Return the Modbus template `name`. Raises `ConfigError` if it is for another protocol."""
    template = find(name, folder)
    if isinstance(template, ModbusTemplate):
        return template
    remedy = "`suian opcua browse` reads OPC UA servers"
    raise ConfigError([Fault("template", 0, name, "is not for Modbus", remedy)])


def _from_file(path: Path) -> Template:
    faults: list[Fault] = []
    try:
        template = parse_template(str(path), path.read_text("utf-8"), faults)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            [Fault(str(path), 0, "template", f"cannot be read: {error}", "Name a template's file")]
        ) from None
    if template is None:
        raise ConfigError(faults)
    return template


def listing(folder: Path | None) -> Iterator[str]:
    """Yield one line for each template: id, confidence, maker, model, kinds."""
    templates = load_templates(folder)
    width = max(len(name) for name in templates)
    for name, one in sorted(templates.items()):
        kinds = ", ".join(one.kinds)
        yield f"{name:{width}}  {one.confidence:7}  {one.vendor} {one.model} ({kinds})"


def description(template: Template) -> Iterator[str]:
    """Yield what an engineer asks of a template: settings, points, gates, sources, notes."""
    yield f"{template.id}: {template.vendor} {template.model} ({', '.join(template.kinds)})"
    yield f"confidence: {template.confidence}"
    yield from (f"source: {one.title} {one.pages}".rstrip() for one in template.source)
    if isinstance(template, ModbusTemplate):
        yield from _modbus(template)
    yield from (f"note: {note}" for note in template.notes)


def _modbus(template: ModbusTemplate) -> Iterator[str]:
    yield f"addresses: {template.addressing.rule} (basis: {template.addressing.basis})"
    if template.serial is not None:
        facts = template.serial.model_dump(exclude_none=True, exclude_defaults=True)
        yield "serial: " + ", ".join(f"{key} {value}" for key, value in facts.items())
    for name, setting in template.settings.items():
        choices = f", one of {', '.join(setting.choices)}" if setting.choices else ""
        note = f" ({setting.note})" if setting.note else ""
        yield f"setting {name}: {setting.type}, {setting.default} if not set{choices}{note}"
    for name, one in template.registers.items():
        channels = f" x{one.channels} every {one.stride}" if one.channels > 1 else ""
        unit = f" {one.unit}" if one.unit else ""
        printed = f" (printed {one.printed})" if one.printed else ""
        yield f"point {name}: {one.area} {one.at} {one.type}{channels}{unit}{printed}"
        if one.fields:
            yield f"  fields: {', '.join(one.fields)}"
    yield from (f"flag {name}: {formula}" for name, formula in template.flags.items())
    for gate in template.gates:
        when = ", ".join(f"{code}: {reason}" for code, reason in gate.when.items())
        yield f"gate {gate.source} governs {', '.join(gate.governs)}: {when}; else {gate.otherwise}"
    if template.heartbeat is not None:
        beat = template.heartbeat
        yield f"heartbeat {beat.source}: {beat.kind}, a step in {beat.period_s:g} s"
    for check in template.identity:
        yield f"identity {check.source}: {', '.join(map(str, check.equals))}"
    yield from (f"output {name}: {', '.join(one.states)}" for name, one in template.outputs.items())
