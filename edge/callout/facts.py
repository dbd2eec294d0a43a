"""What callout asks of an alarm and of a site: does it wait for a person, and whose is it."""

from __future__ import annotations

from edge.alarm import AlarmView
from edge.clock import Instant
from edge.site.alarms.duty import MajorHazard
from edge.site.model import ConditionClass, Site

MOST_SHOWN = 50  # alarms that a call or notice names; the others are counted


def counts(view: AlarmView, world: str) -> bool:
    """Whether an alarm is people's business here: of the process and of this world.

    A prediction is for the console alone. A gas detector lost in gas is of the process.
    """
    return view.klass == ConditionClass.PROCESS and view.world == world


def waits(view: AlarmView) -> bool:
    """Whether nobody has acknowledged it, nor set it aside."""
    return stands(view) and not view.acked


def stands(view: AlarmView) -> bool:
    """Whether it is there, acknowledged or not, and not set aside."""
    return not view.held and view.state != "normal"


def since_mono_ns(utc_ns: int, now: Instant) -> int:
    """Return a former run's stamp [ns UTC] on this run's monotonic clock.

    The time that core was away counts. A stamp that is still to come is of a wrong clock: it counts
    as now, so that nothing waits longer than its whole time.
    """
    return now.mono_ns - max(now.utc_ns - utc_ns, 0)


class Ownership:
    """Which major hazard sources an alarm belongs to."""

    def __init__(self, site: Site) -> None:
        sources = site.file.major_hazards
        self._tags = site.tags
        self._of_asset = {name: source for source in sources for name in source.assets}
        self._of_area = {name: source for source in sources for name in source.areas}
        self._beside: dict[str, dict[str, MajorHazard]] = {}
        for name, source in self._of_asset.items():
            if name in site.assets:
                self._beside.setdefault(site.assets[name].area, {})[source.id] = source

    def sources(self, view: AlarmView) -> tuple[MajorHazard, ...]:
        """Return the sources of an alarm: by its tag's asset, its area, or what is in its area.

        The last is for what is computed of several readings: better one owner too many than none.
        """
        tag = self._tags.get(view.tag)
        one = self._of_asset.get(tag.asset) if tag is not None else None
        one = one or self._of_area.get(view.area)
        if one is not None:
            return (one,)
        computed = tag is None or not tag.asset
        return tuple(self._beside.get(view.area, {}).values()) if computed else ()
