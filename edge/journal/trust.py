"""Whether the wall clock may be trusted: clock trust is not quality, so rows carry it apart."""

from __future__ import annotations

import ctypes
import struct
from pathlib import Path

_TIMESYNC = Path("/run/systemd/timesync/synchronized")
_STATUS_AT = struct.calcsize("@Illll")  # of `status` in struct timex, adjtimex(2)
_TIMEX_BYTES = 512  # more than any platform's struct timex
_STA_UNSYNC = 0x0040
_TIME_ERROR = 5


def clock_is_synchronised() -> bool:
    """Return whether the kernel or timesyncd says the wall clock follows a source; else False."""
    if _TIMESYNC.exists():
        return True
    buffer = ctypes.create_string_buffer(_TIMEX_BYTES)
    try:
        state = ctypes.CDLL(None, use_errno=True).adjtimex(buffer)
    except (AttributeError, OSError):  # a C library without it: unknown, and unknown is false
        return False
    (status,) = struct.unpack_from("@i", buffer, _STATUS_AT)
    return state not in {-1, _TIME_ERROR} and not status & _STA_UNSYNC
