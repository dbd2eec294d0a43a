"""What was expected beside what came, row by row."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from edge.alarm import AlarmView
from edge.clock import NS
from edge.event import Event, Param
from edge.site.yaml_doc import Plain
from edge.tag import Sample
from suian.alarms.table import Fields, Wanted, WantedEvent, shown_time

CLOSE = 1e-3  # of a number: people write 341, not 341.2
AT_NS = NS // 20  # half a tick: an event's time may be written to the tenth of a second


class Row(NamedTuple):
    """One line of a comparison; "" where one side has nothing."""

    wanted: str
    got: str
    held: bool
    kind: str = ""  # what was done, where that is what failed
    subject: str = ""


def same(wanted: Plain, got: Param) -> bool:
    """Whether a field is what the table says; numbers to 0.1 %."""
    if isinstance(wanted, bool) or isinstance(got, bool) or wanted is None or got is None:
        return wanted is got
    if isinstance(wanted, int | float) and isinstance(got, int | float):
        return math.isclose(wanted, got, rel_tol=CLOSE, abs_tol=1e-9)
    return str(wanted) == str(got)


def compare_alarms(
    wanted: Sequence[Wanted], standing: Sequence[AlarmView], *, also: bool
) -> list[Row]:
    """Return a row for each alarm that is wanted or stands."""
    by_id = {view.condition: view for view in standing}
    rows: list[Row] = []
    for want in wanted:
        view = by_id.pop(want.condition, None)
        text = _alarm(want.condition, want.fields)
        if view is None:
            rows.append(Row(text, "", held=False, subject=want.condition))
            continue
        facts = view.as_dict()
        got = {key: facts.get(key) for key in want.fields}
        held = all(same(value, got[key]) for key, value in want.fields.items())
        shown = _alarm(want.condition, got if want.fields else {})
        rows.append(Row(text, shown, held=held, subject=want.condition))
    for name, view in by_id.items():
        shown = _alarm(name, {"state": view.state, "priority": view.priority})
        rows.append(Row("", shown, held=also, subject=name))
    return rows


def _alarm(condition: str, fields: Mapping[str, Plain] | Mapping[str, Param]) -> str:
    words = [condition, str(fields.get("state") or "")]
    words += [f"{key} {_text(value)}" for key, value in fields.items() if key != "state"]
    return "  ".join(word for word in words if word)


def _text(value: Plain | Param) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    if value is None:
        return "none"
    return str(value).lower() if isinstance(value, bool) else str(value)


def compare_names(wanted: Sequence[str], got: Sequence[str]) -> list[Row]:
    """Return a row for each name on either side."""
    rows = [Row(name, name if name in got else "", held=name in got) for name in wanted]
    return rows + [Row("", name, held=False) for name in got if name not in wanted]


def compare_values(wanted: Mapping[str, Plain], latest: Mapping[str, Sample]) -> list[Row]:
    """Return a row for each tag whose reading was asked for: a number, or a quality's reason."""
    rows: list[Row] = []
    for tag, want in wanted.items():
        sample = latest[tag]
        by_reason = isinstance(want, str)
        held = str(sample.reason) == want if by_reason else same(want, sample.value)
        got = "none" if sample.value is None else f"{sample.value:g}"
        got += f"  {sample.reason}" if by_reason or sample.value is None else ""
        rows.append(Row(f"{tag}  {_text(want)}", f"{tag}  {got}", held=held, subject=tag))
    return rows


def compare_events(wanted: Sequence[WantedEvent], seen: Sequence[tuple[int, Event]]) -> list[Row]:
    """Return the events in order; where one was not expected or did not come, a row says so."""
    rows: list[Row] = []
    place, gap = 0, False
    for want in wanted:
        if not want.kind:
            gap = True
            continue
        found = next((i for i in range(place, len(seen)) if _is(want, seen[i])), None)
        if found is None and not gap and place < len(seen) and _like(want, seen[place][1]):
            rows.append(_pair(want, seen[place], held=False))
            place += 1
        elif found is None:
            rows.append(Row(_wanted(want), "", held=False, subject=want.subject))
        else:
            if not gap:
                rows += [_extra(item) for item in seen[place:found]]
            rows.append(_pair(want, seen[found], held=True))
            place = found + 1
        gap = False
    return rows if gap else rows + [_extra(item) for item in seen[place:]]


def _like(want: WantedEvent, event: Event) -> bool:
    return event.kind == want.kind and want.subject in ("", event.subject)


def _is(want: WantedEvent, item: tuple[int, Event]) -> bool:
    at_ns, event = item
    return (
        _like(want, event)
        and (want.at_ns is None or abs(at_ns - want.at_ns) <= AT_NS)
        and all(same(value, event.params.get(key)) for key, value in want.fields.items())
    )


def _pair(want: WantedEvent, item: tuple[int, Event], *, held: bool) -> Row:
    return Row(_wanted(want), _seen(item, want.fields), held=held, subject=item[1].subject)


def _extra(item: tuple[int, Event]) -> Row:
    return Row("", _seen(item, {}), held=False, subject=item[1].subject)


def _wanted(want: WantedEvent) -> str:
    at = "" if want.at_ns is None else shown_time(want.at_ns)
    words = [at, want.subject, want.kind.removeprefix("alarm.")]
    words += [f"{key} {_text(value)}" for key, value in want.fields.items()]
    return "  ".join(word for word in words if word)


def _seen(item: tuple[int, Event], fields: Fields) -> str:
    at_ns, event = item
    words = [shown_time(at_ns), event.subject, event.kind.removeprefix("alarm.")]
    words += [f"{key} {_text(event.params.get(key))}" for key in fields]
    return "  ".join(words)
