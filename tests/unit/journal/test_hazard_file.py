"""hazard.db: what is written is read, numbered on, and kept to a count."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.errors import JournalError
from edge.journal.hazard_file import HazardReader, HazardWriter


def _estimate(number: int) -> dict[str, object]:
    rings = [[[x / 7, x / 3] for x in range(200)]]
    return {
        "id": f"e-{number}",
        "at_ns": number,
        "state": "estimate",
        "zones": [{"id": "aegl-2", "title": {"zh": "Ⅱ级", "en": "II"}, "rings": rings}],
    }


def test_an_estimate_comes_back_as_it_was_with_its_number(tmp_path: Path):
    """Readers get the estimate itself, in order by cursor, and what it was made from."""
    path = tmp_path / "hazard.db"
    reader = HazardReader(path)
    assert (reader.latest(), reader.after(0, 9), reader.epoch) == (None, [], "")
    writer = HazardWriter(path)
    assert [writer.write(_estimate(n), {"wind": n}) for n in (1, 2, 3)] == [1, 2, 3]
    assert reader.latest() == {**_estimate(3), "seq": 3}
    assert [one["id"] for one in reader.after(1, 9)] == ["e-2", "e-3"]
    assert reader.inputs(2) == {"wind": 2}
    assert reader.inputs(9) is None
    writer.close()


def test_numbers_and_epoch_go_on_and_the_oldest_go(tmp_path: Path):
    """The file keeps the newest estimates only, and never gives a number twice."""
    path = tmp_path / "hazard.db"
    first = HazardWriter(path, kept=2)
    for number in range(4):
        first.write(_estimate(number), {})
    first.close()
    epoch = HazardReader(path).epoch
    second = HazardWriter(path, kept=2)
    assert second.write(_estimate(9), {}) == 5
    second.close()
    reader = HazardReader(path)
    assert [one["seq"] for one in reader.after(0, 9)] == [4, 5]
    assert reader.epoch == epoch


def test_a_file_that_cannot_be_made_or_written_is_told(tmp_path: Path):
    """The error names the file; a write that failed leaves its number to the next."""
    with pytest.raises(JournalError, match=r"the folder .* is not there"):
        HazardWriter(tmp_path / "gone" / "hazard.db")
    writer = HazardWriter(tmp_path / "hazard.db")
    writer._db.execute("PRAGMA query_only = 1")
    with pytest.raises(JournalError, match="cannot be written"):
        writer.write(_estimate(1), {})
    writer._db.execute("PRAGMA query_only = 0")
    assert writer.write(_estimate(2), {}) == 1
    writer.close()
