"""Reading device templates: every fault of every file at once, with file and line.

The files are YAML 1.2. They are parsed once for their content; only where something is wrong is
the file parsed again for positions, which costs several times as much.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from edge.drivers.layout import DeviceMap, RefError, resolve
from edge.drivers.template import (
    BITS_OF,
    ORDERS,
    Area,
    ModbusTemplate,
    OpcUaTemplate,
    Register,
    Template,
    Type,
)
from edge.errors import ConfigError, Fault
from edge.tag import REASONS, Quality

KINDS: dict[str, type[ModbusTemplate | OpcUaTemplate]] = {
    "modbus": ModbusTemplate,
    "opcua": OpcUaTemplate,
}
BAD = 0x80000000  # severity bit of an OPC UA status code
Path_ = tuple[str | int, ...]
Finding = tuple[Path_, str, str]  # where in the file, problem, remedy


def load_templates(
    extra: Path | None = None, only: Collection[str] | None = None
) -> dict[str, Template]:
    """Return the built-in templates and those of the folder `extra`, by id.

    A site's own template replaces a built-in one of the same id. `only` names the built-in ones
    that are wanted (their files are called by their ids): a daemon that starts in a hurry reads no
    others. Raises `ConfigError` with all faults.
    """
    folder = resources.files("edge.drivers") / "templates"
    entries = sorted(folder.iterdir(), key=lambda entry: entry.name)
    files = [
        (entry.name, entry.read_text("utf-8"))
        for entry in entries
        if entry.name.endswith(".yaml")
        and (only is None or entry.name.removesuffix(".yaml") in only)
    ]
    faults: list[Fault] = []
    templates = _load_all(files, faults)
    if extra is not None:
        templates |= _load_all(list(_own_files(extra, faults)), faults)
    if faults:
        raise ConfigError(faults)
    return templates


def _own_files(extra: Path, faults: list[Fault]) -> Iterator[tuple[str, str]]:
    try:
        paths = sorted(path for path in extra.iterdir() if path.suffix == ".yaml")
    except OSError as error:
        why = error.strerror or str(error)
        faults.append(
            Fault(str(extra), 0, "templates", f"cannot be listed: {why}", "Mend the path")
        )
        return
    for path in paths:
        try:
            yield str(path), path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            remedy = "Make it a readable UTF-8 file"
            faults.append(Fault(str(path), 0, path.name, f"cannot be read: {error}", remedy))


def _load_all(files: Sequence[tuple[str, str]], faults: list[Fault]) -> dict[str, Template]:
    templates: dict[str, Template] = {}
    for name, text in files:
        template = parse_template(name, text, faults)
        if template is None:
            continue
        if template.id in templates:
            problem = f"a second template is called {template.id}"
            faults.append(Fault(name, 0, template.id, problem, "Give it an id of its own"))
        templates[template.id] = template
    return templates


def parse_template(name: str, text: str, faults: list[Fault]) -> Template | None:
    """Return the template in `text` of the file `name`, or None with its `faults` appended."""
    try:
        data = _parse(text)
    except MarkedYAMLError as error:
        mark = cast("Any", error).problem_mark
        problem = str(cast("Any", error).problem or "is no YAML")
        line = int(mark.line) + 1 if mark else 0
        faults.append(Fault(name, line, "YAML", problem, "Mend the syntax"))
        return None
    except YAMLError as error:
        faults.append(Fault(name, 0, "YAML", str(error), "Mend the syntax"))
        return None
    if not isinstance(data, dict):
        faults.append(Fault(name, 1, "YAML", "is no mapping", "Write a device template"))
        return None
    content = cast("dict[str, Any]", data)
    kind = KINDS.get(str(content.get("protocol")))
    if kind is None:
        problem = f"protocol is {content.get('protocol')!r}"
        faults.append(Fault(name, 1, "protocol", problem, f"Write one of {', '.join(KINDS)}"))
        return None
    try:
        template = kind.model_validate(content)
    except ValidationError as error:
        findings = [(tuple(e["loc"]), e["msg"], "Mend the value") for e in error.errors()]
        faults.extend(_placed(name, text, findings))
        return None
    check = check_template if isinstance(template, ModbusTemplate) else check_statuses
    found = list(check(cast("Any", template)))
    faults.extend(_placed(name, text, found))
    return None if found else template


def _parse(text: str, kind: str = "safe") -> object:
    return cast("Any", YAML(typ=kind, pure=True)).load(text)


def _placed(name: str, text: str, findings: Sequence[Finding]) -> Iterator[Fault]:
    if not findings:
        return
    tree = _parse(text, "rt")
    for path, problem, remedy in findings:
        subject = ".".join(str(step) for step in path)
        yield Fault(name, _line(tree, path), subject, problem, remedy)


def _line(tree: object, path: Path_) -> int:
    """Return the 1-based line of the deepest part of `path` that the file has."""
    line = 1
    for step in path:
        position = getattr(tree, "lc", None)
        if position is None:
            break
        try:
            line = int(position.key(step)[0] if isinstance(step, str) else position.item(step)[0])
            line += 1
            tree = cast("Any", tree)[step]
        except (KeyError, IndexError, TypeError, AttributeError):
            break
    return line


def check_template(template: ModbusTemplate) -> Iterator[Finding]:
    """Yield everything about `template` that does not hold together."""
    try:
        device_map = resolve(template, {})
    except RefError as error:
        yield ("settings",), error.problem, error.remedy
        return
    except KeyError as error:
        yield ("layout",), f"names {error}, which is not there", "Name a setting and its registers"
        return
    orders = [*ORDERS, *(n for n, s in template.settings.items() if s.type == "order")]
    if template.order not in orders:
        yield ("order",), f"{template.order!r} is no order", f"Write one of {', '.join(orders)}"
        return
    for name, register in template.registers.items():
        yield from _check_register(device_map, name, register, orders)
    yield from _check_outputs(device_map)
    yield from _check_status(device_map)


def _check_register(
    device_map: DeviceMap, name: str, register: Register, orders: Sequence[str]
) -> Iterator[Finding]:
    path = ("registers", name)
    if register.order is not None and register.order not in orders:
        yield path, f"{register.order!r} is no order", f"Write one of {', '.join(orders)}"
        return
    if register.area.bitwise != (register.type is Type.BIT):
        yield path, f"{register.type} cannot stand in {register.area}", "Use bit for coil, discrete"
    if (register.registers is not None) != (register.type is Type.TEXT):
        yield path, "registers belongs to a text, and a text needs it", "Say how long the text is"
    if register.channels > 1 and not register.stride:
        yield path, "has channels and no stride", "Say how far apart the channels are"
    if register.at is None and device_map.template.layout is None:
        yield path, "has no address", "Write at:"
        return
    if not register.scale:
        yield path, "scale is 0", "Write what one count is worth"
    for ref in (name, *(f"{name}.{part}" for part in register.fields)):
        yield from _try(device_map, ref, path)
    for ref in (register.decimals, register.units_from):
        if ref:
            yield from _try(device_map, ref, path, state=True)
    wide = BITS_OF.get(register.type, 32)
    for pattern in register.invalid:
        if pattern >> wide:
            yield path, f"invalid pattern {pattern:#x} does not fit {register.type}", "Mend it"


def _check_outputs(device_map: DeviceMap) -> Iterator[Finding]:
    for name, output in device_map.template.outputs.items():
        path = ("outputs", name)
        if name in device_map.template.registers:
            yield path, "is a register as well", "Give one of them another name"
        if output.channels > 1 and not output.stride:
            yield path, "has channels and no stride", "Say how far apart the channels are"
        if not output.states and not output.codes:
            yield path, "has neither states nor codes", "Say what may be written"
        try:
            device_map.output(f"{name}[{output.channels}]")
        except RefError as error:
            yield path, error.problem, error.remedy


def _check_status(device_map: DeviceMap) -> Iterator[Finding]:
    template = device_map.template
    for index, gate in enumerate(template.gates):
        path = ("gates", index)
        yield from _try(device_map, gate.source, path, state=True)
        for ref in gate.governs:
            yield from _try(device_map, ref, path)
    for index, check in enumerate(template.identity):
        yield from _try(device_map, check.source, ("identity", index), state=True)
    if template.heartbeat is not None:
        yield from _try(device_map, template.heartbeat.source, ("heartbeat",), state=True)
        for ref in template.heartbeat.governs:
            yield from _try(device_map, ref, ("heartbeat",))
    for index, hole in enumerate(template.read.holes):
        if hole.last < hole.first:
            yield ("read", "holes", index), "runs backwards", "Write first before last"


def _try(device_map: DeviceMap, ref: str, path: Path_, *, state: bool = False) -> Iterator[Finding]:
    name = ref.partition(".")[0]
    register = device_map.template.registers.get(name)
    if register is not None and register.at is None and name not in device_map.placed:
        return  # a field that this layout does not send; known, and no fault
    try:
        point = device_map.point(ref, 1)
    except RefError as error:
        if "which channel" not in error.problem:
            yield path, error.problem, error.remedy
        return
    if state and point.cell.type in {Type.F32, Type.TEXT}:
        yield path, f"{ref} is a {point.cell.type}; a state is a whole number", "Name another"
    if point.cell.area is Area.DISCRETE and point.mask is not None:
        yield path, f"{ref} takes bits of a single bit", "Read the input itself"


def check_statuses(template: OpcUaTemplate) -> Iterator[Finding]:
    """Yield every status code whose severity and reason contradict each other."""
    for index, rule in enumerate(template.statuses):
        if bool(rule.code & BAD) != (REASONS[rule.reason].quality is Quality.BAD):
            problem = f"{rule.name} and {rule.reason} are not both bad"
            yield ("statuses", index), problem, "Give it a reason of its own severity"
