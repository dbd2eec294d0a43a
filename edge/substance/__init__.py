"""The compiled substance table: what a gas is, when it harms, and who says so.

`table.csv` holds one value a row with its own source and confidence; `edge.substance.build`
compiles it. A value nobody has checked against its printed source says so in its confidence, and an
absent value is None or missing: never zero. Physical properties over temperature are in
`edge.substance.fluid`, the distances of the Emergency Response Guidebook in `edge.substance.erg`.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import NamedTuple

from edge.errors import ConfigError, Fault

AEGL_LEVELS = (1, 2, 3)
AEGL_MINUTES = (10, 30, 60, 240, 480)
TABLE = "table.csv"
COLUMNS = ("substance", "property", "value", "unit", "source", "confidence")
AEGL_KEYS = tuple(f"aegl{level}_{minutes}" for level in AEGL_LEVELS for minutes in AEGL_MINUTES)
TEMPERATURES = ("t_melt", "t_boil", "t_crit", "t_flash", "t_autoignition")
OEL_KINDS = ("mac", "twa", "stel")  # ceiling, 8 h mean, 15 min mean of GBZ 2.1
# property -> the unit it must be written in; "" is text, "1" a number without one
UNITS: dict[str, str] = {
    **dict.fromkeys(("name_zh", "name_en", "formula", "cas", "un", "erg_guide"), ""),
    **dict.fromkeys(("surrogate", "associates", "gb18218_basis"), ""),
    "molar_mass": "g/mol",
    **dict.fromkeys(TEMPERATURES, "K"),
    "p_crit": "Pa",
    **dict.fromkeys(("lel", "uel", "lel_aloha", "uel_aloha"), "vol%"),
    "idlh": "ppm",
    **dict.fromkeys(AEGL_KEYS, "ppm"),
    **{f"{key}_mg_m3": "mg/m3" for key in AEGL_KEYS},
    **{f"{kind}{level}": "ppm" for kind in ("erpg", "pac") for level in (1, 2, 3)},
    **{f"gbz_{kind}": "mg/m3" for kind in OEL_KINDS},
    **dict.fromkeys(("toxic_n", "probit_a", "probit_b", "probit_n", "gb18218_beta"), "1"),
    "gb18218_quantity": "t",
}
SIGNED = ("probit_a",)  # the only number that may be negative
IDENTITY = ("name_zh", "name_en", "formula", "cas", "molar_mass")


class Evidence(NamedTuple):
    """Where one value of the table is from, and how far it was checked."""

    source: str
    confidence: str  # the words stand in docs/models/substances.md


class Probit(NamedTuple):
    """The coefficients of Pr = a + b ln(C^n t), C in mg/m3 and t in minutes.

    These are the units of TNO CPR 18E: with ppm the same coefficients are wrong.
    Death fraction = (1 + erf((Pr - 5) / sqrt 2)) / 2.
    """

    a: float
    b: float
    n: float


@dataclass(frozen=True, slots=True)
class Substance:
    """A gas that detectors measure and that can harm, or a fluid that carries one.

    `molar_mass_kg_mol` [kg/mol]; `lel_fraction` and `uel_fraction` [mol/mol] by IEC 60079-20-1 (a
    %LEL channel has its own basis in its tag), `lel_aloha_fraction` and `uel_aloha_fraction` as
    ALOHA has them; `aegl_ppm` maps (level, minutes) to ppm and lacks what EPA has not set,
    `aegl_mg_m3` does so for what is an aerosol [mg/m3]; `erpg_ppm` and `pac_ppm` map the level to
    ppm; `oel_mg_m3` maps "mac", "twa", "stel" of GBZ 2.1 to mg/m3; `toxic_n` is the exponent of the
    toxic load C^n t; `threshold_t` the critical quantity of GB 18218 [t], `beta` its factor;
    `t_melt_k` to `t_autoignition_k` [K] and `p_crit_pa` [Pa]; `un` holds every UN number; a
    mixture's `surrogate` is the pure substance whose properties stand for it; `associates` as in
    `edge.substance.fluid`; `evidence` maps each property of the table to its source and confidence.
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
    uel_fraction: float | None = None
    lel_aloha_fraction: float | None = None
    uel_aloha_fraction: float | None = None
    aegl_mg_m3: Mapping[tuple[int, int], float] = field(
        default_factory=dict[tuple[int, int], float]
    )
    erpg_ppm: Mapping[int, float] = field(default_factory=dict[int, float])
    pac_ppm: Mapping[int, float] = field(default_factory=dict[int, float])
    oel_mg_m3: Mapping[str, float] = field(default_factory=dict[str, float])
    toxic_n: float | None = None
    probit: Probit | None = None
    threshold_t: float | None = None
    beta: float | None = None
    t_melt_k: float | None = None
    t_boil_k: float | None = None
    t_crit_k: float | None = None
    p_crit_pa: float | None = None
    t_flash_k: float | None = None
    t_autoignition_k: float | None = None
    un: tuple[str, ...] = ()
    erg_guide: str = ""
    surrogate: str = ""
    associates: str = ""

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


