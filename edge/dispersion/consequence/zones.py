"""Threat zones: where a level of harm is reached, as polygons in site metres.

A drawn zone is never smaller than the initial isolation circle of the Emergency Response Guidebook
for that gas and class of spill: near the source a model's field is at its weakest, and the guide's
circle is what a first responder is told in any case. What the model itself gives stays beside it
as `modelled`. Zones of the same gas stay nested, for all are joined with the same circle.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from edge.dispersion.consequence.levels import Level
from edge.dispersion.consequence.toxic import (
    Fluctuation,
    load_notes,
    load_threshold,
    toxic_load,
)
from edge.dispersion.isopleth import Isopleth, outlines
from edge.dispersion.notes import ModelUse, Note, RefusedError
from edge.dispersion.rings import Floats, Polygon
from edge.dispersion.solution import Solution, peaks
from edge.dispersion.window import MAX_DISTANCE_M, Field, Frame

BREATHING_M = 1.5
MODEL = ModelUse("consequence.zones", Note("dispersion.model.zones"))


@dataclass(frozen=True, slots=True)
class ThreatZone:
    """Where `level` is reached `z_m` [m] above ground.

    `drawn` is what a map shows: `modelled` joined with the isolation circle of `isolation_m` [m]
    (0: none is known). `reached` says whether the model reaches the level anywhere.
    """

    level: Level
    z_m: float
    modelled: Isopleth
    drawn: Isopleth
    isolation_m: float
    notes: tuple[Note, ...]

    @property
    def reached(self) -> bool:
        """Whether the model's own field reaches the level anywhere at this height."""
        return bool(self.modelled.rings)

    @property
    def polygons(self) -> tuple[Polygon, ...]:
        """Return the drawn pieces, largest first."""
        return self.drawn.polygons

    def distance_m(self, origin_m: tuple[float, float]) -> float:
        """Return how far the modelled zone reaches from `origin_m` [m]; 0 where not reached."""
        return max((_farthest(ring, origin_m) for ring in self.modelled.rings), default=0.0)


def _farthest(ring: Floats, origin_m: tuple[float, float]) -> float:
    x, y = ring[:, 0] - origin_m[0], ring[:, 1] - origin_m[1]
    return float((x**2 + y**2).max() ** 0.5)


def frame_of(solution: Solution) -> Frame:
    """Return the frame of grids for `solution`: at its source, along its heading."""
    return Frame(*solution.origin_m, solution.heading_deg)


def threat_zone(
    solution: Solution,
    level: Level,
    z_m: float = BREATHING_M,
    isolation_m: float = 0.0,
    max_distance_m: float = MAX_DISTANCE_M,
) -> ThreatZone:
    """Return the zone of `level` at `z_m` [m] above ground.

    `isolation_m` [m] is the guide's circle, 0 where the gas has none. Raises `RefusedError` as
    `isopleth.outline` does, and for a height below the ground.
    """
    check_height(z_m)

    def field(x: Floats, y: Floats) -> Floats:
        return level.reached(solution, x, y, z_m)

    return _zone(solution, level, field, z_m, isolation_m, max_distance_m, ())


def threat_zones(
    solution: Solution,
    levels: Iterable[Level],
    z_m: float = BREATHING_M,
    isolation_m: float = 0.0,
    max_distance_m: float = MAX_DISTANCE_M,
) -> tuple[ThreatZone, ...]:
    """Return a zone for each of `levels`; raises as `threat_zone` does.

    The levels share their looks at the field: quicker than one by one, and the same zones.
    """
    check_height(z_m)
    many = tuple(levels)
    looks = _Looks(solution, z_m, {c.averaging_s for one in many for c in one.binding()})

    def field(level: Level) -> Field:
        return lambda x, y: level.share(lambda times: looks.means(x, y, times))

    return tuple(
        _zone(solution, one, field(one), z_m, isolation_m, max_distance_m, ()) for one in many
    )


class _Looks:
    """The greatest means of all `averagings_s` [s], kept for every set of points looked at."""

    def __init__(self, solution: Solution, z_m: float, averagings_s: set[float]) -> None:
        self.solution, self.z_m = solution, z_m
        self.averagings_s = tuple(sorted(averagings_s))
        self.kept: dict[tuple[bytes, bytes], Floats] = {}

    def means(self, x_m: Floats, y_m: Floats, averagings_s: tuple[float, ...]) -> Floats:
        """Return the greatest means over `averagings_s` [s], some of those known from the start."""
        key = x_m.tobytes(), y_m.tobytes()
        if key not in self.kept:
            self.kept[key] = peaks(self.solution, x_m, y_m, self.z_m, self.averagings_s)
        return self.kept[key][[self.averagings_s.index(one) for one in averagings_s]]


def load_zone(
    solution: Solution,
    level: Level,
    exponent: float,
    z_m: float = BREATHING_M,
    isolation_m: float = 0.0,
    max_distance_m: float = MAX_DISTANCE_M,
    fluctuation: Fluctuation | None = None,
) -> ThreatZone:
    """Return where the toxic load of the whole cloud reaches that of `level`'s longest time.

    The level's load is C^n t with n = `exponent`: for clouds whose concentration comes and goes,
    which no single averaging time fits.
    """
    check_height(z_m)
    longest = max(level.criteria, key=lambda criterion: criterion.averaging_s)
    minutes = longest.averaging_s / 60.0
    threshold = load_threshold(longest.threshold_kg_m3, minutes, exponent)

    def field(x: Floats, y: Floats) -> Floats:
        # compared as concentrations: x^n may be as small as 1e-36, and its isopleth is the same
        load = toxic_load(solution, x, y, z_m, exponent, fluctuation).values
        return (load / threshold) ** (1 / exponent)

    said = load_notes(exponent, fluctuation)
    return _zone(solution, level, field, z_m, isolation_m, max_distance_m, said)


def check_height(z_m: float) -> None:
    """Refuse a height that is no number from 0 to 1,000 m."""
    if not 0 <= z_m <= 1000:
        raise RefusedError("dispersion.refused.height", value=str(z_m))


def _zone(
    solution: Solution,
    level: Level,
    field: Field,
    z_m: float,
    isolation_m: float,
    max_distance_m: float,
    said: tuple[Note, ...],
) -> ThreatZone:
    frame = frame_of(solution)
    modelled, drawn = outlines(field, frame, 1.0, max_distance_m, isolation_m)
    notes = list(said)
    if drawn is not modelled and drawn.area_m2 > 1.02 * modelled.area_m2:
        params = {"level": level.id, "radius_m": isolation_m}
        notes.append(Note("dispersion.note.isolation-circle", params))
    if not modelled.rings:
        params = {"level": level.id, "z_m": z_m}
        notes.append(Note("dispersion.note.level-not-reached", params))
    if modelled.truncated:
        params = {"level": level.id, "distance_m": max_distance_m}
        notes.append(Note("dispersion.note.zone-cut", params))
    return ThreatZone(level, z_m, modelled, drawn, isolation_m, tuple(notes))
