"""What a call costs, whatever else the machine does."""

from __future__ import annotations

import math
import time
from collections.abc import Callable


def cpu_s(call: Callable[[], object], times: int = 5) -> float:
    """Return the least CPU time [s] of `times` calls."""
    best = math.inf
    for _ in range(times):
        began = time.thread_time()
        call()
        best = min(best, time.thread_time() - began)
    return best
