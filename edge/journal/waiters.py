"""Who wants to know when the disk has what was offered."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable


class Waiters:
    """Callers by how many transitions were offered before they asked; they are told in order."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._committed = 0
        self._waiting: deque[tuple[int, Callable[[], None]]] = deque()

    def add(self, offered: int, told: Callable[[], None]) -> None:
        """Have `told` called once `offered` transitions are committed: here, if they are."""
        with self._lock:
            late = self._committed < offered
            if late:
                self._waiting.append((offered, told))
        if not late:
            told()

    def committed(self, transitions: int) -> None:
        """Take it that so many more transitions are on the disk."""
        due: list[Callable[[], None]] = []
        with self._lock:
            self._committed += transitions
            while self._waiting and self._waiting[0][0] <= self._committed:
                due.append(self._waiting.popleft()[1])
        for told in due:
            told()
