"""How a device answers, counted: what an engineer looks at before taking a screwdriver along."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field

REMEMBERED = 512  # latest answers over which the latency's spread is taken


@dataclass(slots=True)
class DeviceStatistics:
    """One device's counters since the start; times are seconds, on the wire and in our queue not.

    `silences` counts how often it fell silent, `strays` frames of it that answered no open request
    (late, doubled), `bad_frames` answers that were damaged, cut short or of the wrong kind.
    """

    requests: int = 0
    answers: int = 0
    timeouts: int = 0
    bad_frames: int = 0
    strays: int = 0
    retries: int = 0
    silences: int = 0
    exceptions: Counter[int] = field(default_factory=Counter[int])
    last_error: str = ""
    _latest: deque[float] = field(default_factory=lambda: deque[float](maxlen=REMEMBERED))

    def answered(self, took_s: float) -> None:
        """Count an answer that took `took_s` [s]."""
        self.answers += 1
        self._latest.append(took_s)

    def as_dict(self) -> dict[str, object]:
        """Return the figures by their names; `latency_*_ms` [ms] are of the latest answers."""
        latest = sorted(self._latest)
        count = len(latest)
        return {
            "requests": self.requests,
            "answers": self.answers,
            "timeouts": self.timeouts,
            "bad_frames": self.bad_frames,
            "strays": self.strays,
            "retries": self.retries,
            "silences": self.silences,
            "exceptions": {str(code): number for code, number in sorted(self.exceptions.items())},
            "last_error": self.last_error,
            "latency_min_ms": _ms(latest[0]) if latest else None,
            "latency_mean_ms": _ms(sum(latest) / count) if latest else None,
            "latency_p95_ms": _ms(latest[(95 * count - 1) // 100]) if latest else None,
            "latency_max_ms": _ms(latest[-1]) if latest else None,
        }


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)
