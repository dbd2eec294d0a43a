"""Sessions: signed random tokens, kept in memory alone; a restart logs everybody out."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from edge.clock import NS, Clock
from edge.web.users import User

COOKIE = "suian_session"
LONGEST_S = 12 * 3600.0  # a shift
IDLE_S = 3600.0
MOST_SESSIONS = 200


@dataclass(slots=True)
class Session:
    """One login. Times are on the monotonic clock [ns]."""

    user: str
    role: str
    began_ns: int
    seen_ns: int


class Sessions:
    """Opens, finds and ends sessions. The clock must run at a person's pace, never a replay's."""

    def __init__(self, clock: Clock, longest_s: float = LONGEST_S, idle_s: float = IDLE_S) -> None:
        self._clock = clock
        self._longest_ns = round(longest_s * NS)
        self._idle_ns = round(idle_s * NS)
        self._key = secrets.token_bytes(32)
        self._open: dict[str, Session] = {}

    def open(self, user: User) -> str:
        """Return the token of a new session. Beyond `MOST_SESSIONS` the oldest ends."""
        self._sweep()
        while len(self._open) >= MOST_SESSIONS:
            del self._open[next(iter(self._open))]
        name = secrets.token_urlsafe(24)
        now_ns = self._clock.now().mono_ns
        self._open[name] = Session(user.name, user.role, now_ns, now_ns)
        return f"{name}.{self._sign(name)}"

    def find(self, token: str | None, *, touch: bool = True) -> Session | None:
        """Return the live session of a token, or None. `touch` counts as the person's presence."""
        name = self._name(token)
        session = self._open.get(name) if name else None
        if name is None or session is None:
            return None
        now_ns = self._clock.now().mono_ns
        if not self._alive(session, now_ns):
            del self._open[name]
            return None
        if touch:
            session.seen_ns = now_ns
        return session

    def end(self, token: str | None) -> None:
        """End a token's session, if it has one."""
        name = self._name(token)
        if name:
            self._open.pop(name, None)

    def _alive(self, session: Session, now_ns: int) -> bool:
        return (
            now_ns - session.began_ns < self._longest_ns
            and now_ns - session.seen_ns < self._idle_ns
        )

    def _sweep(self) -> None:
        now_ns = self._clock.now().mono_ns
        self._open = {k: s for k, s in self._open.items() if self._alive(s, now_ns)}

    def _sign(self, name: str) -> str:
        return hmac.new(self._key, name.encode(), hashlib.sha256).hexdigest()

    def _name(self, token: str | None) -> str | None:
        """Return the session name that a token truly signed carries."""
        name, dot, signature = (token or "").partition(".")
        if not dot or not hmac.compare_digest(signature.encode(), self._sign(name).encode()):
            return None
        return name
