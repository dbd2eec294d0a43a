"""A place for one run: a copy of the site on free ports, and folders for state, sockets and logs.

The copy is an ordinary site folder; the daemons that read it do not know it is a demo.
"""

from __future__ import annotations

import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from ruamel.yaml import YAML

from edge.control.protocol import check_path
from edge.daemons.lock import only_one
from edge.errors import ConfigError, Fault


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where one run lives."""

    root: Path
    site: Path
    state: Path
    run: Path
    logs: Path
    console_port: int
    broker_host: str
    broker_port: int

    @property
    def console_url(self) -> str:
        """The console's address for a browser."""
        return f"http://127.0.0.1:{self.console_port}/"


def free_ports(count: int) -> list[int]:
    """Return `count` TCP ports of the loopback that nobody listens on now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def copy_site(source: Path, target: Path, broker: tuple[str, int] | None = None) -> dict[str, int]:
    """Copy a site folder, moving every port of it to a free one; return what they are now.

    `broker` (host, port) is where the relay of the copy shall publish; None: a free port of this
    machine. The result maps "console", "relay" and each link id to its port.
    """
    shutil.copytree(source, target)
    yaml = YAML()
    path = target / "site.yaml"
    document = yaml.load(path.read_text(encoding="utf-8"))
    ports = iter(free_ports(len(document["links"]) + 2))
    moved: dict[str, int] = {}
    for link in document["links"]:
        moved[link["id"]] = link["port"] = next(ports)
    console = document.setdefault("console", {})
    moved["console"] = console["port"] = next(ports)
    if document.get("relay") is not None:
        host, port = broker or ("127.0.0.1", next(ports))
        document["relay"]["host"], document["relay"]["port"] = host, port
        moved["relay"] = port
    with path.open("w", encoding="utf-8") as stream:
        yaml.dump(document, stream)
    return moved


@contextmanager
def workspace(source: Path, broker_url: str = "", keep: Path | None = None) -> Iterator[Workspace]:
    """Make a run's folders; take them away afterwards, unless they are to be kept.

    Raises `ConfigError` for a folder to keep that cannot be used: what no demo made stays.
    """
    if keep is not None:
        root = _kept(keep.resolve())
        with only_one("demo", root):
            yield _lay_out(root, source, broker_url)
        return
    # Unix socket paths end at 107 bytes: a short root under the system's temporary folder.
    root = Path(tempfile.mkdtemp(prefix="suian-"))
    try:
        yield _lay_out(root, source, broker_url)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _kept(root: Path) -> Path:
    """Return the folder to keep, made where it is not there. Raises `ConfigError`."""
    check_path(root / "run" / "console.sock")
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        problem, remedy = f"cannot be made: {error.strerror}", "Name another folder"
        raise ConfigError([Fault("--keep", 0, str(root), problem, remedy)]) from None
    if (root / "site").exists() and not (root / "demo.lock").exists():
        problem = "has a folder 'site' that no demo made"
        raise ConfigError([Fault("--keep", 0, str(root), problem, "Name an empty folder")])
    return root


def _lay_out(root: Path, source: Path, broker_url: str) -> Workspace:
    """Fill the run's folder. A kept folder that is used again gets a fresh copy of the site."""
    shutil.rmtree(root / "site", ignore_errors=True)
    for name in ("state", "run", "logs"):
        (root / name).mkdir(exist_ok=True)
    url = urlsplit(broker_url) if broker_url else None
    broker = (url.hostname or "127.0.0.1", url.port or 1883) if url else None
    ports = copy_site(source, root / "site", broker)
    return Workspace(
        root=root,
        site=root / "site",
        state=root / "state",
        run=root / "run",
        logs=root / "logs",
        console_port=ports["console"],
        broker_host=broker[0] if broker else "127.0.0.1",
        broker_port=ports["relay"],
    )
