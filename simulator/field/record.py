"""A recorded field trial: one-minute readings of fixed gas sensors and wind, and the true leaks.

A folder holds `obs_1min.csv` (time_utc, wind_speed_m_s, wind_from_deg, one `<gas>_ppm_<sensor>` a
sensor; blank = missing), `sensors.csv` (sensor, x_m, y_m, height_m) and `leaks.csv` (group,
start_utc, end_utc, x_m, y_m, height_m, rate_g_h). Positions are metres in the trial's own frame.
"""

from __future__ import annotations

import csv
import math
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import NamedTuple

from edge.clock import NS
from edge.errors import ConfigError, Fault

MINUTE_NS = 60 * NS
LEAD_NS = 30 * MINUTE_NS  # what is shown before a leak, and must be quiet
NOTICED_PPM = 2.0  # above a sensor's leak-free median: the trial's leaks are noticed so
HANGOVER_NS = 30 * MINUTE_NS  # gas of an ended leak may linger so long: not leak-free time
NEAR_M = 1.0
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_GAS_COLUMN = re.compile(r"^(?P<formula>\w+?)_ppm_(?P<sensor>\w+)$")


class Leak(NamedTuple):
    """A true release: `group` is the equipment it came from; times are UTC ns."""

    group: str
    start_ns: int
    end_ns: int
    x_m: float
    y_m: float
    rate_kg_s: float


class Minute(NamedTuple):
    """One row. A blank is None. `gas` maps sensor -> ppm."""

    utc_ns: int
    wind_speed_m_s: float | None
    wind_from_deg: float | None
    gas: Mapping[str, float | None]


@dataclass(frozen=True)
class Record:
    """A trial: `minutes` and `leaks` in the order of time; leaks without readings are left out."""

    folder: Path
    minutes: tuple[Minute, ...]
    sensors: dict[str, tuple[float, float]]
    leaks: tuple[Leak, ...]

    def at(self, utc_ns: int) -> Minute | None:
        """Return the row that stands at `utc_ns` [ns]: None before, after and in gaps."""
        index = bisect_right(self.minutes, utc_ns, key=lambda m: m.utc_ns) - 1
        if index < 0 or utc_ns - self.minutes[index].utc_ns >= MINUTE_NS:
            return None
        return self.minutes[index]

    def next_after(self, utc_ns: int) -> int | None:
        """Return when the row that stands at `utc_ns` ends and another may begin [UTC ns]."""
        if utc_ns >= self.minutes[-1].utc_ns + MINUTE_NS:
            return None
        index = bisect_right(self.minutes, utc_ns, key=lambda m: m.utc_ns)
        ends = [m.utc_ns for m in self.minutes[index : index + 1]]
        if index:
            ends += [e for e in [self.minutes[index - 1].utc_ns + MINUTE_NS] if e > utc_ns]
        return min(ends)

    def backgrounds(self) -> dict[str, float]:
        """Return each sensor's median over leak-free time [ppm]."""
        calm = [m for m in self.minutes if not self._leaking(m.utc_ns, HANGOVER_NS)]
        return {
            name: median([v for m in calm if (v := m.gas[name]) is not None] or [0.0])
            for name in self.sensors
        }

    def _leaking(self, utc_ns: int, hangover_ns: int = 0) -> bool:
        return any(k.start_ns <= utc_ns < k.end_ns + hangover_ns for k in self.leaks)

    def demonstrable(self) -> Leak | None:
        """Return the first leak that comes after half a quiet hour and is noticed within one."""
        backgrounds = self.backgrounds()
        noticed = [
            m.utc_ns
            for m in self.minutes
            if any(v is not None and v > backgrounds[n] + NOTICED_PPM for n, v in m.gas.items())
        ]
        for leak in self.leaks:
            before = leak.start_ns - LEAD_NS
            quiet = (
                self.at(before) is not None
                and not any(k.start_ns < leak.start_ns and k.end_ns > before for k in self.leaks)
                and not any(before <= t < leak.start_ns for t in noticed)
            )
            if quiet and any(leak.start_ns <= t < leak.start_ns + LEAD_NS for t in noticed):
                return leak
        return None

    def start_ns(self, start: str) -> int:
        """Return where a replay begins [UTC ns].

        `start` is an ISO time (UTC), `leak:N` for half an hour before the N-th leak (from 1), or
        "" for half an hour before the first leak that shows well. Raises `ConfigError`.
        """
        if not start:
            leak = self.demonstrable() or (self.leaks[0] if self.leaks else None)
            return leak.start_ns - LEAD_NS if leak else self.minutes[0].utc_ns
        if start.startswith("leak:"):
            number = start.removeprefix("leak:")
            if number.isdigit() and 1 <= int(number) <= len(self.leaks):
                return self.leaks[int(number) - 1].start_ns - LEAD_NS
            problem, remedy = "no such leak", f"There are leak:1 to leak:{len(self.leaks)}"
            raise ConfigError([Fault("--from", 0, start, problem, remedy)])
        try:
            found = _utc_ns(start)
        except ValueError:
            remedy = "Write 2022-05-09T17:30:00 (UTC) or leak:2"
            raise ConfigError([Fault("--from", 0, start, "not a time", remedy)]) from None
        first, last = self.minutes[0].utc_ns, self.minutes[-1].utc_ns
        if not first <= found <= last:
            remedy = f"Give a time from {_iso(first)} to {_iso(last)}"
            raise ConfigError([Fault("--from", 0, start, "outside the record", remedy)])
        return found


