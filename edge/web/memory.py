"""Giving big blocks of memory back to the system.

A password check takes 19 MiB for a moment. glibc raises its own threshold when such a block is
freed and then keeps the next ones in each thread's arena: five logins cost 60 MB for good
(measured). A fixed threshold maps every such block apart and gives it back.
"""

from __future__ import annotations

import ctypes

_M_MMAP_THRESHOLD = -3  # malloc.h
_BIG_BYTES = 1 << 20


def return_big_blocks() -> bool:
    """Have blocks from 1 MiB on mapped apart; whether this C library knows how (musl does not)."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return bool(mallopt(_M_MMAP_THRESHOLD, _BIG_BYTES)) if mallopt else False
