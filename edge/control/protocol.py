"""The control socket's lines: JSON in, JSON out, and what may stand in them.

Pure: bytes to checked objects and back. What does not fit raises `WireError` saying why.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

import orjson

from edge.errors import CommandError, ConfigError, Fault, WireError
from edge.tag import Quality, Reason, Sample, World

VERSION = 1
LINE_LIMIT = 1 << 20  # bytes; a longer line is no client of ours
PATH_LIMIT = 107  # bytes of a Unix socket's path, sockaddr_un without its closing zero
LATEST_NS = (1 << 63) - 1  # in the year 2262: SQLite's integers, and so the journal's, end there
SLOWEST_PERIOD_S, FASTEST_PERIOD_S = 10.0, 0.05

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Command:
    """What somebody wants done: `args` as the command's name asks, the rest for the record."""

    id: str
    name: str
    actor: str
    role: str
    place: str
    reason: str
    args: Json


class HandlersLike(Protocol):
    """What core does for the control server. Each is a plain call on the loop.

    `on_command` returns a result or something to await, and raises `CommandError` to refuse.
    `snapshot` returns `values`, `alarms` and `outputs` (docs/wire.md §1) as they are now.
    """

    @property
    def snapshot(self) -> Callable[[], Json]:
        """Everything a new client has to know."""
        ...

    @property
    def on_command(self) -> Callable[[Json, Command], Any]:
        """A command and the hello of the client it came from."""
        ...

    @property
    def on_publish(self) -> Callable[[list[Sample], World], None]:
        """Samples of derived tags; `CommandError` refuses them."""
        ...

    @property
    def on_report(self) -> Callable[[str, str], None]:
        """A satellite's name and how it is; "down" when it is gone."""
        ...


def _nothing() -> Json:
    return {"values": [], "alarms": [], "outputs": []}


def _refuse_command(_hello: Json, command: Command) -> Awaitable[Any]:
    raise CommandError("control.unknown-command", {"name": command.name[:64]})


def _refuse_samples(_samples: list[Sample], _world: World) -> None:
    raise CommandError("control.no-publish")


def _hear(_name: str, _state: str) -> None:
    """Take note of nothing: a satellite's own socket keeps no list of daemons."""


@dataclass(frozen=True, slots=True)
class Handlers:
    """Handlers as plain functions; what is not given refuses."""

    snapshot: Callable[[], Json] = _nothing
    on_command: Callable[[Json, Command], Any] = _refuse_command
    on_publish: Callable[[list[Sample], World], None] = _refuse_samples
    on_report: Callable[[str, str], None] = _hear


def encode(message: Mapping[str, Any]) -> bytes:
    """Return one line. A value that JSON does not know raises `TypeError`: our own mistake."""
    return orjson.dumps(message, option=orjson.OPT_APPEND_NEWLINE)


def decode(line: bytes) -> Json:
    """Return the object on one line; it has a text `t`."""
    try:
        message: object = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise WireError(f"not JSON: {error}") from None
    if not isinstance(message, dict):
        raise WireError("a line must be a JSON object")
    known = cast("Json", message)
    if not isinstance(known.get("t"), str):
        raise WireError("a line must have a text 't'")
    return known


def check_hello(message: Json, world: str) -> None:
    """Raise `WireError` if a client's first line is no hello, or of another version or world."""
    if message["t"] != "hello":
        raise WireError(f"the first line must be hello, not {message['t'][:32]!r}")
    if message.get("v") != VERSION:
        raise WireError(f"protocol version {message.get('v')!r} is not {VERSION}: upgrade Suian")
    if not _text(message, "name"):
        raise WireError("hello must have a name")
    if message.get("world") not in (None, world):  # a tuple: the line may hold a list here
        raise WireError(f"this is world {world}, the client is of {message['world']!r}")


def read_command(message: Json) -> Command:
    """Return the command of a line. Raises `WireError` if a field is missing or of another kind."""
    args = message.get("args", {})
    if not isinstance(args, dict):
        raise WireError("args must be an object")
    if not _text(message, "id") or not _text(message, "name"):
        raise WireError("a command must have an id and a name")
    return Command(
        id=message["id"],
        name=message["name"],
        actor=_text(message, "actor"),
        role=_text(message, "role"),
        place=_text(message, "place"),
        reason=_text(message, "reason"),
        args=cast("Json", args),
    )


def read_period(message: Json) -> float:
    """Return a subscription's period [s], held within what the server does."""
    period = message.get("period_s", 0.2)
    if isinstance(period, bool) or not isinstance(period, int | float):
        raise WireError("period_s must be a number")
    return min(max(float(period), FASTEST_PERIOD_S), SLOWEST_PERIOD_S)


def read_samples(message: Json, receive_ns: int) -> tuple[list[Sample], World]:
    """Return published samples and their world; `receive_ns` [ns UTC] is when core took them."""
    rows = message.get("samples")
    if not isinstance(rows, list):
        raise WireError("samples must be a list")
    try:
        world = World(str(message.get("world")))
        samples = [_sample(row, receive_ns, world) for row in cast("list[Any]", rows)]
    except (ValueError, TypeError) as error:
        raise WireError(f"samples: {error}") from None
    return samples, world


def _sample(row: Sequence[Any], receive_ns: int, world: World) -> Sample:
    tag, value, quality, reason, source_ns = row
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not isinstance(tag, str) or not isinstance(source_ns, int) or not (number or value is None):
        raise TypeError("a row is [tag, value, quality, reason, source_ns]")
    if not 0 <= source_ns <= LATEST_NS:
        raise ValueError(f"source_ns {source_ns} is no time that a journal can hold")
    judged, shown = Quality(quality), None if value is None else float(value)
    if (shown is None) != (judged is Quality.BAD) or not math.isfinite(shown or 0.0):
        raise ValueError(f"{tag[:64]}: a Bad row has no value, and any other has a finite one")
    return Sample(tag, shown, judged, Reason(reason), source_ns, receive_ns, world)


def value_row(sample: Sample) -> list[Any]:
    """Return a sample as a row of `values` (docs/wire.md §1)."""
    return [
        sample.tag,
        sample.value,
        int(sample.quality),
        str(sample.reason),
        sample.source_ns,
        sample.receive_ns,
    ]


def publish_row(sample: Sample) -> list[Any]:
    """Return a sample as a row of `publish`."""
    return [sample.tag, sample.value, int(sample.quality), str(sample.reason), sample.source_ns]


def check_path(path: Path) -> None:
    """Raise `ConfigError` if a Unix socket cannot have this path."""
    length = len(str(path).encode())
    if length > PATH_LIMIT:
        problem = f"its path has {length} bytes, a Unix socket's may have {PATH_LIMIT}"
        fault = Fault(str(path), 0, "socket", problem, "Choose a shorter run folder (--run)")
        raise ConfigError([fault])


def _text(message: Json, key: str) -> str:
    value = message.get(key, "")
    if not isinstance(value, str):
        raise WireError(f"{key} must be text")
    return value
