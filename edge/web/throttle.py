"""Slows down who guesses passwords, and keeps the 19 MiB of one check from becoming many."""

from __future__ import annotations

from dataclasses import dataclass

from edge.clock import NS, Clock

FREE_TRIES = 5
FIRST_WAIT_S = 30.0
LONGEST_WAIT_S = 900.0
FORGET_S = 3600.0
MOST_KEYS = 2000


@dataclass(slots=True)
class _Record:
    """Failures of one key in a row, and until when it waits [monotonic ns]."""

    failures: int
    last_ns: int
    until_ns: int = 0


class Throttle:
    """Counts failed tries per key (address, and address with name).

    A try is counted before it is checked, so that many at once gain nothing; success forgets
    them. The wait starts after `FREE_TRIES` and doubles with each further failure.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._records: dict[str, _Record] = {}

    def wait_s(self, key: str) -> float:
        """Return how long `key` must still wait [s]; 0 where it may try."""
        record = self._records.get(key)
        if record is None:
            return 0.0
        return max(0.0, (record.until_ns - self._clock.now().mono_ns) / NS)

    def count(self, key: str) -> None:
        """Count one try as failed."""
        now_ns = self._clock.now().mono_ns
        self._forget(now_ns)
        record = self._records.setdefault(key, _Record(0, now_ns))
        record.failures += 1
        record.last_ns = now_ns
        over = record.failures - FREE_TRIES
        if over >= 0:
            wait_s = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(over, 10))
            record.until_ns = now_ns + round(wait_s * NS)

    def succeed(self, key: str) -> None:
        """Forget a key's failures."""
        self._records.pop(key, None)

    def _forget(self, now_ns: int) -> None:
        """Drop what is old; where a flood of keys is left, drop the oldest of them."""
        if len(self._records) < MOST_KEYS:
            return
        old_ns = now_ns - round(FORGET_S * NS)
        self._records = {k: r for k, r in self._records.items() if r.last_ns > old_ns}
        for key in list(self._records)[: max(0, len(self._records) - MOST_KEYS + 1)]:
            del self._records[key]
