"""Users, sessions and the door rules that every page of ours shares.

Viewing: with a login from anywhere; without one from this machine alone (the wall kiosk), where
the site allows it. Acting (acknowledge, reset, test) always needs a login. Silence is one touch
without login at this machine, because a horn that cannot be stilled at once gets its wire cut;
silence acknowledges nothing.
"""

from edge.web.door import Caller, Door, is_loopback
from edge.web.guard import Guard
from edge.web.memory import return_big_blocks
from edge.web.sessions import Session, Sessions
from edge.web.throttle import Throttle
from edge.web.users import User, UsersFile, ensure_admin

__all__ = [
    "Caller",
    "Door",
    "Guard",
    "Session",
    "Sessions",
    "Throttle",
    "User",
    "UsersFile",
    "ensure_admin",
    "is_loopback",
    "return_big_blocks",
]
