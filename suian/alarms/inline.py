"""A site of a few lines: the rows that stand in a table itself, loaded by the real loader.

What the rows leave out is filled in: an instrument on its own device, an area with one horn of the
same name. Every fault is told at the line of the table where its row stands.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

import orjson

from edge.errors import Fault
from edge.site import Site, survey
from edge.site.faults import Faults, suggest
from edge.site.model import SiteFile
from edge.site.quantities import CHANGE, DEVIATION, QUANTITY_UNITS
from edge.site.structure import PARTS, SECTIONS
from edge.site.tags_csv import COLUMNS, MANDATORY
from edge.site.yaml_doc import Document, Plain

Row = dict[str, Plain]
LISTS = tuple(SECTIONS)
KEYS = frozenset({"tags", "world", *SECTIONS, *PARTS})
GASES = frozenset({"concentration", "oxygen"})
DEFAULT_AREA = "plant"
# What people would be told of alarms that are no gas detector's: a real site has to say it. A table
# that gives guidance of its own is asked for all of it.
NOT_GAS = sorted({*QUANTITY_UNITS, CHANGE, DEVIATION} - GASES)
TOLD: Row = {"zh": "表中未说明", "en": "not said in the table"}
GUIDED = ((("h", "l", "state", "rate", "dev", "expr"), 600.0), (("hh", "ll"), 180.0))
SITE_YAML, TAGS_CSV = "site.yaml", "tags.csv"


def inline_site(document: Document, folder: Path, faults: Faults) -> Site | None:
    """Return the site that the document's own rows make; None where they have faults, noted."""
    rows = _rows(document, "tags", faults)
    sections = {name: _rows(document, name, faults) for name in LISTS if name in document.data}
    before = len(faults.found)
    header = _header(document, rows, faults)
    if len(faults.found) > before:
        return None
    tags, lines = _tag_list(document, rows, header)
    text, places = _structure(document, rows, sections)
    site, found = survey(folder, {SITE_YAML: text, TAGS_CSV: tags})
    lists = {SITE_YAML: places, TAGS_CSV: lines}
    for fault in found:
        faults.found.append(_placed(fault, document.file, lists.get(fault.file, {})))
    return None if found else site


def _placed(fault: Fault, file: str, lines: Mapping[int, int]) -> Fault:
    return fault._replace(file=file, line=lines.get(fault.line, 1), column="")


def _rows(document: Document, name: str, faults: Faults) -> list[Row]:
    raw = document.data.get(name)
    if not isinstance(raw, list):
        problem, remedy = f"{name} is no list", f"Write '{name}:' with rows below: - {{…}}"
        faults.add(document.file, document.line((name,)), name, problem, remedy)
        return []
    found: list[Row] = []
    for index, row in enumerate(raw):
        if isinstance(row, dict):
            found.append(row)
        else:
            line = document.line((name, index))
            faults.add(document.file, line, name, "a row is no mapping", "Write {key: value, …}")
    return found


def _header(document: Document, rows: list[Row], faults: Faults) -> list[str]:
    """Return the columns that the rows have; a misspelt one is told where it stands."""
    for index, row in enumerate(rows):
        for key in row.keys() - COLUMNS:
            line = document.line(("tags", index, key))
            remedy = suggest(key, COLUMNS)
            faults.add(document.file, line, key, f"unknown column {key!r}", remedy)
    return list(dict.fromkeys([*MANDATORY, "area", "limit_source", *(k for r in rows for k in r)]))


def _filled(row: Row) -> Row:
    """Return a tag's row with what only a real site needs to say."""
    name = row.get("tag", "")
    gas = row.get("substance")
    area = row.get("area") or DEFAULT_AREA
    return {
        "title_zh": name,
        "title_en": name,
        "device": f"I-{name}",
        "ref": "value",
        "asset": f"AREA-{area}",
        "quantity": "concentration" if gas else "",
        "range_low": 0,
        "period_s": 1,
        "x_m": 0,
        "y_m": 0,
        "limit_source": "the table's own",
        **row,
        "area": area,
    }


