"""The exception tree. Every error says what failed, where, and what to do.

SuianError
├── ConfigError        a site, tag list, template or rule file: carries all its faults
├── ExpressionError    an expression that is none: carries its position and a message id
├── ClockError         a clock that may not be used here
├── DeviceError        a device or its link failed; becomes Bad samples, carries a Reason
├── WriteRefusedError  a write outside the annunciator allow-list
├── JournalError       the journal cannot be opened, written or understood
├── CommandError       a command that control refuses; carries a message id and parameters
└── WireError          a peer spoke what the protocol does not know
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class SuianError(Exception):
    """The root of every error Suian raises on purpose."""


class Fault(NamedTuple):
    """One thing wrong in a configuration file, said so that it can be mended."""

    file: str
    line: int  # 1-based; 0 where the whole file is meant
    subject: str  # the tag, device, asset or key
    problem: str
    remedy: str
    column: str = ""  # of a tag list, where one cell is meant: what finds it in a spreadsheet

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {self.subject}: {self.problem}. {self.remedy}"


class ConfigError(SuianError):
    """A configuration that cannot be used; `faults` holds every fault found, not just the first."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        noun = "fault" if len(self.faults) == 1 else "faults"
        lines = "\n".join(f"  {fault}" for fault in self.faults)
        super().__init__(f"{len(self.faults)} {noun}:\n{lines}")


class ExpressionError(SuianError):
    """An expression that cannot be read or whose units do not fit.

    `position` counts characters of `text` from 1; `message_id` and `params` are shown through the
    word catalogue, `problem` is the same in English.
    """

    def __init__(
        self, text: str, position: int, message_id: str, params: Mapping[str, str], problem: str
    ) -> None:
        self.text = text
        self.position = position
        self.message_id = message_id
        self.params = dict(params)
        self.problem = problem
        super().__init__(f"character {position} of {text!r}: {problem}")


class ClockError(SuianError):
    """A clock that does not exist or may not be used in this world."""


class DeviceError(SuianError):
    """A device that did not give what was asked; `reason` is a `tag.Reason` value."""

    def __init__(self, device: str, reason: str, detail: str) -> None:
        self.device = device
        self.reason = reason
        self.detail = detail
        super().__init__(f"device {device}: {reason}: {detail}")


class WriteRefusedError(SuianError):
    """A write to a device that is not on the annunciator allow-list."""


class JournalError(SuianError):
    """The journal cannot be opened, written, or is of a newer format."""


class CommandError(SuianError):
    """A refused command; `message_id` and `params` are shown through the word catalogue."""

    def __init__(
        self, message_id: str, params: Mapping[str, str | int | float] | None = None
    ) -> None:
        self.message_id = message_id
        self.params = dict(params or {})
        super().__init__(f"{message_id} {self.params}" if self.params else message_id)


class WireError(SuianError):
    """A peer that spoke another protocol, version, site or world."""
