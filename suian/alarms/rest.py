"""What the tags read that a test says nothing of: a plant in which nothing is the matter."""

from __future__ import annotations

from collections.abc import Mapping

from edge.clock import NS
from edge.site import Site
from edge.site.model import LimitKind
from edge.site.quantities import HEALTH, PREDICTED, SETPOINT
from edge.tag import Tag
from edge.units import Unit

AIR_OXYGEN_VOL = 20.9
HIGHS = frozenset({LimitKind.HIGH, LimitKind.HIGH_HIGH})
LOWS = frozenset({LimitKind.LOW, LimitKind.LOW_LOW})
# Weather that stands still to the last digit is an instrument that has frozen.
WEATHER = frozenset({"wind_speed", "wind_from", "temperature", "humidity", "pressure"})
STIR_NS, STIR_SHARE = 60 * NS, 0.006  # each minute, by so much of the range


class Rest:
    """The readings at rest of one site; `said` [the tag's unit] are those that the table names."""

    def __init__(self, site: Site, said: Mapping[str, float]) -> None:
        self._highs: dict[str, float] = {}
        self._lows: dict[str, float] = {}
        for limit in site.limits.values():
            if limit.limit is None:
                continue
            if limit.kind in HIGHS:
                least = self._highs.get(limit.tag, limit.limit)
                self._highs[limit.tag] = min(least, limit.limit)
            elif limit.kind in LOWS:
                most = self._lows.get(limit.tag, limit.limit)
                self._lows[limit.tag] = max(most, limit.limit)
        self._said = dict(said)
        self._set_points = dict(_set_points(site))

    def value(self, tag: Tag, at_ns: int = 0) -> float:
        """Return what `tag` reads [its unit] `at_ns` [ns] from the beginning."""
        if tag.name in self._said:
            return self._said[tag.name]
        return self._usual(tag) + self._stir(tag, at_ns)

    def stirs(self, tag: Tag) -> bool:
        """Return whether `tag` reads something else each minute."""
        return tag.quantity in WEATHER and tag.name not in self._said

    def _stir(self, tag: Tag, at_ns: int) -> float:
        odd = at_ns // STIR_NS % 2
        return odd * STIR_SHARE * (tag.range_high - tag.range_low) if self.stirs(tag) else 0.0

    def _usual(self, tag: Tag) -> float:
        if tag.quantity == HEALTH:
            return 1.0
        if tag.quantity in {"concentration", PREDICTED}:
            return tag.background
        if tag.quantity == "oxygen":
            return tag.background or AIR_OXYGEN_VOL
        if tag.quantity == SETPOINT:
            return self._set_points.get(tag.name, tag.range_high)
        if tag.unit in {Unit.BOOL, Unit.COUNT}:
            return 0.0
        low = max(tag.range_low, self._lows.get(tag.name, tag.range_low))
        return (low + min(tag.range_high, self._highs.get(tag.name, tag.range_high))) / 2


def _set_points(site: Site) -> list[tuple[str, float]]:
    """Return what the GDS's set-points are where they are as ours."""
    found: list[tuple[str, float]] = []
    for detector, gds in site.gds.items():
        pairs = ((gds.setpoint_1, LimitKind.HIGH), (gds.setpoint_2, LimitKind.HIGH_HIGH))
        for name, kind in pairs:
            ours = site.limits.get(f"{detector}/{kind.value}")
            if name and ours is not None and ours.limit is not None:
                found.append((name, ours.limit))
    return found
