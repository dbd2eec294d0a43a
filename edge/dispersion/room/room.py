"""A room in two zones: what a leak inside makes of its air, and what comes out where.

*Layers*: a lower and an upper zone with a fixed border; heavy or cold gas pools low. They exchange
floor x w, w = 0.4 v / (1 + 0.125 Ri), Ri = g' h / v^2, v the room air's own speed: the entrainment
of `edge.dispersion.calm`, turned off by weight (Ri = 0 where the lower air is not the heavier).
*Near and far field*: a half ball around the leak that exchanges 0.5 x 2 pi r^2 x v with the rest,
Nicas (1996), Am. Ind. Hyg. Assoc. J. 57, 542-550, eq. 3 (v = 0.05 m/s in quiet rooms: Baldwin and
Maynard 1998, Ann. Occup. Hyg. 42, 303-313, as a low value).

Air passes openings, cracks and fans (`flows`); flows hold for a stretch of time (`STRETCH_S`,
later longer, and never across an event) and within it the masses follow in closed form (`linear`),
so what came in is vented, scrubbed or left to rounding. The leak's own volume pushes air out.
Domain: well-mixed zones, room air at one temperature, outside air clean (nothing is breathed in
again), no deposition on walls. SI units; times in s since the release began.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

from edge.dispersion.constants import GRAVITY, dry_air_kg_m3
from edge.dispersion.notes import RefusedError
from edge.dispersion.room.flows import Inside, Outside, Through, through
from edge.dispersion.room.linear import Pair, Rates, step
from edge.dispersion.room.openings import Duty, Fan, Opening, during
from edge.dispersion.room.wake import Building

STRETCH_S = 10.0  # for which flows are held after an event
SLOWER = 0.05  # and later for this share of the time since it
QUIET_AIR_M_S = 0.05
CRACK_TALL_M = 0.01
LEAKAGE = "leakage"  # the path of all cracks together


class Layout(StrEnum):
    """How the room's two zones lie."""

    LAYERS = "layers"
    NEAR_FAR = "near-far"


@dataclass(frozen=True, slots=True)
class Room:
    """A room of `volume_m3` [m3], `height_m` [m] high, with air at `temperature_k` [K].

    It lies in `building`, whose middle is at (`x_m`, `y_m`) site metres. `leakage_m2` [m2] is the
    cracks' area when all is shut, above 0: a tight room does not exist. The first zone is the
    lowest `border_m` [m] (layers) or the half ball of radius `border_m` (near and far).
    """

    id: str
    volume_m3: float
    height_m: float
    temperature_k: float
    building: Building
    x_m: float
    y_m: float
    leakage_m2: float
    openings: tuple[Opening, ...] = ()
    fans: tuple[Fan, ...] = ()
    layout: Layout = Layout.LAYERS
    border_m: float = 1.0
    air_speed_m_s: float = QUIET_AIR_M_S

    @property
    def floor_m2(self) -> float:
        """Return the floor's area [m2]."""
        return self.volume_m3 / self.height_m

    @property
    def volumes_m3(self) -> Pair:
        """Return the two zones' volumes [m3]."""
        if self.layout is Layout.LAYERS:
            first = self.floor_m2 * self.border_m
        else:
            first = 2 / 3 * math.pi * self.border_m**3
        return first, self.volume_m3 - first


@dataclass(frozen=True, slots=True)
class Leak:
    """What leaks into the room from `start_s` to `end_s`: `rate_kg_s` [kg/s] of gas.

    `gas_kg_m3` [kg/m3] is the pure gas's density at the room's temperature and pressure,
    `entering_kg_m3` that of what comes out (cold, with droplets): it decides which layer fills.
    """

    start_s: float
    end_s: float
    rate_kg_s: float
    gas_kg_m3: float
    entering_kg_m3: float


