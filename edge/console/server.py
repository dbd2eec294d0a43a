"""The console's application and the server that carries it."""

from __future__ import annotations

import contextlib
import errno
import socket
from collections.abc import Generator, Iterable
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from edge.console.api import Api, RefusedError, refuse
from edge.console.live import Live
from edge.errors import ConfigError, Fault
from edge.web import Guard

STATIC = Path(__file__).parent / "static"
NOT_BUILT = (
    "绥安操作台：页面尚未构建。请在项目目录运行 make setup。\n"
    "Suian console: the page is not built yet. Run `make setup` in the project folder.\n"
)


def application(api: Api, live: Live, hosts: Iterable[str] = (), static: Path = STATIC) -> ASGIApp:
    """Return the whole application behind its guard."""
    app = FastAPI(title="Suian console", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_exception_handler(RefusedError, refuse)
    app.add_exception_handler(RequestValidationError, refuse)
    app.include_router(api.router())
    app.add_api_websocket_route("/api/v1/live", live.serve)
    if (static / "index.html").is_file():
        app.mount("/", StaticFiles(directory=static, html=True))
    else:
        app.add_route("/", _not_built)
    return Guard(app, hosts)


async def _not_built(request: Request) -> Response:
    """Say what is missing where the page should be."""
    del request
    return PlainTextResponse(NOT_BUILT, 503)


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket. Raises `ConfigError` that names host, port and the cure."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)  # from here on a page that comes early waits instead of being refused
    except OSError as error:
        listener.close()
        taken = error.errno == errno.EADDRINUSE
        problem = f"port {port} is in use" if taken else f"cannot listen: {error.strerror}"
        remedy = "Stop what listens there, or set another console.port in site.yaml"
        raise ConfigError([Fault("site.yaml", 0, f"console {host}:{port}", problem, remedy)]) from (
            None
        )
    listener.set_inheritable(False)
    return listener


class Server(uvicorn.Server):
    """uvicorn, which leaves the signals to the daemon."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Capture none."""
        yield


def make_server(app: ASGIApp) -> Server:
    """Return the server: no proxy is believed, nothing is told about itself."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        lifespan="off",
        ws="websockets-sansio",
        ws_max_size=4096,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=2,
    )
    return Server(config)
