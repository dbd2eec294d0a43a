"""The form of the house: small files and functions, locks without addresses, documents in order."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from deploy.lock import LOCK, compose, parts, stanzas

ROOT = Path(__file__).resolve().parents[3]
LATER = ("dev", "plume")  # what the demo does without
FOLDERS = ("edge", "simulator", "training", "deploy", "suian", "tests")
NOT_OURS = {"node_modules", "static", "__pycache__"}
FILE_LINES = 400
FUNCTION_LINES = 60


def sources(*suffixes: str) -> Iterator[Path]:
    """Yield the files of the house with one of `suffixes`."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in suffixes and not NOT_OURS & set(path.parts):
                yield path


def test_no_file_is_long():
    """A file that needs more than 400 lines is two files."""
    lengths = {
        path: len(path.read_text(encoding="utf-8").splitlines())
        for path in sources(".py", ".ts", ".css", ".sh")
    }

    assert lengths
    assert not {str(path.relative_to(ROOT)): n for path, n in lengths.items() if n > FILE_LINES}


def test_no_function_is_long():
    """Forty lines are the aim; past sixty nobody reads to the end."""
    long = {}
    for path in sources(".py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_LINES:
                    long[f"{path.relative_to(ROOT)}:{node.name}"] = lines

    assert not long


def test_locks_name_no_address():
    """Where packages come from is each machine's own matter."""
    lock = LOCK.read_text(encoding="utf-8")
    assert "://" not in lock
    assert "index-url" not in lock
    for folder in ("edge/console/web", "tests/peers/node_opcua"):
        npm = (ROOT / folder / "package-lock.json").read_text(encoding="utf-8")
        assert "://" not in npm  # `npm install` writes who asks for funds: take those out again
        settings = (ROOT / folder / ".npmrc").read_text(encoding="utf-8")
        assert "omit-lockfile-registry-resolved=true" in settings
        assert "registry=" not in settings.replace("omit-lockfile-registry", "")


def test_every_locked_package_is_pinned_with_hashes():
    """Pip checks a hash of each package it installs."""
    for (name, head), body in stanzas(LOCK.read_text(encoding="utf-8")).items():
        assert re.match(rf"{re.escape(name)}==\S+", head), head
        assert "--hash=sha256:" in body, name


def test_the_lock_holds_what_the_project_asks_for():
    """Every requirement of pyproject.toml is in the lock, in the part that needs it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    demo, dev = (stanzas(part) for part in parts(LOCK.read_text(encoding="utf-8")))
    extras = project["project"]["optional-dependencies"]
    wanted = list(project["project"]["dependencies"])
    wanted += project["dependency-groups"]["build"] + project["build-system"]["requires"]
    wanted += [one for name, extra in extras.items() if name not in LATER for one in extra]
    missing = [text for text in wanted if not _met(text, demo)]
    later = [text for name in LATER for text in extras[name]]
    missing += [text for text in later if not _met(text, demo | dev)]

    assert not missing
    assert "pytest" not in {name for name, _ in demo}


def _met(text: str, entries: dict[tuple[str, str], str]) -> bool:
    """Whether a requirement is met by some entry of the lock (ours is met by the checkout)."""
    asked = Requirement(text)
    if asked.name == "suian":
        return True
    pins = [
        head.split(";")[0].partition("==")[2].strip()
        for name, head in entries
        if canonicalize_name(name) == canonicalize_name(asked.name)
    ]
    return bool(pins) and all(asked.specifier.contains(pin, prereleases=True) for pin in pins)


def test_the_lock_is_cut_in_two_by_need():
    """What the demo needs comes first, hashes with it; nothing is lost or doubled."""
    heads = ("a==1", "b==2 ; python_version < '3.12'", "b==3 ; python_version >= '3.12'")
    everything = "".join(f"{head} \\\n    --hash=sha256:0\n" for head in heads)
    demo, dev = parts(compose(everything, "b==3 \\\n    --hash=sha256:0\n"))

    assert [name for name, _ in stanzas(demo)] == ["b", "b"]
    assert [name for name, _ in stanzas(dev)] == ["a"]
    assert stanzas(demo) | stanzas(dev) == stanzas(everything)
    with pytest.raises(ValueError, match="make lock"):
        parts("a==1\n")


def test_the_readme_has_a_twin():
    """The English and the Chinese README have the same headings, commands and pictures."""
    pattern = re.compile(r"^(#+) |^    (make \S+)|^(!\[)", re.MULTILINE)
    english, chinese = (
        pattern.findall((ROOT / name).read_text(encoding="utf-8"))
        for name in ("README.md", "README.zh-CN.md")
    )

    assert english == chinese


def test_links_between_documents_lead_somewhere():
    """A relative link or picture in a document names a file that is there."""
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    dead = [
        f"{path.name}: {target}"
        for path in documents
        for target in re.findall(r"\]\(([^)#\s]+)", path.read_text(encoding="utf-8"))
        if "://" not in target and not (path.parent / target).exists()
    ]

    assert documents
    assert not dead


def test_decisions_are_numbered_and_complete():
    """Each decision is one page with context, decision, is and is not; numbers have no gaps."""
    records = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))

    assert [int(path.name[:4]) for path in records] == list(range(1, len(records) + 1))
    for path in records:
        text = path.read_text(encoding="utf-8")
        for heading in ("## Context", "## Decision", "## Is", "## Is not"):
            assert f"\n{heading}\n" in text, f"{path.name} lacks {heading}"
        assert len(text.splitlines()) <= 60, f"{path.name} is more than a page"