@dataclass(frozen=True, slots=True)
class Run:
    """What came of it, at `times_s` [s]: the zones' masses [kg] and what left in each stretch.

    `vented_kg` and `scrubbed_kg` map a path (an opening's or fan's id, or "leakage") to what left
    by it, or stayed in its scrubber, in each stretch between two of the times.
    """

    room: Room
    times_s: tuple[float, ...]
    masses_kg: tuple[Pair, ...]
    leaked_kg: float
    vented_kg: Mapping[str, tuple[float, ...]]
    scrubbed_kg: Mapping[str, tuple[float, ...]]
    vented_m3: Mapping[str, tuple[float, ...]]

    @property
    def concentrations_kg_m3(self) -> tuple[Pair, ...]:
        """Return the two zones' concentrations [kg/m3] at `times_s`."""
        first, second = self.room.volumes_m3
        return tuple((m0 / first, m1 / second) for m0, m1 in self.masses_kg)

    @property
    def imbalance(self) -> float:
        """Return |in - vented - scrubbed - left| over what came in."""
        out = math.fsum(m for path in self.vented_kg.values() for m in path)
        kept = math.fsum(m for path in self.scrubbed_kg.values() for m in path)
        return abs(self.leaked_kg - out - kept - sum(self.masses_kg[-1])) / self.leaked_kg


@dataclass(slots=True)
class _Ledger:
    """The books while a run goes on."""

    times: list[float] = field(default_factory=lambda: [0.0])
    masses: list[Pair] = field(default_factory=lambda: [(0.0, 0.0)])
    vented: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    scrubbed: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    moved: dict[str, list[float]] = field(default_factory=dict[str, list[float]])


@dataclass(frozen=True, slots=True)
class _Path:
    """A way out while flows hold: m3/s from each zone, and the share that a scrubber takes."""

    id: str
    out_m3_s: Pair
    efficiency: float
    returns: bool = False  # a recirculating scrubber: the air comes back


def simulate(
    room: Room, leaks: tuple[Leak, ...], outside: Outside, pressure_pa: float, until_s: float
) -> Run:
    """Return what `leaks` do to `room` until `until_s` [s]; raises `RefusedError` for nonsense."""
    check(room, leaks, until_s)
    air = dry_air_kg_m3(room.temperature_k, pressure_pa)
    ledger = _Ledger()
    leaked = 0.0
    for start, end in _stretches(room, leaks, until_s):
        active = [leak for leak in leaks if leak.start_s <= start < leak.end_s]
        inside = _inside(room, ledger.masses[-1], air, (active or leaks)[0].gas_kg_m3)
        paths, rates = _flows(room, active, inside, outside, start, air)
        low, high = _sources(room, active, air)
        masses, held = step(rates, ledger.masses[-1], (low, high), end - start)
        leaked += (low + high) * (end - start)
        _book(ledger, room, paths, held, end)
        ledger.masses.append((max(masses[0], 0.0), max(masses[1], 0.0)))
    stretches = len(ledger.times) - 1
    vented, scrubbed, moved = (
        {name: (*row, *[0.0] * (stretches - len(row))) for name, row in book.items()}
        for book in (ledger.vented, ledger.scrubbed, ledger.moved)
    )
    return Run(room, tuple(ledger.times), tuple(ledger.masses), leaked, vented, scrubbed, moved)


def _stretches(room: Room, leaks: tuple[Leak, ...], until_s: float) -> list[tuple[float, float]]:
    """Return the stretches of time in which flows are held."""
    marks = {0.0, until_s}
    for leak in leaks:
        marks |= {leak.start_s, leak.end_s}
    for spans in [o.open_s for o in room.openings] + [f.runs_s for f in room.fans]:
        marks |= {mark for span in spans for mark in span}
    events = sorted(mark for mark in marks if 0 <= mark <= until_s)
    found: list[tuple[float, float]] = []
    for event, end in pairwise(events):
        start = event
        while start < end:
            until = start + max(STRETCH_S, SLOWER * (start - event))
            found.append((start, until if until < end - 1e-9 else end))
            start = found[-1][1]
    return found


def _inside(room: Room, masses: Pair, air_kg_m3: float, gas_kg_m3: float) -> Inside:
    """Return the layers' densities: gas displaces air, at the room's temperature."""
    lower, upper = (
        air_kg_m3 + min(mass / volume, gas_kg_m3) * (1 - air_kg_m3 / gas_kg_m3)
        for mass, volume in zip(masses, room.volumes_m3, strict=True)
    )
    depth = room.border_m if room.layout is Layout.LAYERS else 0.0
    return Inside(lower, upper, depth, room.temperature_k)


