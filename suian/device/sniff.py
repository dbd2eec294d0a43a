"""`suian device sniff`: another master's conversation, decoded. Nothing is ever sent."""

from __future__ import annotations

from collections.abc import Mapping

from edge.drivers.layout import DeviceMap
from edge.drivers.modbus.decode import Frame
from edge.drivers.modbus.listen import Traffic, listen
from edge.drivers.settings import Value
from edge.drivers.template import ModbusTemplate
from edge.drivers.texts import facts, plan_facts
from edge.site.model import Link
from suian.device.points import Line, ask_all, lines, with_units
from suian.device.probe import HEADER, Say, device_map_of
from suian.device.table import columns
from suian.device.talk import frame_line, summary, words_heard
from suian.device.wire import Seen

CHANNELS = 1000  # whatever was heard is shown


async def sniff(
    link: Link,
    seconds: float,
    template: ModbusTemplate | None,
    settings: Mapping[str, Value],
    unit: int | None,
    say: Say,
) -> Traffic:
    """Show what goes over `link` for `seconds` [s], then who asks whom, then what it means.

    `unit` keeps to one unit's frames. Raises `DeviceError` if the line cannot be had.
    """
    device_map = device_map_of(template, settings) if template else None
    began: list[float] = []

    def hear(frame: Frame) -> None:
        if not began:
            began.append(frame.at_s)
        if unit in {None, frame.unit} or not frame.crc_ok:
            say(frame_line(frame, began[0]))

    traffic = await listen(link, seconds, hear)
    say("")
    for line in summary(traffic):
        say(line)
    if device_map is not None:
        for number, words in sorted(words_heard(traffic.frames).items()):
            if unit in {None, number}:
                _show(device_map, number, Seen(words), say)
    return traffic


def _show(device_map: DeviceMap, unit: int, seen: Seen, say: Say) -> None:
    """Show what a unit's answers mean, as far as all of a point was heard."""
    asked = ask_all(device_map, CHANNELS)
    raw = seen.raw(asked.plan.cells)
    found: list[Line] = [
        line
        for line in lines(with_units(device_map, asked, raw), raw, seen.words)
        if line.raw != "-"
    ]
    say("")
    say(f"unit {unit} through {device_map.template.id}: {len(found)} points were heard")
    for line in columns(HEADER, found) if found else ():
        say(line)
    plan = plan_facts(device_map)
    for name, text in facts(plan, seen.raw(plan.cells)).items():
        if type(text) is str:
            say(f"text {name}: {text!r}")
