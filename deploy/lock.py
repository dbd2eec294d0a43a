"""Write requirements.lock: every package pinned with its hashes, for every platform and Python.

The file has two parts, so that `make demo` need not fetch what only tests want: the first holds
what the demo and the build need, the second what `make test` adds. It names no registry: which
index a machine uses is that machine's own configuration.

    python -m deploy.lock            bring the lock up to pyproject.toml, keeping its versions
    python -m deploy.lock --upgrade  take the newest versions pyproject.toml allows
    python -m deploy.lock --part demo|dev   print one part's lines for pip
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
BORDER = "# --- what `make test` adds ---"
HEAD = "# Written by `make lock`; pins and hashes only. Each machine has its own package index.\n"


def stanzas(text: str) -> dict[tuple[str, str], str]:
    """Return the entries of a requirements file by (name, first line), hashes included."""
    found: dict[tuple[str, str], str] = {}
    key = ("", "")
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if not line.startswith(" "):
            key = (line.partition("==")[0], line.rstrip(" \\"))
            found[key] = ""
        found[key] += line + "\n"
    return found


def parts(text: str) -> tuple[str, str]:
    """Return the lock's two parts. Raises `ValueError` if the border between them is missing."""
    demo, border, dev = text.partition(BORDER + "\n")
    if not border:
        raise ValueError(f"{LOCK.name} has no line {BORDER!r}; run `make lock`")
    return demo, dev


def compose(everything: str, demo_names: str) -> str:
    """Return the lock's text: entries of `everything`, those named by `demo_names` first."""
    wanted = {name for name, _ in stanzas(demo_names)}
    entries = stanzas(everything)
    demo = "".join(body for (name, _), body in entries.items() if name in wanted)
    dev = "".join(body for (name, _), body in entries.items() if name not in wanted)
    return f"{HEAD}{demo}{BORDER}\n{dev}"


def compile_extra(extra: str, keep: Path | None) -> str:
    """Resolve one extra and the build tools with uv; `keep` is a file of versions to hold to.

    Raises `CalledProcessError` if there is no answer; uv says on stderr why.
    """
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal"]
    command += ["--python-version", "3.11", "--generate-hashes", "--no-header", "--no-annotate"]
    command += ["--extra", extra, "--group", "build", "pyproject.toml"]
    if keep:
        command += ["--constraint", str(keep)]
    done = subprocess.run(  # noqa: S603 - our own command line
        command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout


def write(upgrade: bool) -> None:
    """Resolve and write the lock."""
    keep = LOCK if LOCK.exists() and not upgrade else None
    everything = compile_extra("dev", keep)
    draft = LOCK.with_suffix(".draft")
    draft.write_text(everything, encoding="utf-8")
    try:
        demo = compile_extra("demo", draft)
    finally:
        draft.unlink()
    LOCK.write_text(compose(everything, demo), encoding="utf-8")


def main() -> None:
    """Write the lock, or print one part of it."""
    parser = argparse.ArgumentParser(description="write requirements.lock")
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions")
    parser.add_argument("--part", choices=("demo", "dev"), help="print one part and stop")
    arguments = parser.parse_args()
    if arguments.part:
        demo, dev = parts(LOCK.read_text(encoding="utf-8"))
        sys.stdout.write(demo if arguments.part == "demo" else dev)
    else:
        write(arguments.upgrade)


if __name__ == "__main__":
    main()
