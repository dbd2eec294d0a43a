"""Serial lines: listened to first, left alone where a master talks, and decoded instead."""

from __future__ import annotations

import asyncio
import os
import struct
from pathlib import Path

import pytest

from edge.control import ControlServer, Handlers
from edge.drivers.template import Area
from edge.errors import DeviceError
from edge.site.link import Link, Tls
from simulator.field.modbus_frames import RtuFrames
from suian.device.probe import ProbeOptions, probe
from suian.device.quiet import LineBusyError
from suian.device.scan import Dump, raw
from suian.device.shelf import find_modbus
from suian.device.sniff import sniff
from suian.device.target import as_it_likes, link_of, target
from tests.conformance.field import modbus_link
from tests.unit.control.kit import HELLO
from tests.unit.device.rig import Instrument, holding, on_line, on_tcp, suian
from tests.unit.drivers.modbus.frames import rtu
from tests.unit.drivers.modbus.others import HOLDING, pymodbus_server

LISTEN_S = 0.4
TEMPLATE = find_modbus("gds-gasmax")
DUMP = Dump(Area.HOLDING, 0, 4)
POLL = [
    rtu("05 03 006B 0003"),
    rtu("05 03 06 022B 0000 0064"),
    rtu("06 04 0000 0001"),
    rtu("06 84 02"),
]


async def heard(port: str, far: int, frames: list[bytes]) -> None:
    """Let another master and its instruments talk while somebody listens."""
    for frame in frames:
        await asyncio.sleep(0.02)
        os.write(far, frame)


async def test_a_quiet_line_is_probed():
    """Where nobody talks the device is asked, after the time of listening."""
    instrument = Instrument(holding(0, 1, 2, 3, 4))
    said: list[str] = []
    async with on_line(instrument) as (port, _):
        began = asyncio.get_running_loop().time()
        assert await raw(target(f"rtu://{port}", None, 1), DUMP, LISTEN_S, said.append)
        assert asyncio.get_running_loop().time() - began >= LISTEN_S
    assert instrument.asked == [(1, 3, 0, 4)]


async def test_through_a_serial_server_too():
    """RTU over TCP is listened to and then asked like a line."""
    instrument = Instrument(holding(0, 1, 2, 3, 4))
    async with on_tcp(instrument, RtuFrames) as where:
        aim = target(f"rtu+tcp://{where}", None, 7)
        assert await raw(aim, DUMP, LISTEN_S, lambda _: None)
    assert instrument.asked == [(7, 3, 0, 4)]


async def test_where_another_master_talks_nothing_is_sent():
    """The refusal names who is polled for what; not a byte of ours goes out."""
    async with on_line(None) as (port, far):
        aim = target(f"rtu://{port}", None, 1)
        probing = asyncio.create_task(probe(aim, TEMPLATE, ProbeOptions(listen_s=LISTEN_S), print))
        await asyncio.sleep(0)
        await heard(port, far, POLL)
        with pytest.raises(LineBusyError, match="another master talks") as refused:
            await probing
        with pytest.raises(BlockingIOError):
            os.read(far, 1)
    assert "unit 5 read holding 107 x3: asked 1 times" in str(refused.value)
    assert "unit 6: 0 answers to 1 requests, 1 exceptions (code 2)" in str(refused.value)


async def test_noise_at_another_speed_is_no_silence():
    """Bytes without a frame keep us from sending as well, and the words say what it may be."""
    async with on_line(None) as (port, far):
        aim = target(f"rtu://{port}", None, 1)
        probing = asyncio.create_task(raw(aim, DUMP, LISTEN_S, print))
        await asyncio.sleep(0)
        await heard(port, far, [b"\xff\x00\x80\x7f\x11"])
        with pytest.raises(LineBusyError, match="another speed"):
            await probing


