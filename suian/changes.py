"""What `suian alarm changes` does: print the rows that changes.csv still needs."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from edge.cycle.settings import approved_settings
from edge.errors import SuianError
from edge.journal import JournalReader
from edge.site import load_site
from edge.site.alarms.ledger import COLUMNS, row_to_write
from edge.site.alarms.settings import differences, settings_of


def rows_to_write(path: Path, state: Path) -> str:
    """Return, as CSV, a row for each setting of the site that differs from what was approved.

    Those that a row of the site's changes.csv covers are left out. Raises `SuianError`, also where
    the journal in `state` knows of no settings yet.
    """
    site = load_site(path)
    file = state / "journal.db"
    if not file.is_file():
        raise SuianError(f"{file}: there is no journal")
    reader = JournalReader(file)
    try:
        approved = approved_settings(reader.states())
    finally:
        reader.close()
    if approved is None:
        raise SuianError(f"{file}: knows of no alarm settings; core notes them when it starts")
    found = differences(approved, settings_of(site))
    needed = [row_to_write(one) for one in found if site.changes.covers(one) is None]
    if not needed:
        return "every alarm setting is as it was approved, or has its papers\n"
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(COLUMNS)
    return out.getvalue() + "".join(f"{row}\n" for row in needed)
