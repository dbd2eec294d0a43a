"""Tags that are heard of together, so that the time at which they were is kept once for all."""

from __future__ import annotations

from collections.abc import Sequence

NEVER_NS = -(1 << 62)


class Heard:
    """The tags of one device's one answer, and when that last came.

    Each time, every tag of it was either sampled, or read what it read before. The latter is
    nobody's work but for `restless` tags, of which even an unchanged sample may have an effect (a
    delay runs, an alarm stands, a reading is Bad): they are to be sampled each time. In the
    beginning all are.
    """

    __slots__ = ("mono_ns", "restless", "show_from_ns", "tags", "utc_ns")

    def __init__(self, tags: Sequence[str]) -> None:
        self.tags = tuple(tags)
        self.restless = set(self.tags)
        self.utc_ns = NEVER_NS
        self.mono_ns = NEVER_NS  # no two answers come at one instant
        self.show_from_ns = NEVER_NS  # when screens are to be told of all of them again


ALONE = Heard(())  # of tags that are heard of one by one
