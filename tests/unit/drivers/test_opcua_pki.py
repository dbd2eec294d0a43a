"""The gateway's own certificate, and whose certificates it trusts."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("cryptography")
from edge.drivers.opcua.faults import RefusedError
from edge.drivers.opcua.pki import Pki, describe, fingerprint, load, uris_of
from tests.peers.certificates import make

URI = "urn:plant:server"


def test_the_own_certificate_is_made_once_and_its_key_is_nobody_elses(tmp_path: Path):
    """On first need there is a key that only its owner reads, and the same one ever after."""
    pki = Pki(tmp_path / "pki")
    first = pki.identity()
    key = tmp_path / "pki" / "own" / "key.pem"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert pki.identity() == first
    assert uris_of(load(first.certificate)) == [first.uri]
    assert first.uri.startswith("urn:")
    assert list(pki.notes(datetime.now(UTC))) == []


def test_an_unknown_server_is_kept_as_rejected_and_refused(tmp_path: Path):
    """Who is not trusted is refused with the command that trusts him, and kept to be looked at."""
    server, pki = make(tmp_path, "server", URI), Pki(tmp_path / "pki")
    with pytest.raises(RefusedError, match="suian opcua trust dcs") as caught:
        pki.check(server.der, URI, "dcs")
    assert fingerprint(server.certificate) in str(caught.value)
    (kept,) = (tmp_path / "pki" / "rejected").iterdir()
    assert load(kept.read_bytes()) == server.certificate
    pki.trust(server.certificate)
    assert not kept.exists()
    pki.check(server.der, URI, "dcs")


def test_a_chain_is_checked_by_its_first(tmp_path: Path):
    """Servers send their issuer's certificate behind their own."""
    authority = make(tmp_path, "authority", ca=True, key=1)
    server = make(tmp_path, "server", URI, issuer=authority)
    pki = Pki(tmp_path / "pki")
    pki.trust(server.certificate)
    pki.check(server.der + authority.der, URI, "dcs")


@pytest.mark.parametrize(
    ("facts", "trusted"),
    [
        ({"ca": True}, True),
        ({"ca": False}, False),
        ({"ca": True, "begins_d": -20, "ends_d": -10}, False),
    ],
    ids=["a CA", "no CA", "a CA that has ended"],
)
def test_a_plants_authority_may_be_trusted(tmp_path: Path, facts: dict[str, Any], trusted: bool):
    """A server is trusted through the CA that signed it, if that is one and is valid."""
    authority = make(tmp_path, "authority", key=1, **facts)
    server = make(tmp_path, "server", URI, issuer=authority)
    forged = make(tmp_path, "forged", URI, issuer=authority._replace(key=server.key))
    pki = Pki(tmp_path / "pki")
    pki.trust(authority.certificate)
    if trusted:
        pki.check(server.der, URI, "dcs")
    else:
        with pytest.raises(RefusedError):
            pki.check(server.der, URI, "dcs")
    with pytest.raises(RefusedError):
        pki.check(forged.der, URI, "dcs")


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"begins_d": -20, "ends_d": -10}, "ended on"),
        ({"begins_d": 5, "ends_d": 10}, "is this clock right"),
        ({"uri": "urn:somebody:else"}, "calls itself"),
    ],
    ids=["ended", "not yet valid", "another application's"],
)
def test_a_trusted_certificate_must_be_valid_and_the_servers_own(
    tmp_path: Path, facts: dict[str, Any], said: str
):
    """Time and application URI are checked, each with words of its own."""
    every: dict[str, Any] = {"uri": URI, **facts}
    server = make(tmp_path, "server", **every)
    pki = Pki(tmp_path / "pki")
    pki.trust(server.certificate)
    with pytest.raises(RefusedError, match=said):
        pki.check(server.der, URI, "dcs")


def test_an_own_certificate_that_has_ended_is_said(tmp_path: Path):
    """It is not replaced in silence: the server trusts the old one."""
    own = tmp_path / "pki" / "own"
    made = make(own, "certificate", URI, begins_d=-20, ends_d=-10)
    made.key_file.rename(own / "key.pem")
    with pytest.raises(RefusedError, match="gateway's own certificate ended"):
        Pki(tmp_path / "pki").identity()


def test_what_cannot_be_read_or_written_is_said(tmp_path: Path):
    """A folder that is a file, a certificate that is none: each with what to do."""
    (tmp_path / "pki").write_text("no folder")
    with pytest.raises(RefusedError, match="suian opcua certificate"):
        Pki(tmp_path / "pki").identity()
    with pytest.raises(RefusedError, match="cannot be"):
        Pki(tmp_path / "pki").check(make(tmp_path, "server", URI).der, URI, "dcs")
    own = tmp_path / "other" / "own"
    own.mkdir(parents=True)
    (own / "certificate.der").write_bytes(b"no certificate")
    (own / "key.pem").write_bytes(b"no key")
    with pytest.raises(RefusedError, match="suian opcua certificate"):
        Pki(tmp_path / "other").identity()


def test_endings_are_told_before_they_come(tmp_path: Path):
    """Sixty days ahead, and for files that are none; a sound certificate is no news."""
    pki = Pki(tmp_path / "pki")
    for name, days in (("soon", 30), ("sound", 300)):
        pki.trust(make(tmp_path, name, URI, ends_d=days).certificate)
    (tmp_path / "pki" / "trusted" / "odd.der").write_bytes(b"odd")
    notes = list(pki.notes(datetime.now(UTC)))
    assert [any(word in note for note in notes) for word in ("soon", "odd", "sound")] == [
        True,
        True,
        False,
    ]
    later = datetime.now(UTC) + timedelta(days=400)
    assert any("sound" in note and "ended" in note for note in pki.notes(later))


def test_what_an_engineer_compares(tmp_path: Path):
    """Fingerprint, subject, application URI and validity are shown in words."""
    shown = dict(describe(make(tmp_path, "server", URI).certificate))
    assert shown["application URI"] == URI
    assert shown["subject"] == "CN=server"
    assert len(shown["fingerprint (SHA-256)"].split(":")) == 32
