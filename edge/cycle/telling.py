"""How the changes of one answer are told: horns once at its first and once at its last."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType


class Demands:
    """Tells the horns what stands (`tell`); `fault` is told what failed.

    An answer may bring hundreds of changes, and to tell the horns of all alarms at each would take
    core's loop for seconds in a flood. They are told at the first, before anything is recorded,
    and at the end of the answer of all the others: nothing is written to a horn before that end
    anyway, because nothing here waits.
    """

    def __init__(self, tell: Callable[[], None], fault: Callable[[str, Exception], None]) -> None:
        self._tell, self._fault = tell, fault
        self._depth = 0
        self._changes = 0  # in the answer that is being taken

    def change(self) -> None:
        """Take it that what stands has changed."""
        if self._depth:
            self._changes += 1
        if self._changes <= 1:
            self._tell()

    def __enter__(self) -> None:
        """Begin an answer; what core makes of it by calculation belongs to it."""
        self._depth += 1

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """End it: tell of what has not been told."""
        self._depth -= 1
        if self._depth:
            return
        changes, self._changes = self._changes, 0
        if changes > 1:
            try:
                self._tell()
            except Exception as error:  # noqa: BLE001  # told by `fault`; samples must go on
                self._fault("horns", error)
