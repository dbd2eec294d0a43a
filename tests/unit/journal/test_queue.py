"""The queue between core and the writer's thread, against a model of what it promises."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from edge.event import Transition
from edge.journal.queue import Queue, Timed
from tests.unit.journal.kit import sample, transition

LIMIT = 7

_ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("sample"), st.just(0)),
        st.tuples(st.just("event"), st.integers(1, 3)),
        st.tuples(st.just("write"), st.integers(1, LIMIT + 2)),
        st.tuples(st.just("fail"), st.integers(1, LIMIT + 2)),
    ),
    max_size=80,
)


@given(_ACTIONS)
def test_events_are_never_lost_and_samples_only_from_the_oldest_end_and_counted(actions):
    """Whatever is offered, written and given back: events all, in order; samples the newest."""
    queue = Queue(LIMIT)
    offered_events: list[Transition] = []
    written_events: list[Transition] = []
    offered, written, dropped = 0, list[int](), 0
    for action, count in actions:
        if action == "sample":
            queue.put_sample(Timed(sample(offered), offered))
            offered += 1
        elif action == "event":
            fresh = [transition(len(offered_events) + i) for i in range(count)]
            offered_events += fresh
            queue.put(fresh)
        else:
            batch = queue.take(count)
            if action == "fail":
                queue.give_back(batch)
            else:
                written_events += batch.transitions
                written += [timed.mono_ns for timed in batch.samples]
                dropped += batch.dropped
        assert queue.waiting[1] <= LIMIT
    last = queue.take(LIMIT)
    written += [timed.mono_ns for timed in last.samples]
    assert [*written_events, *last.transitions] == offered_events
    assert written == sorted(set(written)), "samples keep their order and come once"
    assert len(written) + dropped + last.dropped == offered
    assert written[-len(last.samples) :] == list(range(offered - len(last.samples), offered)) or (
        not last.samples
    )
