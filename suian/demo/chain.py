"""When each stage of the chain was first reached, on this machine's one monotonic clock."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from edge.clock import NS

STAGES = ("leak", "register", "alarm", "horn", "plume", "console", "mqtt")


@dataclass(slots=True)
class Chain:
    """The stages from leak to MQTT. A stage keeps the first stamp it was given.

    `leak`: the gas starts. `register`: a detector's served value first crosses level 1. `alarm`:
    core's transition is pushed. `horn`: the annunciator's device receives the write. `plume`: the
    first hazard estimate. `console`, `mqtt`: a client of each receives that first alarm.
    """

    started_ns: int = field(default_factory=time.monotonic_ns)
    core_started_ns: int | None = None
    first_line_ns: int | None = None
    first_sample_ns: int | None = None
    console_first_good_ns: int | None = None
    stamps: dict[str, int] = field(default_factory=dict[str, int])
    raised: int = 0
    cleared: int = 0
    messages: int = 0

    def reach(self, stage: str, mono_ns: int | None = None) -> bool:
        """Note that `stage` is reached (now, or at `mono_ns`); return whether it is news."""
        if stage in self.stamps:
            return False
        self.stamps[stage] = time.monotonic_ns() if mono_ns is None else mono_ns
        return True

    def between(self, first: str, second: str) -> float | None:
        """Return the seconds from one stage to another, None where either was not reached."""
        if first not in self.stamps or second not in self.stamps:
            return None
        return round((self.stamps[second] - self.stamps[first]) / NS, 4)

    def since_start(self, mono_ns: int | None) -> float | None:
        """Return the seconds from the demo's start to `mono_ns`, None where it never came."""
        return None if mono_ns is None else round((mono_ns - self.started_ns) / NS, 3)

    def figures(self) -> dict[str, float | int | None]:
        """Return the figures that the JSON report carries [s]."""
        return {
            "first_line_s": self.since_start(self.first_line_ns),
            "first_good_sample_s": self.since_start(self.first_sample_ns),
            "demo_warm_start_s": self.since_start(self.console_first_good_ns),
            "leak_to_register_s": self.between("leak", "register"),
            "leak_to_alarm_s": self.between("leak", "alarm"),
            "register_to_horn_s": self.between("register", "horn"),
            "register_to_plume_s": self.between("register", "plume"),
            "register_to_console_s": self.between("register", "console"),
            "register_to_mqtt_s": self.between("register", "mqtt"),
            "alarms_raised": self.raised,
            "alarms_cleared": self.cleared,
        }

    def missing(self) -> list[str]:
        """Return the stages that were not reached, in the chain's order."""
        return [stage for stage in STAGES if stage not in self.stamps]
