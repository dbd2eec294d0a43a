"""`suian device new`: a template and its first case, from a register table or from an example."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from edge.drivers.scaffold import scaffold
from edge.errors import ConfigError, Fault
from suian.device.register_table import read_table

EXAMPLE: Sequence[Mapping[str, str]] = (
    {"name": "concentration", "address": "40001", "unit": "%LEL", "scale": "0.1"},
    {"name": "status", "address": "40002", "note": "an example: put in your own registers"},
)


def new(template_id: str, vendor: str, model: str, source: Path | None, out: Path) -> list[Path]:
    """Write template and case below the folder `out`; return the files. Raises `ConfigError`.

    Without a `source` they hold two example registers. What is there already is never overwritten.
    """
    rows = EXAMPLE if source is None else read_table(source)
    try:
        template, case = scaffold(template_id, vendor, model, rows)
    except ConfigError as error:
        name = str(source or f"{template_id}.yaml")
        raise ConfigError(
            [fault._replace(file=name) if fault.file == "rows" else fault for fault in error.faults]
        ) from None
    texts = {
        out / f"{template_id}.yaml": template,
        out / "cases" / f"{template_id}-as-printed" / "case.yaml": case,
    }
    remedy = "Give the template another id, or move the old files away"
    taken = [
        Fault(str(path), 0, "file", "is there already", remedy) for path in texts if path.exists()
    ]
    if taken:
        raise ConfigError(taken)
    for path, text in texts.items():
        _write(path, text)
    return list(texts)


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:  # whoever was faster is not overwritten
            file.write(text)
    except OSError as error:
        problem = f"cannot be written: {error.strerror or error}"
        raise ConfigError(
            [Fault(str(path), 0, "file", problem, "Name another folder with --out")]
        ) from None
