"""A flood through core's real process: registers that all jump, journal, and horn."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import orjson

from edge.clock import NS
from edge.drivers import load_templates
from edge.drivers.base import Reading
from edge.errors import CommandError
from edge.journal import JournalReader
from edge.site import load_site
from simulator.field import FieldServers
from suian.demo.processes import Processes
from suian.demo.workspace import free_ports
from tests.gateway import GOOD, Gateway, until_good
from tests.peers.register_site import write_register_site

DEVICES, REGISTERS = 20, 125  # 2,500 detectors, each with two levels
TRANSITIONS = 2 * DEVICES * REGISTERS
PERIOD_S = 0.5  # all devices have told of it within this
GAS_PPM = 5.0  # above both levels, within the range
PAGE = 5000


@dataclass(frozen=True, slots=True)
class Flood:
    """What one flood came to. `span_s` is from the first raised alarm's stamp to the last one's."""

    lost: int
    horn_s: float
    span_s: float


async def flood(folder: Path) -> Flood:
    """Raise `TRANSITIONS` alarms at once; return what became of them."""
    site_folder = _site(folder / "site")
    site = load_site(site_folder)
    field = FieldServers(site, load_templates(site_folder / "templates"))
    for name in ("state", "run", "logs"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    processes = Processes(folder / "logs")
    arguments = ["--site", str(site_folder), "--state", str(folder / "state")]
    arguments += ["--run", str(folder / "run")]
    await field.start()
    try:
        built = Gateway(site, field, processes, arguments, folder / "run", 0)
        await built.start("core")
        built.rest()
        await until_good(built, 1.0)
        horn_s = await _jump(built)
        await _settled(built)
        await processes.stop("core")  # a clean stop leaves nothing unwritten
    finally:
        await processes.stop_all()
        await field.stop()
    raised = _raised(folder / "state" / "journal.db")
    stamps = sorted(raised.values())
    return Flood(TRANSITIONS - len(raised), horn_s, (stamps[-1] - stamps[0]) / NS)


async def _jump(built: Gateway) -> float:
    """Let every register jump; return seconds from the first answer that tells to the horn."""
    loop = asyncio.get_running_loop()
    first: asyncio.Future[int] = loop.create_future()

    def on_served(_tag: str, mono_ns: int) -> None:
        if not first.done():
            first.set_result(mono_ns)

    written = built.horn_written()
    built.field.on_served = on_served
    for tag in built.site.tags.values():
        if tag.device in built.site.devices:
            built.field.set_tag(tag.name, Reading(GAS_PPM, *GOOD))
    horn_ns = await asyncio.wait_for(written, 30)
    return (horn_ns - await first) / NS


async def _settled(built: Gateway) -> None:
    """Wait until core has every alarm standing; its list is not asked for, only how long it is."""
    async with asyncio.timeout(60):
        while True:
            try:
                text = (await built.command("metrics", {}))["text"]
            except CommandError:  # core had no time to answer
                continue
            lines = (line.split() for line in text.splitlines() if "alarms_standing" in line)
            if any(float(words[-1]) >= TRANSITIONS for words in lines if words[0] != "#"):
                return
            await asyncio.sleep(0.2)


def _raised(path: Path) -> dict[str, int]:
    """Return each condition of which the journal holds the raised event, with its UTC ns."""
    reader = JournalReader(path)
    found: dict[str, int] = {}
    seq = 0
    while rows := reader.events(seq, PAGE):
        seq = rows[-1].seq
        for row in rows:
            if row.kind == "alarm.raised" and not row.subject.endswith("/bad"):
                found.setdefault(row.subject, row.utc_ns)
    return found


def _site(folder: Path) -> Path:
    """Write the detectors' site and put a horn to it."""
    field_port, tower_port, console_port = free_ports(3)
    write_register_site(folder, [field_port], DEVICES, REGISTERS, PERIOD_S)
    path = folder / "site.yaml"
    site = orjson.loads(path.read_bytes())
    site["links"].append({"id": "tower", "kind": "modbus-tcp", "port": tower_port})
    tower = {"id": "TOWER", "link": "tower", "template": "patlite-la6-poe", "world": "test"}
    site["devices"].append(tower)
    output = {"id": "horn", "kind": "horn", "point": "buzzer", "on": 2, "off": 0}
    site["annunciators"] = [
        {"id": "tower", "device": "TOWER", "areas": ["plant"], "outputs": [output]}
    ]
    site["console"] = {"port": console_port}
    path.write_bytes(orjson.dumps(site))
    return folder
