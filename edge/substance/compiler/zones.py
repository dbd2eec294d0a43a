"""Compile `erg.csv` from the guidebook's tables 1 and 3 in the reference."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from edge.substance.compiler.table import Facts, read
from edge.substance.erg import COLUMNS, SPILLS, TIMES, WINDS

SOURCE = "ERG 2024 table"


def compile_zones(facts: Facts, reference: Path) -> str:
    """Return the text of `erg.csv`; `OSError` if a file of the reference cannot be read."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    by_un: dict[str, str] = {}
    for name, known in facts.items():
        for number in known["un"][0].split(";") if "un" in known else ():
            by_un.setdefault(number, name)
    writer.writerows(_table_1(reference))
    writer.writerows(_table_3(by_un, reference))
    return out.getvalue()


def _table_1(reference: Path) -> list[list[str]]:
    """Return the cases of table 1, as far as isolation and both distances are known."""
    cells: dict[str, dict[str, dict[str, str]]] = {}
    for row in read(reference / "chemicals_facts.csv"):
        cells.setdefault(row["slug"], {})[row["property"]] = row
    found: list[list[str]] = []
    for name, known in cells.items():
        for spill in SPILLS:
            isolate = known.get(f"erg_{spill}_isolate_m")
            for time in TIMES:
                protect = known.get(f"erg_{spill}_{time}_km")
                if isolate is None or protect is None:
                    continue
                said = (f"{SOURCE} 1", protect["confidence"])
                un = known["un_no"]["value"].split(";")[0]
                found.append(
                    [name, un, spill, "", time, "", isolate["value"], protect["value"], "", *said]
                )
    return found


def _table_3(by_un: dict[str, str], reference: Path) -> list[list[str]]:
    found: list[list[str]] = []
    for row in read(reference / "erg2024_table3.csv"):
        name = by_un.get(row["un_no"])
        if name is None:
            continue
        open_ended = row["open_ended_fields"].split()
        for time in TIMES:
            for wind in WINDS:
                key = f"{time}_{wind}_km"
                at_least = "yes" if key in open_ended else ""
                case = (name, row["un_no"], "large", row["container"], time, wind)
                said = (f"{SOURCE} 3", "verified")
                found.append([*case, row["isolate_m"], row[key], at_least, *said])
    return found
