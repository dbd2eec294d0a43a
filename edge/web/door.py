"""Who may see and do what: one small table of rules, asked by every page and route."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass

from edge.web.sessions import Session, Sessions

# A request that came through a proxy on this machine is not from this machine.
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")
KIOSK = "kiosk"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: a session's user, or nobody; and whether they sit at this machine."""

    address: str
    local: bool
    session: Session | None

    @property
    def name(self) -> str:
        """The name that an action is journalled under."""
        return self.session.user if self.session else KIOSK

    @property
    def role(self) -> str:
        """The role that an action is journalled under."""
        return self.session.role if self.session else KIOSK


def is_loopback(address: str) -> bool:
    """Whether an address is of this machine."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


class Door:
    """Makes callers of requests and says what they may do.

    `kiosk_view`: whether a page at this machine may be seen without a login. Set it False where a
    reverse proxy that hides its callers stands on this machine.
    """

    def __init__(self, sessions: Sessions, *, kiosk_view: bool) -> None:
        self.sessions = sessions
        self._kiosk_view = kiosk_view

    def caller(
        self, address: str, headers: Mapping[str, str], token: str | None, *, touch: bool = True
    ) -> Caller:
        """Return who asks. `headers` have lower-case names; `token` is the session cookie."""
        forwarded = any(name in headers for name in _FORWARDED)
        local = is_loopback(address) and not forwarded
        return Caller(address, local, self.sessions.find(token, touch=touch))

    def may_view(self, caller: Caller) -> bool:
        """Whether they may see values, alarms and the map."""
        return caller.session is not None or (caller.local and self._kiosk_view)

    def may_silence(self, caller: Caller) -> bool:
        """Whether they may still the horn: one touch at this machine, else with a login."""
        return self.may_view(caller)

    def may_act(self, caller: Caller) -> bool:
        """Whether they may acknowledge, reset and test: only a named person."""
        return caller.session is not None
