"""Sites of any size for tests and benches: XNX detectors, OPC UA items, one horn."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import orjson

from edge.site.alarms.ledger import COLUMNS, FILE
from suian.demo.workspace import free_ports

UNITS_PER_PORT = 25
GAS = {
    "asset": "TANK",
    "area": "plant",
    "space": "outdoor",
    "substance": "chlorine",
    "quantity": "concentration",
    "unit": "ppm",
    "range_low": 0,
    "range_high": 10,
    "period_s": 1,
    "z_m": 0.5,
    "h": 0.3,
    "hh": 0.6,
    "deadband": 0.05,
    "limit_source": "bench",
}


def write_site(folder: Path, detectors: int, opcua_items: int = 0, broker_port: int = 1) -> Path:
    """Write a site of `detectors` XNX units and `opcua_items` nodes; return its folder.

    Every detector is one tag with high and high-high limits and no delay. Port 1 for the broker is
    a dead one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    count = -(-detectors // UNITS_PER_PORT)
    ports = free_ports(count + 4)
    links = [{"id": f"line-{i}", "kind": "modbus-tcp", "port": ports[i]} for i in range(count)]
    links.append({"id": "tower", "kind": "modbus-tcp", "port": ports[count]})
    devices = [
        {
            "id": f"AE-{i:04}",
            "link": f"line-{i // UNITS_PER_PORT}",
            "template": "honeywell-xnx",
            "unit_id": 1 + i % UNITS_PER_PORT,
            "world": "test",
        }
        for i in range(detectors)
    ]
    links.append({"id": "met", "kind": "modbus-tcp", "port": ports[count + 3]})
    devices.append({"id": "TOWER", "link": "tower", "template": "patlite-la6-poe", "world": "test"})
    devices.append({"id": "MET", "link": "met", "template": "gill-maximet", "world": "test"})
    if opcua_items:
        path = "/suian/field"
        links.append({"id": "dcs", "kind": "opcua", "port": ports[count + 1], "path": path})
        devices.append({"id": "DCS", "link": "dcs", "template": "opcua", "world": "test"})
    site = _structure(links, devices, ports[count + 2], broker_port)
    # JSON is YAML: the loader needs no other kind of file for a bench.
    (folder / "site.yaml").write_bytes(orjson.dumps(site, option=orjson.OPT_INDENT_2))
    _write_tags(folder / "tags.csv", detectors, opcua_items)
    return folder


def edit(site: Path, change: dict[str, Any]) -> None:
    """Write keys of a site's file anew."""
    path = site / "site.yaml"
    path.write_bytes(orjson.dumps(orjson.loads(path.read_bytes()) | change, option=2))


def _structure(
    links: list[dict[str, object]],
    devices: list[dict[str, object]],
    console_port: int,
    broker_port: int,
) -> dict[str, object]:
    """Return the site file's structure around the given links and devices."""

    def titled(text: str) -> dict[str, str]:
        return {"zh": text, "en": text}

    output = {"id": "horn", "kind": "horn", "point": "buzzer", "on": 2, "off": 0}
    return {
        "suian": 1,
        "id": "bench",
        "title": titled("bench"),
        "world": "test",
        "gateway": {"id": "gw-bench"},
        "origin": {"lat_deg": 46.4, "lon_deg": 125.35},
        "areas": [{"id": "plant", "title": titled("plant")}],
        "assets": [
            {
                "id": "TANK",
                "title": titled("tank"),
                "kind": "tank",
                "area": "plant",
                "position": {"x_m": 0, "y_m": 0},
                "holds": "chlorine",
            }
        ],
        "places": [
            {
                "id": "MP-1",
                "title": titled("muster"),
                "kind": "muster",
                "position": {"x_m": 300, "y_m": 50},
            }
        ],
        "links": links,
        "devices": devices,
        "annunciators": [
            {"id": "tower", "device": "TOWER", "areas": ["plant"], "outputs": [output]}
        ],
        "relay": {"port": broker_port, "protocol": "3.1.1"},
        "hazard": {
            "wind_speed_tag": "WS-1",
            "wind_from_tag": "WD-1",
            "temperature_tag": "TT-1",
        },
        "console": {"port": console_port},
    }


def _write_tags(path: Path, detectors: int, opcua_items: int) -> None:
    """Write the tag list: detectors on a grid of 10 m, then the OPC UA nodes."""
    base = {**GAS, "title_zh": "检测器", "title_en": "detector", "ref": "concentration"}
    rows = [
        {**base, "tag": f"AT-{i:04}", "device": f"AE-{i:04}", "x_m": 10 * (i % 50), "y_m": i // 5}
        for i in range(detectors)
    ]
    other = {"quantity": "pressure", "unit": "MPa", "range_high": 2.5, "h": "", "hh": ""}
    rows += [
        {
            **base,
            **other,
            "tag": f"PT-{i:04}",
            "device": "DCS",
            "ref": f"nsu=urn:suian:field;s=PT-{i:04}",
            "x_m": 0,
            "y_m": 0,
            "deadband": "",
        }
        for i in range(opcua_items)
    ]
    rows += _weather(base)
    columns = list(dict.fromkeys(key for row in rows for key in row))
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


WEATHER = (
    ("WS-1", "wind_speed", "wind_speed", "m/s", 0, 60),
    ("WD-1", "wind_direction_corrected", "wind_from", "deg", 0, 360),
    ("TT-1", "temperature", "temperature", "degC", -50, 60),
)


def _weather(base: dict[str, object]) -> list[dict[str, object]]:
    """Return the rows of the weather mast's tags."""
    rows: list[dict[str, object]] = []
    for tag, ref, quantity, unit, low, high in WEATHER:
        row = {**base, "tag": tag, "device": "MET", "ref": ref, "quantity": quantity, "unit": unit}
        row |= {"range_low": low, "range_high": high, "substance": "", "x_m": 0, "y_m": 0}
        rows.append({**row, "h": "", "hh": "", "deadband": "", "limit_source": ""})
    return rows


def write_changes(folder: Path, *changes: tuple[str, str, str, str]) -> None:
    """Add rows to a site's changes.csv: condition, setting, from, to; the rest is in order."""
    path = folder / FILE
    fresh = not path.is_file()
    with path.open("a", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        if fresh:
            writer.writerow(COLUMNS)
        for number, change in enumerate(changes, start=1):
            writer.writerow((f"MOC-{number}", "2026-09-30", *change, "试验", "王", "李"))