def read_record(folder: Path) -> Record:
    """Return the trial in `folder`. Raises `ConfigError` with file and line of what is wrong."""
    sensors = {
        row["sensor"]: (float(row["x_m"]), float(row["y_m"]))
        for _, row in _rows(folder / "sensors.csv", ("sensor", "x_m", "y_m"), ("x_m", "y_m"))
    }
    rows = _minutes(folder / "obs_1min.csv", sensors)
    minutes = tuple(sorted(rows, key=lambda m: m.utc_ns))
    if not minutes:
        problem, remedy = "no readings", "Give the folder of a recorded trial"
        raise ConfigError([Fault(str(folder / "obs_1min.csv"), 0, "file", problem, remedy)])
    first, last = minutes[0].utc_ns, minutes[-1].utc_ns
    leaks = [leak for leak in _leaks(folder / "leaks.csv") if first <= leak.start_ns <= last]
    return Record(folder, minutes, sensors, tuple(sorted(leaks, key=lambda k: k.start_ns)))


def _minutes(path: Path, sensors: Mapping[str, object]) -> Iterator[Minute]:
    needed = ("time_utc", "wind_speed_m_s", "wind_from_deg")
    columns: dict[str, str] | None = None
    for line, row in _rows(path, needed, ()):
        if columns is None:
            found = {name: _GAS_COLUMN.match(name) for name in row}
            columns = {name: m["sensor"] for name, m in found.items() if m}
            missing = set(sensors) - set(columns.values())
            if missing:
                problem = f"no column for sensor {', '.join(sorted(missing))}"
                raise ConfigError([Fault(str(path), 1, "columns", problem, "Add <gas>_ppm_<name>")])
        gas = {
            sensor: _number(path, line, name, row[name])
            for name, sensor in columns.items()
            if sensor in sensors
        }
        yield Minute(
            _time(path, line, row["time_utc"]),
            _number(path, line, "wind_speed_m_s", row["wind_speed_m_s"]),
            _number(path, line, "wind_from_deg", row["wind_from_deg"]),
            gas,
        )


def _leaks(path: Path) -> Iterator[Leak]:
    needed = ("group", "start_utc", "end_utc", "x_m", "y_m", "rate_g_h")
    for line, row in _rows(path, needed, ("x_m", "y_m", "rate_g_h")):
        yield Leak(
            row["group"],
            _time(path, line, row["start_utc"]),
            _time(path, line, row["end_utc"]),
            float(row["x_m"]),
            float(row["y_m"]),
            float(row["rate_g_h"]) / 3.6e6,
        )


def _rows(
    path: Path, needed: tuple[str, ...], numbers: tuple[str, ...]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield line number and row; every `needed` column is there and every number is one."""
    try:
        stream = path.open(encoding="utf-8-sig", newline="")
    except OSError as error:
        problem = f"cannot be read: {error.strerror or error}"
        remedy = "Give the folder that holds obs_1min.csv, sensors.csv and leaks.csv"
        raise ConfigError([Fault(str(path), 0, "file", problem, remedy)]) from None
    with stream:
        reader = csv.DictReader(stream)
        try:
            yield from _checked(path, reader, needed, numbers)
        except (UnicodeDecodeError, csv.Error) as error:
            remedy = "Restore it; it must be CSV in UTF-8"
            raise ConfigError([Fault(str(path), 0, "file", f"not CSV: {error}", remedy)]) from None


def _checked(
    path: Path, reader: csv.DictReader[str], needed: tuple[str, ...], numbers: tuple[str, ...]
) -> Iterator[tuple[int, dict[str, str]]]:
    missing = [name for name in needed if name not in (reader.fieldnames or ())]
    if missing:
        problem = f"no column {', '.join(missing)}"
        raise ConfigError([Fault(str(path), 1, "columns", problem, "Add it")])
    for row in reader:
        for name in numbers:
            if _number(path, reader.line_num, name, row[name]) is None:
                raise _unreadable(path, reader.line_num, name, row[name], "Write a number")
        yield reader.line_num, row


def _number(path: Path, line: int, column: str, text: str | None) -> float | None:
    """Return a number, None for a blank."""
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        raise _unreadable(path, line, column, text, "Write a number or nothing") from None
    return value if math.isfinite(value) else None


def _time(path: Path, line: int, text: str) -> int:
    try:
        return _utc_ns(text)
    except ValueError:
        raise _unreadable(path, line, "time", text, "Write 2022-05-09 17:30:00") from None


def _utc_ns(text: str) -> int:
    """Return an ISO time as UTC ns; one without a zone is UTC."""
    found = datetime.fromisoformat(text)
    found = found.replace(tzinfo=UTC) if found.tzinfo is None else found
    return round((found - EPOCH).total_seconds()) * NS


def _iso(utc_ns: int) -> str:
    return datetime.fromtimestamp(utc_ns / NS, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _unreadable(path: Path, line: int, column: str, text: str | None, remedy: str) -> ConfigError:
    return ConfigError([Fault(str(path), line, column, f"{text!r} cannot be read", remedy)])


def nearest_sensor(record: Record, x_m: float, y_m: float) -> str | None:
    """Return the sensor that stands within a metre of (x, y) [m], or None.

    What a sensor feeds is decided by where it stands, so that no name has to be guessed.
    """

    def away(name: str) -> float:
        x, y = record.sensors[name]
        return math.hypot(x - x_m, y - y_m)

    best = min(record.sensors, key=away, default=None)
    return best if best is not None and away(best) <= NEAR_M else None
