"""A flood through core's real process: registers that all jump, journal, and horn."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import orjson

from edge.clock import NS
from edge.drivers import load_templates
from edge.drivers.base import Reading
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
PATIENCE_S, LOOK_S = 30.0, 0.3


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
        await _all_raised(folder / "state" / "journal.db")
        await processes.stop("core")  # a clean stop leaves nothing unwritten
    finally:
        await processes.stop_all()
        await field.stop()
    raised = _Raised(folder / "state" / "journal.db")
    lost = TRANSITIONS - raised.read()
    stamps = sorted(raised.found.values())
    return Flood(lost, horn_s, (stamps[-1] - stamps[0]) / NS)


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


class _Raised:
    """The conditions of which the journal holds the raised event, each with its UTC ns."""

    def __init__(self, path: Path) -> None:
        self._reader, self._seq = JournalReader(path), 0
        self.found: dict[str, int] = {}

    def read(self) -> int:
        """Read on in the journal; return how many there are."""
        while rows := self._reader.events(self._seq, PAGE):
            self._seq = rows[-1].seq
            for row in rows:
                if row.kind == "alarm.raised" and not row.subject.endswith("/bad"):
                    self.found.setdefault(row.subject, row.utc_ns)
        return len(self.found)


async def _all_raised(path: Path) -> None:
    """Wait until the journal has them all, or for `PATIENCE_S` [s]."""
    raised = _Raised(path)
    for _ in range(round(PATIENCE_S / LOOK_S)):
        if raised.read() >= TRANSITIONS:
            return
        await asyncio.sleep(LOOK_S)


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
