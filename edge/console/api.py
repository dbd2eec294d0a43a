"""The console's HTTP API (docs/wire.md §2): a thin skin over board, core, journal and door."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, Any, Literal, Protocol, TypeVar

import orjson
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from edge.clock import Clock
from edge.console.board import Board, Json
from edge.console.hub import Hub
from edge.console.pulse import Pulse
from edge.console.speech import Speech
from edge.errors import CommandError, JournalError, SuianError, WireError
from edge.web import Caller, Door, Throttle, UsersFile
from edge.web.sessions import COOKIE

T = TypeVar("T")
MOST_ROWS = 1000
MOST_POINTS = 5000
MOST_HOURS = 31 * 24


Text = Annotated[str, Field(max_length=200)]  # a bounded text also has no half characters in it
Whole = Annotated[int, Field(ge=-(1 << 53), le=1 << 53)]  # what a page's number can say exactly
Real = Annotated[float, Field(allow_inf_nan=False)]
Number = Annotated[int, Query(ge=0, le=(1 << 63) - 1)]  # what SQLite can be asked for


class RefusedError(SuianError):
    """A request that is answered with an HTTP status and a message id."""

    def __init__(self, status: int, message_id: str, params: Json | None = None) -> None:
        self.status, self.message_id, self.params = status, message_id, params or {}
        super().__init__(f"{status} {message_id}")


class Core(Protocol):
    """Where commands go."""

    async def command(self, command: Json) -> Any:  # noqa: ANN401  # whatever core answers, as JSON
        """Send a command and return its result. Raises `CommandError`, `WireError`."""
        ...


class History(Protocol):
    """What the console asks of the journal. All are called in a thread; raise `JournalError`."""

    def events(self, before: int | None, limit: int) -> list[Json]:
        """Return events with seq below `before` (None: the newest), newest first."""
        ...

    def trend(self, tag: str, from_ns: int, to_ns: int, points: int) -> list[Json]:
        """Return at most `points` points of a tag between two UTC stamps [ns]."""
        ...

    def kpi(self, now_ns: int, hours: int) -> Json:
        """Return how the alarm system did in the `hours` before `now_ns` [ns UTC]."""
        ...


class Body(BaseModel):
    """A request's body: an unknown key is refused."""

    model_config = ConfigDict(extra="forbid")


class Login(Body):
    """Who wants in."""

    user: Annotated[str, Field(min_length=1, max_length=64)]
    password: Annotated[str, Field(min_length=1, max_length=256)]


