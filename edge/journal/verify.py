"""Is the record whole? The chain of events, their numbers, the state table, the packed samples.

It reads beside a running core: each statement is short, and the state table is read together with
the number of the event it stands at, so that what is written meanwhile cannot look like a fault.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from edge.errors import JournalError
from edge.journal.chain import link, origin
from edge.journal.format import scripts
from edge.journal.packed import check_samples
from edge.journal.readonly import ReadOnly, Row

_PAGE = 2_000
_CHAIN = "SELECT * FROM event WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?"
# One statement is one moment: the states, and the newest event they can be of.
_STATES = (
    "SELECT (SELECT max(seq) FROM event), c.condition, c.state"
    " FROM (SELECT 1) LEFT JOIN condition_state AS c"
)
_NUMBERED = "SELECT seq FROM sqlite_sequence WHERE name = 'event'"
_SPELL = {
    "calibration.begun": "calibrating",
    "calibration.ended": "normal",
    "calibration.expired": "normal",
}
NORMAL, REMOVED = "normal", "alarm.removed"
MOST_SAID = 20  # findings of one kind that are named; the rest are counted


class Finding(NamedTuple):
    """One thing that is wrong: a message of the catalogue, and from which event number on."""

    id: str
    params: dict[str, str | int]


class Verdict(NamedTuple):
    """What was looked at, and what was found; `broken_seq` is the first event that is not whole."""

    epoch: str
    gateway: str
    world: str
    first_seq: int
    last_seq: int
    events: int
    gone: int  # events that age has let go: the anchor says so
    conditions: int
    unjudged: int  # states whose last event is older than what is kept
    samples: int
    bodies: int
    broken_seq: int | None
    findings: tuple[Finding, ...]

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


class _Chain:
    """Follows the events, and keeps what each condition's last one says."""

    def __init__(self, first: int, expected: bytes) -> None:
        self.expected, self.next_seq = expected, first
        self.events = 0
        self.broken: Finding | None = None
        self.said: dict[str, tuple[int, str]] = {}  # condition -> event number, state on the wire

    def take(self, row: Row) -> None:
        """Take the next event there is."""
        seq, kind, subject, params, prev = row[0], row[6], row[7], row[8], row[9]
        self.events += 1
        if self.broken is None:
            if seq != self.next_seq:
                self.broken = Finding("audit.gap", {"seq": self.next_seq, "to": seq - 1})
            elif bytes(prev) != self.expected:
                self.broken = Finding("audit.chain", {"seq": seq})
            self.expected, self.next_seq = link(tuple(row)), seq + 1
        self._state(seq, str(kind), str(subject), params)

    def _state(self, seq: int, kind: str, subject: str, params: str) -> None:
        if kind in _SPELL:
            self.said[f"{subject}/calibration"] = (seq, _SPELL[kind])
        elif kind == REMOVED:
            self.said[subject] = (seq, NORMAL)
        elif kind.startswith("alarm."):
            try:
                found: Any = orjson.loads(params)
                self.said[str(found["condition"])] = (seq, str(found["state"]))
            except (orjson.JSONDecodeError, KeyError, TypeError):
                return  # of no one alarm; or no writer's row, and the chain has said so


def verify(path: Path, *, samples: bool = True) -> Verdict:
    """Return what there is to say of the journal at `path`; nothing is written.

    `samples`: unpack every sample as well, which takes minutes in a journal of a year. Raises
    `JournalError` if the file is not there, of a newer Suian, or no journal.
    """
    file = ReadOnly(path, len(scripts("schema")))
    try:
        return _verify(file, samples=samples)
    finally:
        file.close()


def _verify(file: ReadOnly, *, samples: bool) -> Verdict:
    epoch = file.meta("epoch")
    if not epoch:
        raise JournalError("it has no epoch yet: its writer is making it")
    numbered = file.rows(_NUMBERED)
    anchor = file.rows("SELECT first_seq, prev, gone FROM anchor")
    states = file.rows(_STATES)
    newest = int(states[0][0] or 0)
    first, expected, gone = anchor[0] if anchor else (1, origin(epoch), 0)
    chain = _Chain(int(first), bytes(expected))
    for row in _events(file, newest):
        chain.take(row)
    again = file.rows("SELECT first_seq FROM anchor")
    if again and int(again[0][0]) != int(first):  # old events went while we read
        return _verify(file, samples=samples)
    findings = [] if chain.broken is None else [chain.broken]
    last = int(numbered[0][0]) if numbered else 0
    if last > newest and chain.broken is None:
        findings.append(Finding("audit.tail", {"seq": newest + 1, "to": last}))
    rows = [(str(row[1]), str(row[2])) for row in states if row[1] is not None]
    wrong, unjudged = _compare(rows, chain.said)
    findings += wrong
    packed = check_samples(file) if samples else None
    if packed is not None:
        findings += [Finding(*found) for found in packed.findings[:MOST_SAID]]
    breaks = [found for found in findings if found.id in {"audit.gap", "audit.chain", "audit.tail"}]
    return Verdict(
        epoch=epoch,
        gateway=file.meta("gateway"),
        world=file.meta("world"),
        first_seq=int(first) if chain.events else 0,
        last_seq=newest,
        events=chain.events,
        gone=int(gone),
        conditions=len(rows),
        unjudged=unjudged,
        samples=packed.samples if packed is not None else 0,
        bodies=packed.bodies if packed is not None else 0,
        broken_seq=int(breaks[0].params["seq"]) if breaks else None,
        findings=tuple(findings),
    )


def _events(file: ReadOnly, newest: int) -> Iterator[Row]:
    after = 0
    while rows := file.rows(_CHAIN, (after, newest, _PAGE)):
        yield from rows
        after = int(rows[-1][0])


def _compare(
    rows: list[tuple[str, str]], said: dict[str, tuple[int, str]]
) -> tuple[list[Finding], int]:
    """Return where the state table and the last events differ, and how many have no event."""
    wrong: list[Finding] = []
    unjudged = 0
    kept = dict(rows)
    for condition, state in rows:
        if condition not in said:
            unjudged += 1
            continue
        seq, shown = said[condition]
        # A pair of states has one word on the wire: latched(-acked), shelved(-once).
        if state != shown and not state.startswith(f"{shown}-"):
            wrong.append(_differs(condition, state, shown, seq))
    for condition, (seq, shown) in said.items():
        if condition not in kept and shown != NORMAL:
            wrong.append(_differs(condition, "–", shown, seq))
    return wrong[:MOST_SAID], unjudged


def _differs(condition: str, table: str, event: str, seq: int) -> Finding:
    params: dict[str, str | int] = {"condition": condition, "table": table}
    return Finding("audit.state", {**params, "event": event, "seq": seq})
