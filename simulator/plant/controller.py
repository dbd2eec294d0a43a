"""The detectors' own controller (GDS): it alarms by its own set-points, and keeps its alarms.

What it sees is what its detectors show. A level that was reached stays in alarm until the gas is
below it and somebody turns the reset key, as GB/T 50493 controllers do; a failed detector changes
nothing. Its set-points begin as the site's and are its own from then on.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from edge.drivers.base import Reading
from edge.site.model import GdsTags, Site
from edge.tag import Quality, Reason
from simulator.plant.actions import GdsChannel, GdsReset, GdsSetPoint
from simulator.plant.instruments import NOT_MODELLED

LEVELS = ("h", "hh")  # the limits of a tag list that are the detector levels 1 and 2


@dataclass(slots=True)
class Channel:
    """One detector's channel; set-points in its unit, infinity for a level it does not have."""

    tags: GdsTags
    set_points: list[float]
    alarms: list[bool] = field(default_factory=lambda: [False, False])
    value: float | None = None  # as last shown; None while the detector has failed
    inhibited: bool = False


class Controller:
    """Every channel of the site's controllers; `latching`: alarms stand until they are reset."""

    def __init__(self, site: Site, *, latching: bool) -> None:
        self._latching = latching
        self.channels = {
            name: Channel(tags, [_limit(site, f"{name}/{level}") for level in LEVELS])
            for name, tags in site.gds.items()
        }

    def see(self, shown: Mapping[str, Reading]) -> None:
        """Judge what the detectors show now."""
        for name, channel in self.channels.items():
            reading = shown.get(name, NOT_MODELLED)
            channel.value = None if reading.quality is Quality.BAD else reading.value
            if channel.value is None or channel.inhibited:
                continue
            for index, limit in enumerate(channel.set_points):
                reached = channel.value >= limit
                channel.alarms[index] = reached or (self._latching and channel.alarms[index])

    def apply(self, action: GdsChannel | GdsSetPoint | GdsReset) -> None:
        """Do at the panel what `action` says."""
        match action:
            case GdsReset():
                for channel in self.channels.values():
                    pairs = zip(channel.alarms, channel.set_points, strict=True)
                    value = math.inf if channel.value is None else channel.value
                    channel.alarms = [alarm and value >= limit for alarm, limit in pairs]
            case GdsSetPoint():
                self.channels[action.tag].set_points[action.level - 1] = action.value
            case GdsChannel():
                channel = self.channels[action.tag]
                channel.inhibited = action.do == "gds_inhibit"
                if channel.inhibited:
                    channel.alarms = [False, False]

    def readings(self) -> dict[str, Reading]:
        """Return what the controller's own tags read."""
        found: dict[str, Reading] = {}
        for channel in self.channels.values():
            values = [*(float(alarm) for alarm in channel.alarms), *channel.set_points]
            for tag, value in zip(channel.tags, values, strict=True):
                if tag and math.isfinite(value):
                    found[tag] = Reading(value, Quality.GOOD, Reason.OK)
        return found

    def state(self) -> list[float]:
        """Return everything the next step depends on, for the plant's digest."""
        found: list[float] = []
        for channel in self.channels.values():
            limits = [limit if math.isfinite(limit) else -1.0 for limit in channel.set_points]
            found += [*map(float, channel.alarms), float(channel.inhibited), *limits]
        return found


def _limit(site: Site, condition: str) -> float:
    spec = site.limits.get(condition)
    return math.inf if spec is None or spec.limit is None else spec.limit
