"""A small yard made in memory, and synthetic readings from our own plume: what the tests share."""

import math
from pathlib import Path

import numpy as np

from edge.clock import Instant
from edge.dispersion.passive.plume import briggs
from edge.dispersion.passive.plume.briggs import Air, Release
from edge.dispersion.weather.profile import wind_at
from edge.hazard.infer import SOURCE_SIZE_M, release_height
from edge.hazard.inputs import Inputs
from edge.hazard.scene import build_scene
from edge.site.derive import derive
from edge.site.model import LimitKind, LimitSpec, Site, SiteFile
from edge.substance import substances
from edge.tag import Position, Tag, World
from edge.units import Unit, density_to_gas

NIGHT = Instant(1_700_000_000_000_000_000, 10_000_000_000_000)  # 2023-11-14 22:13 UTC, lon 0
WIND = {"WS": 4.0, "WD": 240.0, "TT": 5.0}
STABILITY = "E"  # 4 m/s in a clear night
TEMPERATURE_K = 278.15


def tag(name, quantity, unit, x=0.0, y=0.0, z=0.0, **more):
    fields = {"substance": "", "range_low": 0.0, "range_high": 100.0, "period_s": 1.0} | more
    return Tag(
        name=name, title_zh=name, title_en=name, device="D", ref=name, asset="A", area="a",
        quantity=quantity, unit=unit, position=Position(x, y, z), world=World.DRILL, **fields,
    )  # fmt: skip


def gas_tag(name, x, y, *, level=0.3, substance="chlorine", unit=Unit.PPM, high=10.0, **more):
    found = tag(
        name, "concentration", unit, x, y, 0.5, substance=substance, range_high=high, **more
    )
    limits = [
        LimitSpec(f"{name}/h", name, LimitKind.HIGH, level, 2, level=1),
        LimitSpec(f"{name}/hh", name, LimitKind.HIGH_HIGH, 2 * level, 1, level=2),
    ]
    return found, limits


ASSETS = [
    ("BAY", 120, 150, 1.2), ("TANK", 165, 175, 2.0), ("EVAP", 130, 205, 1.5),
    ("PUMP", 60, 90, 0.8), ("STORE", 220, 130, 1.0),
]  # fmt: skip
DETECTORS = [
    ("AT-1", 132, 152), ("AT-2", 119, 164), ("AT-3", 107, 148), ("AT-4", 122, 137),
    ("AT-5", 152, 178), ("AT-6", 178, 183), ("AT-7", 133, 193), ("AT-8", 128, 217),
    ("AT-9", 190, 160), ("AT-10", 150, 160), ("AT-11", 75, 100), ("AT-12", 235, 140),
]  # fmt: skip
PLACES = [("MP-1", "muster", 293, 250), ("MP-2", "muster", 20, 40), ("ROAD", "road", 300, 300)]
WEATHER = (
    tag("WS", "wind_speed", Unit.METRE_PER_SECOND, z=10.0),
    tag("WD", "wind_from", Unit.DEGREE, z=10.0, range_high=360.0),
    tag("TT", "temperature", Unit.CELSIUS, z=2.0),
)


def make_site(
    detectors=None, assets=None, substance="chlorine", zones=None, weather=WEATHER, altitude=0.0
):
    """Return a site of one gas with a muster point downwind and one upwind of the middle."""
    title = {"zh": "示例", "en": "example"}
    hazard = {"wind_speed_tag": "WS", "wind_from_tag": "WD", "temperature_tag": "TT"}
    file = SiteFile.model_validate(
        {
            "suian": 1, "id": "yard", "title": title, "world": "drill", "gateway": {"id": "gw"},
            "origin": {"lat_deg": 45.0, "lon_deg": 0.0, "altitude_m": altitude},
            "areas": [{"id": "a", "title": title}],
            "assets": [
                {"id": name, "title": title, "kind": "tank", "area": "a", "holds": substance,
                 "position": {"x_m": x, "y_m": y}, "release_height_m": height}
                for name, x, y, height in (ASSETS if assets is None else assets)
            ],
            "places": [
                {"id": name, "title": title, "kind": kind, "position": {"x_m": x, "y_m": y}}
                for name, kind, x, y in PLACES
            ],
            "links": [{"id": "l", "kind": "modbus-tcp"}],
            "devices": [{"id": "D", "link": "l", "template": "t", "world": "drill"}],
            "hazard": hazard | {"zones": {substance: zones} if zones else {}},
        }
    )  # fmt: skip
    tags = {item.name: item for item in weather}
    limits = {}
    for found, own in [gas_tag(*d) for d in DETECTORS] if detectors is None else detectors:
        tags[found.name] = found
        limits |= {limit.id: limit for limit in own}
    derived, derived_limits = derive(file, substances())
    tags |= {item.name: item for item in derived}
    limits |= {limit.id: limit for limit in derived_limits}
    return Site(file, Path(), "hash", tags, limits)


def scene_of(**more):
    return build_scene(make_site(**more))


def row(name, value, reason="ok", quality=None):
    bad = value is None
    return [
        name,
        value,
        2 if bad else (quality or 0),
        "timeout" if bad and reason == "ok" else reason,
        0,
        0,
    ]


def readings(scene, asset_id, rate_kg_s, *, speed=4.0, from_deg=240.0, noise=None):
    """Return what every detector would read of a leak in our own plume, in its unit, clipped."""
    asset = scene.site.assets[asset_id]
    height = release_height(asset)
    release = Release(rate_kg_s, asset.position.x_m, asset.position.y_m, height, SOURCE_SIZE_M)
    air = Air(wind_at(speed, 10.0, height, STABILITY), from_deg, STABILITY)
    found = {}
    for gas in scene.gases.values():
        for index, detector in enumerate(gas.detectors):
            at = detector.tag
            density = float(briggs.field(release, air, *plume_point(at), at.position.z_m)[0])
            ppm = density_to_gas(
                density, at.unit, gas.substance.molar_mass_kg_mol, TEMPERATURE_K,
                at.lel_fraction, scene.pressure_pa,
            )  # fmt: skip
            if noise is not None:
                ppm *= math.exp(noise[index])
            found[at.name] = min(at.background + ppm, at.range_high)
    return found


def plume_point(at):
    return np.array([at.position.x_m]), np.array([at.position.y_m])


def inputs_of(scene, values, weather=WIND, now=NIGHT, age_s=100.0):
    """Return inputs in which every value has held for `age_s` seconds before `now`."""
    inputs = Inputs(scene.input_tags())
    before = now.plus(-age_s)
    rows = [row(name, value) for name, value in (values | weather).items()]
    inputs.take(rows, before)
    inputs.hear(now)
    return inputs
