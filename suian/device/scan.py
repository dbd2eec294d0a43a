"""`suian device probe --scan` and `--raw`: a device that no template knows yet."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from edge.drivers.scaffold import place
from edge.drivers.template import Area
from edge.errors import ConfigError, Fault
from suian.device.interpret import interpretations
from suian.device.probe import Say
from suian.device.quiet import LISTEN_S
from suian.device.search import Around, Hit, confirmed, convention, paste, ranked, search
from suian.device.table import columns
from suian.device.target import Target
from suian.device.wire import Seen, Wire, refusals, wire

SHARE = 0.005  # of the value, by which a display's reading may have moved meanwhile
SPAN, WHOLE = 20, 200  # addresses on either side of a printed one; from 0 on without one
SHOWN = 10
PAUSE_S = 1.0
MOST = 2000  # addresses of one dump
REGISTERS = (Area.HOLDING, Area.INPUT)


@dataclass(frozen=True, slots=True)
class Dump:
    """What `--raw` asks for."""

    area: Area
    start: int
    count: int


@dataclass(frozen=True)
class ScanOptions:
    """What is looked for, and where. `tolerance` in the value's own unit, times in seconds."""

    value: str  # as the display shows it: its decimals say how exactly
    tolerance: float | None = None
    around: str = ""
    span: int = SPAN
    listen_s: float = LISTEN_S
    pause_s: float = PAUSE_S


def dump_of(text: str) -> Dump:
    """Return the registers that `text` names: holding:0:10. Raises `ConfigError`."""
    parts = text.split(":")
    try:
        area = Area(parts[0])
        start, count = int(parts[1], 0), int(parts[2], 0) if len(parts) == 3 else 1
        fits = len(parts) <= 3 and 0 <= start <= 0xFFFF and 1 <= count <= MOST
    except (ValueError, IndexError):
        area, start, count, fits = Area.HOLDING, 0, 0, False
    if not fits:
        remedy = f"Write TABLE:ADDRESS:COUNT, as holding:0:10 (at most {MOST}); addresses from 0 on"
        raise ConfigError([Fault("--raw", 0, text, f"is no part of {', '.join(Area)}", remedy)])
    return Dump(area, start, count)


async def raw(target: Target, dump: Dump, listen_s: float, say: Say) -> bool:
    """Show registers in every way that they can be read; return whether any came."""
    async with wire(target, listen_s) as opened:
        seen = Seen()
        await opened.sweep(dump.area, dump.start, dump.count, seen)
    if not seen.words:
        _nothing(seen, say)
        return False
    for line in interpretations(seen.words, dump.area, dump.start, dump.count):
        say(line)
    for line in refusals(seen):
        say(f"refused: {line}")
    return True


async def scan(target: Target, options: ScanOptions, say: Say) -> list[Hit]:
    """Show where a known value stands, the likeliest place first; return those places.

    Raises `ConfigError` if the value or the place cannot be looked for.
    """
    wanted, tolerance = _wanted(options)
    around = _around(options.around)
    async with wire(target, options.listen_s) as opened:
        first = await _sweep(opened, around, options.span)
        if not first.words:
            _nothing(first, say)
            return []
        await asyncio.sleep(options.pause_s)
        second = await _sweep(opened, around, options.span)
    once = search(first.words, wanted, tolerance)
    hits = ranked(confirmed(once, second.words, wanted, tolerance), wanted, tolerance, around)
    read = {area: sum(where is area for where, _ in first.words) for area in REGISTERS}
    say(
        f"looked for {wanted:g} +- {tolerance:g} in "
        + " and ".join(f"{count} {area} registers" for area, count in read.items())
        + f", twice; {len(once) - len(hits)} of {len(once)} finds did not last"
    )
    _show(hits, around, say)
    for line in refusals(first):
        say(f"refused: {line}")
    return hits


def _show(hits: Sequence[Hit], around: Around | None, say: Say) -> None:
    if not hits:
        say("it stands nowhere there: look --around another address, or give more --tolerance")
        return
    header = ("", "table", "address", "type", "order", "scale", "value", "address is")
    rows = [
        (
            f"{rank}.",
            str(hit.area),
            str(hit.address),
            str(hit.type),
            hit.order if hit.words > 1 else "",
            f"{hit.scale:g}",
            f"{hit.value:.6g}",
            convention(hit, around),
        )
        for rank, hit in enumerate(hits[:SHOWN], 1)
    ]
    for line in columns(header, rows):
        say(line)
    if len(hits) > SHOWN:
        say(f"and {len(hits) - SHOWN} less likely ones")
    say("the likeliest, for `registers:` of the template:")
    say(paste(hits[0], around))
    if len(hits) > 1:
        say("Let the value change (zero air, test gas) and scan again: what holds twice is it.")


async def _sweep(opened: Wire, around: Around | None, span: int) -> Seen:
    seen = Seen()
    for area in REGISTERS:
        if around is None:
            await opened.sweep(area, 0, WHOLE, seen)
        else:
            start = max(0, around.address - span)
            await opened.sweep(area, start, around.address + span + 1 - start, seen)
    return seen


def _wanted(options: ScanOptions) -> tuple[float, float]:
    """Return the value and how far from it still counts: the last digit shown, at least."""
    shown, _, apart = options.value.replace("+-", "±").partition("±")
    try:
        wanted, tolerance = float(shown), float(apart) if apart else options.tolerance
    except ValueError:
        wanted, tolerance = 0.0, None
    if not wanted or abs(wanted) > 1e9:
        remedy = "Give a number that the display shows and that is not 0: zeros stand everywhere"
        raise ConfigError([Fault("--scan", 0, options.value, "cannot be looked for", remedy)])
    if tolerance is not None:
        return wanted, abs(tolerance)
    decimals = len(shown.strip().partition(".")[2])
    return wanted, max(10.0**-decimals if decimals else 0.5, SHARE * abs(wanted))


def _around(text: str) -> Around | None:
    if not text:
        return None
    found = place(text, "")
    if found is None:
        remedy = "Write it as the manual prints it: 40003, 0x0010 or 17"
        raise ConfigError([Fault("--around", 0, text, "is no address", remedy)])
    area, address = found
    hexadecimal = not text.isdecimal()
    titled = not hexadecimal and int(text) != address
    if titled and area not in {"holding", "input"}:
        remedy = "Name a holding or an input register: bits hold no value"
        raise ConfigError([Fault("--around", 0, text, "is no register", remedy)])
    return Around(address if hexadecimal else int(text), address, Area(area) if titled else None)


def _nothing(seen: Seen, say: Say) -> None:
    for line in refusals(seen):
        say(f"refused: {line}")
    say("nothing could be read" + (f": {seen.lost.detail}" if seen.lost else ""))
