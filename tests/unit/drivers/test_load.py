"""Templates are checked at load: every fault at once, with file and line."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from edge.drivers.load import load_templates, parse_template
from edge.errors import ConfigError, Fault

HEAD = """\
suian_template: 1
id: try-it
protocol: modbus
vendor: Nobody
model: None
kinds: [gas]
confidence: bench
source: [{title: none}]
addressing: {rule: none, basis: bench}
"""


def faults_in(text: str) -> list[Fault]:
    """Return what is wrong with HEAD + `text`."""
    faults: list[Fault] = []
    parse_template("try.yaml", HEAD + text, faults)
    return faults


def test_the_built_in_templates_load():
    """Each file holds one sound template that bears the file's name."""
    folder = resources.files("edge.drivers") / "templates"
    files = {entry.name.removesuffix(".yaml") for entry in folder.iterdir()}
    assert {"honeywell-xnx", "opcua"} < files
    assert set(load_templates()) == files


def test_only_what_is_asked_for_is_read():
    """A daemon in a hurry gets the templates it names."""
    assert set(load_templates(only=["opcua"])) == {"opcua"}


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("registers:\n  a: {at: 70000}\n", 11, "less than or equal to 65535"),
        ("registers:\n  a: {at: 0, kind: f32}\n", 11, "Extra inputs"),
        ("registers:\n  a:\n    at: 0\n    type: f16\n", 13, "Input should be"),
        ("registers:\n  a: {}\n", 11, "has no address"),
        ("registers:\n  a: {at: base+1}\n", 11, "neither a number nor an int setting"),
        ("registers:\n  a: {at: 0, area: coil}\n", 11, "cannot stand in coil"),
        ("registers:\n  a: {at: 0, channels: 3}\n", 11, "channels and no stride"),
        ("registers:\n  a: {at: 0, order: ACBD}\n", 11, "is no order"),
        ("registers:\n  a: {at: 0, scale: 0}\n", 11, "scale is 0"),
        ("registers:\n  a: {at: 0, invalid: [0x1FFFF]}\n", 11, "does not fit u16"),
        ("registers:\n  a: {at: 0, fields: {b: {bits: '20..16'}}}\n", 11, "lies outside its u16"),
        ("registers:\n  a: {at: 0, fields: {b: {bits: x}}}\n", 11, "neither a bit"),
        ("registers:\n  a: {at: 0, units_from: b}\n", 11, "no point 'b'"),
        ("order: sometimes\nregisters:\n  a: {at: 0}\n", 10, "is no order"),
        (
            "registers: {a: {at: 0}}\ngates:\n  - {from: b, governs: [a], when: {1: ok}}\n",
            12,
            "no point 'b'",
        ),
        (
            "registers: {a: {at: 0}}\ngates:\n  - {from: a, governs: [a], when: {1: fine}}\n",
            12,
            "Input should be",
        ),
        (
            "registers: {a: {at: 0}}\ngates:\n  - {from: a, governs: [a], when: {9..1: ok}}\n",
            12,
            "runs backwards",
        ),
        ("registers: {a: {at: 0}}\noutputs:\n  o: {at: 1, codes: [1]}\n", 12, "is never written"),
        (
            "registers: {a: {at: 0, type: f32}}\nidentity: [{from: a, equals: [1]}]\n",
            11,
            "a state is a whole number",
        ),
        ("registers: {a: {at: 0}}\nidentity: [{from: z, equals: [1]}]\n", 11, "no point 'z'"),
    ],
)
def test_a_fault_is_found_with_its_line(text: str, line: int, says: str):
    """What is wrong is said where it stands."""
    faults = faults_in(text)
    assert faults, "nothing was found"
    assert says in faults[0].problem
    assert faults[0].line == line
    assert faults[0].file == "try.yaml"


ONE_OF = "identity: [{{from: a, equals: [{}]}}]"
CHOICE = """\
settings: {m: {type: choice, default: x, choices: [x, y]}}
registers: {a: {at: 0}}
"""
WHOLE = "read:\n  whole:\n    - {area: input, first: 0, last: 99}\n"
OUTPUT = "kinds: [annunciator]\nregisters: {a: {at: 0, fields: {f: {bits: 0}}}}\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("registers: {a: {at: 0, points: [[1, 2], [1, 3]]}}", "make no line"),
        ("registers: {a: {at: 0, points: [[1, 2], [2, 3]], scale: 2}}", "a scale as well"),
        ("registers: {a: {at: 0, of_range: [4, 4]}}", "no width"),
        ("registers: {a: {at: 0, scale_by: b}}", "no number setting"),
        ("registers: {a: {at: 0, channels_by: b, stride: 1}}", "no int setting"),
        ("registers: {a: {at: 0, multiplier: b}}", "no point 'b'"),
        ("registers: {a: {at: 0, wide: true}}", "does not fill a 32-bit register"),
        ("registers: {a: {at: 0, type: text}}", "a text needs it"),
        ("registers: {a: {at: 0, fields: {b: {bits: 0, scale: 0}}}}", "scale is 0"),
        ("registers: {a: {at: 0}}\nflags: {a: a}", "is a register as well"),
        ("registers: {a: {at: 0}}\nflags: {b: a and}", "lacks a register"),
        ("registers: {a: {at: 0}}\nflags: {b: z}", "no point 'z'"),
        ("registers: {a: {at: 0}}\nflags: {b: a, c: b}", "asks flag b"),
        ("registers: {a: {at: 0, type: f32}}\nflags: {b: a}", "a f32"),
        ("registers: {a: {at: 0}}\nidentity: [{from: a, equals: [GT]}]", "is no text"),
        (
            "registers: {a: {at: 0, type: text, registers: 1}}\n" + ONE_OF.format("GT1"),
            "more than 1 registers",
        ),
        ("registers: {a: {at: 0}}\nlost_master: {flag: z}", "no point 'z'"),
        (
            "read: {whole: [{area: input, first: 0, last: 125}]}\nregisters: {a: {at: 0}}",
            "longer than a request",
        ),
        (
            WHOLE + "    - {area: input, first: 99, last: 130}\nregisters: {a: {at: 0}}",
            "with those that it overlaps, longer than a request",
        ),
        (
            WHOLE + "  holes: [{area: input, first: 9, last: 9}]\nregisters: {a: {at: 0}}",
            "holds some of the holes",
        ),
        ("registers: {a: {at: 0}}\nvariants: {m: {x: {}}}", "no choice setting"),
        (
            CHOICE + "variants: {m: {z: {}}}",
            "'z' is no choice",
        ),
        (
            CHOICE + "variants: {m: {y: {registers: {a: {kind: f32}}}}}",
            "Extra inputs",
        ),
        (
            CHOICE + "variants: {m: {y: {gates: [{from: q, governs: [a], when: {1: ok}}]}}}",
            "no point 'q'",
        ),
        ("settings: {m: {type: choice, default: q, choices: [x]}}\nregisters: {a: {at: 0}}", "'q'"),
    ],
)
def test_what_does_not_hold_together_is_said(text: str, says: str):
    """Each part of the language is checked beyond its types, in every variant."""
    faults = faults_in(text + "\n")
    assert any(says in fault.problem for fault in faults), faults
    assert all(fault.remedy and fault.line for fault in faults)


