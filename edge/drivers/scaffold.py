"""A first template from a register table: names, addresses as printed, types. Pure.

What a table does not say (byte order, offset, which states gate the value) is left as a comment
where it belongs; the case beside it holds words and readings that fit the template as it stands.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from edge.drivers.base import Reading
from edge.drivers.codec import decode, encode, payloads
from edge.drivers.datum import Area, Type
from edge.drivers.layout import resolve
from edge.drivers.load import parse_template
from edge.drivers.plan import make_plan
from edge.drivers.template import ModbusTemplate
from edge.errors import ConfigError, Fault
from edge.tag import Position, Quality, Reason, Tag
from edge.units import Unit

HEADERS = {
    "名称": "name", "参数": "name", "地址": "address", "寄存器地址": "address",
    "寄存器": "address", "区域": "area", "功能码": "area", "类型": "type", "数据类型": "type",
    "单位": "unit", "倍率": "scale", "系数": "scale", "偏移": "offset", "备注": "note",
    "说明": "note", "通道数": "channels", "间隔": "stride", "register": "address",
    "function": "area", "datatype": "type", "factor": "scale", "description": "note",
}  # fmt: skip
NAMES = {
    "浓度": "concentration", "测量值": "value", "状态": "status", "报警": "alarm", "故障": "fault",
    "温度": "temperature", "湿度": "humidity", "压力": "pressure", "液位": "level",
    "风速": "wind_speed", "风向": "wind_direction", "量程": "full_scale",
    "小数": "decimals", "心跳": "heartbeat",
}  # fmt: skip
TYPES = {
    "uint8": "u8", "int8": "s8", "byte": "u8", "uint16": "u16", "word": "u16", "unsigned": "u16",
    "int16": "s16", "int": "s16", "short": "s16", "signed": "s16", "uint32": "u32", "dword": "u32",
    "int32": "s32", "long": "s32", "float": "f32", "float32": "f32", "real": "f32", "double": "f64",
    "float64": "f64", "uint64": "u64", "int64": "s64", "string": "text", "ascii": "text",
    "无符号整数": "u16", "有符号整数": "s16", "浮点": "f32", "浮点数": "f32", "字符串": "text",
}  # fmt: skip
UNITS = {
    "℃": "degC", "°c": "degC", "c": "degC", "°": "deg", "mg/m³": "mg/m3", "％lel": "%LEL",
    "lel": "%LEL", "%v/v": "%vol", "vol%": "%vol", "％": "%", "秒": "s", "m³": "m3",
    "m³/h": "m3/h",
}  # fmt: skip
AREAS = {
    "coil": "coil", "discrete": "discrete", "input": "input", "holding": "holding",
    "线圈": "coil", "离散输入": "discrete", "输入寄存器": "input", "保持寄存器": "holding",
    "0x": "coil", "1x": "discrete", "3x": "input", "4x": "holding",
    "1": "coil", "2": "discrete", "3": "holding", "4": "input",
    "01": "coil", "02": "discrete", "03": "holding", "04": "input",
}  # fmt: skip
DIGITS = {"0": "coil", "1": "discrete", "3": "input", "4": "holding"}
_TITLED = re.compile(r"^([0134])(\d{4,5})$")
_HEX = re.compile(r"^(?:0x([0-9a-f]+)|([0-9a-f]+)h)$", re.IGNORECASE)
NUMBERS = ("scale", "offset", "channels", "stride", "registers")


class _Row(NamedTuple):
    name: str
    area: str
    address: int
    kind: str
    unit: str | None
    numbers: Mapping[str, float]
    printed: str
    notes: tuple[str, ...]


def scaffold(
    template_id: str, vendor: str, model: str, rows: Sequence[Mapping[str, str]]
) -> tuple[str, str]:
    """Return a template and a case (both YAML) for a table of registers.

    A row has `name` and `address` (as printed: 40003, 0x0010, 17), and may have `area` (or the
    function code), `type`, `unit`, `scale`, `offset`, `channels`, `stride`, `registers`, `order`
    and `note`; headers may be Chinese. Raises `ConfigError` with every row that cannot be read.
    """
    faults: list[Fault] = []
    read: list[_Row] = []
    for number, row in enumerate(rows, 2):  # the first line of a table is its header
        clean = _cells(row)
        if any(clean.values()):
            taken = {item.name for item in read}
            _take(number, clean, taken, read, faults)
    if not read and not faults:
        faults.append(Fault("rows", 0, template_id, "no register is named", "Write name, address"))
    if faults:
        raise ConfigError(faults)
    text = _template(template_id, vendor, model, read)
    template = parse_template(f"{template_id}.yaml", text, faults)
    if not isinstance(template, ModbusTemplate):
        raise ConfigError(faults)
    return text, _case(template, read)


def _cells(row: Mapping[str, str]) -> dict[str, str]:
    """Return a row by what its headers mean; of two columns that mean the same the first counts.

    What another one says otherwise (a Chinese name beside the English one) is kept as a note.
    """
    found: dict[str, str] = {}
    others: list[str] = []
    for key, value in row.items():
        text = str(value or "").strip()
        if text and found.setdefault(_header(key), text) != text:
            others.append(f"{key}: {text}")
    if others:
        found["note"] = "; ".join([*others, *([found["note"]] if "note" in found else [])])
    return found


def _header(key: str) -> str:
    name = str(key or "").strip().lower()
    return HEADERS.get(name, name)


def _take(
    number: int, row: Mapping[str, str], taken: set[str], read: list[_Row], faults: list[Fault]
) -> None:
    def fault(problem: str, remedy: str) -> None:
        faults.append(Fault("rows", number, row.get("name", ""), problem, remedy))

    notes = [note] if (note := row.get("note", "")) else []
    found = place(row.get("address", ""), row.get("area", "").lower())
    if found is None:
        fault(f"address {row.get('address', '')!r} cannot be read", "Write 40003, 0x0010 or 17")
        return
    area, address = found
    bitwise = area in {"coil", "discrete"}
    kind, said = _kind(row.get("type", ""), bitwise=bitwise)
    if not said:
        notes.append(f"type was printed as {row['type']!r}; check it")
    unit, said = _unit(row.get("unit", ""))
    if not said:
        notes.append(f"unit as printed: {row['unit']}")
    numbers: dict[str, float] = {}
    for key in NUMBERS:
        if value := row.get(key, ""):
            try:
                numbers[key] = float(value.lstrip("×x*"))
            except ValueError:
                fault(f"{key} {value!r} is no number", "Write it as one: 0.1")
    if kind == "text":
        numbers.setdefault("registers", 1)
    name = _name(row.get("name", ""), number, taken)
    if name != row.get("name", "") and row.get("name"):
        notes.insert(0, row["name"])
    printed = row.get("address", "")
    read.append(_Row(name, area, address, kind, unit, numbers, printed, tuple(notes)))


def place(printed: str, area: str) -> tuple[str, int] | None:
    """Return (table, zero-based address) of a printed number; None if it is none."""
    given = AREAS.get(area, "")
    hexadecimal = _HEX.match(printed)
    if hexadecimal:
        address = int(hexadecimal[1] or hexadecimal[2], 16)
        return (given or "holding", address) if address <= 0xFFFF else None
    titled = _TITLED.match(printed)
    if titled and int(titled[2]) > 0 and given in {"", DIGITS[titled[1]]}:
        return DIGITS[titled[1]], int(titled[2]) - 1
    if printed.isdecimal() and int(printed) <= 0xFFFF:
        return given or "holding", int(printed)
    return None


def _kind(printed: str, *, bitwise: bool) -> tuple[str, bool]:
    if bitwise:
        return "bit", True
    name = printed.lower().replace(" ", "").replace("_", "")
    known = {str(kind).replace("_", "") for kind in Type} - {"bit"}
    if not name or name in known:
        return name or "u16", True
    return (TYPES[name], True) if name in TYPES else ("u16", False)


def _unit(printed: str) -> tuple[str | None, bool]:
    if not printed:
        return None, True
    for unit in Unit:
        if printed.lower() == str(unit).lower():
            return str(unit), True
    known = UNITS.get(printed.lower())
    return known, known is not None


def _name(printed: str, number: int, taken: set[str]) -> str:
    name = re.sub(r"[^a-z0-9]+", "_", printed.lower(), flags=re.ASCII).strip("_")
    if not name:
        name = next((known for word, known in NAMES.items() if word in printed), "")
    if not name or not name[0].isalpha():
        name = f"point_{number}" if not name else f"point_{name}"
    while name in taken:
        name += "_2"
    return name


def _template(template_id: str, vendor: str, model: str, rows: Sequence[_Row]) -> str:
    def quoted(text: str) -> str:
        return json.dumps(text, ensure_ascii=False)

    lines = [
        f"# {vendor} {model}: say here in one sentence what is special about it.".replace(
            "\n", " "
        ),
        "suian_template: 1",
        f"id: {template_id}",
        "protocol: modbus",
        f"vendor: {quoted(vendor)}",
        f"model: {quoted(model)}",
        "kinds: [toxic gas]      # or combustible gas, oxygen, level, wind, discrete output …",
        "confidence: partial     # read once every line is checked against the manual",
        f"source: [{{title: {quoted(f'{model} register table')}}}]",
        "# instrument: {t90_s: 30, t_min_c: -40, t_max_c: 55}",
        "# serial: {baud: 9600, parity: none, stop_bits: 1, unit_id: 1}",
        "addressing: {rule: as the table prints, basis: derived}  # bench: a live value agreed",
        "settings:",
        "  order: {type: order, default: ABCD, note: settle on site}   # suian device probe --scan",
        "order: order",
        "read: {max_gap: 4}      # also max_registers, min_gap_s, timeout_s",
        "",
        "registers:",
        *(f"  {row.name}: {_entry(row)}" for row in rows),
        "",
        "# What makes a value unusable? Without a gate a broken instrument looks like clean air.",
        "# gates:",
        "#   - from: status.fault          # a register, a field of its bits, or a flag",
        "#     governs: [concentration]",
        "#     when: {1: device-fault}     # code: reason; a code that is not listed is all well",
        "# heartbeat: {from: heartbeat, kind: counter, period_s: 5, governs: [concentration]}",
        "# identity: [{from: type_code, equals: [36]}]",
    ]
    return "\n".join(lines) + "\n"


def _entry(row: _Row) -> str:
    parts = [f"at: {row.address}"]
    if row.area != "holding":
        parts.append(f"area: {row.area}")
    if row.kind != "u16":
        parts.append(f"type: {row.kind}")
    parts += [f"{key}: {value:g}" for key, value in row.numbers.items()]
    if row.unit is not None:
        parts.append(f"unit: {json.dumps(row.unit)}")
    parts.append(f"printed: {json.dumps(row.printed)}")
    if row.notes:
        parts.append(f"note: {json.dumps('; '.join(row.notes), ensure_ascii=False)}")
    return "{" + ", ".join(parts) + "}"


def _case(template: ModbusTemplate, rows: Sequence[_Row]) -> str:
    """Return words that read 12 (or 1) in each register, and what the template makes of them."""
    device_map = resolve(template, {})
    tags = [_tag(template, row) for row in rows if row.kind != "text"]
    plan = make_plan(device_map, tags)
    told = [1.0 if tag.range_high == 1.0 else 12.0 for tag in tags]
    words = encode(plan, [Reading(value, Quality.GOOD, Reason.OK) for value in told])
    found = decode(plan, payloads(plan, words))
    lines = [
        "# Words as the instrument sends them, and what they mean. Put in words that you saw.",
        f"template: {template.id}",
        "registers:",
    ]
    for area in Area:
        runs = _runs({at: word for (where, at), word in words.items() if where is area})
        if runs:
            lines.append(f"  {area}:")
            lines += [f"    {start}: [{', '.join(map(hex, run))}]" for start, run in runs.items()]
    lines.append("tags:")
    for tag, reading in zip(tags, found, strict=True):
        said = "" if reading.reason is Reason.OK else f", reason: {reading.reason}"
        value = "" if reading.value is None else f", value: {reading.value:.6g}"
        ends = f"[{tag.range_low:g}, {tag.range_high:g}]"
        unit = json.dumps(str(tag.unit))
        lines.append(
            f"  - {{ref: {json.dumps(tag.ref)}, unit: {unit}, range: {ends}{value}{said}}}"
        )
    return "\n".join(lines) + "\n"


def _runs(words: Mapping[int, int]) -> dict[int, list[int]]:
    runs: dict[int, list[int]] = {}
    start = 0
    for at in sorted(words):
        if at - 1 not in words:
            start = at
        runs.setdefault(start, []).append(words[at])
    return runs


def _tag(template: ModbusTemplate, row: _Row) -> Tag:
    register = template.registers[row.name]
    unit = register.unit or (Unit.BOOL if row.kind == "bit" else Unit.COUNT)
    return Tag(
        name=row.name,
        title_zh=row.name,
        title_en=row.name,
        device=template.id,
        ref=f"{row.name}[1]" if register.channels > 1 else row.name,
        asset="",
        area="",
        substance="",
        quantity="",
        unit=unit,
        range_low=0.0,
        range_high=1.0 if row.kind == "bit" else 100.0,
        period_s=60.0,
        position=Position(0.0, 0.0),
    )
