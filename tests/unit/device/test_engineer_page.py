"""docs/engineer.md as it stands: its files are written, its commands run, its output compared."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from typer.testing import CliRunner

from suian.cli import app
from tests.conformance.field import free_ports, listening

PAGE = Path(__file__).parents[3] / "docs" / "engineer.md"
BLOCK = re.compile(r"^```(\w+) ?(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
WAIT_S = 60.0


class Block(NamedTuple):
    """A fenced block: a file of that name, or a console (no name) with commands and output."""

    language: str
    name: str
    text: str


def blocks(port: int) -> list[Block]:
    """Return what of the page is to be done, in order, with `port` for the made-up detector's."""
    found = [Block(*match.groups()) for match in BLOCK.finditer(PAGE.read_text(encoding="utf-8"))]
    done = [block for block in found if block.name or block.language == "console"]
    return [block._replace(text=block.text.replace("5020", str(port))) for block in done]


@contextmanager
def running(script: Path, port: int) -> Iterator[None]:
    """Run a server's script until it has been used."""
    process = subprocess.Popen([sys.executable, script])
    try:
        for _ in range(int(WAIT_S / 0.05)):
            if listening(port) or process.poll() is not None:
                break
            time.sleep(0.05)
        assert listening(port), "the page's detector does not run"
        yield
    finally:
        process.kill()
        process.wait()


def run(command: str) -> list[str]:
    """Run one command of the page; return the lines that it printed. It must end well."""
    program, *words = shlex.split(command)
    if program != "suian":
        subprocess.run([program, *words], check=True)
        return []
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, f"{command}\n{result.output}"
    return result.output.splitlines()


def follow(console: str) -> None:
    """Run a console block; each line of output that the page shows must come, in that order."""
    said: list[str] = []
    for line in console.splitlines():
        if line.startswith("$ "):
            said = run(line[2:])
            continue
        found = next((at for at, one in enumerate(said) if line.strip() in one), None)
        left = "\n".join(said)
        assert found is not None, f"the page shows: {line}\nleft of what came:\n{left}"
        said = said[found + 1 :]


def test_the_page_can_be_followed_literally(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """From the register table over probe and scan to a checked site with its plan: all holds."""
    (port,) = free_ports(1)
    todo = blocks(port)
    monkeypatch.chdir(tmp_path)
    first, *rest = todo
    assert first.name == "detector.py"
    Path(first.name).write_text(first.text, encoding="utf-8")
    with running(Path(first.name), port):
        for block in rest:
            if block.name:
                path = Path(block.name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(block.text, encoding="utf-8")
            else:
                follow(block.text)
    names = [block.name for block in todo if block.name]
    assert {"registers.csv", "own/huaxin-gt100.yaml", "site/site.yaml"} <= set(names)
