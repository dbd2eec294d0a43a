"""One writer a folder: a lock that ends with the process, however it ends."""

from __future__ import annotations

import fcntl
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import structlog

from edge.errors import ConfigError, Fault

log = structlog.get_logger(__name__)


@contextmanager
def only_one(name: str, folder: Path) -> Generator[None]:
    """Hold `folder` for the daemon `name`. Raises `ConfigError` if another such daemon holds it.

    A folder that cannot be written has no writers to keep apart: that is said, and no more.
    """
    path = folder / f"{name}.lock"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = path.open("a", encoding="ascii")
    except OSError as error:
        log.error("state folder cannot be written", folder=str(folder), why=error.strerror)
        yield
        return
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            problem = f"another suian-{name} writes here"
            remedy = "Stop it, or give this one a state folder of its own (--state)"
            raise ConfigError([Fault(str(folder), 0, "state folder", problem, remedy)]) from None
        yield
