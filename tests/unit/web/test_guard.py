"""The guard lets our own page in and nobody else's."""

import orjson
import pytest

from edge.web.guard import Guard


async def inner(scope, receive, send):
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"in"})


async def ask(kind="http", method="GET", path="/", hosts=("console.park",), **headers):
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    raw = [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()]
    scope = {"type": kind, "method": method, "path": path, "headers": raw}
    await Guard(inner, hosts)(scope, receive, send)
    return sent


OWN = {"host": "127.0.0.1:8020"}


@pytest.mark.parametrize(
    ("method", "headers", "refusal"),
    [
        ("GET", OWN, None),
        ("GET", {"host": "[::1]:8020"}, None),
        ("GET", {"host": "Localhost:8020"}, None),
        ("GET", {"host": "console.park"}, None),
        ("GET", {"host": "evil.example:8020"}, "web.unknown-host"),
        ("GET", {}, "web.unknown-host"),
        ("GET", {**OWN, "origin": "http://evil.example"}, "web.foreign-origin"),
        ("GET", {**OWN, "origin": "null"}, "web.foreign-origin"),
        ("POST", OWN, "web.header-missing"),
        ("POST", {**OWN, "x_suian": "1"}, None),
        ("POST", {**OWN, "x_suian": "1", "origin": "http://127.0.0.1:8020"}, None),
        ("POST", {**OWN, "x_suian": "1", "origin": "http://127.0.0.1:8021"}, "web.foreign-origin"),
        ("POST", {**OWN, "x_suian": "1", "sec_fetch_site": "same-site"}, "web.foreign-origin"),
        ("DELETE", OWN, "web.header-missing"),
        ("POST", {**OWN, "x_suian": "1", "content_length": "262144"}, None),
        ("POST", {**OWN, "x_suian": "1", "content_length": "262145"}, "web.too-large"),
        ("POST", {**OWN, "x_suian": "1", "content_length": "-1"}, "web.too-large"),
        ("POST", {**OWN, "x_suian": "1", "transfer_encoding": "chunked"}, "web.too-large"),
        ("GET", {**OWN, "content_length": "999999999999"}, "web.too-large"),
    ],
)
async def test_who_is_let_in(method, headers, refusal):
    """Host, origin and own header are each asked for where they matter."""
    start, body = await ask(method=method, **headers)

    refused = 413 if refusal == "web.too-large" else 403
    assert start["status"] == (200 if refusal is None else refused)
    if refusal:
        assert orjson.loads(body["body"])["error"]["id"] == refusal


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        (OWN, "websocket.accept"),
        ({**OWN, "origin": "http://127.0.0.1:8020"}, "websocket.accept"),
        ({**OWN, "origin": "http://evil.example"}, "websocket.close"),
        ({"host": "evil.example"}, "websocket.close"),
    ],
)
async def test_a_socket_is_asked_where_it_comes_from(headers, kind):
    """SameSite does not cover a WebSocket that needs no cookie, so its origin is checked."""
    assert (await ask(kind="websocket", **headers))[0]["type"] == kind


@pytest.mark.parametrize(
    ("path", "cache"),
    [("/", b"no-cache"), ("/assets/a-1f3.js", b"public, max-age=31536000, immutable")],
)
async def test_every_answer_carries_the_strict_headers(path, cache):
    """No inline script, no frame, no foreign host; only hashed assets are kept."""
    headers = dict((await ask(path=path, **OWN))[0]["headers"])

    policy = headers[b"content-security-policy"].decode()
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers[b"x-content-type-options"] == b"nosniff"
    assert headers[b"cache-control"] == cache
