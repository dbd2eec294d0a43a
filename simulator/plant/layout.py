"""Which of a site's assets and tags are what in the plant: by kind, quantity and substance.

No name of any site stands here. A loading bay that holds a liquefied gas has the valve and the
pressure whose tags name it as their asset, and feeds the nearest tank of its gas; a pump draws
from the nearest tank of its gas. What a tag measures decides what the plant shows in it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from edge.site.model import Asset, Site
from edge.substance import substances
from edge.tag import Tag
from simulator.plant.actions import (
    Action,
    Detector,
    GdsChannel,
    GdsReset,
    GdsSetPoint,
    Leak,
    Plug,
    Pump,
    Rupture,
    Valve,
)
from simulator.plant.fluids import FLUIDS


@dataclass(frozen=True, slots=True)
class BayPart:
    """An unloading bay: its valve's tag (or "") and the tank that it fills (or "")."""

    asset: str
    valve: str
    tank: str


@dataclass(frozen=True, slots=True)
class PumpPart:
    """A pump: its running signal's tag (or "") and the tank that it draws from (or "")."""

    asset: str
    running: str
    tank: str


@dataclass(frozen=True, slots=True)
class Layout:
    """What the plant is made of. Gases are numbered by their place in `gases`."""

    gases: tuple[str, ...]
    sources: dict[str, str]  # asset that holds a gas -> the gas
    bays: dict[str, BayPart]
    tanks: tuple[str, ...]
    pumps: dict[str, PumpPart]
    gas_tags: tuple[Tag, ...]
    other_tags: tuple[Tag, ...]
    centre: tuple[float, float]
    gds: frozenset[str] = frozenset()  # detectors that a gas controller speaks of
    gds_tags: tuple[Tag, ...] = ()  # in which it does
    valves: dict[str, str] = field(default_factory=dict[str, str])  # tag -> bay asset
    starters: dict[str, str] = field(default_factory=dict[str, str])  # tag -> pump asset

    @property
    def tags(self) -> tuple[Tag, ...]:
        """Every tag that the field serves."""
        return self.gas_tags + self.other_tags + self.gds_tags


def lay_out(site: Site) -> Layout:
    """Return the plant's parts as `site` names them."""
    known = substances()
    field_tags = [tag for tag in site.tags.values() if tag.device in site.devices]
    sources = [asset for asset in site.file.assets if asset.holds in known]
    measured = [t.substance for t in field_tags if t.quantity == "concentration"]
    gases = tuple(dict.fromkeys([a.holds for a in sources] + [m for m in measured if m in known]))
    tanks = [asset for asset in sources if asset.kind == "tank" and asset.holds in FLUIDS]
    bays = {
        asset.id: BayPart(
            asset.id, _tag(field_tags, asset.id, "valve_open"), _nearest(asset, tanks)
        )
        for asset in sources
        if asset.kind == "loading_bay" and asset.holds in FLUIDS
    }
    pumps = {
        asset.id: PumpPart(asset.id, _tag(field_tags, asset.id, "running"), _nearest(asset, tanks))
        for asset in sources
        if asset.kind == "pump" and asset.holds in FLUIDS
    }
    own = {tag for tags in site.gds.values() for tag in tags if tag}
    places = [asset.position for asset in site.file.assets]
    return Layout(
        gases=gases,
        sources={asset.id: asset.holds for asset in sources},
        bays=bays,
        tanks=tuple(tank.id for tank in tanks),
        pumps=pumps,
        gas_tags=tuple(t for t in field_tags if t.quantity == "concentration"),
        other_tags=tuple(
            t for t in field_tags if t.quantity != "concentration" and t.name not in own
        ),
        gds=frozenset(site.gds),
        gds_tags=tuple(t for t in field_tags if t.name in own),
        centre=(
            sum(p.x_m for p in places) / max(1, len(places)),
            sum(p.y_m for p in places) / max(1, len(places)),
        ),
        valves={part.valve: part.asset for part in bays.values() if part.valve},
        starters={part.running: part.asset for part in pumps.values() if part.running},
    )


def refusal(layout: Layout, action: Action) -> str:
    """Return why `action` cannot be done in this plant, or "" if it can."""
    match action:
        case Rupture() | Leak() | Plug():
            gas = layout.sources.get(action.asset)
            if gas is None:
                return f"asset {action.asset!r} holds no gas that the plant knows"
            if isinstance(action, Rupture) and gas not in FLUIDS:
                return f"the plant has no outflow law for {gas}; give its rate with 'leak'"
        case Valve() if action.tag not in layout.valves:
            return f"tag {action.tag!r} is no shut-off valve of a bay"
        case Pump() if action.tag not in layout.starters:
            return f"tag {action.tag!r} is no pump's running signal"
        case Detector() if not any(t.name == action.tag for t in layout.tags):
            return f"tag {action.tag!r} is not read from the field"
        case GdsChannel() | GdsSetPoint() if action.tag not in layout.gds:
            return f"tag {action.tag!r} is no detector whose GDS tags are named"
        case GdsReset() if not layout.gds:
            return "no detector of this site names tags of a GDS"
        case _:
            pass
    return ""


def _tag(tags: Iterable[Tag], asset: str, quantity: str) -> str:
    """Return the first tag of `asset` that measures `quantity`, or ""."""
    return next((t.name for t in tags if t.asset == asset and t.quantity == quantity), "")


def _nearest(asset: Asset, tanks: Iterable[Asset]) -> str:
    """Return the nearest tank that holds what `asset` holds, or ""."""
    alike = [tank for tank in tanks if tank.holds == asset.holds]
    if not alike:
        return ""
    here = asset.position
    return min(
        alike, key=lambda t: math.hypot(t.position.x_m - here.x_m, t.position.y_m - here.y_m)
    ).id
