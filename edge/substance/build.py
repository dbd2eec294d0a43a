"""Compile `table.csv` from the reference folder: `python -m edge.substance.build`.

The reference holds one fact a row (`chemicals_facts.csv`, authoritative provenance) and one row a
substance (`chemicals.csv`, where the names stand). Only what the gateway uses is taken, and each
value keeps its own source and confidence. `SUIAN_REFERENCE` names the folder.
"""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

import structlog

from edge.errors import ConfigError, Fault
from edge.substance import AEGL_LEVELS, AEGL_MINUTES, COLUMNS, TABLE

log = structlog.get_logger(__name__)

SUBSTANCES = (
    "chlorine",
    "ammonia",
    "methane",
    "hydrogen_sulfide",
    "sulfur_dioxide",
    "hydrogen_chloride",
    "carbon_monoxide",
    "methanol",
)
# the table's property -> the reference's; LEL by IEC 60079-20-1
FROM_FACTS: dict[str, str] = {
    "molar_mass": "molar_mass",
    "lel": "lel_iec",
    "idlh": "idlh_ppm",
    **{f"aegl{lv}_{mins}": f"aegl{lv}_{mins}" for lv in AEGL_LEVELS for mins in AEGL_MINUTES},
}
IDENTITY = ("name_zh", "name_en", "formula", "cas")


def compile_table(reference: Path) -> str:
    """Return the text of `table.csv` from the `reference` folder.

    Raises `ConfigError` if a substance is absent or a fact stands twice, `OSError` if the folder
    cannot be read.
    """
    names = {row["slug"]: row for row in _read(reference / "chemicals.csv")}
    facts: dict[tuple[str, str], dict[str, str]] = {}
    faults: list[Fault] = []
    for line, row in enumerate(_read(reference / "chemicals_facts.csv"), start=2):
        key = (row["slug"], row["property"])
        if key in facts and row["slug"] in SUBSTANCES and row["property"] in FROM_FACTS.values():
            subject = ".".join(key)
            faults.append(
                Fault("chemicals_facts.csv", line, subject, "stands twice", "Keep the better one")
            )
        facts[key] = row
    absent = [name for name in SUBSTANCES if name not in names]
    faults += [Fault("chemicals.csv", 0, name, "is absent", "Add its row") for name in absent]
    if faults:
        raise ConfigError(faults)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for name in SUBSTANCES:
        writer.writerows(_rows(name, names[name], facts))
    return out.getvalue()


def _rows(
    name: str, identity: dict[str, str], facts: dict[tuple[str, str], dict[str, str]]
) -> list[list[str]]:
    """Return the table's rows of one substance."""
    source = _group(identity["source"], "id: ")
    confidence = _group(identity["confidence"], "id=")
    rows = [[name, key, identity[key], "", source, confidence] for key in IDENTITY]
    for ours, theirs in FROM_FACTS.items():
        fact = facts.get((name, theirs))
        if fact is not None:
            rows.append(
                [name, ours, fact["value"], fact["unit"], fact["source"], fact["confidence"]]
            )
    return rows


def _group(summary: str, prefix: str) -> str:
    """Return the part of a "group: words; group: words" summary that starts with `prefix`."""
    for part in summary.split("; "):
        if part.startswith(prefix):
            return part.removeprefix(prefix)
    return ""


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def main() -> None:
    """Write `table.csv` beside this file from the folder that SUIAN_REFERENCE names."""
    reference = Path(os.environ.get("SUIAN_REFERENCE", "../shared/reference"))
    target = Path(__file__).with_name(TABLE)
    target.write_text(compile_table(reference), encoding="utf-8")
    log.info("substance table written", path=str(target), substances=len(SUBSTANCES))


if __name__ == "__main__":
    main()
