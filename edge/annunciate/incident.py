"""One tone per incident: when the horns of an annunciator sound, rest, and sound again. Pure.

An incident begins with the first alarm that nobody has acknowledged, and its tone at once. It
lasts until none stands unacknowledged. Silence is no acknowledgement: it stills the tone, and the
tone comes again only

- for an area that was not heard in this incident, or where all has been answered since (`area`),
- for a level 2, or an urgent alarm, in an area of which only less was heard or waits (`level`),
- after five minutes in which somebody still has not acknowledged (`unanswered`),

and begins at most once a minute: what is due waits until the minute is over, and is never lost.
The first tone of an incident never waits. A silence stills what can be heard; what waits has not
been heard, and comes. All times are monotonic.
"""

from __future__ import annotations

from collections.abc import Mapping

from edge.clock import NS

UNANSWERED_NS = 300 * NS
LEAST_NS = 60 * NS  # between the beginnings of two tones of one incident


class Incident:
    """The tone of one annunciator."""

    def __init__(self) -> None:
        self.tone = False
        self._now: Mapping[str, int] = {}  # area -> the worst rank that nobody has acknowledged
        self._heard: dict[str, int] = {}  # area -> the worst rank that the tone has sounded for
        self._tone_ns = 0  # when the tone last began
        self._quiet_ns = 0  # when it was stilled

    @property
    def running(self) -> bool:
        """Whether something stands that nobody has acknowledged."""
        return bool(self._now)

    @property
    def next_ns(self) -> int | None:
        """When time alone will bring the tone again; None: not before something changes."""
        if self.tone or not self._now:
            return None
        soonest = self._tone_ns + LEAST_NS
        return soonest if self._fresh() else max(soonest, self._quiet_ns + UNANSWERED_NS)

    def take(self, worst: Mapping[str, int], now_ns: int) -> str:
        """Take what nobody has acknowledged: the worst rank of each area.

        Returns why the tone comes again, "" where it does not.
        """
        first, self._now = not self._now, worst
        if not worst:
            self.tone = False
            self._heard.clear()
            return ""
        heard = self._heard.items()
        # What people have answered was another alarm: the next one like it has not been heard.
        self._heard = {area: min(rank, worst[area]) for area, rank in heard if area in worst}
        if first:
            self._begin(now_ns)
        elif self.tone:
            self._hear()
        return self.tick(now_ns)

    def tick(self, now_ns: int) -> str:
        """Serve what time brings; returns why the tone comes again, "" where it does not."""
        due_ns = self.next_ns
        if due_ns is None or now_ns < due_ns:
            return ""
        why = self._fresh() or "unanswered"
        self._begin(now_ns)
        return why

    def silence(self, now_ns: int) -> bool:
        """Still the tone; returns whether there was one."""
        if not self.tone:
            return False
        self.tone, self._quiet_ns = False, now_ns
        return True

    def _fresh(self) -> str:
        """Return what has come that the tone has not sounded for."""
        if any(area not in self._heard for area in self._now):
            return "area"
        if any(rank > self._heard[area] for area, rank in self._now.items()):
            return "level"
        return ""

    def _begin(self, now_ns: int) -> None:
        self.tone, self._tone_ns = True, now_ns
        self._hear()

    def _hear(self) -> None:
        for area, rank in self._now.items():
            self._heard[area] = max(rank, self._heard.get(area, 0))
