"""The lines of a CSV file of a site, each with its place; what is no CSV is a fault."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from edge.site.faults import Faults


class CsvLines:
    """The rows of `text` that are not empty: their 1-based line, and their cells without blanks.

    Text that is no CSV ends them with a fault, and is not `whole`.
    """

    def __init__(self, text: str, file: str, faults: Faults) -> None:
        self._text, self._file, self._faults = text, file, faults
        self.whole = True

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the rows."""
        reader = csv.reader(io.StringIO(self._text, newline=""), strict=True)
        start = 1
        try:
            for raw in reader:
                line, start = start, reader.line_num + 1
                cells = [cell.strip() for cell in raw]
                if any(cells):
                    yield line, cells
        except csv.Error as error:
            self.whole = False
            remedy = "Look for a quotation mark that is not closed"
            self._faults.add(self._file, start, "row", f"not CSV: {error}", remedy)
