"""The alarm settings of a site: what of it decides what sounds, and how two sites differ in that.

Ten thousand tags have some thirty thousand conditions but few sorts of settings, so they are kept
as the conditions of each sort (`pack`).
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from hashlib import sha256
from typing import Any

import orjson

from edge.site.alarms.calculated import CORE, CalcSpec
from edge.site.alarms.ledger import CONDITION, FIELDS, FLOOD, SUPPRESSION, Difference
from edge.site.model import LimitSpec, Site

IN_FORCE, REMOVED = "in force", "removed"  # of a condition
SUPPRESSIONS = "suppressions/"  # begins the name of a suppression where a condition's could stand
LONGEST_CALCULATION = 80  # characters; a longer one is named by what it is and its hash
Value = float | int | bool | str | None
Values = tuple[Value, ...]
Settings = Mapping[str, Values]  # by condition; a suppression and the flood have one value


def settings_of(site: Site) -> dict[str, Values]:
    """Return the alarm settings of `site`. Core's own alarms are no setting of anybody's."""
    made = {name: _calculation(spec) for name, spec in site.calculations.items()}
    found: dict[str, Values] = {}
    for spec in site.limits.values():
        if spec.tag in made or site.tags[spec.tag].device != CORE:
            found[spec.id] = _values(spec, made.get(spec.tag, ""))
    for item in site.file.suppressions:
        text = f"{', '.join(item.members)} while {item.when}"
        delays = f"on_delay_s {item.on_delay_s:g}, off_delay_s {item.off_delay_s:g}"
        found[SUPPRESSIONS + item.id] = (f"{text}; {delays}",)
    flood = site.file.flood
    held = " ".join(map(str, flood.priorities))
    found[FLOOD] = (f"begin {flood.begin}, end {flood.end}, priorities {held}",)
    return found


def differences(before: Settings, now: Settings) -> Iterator[Difference]:
    """Yield what is otherwise `now`. A condition that is new is nobody's change."""
    for name, old in before.items():
        new = now.get(name)
        if new == old:
            continue
        if len(old) == 1:
            yield Difference(name, sort_of(name), said(old[0]), said(new[0]) if new else "")
        elif new is None:
            yield Difference(name, CONDITION, IN_FORCE, REMOVED)
        else:
            for setting, was, value in zip(FIELDS, old, new, strict=True):
                if was != value:
                    yield Difference(name, setting, said(was), said(value))
    for name in now.keys() - before.keys():
        if name.startswith(SUPPRESSIONS):  # it makes quiet what spoke
            yield Difference(name, SUPPRESSION, "", said(now[name][0]))


def sort_of(name: str) -> str:
    """Return the setting that a name without columns of its own has."""
    return SUPPRESSION if name.startswith(SUPPRESSIONS) else FLOOD


def merged(before: Settings, now: Settings, held: Mapping[str, set[str]]) -> dict[str, Values]:
    """Return what is `now`, but as `before` in the settings of each condition that `held` names."""
    found = dict(now)
    for name, settings in held.items():
        old, new = before.get(name), now.get(name)
        if old is None:
            found.pop(name, None)
        elif new is None or len(old) == 1:
            found[name] = old
        else:
            found[name] = tuple(
                was if setting in settings else value
                for setting, was, value in zip(FIELDS, old, new, strict=True)
            )
    return found


def said(value: Value) -> str:
    """Return a setting's value as people write it: 0.3, yes, nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else f"{value:.12g}"


def pack(settings: Settings) -> str:
    """Return `settings` as a short text, the same for the same settings."""
    sorts: dict[Values, list[str]] = {}
    for name, values in settings.items():
        sorts.setdefault(values, []).append(name)
    rows = [[list(values), sorted(names)] for values, names in sorts.items()]
    rows.sort(key=lambda row: row[1])  # names are of one sort each: no two rows are alike
    return base64.b85encode(zlib.compress(orjson.dumps(rows))).decode()


def unpack(text: str) -> dict[str, Values]:
    """Return the settings that `pack` made `text` of.

    Raises `ValueError` if it did not, or if that was a Suian that knew of other settings.
    """
    try:
        rows: list[list[list[Any]]] = orjson.loads(zlib.decompress(base64.b85decode(text)))
        if any(len(values) not in {1, len(FIELDS)} for values, _ in rows):
            raise ValueError("other columns")
        return {str(name): tuple(values) for values, names in rows for name in names}
    except (ValueError, TypeError, zlib.error) as error:
        raise ValueError(f"no alarm settings: {error}") from None


def _values(spec: LimitSpec, calculation: str) -> Values:
    return (
        spec.limit,
        spec.deadband,
        spec.on_delay_s,
        spec.off_delay_s,
        spec.latch,
        spec.priority,
        spec.level,
        spec.klass.value,
        spec.area,
        calculation,
    )


def _calculation(spec: CalcSpec) -> str:
    """Return what is calculated, in a line."""
    facts = {key: value for key, value in asdict(spec).items() if key != "tag"}
    text = ", ".join(f"{key} {value}" for key, value in facts.items())
    if len(text) <= LONGEST_CALCULATION:
        return text
    return f"{type(spec).__name__} {sha256(text.encode()).hexdigest()[:12]}"
