"""What a case file says, and whether a template agrees: registers, texts and writes. Pure.

`suian device test` and the project's own tests hold cases against templates through this file, so
an engineer's template is judged as the built-in ones are.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated, Literal, NamedTuple

from pydantic import Field, ValidationError

from edge.drivers.base import Reading
from edge.drivers.cells import Words, pack_words
from edge.drivers.codec import decode, encode, payloads, unpack
from edge.drivers.datum import Area, Model, Word
from edge.drivers.layout import DeviceMap, RefError, resolve
from edge.drivers.outputs import writes
from edge.drivers.plan import make_plan
from edge.drivers.settings import Value
from edge.drivers.template import ModbusTemplate
from edge.drivers.texts import bytes_of, facts, plan_facts
from edge.errors import ConfigError, Fault
from edge.tag import REASONS, Position, Quality, Reason, Tag
from edge.units import Unit

SLOW_S = 120.0  # a tag's period in a case: slow enough for whatever a device wants


class CaseTag(Model):
    """What one reference must read; without a reason it must read well."""

    ref: str
    unit: Unit = Unit.PPM
    range: tuple[float, float] = (0.0, 100.0)
    value: float | None = None
    reason: Reason = Reason.OK
    period_s: Annotated[float, Field(gt=0)] = SLOW_S


class CaseRequest(Model):
    """One write as it leaves."""

    at: Word
    area: Area = Area.HOLDING
    words: tuple[Word, ...]
    function: Literal[5, 6, 15, 16, 23] | None = None


class CaseWrite(Model):
    """The outputs that are set together, and the requests that must come of it."""

    set: dict[str, int | str]
    requests: tuple[CaseRequest, ...]


class Case(Model):
    """One folder's case.yaml: words as they travel, and what the template must make of them."""

    template: str
    settings: dict[str, Value] = Field(default={})
    canonical: bool = False  # the readings go back into just these words
    registers: dict[Area, dict[Word, tuple[Word, ...]]] = Field(default={})
    tags: tuple[CaseTag, ...] = ()
    texts: dict[str, str] = Field(default={})
    writes: tuple[CaseWrite, ...] = ()

    @property
    def words(self) -> Words:
        """The words by table and address."""
        return {
            (area, start + index): word
            for area, blocks in self.registers.items()
            for start, block in blocks.items()
            for index, word in enumerate(block)
        }


class Verdict(NamedTuple):
    """One thing that a case says; `problem` is "" where the template agrees."""

    subject: str
    problem: str = ""


def read_case(name: str, data: object) -> Case:
    """Return the case in the content `data` of the file `name`. Raises `ConfigError`."""
    try:
        return Case.model_validate(data)
    except ValidationError as error:
        faults = [
            Fault(name, 0, ".".join(map(str, e["loc"])), e["msg"], "Mend it: docs/templates.md")
            for e in error.errors()
        ]
        raise ConfigError(faults) from None


def check_case(case: Case, template: ModbusTemplate) -> list[Verdict]:
    """Return one verdict for each thing that `case` says of `template`."""
    try:
        device_map = resolve(template, case.settings)
    except RefError as error:
        return [Verdict("settings", str(error))]
    try:
        found = [*_tags(device_map, case), *_texts(device_map, case)]
    except ConfigError as error:
        return [
            Verdict(fault.subject, f"{fault.problem}. {fault.remedy}") for fault in error.faults
        ]
    found += [_write(device_map, item) for item in case.writes]
    return found or [Verdict("case", "says nothing: list tags, texts or writes")]


def _tags(device_map: DeviceMap, case: Case) -> Iterator[Verdict]:
    plan = make_plan(device_map, [_tag(item) for item in case.tags])
    words = case.words
    readings = decode(plan, payloads(plan, words))
    for expected, reading in zip(case.tags, readings, strict=True):
        yield Verdict(expected.ref, _problem(expected, reading))
    if case.canonical and case.tags:
        back = encode(plan, readings)
        other = {at: word for at, word in back.items() if word != words.get(at, 0)}
        told = ", ".join(
            f"{area} {at} {word:#x} (case: {words.get((area, at), 0):#x})"
            for (area, at), word in other.items()
        )
        yield Verdict("canonical", f"the readings go back into other words: {told}" if told else "")


