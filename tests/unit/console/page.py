"""What a browser does, without one: requests with a cookie, and the live socket."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from contextlib import asynccontextmanager

import orjson
import websockets

WAIT_S = 10.0


class Page:
    """One page. Redirects and proxies are nobody's business here."""

    def __init__(self, port: int, headers: dict[str, str]) -> None:
        self.port = port
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self.cookie = ""
        self.set_cookie = ""

    def _headers(self) -> dict[str, str]:
        return {**self.headers, **({"Cookie": self.cookie} if self.cookie else {})}

    def _ask(self, method: str, path: str, body, headers) -> tuple[int, dict, bytes]:
        # json, not orjson: it writes half characters too, as a hostile page may
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            data,
            {**self._headers(), **headers},
            method=method,
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=WAIT_S) as answer:
                found = answer.status, dict(answer.headers), answer.read()
        except urllib.error.HTTPError as refused:
            found = refused.code, dict(refused.headers), refused.read()
        return found

    async def get(self, path: str):
        """Return (status, JSON or text) of a GET."""
        status, headers, body = await asyncio.to_thread(self._ask, "GET", path, None, {})
        is_json = headers.get("content-type", "").startswith("application/json")
        return status, orjson.loads(body) if is_json else body.decode()

    async def post(self, path: str, body, **headers):
        """Return (status, JSON) of a POST with our own header."""
        sent = {"Content-Type": "application/json", "X-Suian": "1", **headers}
        status, got, raw = await asyncio.to_thread(self._ask, "POST", path, body, sent)
        if "set-cookie" in got:
            self.set_cookie = got["set-cookie"]
            self.cookie = self.set_cookie.partition(";")[0]
        return status, orjson.loads(raw)

    async def login(self, password: str):
        """Log in as admin."""
        return await self.post("/api/v1/login", {"user": "admin", "password": password})

    async def command(self, name: str, command_id: str = "0123456789", **args):
        """Send a command."""
        return await self.post("/api/v1/command", {"id": command_id, "name": name, "args": args})

    @asynccontextmanager
    async def live(self):
        """Open the live socket."""
        url = f"ws://127.0.0.1:{self.port}/api/v1/live"
        extra = self._headers()
        async with websockets.connect(url, additional_headers=extra, proxy=None) as socket:
            yield Messages(socket)


class Messages:
    """What came over one live socket."""

    def __init__(self, socket) -> None:
        self.socket = socket

    async def next(self, kind: str | None = None, where=lambda message: True):
        """Return the next message of a kind for which `where` holds."""
        async with asyncio.timeout(WAIT_S):
            while True:
                message = orjson.loads(await self.socket.recv())
                if (kind is None or message["t"] == kind) and where(message):
                    return message
