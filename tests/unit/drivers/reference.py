"""The device facts of the reference data: which belong to which template, and their vectors."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from edge.drivers import ModbusTemplate
from edge.drivers.template import ORDERS, Area
from tests.unit.drivers.points import MODBUS

FOLDER = Path(os.environ.get("SUIAN_REFERENCE", "../shared/reference")) / "devices"
READS = {1: Area.COIL, 2: Area.DISCRETE, 3: Area.HOLDING, 4: Area.INPUT}


def of_template(template: ModbusTemplate) -> str:
    """Return the name of the facts file that `template` was written from."""
    return template.facts or template.id.replace("-", "_")


HELD = [name for name, one in MODBUS.items() if (FOLDER / f"{of_template(one)}.yaml").is_file()]


@cache
def facts(name: str) -> dict[str, Any]:
    """Return one device's reference file."""
    return YAML(typ="safe", pure=True).load((FOLDER / f"{name}.yaml").read_text("utf-8"))


def known_places(fact_file: dict[str, Any]) -> set[tuple[Area, int]]:
    """Return every address that a facts file says something about."""
    found: set[tuple[Area, int]] = set()
    variants = [item for variant in fact_file.get("variants", ()) for item in variant["registers"]]
    for item in [*fact_file["registers"], *variants]:
        address = item.get("addr") if "n" not in item else 40000 + item["n"]
        if address is None:
            continue
        per_channel = item.get("per_channel", {})
        count = per_channel.get("count", fact_file.get("channels", {}).get("count", 1))
        for channel in range(count if per_channel else 1):
            start = address + channel * per_channel.get("stride", 0)
            places = {*range(start, start + (item.get("count") or 2))}
            places |= {*item.get("siblings", {}).values()}
            aliases = [str(alias["printed"]) for alias in item.get("aliases", ())]
            places |= {int(alias.partition("-")[0]) - 1 for alias in aliases}
            found |= {(Area(item.get("area", "holding")), place) for place in places}
    return found


@dataclass(frozen=True)
class Vector:
    """One vector: the words at an address of a table, and what they are to read."""

    told: dict[str, Any]
    words: tuple[int, ...] = ()
    register: str = ""  # by name
    place: tuple[Area, int] | None = None  # or by address
    settings: dict[str, str] = field(default_factory=dict)


def vectors(template: ModbusTemplate) -> Iterator[Vector]:
    """Yield the vectors of `template`'s facts that tell words, one for each byte order told."""
    for told in facts(of_template(template)).get("vectors", ()):
        settings = _settings(template, told)
        by_code = told.get("raw_by_code") or told.get("reply_data_by_code")
        place = _asked(told["request"]) if "request" in told else None
        if by_code:
            for code, raw in by_code.items():
                order = {"order": ORDERS[code]}
                yield Vector(told, _words(raw), told.get("register", ""), place, order)
        elif "response" in told:
            data = bytes.fromhex(told["response"])[3:-2]
            yield Vector(told, _words(data.hex(" ")), told.get("register", ""), place, settings)
        elif "raw" in told:
            yield Vector(told, _words(told["raw"]), told["register"], place, settings)


def _words(raw: int | list[int] | str) -> tuple[int, ...]:
    if isinstance(raw, int):
        return (raw,)
    if isinstance(raw, str):
        data = bytes.fromhex(raw)
        return tuple(int.from_bytes(data[at : at + 2]) for at in range(0, len(data), 2))
    return tuple(raw)


def _asked(request: str) -> tuple[Area, int]:
    data = bytes.fromhex(request)
    return READS[data[1]], int.from_bytes(data[2:4])


def _settings(template: ModbusTemplate, told: dict[str, Any]) -> dict[str, str]:
    """Return the choice of a setting that the vector's model names."""
    words = str(told.get("model", "")).replace("-", " ").split()
    return {
        name: choice
        for name, setting in template.settings.items()
        for choice in setting.choices
        if choice in words
    }
