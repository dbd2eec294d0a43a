"""The users file: made once, readable by its owner alone, and never telling who exists."""

import stat
import subprocess
import sys

import pytest

from edge.errors import ConfigError
from edge.web.users import ADMIN, LONGEST_PASSWORD, UsersFile, ensure_admin


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_first_start_makes_admin_with_a_random_password_left_in_a_private_file(tmp_path):
    """A first start without a password file makes admin and says where the password lies."""
    users, note = ensure_admin(tmp_path, None)

    assert note
    password = note.read_text().strip()
    assert len(password) >= 12
    assert users.verify(ADMIN, password) is users.users[ADMIN]
    assert mode(note) == mode(tmp_path / "users.json") == 0o600
    assert password not in (tmp_path / "users.json").read_text()


def test_later_start_keeps_the_users(tmp_path):
    """A second start makes no new password and writes nothing."""
    _, note = ensure_admin(tmp_path, None)
    before = (tmp_path / "users.json").read_bytes()

    users, again = ensure_admin(tmp_path, None)

    assert note
    assert again is None
    assert (tmp_path / "users.json").read_bytes() == before
    assert users.verify(ADMIN, note.read_text().strip()) is not None


def test_a_password_file_rules(tmp_path):
    """The password file's first line is the admin's password, at first start and when changed."""
    given = tmp_path / "given"
    given.write_text("first-pass\n")
    users, note = ensure_admin(tmp_path, given)
    assert note is None
    assert users.verify(ADMIN, "first-pass")

    given.write_text("second-pass\n")
    users, _ = ensure_admin(tmp_path, given)

    assert users.verify(ADMIN, "second-pass")
    assert users.verify(ADMIN, "first-pass") is None


@pytest.mark.parametrize("content", ["", "\n", "   \n"])
def test_an_empty_password_file_is_a_fault(tmp_path, content):
    """An empty password never becomes the admin's password."""
    given = tmp_path / "given"
    given.write_text(content)

    with pytest.raises(ConfigError, match="holds no password"):
        ensure_admin(tmp_path, given)


@pytest.mark.parametrize("body", ["", "[]", '{"v": 2, "users": []}', '{"v": 1, "users": [{}]}'])
def test_a_spoilt_users_file_is_a_fault_not_a_new_admin(tmp_path, body):
    """A users file that cannot be understood stops the start; it is never replaced."""
    (tmp_path / "users.json").write_text(body)

    with pytest.raises(ConfigError, match=r"users\.json"):
        ensure_admin(tmp_path, None)
    assert (tmp_path / "users.json").read_text() == body


def test_unwritable_state_is_a_fault(tmp_path):
    """A state folder that is not there is named in the error."""
    with pytest.raises(ConfigError, match="cannot be written"):
        ensure_admin(tmp_path / "absent", None)


def test_wrong_unknown_and_endless_passwords_are_nobody(tmp_path):
    """A wrong password, an unknown name, an overlong password and a spoilt hash all fail alike."""
    users = UsersFile(tmp_path / "users.json", {})
    users.set_password(ADMIN, "right")

    assert users.verify(ADMIN, "wrong") is None
    assert users.verify("nobody", "right") is None
    assert users.verify(ADMIN, "x" * (LONGEST_PASSWORD + 1)) is None
    users.users[ADMIN] = users.users[ADMIN].model_copy(update={"hash": "spoilt"})
    assert users.verify(ADMIN, "right") is None


def test_password_checks_give_their_memory_back(tmp_path):
    """Many checks, in threads too, leave the process as large as one."""
    code = (
        "import asyncio, resource, sys\n"
        "from pathlib import Path\n"
        "from edge.web import UsersFile, return_big_blocks\n"
        "def rss():\n"
        "    pages = int(Path('/proc/self/statm').read_text().split()[1])\n"
        "    return pages * resource.getpagesize() / 2**20\n"
        "async def many():\n"
        "    for _ in range(4):\n"
        "        await asyncio.to_thread(users.verify, 'admin', 'x')\n"
        "known = return_big_blocks()\n"
        "users = UsersFile(Path(sys.argv[1]), {})\n"
        "before = rss()\n"
        "users.set_password('admin', 'x')\n"
        "asyncio.run(many())\n"
        "print(int(not known or rss() - before < 10))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "users.json")],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == "1"