def _tag_list(document: Document, rows: list[Row], header: list[str]) -> tuple[str, dict[int, int]]:
    """Return the tag list as CSV, and the document's line of each of its lines."""
    out = io.StringIO()
    writer = csv.DictWriter(out, header, restval="", lineterminator="\n")
    writer.writeheader()
    lines = {1: document.line(("tags",))}
    for index, row in enumerate(rows):
        writer.writerow({key: _cell(value) for key, value in _filled(row).items()})
        lines[index + 2] = document.line(("tags", index))
    return out.getvalue(), lines


def _cell(value: Plain) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value).replace("\n", " ")


def _structure(
    document: Document, rows: list[Row], sections: Mapping[str, list[Row]]
) -> tuple[str, dict[int, int]]:
    """Return site.yaml with one item a line, and the document's line of each of its lines."""
    data = document.data
    world = str(data.get("world", "test"))
    whole: dict[str, list[Row]] = _plant(rows, world)
    own = {name: len(items) for name, items in whole.items()}
    if "guidance" not in sections:
        whole["guidance"] = [_guidance(kinds, respond_s) for kinds, respond_s in GUIDED]
    for name, items in sections.items():
        whole[name] = [*whole.get(name, []), *items]
    parts = {key: data[key] for key in PARTS if key in data}
    head: dict[str, object] = {
        "suian": 1, "id": "table", "title": {"zh": "表", "en": "table"}, "world": world,
        "gateway": {"id": "gw-table"}, "origin": {"lat_deg": 46.4, "lon_deg": 125.35}, **parts,
    }  # fmt: skip
    text, places = ["{"], dict[int, int]()
    for key, value in head.items():
        text.append(f'"{key}": {orjson.dumps(value).decode()},')
        places[len(text)] = document.line((key,))
    for name, items in whole.items():
        text.append(f'"{name}": [')
        places[len(text)] = document.line((name,))
        for index, item in enumerate(items):
            text.append(orjson.dumps(item).decode() + ("," if index < len(items) - 1 else ""))
            places[len(text)] = document.line((name, index - own.get(name, 0)))
        text.append("],")
    return "\n".join([*text, '"plan": "plan.geojson"}']) + "\n", places


def _guidance(kinds: tuple[str, ...], respond_s: float) -> Row:
    """Return guidance that makes alarms of `kinds` priority 3 (600 s) or 2 (180 s)."""
    fits: Row = {"kinds": list(kinds), "quantities": list(NOT_GAS)}
    texts: Row = {"cause": TOLD, "consequence": TOLD, "actions": [TOLD]}
    told: Row = {"respond_s": respond_s, "severity": "moderate"}
    return {"id": f"table-{kinds[0]}", "fits": fits, **texts, **told}


def _plant(rows: list[Row], world: str) -> dict[str, list[Row]]:
    """Return areas, assets, links, devices and horns for the tags, as the rows need them."""
    filled = [_filled(row) for row in rows]
    areas = list(dict.fromkeys(str(row["area"]) for row in filled))
    devices = list(dict.fromkeys(str(row["device"]) for row in filled))
    at: Row = {"x_m": 0, "y_m": 0}
    device: Row = {"template": "table", "unit_id": 1, "world": world}
    horn: Row = {"id": "horn", "kind": "horn", "point": "horn", "on": 1, "off": 0}
    names: dict[str, Plain] = {area: {"zh": area, "en": area} for area in areas}
    kinds = {"kind": "unit", "position": at}
    links = [*devices, *(f"H-{area}" for area in areas)]
    return {
        "areas": [{"id": area, "title": names[area]} for area in areas],
        "assets": [
            {"id": f"AREA-{area}", "title": names[area], "area": area, **kinds} for area in areas
        ],
        "links": [
            {"id": name, "kind": "modbus-tcp", "port": 10_000 + i} for i, name in enumerate(links)
        ],
        "devices": [{"id": name, "link": name, **device} for name in links],
        "annunciators": [
            {"id": area, "device": f"H-{area}", "areas": [area], "outputs": [horn]}
            for area in areas
        ],
    }


assert set(SiteFile.model_fields) >= set(SECTIONS) | set(PARTS)
