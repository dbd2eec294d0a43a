"""What a tag reads in the course of a test: `0+10x7 _x3 stale`, as Prometheus rule tests write it.

| written | readings |
|---|---|
| `5` | 5 |
| `5x3` | 5, and 3 more: 5 5 5 5 |
| `0+10x3` | from 0 in steps of 10, 3 more: 0 10 20 30 |
| `9-2x3` | 9 7 5 3 |
| `_`, `_x3` | no reading; none three times |
| `timeout`, `timeoutx3` | a reading of that quality (any reason of `edge.tag`); three of them |
| `5:over-range`, `5:spikex3` | 5 with that quality; and 3 more |
| `bad`, `over`, `nan` | short for `device-bad`, `over-range` (at the end of the range), no number |

A series that has ended goes on with its last reading.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import NamedTuple

from edge.site.faults import suggest
from edge.tag import Reason

MOST_READINGS = 1_000_000  # in one series: eleven days at 1 s
SHORT = {"bad": Reason.DEVICE_BAD, "over": Reason.OVER_RANGE, "good": Reason.OK}
NAN = "nan"
GAP = "_"
WORDS = (*(reason.value for reason in Reason if reason is not Reason.OK), *SHORT, NAN)
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?"
_STEPS = re.compile(
    rf"(?P<first>{_NUMBER})(?:(?P<sign>[+-])(?P<step>(?:\d+\.?\d*|\.\d+)))?"
    r"(?::(?P<word>[a-z-]+?))?(?:x(?P<more>\d+))?"
)
_WORD = re.compile(r"(?P<word>_|[a-z-]+?)(?:x(?P<times>\d+))?")


class Given(NamedTuple):
    """One reading of a series: `value` [the tag's unit], None where only its quality is given."""

    value: float | None
    reason: Reason = Reason.OK

    def __str__(self) -> str:
        if self.reason is Reason.OK:
            return "nan" if self.value is None else f"{self.value:g}"
        return self.reason.value if self.value is None else f"{self.value:g}:{self.reason.value}"


class Reading(NamedTuple):
    """What a text says: the readings (None: there is none), or what is wrong with it."""

    given: Sequence[Given | None]
    problem: str = ""
    remedy: str = ""


def parse(text: str) -> Reading:
    """Return the readings of a series, one for each interval."""
    found: list[Given | None] = []
    for item in text.split():
        part = _item(item)
        if part.problem:
            return part
        found.extend(part.given)
        if len(found) > MOST_READINGS:
            remedy = f"Write a longer interval, or at most {MOST_READINGS} readings"
            return Reading((), f"the series has more than {MOST_READINGS} readings", remedy)
    if not found:
        return Reading((), "the series is empty", "Write readings such as '0+10x7 _x3 stale'")
    return Reading(found)


def _item(item: str) -> Reading:
    if match := _STEPS.fullmatch(item):
        return _steps(item, match)
    match = _WORD.fullmatch(item)
    if match is None:
        remedy = "Write numbers, a+bxn, axn, _ or a quality such as timeout"
        return Reading((), f"{item!r} is no reading", remedy)
    times = int(match["times"] or 1)
    if too := _too_many(item, times):
        return too
    if match["word"] == GAP:
        return Reading([None] * times)
    if match["word"] == NAN:
        return Reading([Given(float("nan"))] * times)
    reason = _reason(match["word"])
    if reason is None or reason is Reason.OK:
        return Reading((), f"{match['word']!r} is no quality", suggest(match["word"], WORDS))
    return Reading([Given(None, reason)] * times)


def _steps(item: str, match: re.Match[str]) -> Reading:
    first, more = float(match["first"]), int(match["more"] or 0)
    step = float(match["step"] or 0.0) * (-1.0 if match["sign"] == "-" else 1.0)
    if match["step"] and match["more"] is None:
        remedy = f"Write how often it steps: {item}x5"
        return Reading((), f"{item!r} does not say how many steps", remedy)
    if too := _too_many(item, more):
        return too
    if not math.isfinite(first + step * more):
        return Reading((), f"{item!r} is too large a number", "Write a number in the tag's unit")
    reason = Reason.OK if match["word"] is None else _reason(match["word"])
    if reason is None:
        return Reading((), f"{match['word']!r} is no quality", suggest(match["word"], WORDS))
    # Rounded as people count: 0+0.1x3 is 0.3 at the end, and at its limit.
    return Reading([Given(round(first + step * i, 12), reason) for i in range(more + 1)])


def _too_many(item: str, count: int) -> Reading | None:
    if count < MOST_READINGS:
        return None
    remedy = f"Write a longer interval, or at most {MOST_READINGS} readings"
    return Reading((), f"{item!r} is more than {MOST_READINGS} readings", remedy)


def _reason(word: str) -> Reason | None:
    if word in SHORT:
        return SHORT[word]
    try:
        return Reason(word)
    except ValueError:
        return None
