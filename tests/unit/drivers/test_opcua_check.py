"""What a site may ask of an OPC UA link: faults before anything connects, and notes beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from edge.drivers import check_site
from edge.drivers.opcua.check import check_link, notes_of
from edge.drivers.opcua.pki import Pki
from edge.site.link import Link, Security
from edge.site.model import Device
from suian.sites import notes
from tests.conformance.field import TEMPLATES, make_site
from tests.peers.certificates import make
from tests.unit.commands.test_opcua import write_site

FAR = "192.0.2.7"


def link(**facts: Any) -> Link:
    """Return an OPC UA link; `security` is given as a site writes it."""
    return Link.model_validate({"id": "u", "kind": "opcua", "port": 4840, **facts})


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, ""),
        ({"host": "localhost"}, ""),
        ({"host": FAR, "security": {"policy": "none"}}, ""),
        ({"host": FAR, "security": {}}, ""),
        ({"host": FAR}, "says nothing of security"),
        ({"kind": "modbus-tcp", "mode": "poll"}, "'mode' is for OPC UA"),
        ({"kind": "modbus-tcp", "security": {}}, "'security' is for OPC UA"),
        ({"security": {"username": "a"}}, "go together"),
        ({"security": {"user_key": "key.pem"}}, "go together"),
        ({"security": {"username": "a", "password_file": "nowhere"}}, "is not there"),
        (
            {"host": FAR, "security": {"policy": "none", "username": "a", "password_file": "word"}},
            "readable",
        ),
        (
            {
                "security": {
                    "username": "a",
                    "password_file": "word",
                    "user_certificate": "word",
                    "user_key": "word",
                }
            },
            "Keep one of them",
        ),
    ],
)
def test_links(tmp_path: Path, facts: dict[str, Any], said: str):
    """Security of another machine must be stated, settings must fit the kind, files be there."""
    (tmp_path / "word").write_text("secret")
    found = [" ".join(pair) for pair in check_link(link(**facts), tmp_path)]
    assert any(said in text for text in found) if said else not found


def test_faults_are_the_sites(tmp_path: Path):
    """A site is refused for them as for any other, with the link's name."""
    far = link(host=FAR)
    site = make_site([far], [Device(id="D", link="u", template="opcua")], [])
    (fault,) = check_site(site, TEMPLATES)
    assert fault.subject == "u"
    assert "policy" in fault.remedy


def test_what_is_no_fault_is_noted(tmp_path: Path):
    """Policy none towards another machine, and files that others may read."""
    (tmp_path / "word").write_text("secret")
    (tmp_path / "word").chmod(0o644)
    assert "forge" in next(notes_of(link(host=FAR, security=Security(policy="none")), tmp_path))
    known = link(security=Security(username="a", password_file="word"))
    assert "chmod 600" in next(notes_of(known, tmp_path))
    (tmp_path / "word").chmod(0o600)
    assert list(notes_of(known, tmp_path)) == []
    assert list(notes_of(link(), tmp_path)) == []


def test_site_check_tells_of_certificates_that_end(tmp_path: Path):
    """Before its end a trusted certificate is noted, so that it is renewed in time."""
    write_site(tmp_path, 4840)
    assert notes(tmp_path) == []
    Pki(tmp_path / "pki").trust(make(tmp_path, "server", "urn:x", ends_d=20).certificate)
    (note,) = notes(tmp_path)
    assert "ends on" in note
