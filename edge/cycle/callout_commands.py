"""What a person may do about calls: say that they have read one (已阅). It acknowledges nothing."""

from __future__ import annotations

from edge.control.protocol import Command, Json
from edge.cycle.acting import Acting, Acts, text

READ = "read_call"


def callout_commands(acting: Acting) -> Acts:
    """Return the commands by name; each raises `CommandError` to refuse."""

    def read_call(command: Command) -> Json:
        call, cycle = text(command, "call"), acting.cycle
        desk = cycle.callouts
        acting.do(command, desk.callout.read(call, command.actor, cycle.clock.now()))
        desk.carry_out([])
        return {**desk.views()}

    return {READ: read_call}
