"""The scene: what the site file says about detectors, candidate sources, places and zones.

Built once at start; every fault of it is a `ConfigError` then, never a surprise in an accident.
"""

from __future__ import annotations

from dataclasses import dataclass

from edge.dispersion.weather.profile import standard_pressure_pa
from edge.errors import ConfigError, Fault
from edge.site.model import Asset, ConditionClass, Hazard, LimitKind, Place, Site, ZoneLevel
from edge.site.parts import Title
from edge.site.quantities import CONCENTRATION
from edge.substance import AEGL_LEVELS, Substance, substances
from edge.tag import Tag, World
from edge.units import Unit, density_to_gas, gas_to_density
from edge.words import say

ZONE_MINUTES = 60
OUTDOOR = "outdoor"
BREATHING_M = 1.5
WIND_HEIGHT_M = 10.0  # WMO's, where the tag list gives the anemometer no height
# Error of a reading in clear air: a share of the way from background to level 1, which a detector
# must resolve to be of use there; of the range where it has no level.
NOISE_OF_LEVEL = 0.3
NOISE_OF_RANGE = 0.01


@dataclass(frozen=True, slots=True)
class Detector:
    """A gas tag outdoors: `level_1` and `noise` are in the tag's unit; level_1 None: no alarm."""

    tag: Tag
    level_1: float | None
    noise: float


@dataclass(frozen=True, slots=True)
class Zone:
    """A threat zone's threshold for what the release adds; background is not part of it."""

    id: str
    title: Title
    value: float
    unit: Unit
    source: str


@dataclass(frozen=True, slots=True)
class Gas:
    """One substance that this site holds, with all that inference needs to know of it."""

    substance: Substance
    detectors: tuple[Detector, ...]
    candidates: tuple[Asset, ...]
    zones: tuple[Zone, ...]  # rising


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything fixed; positions are site metres, `pressure_pa` [Pa] is of the site's altitude."""

    site: Site
    hazard: Hazard
    gases: dict[str, Gas]
    places: tuple[Place, ...]
    pressure_pa: float
    wind_height_m: float

    @property
    def world(self) -> World:
        """The world of the site."""
        return self.site.world

    def input_tags(self) -> set[str]:
        """Return the names of all tags that inference reads."""
        names = {d.tag.name for gas in self.gases.values() for d in gas.detectors}
        weather = (
            self.hazard.wind_speed_tag,
            self.hazard.wind_from_tag,
            self.hazard.temperature_tag,
        )
        return names | {name for name in weather if name}

    def density(self, value: float, unit: Unit, gas: Gas, temperature_k: float) -> float:
        """Return a zone's or place's value as mass concentration [kg/m3] in this site's air."""
        molar = gas.substance.molar_mass_kg_mol
        return gas_to_density(value, unit, molar, temperature_k, None, self.pressure_pa)

    def ppm(self, density_kg_m3: float, gas: Gas, temperature_k: float) -> float:
        """Return a mass concentration [kg/m3] as ppm in this site's air; pure gas at most."""
        molar = gas.substance.molar_mass_kg_mol
        value = density_to_gas(
            density_kg_m3, Unit.PPM, molar, temperature_k, None, self.pressure_pa
        )
        return min(value, 1e6)


def build_scene(site: Site) -> Scene:
    """Return the scene of `site`. Raises `ConfigError` if hazard cannot work on this site."""
    hazard = site.file.hazard
    if hazard is None:
        problem, remedy = "no hazard section", "Add one, or do not start suian-hazard"
        raise ConfigError([Fault("site.yaml", 0, "hazard", problem, remedy)])
    table = substances()
    gases = {
        name: _gas(site, hazard, table[name])
        for name in dict.fromkeys(asset.holds for asset in site.file.assets)
        if name in table
    }
    wind = site.tags.get(hazard.wind_speed_tag)
    height = wind.position.z_m if wind is not None and wind.position.z_m > 0 else WIND_HEIGHT_M
    pressure = standard_pressure_pa(site.file.origin.altitude_m)
    return Scene(site, hazard, gases, site.file.places, pressure, height)


def _gas(site: Site, hazard: Hazard, substance: Substance) -> Gas:
    detectors = tuple(
        _detector(site, tag)
        for tag in site.tags.values()
        if tag.substance == substance.id and tag.quantity == CONCENTRATION and tag.space == OUTDOOR
    )
    candidates = tuple(
        asset
        for asset in site.file.assets
        if asset.holds == substance.id and asset.space == OUTDOOR
    )
    zones = _zones(hazard.zones.get(substance.id, ()), substance)
    return Gas(substance, detectors, candidates, zones)


def _detector(site: Site, tag: Tag) -> Detector:
    levels = [
        limit.limit
        for limit in site.limits.values()
        if limit.tag == tag.name
        and limit.kind is LimitKind.HIGH
        and limit.level == 1
        and limit.klass is ConditionClass.PROCESS
        and limit.limit is not None
    ]
    level_1 = levels[0] if levels else None
    if level_1 is not None:
        noise = NOISE_OF_LEVEL * (level_1 - tag.background)
    else:
        noise = NOISE_OF_RANGE * (tag.range_high - tag.range_low)
    return Detector(tag, level_1, noise)


def _zones(own: tuple[ZoneLevel, ...], substance: Substance) -> tuple[Zone, ...]:
    """Return the site's own zones, else AEGL-1/2/3 for 60 min as far as they are set."""
    if own:
        return tuple(Zone(z.id, z.title, z.value, Unit(z.unit), z.source) for z in own)
    found: list[Zone] = []
    for level in AEGL_LEVELS:
        value = substance.aegl_ppm.get((level, ZONE_MINUTES))
        if value is not None:
            key = f"aegl{level}_{ZONE_MINUTES}"
            words = f"hazard.zone.aegl-{level}"
            title = Title(zh=say(words, "zh-CN"), en=say(words, "en"))
            source = f"AEGL-{level}, 60 min: {substance.source(key)} ({substance.confidence(key)})"
            found.append(Zone(f"aegl-{level}", title, value, Unit.PPM, source))
    return tuple(found)
