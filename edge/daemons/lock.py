"""One writer a folder: a lock that ends with the process, however it ends."""

from __future__ import annotations

import fcntl
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from edge.errors import ConfigError, Fault


@contextmanager
def only_one(name: str, folder: Path) -> Generator[None]:
    """Hold `folder` for the daemon `name`.

    Raises `ConfigError` if it cannot be written, or if another such daemon holds it.
    """
    path = folder / f"{name}.lock"
    try:
        file = path.open("a", encoding="ascii")
    except OSError as error:
        problem = f"cannot be written: {error.strerror}"
        remedy = "Give the user that runs the daemon the right to write there"
        raise ConfigError([Fault(str(folder), 0, "state folder", problem, remedy)]) from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            problem = f"another suian-{name} writes here"
            remedy = "Stop it, or give this one a state folder of its own (--state)"
            raise ConfigError([Fault(str(folder), 0, "state folder", problem, remedy)]) from None
        yield
