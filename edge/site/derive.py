"""Derived tags: what the hazard daemon will say, as tags and limits like any other.

For each substance that an asset holds and that has threat zones, one predicted concentration at
every muster point and building intake; and one tag that says whether the daemon is there. They
are judged by the same engine as detectors, but their conditions are of the class 预测
(predicted): console only, never a field horn, and they clear nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from edge.site.model import (
    ConditionClass,
    Hazard,
    LimitKind,
    LimitSpec,
    Place,
    SiteFile,
    ZoneLevel,
)
from edge.site.quantities import HEALTH, PREDICTED
from edge.substance import Substance
from edge.tag import Position, Tag, World
from edge.units import Unit, density_to_gas

PREFIX = "PRED-"
HEALTH_TAG = "HAZARD-OK"
PLACE_KINDS = frozenset({"muster", "intake"})
PURE_GAS_PPM = 1e6  # a model has no range to go over
ZONE_MINUTES = 60
REFERENCE_K = 298.15  # 25 °C, at which exposure limits in mg/m3 are turned to ppm


def derive(
    file: SiteFile, substances: Mapping[str, Substance]
) -> tuple[list[Tag], list[LimitSpec]]:
    """Return the derived tags and limits of a site; none where it has no hazard daemon."""
    hazard = file.hazard
    if hazard is None:
        return [], []
    tags, limits = [_health(hazard, file.world)], [_health_limit()]
    held = dict.fromkeys(asset.holds for asset in file.assets if asset.holds)
    for substance_id in held:
        substance = substances.get(substance_id)
        level = second_level(hazard, substance) if substance is not None else None
        if substance is None or level is None:
            continue
        value_ppm, source = level
        for place in file.places:
            if place.kind in PLACE_KINDS:
                tag = _predicted(hazard, file.world, substance, place)
                tags.append(tag)
                limits.append(_predicted_limit(tag, value_ppm, source))
    return tags, limits


def second_level(hazard: Hazard, substance: Substance) -> tuple[float, str] | None:
    """Return the second threat level of `substance` [ppm] and its source; None if it has none.

    The site's own zones go first (their only level where there is one); else AEGL-2, 60 minutes.
    """
    zones = hazard.zones.get(substance.id, ())
    if zones:
        level = zones[min(1, len(zones) - 1)]
        return zone_ppm(level, substance), level.source
    aegl = substance.aegl_ppm.get((2, ZONE_MINUTES))
    return (aegl, "AEGL-2, 60 min") if aegl is not None else None


def zone_ppm(level: ZoneLevel, substance: Substance) -> float:
    """Return the level in ppm [µmol/mol]; mg/m3 is turned at 25 °C and 101.325 kPa."""
    if level.unit == "ppm":
        return level.value
    return density_to_gas(level.value * 1e-6, Unit.PPM, substance.molar_mass_kg_mol, REFERENCE_K)


def _predicted(hazard: Hazard, world: World, substance: Substance, place: Place) -> Tag:
    return Tag(
        name=f"{PREFIX}{substance.id}-{place.id}",
        title_zh=f"{place.title.zh}{substance.name_zh}预测浓度",
        title_en=f"Predicted {substance.name_en.lower()}, {place.title.en}",
        device=hazard.device,
        ref=f"{substance.id}@{place.id}",
        asset="",
        area="",
        substance=substance.id,
        quantity=PREDICTED,
        unit=Unit.PPM,
        range_low=0.0,
        range_high=PURE_GAS_PPM,
        period_s=hazard.period_s,
        position=Position(place.position.x_m, place.position.y_m, place.position.z_m),
        world=world,
    )


def _predicted_limit(tag: Tag, value_ppm: float, source: str) -> LimitSpec:
    return LimitSpec(
        id=f"{tag.name}/{LimitKind.HIGH.value}",
        tag=tag.name,
        kind=LimitKind.HIGH,
        limit=value_ppm,
        priority=2,
        klass=ConditionClass.PREDICTED,
        source=source,
    )


def _health(hazard: Hazard, world: World) -> Tag:
    return Tag(
        name=HEALTH_TAG,
        title_zh="扩散预测可用",
        title_en="Prediction available",
        device=hazard.device,
        ref="health",
        asset="",
        area="",
        substance="",
        quantity=HEALTH,
        unit=Unit.BOOL,
        range_low=0.0,
        range_high=1.0,
        period_s=hazard.period_s,
        position=Position(0.0, 0.0),
        world=world,
    )


def _health_limit() -> LimitSpec:
    return LimitSpec(
        id=f"{HEALTH_TAG}/{LimitKind.BAD_QUALITY.value}",
        tag=HEALTH_TAG,
        kind=LimitKind.BAD_QUALITY,
        limit=None,
        priority=3,
        klass=ConditionClass.SYSTEM,
    )
