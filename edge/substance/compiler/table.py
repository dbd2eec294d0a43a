"""Compile `table.csv`: the facts of the reference folder that the gateway uses, and its own.

The reference holds one fact a row (`chemicals_facts.csv`, authoritative provenance) and one row a
substance (`chemicals.csv`, where the names stand). `facts.csv` beside this file holds, in the form
of the table, what the reference lacks; where both know a value, ours stands.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

from edge.errors import ConfigError, Fault
from edge.substance import AEGL_LEVELS, COLUMNS, OEL_KINDS, UNITS

OWN = Path(__file__).with_name("facts.csv")
# the table's property -> the reference's; LEL by IEC 60079-20-1
FROM_FACTS: dict[str, str] = {
    "un": "un_no",
    "erg_guide": "erg2024_guide",
    "molar_mass": "molar_mass",
    "t_boil": "t_boil",
    "t_crit": "t_crit",
    "p_crit": "p_crit",
    "t_flash": "t_flash",
    "t_autoignition": "t_autoignition",
    "lel": "lel_iec",
    "uel": "uel_iec",
    "lel_aloha": "lel_aloha",
    "uel_aloha": "uel_aloha",
    "idlh": "idlh_ppm",
    **{f"aegl{lv}_{mins}": f"aegl{lv}_{mins}" for lv in AEGL_LEVELS for mins in (10, 30, 60)},
    **{f"{kind}{level}": f"{kind}{level}" for kind in ("erpg", "pac") for level in (1, 2, 3)},
    **{f"gbz_{kind}": f"gbz_{'' if kind == 'mac' else 'pc_'}{kind}" for kind in OEL_KINDS},
    **{f"probit_{key}": f"probit_{key}" for key in "abn"},
    "gb18218_quantity": "gb18218_q_t",
    "gb18218_beta": "gb18218_beta",
    "gb18218_basis": "gb18218_basis",
}
# (value, unit, source, confidence) by substance and property
Facts = dict[str, dict[str, tuple[str, str, str, str]]]
NAMES = ("name_zh", "name_en", "formula", "cas")


def text(rows: Facts) -> str:
    """Return the text of `table.csv`."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    order = {name: place for place, name in enumerate(UNITS)}
    for name, known in rows.items():
        for key in sorted(known, key=order.__getitem__):
            writer.writerow([name, key, *known[key]])
    return out.getvalue()


def facts(reference: Path) -> Facts:
    """Return what is known of each substance, ours over the reference's.

    Raises `ConfigError` if a fact stands twice, `OSError` if the folder cannot be read.
    """
    faults: list[Fault] = []
    found: Facts = {}
    for row in read(reference / "chemicals.csv"):
        source = _group(row["source"], "id: ")
        confidence = _group(row["confidence"], "id=")
        found[row["slug"]] = {key: (row[key], "", source, confidence) for key in NAMES}
    ours = {theirs: key for key, theirs in FROM_FACTS.items()}
    for line, row in enumerate(read(reference / "chemicals_facts.csv"), start=2):
        key = ours.get(row["property"])
        if key is None:
            continue
        unit = UNITS[key] if row["unit"] == "" else row["unit"]
        _add(found, faults, "chemicals_facts.csv", line, row["slug"], key, (unit, row))
    own: Facts = {}
    for line, row in enumerate(read(OWN), start=2):
        _add(own, faults, OWN.name, line, row["substance"], row["property"], (row["unit"], row))
    if faults:
        raise ConfigError(faults)
    for name, known in own.items():
        found[name] = {**found.get(name, {}), **known}
    for known in found.values():
        _fill_pac(known)
    return found


def _fill_pac(known: dict[str, tuple[str, str, str, str]]) -> None:
    """Add each PAC that is not stated by DOE's order: AEGL for 60 min, else ERPG; no TEEL here.

    A substance with any AEGL gets no ERPG beside it: carbon monoxide's ERPG-1 lies above AEGL-2.
    """
    kinds = [f"aegl{level}_60" for level in (1, 2, 3)]
    if not any(key in known for key in kinds):
        kinds = [f"erpg{level}" for level in (1, 2, 3)]
    for level, key in enumerate(kinds, start=1):
        if key in known and f"pac{level}" not in known:
            value, unit, source, confidence = known[key]
            weaker = confidence if confidence.startswith("memory") else "derived-rule"
            known[f"pac{level}"] = (value, unit, f"DOE's order: {key} of {source}", weaker)


def _add(
    found: Facts,
    faults: list[Fault],
    file: str,
    line: int,
    name: str,
    key: str,
    given: tuple[str, dict[str, str]],
) -> None:
    """Put one fact into `found`, or its fault into `faults`."""
    unit, row = given
    subject = f"{name}.{key}"
    if key not in UNITS:
        faults.append(Fault(file, line, subject, "is no property of the table", "Name it right"))
    elif key in found.get(name, {}):
        faults.append(Fault(file, line, subject, "stands twice", "Keep the better one"))
    else:
        cells = (row["value"], unit, row["source"], row["confidence"])
        found.setdefault(name, {})[key] = cells


def _group(summary: str, prefix: str) -> str:
    """Return the part of a "group: words; group: words" summary that starts with `prefix`."""
    for part in summary.split("; "):
        if part.startswith(prefix):
            return part.removeprefix(prefix)
    return ""


def read(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file with a head line."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
