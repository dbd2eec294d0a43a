"""The control socket (docs/wire.md §1): live values and alarms out of core, commands into it.

`ControlServer` is core's side (each satellite runs one as well, to answer `metrics`);
`ControlClient` is everybody else's.
"""

from edge.control.client import ControlClient
from edge.control.protocol import Command, Handlers, HandlersLike, Json
from edge.control.server import ControlServer

__all__ = ["Command", "ControlClient", "ControlServer", "Handlers", "HandlersLike", "Json"]
