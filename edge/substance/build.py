"""Compile the substance table: `python -m edge.substance.build`.

Writes `table.csv`, `curves.csv` and `erg.csv` beside this file from the reference folder that
`SUIAN_REFERENCE` names, from `compiler/facts.csv` and `compiler/points.csv`, and from the
`chemicals` and CoolProp libraries. Nothing here is imported at run time: core stays light.
"""

from __future__ import annotations

import os
from pathlib import Path

import structlog

from edge.substance import TABLE, erg, fluid, parse
from edge.substance.compiler import curves, recipes, table, zones

log = structlog.get_logger(__name__)


def compile_all(reference: Path) -> dict[str, str]:
    """Return the text of each compiled file by name.

    Raises `ConfigError` with every fault of the facts, `OSError` if a file cannot be read,
    `ImportError` without the build's libraries.
    """
    facts = recipes.completed(table.facts(reference), reference)
    text = table.text(facts)
    parse(text.splitlines())
    return {
        TABLE: text,
        fluid.TABLE: curves.compile_curves(recipes.recipes(facts, reference)),
        erg.TABLE: zones.compile_zones(facts, reference),
    }


def main() -> None:
    """Write every compiled file from the folder that SUIAN_REFERENCE names."""
    reference = Path(os.environ.get("SUIAN_REFERENCE", "../shared/reference"))
    package = Path(__file__).parent
    for name, text in compile_all(reference).items():
        (package / name).write_text(text, encoding="utf-8")
        log.info("written", path=str(package / name), lines=text.count("\n"))


if __name__ == "__main__":
    main()
