"""What a link's OPC UA settings ask that cannot be, or must not be silent; without asyncua."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from edge.drivers.opcua.refs import check_ref
from edge.drivers.template import OpcUaTemplate
from edge.site.link import LOOPBACK, Link, Security
from edge.site.model import Device


def check_link(link: Link, root: Path) -> Iterator[tuple[str, str]]:
    """Yield each fault of a link's `mode` and `security` as (problem, remedy).

    `root` is the folder that a user's files are relative to.
    """
    if link.kind != "opcua":
        for key in ("mode", "security"):
            if key in link.model_fields_set:
                yield f"'{key}' is for OPC UA links, this one is {link.kind}", "Remove it"
        return
    security = link.security
    if security is None:
        if link.host not in LOOPBACK:
            problem = f"says nothing of security, and {link.host} is another machine"
            yield problem, _WRITE
        return
    yield from _check_user(link, security, root)


_WRITE = (
    "Write security: {policy: Basic256Sha256}, or {policy: none} where the network is closed and"
    " the server can do no better"
)


def _check_user(link: Link, security: Security, root: Path) -> Iterator[tuple[str, str]]:
    if security.username and security.user_certificate:
        yield "names a user by name and by certificate", "Keep one of them"
    for key, other in (("username", "password_file"), ("user_certificate", "user_key")):
        if bool(getattr(security, key)) != bool(getattr(security, other)):
            yield f"'{key}' and '{other}' go together", "Write both or neither"
    for key in ("password_file", "user_certificate", "user_key"):
        file = str(getattr(security, key))
        if file and not (root / file).is_file():
            yield f"{key} {file!r} is not there", "Put it there, relative to the site's folder"
    if security.username and security.policy == "none" and link.host not in LOOPBACK:
        yield "a password without a policy may cross the network readable", "Write a policy"


def check_settings(template: OpcUaTemplate, device: Device) -> Iterator[tuple[str, str]]:
    """Yield each setting of `device` that is none of its template's, or names no node."""
    known = [gate.setting for gate in template.gates if gate.setting]
    for key, value in device.settings.items():
        if key not in known:
            yield (
                f"{template.id} has no setting {key!r}",
                f"Its settings: {', '.join(known) or '-'}",
            )
        elif problem := check_ref(str(value)):
            yield f"{key}: {problem}", "Write nsu=<namespace uri>;s=<identifier>"


def notes_of(link: Link, root: Path) -> Iterator[str]:
    """Yield what is no fault of a link, and should be known all the same."""
    security = link.security
    if security is None:
        return
    if security.policy == "none" and link.host not in LOOPBACK:
        yield f"link {link.id}: policy none: anybody on its network can read and forge its values"
    for file in filter(None, (security.password_file, security.user_key)):
        path = root / file
        if path.is_file() and path.stat().st_mode & 0o077:
            yield f"{path}: others than its owner may read it; run: chmod 600 {path}"
