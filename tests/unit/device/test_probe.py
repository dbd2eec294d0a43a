"""A live device through a template: what came, what it means, what is wrong with it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edge.drivers.load import parse_template
from edge.drivers.template import Area, ModbusTemplate
from suian.device.probe import ProbeOptions, probe
from suian.device.target import target
from tests.conformance.field import free_ports
from tests.unit.device.rig import Instrument, holding, on_tcp, suian

TEMPLATE = """suian_template: 1
id: own-two
protocol: modbus
vendor: v
model: m
kinds: [toxic gas]
confidence: partial
source: [{title: t}]
addressing: {rule: r, basis: derived}
registers:
  type_code: {at: 0}
  state: {at: 1, values: {1: run, 3: inhibited}, fields: {relay: {bits: 15}}}
  beat: {at: 2}
  unit_code: {at: 3, units: {1: ppm, 2: "%LEL"}}
  concentration: {at: 4, channels: 2, stride: 1, scale: 0.1, units_from: unit_code}
  serial_no: {at: 6, type: text, registers: 2}
  missing: {at: 9}
  relays: {at: 0, area: coil, type: bit, channels: 9, stride: 1}
identity: [{from: type_code, equals: [7]}]
heartbeat: {from: beat, kind: counter, period_s: 0.01, governs: [concentration]}
gates: [{from: state, governs: [concentration], when: {1: ok, 3: inhibited}, otherwise: device-bad}]
"""


def own() -> ModbusTemplate:
    template = parse_template("own.yaml", TEMPLATE, [])
    assert isinstance(template, ModbusTemplate)
    return template


def instrument() -> Instrument:
    """Return a device with two channels, one of which stands behind an inhibited state."""
    words = holding(0, 7, 3, 41, 2, 234, 100, 0x4142, 0x4300)
    return Instrument(words | {(Area.COIL, at): at % 2 for at in range(16)})


async def probed(device: Instrument, **options: object) -> list[str]:
    """Return what a probe says of `device`."""
    said: list[str] = []
    async with on_tcp(device) as where:
        aim = target(f"tcp://{where}", None, 1, own())
        made = ProbeOptions(pause_s=0.05, **options)  # pyright: ignore[reportArgumentType]
        assert await probe(aim, own(), made, said.append)
    return said


def row(said: list[str], name: str) -> str:
    """Return the line of a point, with single blanks."""
    return " ".join(next(line for line in said if line.split()[:1] == [name]).split())


async def test_raw_and_engineering_values_stand_beside_each_other():
    """Words, raw number, value, the device's own unit, quality, reason and the code's meaning."""
    device = instrument()
    said = await probed(device)
    assert row(said, "concentration[1]").endswith("00EA 234 23.4 %LEL uncertain inhibited")
    assert row(said, "state").endswith("0003 3 3 good ok inhibited")
    assert row(said, "state.relay") == "state.relay holding 1 bit 15 u16 0003 0 0 bool good ok"
    assert row(said, "relays[2]") == "relays[2] coil 1 bit 1 1 1 bool good ok"
    assert "text serial_no: 'ABC'" in said
    assert "identity at holding 0: 7, as the template says" in said
    assert "heartbeat beat: STANDS STILL at 41 for 0.05 s; a step takes 0.01 s" in said
    assert "refused: holding 9: exception 2 (no such address)" in said
    assert row(said, "missing").endswith("???? - - bad device-exception")
    assert "not asked: relays: channels 5 to 9 (--channels)" in said
    assert {function for _, function, _, _ in device.asked} <= {1, 3}


async def test_another_device_and_a_beating_heart_are_said():
    """An identity that differs is shouted; a heartbeat that moves is said to."""
    device = instrument()
    device.words[Area.HOLDING, 0] = 8

    def step(one: Instrument) -> None:
        one.words[Area.HOLDING, 2] += 1

    device.after = step
    said = await probed(device)
    assert any("8, THE TEMPLATE SAYS 7" in line for line in said)
    assert any(line.startswith("heartbeat beat: moves (4") for line in said)


async def test_a_watch_shows_what_has_changed():
    """After the first look only the points that moved are shown again."""
    device = instrument()

    def step(one: Instrument) -> None:
        one.words[Area.HOLDING, 4] += 1

    device.after = step
    said = await probed(device, watch=True, every_s=0.0, rounds=2)
    watched = said[next(at for at, line in enumerate(said) if line.startswith("watching")) :]
    assert any(line.strip().startswith("concentration[1]") for line in watched)
    assert not any(line.strip().startswith("concentration[2]") for line in watched)


async def test_nobody_there_ends_with_words_and_a_code(tmp_path: Path):
    """A device that does not answer is no empty table."""
    (port,) = free_ports(1)
    file = tmp_path / "own-two.yaml"
    file.write_text(TEMPLATE)
    code, said = await suian("device", "probe", f"tcp://127.0.0.1:{port}", "--template", file)
    assert code == 2
    assert "no answer" in said
    code, said = await suian("device", "probe", f"tcp://127.0.0.1:{port}")
    assert (code, "--raw holding:0:10" in said) == (2, True)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("nowhere://x", "--template", "igd-toc635"), "is no address of a Modbus device"),
        (("rtu+tcp://h", "--template", "igd-toc635"), "needs the port"),
        (("rtu:///dev/x?speed=9", "--template", "igd-toc635"), "has a 'speed'"),
        (("rtu:///dev/x?baud=9", "--template", "igd-toc635"), "baud"),
        (("tcp://127.0.0.1:1", "--template", "no-such"), "is no template at hand"),
        (("tcp://127.0.0.1:1", "--template", "opcua"), "is not for Modbus"),
        (("tcp://127.0.0.1:1", "--template", "igd-toc635", "--set", "a"), "is no setting"),
        (("tcp://127.0.0.1:1", "--template", "igd-toc635", "--set", "a=1"), "unknown settings"),
    ],
)
async def test_a_command_that_makes_no_sense_says_why(words: tuple[str, ...], says: str):
    """Each mistake ends with its reason and what to write, before anything is sent."""
    code, said = await suian("device", "probe", *words)
    assert code == 2
    assert says in said


async def test_a_device_of_a_site_shows_its_tags(tmp_path: Path):
    """With a site its link, settings, ranges and tag names are used."""
    title = {"zh": "试", "en": "Test"}
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "own-two.yaml").write_text(TEMPLATE)
    device = instrument()
    device.words[Area.HOLDING, 1] = 1
    async with on_tcp(device) as where:
        link = {"id": "l", "kind": "modbus-tcp", "port": int(where.partition(":")[2])}
        site = {
            "suian": 1,
            "id": "little",
            "title": title,
            "gateway": {"id": "gw"},
            "origin": {"lat_deg": 46, "lon_deg": 125},
            "areas": [{"id": "a", "title": title}],
            "assets": [],
            "links": [link],
            "templates": "templates",
            "devices": [{"id": "GD-1", "link": "l", "template": "own-two", "unit_id": 5}],
        }
        (tmp_path / "site.yaml").write_text(json.dumps(site))
        (tmp_path / "plan.geojson").write_text('{"type": "FeatureCollection", "features": []}')
        (tmp_path / "tags.csv").write_text(
            "tag,title_zh,title_en,device,ref,asset,quantity,unit,range_low,range_high,period_s,"
            "x_m,y_m\nAT-1,试,Test,GD-1,concentration[1],,concentration,%LEL,0,20,1,0,0\n"
        )
        code, said = await suian("device", "probe", "GD-1", "--site", tmp_path)
        assert code == 0
        found = next(line for line in said.splitlines() if "= AT-1" in line)
        assert found.split()[-4:] == ["23.4", "%LEL", "uncertain", "over-range"]
        assert {unit for unit, *_ in device.asked} == {5}
        code, said = await suian("device", "probe", "GD-9", "--site", tmp_path)
        assert (code, "Name one of GD-1" in said) == (2, True)
