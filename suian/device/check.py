"""`suian device test`: a folder of own templates held against its cases, vector by vector."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from edge.drivers.cases import Case, Verdict, check_case, read_case
from edge.drivers.load import load_templates
from edge.drivers.template import ModbusTemplate, Template
from edge.errors import ConfigError, Fault

HOW = "Write cases/NAME/case.yaml: docs/templates.md"


class Held(NamedTuple):
    """A case file and what became of it."""

    path: Path
    template: str
    verdicts: tuple[Verdict, ...]

    @property
    def failed(self) -> int:
        """How many of its vectors the template does not agree with."""
        return sum(bool(verdict.problem) for verdict in self.verdicts)


def hold_folder(folder: Path) -> list[Held]:
    """Return each case below `folder` with its verdicts. A template without one has failed.

    Raises `ConfigError` if a template does not load, or a case cannot be read.
    """
    own = load_templates(folder, only=())
    if not own:
        remedy = "Name the folder that holds them; `suian device new` makes one"
        raise ConfigError([Fault(str(folder), 0, "templates", "no template is here", remedy)])
    cases = _cases(folder)
    wanted = {case.template for _, case in cases} - own.keys()
    templates = load_templates(folder, only=wanted) if wanted else own
    held = [_hold(path, case, templates) for path, case in cases]
    bare = own.keys() - {item.template for item in held}
    return held + [Held(folder, name, _bare(own[name])) for name in sorted(bare)]


def _bare(template: Template) -> tuple[Verdict, ...]:
    if isinstance(template, ModbusTemplate):
        return (Verdict(template.id, f"no case holds it. {HOW}"),)
    return (Verdict(template.id),)  # OPC UA has no words to make a case of


def _cases(folder: Path) -> list[tuple[Path, Case]]:
    faults: list[Fault] = []
    cases: list[tuple[Path, Case]] = []
    for path in sorted(folder.glob("cases/*/case.yaml")):
        try:
            data = cast("Any", YAML(typ="safe", pure=True)).load(path.read_text("utf-8"))
            cases.append((path, read_case(str(path), data)))
        except ConfigError as error:
            faults += error.faults
        except (OSError, UnicodeDecodeError, YAMLError) as error:
            problem = f"cannot be read: {' '.join(str(error).split())}"
            faults.append(Fault(str(path), 0, "case", problem, "Mend the file"))
    if faults:
        raise ConfigError(faults)
    return cases


def _hold(path: Path, case: Case, templates: dict[str, Template]) -> Held:
    template = templates.get(case.template)
    if isinstance(template, ModbusTemplate):
        return Held(path, case.template, tuple(check_case(case, template)))
    kind = "no template" if template is None else "no Modbus template"
    return Held(path, case.template, (Verdict("template", f"{case.template} is {kind} here"),))


def lines_of(held: list[Held]) -> Iterator[str]:
    """Yield what an engineer reads: one line per vector, then the sum."""
    for item in held:
        yield f"{item.path}  ({item.template})"
        for verdict in item.verdicts:
            mark = "FAIL" if verdict.problem else "pass"
            yield f"  {mark}  {verdict.subject}" + (
                f": {verdict.problem}" if verdict.problem else ""
            )
    count = sum(len(item.verdicts) for item in held)
    failed = sum(item.failed for item in held)
    yield f"{count - failed} of {count} pass" + (f", {failed} FAIL" if failed else "")
