"""Before anything is sent on a serial line: listen, and leave it alone if somebody talks there."""

from __future__ import annotations

from edge.drivers.modbus.listen import Traffic, listen
from edge.errors import SuianError
from edge.site.model import Link
from suian.device.talk import summary

LISTEN_S = 5.0  # a master that polls more slowly than this is rare; --listen-s may lengthen it
LEAST_OCTETS = 4  # fewer are a line that floats, not a frame


class LineBusyError(SuianError):
    """A serial line on which another master talks; says what was heard."""


async def hear_out(link: Link, listen_s: float) -> Traffic | None:
    """Listen for `listen_s` [s] where `link` is a serial line. Raises `LineBusyError`."""
    if not link.on_line:
        return None
    traffic = await listen(link, listen_s)
    if traffic.masters_talk:
        told = "\n".join(f"  {line}" for line in summary(traffic))
        raise LineBusyError(
            f"{link.where}: another master talks on this line; a second one would destroy both "
            f"conversations, so nothing was sent. Heard in {traffic.seconds:g} s:\n{told}\n"
            "Read its values with `suian device sniff`, or disconnect that master first"
        )
    if traffic.octets >= LEAST_OCTETS:
        raise LineBusyError(
            f"{link.where}: {traffic.octets} bytes came within {traffic.seconds:g} s, and no sound "
            "Modbus frame among them, so nothing was sent. Somebody talks at another speed or "
            "parity or in another protocol, or the line floats without bias: see docs/modbus.md"
        )
    return traffic
