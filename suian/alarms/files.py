"""What `suian alarm test` does: every file read first, then every test run and told."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from edge.errors import ConfigError, Fault
from suian.alarms.reading import read_table
from suian.alarms.run import run_test
from suian.alarms.show import Ran
from suian.alarms.table import Table


def run_files(paths: Sequence[Path], site: Path | None = None) -> list[Ran]:
    """Return what became of the tests of every file.

    Raises `ConfigError` with the faults of all files where one has any; nothing is run then.
    """
    tables: list[Table] = []
    faults: list[Fault] = []
    for path in paths:
        try:
            tables.append(read_table(path, site))
        except ConfigError as error:
            faults += error.faults
    if faults:
        raise ConfigError(list(dict.fromkeys(faults)))
    return [Ran(table, tuple(run_test(table, test) for test in table.tests)) for table in tables]
