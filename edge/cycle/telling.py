"""How the changes of one answer are told: who is to act, once at its first and once at its last."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Protocol

from edge.alarm import AlarmView


class Demanded(Protocol):
    """Who acts on standing alarms."""

    def demand(self, alarms: Sequence[AlarmView]) -> object:
        """Take the alarms that stand now. Never waits."""
        ...


class Demands:
    """Tells the horns, and then who calls people (`told`, in this order), what is `standing`.

    `fault` is told what failed; it costs the others nothing.

    An answer may bring hundreds of changes, and to tell the horns of all alarms at each would take
    core's loop for seconds in a flood. They are told at the first, before anything is recorded,
    and at the end of the answer of all the others: nothing is written to a horn before that end
    anyway, because nothing here waits. What could not be told is owed, until it could.
    """

    def __init__(
        self,
        standing: Callable[[], Sequence[AlarmView]],
        told: Sequence[Demanded],
        fault: Callable[[str, Exception], None],
    ) -> None:
        self._standing, self._told, self._fault = standing, told, fault
        self._depth = 0
        self._changes = 0  # in the answer that is being taken
        self._owed = False

    def change(self) -> None:
        """Take it that what stands has changed. It never raises, as all else here."""
        self._owed = True
        if self._depth:
            self._changes += 1
        if self._changes <= 1:
            self.settle()

    def owe(self) -> None:
        """Take it that what stands may have changed, and that nobody was told."""
        self._owed = True

    def settle(self) -> None:
        """Tell what is owed, if anything is."""
        if not self._owed:
            return
        self._owed = False
        alarms = self._standing()
        for one in self._told:
            try:
                one.demand(alarms)
            except Exception as error:  # noqa: BLE001  # told by `fault`; samples must go on
                self._owed = True
                self._fault("horns", error)

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
        self._changes = 0
        self.settle()
