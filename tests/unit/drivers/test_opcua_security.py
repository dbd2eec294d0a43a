"""Policies, users and trust, against an asyncua server with a certificate of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
import structlog

from edge.site.link import Security
from edge.tag import Quality, Reason
from tests.conformance.field import free_ports
from tests.peers.certificates import Made, make
from tests.peers.opcua import link_to, reading, tags_of
from tests.peers.process import started

pytest.importorskip("asyncua")
from edge.drivers.opcua.pki import Pki

pytestmark = pytest.mark.asyncio(loop_scope="module")
URI = "urn:suian:peer:server"
OFFERED = [
    f"{policy}_{mode}"
    for policy in ("Basic256Sha256", "Aes128Sha256RsaOaep", "Aes256Sha256RsaPss")
    for mode in ("Sign", "SignAndEncrypt")
]


@dataclass
class Bench:
    port: int
    server: Made

    def trusted_in(self, root: Path) -> Path:
        """Return a site's folder that trusts the server."""
        Pki(root / "pki").trust(self.server.certificate)
        return root


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bench(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bench]:
    """A server with all policies but None, that knows one user."""
    made = make(tmp_path_factory.mktemp("server"), "server", URI)
    (port,) = free_ports(1)
    facts = {
        "application_uri": URI,
        "certificate": str(made.file),
        "key": str(made.key_file),
        "policies": OFFERED,
        "users": True,
    }
    async with started(port, **facts) as _:
        yield Bench(port, made)


def write_password(root: Path, password: str = "secret") -> Security:
    """Return the user `reader` with a password in its file."""
    (root / "password").write_text(password + "\n")
    return Security(username="reader", password_file="password")


@pytest.mark.parametrize("mode", ["Sign", "SignAndEncrypt"])
@pytest.mark.parametrize(
    "policy", ["Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss"]
)
async def test_every_policy_carries_values(bench: Bench, tmp_path: Path, policy: str, mode: str):
    """Each policy in each mode subscribes and reads, with a certificate made on first need."""
    security = write_password(tmp_path).model_copy(update={"policy": policy, "mode": mode})
    link = link_to(bench.port, security=security)
    async with reading(link, tags_of("v1"), bench.trusted_in(tmp_path)) as seen:
        assert (await seen.value("v1", 1.0)).quality is Quality.GOOD
        await seen.until(lambda: len(seen.all) >= 2)  # read, and told of
    assert (tmp_path / "pki" / "own" / "certificate.der").exists()


async def test_an_unknown_server_is_refused_until_it_is_trusted(bench: Bench, tmp_path: Path):
    """The log names the command that trusts it; once it is trusted data come without a restart."""
    link = link_to(bench.port, security=write_password(tmp_path))
    with structlog.testing.capture_logs() as logged:
        async with reading(link, tags_of("v1"), tmp_path) as seen:
            await seen.reason("v1", Reason.CONFIGURATION)
            assert len(list((tmp_path / "pki" / "rejected").iterdir())) == 1
            bench.trusted_in(tmp_path)
            await seen.value("v1", 1.0)
    assert any("suian opcua trust u" in str(entry.get("detail")) for entry in logged)


async def test_a_user_with_a_certificate(bench: Bench, tmp_path: Path):
    """A user may be known by certificate and key instead of a password."""
    make(tmp_path, "user", key=2)
    security = Security(user_certificate="user.der", user_key="user.pem")
    link = link_to(bench.port, security=security)
    async with reading(link, tags_of("v1"), bench.trusted_in(tmp_path)) as seen:
        await seen.value("v1", 1.0)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"password": "wrong"}, "check user name and password"),
        ({"password_file": "nowhere"}, "the user's files"),
        ({"policy": "none"}, "it offers: Aes128_Sha256_RsaOaep Sign,"),
    ],
    ids=["wrong password", "no password", "a policy that is not offered"],
)
async def test_what_a_person_has_to_change_is_said(
    bench: Bench, tmp_path: Path, change: dict[str, str], said: str
):
    """Whatever is refused is a configuration fault on every tag, with words in the log."""
    security = write_password(tmp_path, change.pop("password", "secret"))
    link = link_to(bench.port, security=security.model_copy(update=change))
    with structlog.testing.capture_logs() as logged:
        async with reading(link, tags_of("v1"), bench.trusted_in(tmp_path)) as seen:
            await seen.reason("v1", Reason.CONFIGURATION)
    assert any(said in str(entry.get("detail")) for entry in logged), logged


async def test_a_server_that_uses_anothers_certificate_is_refused(bench: Bench, tmp_path: Path):
    """A trusted certificate without its key opens nothing: the session's signature is checked."""
    (port,) = free_ports(1)
    thief = make(tmp_path / "thief", "server", URI, key=3)
    facts = {
        "application_uri": URI,
        "certificate": str(bench.server.file),
        "key": str(thief.key_file),
        "policies": OFFERED,
    }
    async with started(port, **facts) as _:
        link = link_to(port, security=Security(), timeout_s=1.0)
        async with reading(link, tags_of("v1"), bench.trusted_in(tmp_path)) as seen:
            await seen.until(lambda: "v1" in seen.latest)
            assert seen.latest["v1"].quality is Quality.BAD
