"""What `suian opcua …` does: look at servers, and decide whom to trust."""

from __future__ import annotations

import asyncio
import csv
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

from asyncua.client.client import Client
from asyncua.ua.uaerrors import UaError
from cryptography import x509

from edge.drivers.opcua import pki
from edge.drivers.opcua.browse import Endpoint, Variable, browse, discover
from edge.drivers.opcua.faults import RefusedError
from edge.drivers.opcua.refs import parse_ref
from edge.drivers.opcua.security import client_of, plain_client, url_of
from edge.errors import ConfigError, DeviceError, Fault
from edge.site import Site, survey
from edge.site.model import Link
from edge.tag import Reason

SCHEME = "opc.tcp://"
PORT = 4840  # where an address names none
TIMEOUT_S = 5.0  # an engineer waits longer than a poller
T = TypeVar("T")


class Target(NamedTuple):
    """A server to speak to: its address, and its link where the site has one."""

    url: str
    link: Link | None
    root: Path
    pki: pki.Pki


def target(text: str, site: Path) -> Target:
    """Return the server that `text` names, an address or a link of `site`. Raises `ConfigError`."""
    if text.startswith(SCHEME) and site.is_dir() and not (site / "site.yaml").exists():
        return Target(address(text), None, site, pki.Pki(site / "pki"))
    loaded = _site(site)
    store = pki.Pki(loaded.root / loaded.file.pki)
    if text.startswith(SCHEME):
        return Target(address(text), None, loaded.root, store)
    link = loaded.links.get(text)
    if link is None or link.kind != "opcua":
        known = ", ".join(one.id for one in loaded.file.links if one.kind == "opcua") or "none"
        remedy = f"Name an address ({SCHEME}HOST:PORT/PATH) or one of: {known}"
        raise ConfigError([Fault("site.yaml", 0, text, "is no OPC UA link of this site", remedy)])
    return Target(url_of(link), link, loaded.root, store)


def _site(path: Path) -> Site:
    """Return what holds of a site: its links are used before its tag list is written."""
    site, faults = survey(path)
    if site is None:
        raise ConfigError(faults)
    return site


def address(text: str) -> str:
    """Return a server's address with its port. Raises `ConfigError` if it is none."""
    try:
        parts = urlsplit(text)
        port = parts.port or PORT
    except ValueError:
        parts, port = urlsplit(""), 0
    if parts.scheme != "opc.tcp" or not parts.hostname:
        remedy = f"Write {SCHEME}HOST:PORT/PATH"
        raise ConfigError([Fault("URL", 0, text, "is no address of an OPC UA server", remedy)])
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{SCHEME}{host}:{port}{parts.path}"


def show_endpoints(text: str) -> None:
    """Print what the server at address `text` offers: policies, users, certificates."""
    url = address(text)
    endpoints = _run(url, lambda: discover(url, TIMEOUT_S))
    for server in dict.fromkeys(one.server for one in endpoints):
        print(server)
    for one in endpoints:
        print(f"  {one.url}  {one.security:38}  users: {', '.join(one.users) or 'none'}")
    for certificate in _certificates(endpoints):
        _describe(certificate)


def show_nodes(where: Target, start: str, most: int, as_csv: bool) -> None:
    """Print the variables of a server with references that a tag list can hold."""
    try:
        ref = parse_ref(start) if start else None
    except ValueError as error:
        raise ConfigError([Fault("--from", 0, start, str(error), "Write nsu=URI;s=NAME")]) from None
    columns = Variable._fields
    writer = csv.writer(sys.stdout, lineterminator="\n")
    if as_csv:
        writer.writerow(columns)

    async def work() -> int:
        count = 0
        async with _connected(where) as client:
            async for one in browse(client, ref, most):
                count += 1
                if as_csv:
                    writer.writerow(f"{v:g}" if isinstance(v, float) else v for v in one)
                else:
                    print(_line(one))
        return count

    if _run(where.url, work) == most:
        print(f"(the first {most}; narrow it with --from, or raise --most)", file=sys.stderr)


def show_certificate(where: Path) -> None:
    """Print the gateway's own certificate, made now if there is none."""
    site = _site(where)
    store = pki.Pki(site.root / site.file.pki)
    try:
        identity = store.identity()
    except ValueError as error:
        raise DeviceError("this gateway", Reason.CONFIGURATION, str(error)) from None
    _describe(pki.load(identity.certificate))
    print(
        f"{store.folder / 'own' / 'certificate.der'}: give this file to the server's administrator"
    )


def trust(where: Target, expected: str, ask: Callable[[str], bool]) -> None:
    """Put a server's certificate into the trust list, once somebody has compared it.

    `expected` is the fingerprint that its administrator has told; without one `ask` decides.
    """
    endpoints = _run(where.url, lambda: discover(where.url, TIMEOUT_S))
    certificates = list(_certificates(endpoints))
    if not certificates:
        detail = "the server has no certificate: it offers no security"
        raise DeviceError(where.url, Reason.CONFIGURATION, detail)
    for certificate in certificates:
        _describe(certificate)
        found = pki.fingerprint(certificate)
        if expected and _plain(expected) != _plain(found):
            detail = f"its certificate is {found}, not {expected}: not trusted"
            raise DeviceError(where.url, Reason.CONFIGURATION, detail)
        if not expected and not ask("Is this what the server itself shows? Trust it"):
            print("not trusted")
            continue
        try:
            print(f"trusted: {where.pki.trust(certificate)}")
        except OSError as error:
            raise DeviceError(where.url, Reason.CONFIGURATION, str(error)) from None


def _plain(fingerprint: str) -> str:
    return "".join(c for c in fingerprint.upper() if c in "0123456789ABCDEF")


def _certificates(endpoints: Sequence[Endpoint]) -> Iterable[x509.Certificate]:
    """Yield each certificate that a server shows, once."""
    for der in dict.fromkeys(one.certificate for one in endpoints if one.certificate):
        yield pki.load(der)


def _describe(certificate: x509.Certificate) -> None:
    for what, text in pki.describe(certificate):
        print(f"  {what + ':':24}{text}")


def _line(one: Variable) -> str:
    unit = f" {one.unit}" if one.unit else ""
    limits = "" if one.range_low is None else f" [{one.range_low:g} … {one.range_high:g}]"
    return f"{one.ref}\n    {one.path}  {one.type} = {one.value}{unit}{limits}  ({one.access})"


@asynccontextmanager
async def _connected(where: Target) -> AsyncIterator[Client]:
    """A connected client: with the link's security, or with none where there is only an address."""
    link = where.link
    patient = link and link.model_copy(update={"timeout_s": max(link.timeout_s, TIMEOUT_S)})
    client = (
        plain_client(where.url, TIMEOUT_S)
        if patient is None
        else await client_of(patient, where.pki, where.root)
    )
    async with client:
        yield client


def _run(url: str, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Return what `work` does; whatever a server does wrong is said in one line."""
    try:
        return asyncio.run(work())
    except TimeoutError:
        raise DeviceError(url, Reason.TIMEOUT, f"no answer within {TIMEOUT_S:g} s") from None
    except OSError as error:
        raise DeviceError(url, Reason.NOT_CONNECTED, str(error)) from None
    except RefusedError as error:
        raise DeviceError(url, Reason.CONFIGURATION, str(error)) from None
    except (ValueError, UaError, AssertionError) as error:
        detail = str(error) or "the server refuses; does it trust our certificate?"
        raise DeviceError(url, Reason.BAD_REPLY, detail) from None
