"""Gathers the modules of evidence and writes docs/models/evidence.md from them."""

from __future__ import annotations

import hashlib
import importlib
import pkgutil
from pathlib import Path
from types import ModuleType

import tests.evidence
from tests.evidence.case import REFERENCE, VALIDATION, VERIFICATION, Case

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "models" / "evidence.md"
CHAPTERS = {
    VERIFICATION: "the same equations give the same numbers (this says nothing of the field)",
    VALIDATION: "the models against field trials",
}
FEW = 40  # cases that are all shown; of more, the summary and the worst
WORST = 5


def modules() -> list[ModuleType]:
    """Return every module of this folder that shows evidence, by name."""
    found = sorted(module.name for module in pkgutil.iter_modules(tests.evidence.__path__))
    names = [name for name in found if name != "__main__"]
    loaded = [importlib.import_module(f"tests.evidence.{name}") for name in names]
    return [module for module in loaded if hasattr(module, "CHAPTER")]


def fingerprint() -> str:
    """Return what the reference data are known by: other data give another table."""
    digest = hashlib.sha256()
    for folder in ("dispersion", "field"):
        for path in sorted((REFERENCE / folder).rglob("*.*")):
            digest.update(path.relative_to(REFERENCE).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def document() -> str:
    """Return the whole of docs/models/evidence.md."""
    lines = [
        "# Evidence",
        "",
        "Written by `python -m tests.evidence` from the tests' own cases; do not edit.",
        f"Reference data: `{fingerprint()}`.",
    ]
    for chapter, meaning in CHAPTERS.items():
        lines += ["", f"## {chapter.capitalize()}: {meaning}"]
        for module in modules():
            if chapter == module.CHAPTER:
                lines += ["", f"### {module.TITLE}", "", *section(module)]
    return "\n".join(lines) + "\n"


def section(module: ModuleType) -> list[str]:
    """Return the Markdown of one module: its own `summary()` where it has one."""
    if hasattr(module, "summary"):
        return list(module.summary())
    cases: list[Case] = module.cases()
    if not cases:
        return ["No reference data here."]
    banded = [case for case in cases if case.band > 0]
    lines: list[str] = []
    if banded:
        inside = sum(case.error <= case.band for case in banded)
        worst = 100 * max(case.error for case in banded)
        share = f"{inside} of {len(banded)} within their band"
        lines = [f"{len(cases)} cases; {share}; largest difference {worst:.2g} %.", ""]
    shown = cases if len(cases) <= FEW else sorted(cases, key=lambda case: -case.error)[:WORST]
    lines += [
        "| case | where | reference | ours | unit | difference |",
        "|---|---|---|---|---|---|",
    ]
    return lines + [
        f"| {case.case} | {case.where} | {case.reference:.4g} | {case.ours:.4g} | {case.unit} "
        f"| {100 * case.error:.2g} % |"
        for case in shown
    ]
