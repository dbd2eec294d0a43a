"""`suian device probe`: a live device through a template, raw and engineering values together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from edge.drivers.codec import Raw
from edge.drivers.layout import Cell, DeviceMap, RefError, resolve
from edge.drivers.settings import Value
from edge.drivers.states import code_at
from edge.drivers.template import ModbusTemplate
from edge.drivers.texts import FactPlan, facts, plan_facts
from edge.errors import ConfigError, Fault
from edge.tag import Reason
from suian.device.points import Asked, Line, ask_all, identity_lines, lines, with_units
from suian.device.quiet import LISTEN_S
from suian.device.table import columns
from suian.device.target import Target
from suian.device.wire import Seen, Wire, refusals, wire

HEADER = ("point", "place", "words", "raw", "value", "unit", "quality", "reason", "means")
CHANNELS = 4  # of a controller's hundreds: the others are read alike
LONGEST_PAUSE_S = 15.0
WATCH_S = 2.0
Say = Callable[[str], None]


@dataclass(frozen=True)
class ProbeOptions:
    """How to probe. Times in seconds; `rounds` None: one, or for ever with `watch`."""

    settings: Mapping[str, Value] = field(default_factory=dict[str, Value])
    channels: int = CHANNELS
    watch: bool = False
    every_s: float = WATCH_S
    listen_s: float = LISTEN_S
    pause_s: float | None = None  # between the two looks at the heartbeat; None: by its period
    rounds: int | None = None


def device_map_of(template: ModbusTemplate, settings: Mapping[str, Value]) -> DeviceMap:
    """Return `template` with `settings`. Raises `ConfigError`."""
    try:
        return resolve(template, settings)
    except RefError as error:
        fault = Fault(f"template {template.id}", 0, "settings", error.problem, error.remedy)
        raise ConfigError([fault]) from None


async def probe(target: Target, template: ModbusTemplate, options: ProbeOptions, say: Say) -> bool:
    """Show the target through `template`; return whether it answered. Nothing is ever written.

    Raises `ConfigError`, `DeviceError`, and `LineBusyError` where another master talks.
    """
    device_map = device_map_of(template, {**target.device.settings, **options.settings})
    asked = ask_all(device_map, options.channels, target.tags)
    texts = plan_facts(device_map)
    say(f"{target.link.where} unit {target.device.unit_id} through {template.id}")
    if target.link.on_line:
        say(f"listening {options.listen_s:g} s before anything is sent")
    async with wire(target, options.listen_s) as opened:
        seen = await _look(opened, asked, texts)
        for line in _report(device_map, asked, texts, seen):
            say(line)
        if seen.lost is not None:
            return False
        if template.heartbeat is not None:
            say(await _heartbeat(opened, device_map, seen, options.pause_s))
        say(_figures(opened))
        if options.watch:
            await _watch(opened, device_map, asked, options, say)
    return True


async def _look(opened: Wire, asked: Asked, texts: FactPlan | None = None) -> Seen:
    seen = Seen()
    await opened.blocks(asked.plan.blocks, asked.plan.cells, seen)
    if texts is not None:
        await opened.blocks(texts.blocks, texts.cells, seen)
    return seen


def _report(device_map: DeviceMap, asked: Asked, texts: FactPlan, seen: Seen) -> list[str]:
    """Return what is said of one look at the device."""
    if seen.lost is not None and not seen.words:
        return [f"no answer: {seen.lost.detail}"]
    raw = seen.raw(asked.plan.cells)
    asked = with_units(device_map, asked, raw)
    said = ["", *columns(HEADER, lines(asked, raw, seen.words)), ""]
    told = facts(texts, seen.raw(texts.cells))
    said += [f"text {name}: {_text(text)}" for name, text in told.items()]
    said += identity_lines(asked.plan, raw)
    said += [f"refused: {line}" for line in refusals(seen)]
    said += [f"not asked: {line}" for line in asked.left_out]
    return said


def _text(text: str | Reason) -> str:
    return f"not read ({text})" if isinstance(text, Reason) else repr(text)


async def _heartbeat(opened: Wire, device_map: DeviceMap, seen: Seen, pause_s: float | None) -> str:
    """Look at the heartbeat a second time; return whether it has moved."""
    beat = device_map.template.heartbeat
    assert beat is not None  # the caller has looked
    point = device_map.point(beat.source, 1)
    wait_s = min(1.2 * beat.period_s, LONGEST_PAUSE_S) if pause_s is None else pause_s

    def code(found: Seen) -> int | Reason:
        return code_at(found.raw([point.cell])[0], point.shift, point.mask)

    before = code(seen)
    await asyncio.sleep(wait_s)
    again = await _again(opened, point.cell)
    after = code(again)
    name = f"heartbeat {beat.source}"
    if isinstance(before, Reason) or isinstance(after, Reason):
        return f"{name}: not read ({before if isinstance(before, Reason) else after})"
    if before != after:
        return f"{name}: moves ({before}, then {after})"
    if wait_s < beat.period_s:
        return f"{name}: {before} twice within {wait_s:g} s; a step takes {beat.period_s:g} s"
    return f"{name}: STANDS STILL at {before} for {wait_s:g} s; a step takes {beat.period_s:g} s"


async def _again(opened: Wire, cell: Cell) -> Seen:
    seen = Seen()
    await opened.spans(cell.area, [(cell.address, cell.address + cell.words)], seen)
    return seen


def _figures(opened: Wire) -> str:
    found = opened.statistics()
    told = ", ".join(f"{name} {found[name]}" for name in ("requests", "answers", "timeouts"))
    return (
        f"{told}, bad frames {found['bad_frames']}, strays {found['strays']}, "
        f"latency {found['latency_mean_ms']} ms (at most {found['latency_max_ms']} ms)"
    )


async def _watch(
    opened: Wire, device_map: DeviceMap, asked: Asked, options: ProbeOptions, say: Say
) -> None:
    """Show again and again what has changed; for ever, or `rounds` times."""
    before: Sequence[Line] = ()
    rounds = 0
    say(f"watching every {options.every_s:g} s; Ctrl-C ends it")
    while options.rounds is None or rounds < options.rounds:
        seen = await _look(opened, asked)
        raw: list[Raw] = seen.raw(asked.plan.cells)
        now = lines(with_units(device_map, asked, raw), raw, seen.words)
        moved = [line for at, line in enumerate(now) if not before or line != before[at]]
        stamp = datetime.now().astimezone().strftime("%H:%M:%S")
        say(f"{stamp}  " + (seen.lost.detail if seen.lost else f"{len(moved)} changed"))
        for row in columns(HEADER, moved) if moved and before else ():
            say(f"  {row}")
        before = now
        rounds += 1
        await asyncio.sleep(options.every_s)
