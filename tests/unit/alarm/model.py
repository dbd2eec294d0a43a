"""One alarm told as sentences: a second, plain reading of ISA-18.2 to hold the engine against.

Written from docs/alarm-states.md and the rules of the design, not from the table's code: a
condition is judged by looking back over its whole history, and how an alarm stands with people is
a handful of facts (active, acknowledged, latched, who holds it), never a state that moves.
"""

from __future__ import annotations

from dataclasses import dataclass, field

FLOOD_S = 600.0
SHELVES = ("shelf", "once")


@dataclass
class Plain:
    """One alarm. Times are seconds on the monotonic clock, `until_utc` [s] on the wall's."""

    name: str
    threshold: float
    deadband: float
    on_s: float
    off_s: float
    priority: int
    always_latch: bool = False
    history: list[tuple[float, float | None]] = field(default_factory=list)  # (when, None: held)
    active: bool = False
    acked: bool = True
    latched: bool = False
    urgent: bool = False
    extreme_seen: bool = False
    count: int = 0
    hold: str = ""  # "", shelf, once, out, design
    ends: float = 0.0
    since_utc: float = 0.0
    until_utc: float = 0.0
    suppressors: list[str] = field(default_factory=list)
    held_by: str = ""

    # --- the condition -------------------------------------------------------------------------

    def beyond_since(self) -> float | None:
        """When the unbroken row of judged samples at or beyond the limit began (held ones pass)."""
        since = None
        for when, value in reversed(self.history):
            if value is None:
                continue
            if value < self.threshold:
                break
            since = when
        return since

    def clear_since(self) -> float | None:
        """When the unbroken row of judged samples below the deadband began (held ones break)."""
        since = None
        for when, value in reversed(self.history):
            if value is None or value >= self.threshold - self.deadband:
                break
            since = when
        return since

    def pending(self) -> bool:
        """Whether it is on its way to being true."""
        return not self.active and self.beyond_since() is not None

    # --- people --------------------------------------------------------------------------------

    @property
    def state(self) -> str:
        """The word for how it stands."""
        if self.hold:
            return {"out": "out-of-service", "design": "suppressed"}.get(self.hold, "shelved")
        if self.active:
            return "acked" if self.acked else "unack"
        if self.latched:
            return "latched"
        return "normal" if self.acked else "rtn-unack"

    @property
    def shown_priority(self) -> int:
        """1 while it speaks for a detector lost in gas."""
        return 1 if self.urgent else self.priority

    @property
    def suppressible(self) -> bool:
        """Whether the design holds it back; never what is urgent."""
        return bool(self.suppressors) and not self.urgent

    def began_anew(self) -> None:
        """Forget the former story: it is normal, and something of it begins."""
        if self.state == "normal":
            self.count, self.urgent = 0, False

    def becomes_true(self, *, urgent: bool) -> bool:
        """Become true, or more urgent than it is; return whether people are told."""
        self.began_anew()
        self.urgent = self.urgent or urgent
        self.latched = self.latched or self.always_latch or self.extreme_seen
        self.active, self.extreme_seen = True, False
        self.count += 1
        self.history.clear()
        if self.hold and (self.hold == "out" or not urgent):
            return False
        self.hold, self.acked = "", False  # nobody sets a detector lost in gas aside
        return True

    def ends_now(self) -> None:
        """Be true no more."""
        self.active = False
        self.history.clear()
        if self.hold == "once":
            self.hold, self.acked = "", not self.latched

    def let_go(self) -> None:
        """Be held no more: what is true then is a new alarm, what latched is still to be seen."""
        self.hold = ""
        if self.suppressible:
            self.hold, self.held_by = "design", self.suppressors[0]
            return
        self.acked = not (self.active or self.latched)
        if self.active:
            self.count += 1

    def suppress(self) -> None:
        """Be held by design, where nothing announced waits for a person."""
        if self.suppressible and not self.hold and self.state in ("normal", "acked"):
            self.began_anew()
            self.hold, self.held_by = "design", self.suppressors[0]

    def normal_again(self) -> None:
        """Once it is normal, nothing of its story is left."""
        if self.state == "normal":
            self.urgent = False


class Floods:
    """Whether many alarms were announced in the last ten minutes."""

    def __init__(self, begin: int, end: int) -> None:
        self.begin, self.end = begin, end
        self.on = False
        self.announced: list[float] = []

    def count(self, now: float) -> int:
        """How many in the last ten minutes."""
        return sum(now - when < FLOOD_S for when in self.announced)

    def note(self, now: float) -> None:
        """One more."""
        self.announced.append(now)
        self.on = self.on or self.count(now) >= self.begin