def _sources(room: Room, active: list[Leak], air_kg_m3: float) -> Pair:
    """Return what leaks into each zone [kg/s]: light gas into the upper layer."""
    low = sum(leak.rate_kg_s for leak in active if _is_low(room, leak, air_kg_m3))
    return low, sum(leak.rate_kg_s for leak in active) - low


def _is_low(room: Room, leak: Leak, air_kg_m3: float) -> bool:
    return room.layout is Layout.NEAR_FAR or leak.entering_kg_m3 >= air_kg_m3


def _cracks(room: Room) -> list[Opening]:
    """Return the leakage as one crack low and one high in each of the four walls."""
    along = room.building.along_deg
    return [
        Opening(LEAKAGE, room.leakage_m2 / 8, CRACK_TALL_M, room.x_m, room.y_m, z, along + turn)
        for turn in (0.0, 90.0, 180.0, 270.0)
        for z in (0.25 * room.height_m, 0.75 * room.height_m)
    ]


def _flows(
    room: Room,
    active: list[Leak],
    inside: Inside,
    outside: Outside,
    at_s: float,
    air_kg_m3: float,
) -> tuple[list[_Path], Rates]:
    """Return the ways out and the rates [1/s] that hold from `at_s` on."""
    openings = [o for o in room.openings if during(o.open_s, at_s)] + _cracks(room)
    fans = [fan for fan in room.fans if during(fan.runs_s, at_s)]
    pushed = [leak.rate_kg_s / leak.gas_kg_m3 for leak in active]
    blown = {Duty.SUPPLY: 1.0, Duty.EXHAUST: -1.0, Duty.RECIRCULATE: 0.0}
    forced = sum(pushed) + sum(blown[fan.duty] * fan.flow_m3_s for fan in fans)
    ratio = room.building.width_m / room.building.length_m
    passing = through(openings, inside, outside, forced, ratio)
    paths = [_path(room, o, flow) for o, flow in zip(openings, passing, strict=True)]
    paths += [_fan_path(room, fan) for fan in fans if fan.duty is not Duty.SUPPLY]
    into = sum(
        _low_share(room, o.z_m, o.tall_m) * flow.in_m3_s
        for o, flow in zip(openings, passing, strict=True)
    )
    into += sum(
        fan.flow_m3_s * _low_share(room, fan.z_m, 0) for fan in fans if fan.duty is Duty.SUPPLY
    )
    low = [_is_low(room, leak, air_kg_m3) for leak in active]
    into += sum(q for q, is_low in zip(pushed, low, strict=True) if is_low)
    return paths, _rates(room, paths, into, inside)


def _rates(room: Room, paths: list[_Path], into_low_m3_s: float, inside: Inside) -> Rates:
    """Return the rates [1/s]: ways out, exchange, the air that must move between the zones."""
    first, second = room.volumes_m3
    beta = exchange(room, inside)
    net = into_low_m3_s - sum(path.out_m3_s[0] for path in paths if not path.returns)
    up, down = beta + max(net, 0.0), beta + max(-net, 0.0)
    gone = [
        sum(path.out_m3_s[k] * (path.efficiency if path.returns else 1.0) for path in paths)
        for k in (0, 1)
    ]
    return Rates(gone[0] / first, gone[1] / second, up / first, down / second)


def exchange(room: Room, inside: Inside) -> float:
    """Return the mixing between the zones [m3/s]; see the module's text."""
    if room.layout is Layout.NEAR_FAR:
        return math.pi * room.border_m**2 * room.air_speed_m_s
    heavier = max(inside.lower_kg_m3 / inside.upper_kg_m3 - 1, 0.0)
    ri = GRAVITY * heavier * room.border_m / room.air_speed_m_s**2
    return room.floor_m2 * 0.4 * room.air_speed_m_s / (1 + 0.125 * ri)


