"""A client for one link, with the security that its site asks for: no more, and never less.

What the server offers is asked on a channel without security, which tells nothing and is believed
in nothing: its certificate must be in the trust list, policy and mode are the site's own, and
asyncua refuses a session whose certificate or signature is another's.
"""

# asyncua annotates its generated types with text that pyright does not resolve:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import structlog
from asyncua.client.client import Client
from asyncua.crypto import security_policies
from asyncua.crypto.uacrypto import CertProperties
from asyncua.ua.uaprotocol_auto import EndpointDescription, MessageSecurityMode, UserTokenType
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from edge.drivers.opcua.faults import RefusedError
from edge.drivers.opcua.pki import Pki, ending, load
from edge.site.link import LOOPBACK, Link, Security

POLICIES = {
    "none": security_policies.SecurityPolicyNone,
    "Basic256Sha256": security_policies.SecurityPolicyBasic256Sha256,
    "Aes128_Sha256_RsaOaep": security_policies.SecurityPolicyAes128Sha256RsaOaep,
    "Aes256_Sha256_RsaPss": security_policies.SecurityPolicyAes256Sha256RsaPss,
}
WATCHDOG_S = 60.0  # asyncua's own look at the server; ours is every read and every publish
TOKENS = {
    "anonymous": UserTokenType.Anonymous,
    "user name": UserTokenType.UserName,
    "certificate": UserTokenType.Certificate,
}
log = structlog.get_logger(__name__)
# A failure becomes a Bad reading and is told by us; asyncua would log each one with a traceback.
logging.getLogger("asyncua").setLevel(logging.CRITICAL)


def url_of(link: Link) -> str:
    """Return the endpoint's address."""
    host = f"[{link.host}]" if ":" in link.host else link.host
    return f"opc.tcp://{host}:{link.port}{link.path}"


def plain_client(url: str, timeout_s: float) -> Client:
    """Return a client without security, not connected."""
    client = Client(url, timeout=timeout_s, watchdog_intervall=WATCHDOG_S)
    client.name = client.description = "Suian gateway"
    client.application_uri = "urn:suian:gateway"
    return client


async def client_of(link: Link, pki: Pki, site: Path) -> Client:
    """Return a client for `link`, not connected; `site` is the folder of the site's files.

    Raises `RefusedError` where somebody has to change something first, `OSError` or `TimeoutError`
    if the server cannot be asked what it offers.
    """
    client = plain_client(url_of(link), link.timeout_s)
    security = link.security
    if security is None or (security.policy == "none" and not security.user):
        return client
    offered = await plain_client(url_of(link), link.timeout_s).connect_and_get_server_endpoints()
    endpoint = choose(offered, security)
    if security.policy == "none" and not encrypts(endpoint, security):
        if link.host not in LOOPBACK:
            raise RefusedError("the password would cross the network readable; write a policy")
    else:
        await asyncio.to_thread(_check_server, endpoint, pki, link)
    if security.policy != "none":
        identity = await asyncio.to_thread(pki.identity)
        client.application_uri = identity.uri
        await client.set_security(
            POLICIES[security.policy],
            CertProperties(identity.certificate, "der"),
            CertProperties(identity.key, "pem"),
            server_certificate=CertProperties(endpoint.ServerCertificate, "der"),
            mode=MessageSecurityMode[security.mode],
        )
    await _give_user(client, security, site)
    return client


def choose(offered: Iterable[EndpointDescription], security: Security) -> EndpointDescription:
    """Return the endpoint with the site's policy, mode and kind of user. Raises `RefusedError`."""
    uri = POLICIES[security.policy].URI
    mode = MessageSecurityMode[security.mode if security.policy != "none" else "None_"]
    every = list(offered)
    fitting = [e for e in every if (e.SecurityPolicyUri, e.SecurityMode) == (uri, mode)]
    if not fitting:
        names = sorted({describe(endpoint) for endpoint in every})
        wanted = f"{security.policy} {security.mode}" if security.policy != "none" else "none"
        raise RefusedError(f"the server does not offer {wanted}; it offers: {', '.join(names)}")
    kind = TOKENS[security.user or "anonymous"]
    for endpoint in fitting:
        if any(token.TokenType is kind for token in endpoint.UserIdentityTokens):
            return endpoint
    raise RefusedError(f"the server takes no {security.user or 'anonymous'} user there")


def describe(endpoint: EndpointDescription) -> str:
    """Return an endpoint's policy and mode as a site writes them."""
    policy = str(endpoint.SecurityPolicyUri).rpartition("#")[2]
    return "none" if policy == "None" else f"{policy} {endpoint.SecurityMode.name}"


def encrypts(endpoint: EndpointDescription, security: Security) -> bool:
    """Return whether the server wants the user's token encrypted or signed by itself."""
    kind = TOKENS[security.user or "anonymous"]
    token = next(t for t in endpoint.UserIdentityTokens if t.TokenType is kind)
    uri = token.SecurityPolicyUri or endpoint.SecurityPolicyUri
    return uri != security_policies.SecurityPolicyNone.URI


def _check_server(endpoint: EndpointDescription, pki: Pki, link: Link) -> None:
    der = endpoint.ServerCertificate
    if not der:
        raise RefusedError("the server has no certificate")
    pki.check(der, str(endpoint.Server.ApplicationUri or ""), link.id)
    if text := ending(load(der), datetime.now(UTC)):
        log.warning("server certificate", link=link.id, detail=text)


def _user_files(security: Security, site: Path) -> tuple[bytes, bytes]:
    """Return what the user is known by: password, or certificate and key."""
    if security.username:
        return (site / security.password_file).read_bytes(), b""
    return (site / security.user_certificate).read_bytes(), (site / security.user_key).read_bytes()


async def _give_user(client: Client, security: Security, site: Path) -> None:
    """Give the client its user. Raises `RefusedError` if a file is not there or is none."""
    if not security.user:
        return
    try:
        known_by, key = await asyncio.to_thread(_user_files, security, site)
        if security.username:
            client.set_user(security.username)
            client.set_password(known_by.decode("utf-8").rstrip("\r\n"))
        else:
            client.user_certificate = load(known_by)
            client.user_private_key = load_pem_private_key(key, None)
    except (OSError, ValueError, TypeError) as error:
        raise RefusedError(f"the user's files: {error}") from None
