"""`suian opcua …` as an engineer uses it: against a running server, from another process."""

from __future__ import annotations

import asyncio
import csv
import json
import stat
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from tests.conformance.field import free_ports
from tests.peers.certificates import Made, make
from tests.peers.process import Peer, started

pytest.importorskip("asyncua")
from edge.drivers.opcua.pki import fingerprint

pytestmark = pytest.mark.asyncio(loop_scope="module")
URI = "urn:suian:peer:server"
TITLE = {"zh": "试", "en": "Test"}


@dataclass
class Bench:
    url: str
    peer: Peer
    server: Made
    root: Path

    async def run(self, *words: str, answer: str = "") -> tuple[int, str]:
        """Run `suian opcua` in the site's folder; return its exit code and what it printed."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "suian", "opcua", *words, "--site", str(self.root)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate(answer.encode())
        assert process.returncode is not None
        return process.returncode, said.decode()


def write_site(root: Path, port: int) -> None:
    """Write a site with one OPC UA link, `dcs`, that asks for security and a user."""
    security = {"username": "reader", "password_file": "password"}
    link = {"id": "dcs", "kind": "opcua", "port": port, "path": "/suian/peer", "security": security}
    site = {
        "suian": 1,
        "id": "little",
        "title": TITLE,
        "gateway": {"id": "gw"},
        "origin": {"lat_deg": 46, "lon_deg": 125},
        "areas": [{"id": "a", "title": TITLE}],
        "assets": [],
        "links": [link],
        "devices": [{"id": "DCS", "link": "dcs", "template": "opcua"}],
    }
    (root / "site.yaml").write_text(json.dumps(site))
    (root / "plan.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    (root / "tags.csv").write_text(
        "tag,title_zh,title_en,device,ref,asset,quantity,unit,range_low,range_high,period_s,x_m,y_m\n"
    )
    (root / "password").write_text("secret\n")
    (root / "password").chmod(0o600)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[int, Peer, Made]]:
    """A server with and without security, with a variable whose unit it tells."""
    made = make(tmp_path_factory.mktemp("server"), "server", URI)
    (port,) = free_ports(1)
    facts = {
        "application_uri": URI,
        "certificate": str(made.file),
        "key": str(made.key_file),
        "policies": ["NoSecurity", "Basic256Sha256_SignAndEncrypt"],
        "units": {"v1": "ppm"},
    }
    async with started(port, **facts) as peer:
        yield port, peer, made


@pytest.fixture
def bench(server: tuple[int, Peer, Made], tmp_path: Path) -> Bench:
    """The server, and a site of its own for each test."""
    port, peer, made = server
    write_site(tmp_path, port)
    return Bench(f"opc.tcp://127.0.0.1:{port}/suian/peer", peer, made, tmp_path)


async def test_discover_shows_what_is_offered(bench: Bench):
    """Policies, modes and the certificate's fingerprint, without a site."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "suian", "opcua", "discover", bench.url, stdout=-1
    )
    said = (await process.communicate())[0].decode()
    assert process.returncode == 0
    for word in ("Basic256Sha256 SignAndEncrypt", "none", "UserName", URI):
        assert word in said
    assert fingerprint(bench.server.certificate) in said


async def test_browse_prints_references_that_a_tag_list_takes(bench: Bench):
    """A table with reference, type, value, unit and access; every reference can be read back."""
    code, said = await bench.run("browse", bench.url, "--csv")
    assert code == 0, said
    rows = {row["name"]: row for row in csv.DictReader(said.splitlines())}
    assert rows["v1"]["ref"] == "nsu=urn:suian:peer;s=v1"
    assert (rows["v1"]["type"], rows["v1"]["value"]) == ("Double", "1")
    assert [rows["v1"][key] for key in ("unit", "range_low", "range_high")] == ["ppm", "0", "100"]
    assert rows["v1"]["access"].startswith("read")
    assert "EngineeringUnits" not in rows
    code, said = await bench.run("browse", bench.url, "--from", rows["v1"]["ref"])
    assert "v1" in said
    assert "v0" not in said


async def test_a_server_is_trusted_by_a_person_only(bench: Bench):
    """A link to an unknown server is refused until somebody has said yes; then it is browsed."""
    code, said = await bench.run("browse", "dcs")
    assert code == 2
    assert "suian opcua trust dcs" in said
    code, said = await bench.run("trust", "dcs", answer="n\n")
    assert "not trusted" in said
    assert not (bench.root / "pki" / "trusted").exists()
    code, said = await bench.run("trust", "dcs", answer="y\n")
    assert code == 0, said
    assert fingerprint(bench.server.certificate) in said
    code, said = await bench.run("browse", "dcs")
    assert code == 0, said
    assert "nsu=urn:suian:peer;s=v1" in said


async def test_a_fingerprint_decides_without_asking(bench: Bench):
    """A wrong one trusts nobody, the right one in any spelling does."""
    code, said = await bench.run("trust", "dcs", "--fingerprint", "AB:CD")
    assert code == 2
    assert "not trusted" in said
    right = fingerprint(bench.server.certificate).lower().replace(":", "")
    code, said = await bench.run("trust", bench.url, "--fingerprint", right)
    assert code == 0, said
    assert len(list((bench.root / "pki" / "trusted").iterdir())) == 1


async def test_the_own_certificate_is_made_once(bench: Bench):
    """It is shown with the file to give away; its key is readable by its owner alone."""
    first = await bench.run("certificate")
    assert first[0] == 0, first[1]
    assert (await bench.run("certificate")) == first
    key = bench.root / "pki" / "own" / "key.pem"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("browse", "nowhere"), "dcs"),
        (("browse", "opc.tcp://127.0.0.1:1"), "not-connected"),
        (("browse", "opc.tcp://"), "is no address"),
        (("browse", "dcs", "--from", "ns=2;s=v1"), "by an index"),
    ],
    ids=["no such link", "nobody there", "no address", "an index"],
)
async def test_what_is_wrong_is_said_in_a_line(bench: Bench, words: tuple[str, ...], said: str):
    """No trace, exit code 2, and what to write instead."""
    code, text = await bench.run(*words)
    assert code == 2
    assert said in text
    assert "Traceback" not in text