class Command(Body):
    """What an operator wants done. Actor, role and place come from the session, never from here."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{8,64}$")]
    name: Literal[
        "acknowledge",
        "acknowledge_all",
        "reset",
        "shelve",
        "unshelve",
        "out_of_service",
        "in_service",
        "silence",
        "test_output",
        "test_all",
        "evacuate_arm",
        "evacuate",
        "evacuate_end",
        "calibrate",
        "calibrate_end",
        "read_call",
    ]
    args: dict[Text, Text | bool | Whole | Real | list[Text]] = {}
    reason: Annotated[str, Field(max_length=500)] = ""


class Api:
    """The routes. `metrics` gathers the Prometheus text of all daemons."""

    def __init__(
        self,
        *,
        site_page: bytes,
        tags: frozenset[str],
        board: Board,
        hub: Hub,
        pulse: Pulse,
        core: Core,
        history: History,
        door: Door,
        users: UsersFile,
        throttle: Throttle,
        clock: Clock,
        metrics: Callable[[], Any],
        speech: Speech,
    ) -> None:
        self._site_page, self._tags = site_page, tags
        self._board, self._hub, self._pulse = board, hub, pulse
        self._core, self._history = core, history
        self._door, self._users, self._throttle = door, users, throttle
        self._clock = clock
        self._metrics, self._speech = metrics, speech
        self._one_check = asyncio.Lock()  # each password check takes 19 MiB

    def router(self) -> APIRouter:
        """Return the routes under /api/v1, and /metrics."""
        router = APIRouter()
        for path, method, handler in (
            ("/api/v1/login", "POST", self.login),
            ("/api/v1/logout", "POST", self.logout),
            ("/api/v1/me", "GET", self.me),
            ("/api/v1/site", "GET", self.site),
            ("/api/v1/alarms", "GET", self.alarms),
            ("/api/v1/calls", "GET", self.calls),
            ("/api/v1/alarms/kpi", "GET", self.kpi),
            ("/api/v1/command", "POST", self.command),
            ("/api/v1/hazard/latest", "GET", self.hazard),
            ("/api/v1/events", "GET", self.events),
            ("/api/v1/trend", "GET", self.trend),
            ("/api/v1/speech/{area}/{level}.wav", "GET", self.speech),
            ("/api/v1/health", "GET", self.health),
            ("/metrics", "GET", self.metrics),
        ):
            router.add_api_route(path, handler, methods=[method], response_class=Response)
        return router

    # --- who ---------------------------------------------------------------------------------

    async def login(self, request: Request, body: Login) -> Response:
        """Open a session; the token travels in a cookie that no script can read."""
        address = _address(request)
        wait_s = self._throttle.wait_s(address)
        if wait_s > 0:
            raise RefusedError(429, "web.wait", {"seconds": round(wait_s) or 1})
        self._throttle.count(address)
        async with self._one_check:
            user = await asyncio.to_thread(self._users.verify, body.user, body.password)
        if user is None:
            raise RefusedError(401, "web.wrong-login")
        self._throttle.succeed(address)
        token = self._door.sessions.open(user)
        response = _json({"user": user.name, "role": user.role})
        response.set_cookie(
            COOKIE, token, httponly=True, samesite="strict", secure=request.url.scheme == "https"
        )
        return response

    async def logout(self, request: Request) -> Response:
        """End the session."""
        self._door.sessions.end(request.cookies.get(COOKIE))
        response = _json({})
        response.delete_cookie(COOKIE, httponly=True, samesite="strict")
        return response

    async def me(self, request: Request) -> Response:
        """Say who asks and what they may do."""
        caller = self._caller(request)
        session = caller.session
        return _json(
            {
                "user": session.user if session else None,
                "role": session.role if session else None,
                "view": self._door.may_view(caller),
                "silence": self._door.may_silence(caller),
                "act": self._door.may_act(caller),
            }
        )

    # --- what --------------------------------------------------------------------------------

    async def site(self, request: Request) -> Response:
        """Return the site: map, tags, limits, places, plan."""
        self._viewer(request)
        return Response(self._site_page, media_type="application/json")

    async def alarms(self, request: Request) -> Response:
        """Return the alarms as core last told them, and whether core is heard now."""
        self._viewer(request)
        core = "up" if self._pulse.core_up else "down"
        return _json({"core": core, "alarms": list(self._board.alarms.values())})

    async def calls(self, request: Request) -> Response:
        """Return who is called and who was told, as core last said it."""
        self._viewer(request)
        core = "up" if self._pulse.core_up else "down"
        return _json({"core": core, "calls": self._board.calls, "notices": self._board.notices})

    async def kpi(
        self, request: Request, hours: Annotated[int, Query(ge=1, le=MOST_HOURS)] = 24
    ) -> Response:
        """Return the alarm rate now, whether it is a flood, and the figures of the last hours."""
        self._viewer(request)
        now_ns = self._clock.now().utc_ns
        return _json(await _ask_journal(self._history.kpi, now_ns, hours))

    async def hazard(self, request: Request) -> Response:
        """Return the latest hazard estimate, null where there is none."""
        self._viewer(request)
        return _json(self._board.hazard)

    async def events(
        self,
        request: Request,
        before: Number | None = None,
        limit: Annotated[int, Query(ge=1, le=MOST_ROWS)] = 100,
    ) -> Response:
        """Return journal events below `before`, newest first."""
        self._viewer(request)
        return _json(await _ask_journal(self._history.events, before, limit))

    async def trend(
        self,
        request: Request,
        tag: str,
        from_ns: Number,
        to_ns: Number,
        points: Annotated[int, Query(ge=2, le=MOST_POINTS)] = 1000,
    ) -> Response:
        """Return a tag's past between two UTC stamps [ns]."""
        self._viewer(request)
        if tag not in self._tags:
            raise RefusedError(404, "console.unknown-tag", {"tag": tag[:64]})
        if from_ns >= to_ns:
            raise RefusedError(422, "web.bad-request")
        return _json(await _ask_journal(self._history.trend, tag, from_ns, to_ns, points))

    async def speech(
        self, request: Request, area: str, level: Annotated[int, Path(ge=1, le=2)]
    ) -> Response:
        """Return an area and a detector level as they are spoken; nothing where nobody can."""
        self._viewer(request)
        spoken = await self._speech.sound(area, level)
        if spoken is None:
            return Response(status_code=204)
        return Response(spoken, headers={"cache-control": "no-cache"}, media_type="audio/wav")

    async def command(self, request: Request, body: Command) -> Response:
        """Carry an operator's command to core, under the session's name."""
        caller = self._caller(request)
        allowed = (
            self._door.may_silence(caller) if body.name == "silence" else self._door.may_act(caller)
        )
        if not allowed:
            raise RefusedError(401, "web.login-needed")
        command = {
            "id": body.id,
            "name": body.name,
            "actor": caller.name,
            "role": caller.role,
            "place": f"console {caller.address}",
            "reason": body.reason,
            "args": body.args,
        }
        try:
            result = await self._core.command(command)
        except CommandError as error:
            raise RefusedError(409, error.message_id, error.params) from None
        except (WireError, OSError, TimeoutError):
            raise RefusedError(503, "console.core-down") from None
        if body.name == "silence":
            at_ns = self._clock.now().utc_ns
            self._hub.send({"t": "silenced", "at_ns": at_ns, "actor": caller.name})
        return _json({"ok": True, "result": result})

    # --- how ---------------------------------------------------------------------------------

    async def health(self, request: Request) -> Response:
        """Say how the console is; asked by anyone who reaches it."""
        del request
        return _json(
            {
                "ok": True,
                "core": "up" if self._pulse.core_up else "down",
                "daemons": self._board.daemons,
                "clients": len(self._hub.clients),
            }
        )

    async def metrics(self, request: Request) -> Response:
        """Return the metrics of every daemon, in Prometheus' text format."""
        self._viewer(request)
        return Response(await self._metrics(), media_type="text/plain; version=0.0.4")

    def _caller(self, request: Request) -> Caller:
        token = request.cookies.get(COOKIE)
        return self._door.caller(_address(request), request.headers, token)

    def _viewer(self, request: Request) -> Caller:
        """Return who asks, refusing who may not look."""
        caller = self._caller(request)
        if not self._door.may_view(caller):
            raise RefusedError(401, "web.login-needed")
        return caller


async def refuse(request: Request, error: Exception) -> Response:
    """Answer a refused or malformed request with its message id."""
    del request
    if isinstance(error, RefusedError):
        body = {"error": {"id": error.message_id, "params": error.params}}
        return _json(body, error.status)
    return _json({"error": {"id": "web.bad-request", "params": {}}}, 422)


async def _ask_journal(ask: Callable[..., T], *arguments: object) -> T:
    """Ask the journal in a thread: a disk may be slow, and the pulse must not wait for it."""
    try:
        return await asyncio.to_thread(ask, *arguments)
    except (JournalError, OSError) as error:
        raise RefusedError(503, "console.journal-unavailable", {"error": str(error)}) from None


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _json(body: object, status: int = 200) -> Response:
    """Return a JSON answer that nobody keeps."""
    headers = {"cache-control": "no-store"}
    return Response(orjson.dumps(body), status, headers, media_type="application/json")
