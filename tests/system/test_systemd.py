"""The units as systemd reads them: clean, hardened, and arranged so that core needs nobody."""

from __future__ import annotations

import configparser
import importlib.util
import shutil
import subprocess
from pathlib import Path

import pytest

UNITS = Path(__file__).resolve().parents[2] / "systemd"
DAEMONS = ("core", "relay", "hazard", "console")
SATELLITES = DAEMONS[1:]
PYTHON = "/opt/suian/bin/python"

needs_systemd = pytest.mark.skipif(
    not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed: make setup"
)


def unit(name: str) -> configparser.ConfigParser:
    """Read a unit; of a key that stands twice the last line counts, which is enough here."""
    parser = configparser.ConfigParser(strict=False, interpolation=None, comment_prefixes="#")
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's keys have case
    assert parser.read(UNITS / f"suian-{name}.service", encoding="utf-8")
    return parser


def verify(folder: Path) -> str:
    """Have systemd read every unit of `folder`; return what it complains of."""
    units = sorted(map(str, folder.iterdir()))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stderr + ("" if done.returncode == 0 else f"\nexit {done.returncode}")


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The units with an interpreter that is there: verify insists on that."""
    for path in UNITS.iterdir():
        text = path.read_text(encoding="utf-8").replace(PYTHON, "/bin/true")
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    return tmp_path


@needs_systemd
def test_systemd_finds_nothing_to_complain_of(installed: Path):
    """`systemd-analyze verify` is silent about every unit and the target."""
    assert verify(installed) == ""


@needs_systemd
def test_systemd_would_complain_of_a_wrong_line(installed: Path):
    """The silence means something: a misspelt key is named."""
    core = installed / "suian-core.service"
    core.write_text(core.read_text("utf-8").replace("WatchdogSec", "WatchdogSecs"), "utf-8")

    assert "WatchdogSecs" in verify(installed)


@needs_systemd
@pytest.mark.parametrize("name", DAEMONS)
def test_a_daemon_exposes_little(name: str):
    """Systemd's own figure of what a broken daemon could reach stays below the benchmark's."""
    limit = 2.5 if name == "hazard" else 1.5
    done = subprocess.run(
        [
            "systemd-analyze",
            "security",
            "--offline=yes",
            f"--threshold={limit * 10:.0f}",
            str(UNITS / f"suian-{name}.service"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout.strip().splitlines()[-1]


def test_satellites_want_core_and_core_wants_nobody():
    """A satellite brings core up and starts after it; nothing can keep core from starting."""
    for name in SATELLITES:
        section = unit(name)["Unit"]
        assert section["Wants"] == "suian-core.service"
        assert "suian-core.service" in section["After"].split()
        assert "Requires" not in section
        assert "BindsTo" not in section
    core = unit("core")["Unit"]
    assert not {"Wants", "Requires", "BindsTo", "Requisite"} & core.keys()
    assert "suian" not in core["After"]


@pytest.mark.parametrize("name", DAEMONS)
def test_a_unit_starts_a_daemon_that_is_there(name: str):
    """ExecStart names a module of ours, as user suian, watched and always restarted."""
    service = unit(name)["Service"]

    assert service["ExecStart"] == f"{PYTHON} -m edge.daemons.{name} --site /etc/suian/site.yaml"
    assert importlib.util.find_spec(f"edge.daemons.{name}")
    assert service["User"] == "suian"
    assert service["Type"] == "notify"
    assert int(service["WatchdogSec"]) >= 10
    assert service["Restart"] == "always"
    assert unit(name)["Unit"]["StartLimitIntervalSec"] == "0"


def test_daemons_share_their_folders_and_none_takes_them_away():
    """All use one state and one socket folder; stopping one daemon leaves the others' sockets."""
    for name in DAEMONS:
        service = unit(name)["Service"]
        assert service["StateDirectory"] == service["RuntimeDirectory"] == "suian"
        assert service["RuntimeDirectoryPreserve"] == "yes"


def test_only_hazard_may_write_code_and_only_within_its_memory():
    """Numba's daemon has a cache folder and a memory limit; the others may make none."""
    hazard = unit("hazard")["Service"]

    assert "MemoryDenyWriteExecute" not in hazard
    assert hazard["Environment"] == "NUMBA_CACHE_DIR=%C/suian/numba"
    assert hazard["CacheDirectory"] == "suian/numba"
    assert hazard["MemoryMax"]
    for name in ("core", "relay", "console"):
        assert unit(name)["Service"]["MemoryDenyWriteExecute"] == "yes"
