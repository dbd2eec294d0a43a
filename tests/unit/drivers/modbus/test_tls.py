"""Modbus/TCP Security: both sides show who they are, and nobody else is believed."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest

from edge.drivers.modbus.link import SharedLink
from edge.drivers.modbus.requests import RequestError
from edge.drivers.modbus.wire import tls_context
from edge.drivers.template import Area
from edge.site.link import Link, Tls
from edge.site.model import Device
from edge.tag import Reason
from tests.conformance.certificates import Authority, make_certificates
from tests.conformance.field import modbus_link
from tests.unit.drivers.modbus.others import HOLDING, pymodbus_server

UNIT = Device(id="D", link="l", template="x", unit_id=1)


async def refusal(link: Link, folder: Path) -> str:
    """Return why reading over `link` cannot connect."""
    shared = SharedLink(link, [UNIT], folder)
    try:
        async with asyncio.timeout(20):
            while True:  # TLS 1.3 tells a client that it is not wanted after the handshake
                with pytest.raises(RequestError) as caught:
                    await shared.read(1, Area.HOLDING, 0, 1)
                if "not yet due" not in caught.value.detail:
                    break
                await asyncio.sleep(0.02)
    finally:
        shared.close()
    assert caught.value.reason is Reason.NOT_CONNECTED
    return caught.value.detail


def altered(link: Link, **changes: str) -> Link:
    """Return the link with other certificates."""
    assert link.tls is not None
    return link.model_copy(update={"tls": link.tls.model_copy(update=changes)})


async def test_only_who_is_signed_and_named_is_believed(tmp_path: Path):
    """A foreign authority, another name and a missing certificate are refused, with the reason."""
    link = modbus_link("modbus-tls", tmp_path, timeout_s=2.0)
    stranger = tmp_path / "stranger"
    stranger.mkdir()
    Authority(stranger).issue("gateway", [])
    async with pymodbus_server(link, tmp_path):
        shared = SharedLink(link, [UNIT], tmp_path)
        assert await shared.read(1, Area.HOLDING, 0, 1) == HOLDING[0].to_bytes(2)
        shared.close()
        detail = await refusal(altered(link, ca="stranger/ca.pem"), tmp_path)
        assert "is not believed" in detail
        detail = await refusal(altered(link, server_name="gds.example"), tmp_path)
        assert "gds.example" in detail
        foreign = {"certificate": "stranger/gateway.pem", "key": "stranger/gateway.key"}
        assert await refusal(altered(link, **foreign), tmp_path)
        detail = await refusal(altered(link, key="tls/nowhere.key"), tmp_path)
        assert "tls/nowhere.key cannot be used" in detail


async def test_a_server_by_its_name(tmp_path: Path):
    """A certificate for a name is believed under that name, whatever address it is found at."""
    link = modbus_link("modbus-tls", tmp_path, timeout_s=2.0)
    authority = Authority(tmp_path / "tls")
    authority.issue("field", ["gds-1.plant"])
    authority.issue("gateway", [])
    async with pymodbus_server(link, tmp_path):
        assert "is not believed" in await refusal(link, tmp_path)
        named = SharedLink(altered(link, server_name="gds-1.plant"), [UNIT], tmp_path)
        assert await named.read(1, Area.HOLDING, 0, 1) == HOLDING[0].to_bytes(2)
        named.close()


async def test_who_takes_the_connection_and_says_nothing_is_not_waited_for(tmp_path: Path):
    """A peer that accepts and never shakes hands is not connected, within the time-out."""
    link = modbus_link("modbus-tls", tmp_path, timeout_s=0.2)
    held: list[asyncio.StreamWriter] = []

    async def accept(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.append(writer)

    server = await asyncio.start_server(accept, "127.0.0.1", link.port)
    assert "nobody answers" in await refusal(link, tmp_path)
    for writer in held:
        writer.close()
    server.close()
    await server.wait_closed()


def test_verification_is_never_off(tmp_path: Path):
    """Certificates are asked for, names are checked, and old protocols are refused."""
    tls: Tls = make_certificates(tmp_path)
    context = tls_context(tls, tmp_path)
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert len(context.get_ca_certs()) == 1  # the site's own, none of the system's
