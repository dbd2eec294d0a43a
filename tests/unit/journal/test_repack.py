"""Closed hours repacked: the stream and the trends are the same before, during and after."""

from __future__ import annotations

import contextlib
import tempfile
import zlib
from itertools import pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.clock import NS
from edge.journal import JournalReader
from edge.journal.columns import (
    Minutes,
    Rest,
    Sheaf,
    Shown,
    pack_minutes,
    pack_rest,
    pack_sheaf,
    pack_shown,
    unpack_minutes,
    unpack_rest,
    unpack_sheaf,
    unpack_shown,
)
from edge.journal.repack import HOUR_NS, Repacker
from edge.tag import Quality, Reason, Sample, World
from tests.unit.journal.kit import T0_NS, opened, put, repack, sample

LATE_NS = T0_NS + (1 << 60)

_INT = st.integers(-(1 << 62), (1 << 62) - 1) | st.integers(-300, 300)
_FLOAT = st.floats(allow_nan=False) | st.sampled_from([0.1, 0.2, 1.25, -40.0, 1e6])


def _columns(kinds: str):
    """Columns of one length; "i" whole numbers, "f" values."""
    rows = st.tuples(*(_INT if kind == "i" else _FLOAT for kind in kinds))
    several = st.lists(rows, min_size=1, max_size=40)
    return several.map(lambda rows: [list(column) for column in zip(*rows, strict=True)])


@given(_columns("iiiiif"), _columns("iif"), _columns("iii"), _columns("iiiifff"))
def test_columns_come_back_as_they_were(sheaf, shown, rest, minutes):
    """Any whole numbers and any values, of any spread, lose nothing by packing."""
    count = len(sheaf[0])
    assert [list(c) for c in unpack_sheaf(pack_sheaf(Sheaf(*sheaf)), count)] == sheaf
    count = len(shown[0])
    assert [list(c) for c in unpack_shown(pack_shown(Shown(*shown)), count)] == shown
    count = len(rest[0])
    assert [list(c) for c in unpack_rest(pack_rest(Rest(*rest)), count)] == rest
    assert [list(c) for c in unpack_minutes(pack_minutes(Minutes(*minutes)))] == minutes


@given(st.binary(max_size=200), st.integers(-2, 1 << 40), st.binary(max_size=8))
def test_what_is_no_body_is_told_and_nothing_else_happens(inside, count, head):
    """Damage, whether the deflated form shows it or not, is one kind of error and takes no time."""
    for body in (inside, zlib.compress(inside), head + zlib.compress(b"D" + inside)):
        for unpack in (unpack_sheaf, unpack_shown, unpack_rest):
            with contextlib.suppress(ValueError):
                unpack(body, count)
        with contextlib.suppress(ValueError):
            unpack_minutes(body)


_SAMPLE = st.builds(
    lambda tag, value, state, lag: (tag, None if state[0] is Quality.BAD else value, state, lag),
    st.sampled_from("ABC"),
    st.sampled_from([0.0, 0.1, 7.25, 1e-9]),
    st.sampled_from(
        [
            (Quality.GOOD, Reason.OK),
            (Quality.UNCERTAIN, Reason.SPIKE),
            (Quality.BAD, Reason.STALE),
        ]
    ),
    st.sampled_from([0, -1, 5]),
)
_FLUSHES = st.lists(
    st.tuples(
        st.sampled_from([1, 30, 700, 4000, -5000]),  # seconds of the wall clock since the last
        st.lists(_SAMPLE, min_size=1, max_size=12),
    ),
    min_size=1,
    max_size=12,
)


def _fill(store, flushes) -> None:
    at_ns = T0_NS
    for seconds, rows in flushes:
        at_ns += seconds * NS
        put(
            store,
            [
                Sample(tag, value, q, reason, at_ns + i * NS + lag, at_ns + i * NS, World.TEST)
                for i, (tag, value, (q, reason), lag) in enumerate(rows)
            ],
            clock_ok=seconds > 0,
        )


