"""Sites of plain registers for the acquisition bench: each tag one register, three conditions."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import orjson

TEMPLATE = """\
suian_template: 1
id: bench-registers
protocol: modbus
vendor: bench
model: 125 registers
kinds: [toxic gas]
confidence: bench
source: [{title: made for the bench, pages: "1"}]
addressing: {rule: as it travels, basis: bench}
read: {max_registers: 125}
registers:
  value: {at: 0, type: u16, scale: 0.001, channels: 125, stride: 1}
"""
GAS = {
    "title_zh": "检测器",
    "title_en": "detector",
    "asset": "TANK",
    "area": "plant",
    "substance": "chlorine",
    "quantity": "concentration",
    "unit": "ppm",
    "range_low": 0,
    "range_high": 10,
    "h": 0.3,
    "hh": 0.6,
    "deadband": 0.05,
    "limit_source": "bench",
    "journal_deadband": 0.005,
}


def write_register_site(
    folder: Path,
    ports: Sequence[int],
    devices: int,
    registers: int,
    period_s: float,
    broker_port: int = 0,
) -> Path:
    """Write a site of `devices` devices a port with `registers` tags each; return its folder.

    With a `broker_port` its relay may run.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "templates").mkdir(exist_ok=True)
    (folder / "templates" / "bench-registers.yaml").write_text(TEMPLATE, encoding="utf-8")
    units = [(line, unit) for line in range(len(ports)) for unit in range(1, devices + 1)]
    title = {"zh": "bench", "en": "bench"}
    point = {"x_m": 0, "y_m": 0}
    tank = {"id": "TANK", "title": title, "kind": "tank", "area": "plant", "position": point}
    site: dict[str, object] = {
        "suian": 1,
        "id": "bench",
        "title": title,
        "world": "test",
        "gateway": {"id": "gw-bench"},
        "origin": {"lat_deg": 46.4, "lon_deg": 125.35},
        "areas": [{"id": "plant", "title": title}],
        "assets": [tank],
        "templates": "templates",
        "links": [
            {"id": f"line-{number}", "kind": "modbus-tcp", "port": port}
            for number, port in enumerate(ports)
        ],
        "devices": [
            {
                "id": f"D{line}-{unit}",
                "link": f"line-{line}",
                "template": "bench-registers",
                "unit_id": unit,
                "world": "test",
            }
            for line, unit in units
        ],
    }
    if broker_port:
        site["relay"] = {"port": broker_port}
    # JSON is YAML: the loader needs no other kind of file for a bench.
    (folder / "site.yaml").write_bytes(orjson.dumps(site, option=orjson.OPT_INDENT_2))
    columns = ["tag", "device", "ref", *GAS, "period_s", "x_m", "y_m"]
    with (folder / "tags.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, columns, lineterminator="\n")
        writer.writeheader()
        for line, unit in units:
            for number in range(1, registers + 1):
                own = {"tag": f"AT{line}-{unit}-{number}", "device": f"D{line}-{unit}"}
                place = {"x_m": 10 * line, "y_m": number, "period_s": period_s}
                writer.writerow({**GAS, **own, **place, "ref": f"value[{number}]"})
    return folder