def _problem(expected: CaseTag, reading: Reading) -> str:
    if reading.reason is not expected.reason:
        return f"reads {_said(reading)}, the case says {_wanted(expected)}"
    if reading.quality is not REASONS[expected.reason].quality:
        return f"has the quality {reading.quality.name.lower()} with {reading.reason}"
    if reading.quality is Quality.BAD:
        told = expected.value is not None
        return f"has no value ({reading.reason}), the case says {_wanted(expected)}" if told else ""
    if expected.value is None:
        return f"reads {_said(reading)}, and the case gives no value"
    near = reading.value is not None and math.isclose(
        reading.value, expected.value, rel_tol=1e-6, abs_tol=1e-9
    )
    return "" if near else f"reads {_said(reading)}, the case says {_wanted(expected)}"


def _said(reading: Reading) -> str:
    value = "no value" if reading.value is None else f"{reading.value:.7g}"
    return value if reading.reason is Reason.OK else f"{value} ({reading.reason})"


def _wanted(expected: CaseTag) -> str:
    value = "" if expected.value is None else f"{expected.value:.7g}"
    reason = "" if expected.reason is Reason.OK else f" ({expected.reason})"
    return f"{value}{reason}".strip() or "a value"


def _texts(device_map: DeviceMap, case: Case) -> Iterator[Verdict]:
    """Hold texts against the registers, and against the way back into them."""
    if not case.texts:
        return
    plan = plan_facts(device_map)
    words = case.words
    found = facts(plan, unpack(plan, payloads(plan, words)))
    for name, text in case.texts.items():
        if name not in found:
            yield Verdict(name, "the template has no such text")
        elif found[name] != text:
            yield Verdict(name, f"reads {str(found[name])!r}, the case says {text!r}")
        else:
            yield Verdict(name)
    for point in plan.points:
        name = f"{point.name}[{point.channel}]" if point.per_channel else point.name
        text = case.texts.get(name, "?")
        if "?" in text or point.register.epoch is not None:
            continue  # a byte that is no character has no way back
        cell = point.cell
        span = range(cell.address, cell.address + cell.words)
        sent = pack_words([words.get((cell.area, at), 0) for at in span])
        try:
            back = bytes_of(text, point.register.text, cell.words)
        except ValueError as error:
            yield Verdict(name, str(error))
            continue
        if back.rstrip(b"\0 ") != sent.rstrip(b"\0 ").lstrip(b" "):
            yield Verdict(name, f"{text!r} goes back into {back.hex(' ', 2)}")


def _write(device_map: DeviceMap, item: CaseWrite) -> Verdict:
    subject = ", ".join(f"{point}={state}" for point, state in item.set.items())
    try:
        made = writes(device_map, item.set)
    except RefError as error:
        return Verdict(subject, str(error))
    got = [(w.area, w.address, tuple(w.words), w.function or None) for w in made]
    wanted = [(r.area, r.at, r.words, r.function) for r in item.requests]
    return Verdict(subject, "" if got == wanted else f"sends {got}, the case says {wanted}")


def _tag(item: CaseTag) -> Tag:
    return plain_tag(item.ref, item.unit, item.range, item.period_s)


def plain_tag(
    ref: str, unit: Unit, ends: tuple[float, float] = (0.0, 100.0), period_s: float = SLOW_S
) -> Tag:
    """Return a tag that reads `ref` and has nothing else about it."""
    return Tag(
        name=ref,
        title_zh=ref,
        title_en=ref,
        device="",
        ref=ref,
        asset="",
        area="",
        substance="",
        quantity="",
        unit=unit,
        range_low=ends[0],
        range_high=ends[1],
        period_s=period_s,
        position=Position(0.0, 0.0),
    )