class _Table(Mapping[str, Substance]):
    """The compiled table, a substance read when it is asked for: a site has a few of them all."""

    def __init__(self, table: bytes) -> None:
        self._read: dict[str, Substance] = {}
        head, *lines = table.splitlines()
        self._head = head
        rows: dict[bytes, list[bytes]] = {}
        for line in lines:
            rows.setdefault(line.partition(b",")[0], []).append(line)
        # bytes: text with Chinese in it takes twice the room, and most is never asked for
        self._rows = {name.decode(): b"\n".join(own) for name, own in rows.items()}

    def __getitem__(self, name: str) -> Substance:
        if name not in self._read:
            own = b"\n".join((self._head, self._rows[name])).decode()
            self._read[name] = parse(own.splitlines())[name]
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


@cache
def substances() -> Mapping[str, Substance]:
    """Return every substance of the compiled table by id; `ConfigError` for one that is broken."""
    return _Table((resources.files(__name__) / TABLE).read_bytes())


def parse(lines: Iterable[str]) -> dict[str, Substance]:
    """Return the substances that the lines of a table state; `ConfigError` names every bad row."""
    rows: dict[str, dict[str, str]] = {}
    evidence: dict[str, dict[str, Evidence]] = {}
    faults: list[Fault] = []
    reader = csv.reader(lines)
    if tuple(next(reader, ())) != COLUMNS:
        problem = f"does not begin with {','.join(COLUMNS)}"
        raise ConfigError([Fault(TABLE, 1, "", problem, "Run python -m edge.substance.build")])
    for line, cells in enumerate(reader, start=2):
        problem = _problem(cells, rows)
        if problem:
            name = ".".join(cells[:2])
            faults.append(Fault(TABLE, line, name, problem, "Run python -m edge.substance.build"))
            continue
        name, key, value, _, source, confidence = cells
        rows.setdefault(name, {})[key] = value
        evidence.setdefault(name, {})[key] = Evidence(source, confidence)
    for name, values in rows.items():
        missing = set(IDENTITY) - values.keys()
        if missing:
            problem = f"{', '.join(sorted(missing))} missing"
            faults.append(Fault(TABLE, 0, name, problem, "Run python -m edge.substance.build"))
    if faults:
        raise ConfigError(faults)
    return {name: _build(name, values, evidence[name]) for name, values in rows.items()}


def _problem(cells: list[str], rows: dict[str, dict[str, str]]) -> str:
    """Return what is wrong with a row of the table, or ""."""
    if len(cells) != len(COLUMNS):
        return f"has {len(cells)} cells, not {len(COLUMNS)}"
    name, key, value, unit, source, confidence = cells
    if not (name and key and value):
        return "substance, property or value is empty"
    if key not in UNITS:
        return f"property {key!r} is not one the table holds"
    if unit != UNITS[key]:
        return f"unit is {unit!r}, not {UNITS[key]!r}"
    if key in rows.get(name, ()):
        return "stands twice"
    if not source or not confidence:
        return "has no source or no confidence"
    if unit:
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not (math.isfinite(number) and (number > 0 or key in SIGNED)):
            return f"value {value!r} is not a number above 0"
    return ""


def _build(name: str, values: dict[str, str], evidence: dict[str, Evidence]) -> Substance:
    def number(key: str, scale: float = 1.0) -> float | None:
        return float(values[key]) * scale if key in values else None

    return Substance(
        id=name,
        name_zh=values["name_zh"],
        name_en=values["name_en"],
        formula=values["formula"],
        cas=values["cas"],
        molar_mass_kg_mol=float(values["molar_mass"]) / 1000,
        lel_fraction=number("lel", 0.01),
        idlh_ppm=number("idlh"),
        aegl_ppm=_aegl(values, ""),
        evidence=evidence,
        uel_fraction=number("uel", 0.01),
        lel_aloha_fraction=number("lel_aloha", 0.01),
        uel_aloha_fraction=number("uel_aloha", 0.01),
        aegl_mg_m3=_aegl(values, "_mg_m3"),
        erpg_ppm=_levels(values, "erpg"),
        pac_ppm=_levels(values, "pac"),
        oel_mg_m3={k: float(values[f"gbz_{k}"]) for k in OEL_KINDS if f"gbz_{k}" in values},
        toxic_n=number("toxic_n"),
        probit=_probit(values),
        threshold_t=number("gb18218_quantity"),
        beta=number("gb18218_beta"),
        un=tuple(values.get("un", "").split(";")) if "un" in values else (),
        erg_guide=values.get("erg_guide", ""),
        surrogate=values.get("surrogate", ""),
        associates=values.get("associates", ""),
        t_melt_k=number("t_melt"),
        t_boil_k=number("t_boil"),
        t_crit_k=number("t_crit"),
        t_flash_k=number("t_flash"),
        t_autoignition_k=number("t_autoignition"),
        p_crit_pa=number("p_crit"),
    )


def _aegl(values: dict[str, str], suffix: str) -> dict[tuple[int, int], float]:
    return {
        (level, minutes): float(values[key])
        for level in AEGL_LEVELS
        for minutes in AEGL_MINUTES
        if (key := f"aegl{level}_{minutes}{suffix}") in values
    }


def _levels(values: dict[str, str], kind: str) -> dict[int, float]:
    return {n: float(values[f"{kind}{n}"]) for n in (1, 2, 3) if f"{kind}{n}" in values}


def _probit(values: dict[str, str]) -> Probit | None:
    """Return the probit of a substance's values; None unless all three coefficients are known."""
    if not {"probit_a", "probit_b", "probit_n"} <= values.keys():
        return None
    a, b, n = (float(values[f"probit_{key}"]) for key in "abn")
    return Probit(a, b, n)