@pytest.mark.parametrize(
    ("outputs", "says"),
    [
        ("o: {at: 1}", "neither states nor codes"),
        ("o: {codes: [1]}", "has no address"),
        ("o: {at: 1, states: {x: [1, 2], y: 3}}", "differ in length"),
        ("o: {at: 1, states: {x: [1, 2]}, codes: [3]}", "differ in length"),
        ("o: {at: 1, states: {x: [1, 2]}, channels: 2, stride: 1}", "no stride"),
        ("o: {at: 1, codes: [1], function: 5}", "function 5 cannot"),
        ("o: {at: 1, states: {x: [1, 2]}, function: 6}", "function 6 cannot"),
        ("o: {states: {x: {at: base}}}", "neither a number nor an int setting"),
        ("a: {at: 1, codes: [1]}", "is a register as well"),
    ],
)
def test_an_output_that_cannot_be_driven_is_said(outputs: str, says: str):
    """Lengths, functions, addresses and names of outputs are held together at load."""
    faults: list[Fault] = []
    text = HEAD.replace("kinds: [gas]\n", "") + OUTPUT + f"outputs: {{{outputs}}}\n"
    parse_template("try.yaml", text, faults)
    assert any(says in fault.problem for fault in faults), faults


@pytest.mark.parametrize("kinds", ["[toxic gas]", "[annunciator, oxygen]", "[wind]", "[dcs]"])
def test_an_instrument_has_no_outputs(kinds: str):
    """What measures is never written: its template cannot even say how."""
    faults: list[Fault] = []
    text = HEAD.replace("[gas]", kinds) + "registers: {}\noutputs: {mute: {at: 1, codes: [1]}}\n"
    assert parse_template("try.yaml", text, faults) is None
    assert "is never written" in faults[0].problem


def test_all_faults_of_a_file_come_together():
    """Three registers wrong in three ways are three faults."""
    text = "registers:\n  a: {}\n  b: {at: 0, scale: 0}\n  c: {at: 1, order: X}\n"
    assert [fault.line for fault in faults_in(text)] == [11, 12, 13]


@pytest.mark.parametrize("text", ["a: [", "- 1\n- 2\n", "protocol: smoke\n", "a: 1\na: 2\n"])
def test_what_is_no_template_is_a_fault(text: str):
    """Broken YAML, a list, an unknown protocol and a doubled key are each one clear fault."""
    faults: list[Fault] = []
    assert parse_template("try.yaml", text, faults) is None
    assert len(faults) == 1


def test_a_status_must_not_be_better_than_its_code():
    """A bad OPC UA code that is called an uncertain reason is refused."""
    faults: list[Fault] = []
    text = HEAD.replace("modbus", "opcua").replace("addressing: {rule: none, basis: bench}\n", "")
    text += "statuses:\n  - {code: 0x808B0000, name: BadDeviceFailure, reason: late}\n"
    assert parse_template("try.yaml", text, faults) is None
    assert faults[0].line == 10


def test_a_sites_own_template_replaces_and_its_faults_carry_its_path(tmp_path: Path):
    """Own templates are read after the built-in ones; an unreadable folder is a fault."""
    (tmp_path / "own.yaml").write_text(HEAD + "registers: {a: {at: 7}}\n", "utf-8")
    assert load_templates(tmp_path)["try-it"].vendor == "Nobody"
    (tmp_path / "bad.yaml").write_text(HEAD + "registers:\n  a: {}\n", "utf-8")
    (tmp_path / "raw.yaml").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(ConfigError) as caught:
        load_templates(tmp_path)
    assert {Path(fault.file).name for fault in caught.value.faults} == {"bad.yaml", "raw.yaml"}
    with pytest.raises(ConfigError, match="cannot be listed"):
        load_templates(tmp_path / "nowhere")
