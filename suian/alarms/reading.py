"""From a file to a `Table`: all its faults are told at once, and with one nothing is run."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from edge.alarm import states
from edge.errors import ConfigError, Fault
from edge.site import Site, load_site
from edge.site.faults import Faults, suggest
from edge.site.yaml_doc import Document, Plain, parse_yaml
from suian.alarms import inline
from suian.alarms.acts import ACTS, WHO, read_act
from suian.alarms.series import Given, parse
from suian.alarms.table import (
    VIEW_FIELDS,
    Act,
    Check,
    Fields,
    Table,
    Test,
    Wanted,
    WantedEvent,
    duration_ns,
)

TOP = ("site", "rest", "tests", *sorted(inline.KEYS))
TEST = ("name", "interval", "series", "do", "expect", "events")
CHECK = ("at", "alarms", "also", "sounding", "outputs", "values")
SHOWN = frozenset(facts.shown for facts in states.STATES.values())
PREFIX = "alarm."
KINDS = frozenset(
    kind.removeprefix(PREFIX)
    for kind in (
        *(
            event
            for step in states.TABLE.values()
            if isinstance(step, states.Step)
            for event in step.events
        ),
        states.LATCHING,
        "alarm.removed",
        "alarm.flood-began",
        "alarm.flood-ended",
    )
)
ANYTHING = ("...", "…")
HOW_LONG = "Write seconds, or 500ms, 12s, 1m30s, 2h"
Path_ = tuple[str | int, ...]


def read_table(path: Path, site_folder: Path | None = None) -> Table:
    """Return the tests of a file, on its own site or on that of `site_folder`.

    Raises `ConfigError` with every fault of the file (or of the site that it names).
    """
    file, faults = str(path), Faults(str(path))
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ConfigError([Fault(file, 0, "file", f"cannot be read: {why}", "Mend it")]) from None
    document = parse_yaml(text, file, faults)
    if document is None:
        raise ConfigError(faults.sorted())
    reader = _Reader(document, faults)
    reader.keys((), document.data, TOP)
    site = _site(document, path.parent, site_folder, faults)
    if site is not None:
        reader.site = site
    table = Table(path, reader.site, reader.rest(), tuple(reader.tests())) if site else None
    if faults.found or table is None:
        raise ConfigError(faults.sorted())
    return table


def _site(document: Document, folder: Path, given: Path | None, faults: Faults) -> Site | None:
    named = document.data.get("site")
    own = sorted(inline.KEYS & document.data.keys())
    if given is None and named is None and "tags" in document.data:
        return inline.inline_site(document, folder, faults)
    if given is None and not isinstance(named, str):
        remedy = "Write 'site: FOLDER', or 'tags:' with rows of their own"
        faults.add(document.file, document.line(("site",)), "site", "no site is named", remedy)
        return None
    if own and named is not None:
        problem = f"{own[0]!r} is said beside 'site'"
        remedy = "Keep one: the site has its own"
        faults.add(document.file, document.line((own[0],)), own[0], problem, remedy)
    root = given or folder / str(named)
    try:
        return load_site(root)
    except ConfigError as error:
        where = root if root.is_dir() or not root.suffix else root.parent
        faults.found.extend(f._replace(file=str(where / f.file)) for f in error.faults)
        return None


class _Reader:
    """Reads one document; what is wrong is noted at its line, and reading goes on."""

    site: Site

    def __init__(self, document: Document, faults: Faults) -> None:
        self._document, self._faults = document, faults

    def fault(self, path: Path_, subject: str, problem: str, remedy: str) -> None:
        """Note a fault at `path`."""
        line = self._document.line(path)
        self._faults.add(self._document.file, line, subject, problem, remedy)

    def keys(self, path: Path_, data: dict[str, Plain], known: Collection[str]) -> None:
        """Note the keys that nobody knows."""
        for key in data.keys() - set(known):
            self.fault((*path, key), key, f"unknown key {key!r}", suggest(key, known))

    def rest(self) -> dict[str, float]:
        """Return what tags read that no series speaks of."""
        raw = self._document.data.get("rest", {})
        found: dict[str, float] = {}
        if not isinstance(raw, dict):
            self.fault(("rest",), "rest", "rest is no mapping", "Write 'rest: {LI-101: 5}'")
            return found
        for tag, value in raw.items():
            self._tag(("rest", tag), tag)
            if isinstance(value, bool) or not isinstance(value, int | float):
                self.fault(("rest", tag), tag, f"{value!r} is no number", "Write a number")
            else:
                found[tag] = float(value)
        return found

    def tests(self) -> Iterator[Test]:
        """Yield the tests, as far as they can be read."""
        raw = self._document.data.get("tests")
        if not isinstance(raw, list) or not raw:
            self.fault(("tests",), "tests", "there are no tests", "Write 'tests:' with rows below")
            return
        for index, test in enumerate(raw):
            path: Path_ = ("tests", index)
            if isinstance(test, dict):
                self.keys(path, test, TEST)
                yield self._test(path, test)
            else:
                self.fault(path, "tests", "a test is no mapping", "Write '- name: …' and its keys")

    def _test(self, path: Path_, test: dict[str, Plain]) -> Test:
        name = str(test.get("name") or f"{path[-1]}")
        interval = self._time(path, test, "interval", 1_000_000_000)
        if duration_ns(test.get("interval", 1)) == 0:
            self.fault((*path, "interval"), name, "the interval is 0", HOW_LONG)
        checks = tuple(self._checks(path, test))
        events = self._events((*path, "events"), test.get("events"))
        if not checks and events is None and not test.get("do"):
            self.fault(path, name, "nothing is expected", "Write 'expect:' or 'events:'")
        return Test(
            name,
            self._document.line(path),
            max(interval, 1),
            self._series((*path, "series"), test.get("series", {})),
            tuple(self._acts(path, test)),
            tuple(sorted(checks, key=lambda check: check.at_ns)),
            events,
        )

    def _time(self, path: Path_, data: dict[str, Plain], key: str, default: int | None) -> int:
        if key not in data and default is not None:
            return default
        ns = duration_ns(data.get(key))
        if ns is None:
            problem = f"{key} is {data[key]!r}" if key in data else f"{key!r} is missing"
            self.fault((*path, key), key, f"{problem}, not a time", HOW_LONG)
        return ns or 0

    def _series(self, path: Path_, raw: Plain) -> dict[str, tuple[Given | None, ...]]:
        found: dict[str, tuple[Given | None, ...]] = {}
        if not isinstance(raw, dict):
            self.fault(path, "series", "series is no mapping", "Write TAG: '0+10x7'")
            return found
        for tag, text in raw.items():
            self._tag((*path, tag), tag)
            reading = parse(str(text) if text is not None else "")
            if reading.problem:
                self.fault((*path, tag), tag, reading.problem, reading.remedy)
            found[tag] = tuple(reading.given)
        return found

    def _tag(self, path: Path_, name: str) -> None:
        tag = self.site.tags.get(name)
        hazard = self.site.file.hazard
        if tag is None:
            self.fault(path, name, f"unknown tag {name!r}", suggest(name, self.site.tags, "tag"))
        elif tag.device not in self.site.devices and (
            hazard is None or tag.device != hazard.device
        ):
            problem = "this tag is computed by core"
            self.fault(path, name, problem, "Give the tags that it is computed from")

    def _each(self, path: Path_, raw: Plain, what: str) -> Iterator[tuple[Path_, Plain]]:
        if raw is None:
            return
        if not isinstance(raw, list):
            self.fault(path, str(path[-1]), f"{path[-1]} is no list", f"Write a list of {what}")
            return
        for index, item in enumerate(raw):
            yield (*path, index), item

    def _acts(self, path: Path_, test: dict[str, Plain]) -> Iterator[Act]:
        for here, raw in self._each((*path, "do"), test.get("do"), "{at: 5s, acknowledge: …}"):
            if not isinstance(raw, dict):
                remedy = "Write {at: 5s, acknowledge: AT-101/h, by: 王}"
                self.fault(here, "do", "this is no mapping", remedy)
                continue
            names = [key for key in raw if key in ACTS]
            if len(names) != 1:
                strange = sorted(raw.keys() - set(ACTS) - set(WHO) - {"at", "refused"})
                remedy = suggest(strange[0], ACTS) if strange else f"Known: {', '.join(ACTS)}"
                what = f"unknown act {strange[0]!r}" if strange and not names else "not one act"
                self.fault(here, "do", what, remedy)
                continue
            at_ns = self._time(here, raw, "at", None)
            act, problems = read_act(names[0], raw, at_ns, self._document.line(here), self.site)
            for key, problem, remedy in problems:
                self.fault((*here, key), key, problem, remedy)
            yield act

    def _checks(self, path: Path_, test: dict[str, Plain]) -> Iterator[Check]:
        raw = test.get("expect")
        for here, item in self._each((*path, "expect"), raw, "{at: 5s, alarms: …}"):
            if not isinstance(item, dict):
                self.fault(here, "expect", "this is no mapping", "Write {at: 5s, alarms: […]}")
                continue
            self.keys(here, item, CHECK)
            if not item.keys() & {"alarms", "sounding", "outputs", "values"}:
                self.fault(here, "expect", "nothing is expected", "Write 'alarms: none' or more")
            yield Check(
                self._time(here, item, "at", None),
                self._document.line(here),
                self._alarms((*here, "alarms"), item["alarms"]) if "alarms" in item else None,
                also=item.get("also") is True,
                sounding=self._names(here, item, "sounding", self._annunciators()),
                outputs=self._names(here, item, "outputs", self._outputs()),
                values=self._values((*here, "values"), item.get("values")),
            )

    def _annunciators(self) -> set[str]:
        return {item.id for item in self.site.file.annunciators}

    def _outputs(self) -> set[str]:
        items = self.site.file.annunciators
        return {f"{item.id}/{output.id}" for item in items for output in item.outputs}

    def _names(
        self, path: Path_, data: dict[str, Plain], key: str, known: Collection[str]
    ) -> tuple[str, ...] | None:
        if key not in data:
            return None
        raw = data[key]
        if raw in ("none", None, []):
            return ()
        names = [str(name) for name in (raw if isinstance(raw, list) else [raw])]
        for name in names:
            if (bare := name.partition("=")[0]) not in known:
                self.fault((*path, key), bare, f"unknown {key} {bare!r}", suggest(bare, known))
        return tuple(names)

    def _values(self, path: Path_, raw: Plain) -> dict[str, Plain]:
        if raw is None:
            return {}
        if not isinstance(raw, dict):
            self.fault(path, "values", "values is no mapping", "Write {TAG: 5}")
            return {}
        for name in raw.keys() - self.site.tags.keys():
            remedy = suggest(name, self.site.tags, "tag")
            self.fault((*path, name), name, f"unknown tag {name!r}", remedy)
        return raw

    def _alarms(self, path: Path_, raw: Plain) -> tuple[Wanted, ...]:
        if raw in ("none", None):
            return ()
        found: list[Wanted] = []
        for here, item in self._each(path, raw, "alarms, or 'none'"):
            fields: dict[str, Any] = {}
            if isinstance(item, dict):
                fields = dict(item)
            elif isinstance(item, str) and item.split():
                condition, *state = item.split()
                fields = {"condition": condition} | ({"state": " ".join(state)} if state else {})
            condition = str(fields.pop("condition", ""))
            self._condition(here, condition)
            self._fields(here, fields)
            found.append(Wanted(condition, fields, self._document.line(here)))
        return tuple(found)

    def _condition(self, path: Path_, name: str) -> None:
        if name not in self.site.limits:
            remedy = suggest(name, self.site.limits, "condition")
            self.fault(path, name or "condition", f"unknown condition {name!r}", remedy)

    def _fields(self, path: Path_, fields: Fields) -> None:
        for key in fields.keys() - set(VIEW_FIELDS):
            problem = f"an alarm has no {key!r}"
            self.fault((*path, key), key, problem, suggest(key, VIEW_FIELDS))
        state = fields.get("state")
        if state is not None and state not in SHOWN:
            remedy = suggest(str(state), SHOWN)
            self.fault((*path, "state"), str(state), f"{state!r} is no state", remedy)

    def _events(self, path: Path_, raw: Plain) -> tuple[WantedEvent, ...] | None:
        if raw is None:
            return None
        if raw == "none":
            return ()
        return tuple(self._event(here, item) for here, item in self._each(path, raw, "events"))

    def _event(self, path: Path_, item: Plain) -> WantedEvent:
        line = self._document.line(path)
        if item in ANYTHING:
            return WantedEvent("", "", None, {}, line)
        fields: dict[str, Any] = {}
        if isinstance(item, dict):
            fields = dict(item)
        else:
            for word in str(item or "").split():  # 12s AT-101/h raised
                bare = word.removeprefix(PREFIX)
                key = "kind" if bare in KINDS else "condition"
                key = "at" if key != "kind" and duration_ns(word) is not None else key
                fields[key] = word
        kind = str(fields.pop("kind", "")).removeprefix(PREFIX)
        if kind not in KINDS:
            self.fault(path, "events", f"{kind!r} is no event of an alarm", suggest(kind, KINDS))
        subject = str(fields.pop("condition", ""))
        if subject:
            self._condition(path, subject)
        at_ns = self._time(path, fields, "at", None) if "at" in fields else None
        fields.pop("at", None)
        return WantedEvent(PREFIX + kind, subject, at_ns, fields, line)
