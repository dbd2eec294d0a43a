"""The form of the control socket's lines, and where the socket may stand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from edge.errors import ConfigError, Fault, WireError
from edge.tag import Sample

VERSION = 1
LINE_LIMIT = 16 * 1024 * 1024  # a snapshot of 10,000 tags is about 1 MB
PATH_LIMIT = 107  # bytes of sockaddr_un.sun_path, less its closing zero

Message = dict[str, Any]
Row = list[str | float | int | None]


def encode(message: Mapping[str, Any]) -> bytes:
    """Return a message as one line."""
    return orjson.dumps(message) + b"\n"


def decode(line: bytes) -> Message:
    """Return the message of a line. Raises `WireError` where it is none."""
    try:
        message = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise WireError(f"a line that is not JSON: {error}") from None
    if not isinstance(message, dict) or not isinstance(message.get("t"), str):  # type: ignore[reportUnknownMemberType]  # JSON is untyped until looked at
        raise WireError("a line without its kind, t")
    return message  # type: ignore[reportUnknownVariableType]  # its keys are checked where used


def row(sample: Sample) -> Row:
    """Return a sample as the row that `values` carries."""
    return [
        sample.tag,
        sample.value,
        int(sample.quality),
        str(sample.reason),
        sample.source_ns,
        sample.receive_ns,
    ]


def check_path(path: Path) -> None:
    """Raise `ConfigError` where a Unix socket's path is longer than the kernel takes."""
    length = len(str(path).encode())
    if length > PATH_LIMIT:
        problem = f"a Unix socket's path may have {PATH_LIMIT} bytes, this one has {length}"
        raise ConfigError([Fault(str(path), 0, "--run", problem, "Choose a shorter folder")])