@settings(max_examples=40, deadline=None)
@given(_FLUSHES, st.integers(1, 9), st.integers(0, 60))
def test_readers_see_the_same_at_every_step_of_a_repack(flushes, limit, start):
    """A cursor anywhere reads each sample once, in order, as it was; trends keep every sample."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.db"
        store = opened(path)
        _fill(store, flushes)
        reader = JournalReader(path)
        whole = reader.samples(0, 1000)
        window = (T0_NS - 99_000 * NS, T0_NS + 99_000 * NS)
        trends = {tag: reader.trend(tag, *window, 1000) for tag in "ABC"}
        assert [row.seq for row in whole] == list(range(1, len(whole) + 1))
        repacker = Repacker(store)
        following = start
        while repacker.step(LATE_NS):
            assert reader.samples(following, limit) == whole[following : following + limit]
            following = min(following + limit, len(whole))
            assert {tag: reader.trend(tag, *window, 1000) for tag in "ABC"} == trends
        assert reader.samples(0, 1000) == whole
        assert store.rows("SELECT count(*) FROM sheaf")[0][0] == 0
        few = [reader.trend(tag, *window, 2) for tag in "ABC"]
        assert sum(point.samples for points in few for point in points) == len(whole)
        reader.close()
        store.close()


def test_the_open_hour_stays_and_a_closed_one_goes_whole(tmp_path: Path):
    """What is repacked ends with its hour, and not before the hour is over."""
    store = opened(tmp_path / "journal.db")
    hour_ns = (T0_NS // HOUR_NS + 1) * HOUR_NS
    first = (hour_ns - T0_NS) // NS
    for second in range(-10, 3610, 5):
        put(store, [sample(first + second + i) for i in range(5)])
    assert repack(store, hour_ns + 3600 * NS) == 1, "the second hour's last flush may be waiting"
    assert repack(store, hour_ns + 3700 * NS) == 1
    parts = store.rows("SELECT first_seq, last_seq FROM part ORDER BY id")
    assert [tuple(row) for row in parts] == [(1, 10), (11, 3610)]
    assert store.rows("SELECT min(first_seq), sum(samples) FROM sheaf")[0] == (3611, 10)
    store.close()


def test_a_repack_that_was_cut_short_is_done_again(tmp_path: Path):
    """Blocks without their part are nothing to anybody, and are removed by the next repack."""
    path = tmp_path / "journal.db"
    store = opened(path)
    for number in range(100):
        put(store, [sample(number * 10 + i, f"T-{i}") for i in range(100)])
    whole = JournalReader(path).samples(0, 99_999)
    for steps in range(14):
        repacker = Repacker(store)
        for _ in range(steps):
            repacker.step(LATE_NS)
        store.abandon()
        store = opened(path)
        assert JournalReader(path).samples(0, 99_999) == whole
    repack(store)
    assert JournalReader(path).samples(0, 99_999) == whole
    orphans = "SELECT count(*) FROM block WHERE key / 1048576 NOT IN (SELECT id FROM part)"
    assert store.rows(orphans)[0][0] == 0
    store.close()


def test_damaged_samples_cost_no_others_and_are_named(tmp_path: Path):
    """A body that cannot be unpacked is a hole in the numbers, for readers and for the repack."""
    path = tmp_path / "journal.db"
    store = opened(path)
    for number in range(4):
        put(store, [sample(number * 10 + i) for i in range(10)])
    store.execute("UPDATE sheaf SET body = x'00' WHERE first_seq = 11")
    kept = [*range(1, 11), *range(21, 41)]
    reader = JournalReader(path)
    assert [row.seq for row in reader.samples(0, 99)] == kept
    repacker = Repacker(store)
    while repacker.step(LATE_NS):
        pass
    assert repacker.damaged == [(11, 20)]
    assert [row.seq for row in reader.samples(0, 99)] == kept
    assert reader.samples(10, 3)[0].seq == 21
    store.execute("UPDATE block SET shown = x'00'")
    assert reader.trend("AT-1", T0_NS, T0_NS + 99 * NS, 9) == []
    store.execute("UPDATE part SET last_seq = 40")
    assert JournalReader(path).samples(0, 99) == []
    store.close()


def test_a_long_trend_is_read_from_envelopes(tmp_path: Path):
    """A day of seconds in few points: each peak, each count, and no sample unpacked inside."""
    path = tmp_path / "journal.db"
    store = opened(path)
    start = (T0_NS // HOUR_NS + 1) * 3600 - T0_NS // NS
    for hour in range(6):
        first = start + hour * 3600
        put(store, [sample(first + s, "A", 50.0 if s == 1234 else 1.0) for s in range(3600)])
    repack(store)
    store.execute("UPDATE block SET shown = x'00' WHERE key / 1048576 IN (2, 3, 4, 5)")
    at_ns = T0_NS + start * NS
    points = JournalReader(path).trend("A", at_ns + 1800 * NS, at_ns + 6 * HOUR_NS - 7 * NS, 33)
    assert sum(point.samples for point in points) == 6 * 3600 - 1800 - 7
    assert len(points) == 33
    assert [point.highest for point in points].count(50.0) == 5
    assert {point.lowest for point in points} == {1.0}
    assert all(a.to_ns < b.from_ns for a, b in pairwise(points))
    store.close()
