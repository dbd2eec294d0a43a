"""The users file: names, roles and argon2id hashes, never a password.

The first start makes one user, `admin`. Who may do what stands in `door.py`.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import orjson
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from edge.errors import ConfigError, Fault

# OWASP's first choice where memory is dear: argon2id, 19 MiB, two passes, one lane.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
ADMIN = "admin"
LONGEST_PASSWORD = 256  # [characters]; more is a load, not a password


class User(BaseModel):
    """One person who may log in."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$")]
    role: Literal["admin"]
    hash: str


class _Document(BaseModel):
    """users.json as it is written."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    v: Literal[1] = 1
    users: tuple[User, ...]


@dataclass(slots=True)
class UsersFile:
    """The users by name, and the file they were read from."""

    path: Path
    users: dict[str, User]

    @classmethod
    def load(cls, path: Path) -> UsersFile:
        """Read the file; one that is not there has no users. Raises `ConfigError`."""
        try:
            document = _Document.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return cls(path, {})
        except OSError as error:
            raise _fault(path, f"cannot be read: {error.strerror}", "Check its owner") from None
        except ValidationError as error:
            problem = f"is not a users file: {error.errors()[0]['msg']}"
            raise _fault(
                path, problem, "Restore it from backup, or remove it to start anew"
            ) from None
        return cls(path, {user.name: user for user in document.users})

    def verify(self, name: str, password: str) -> User | None:
        """Return the user if the password is theirs. Takes about as long for an unknown name."""
        user = self.users.get(name)
        if len(password) > LONGEST_PASSWORD:
            return None
        try:
            _HASHER.verify(user.hash if user else _nobody(), password)
        except (Argon2Error, InvalidHashError):
            return None
        return user

    def set_password(self, name: str, password: str) -> None:
        """Give `name` this password, making the user if there is none, and write the file."""
        self.users[name] = User(name=name, role="admin", hash=_HASHER.hash(password))
        document = _Document(users=tuple(self.users.values()))
        _write_private(self.path, orjson.dumps(document.model_dump(), option=orjson.OPT_INDENT_2))


_NOBODY: list[str] = []


def _nobody() -> str:
    """Return a hash that no password has, made once: an unknown name costs the same time."""
    if not _NOBODY:
        _NOBODY.append(_HASHER.hash(secrets.token_urlsafe(24)))
    return _NOBODY[0]


def ensure_admin(state: Path, password_file: Path | None) -> tuple[UsersFile, Path | None]:
    """Return the users, with an admin among them.

    `password_file`'s first line becomes the admin's password whenever it is given and differs.
    Without it a first start makes a random one and leaves it in STATE/admin-password.txt (mode
    0600), whose path is the second result; else that is None. Raises `ConfigError`.
    """
    users = UsersFile.load(state / "users.json")
    if password_file is not None:
        password = _first_line(password_file)
        if users.verify(ADMIN, password) is None:
            users.set_password(ADMIN, password)
        return users, None
    if ADMIN in users.users:
        return users, None
    password = secrets.token_urlsafe(12)
    note = state / "admin-password.txt"
    _write_private(note, f"{password}\n".encode())
    users.set_password(ADMIN, password)
    return users, note


def _first_line(path: Path) -> str:
    """Return a password file's first line. Raises `ConfigError` if there is nothing in it."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise _fault(path, f"cannot be read: {error}", "Name a readable text file") from None
    if not lines or not lines[0].strip():
        raise _fault(path, "holds no password", "Write the password on its first line")
    return lines[0].strip()


def _write_private(path: Path, body: bytes) -> None:
    """Replace a file whole, readable by its owner alone. Raises `ConfigError` if it cannot be."""
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise _fault(path, f"cannot be written: {error.strerror}", "Check the folder") from None
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(body)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise _fault(path, f"cannot be written: {error.strerror}", "Check the disk") from None


def _fault(path: Path, problem: str, remedy: str) -> ConfigError:
    """Return the error that says what is wrong with this file."""
    return ConfigError([Fault(str(path), 0, "users", problem, remedy)])
