"""The compiled substance table: what a gas is, when it harms, and who says so.

`table.csv` holds one value a row with its own source and confidence; `build.py` compiles it from
the reference folder. A value nobody has checked against its printed source says so in its
confidence, and an absent value is None or missing: never zero.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import NamedTuple

from edge.errors import ConfigError, Fault

AEGL_LEVELS = (1, 2, 3)
AEGL_MINUTES = (10, 30, 60)
TABLE = "table.csv"
COLUMNS = ("substance", "property", "value", "unit", "source", "confidence")
# property -> the unit it must be written in
UNITS: dict[str, str] = {
    "name_zh": "",
    "name_en": "",
    "formula": "",
    "cas": "",
    "molar_mass": "g/mol",
    "lel": "vol%",
    "idlh": "ppm",
    **{f"aegl{level}_{minutes}": "ppm" for level in AEGL_LEVELS for minutes in AEGL_MINUTES},
}


class Evidence(NamedTuple):
    """Where one value of the table is from, and how far it was checked."""

    source: str
    confidence: str  # verified, verified-secondary, derived-rule, memory-high, memory-medium


@dataclass(frozen=True, slots=True)
class Substance:
    """A gas that detectors measure and that can harm.

    `molar_mass_kg_mol` [kg/mol]; `lel_fraction` [mol/mol] by IEC 60079-20-1 (a %LEL channel has
    its own basis in its tag); `aegl_ppm` maps (level, minutes) to ppm and lacks what EPA has not
    set; `evidence` maps each property of the table to its source and confidence.
    """

    id: str
    name_zh: str
    name_en: str
    formula: str
    cas: str
    molar_mass_kg_mol: float
    lel_fraction: float | None
    idlh_ppm: float | None
    aegl_ppm: Mapping[tuple[int, int], float]
    evidence: Mapping[str, Evidence]

    def source(self, property_name: str) -> str:
        """Return where `property_name` (as "aegl2_60") is from; `KeyError` if it is not known."""
        return self.evidence[property_name].source

    def confidence(self, property_name: str) -> str:
        """Return how far `property_name` was checked; `KeyError` if it is not known."""
        return self.evidence[property_name].confidence


class UnknownSubstanceError(KeyError):
    """A substance that the table does not hold; its text says what the table does hold."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(name)

    def __str__(self) -> str:
        known = ", ".join(sorted(substances()))
        return f"substance {self.name!r} is not in the substance table, which holds: {known}"


def substance(name: str) -> Substance:
    """Return the substance `name`; raises `UnknownSubstanceError` (a `KeyError`)."""
    found = substances().get(name)
    if found is None:
        raise UnknownSubstanceError(name)
    return found


@cache
def substances() -> dict[str, Substance]:
    """Return every substance of the compiled table by id. Raises `ConfigError` if it is broken."""
    text = (resources.files(__name__) / TABLE).read_text(encoding="utf-8")
    return parse(text.splitlines())


def parse(lines: Iterable[str]) -> dict[str, Substance]:
    """Return the substances that the lines of a table state; `ConfigError` names every bad row."""
    rows: dict[str, dict[str, str]] = {}
    evidence: dict[str, dict[str, Evidence]] = {}
    faults: list[Fault] = []
    for line, row in enumerate(csv.DictReader(lines), start=2):
        problem = _problem(row, rows)
        if problem:
            name = f"{row.get('substance')}.{row.get('property')}"
            faults.append(Fault(TABLE, line, name, problem, "Run python -m edge.substance.build"))
            continue
        rows.setdefault(row["substance"], {})[row["property"]] = row["value"]
        evidence.setdefault(row["substance"], {})[row["property"]] = Evidence(
            row["source"], row["confidence"]
        )
    for name, values in rows.items():
        missing = {"name_zh", "name_en", "formula", "cas", "molar_mass"} - values.keys()
        if missing:
            problem = f"{', '.join(sorted(missing))} missing"
            faults.append(Fault(TABLE, 0, name, problem, "Run python -m edge.substance.build"))
    if faults:
        raise ConfigError(faults)
    return {name: _build(name, values, evidence[name]) for name, values in rows.items()}


def _problem(row: dict[str, str], rows: dict[str, dict[str, str]]) -> str:
    """Return what is wrong with a row of the table, or ""."""
    if any(not row.get(column) for column in ("substance", "property", "value")):
        return "substance, property or value is empty"
    name = row["property"]
    if name not in UNITS:
        return f"property {name!r} is not one the table holds"
    if row["unit"] != UNITS[name]:
        return f"unit is {row['unit']!r}, not {UNITS[name]!r}"
    if name in rows.get(row["substance"], {}):
        return "stands twice"
    if not row["source"] or not row["confidence"]:
        return "has no source or no confidence"
    if UNITS[name]:
        try:
            positive = float(row["value"]) > 0
        except ValueError:
            positive = False
        if not positive:
            return f"value {row['value']!r} is not a number above 0"
    return ""


def _build(name: str, values: dict[str, str], evidence: dict[str, Evidence]) -> Substance:
    lel = values.get("lel")
    idlh = values.get("idlh")
    aegl = {
        (level, minutes): float(values[f"aegl{level}_{minutes}"])
        for level in AEGL_LEVELS
        for minutes in AEGL_MINUTES
        if f"aegl{level}_{minutes}" in values
    }
    return Substance(
        id=name,
        name_zh=values["name_zh"],
        name_en=values["name_en"],
        formula=values["formula"],
        cas=values["cas"],
        molar_mass_kg_mol=float(values["molar_mass"]) / 1000,
        lel_fraction=None if lel is None else float(lel) / 100,
        idlh_ppm=None if idlh is None else float(idlh),
        aegl_ppm=aegl,
        evidence=evidence,
    )
