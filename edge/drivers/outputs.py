"""From "tier[1]: flashing" to the words that go out, and what the device then shows. Pure.

Outputs next to each other go out in one request, so that horn and beacons change together; an
output between them that has an `ignore` word is passed over with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from edge.drivers.layout import DeviceMap, Output, RefError
from edge.drivers.template import WRITABLE, Area, Command, OutputPoint, span

# Words in a kind: what measures, what protects and what controls the process.
NEVER_WRITTEN = frozenset(
    {"gas", "oxygen", "level", "wind", "weather", "pressure", "temperature"}
    | {"detector", "controller", "gds", "dcs", "plc", "sis", "safety"}
)
Path_ = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Expect:
    """What must be read back: the word at `address` under `mask` equals `code`."""

    address: int
    mask: int
    code: int


@dataclass(frozen=True, slots=True)
class Write:
    """One write request and how to verify it (nothing expected: not to be verified).

    `function` is the code to write with; None leaves the usual one: 5 or 6 for one, else 15 or 16.
    """

    area: Area
    address: int
    words: tuple[int, ...]
    expects: tuple[Expect, ...]
    function: int | None = None


@dataclass(frozen=True, slots=True)
class _Asked:
    """The words that bring one output to its state, and where they go."""

    output: Output
    address: int
    words: tuple[int, ...]
    alone: bool  # never joined with its neighbours
    expects: tuple[Expect, ...]

    @property
    def end(self) -> int:
        return self.address + len(self.words)


def codes_of(ref: str, spec: OutputPoint, value: int | str) -> tuple[int, ...] | Command:
    """Return the codes that bring an output to `value`. Raises `RefError`."""
    if isinstance(value, str):
        if value in spec.states:
            state = spec.states[value]
            return (state,) if isinstance(state, int) else state
        known = ", ".join(spec.states) or "none"
        raise RefError(f"{ref} has no state {value!r}", f"Its states: {known}")
    allowed = [span(item) for item in spec.codes]
    allowed += [(code, code) for code in spec.states.values() if isinstance(code, int)]
    if spec.width == 1 and any(low <= value <= high for low, high in allowed):
        return (value,)
    known = ", ".join([*(str(item) for item in spec.codes), *spec.states]) or "none"
    raise RefError(f"{ref} cannot be set to {value}", f"It takes: {known}")


def writes(device_map: DeviceMap, values: Mapping[str, int | str]) -> list[Write]:
    """Return the requests that bring output points to `values` (states or codes).

    Raises `RefError` for a point, state or code that the template does not know.
    """
    asked: dict[tuple[Area, int], _Asked] = {}
    for ref, value in values.items():
        one = _asked(device_map, ref, value)
        asked[one.output.spec.area, one.address] = one
    passable = _passable(device_map)
    groups: list[list[_Asked]] = []
    for key in sorted(asked):
        if groups and _bridged(groups[-1][-1], asked[key], passable):
            groups[-1].append(asked[key])
        else:
            groups.append([asked[key]])
    return [_write(group, passable) for group in groups]


def _asked(device_map: DeviceMap, ref: str, value: int | str) -> _Asked:
    output = device_map.output(ref)
    spec = output.spec
    codes = codes_of(ref, spec, value)
    if isinstance(codes, Command):  # a number of its own: what it does shows elsewhere, if at all
        address = device_map.command_address(output, codes.at)
        return _Asked(output, address, codes.write, alone=True, expects=())
    expects = tuple(
        Expect(output.address + index, spec.read_mask, code & spec.read_mask)
        for index, code in enumerate(codes)
    )
    words = tuple(code | spec.apply for code in codes)
    verified = spec.verify and not spec.momentary
    alone = spec.function in {5, 6, 23}
    return _Asked(output, output.address, words, alone, expects if verified else ())


def _passable(device_map: DeviceMap) -> dict[tuple[Area, int], int]:
    """Return the outputs that a write may run across: place -> the word that leaves it alone."""
    found: dict[tuple[Area, int], int] = {}
    for name, spec in device_map.template.outputs.items():
        if spec.ignore is not None:
            for channel in range(1, spec.channels + 1):
                output = device_map.output(f"{name}[{channel}]")
                found[spec.area, output.address] = spec.ignore
    return found


def _bridged(last: _Asked, item: _Asked, passable: Mapping[tuple[Area, int], int]) -> bool:
    area = item.output.spec.area
    if last.output.spec.area is not area or last.alone or item.alone:
        return False
    if last.output.spec.function != item.output.spec.function or item.address < last.end:
        return False
    return all((area, address) in passable for address in range(last.end, item.address))


def _write(group: Sequence[_Asked], passable: Mapping[tuple[Area, int], int]) -> Write:
    spec = group[0].output.spec
    words: list[int] = []
    for item in group:
        gap = range(group[0].address + len(words), item.address)
        words += [passable[spec.area, address] for address in gap]
        words += item.words
    expects = tuple(expect for item in group for expect in item.expects)
    return Write(spec.area, group[0].address, tuple(words), expects, spec.function)


def shown(spec: OutputPoint, before: int, written: int) -> int:
    """Return what a device's output register reads after `written` met the word `before`."""
    if spec.momentary:
        return 0
    if spec.ignore is not None and written & spec.apply != spec.apply:
        return before
    return written & spec.read_mask & ~spec.apply


def may_be_written(kinds: Iterable[str]) -> bool:
    """Whether a device of these kinds is an annunciator or output module and nothing besides."""
    told = [kind.lower() for kind in kinds]
    return bool(WRITABLE & set(told)) and not any(
        NEVER_WRITTEN & set(re.split(r"[^a-z]+", kind)) for kind in told
    )


def check_output(device_map: DeviceMap, name: str) -> Iterator[tuple[Path_, str, str]]:
    """Yield (place, problem, remedy) for all that is not sound about an output of a template."""
    template, spec = device_map.template, device_map.template.outputs[name]
    path = ("outputs", name)
    if not may_be_written(template.kinds):
        yield path, f"a device of kind {', '.join(template.kinds)} is never written", "Take it out"
    if name in template.registers or name in template.flags:
        yield path, "is a register as well", "Give one of them another name"
    if spec.channels > 1 and spec.stride < spec.width:
        yield path, "has channels and no stride", "Say how far apart the channels are"
    if not spec.states and not spec.codes:
        yield path, "has neither states nor codes", "Say what may be written"
    commands = [state for state in spec.states.values() if isinstance(state, Command)]
    if spec.at is None and (spec.codes or len(commands) < len(spec.states)):
        yield path, "has no address", "Write at:"
    widths = {1 for state in spec.states.values() if isinstance(state, int)}
    widths |= {len(state) for state in spec.states.values() if isinstance(state, tuple)}
    if len(widths) > 1 or (spec.codes and spec.width > 1):
        yield path, "its states differ in length", "Give each as many words"
    wrong = {5, 15} if spec.area is Area.HOLDING else {6, 16, 23}
    if spec.function in wrong or (spec.function in {5, 6} and spec.width > 1):
        yield path, f"function {spec.function} cannot write it", "Name another, or none"
    try:
        output = device_map.output(f"{name}[{spec.channels}]")
        for command in commands:
            device_map.command_address(output, command.at)
    except RefError as error:
        yield path, error.problem, error.remedy