def _path(room: Room, opening: Opening, flow: Through) -> _Path:
    low = _low_share(room, opening.z_m, opening.tall_m)
    return _Path(opening.id, (low * flow.out_m3_s, (1 - low) * flow.out_m3_s), 0.0)


def _fan_path(room: Room, fan: Fan) -> _Path:
    low = _low_share(room, fan.z_m, 0.0)
    flows = (low * fan.flow_m3_s, (1 - low) * fan.flow_m3_s)
    return _Path(fan.id, flows, fan.efficiency, fan.duty is Duty.RECIRCULATE)


def _low_share(room: Room, z_m: float, tall_m: float) -> float:
    """Return which share of an opening gives onto the first zone."""
    if room.layout is Layout.NEAR_FAR:
        return 0.0
    if tall_m <= CRACK_TALL_M:
        return 1.0 if z_m < room.border_m else 0.0
    return min(max((room.border_m - (z_m - 0.5 * tall_m)) / tall_m, 0.0), 1.0)


def _book(ledger: _Ledger, room: Room, paths: list[_Path], held: Pair, end: float) -> None:
    """Enter what left by each path in the stretch that ends at `end`; `held` [kg s]."""
    volumes = room.volumes_m3
    done = len(ledger.times) - 1
    seconds = end - ledger.times[-1]
    for path in paths:
        for book in (ledger.vented, ledger.scrubbed, ledger.moved):
            row = book.setdefault(path.id, [])
            row += [0.0] * (done + 1 - len(row))
        gone = sum(q * h / v for q, h, v in zip(path.out_m3_s, held, volumes, strict=True))
        ledger.scrubbed[path.id][done] += path.efficiency * gone
        if not path.returns:
            ledger.vented[path.id][done] += (1 - path.efficiency) * gone
            ledger.moved[path.id][done] += sum(path.out_m3_s) * seconds
    ledger.times.append(end)


def check(room: Room, leaks: tuple[Leak, ...], until_s: float) -> None:
    """Raise `RefusedError` for a room or leak that cannot be."""
    positive = {
        "volume_m3": room.volume_m3,
        "height_m": room.height_m,
        "temperature_k": room.temperature_k,
        "leakage_m2": room.leakage_m2,
        "border_m": room.border_m,
        "air_speed_m_s": room.air_speed_m_s,
        "until_s": until_s,
        **{f"{o.id}.area_m2": o.area_m2 for o in room.openings},
        **{f"{o.id}.tall_m": o.tall_m for o in room.openings},
        **{f"{f.id}.flow_m3_s": f.flow_m3_s for f in room.fans},
    }
    for leak in leaks:
        positive |= {
            "rate_kg_s": leak.rate_kg_s,
            "gas_kg_m3": leak.gas_kg_m3,
            "entering_kg_m3": leak.entering_kg_m3,
            "end_s": leak.end_s - leak.start_s,
        }
    for name, value in positive.items():
        if not 0 < value < 1e9:
            raise RefusedError("dispersion.refused.room.size", name=name, value=value)
    places = [(o.id, (o.x_m, o.y_m, o.z_m, o.facing_deg or 0.0)) for o in room.openings]
    places += [(f.id, (f.x_m, f.y_m, f.z_m, f.outlet_m)) for f in room.fans]
    for name, place in places:
        if not all(math.isfinite(value) for value in place):
            raise RefusedError("dispersion.refused.room.place", name=name)
    if not leaks:
        raise RefusedError("dispersion.refused.room.no-leak", room=room.id)
    first, second = room.volumes_m3
    if second <= 0 or first <= 0:
        raise RefusedError("dispersion.refused.room.border", room=room.id, border_m=room.border_m)
    for fan in room.fans:
        if not 0 <= fan.efficiency <= 1:
            raise RefusedError(
                "dispersion.refused.room.efficiency", fan=fan.id, value=fan.efficiency
            )
    names = [o.id for o in room.openings] + [f.id for f in room.fans] + [LEAKAGE]
    if len(set(names)) < len(names):
        raise RefusedError("dispersion.refused.room.twice", room=room.id)
