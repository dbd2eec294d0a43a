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

from edge.drivers.sound import Finding, Path_, check_statuses, check_template
from edge.drivers.template import ModbusTemplate, OpcUaTemplate, Template
from edge.errors import ConfigError, Fault

KINDS: dict[str, type[ModbusTemplate | OpcUaTemplate]] = {
    "modbus": ModbusTemplate,
    "opcua": OpcUaTemplate,
}


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