async def test_a_sniff_decodes_the_conversation_through_a_template():
    """Frames come as lines; answers become values of the template's points; damage is counted."""
    template = find_modbus("igd-toc635")
    said: list[str] = []
    talk = [
        rtu("09 04 0000 0002"),
        rtu(b"\x09\x04\x04" + struct.pack(">HH", 100, 334)),
        rtu("09 04 0BB8 0002"),
        rtu("09 04 04 0000 0000"),
        b"\x01\x02\x03\x04\x05\x06",
    ]
    async with on_line(None) as (port, far):
        listening = asyncio.create_task(
            sniff(link_of(f"rtu://{port}"), 0.6, template, {}, None, said.append)
        )
        await asyncio.sleep(0)
        await heard(port, far, talk)
        traffic = await listening
    text = "\n".join(said)
    assert traffic.masters_talk
    assert "->  unit 9 read input 0 x2" in text
    assert "<-  unit 9 read input 0 x2: 100 334" in text
    assert "damaged (CRC): 1 pieces, 6 of" in text
    row = next(line for line in said if line.startswith("concentration[2]"))
    assert row.split()[-5:] == ["334", "23.4", "%LEL", "good", "ok"]


async def test_a_line_that_is_not_there_is_said():
    """A port that does not exist is an error in words, from the command as well."""
    with pytest.raises(DeviceError, match="No such file"):
        await raw(target("rtu:///dev/ttyNone", None, 1), DUMP, LISTEN_S, print)
    code, said = await suian("device", "sniff", "rtu:///dev/ttyNone", "--for", "0.1")
    assert (code, "No such file" in said) == (2, True)
    code, said = await suian("device", "probe", "rtu:///dev/ttyNone", "--listen-s", "1")
    assert (code, "5" in said) == (2, True)


def test_addresses_are_read_as_written():
    """Each kind of address becomes its link."""
    assert link_of("tcp://10.0.0.5").port == 502
    rtu_link = link_of("rtu:///dev/ttyUSB0?baud=19200&parity=even&stop_bits=2")
    assert rtu_link.serial is not None
    assert rtu_link.serial.model_dump() == {
        "port": "/dev/ttyUSB0",
        "baud": 19200,
        "parity": "even",
        "data_bits": 8,
        "stop_bits": 2,
    }
    assert isinstance(link_of("rtu+tcp://10.0.0.7:4001"), Link)
    tls = link_of("tls://10.0.0.8?ca=ca.pem&certificate=c.pem&key=k.pem&server_name=gds")
    assert (tls.kind, tls.port) == ("modbus-tls", 802)
    assert tls.tls == Tls(ca="ca.pem", certificate="c.pem", key="k.pem", server_name="gds")


async def test_a_device_behind_tls_is_read(tmp_path: Path):
    """With the certificates named in the address its registers come; without them it is said."""
    link = modbus_link("modbus-tls", tmp_path)
    place = tmp_path / "tls"
    files = f"ca={place}/ca.pem&certificate={place}/gateway.pem&key={place}/gateway.key"
    async with pymodbus_server(link, tmp_path):
        where = f"tls://127.0.0.1:{link.port}?{files}"
        code, said = await suian("device", "probe", where, "--raw", "holding:0:1")
    assert code == 0
    assert said.splitlines()[1].split()[:3] == ["0", f"{HOLDING[0]:04X}", str(HOLDING[0])]
    code, said = await suian("device", "probe", "tls://h?ca=a", "--raw", "holding:0:1")
    assert (code, "certificate: Field required" in said) == (2, True)


async def test_a_core_on_this_machine_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Who probes beside a running gateway is told that the two may be in each other's way."""
    monkeypatch.setattr("suian.device.figures.RUN", tmp_path)
    async with on_tcp(Instrument(holding(0, 1))) as where:
        words = ("device", "probe", f"tcp://{where}", "--raw", "holding:0:1")
        assert "suian-core" not in (await suian(*words))[1]
        async with ControlServer(tmp_path / "core.sock", HELLO, Handlers()):
            code, said = await suian(*words)
    assert code == 0
    assert said.startswith("note: suian-core runs on this machine.")
    assert "0001" in said


def test_a_device_is_asked_as_its_template_says():
    """Rests and patience of the template hold for a bare address and for a site's device."""
    slow = find_modbus("honeywell-touchpoint-pro")
    assert target("tcp://h", None, 1, slow).link.gap_s == 1
    patient = link_of("tcp://h").model_copy(update={"timeout_s": 5.0, "gap_s": 3.0})
    assert as_it_likes(patient, slow) == patient
