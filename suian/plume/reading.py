"""Reading a scenario file: every fault at once, with its line and what to do."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from edge.errors import ConfigError
from edge.site.faults import Faults, suggest
from edge.site.findings import finding, subject_at
from edge.site.yaml_doc import Document, parse_yaml
from edge.substance import substances
from suian.plume.scenario import PlumeScenario


def read_scenario(path: Path) -> PlumeScenario:
    """Return the scenario of `path`. Raises `ConfigError` with every fault of the file."""
    faults = Faults(path.name)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        problem = f"cannot be read: {error}"
        faults.add(str(path), 0, "file", problem, "Check the path; the file must be UTF-8")
        raise ConfigError(faults.sorted()) from None
    document = parse_yaml(text, path.name, faults)
    scenario = _validate(document, faults) if document else None
    if document and scenario:
        _check(document, scenario, faults)
    if faults.found or scenario is None:
        raise ConfigError(faults.sorted())
    return scenario


def _validate(document: Document, faults: Faults) -> PlumeScenario | None:
    try:
        return PlumeScenario.model_validate(document.data)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            path, problem, remedy = finding(detail, PlumeScenario)
            subject = subject_at(document.data, path)
            faults.add(document.file, document.line(path), subject, problem, remedy)
        return None


def _check(document: Document, scenario: PlumeScenario, faults: Faults) -> None:
    """Note what no single key can tell is wrong."""
    known = substances()
    if scenario.substance not in known:
        line, remedy = document.line(("substance",)), suggest(scenario.substance, known)
        problem = "is not in the substance table"
        faults.add(document.file, line, scenario.substance, problem, remedy)
    if scenario.time is not None and scenario.time.tzinfo is None:
        line, problem = document.line(("time",)), f"{scenario.time} does not say its time zone"
        faults.add(document.file, line, "time", problem, "Write it as 2026-01-15T20:00:00+08:00")
    if scenario.weather.stability is None and (scenario.time is None or scenario.origin is None):
        line = document.line(("weather",))
        problem = "the stability needs the sun, and 'time' or 'origin' is missing"
        faults.add(document.file, line, "weather", problem, "Add both, or 'stability: D'")
    seen: set[str] = set()
    for index, receptor in enumerate(scenario.receptors):
        if receptor.id in seen:
            line = document.line(("receptors", index, "id"))
            faults.add(document.file, line, receptor.id, "stands twice", "Rename one of them")
        seen.add(receptor.id)
    times = [change.at_s for change in scenario.weather.changes]
    if times != sorted(set(times)):
        line = document.line(("weather", "changes"))
        faults.add(document.file, line, "changes", "are not in rising order", "Sort them by 'at_s'")
