"""Core's own tags: calculated of what it reads, or facts about itself; heard of from core alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from edge.alarm import Heard
from edge.alarm.calc import Calculations, Failed
from edge.alarm.heard import NEVER_NS
from edge.clock import NS, Instant
from edge.cycle.latest import moved
from edge.site.alarms.calculated import CORE, PERIOD_S
from edge.site.model import Site
from edge.tag import Reason, Sample


class Own:
    """The tags of the device `core` of one site. `join` as `Cycle.join`; `failed` tells people.

    They are heard of together, each second, for as long as core's loop runs: the restless of them
    (an off-delay runs, an alarm stands) are then said again, as a device would that is polled.
    """

    def __init__(
        self,
        site: Site,
        join: Callable[[Sequence[str]], Heard],
        failed: Failed,
        speed: float = 1.0,
        before: Calculations | None = None,
    ) -> None:
        self._made = Calculations(site, before)
        self.fed, self.timed = self._made.by_input, self._made.timed
        self.heard = join([tag.name for tag in site.tags.values() if tag.device == CORE])
        self._join, self._failed, self._speed = join, failed, speed
        self._every_ns = round(PERIOD_S * speed * NS)
        self._from_ns = NEVER_NS

    def renewed(self, site: Site) -> Own:
        """Return those of a changed site; calculations that are the same go on."""
        return Own(site, self._join, self._failed, self._speed, self._made)

    def derive(self, sample: Sample, now: Instant) -> list[Sample]:
        """Return what is calculated of a sample that was judged."""
        return self._made.offer(sample, now, self._failed)

    def due(self, now: Instant) -> bool:
        """Whether a second has gone by; the answer is taken as done."""
        if not self.heard.tags or now.mono_ns < self._from_ns:
            return False
        self._from_ns = now.mono_ns + self._every_ns
        return True

    def tick(self, now: Instant) -> list[Sample]:
        """Return what time alone has made of the calculated tags."""
        return self._made.tick(now, self._failed)

    def again(self, latest: Mapping[str, Sample], now: Instant) -> list[Sample]:
        """Return the newest samples of the restless tags, as received once more."""
        known = (latest[name] for name in sorted(self.heard.restless))
        return [moved(s, now.utc_ns) for s in known if s.reason is not Reason.NOT_YET_READ]
