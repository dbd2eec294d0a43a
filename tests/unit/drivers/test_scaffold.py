"""A register table becomes a template that loads and a case that holds."""

from __future__ import annotations

import pytest
from ruamel.yaml import YAML

from edge.drivers.load import parse_template
from edge.drivers.scaffold import scaffold
from edge.drivers.template import Area, ModbusTemplate, Type
from edge.errors import ConfigError, Fault
from tests.unit.drivers.cases import check_case

ROWS = [
    {"名称": "气体浓度", "地址": "40001", "数据类型": "float", "单位": "％LEL", "备注": "高字在前"},
    {"name": "Status word", "address": "0x0002", "type": "uint16", "area": "03"},
    {"name": "temp", "address": "30005", "type": "int16", "scale": "0.1", "unit": "℃"},
    {"name": "Alarm 1", "address": "10001"},
    {"name": "serial no", "address": "40100", "type": "string", "registers": "4"},
    {"name": "conc", "address": "400200", "channels": "8", "stride": "2", "scale": "×0.1"},
    {"name": "conc", "address": "17", "area": "coil"},
    {"name": "flow", "address": "99", "type": "strange", "unit": "furlong", "note": 'a "b": c'},
    {"name": "", "address": ""},
]


def parsed(text: str) -> ModbusTemplate:
    """Return the template in `text`, which must be sound."""
    faults: list[Fault] = []
    template = parse_template("own.yaml", text, faults)
    assert not faults
    assert isinstance(template, ModbusTemplate)
    return template


def test_a_table_becomes_a_template_that_loads_and_a_case_that_holds():
    """Printed numbers become wire addresses in their tables; the case passes as it was made."""
    text, case = scaffold("own-gas", "汉威 & Co", 'GT: "100"', ROWS)
    template = parsed(text)
    registers = template.registers
    places = {name: (r.area, r.at, r.type) for name, r in registers.items()}
    assert places == {
        "concentration": (Area.HOLDING, 0, Type.F32),
        "status_word": (Area.HOLDING, 2, Type.U16),
        "temp": (Area.INPUT, 4, Type.S16),
        "alarm_1": (Area.DISCRETE, 0, Type.BIT),
        "serial_no": (Area.HOLDING, 99, Type.TEXT),
        "conc": (Area.HOLDING, 199, Type.U16),
        "conc_2": (Area.COIL, 17, Type.BIT),
        "flow": (Area.HOLDING, 99, Type.U16),
    }
    assert (template.vendor, template.model) == ("汉威 & Co", 'GT: "100"')
    assert (registers["conc"].scale, registers["conc"].channels) == (0.1, 8)
    assert "strange" in registers["flow"].note
    assert "furlong" in registers["flow"].note
    check_case(YAML(typ="safe", pure=True).load(case), template)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([], "no register is named"),
        ([{"name": "a", "address": "4000x"}], "cannot be read"),
        ([{"name": "a", "address": "1", "scale": "ten"}], "is no number"),
        ([{"name": "a", "address": "1", "scale": "0"}], "scale is 0"),
    ],
)
def test_a_row_that_cannot_be_read_is_said(rows: list[dict[str, str]], says: str):
    """Nothing is guessed where a number does not read; the row is named."""
    with pytest.raises(ConfigError, match=says):
        scaffold("own", "v", "m", rows)


def test_of_two_columns_for_one_thing_the_first_counts_and_none_is_lost():
    """A name in two languages, or an address in two notations, is read once and kept whole."""
    row = {
        "name": "gas",
        "名称": "浓度",
        "address": "40003",
        "寄存器": "0x0002",
        "备注": "高字在前",
    }
    text, _ = scaffold("own", "v", "m", [row])
    register = parsed(text).registers["gas"]
    assert register.at == 2
    assert register.note == "名称: 浓度; 寄存器: 0x0002; 高字在前"
