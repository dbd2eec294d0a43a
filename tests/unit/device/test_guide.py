"""The guide of docs/engineer.md as an engineer follows it: new, test, probe, scan, mend, keep."""

from __future__ import annotations

import struct
from pathlib import Path

from edge.drivers.template import Area
from tests.unit.device.rig import Instrument, holding, on_tcp, suian

TABLE = """名称,地址,数据类型,单位,倍率,备注
type,40001,uint16,,,高字节 0x24
气体浓度,40003,float,%LEL,,
状态,40005,uint16,,,1 正常 2 预热 3 抑制
温度,40006,int16,℃,0.1,
心跳,40007,uint16,,,
"""
GATES = """gates:
  - from: status
    governs: [concentration]
    when: {1: ok, 2: warm-up, 3: inhibited}
    otherwise: device-bad
heartbeat: {from: heartbeat, kind: counter, period_s: 0.1, governs: [concentration]}
identity: [{from: type, equals: [0x2401]}]
"""
CASE = """template: huaxin-gt100
settings: {order: CDAB}
registers: {holding: {0: [0x2401], 2: [0x3333, 0x41BB, 3]}}
tags: [{ref: concentration, unit: "%LEL", value: 23.4, reason: inhibited}]
"""


def made_up_detector() -> Instrument:
    """Return a detector that shows 23.4 %LEL, low word first, and steps its heartbeat."""
    high, low = struct.unpack(">HH", struct.pack(">f", 23.4))
    words = holding(0, 0x2401, 0, low, high, 1, 250, 0)

    def step(instrument: Instrument) -> None:
        instrument.words[Area.HOLDING, 6] += 1

    return Instrument(words, after=step)


async def test_from_a_register_table_to_a_tested_template(tmp_path: Path):
    """A table becomes a template; the live value gives its word order; what was seen is a case."""
    (tmp_path / "registers.csv").write_text(TABLE, encoding="utf-8")
    own = tmp_path / "own"
    new = ("device", "new", "huaxin-gt100", "--from", tmp_path / "registers.csv", "--out", own)
    assert (await suian(*new))[0] == 0
    assert (await suian("device", "test", own))[0] == 0
    code, said = await suian(*new)
    assert (code, "is there already" in said) == (2, True)

    file = own / "huaxin-gt100.yaml"
    file.write_text(file.read_text() + GATES)
    case = own / "cases" / "inhibited"
    case.mkdir()
    (case / "case.yaml").write_text(CASE)
    code, said = await suian("device", "test", own)
    assert (code, "FAIL" in said) == (2, True)  # the identity does not fit the scaffold's words
    (own / "cases" / "huaxin-gt100-as-printed" / "case.yaml").unlink()
    code, said = await suian("device", "test", own)
    assert (code, "1 of 1 pass" in said) == (0, True)

    detector = made_up_detector()
    async with on_tcp(detector) as where:
        target = f"tcp://{where}"
        probe = ("device", "probe", target, "--template", file)
        code, said = await suian(*probe)
        assert code == 0
        assert "another word order?" in said
        code, said = await suian("device", "probe", target, "--scan", "23.4", "--around", "40003")
        assert code == 0
        assert 'found: {at: 2, type: f32, order: CDAB, printed: "40003"}' in said
        assert "printed - 40001" in said
        code, said = await suian(*probe, "--set", "order=CDAB")
    assert code == 0
    row = next(line for line in said.splitlines() if line.startswith("concentration"))
    assert row.split() == [
        *("concentration", "holding", "2-3", "f32", "CDAB", "3333", "41BB"),
        *("23.4", "23.4", "%LEL", "good", "ok"),
    ]
    assert "heartbeat heartbeat: moves" in said
    assert "as the template says" in said
    assert {function for _, function, _, _ in detector.asked} <= {3, 4}
