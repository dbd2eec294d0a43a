"""From "tier[1]: flashing" to the words that go out, and what the device then shows. Pure.

Outputs next to each other go out in one request, so that horn and beacons change together; an
output between them that has an `ignore` word is passed over with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edge.drivers.layout import DeviceMap, Output, RefError
from edge.drivers.template import Area, OutputPoint, span


@dataclass(frozen=True, slots=True)
class Expect:
    """What must be read back: the word at `address` under `mask` equals `code`."""

    address: int
    mask: int
    code: int


@dataclass(frozen=True, slots=True)
class Write:
    """One write request and how to verify it (nothing expected: not to be verified)."""

    area: Area
    address: int
    words: tuple[int, ...]
    expects: tuple[Expect, ...]


def code_of(ref: str, spec: OutputPoint, value: int | str) -> int:
    """Return the code by which an output is brought to `value`. Raises `RefError`."""
    if isinstance(value, str):
        if value in spec.states:
            return spec.states[value]
        known = ", ".join(spec.states) or "none"
        raise RefError(f"{ref} has no state {value!r}", f"Its states: {known}")
    allowed = [span(item) for item in spec.codes]
    allowed += [(code, code) for code in spec.states.values()]
    if any(low <= value <= high for low, high in allowed):
        return value
    known = ", ".join([*(str(item) for item in spec.codes), *spec.states]) or "none"
    raise RefError(f"{ref} cannot be set to {value}", f"It takes: {known}")


def writes(device_map: DeviceMap, values: Mapping[str, int | str]) -> list[Write]:
    """Return the requests that bring output points to `values` (states or codes).

    Raises `RefError` for a point, state or code that the template does not know.
    """
    coded: dict[tuple[Area, int], tuple[Output, int]] = {}
    for ref, value in values.items():
        output = device_map.output(ref)
        coded[output.spec.area, output.address] = output, code_of(ref, output.spec, value)
    passable = _passable(device_map)
    groups: list[list[tuple[Area, int]]] = []
    for key in sorted(coded):
        if groups and _bridged(groups[-1][-1], key, passable):
            groups[-1].append(key)
        else:
            groups.append([key])
    return [_write(group, coded, passable) for group in groups]


def _passable(device_map: DeviceMap) -> dict[tuple[Area, int], int]:
    """Return the outputs that a write may run across: place -> the word that leaves it alone."""
    found: dict[tuple[Area, int], int] = {}
    for name, spec in device_map.template.outputs.items():
        if spec.ignore is not None:
            for channel in range(1, spec.channels + 1):
                output = device_map.output(f"{name}[{channel}]")
                found[spec.area, output.address] = spec.ignore
    return found


def _bridged(
    last: tuple[Area, int], key: tuple[Area, int], passable: Mapping[tuple[Area, int], int]
) -> bool:
    between = range(last[1] + 1, key[1])
    return last[0] is key[0] and all((key[0], address) in passable for address in between)


def _write(
    group: Sequence[tuple[Area, int]],
    coded: Mapping[tuple[Area, int], tuple[Output, int]],
    passable: Mapping[tuple[Area, int], int],
) -> Write:
    area, first = group[0]
    words: list[int] = []
    expects: list[Expect] = []
    for address in range(first, group[-1][1] + 1):
        if (area, address) not in coded:
            words.append(passable[area, address])
            continue
        output, code = coded[area, address]
        words.append(code | output.spec.apply)
        if output.spec.verify:
            expects.append(Expect(address, output.spec.read_mask, code & output.spec.read_mask))
    return Write(area, first, tuple(words), tuple(expects))


def shown(spec: OutputPoint, before: int, written: int) -> int:
    """Return what a device's output register reads after `written` met the word `before`."""
    if spec.ignore is not None and written & spec.apply != spec.apply:
        return before
    return written & spec.read_mask & ~spec.apply
