"""A stream: sent once each, and acknowledged never past a gap."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from edge.relay.payload import Message
from edge.relay.stream import Stream


@given(
    st.integers(0, 50), st.lists(st.integers(1, 5), max_size=30), st.randoms(use_true_random=False)
)
def test_the_cursor_is_the_end_of_the_longest_acknowledged_run(cursor, sizes, order):
    """Whatever the order of acknowledgements, the cursor never passes a message still in flight."""
    ends = [cursor + sum(sizes[: i + 1]) for i in range(len(sizes))]

    def read(after: int) -> list[Message]:
        return [Message(end, "t", b"") for end in ends if end > after][:4]

    stream = Stream("event", "e", cursor, read)
    pending = []
    while message := stream.next():
        pending.append((message.last_seq, stream.sent(message)))
    assert [end for end, _ in pending] == ends
    order.shuffle(pending)
    open_ends = set(ends)
    for end, acknowledge in pending:
        acknowledge()
        open_ends.discard(end)
        below = [one for one in ends if one < min(open_ends, default=1 << 60)]
        assert stream.acknowledged == max(below, default=cursor)
    assert stream.in_flight == 0


def test_rows_that_come_later_are_read_from_where_reading_ended():
    """A stream that ran dry goes on when there is news, and repeats nothing."""
    rows = [1, 2]
    stream = Stream("event", "e", 0, lambda after: [Message(n, "", b"") for n in rows if n > after])
    assert [m.last_seq for m in iter(stream.next, None)] == [1, 2]
    rows += [3]
    assert [m.last_seq for m in iter(stream.next, None)] == [3]
