"""Small sites and real field servers on loopback, for tests of drivers and servers."""

from __future__ import annotations

import pickle
import random
import socket
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from edge.drivers import load_templates
from edge.site.model import Area, Asset, Device, Gateway, Link, Origin, Point, Site, SiteFile, Title
from edge.tag import Position, Tag
from edge.units import Unit

TEMPLATES = load_templates()
TITLE = Title(zh="试", en="Test")


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on just now, below those that clients are given."""
    ports: list[int] = []
    while len(ports) < count:
        port = random.randrange(12_000, 32_000)
        with closing(socket.socket()) as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                sock.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in ports:
            ports.append(port)
    return ports


def listening(port: int) -> bool:
    """Whether somebody accepts connections on `port`."""
    with closing(socket.socket()) as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


def served_now(link: Link) -> bool:
    """Whether somebody serves `link`."""
    if link.kind == "modbus-rtu" and link.serial is not None:
        return Path(link.serial.port).exists()
    return listening(link.port)


def modbus_link(kind: str, root: Path, **more: object) -> Link:
    """Return a link of a Modbus `kind` that can be served now; its files stand in `root`."""
    facts: dict[str, object] = {"id": "l", "kind": kind, "port": free_ports(1)[0], **more}
    if kind == "modbus-rtu":
        facts["serial"] = {"port": str(root / "tty"), "baud": 115200}
    if kind == "modbus-tls":
        from tests.conformance.certificates import make_certificates  # noqa: PLC0415  # heavy

        facts["tls"] = make_certificates(root)
    return Link.model_validate(facts)


def make_tag(
    name: str,
    device: str,
    ref: str,
    unit: Unit = Unit.PPM,
    low: float = 0.0,
    high: float = 100.0,
) -> Tag:
    """Return a tag of `device` with nothing else special about it."""
    return Tag(
        name=name,
        title_zh=name,
        title_en=name,
        device=device,
        ref=ref,
        asset="A-1",
        area="a",
        substance="",
        quantity="concentration",
        unit=unit,
        range_low=low,
        range_high=high,
        period_s=1.0,
        position=Position(0, 0),
    )


def make_site(
    links: Sequence[Link],
    devices: Sequence[Device],
    tags: Sequence[Tag],
    root: Path = Path("nowhere"),
    **more: object,
) -> Site:
    """Return a site of just these in the folder `root`; `more` goes into the site file."""
    file = SiteFile(
        suian=1,
        id="test",
        title=TITLE,
        gateway=Gateway(id="gw"),
        origin=Origin(lat_deg=46, lon_deg=125),
        areas=(Area(id="a", title=TITLE),),
        assets=(Asset(id="A-1", title=TITLE, kind="unit", area="a", position=Point(x_m=0, y_m=0)),),
        links=tuple(links),
        devices=tuple(devices),
        **more,  # pyright: ignore[reportArgumentType]  # checked by the model itself
    )
    return Site(file, root, "hash", {tag.name: tag for tag in tags}, {})


def quick_opcua_servers() -> None:
    """Let OPC UA servers share one reading of the standard's six thousand nodes.

    They are the same in every test and take seconds to make; nothing else of the server changes.
    """
    from asyncua.server import internal_server  # noqa: PLC0415  # only where OPC UA is installed

    original = internal_server.InternalServer.load_standard_address_space
    kept: list[bytes] = []

    async def load(self: Any, shelf_file: Path | None = None) -> None:
        if kept:
            self.aspace._nodes = pickle.loads(kept[0])
            return
        await original(self, shelf_file)
        kept.append(pickle.dumps(self.aspace._nodes, pickle.HIGHEST_PROTOCOL))

    internal_server.InternalServer.load_standard_address_space = load
