"""Scenario files: read, checked against their models and their site, every fault with its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from edge.errors import ConfigError, ExpressionError
from edge.expr import compile_expression
from edge.site.faults import Faults, suggest
from edge.site.findings import finding, subject_at
from edge.site.model import Site
from edge.site.yaml_doc import Document, parse_yaml
from edge.units import Unit
from simulator.plant.layout import Layout, lay_out, refusal
from simulator.scenario.model import Event, Scenario

Where = tuple[str | int, ...]
OF_A_UNION = frozenset(  # parts of pydantic's paths that are no keys of the file
    {
        *("rupture", "leak", "plug", "close_valve", "open_valve", "start_pump", "stop_pump"),
        *("set_wind", "detector", "Rupture", "Leak", "Plug", "Valve", "Pump", "SetWind"),
        *("Detector", "gds_inhibit", "gds_watch", "gds_set_point", "gds_reset"),
        *("GdsChannel", "GdsSetPoint", "GdsReset"),
    }
)


def load_scenario(path: Path, site: Site | None = None) -> Scenario:
    """Return the scenario of `path`, checked by itself and, where it is given, against `site`.

    Raises `ConfigError` with all faults, each with file and line.
    """
    faults = Faults(path.name)
    document = _read(path, faults)
    scenario = _validate(document, faults) if document else None
    if document and scenario:
        check = _Check(document, scenario, faults)
        check.by_itself()
        if site is not None:
            check.against(site)
    if faults.found:
        raise ConfigError(faults.sorted())
    assert scenario is not None  # no fault, no failure
    return scenario


def tag_units(layout: Layout) -> dict[str, Unit]:
    """Return the unit of each tag that a trigger may name."""
    return {tag.name: tag.unit for tag in layout.tags}


def _read(path: Path, faults: Faults) -> Document | None:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        problem = f"cannot be read: {error}"
        faults.add(str(path), 0, "file", problem, "Check the path; the file must be UTF-8")
        return None
    return parse_yaml(text, path.name, faults)


def _validate(document: Document, faults: Faults) -> Scenario | None:
    try:
        return Scenario.model_validate(document.data)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            where = tuple(part for part in detail["loc"] if part not in OF_A_UNION)
            _note(document, where, dict(detail), faults)
        return None


def _note(document: Document, where: Where, detail: dict[str, Any], faults: Faults) -> None:
    """Note one of pydantic's findings as a fault that a person can mend."""
    kind = str(detail["type"])
    if kind == "extra_forbidden":  # which action's keys it may have meant, its path does not say
        problem, remedy = f"unknown key {where[-1]!r}", "Correct its spelling, or take it out"
    elif kind == "union_tag_invalid":
        known = str(detail["ctx"]["expected_tags"]).replace("'", "")
        problem = f"'do' is {detail['ctx']['tag']}"
        remedy = suggest(str(detail["ctx"]["tag"]), known.split(", "))
    elif kind == "union_tag_not_found":
        problem, remedy = "an action without 'do'", "Say what it does: 'do: rupture'"
    else:
        _, problem, remedy = finding(detail | {"loc": where}, Scenario)
    faults.add(
        document.file, document.line(where), subject_at(document.data, where), problem, remedy
    )


class _Check:
    """What no single key can tell is wrong."""

    def __init__(self, document: Document, scenario: Scenario, faults: Faults) -> None:
        self._document, self._scenario, self._faults = document, scenario, faults

    def _fault(self, where: Where, subject: str, problem: str, remedy: str) -> None:
        line = self._document.line(where)
        self._faults.add(self._document.file, line, subject, problem, remedy)

    def by_itself(self) -> None:
        """Check ids and references within the file."""
        seen: set[str] = set()
        for index, event in enumerate(self._scenario.events):
            if event.id in seen:
                problem = f"the event id {event.id!r} stands twice"
                self._fault(("events", index, "id"), event.id, problem, "Rename one of them")
            seen.add(event.id)
        for index, item in enumerate(self._scenario.score):
            if item.event not in seen:
                where = ("score", index, "event")
                problem = f"unknown event {item.event!r}"
                self._fault(where, item.id, problem, suggest(item.event, seen, "event"))

    def against(self, site: Site) -> None:
        """Check that the site has what the story names."""
        scenario = self._scenario
        if scenario.site != site.file.id:
            problem = f"written for site {scenario.site!r}, and this is {site.file.id!r}"
            self._fault(("site",), "site", problem, "Give the site that it is written for")
            return
        layout = lay_out(site)
        for index, event in enumerate(scenario.events):
            self._trigger(index, event, layout)
            for number, action in enumerate(event.actions):
                problem = refusal(layout, action)
                if problem:
                    where = ("events", index, "actions", number)
                    self._fault(where, event.id, problem, "Name what the site has")
        plant = scenario.plant
        maps = (("bays", plant.bays), ("tanks", plant.tanks), ("pumps", plant.pumps))
        for key, chosen in maps:
            known = getattr(layout, key)
            for name in chosen:
                if name not in known:
                    problem = f"the plant has no such part among its {key}"
                    self._fault(("plant", key, name), name, problem, suggest(name, known))

    def _trigger(self, index: int, event: Event, layout: Layout) -> None:
        if event.start.when is None:
            return
        where = ("events", index, "start", "when")
        try:
            expression = compile_expression(event.start.when, tag_units(layout))
        except ExpressionError as error:
            self._fault(where, event.id, str(error), "Correct the condition")
            return
        if not expression.is_condition:
            problem = f"{event.start.when!r} is a number, not a condition"
            self._fault(where, event.id, problem, "Compare it: 'AT-101 > 0.6 ppm'")
