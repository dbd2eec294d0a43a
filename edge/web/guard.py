"""The guard at the gate: an ASGI layer that every request and WebSocket passes first.

It refuses foreign host names (a page elsewhere that points its own name at this machine), foreign
origins, changes without our own header (which another site's page cannot send), and bodies that
would fill the memory, and puts the strict headers on every answer. Against forged requests three
things stand together: the session cookie is SameSite=Strict, the origin must be our own, and the
header must be there.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

OWN_HEADER = "x-suian"
LARGEST_BODY = 1 << 18  # bytes: an acknowledgement of every alarm of a large site, twice
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_HEADERS: list[tuple[bytes, bytes]] = [
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
]
_IMMUTABLE = b"public, max-age=31536000, immutable"  # the build puts a hash into asset names


class Guard:
    """Wraps an ASGI application. `hosts` are further names that this server is known by."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str] = ()) -> None:
        self._app = app
        self._hosts = {"localhost", socket.gethostname().lower(), *(h.lower() for h in hosts)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or hand on with the strict headers."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is None:
            await self._app(scope, receive, _with_headers(scope, send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": refusal})
        else:
            await _refuse(_with_headers(scope, send), refusal)

    def _refusal(self, scope: Scope) -> str | None:
        """Return the message id of why this request is refused, None where it may pass."""
        headers = {
            key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]
        }
        host = headers.get("host", "")
        if not self._known(host):
            return "web.unknown-host"
        origin = headers.get("origin")
        if origin is not None and origin.partition("://")[2] != host:
            return "web.foreign-origin"
        if scope["type"] == "http" and scope["method"] not in _SAFE:
            if OWN_HEADER not in headers:
                return "web.header-missing"
            if headers.get("sec-fetch-site", "same-origin") != "same-origin":
                return "web.foreign-origin"
        return "web.too-large" if _too_large(headers) else None

    def _known(self, host: str) -> bool:
        """Whether a Host header names this machine: by address, or by a name we know."""
        name = host.rpartition("]")[0].lstrip("[") if "]" in host else host.partition(":")[0]
        if name.lower() in self._hosts:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True


def _too_large(headers: Mapping[str, str]) -> bool:
    """Whether a request has a body that is too large, or one that does not say how large it is."""
    length = headers.get("content-length", "0")
    if "transfer-encoding" in headers or not length.isascii() or not length.isdecimal():
        return True
    return int(length) > LARGEST_BODY


def _with_headers(scope: Scope, send: Send) -> Send:
    """Return a `send` that adds the strict headers to the answer's start."""
    immutable = str(scope.get("path", "")).startswith("/assets/")

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [*message.get("headers", []), *_HEADERS]
            if not any(key.lower() == b"cache-control" for key, _ in headers):
                found = immutable and message["status"] == 200
                headers.append((b"cache-control", _IMMUTABLE if found else b"no-cache"))
            message = {**message, "headers": headers}
        await send(message)

    return sending


async def _refuse(send: Send, message_id: str) -> None:
    """Answer 403, or 413 for a body, with the reason's id."""
    body = orjson.dumps({"error": {"id": message_id, "params": {}}})
    headers = [(b"content-type", b"application/json")]
    status = 413 if message_id == "web.too-large" else 403
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
