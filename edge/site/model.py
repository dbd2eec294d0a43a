"""The frozen Site: what site.yaml and its tag lists say, checked, with every reference resolved.

These models are the schema of site.yaml as well (JSON Schema comes from them). Keys carry their
unit; positions are metres east (x) and north (y) of `origin`. Tags and limits come from CSV
columns (`tags_csv.py`), so a site has them as plain `Tag` and `LimitSpec` objects.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from edge.site.alarms.calculated import CalcSpec
from edge.site.alarms.conditions import ConditionRow
from edge.site.alarms.duty import Callout, MajorHazard, Person
from edge.site.alarms.groups import AlarmGroup, Flood, Suppression, SuppressionSpec
from edge.site.alarms.guidance import GuidanceRow
from edge.site.alarms.ledger import Ledger
from edge.site.annunciator import Annunciator
from edge.site.link import Link
from edge.site.parts import Model, Name, Title
from edge.tag import Tag, World

SHORTEST_EVERY_S, LONGEST_EVERY_S = 1.0, 3600.0  # between two journalled samples of a quiet tag


class Point(Model):
    """Site metres: east, north, above ground."""

    x_m: float
    y_m: float
    z_m: float = 0.0


class Origin(Model):
    """Where the site's (0, 0) is on earth (CGCS2000), and its height above sea."""

    lat_deg: Annotated[float, Field(ge=-90, le=90)]
    lon_deg: Annotated[float, Field(ge=-180, le=180)]
    altitude_m: float = 0.0


class Area(Model):
    """A part of the site that alarms and horns are grouped by."""

    id: Name
    title: Title


class Space(Model):
    """A room that an asset or tag stands in. `outdoor` is always there and is never listed."""

    id: Name
    title: Title
    area: Name
    volume_m3: Annotated[float, Field(gt=0)]
    ventilation_ach: Annotated[float, Field(ge=0)] = 0.0
    emergency_ventilation_ach: Annotated[float, Field(ge=0)] = 0.0
    opening: Point
    scrubber: bool = False


class Asset(Model):
    """A tank, bay, pump, detector or mast. One that holds a substance is a candidate source."""

    id: Name
    title: Title
    kind: Literal[
        "tank", "unit", "loading_bay", "pump", "pipe", "warehouse", "detector", "mast", "building"
    ]
    area: Name
    space: str = "outdoor"
    position: Point
    holds: str = ""  # substance; "" where it holds none
    release_height_m: Annotated[float, Field(ge=0)] = 1.0


class Place(Model):
    """Where people or air can be: a muster point, building intake, road or neighbour."""

    id: Name
    title: Title
    kind: Literal["muster", "intake", "road", "neighbour"]
    position: Point


class Device(Model):
    """Something with an address on a link, read and written through a template."""

    id: Name
    link: Name
    template: str
    unit_id: Annotated[int, Field(ge=0, le=255)] = 1
    timeout_s: Annotated[float, Field(gt=0, le=60)] | None = None  # its own; None: its link's
    retries: Annotated[int, Field(ge=0, le=5)] | None = None  # also when it is silent; None: link's
    world: World = World.LIVE
    # What the template leaves open: base, order.
    settings: dict[str, str | int | float | bool] = Field(
        default_factory=dict[str, str | int | float | bool]
    )


class Relay(Model):
    """The MQTT broker that journal rows go to."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 1883
    protocol: Literal["5", "3.1.1"] = "5"
    topic_root: str = "suian/v1"
    username: str = ""
    password_file: str = ""
    tls: bool = False
    window: Annotated[int, Field(ge=1, le=200)] = 20
    batch_s: Annotated[float, Field(gt=0)] = 1.0  # samples are gathered this long into one message


class ZoneLevel(Model):
    """A threat zone's threshold where the site sets its own instead of AEGL-1/2/3."""

    id: Name
    title: Title
    value: Annotated[float, Field(gt=0)]
    unit: Literal["ppm", "mg/m3"]
    source: str  # who says so; "research value" where nobody does


class Hazard(Model):
    """What the hazard daemon does for this site."""

    device: Name = "hazard"  # the device name of its derived tags
    period_s: Annotated[float, Field(gt=0)] = 5.0
    stale_s: Annotated[float, Field(gt=0)] = 30.0
    wind_speed_tag: str = ""
    wind_from_tag: str = ""
    temperature_tag: str = ""
    # Substance -> thresholds, rising.
    zones: dict[str, tuple[ZoneLevel, ...]] = Field(
        default_factory=dict[str, tuple[ZoneLevel, ...]]
    )


class Console(Model):
    """Where the operator's page is served."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8020
    names: tuple[str, ...] = ()  # host names, beside addresses, that browsers may call it by
    kiosk_view: bool = True  # a page on this very machine may look without a login, never act


class Journal(Model):
    """How the gateway keeps its record. A tag's own columns go before the two defaults below."""

    deadband_share: Annotated[float, Field(ge=0, le=0.05)] = 0.005  # of a tag's span: no news
    every_s: Annotated[float, Field(ge=SHORTEST_EVERY_S, le=LONGEST_EVERY_S)] = 60.0
    sample_flush_s: Annotated[float, Field(gt=0, le=10)] = 5.0
    queue_samples: Annotated[int, Field(ge=1000)] = 200_000
    retention_days: Annotated[int, Field(ge=30)] = 365  # of samples
    event_retention_days: Annotated[int, Field(ge=183)] = 730


class DataQuality(Model):
    """What the checks of data quality need to know of the site as a whole."""

    ambient_tag: str = ""  # the air's temperature; "": hazard.temperature_tag


class Gateway(Model):
    """The box that this site file is for."""

    id: Name


class SiteFile(Model):
    """site.yaml, as it is written."""

    suian: Literal[1]
    id: Name
    title: Title
    world: World = World.LIVE
    gateway: Gateway
    origin: Origin
    plan: str = "plan.geojson"
    tags: tuple[str, ...] = ("tags.csv",)  # names or patterns: areas/*.csv
    include: tuple[str, ...] = ()  # further files of lists, names or patterns: areas/*.yaml
    templates: str = ""  # a folder of the site's own device templates
    pki: str = "pki"  # a folder of certificates: the gateway's own, and whose it trusts
    areas: tuple[Area, ...]
    spaces: tuple[Space, ...] = ()
    assets: tuple[Asset, ...]
    places: tuple[Place, ...] = ()
    links: tuple[Link, ...]
    devices: tuple[Device, ...]
    annunciators: tuple[Annunciator, ...] = ()
    shifts: tuple[str, ...] = ()  # when a shift begins: horns and beacons are tested in each
    utc_offset_h: Annotated[float, Field(ge=-12, le=14)] = 8.0  # of those times: China's
    conditions: tuple[ConditionRow, ...] = ()
    guidance: tuple[GuidanceRow, ...] = ()
    alarm_groups: tuple[AlarmGroup, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    people: tuple[Person, ...] = ()
    major_hazards: tuple[MajorHazard, ...] = ()
    flood: Flood = Flood()
    callout: Callout = Callout()
    relay: Relay | None = None
    hazard: Hazard | None = None
    console: Console = Console()
    journal: Journal = Journal()
    quality: DataQuality = DataQuality()


class LimitKind(StrEnum):
    """What a limit watches for."""

    HIGH = "h"
    HIGH_HIGH = "hh"
    LOW = "l"
    LOW_LOW = "ll"
    BAD_QUALITY = "bad"
    STATE = "state"  # an on-off tag is on (or off)
    RATE = "rate"  # it rises (or falls) faster than so much a minute
    DEVIATION = "dev"  # two tags differ by more than so much
    VOTE = "vote"  # M of N channels are beyond their limits
    OVERFILL = "overfill"  # a vessel is full sooner than people can act
    EXPRESSION = "expr"
    GDS_1 = "gds1"  # the detectors' own controller (GDS) is in its level 1: mirrored
    GDS_2 = "gds2"
    GDS_DIFFERS = "gds-differs"  # it says otherwise than we do (与GDS不一致)


FALLING_KINDS = frozenset({LimitKind.LOW, LimitKind.LOW_LOW, LimitKind.OVERFILL})


class ConditionClass(StrEnum):
    """How far a condition reaches: only a process condition may drive a field horn."""

    PROCESS = "process"
    PREDICTED = "predicted"  # 预测: console only, never a field horn
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class LimitSpec:
    """One condition as the tag list states it; `limit` and `deadband` are in the tag's unit.

    `level` is the detector level (报警一级 1, 二级 2; 0 where it is none), `priority` the alarm's
    own 1-4 (紧急/高/中/低); while a site is read, 0 stands for the one that its guidance makes.
    `source` says where the set-point is from.
    """

    id: str  # TAG/hh
    tag: str
    kind: LimitKind
    limit: float | None
    priority: int
    level: int = 0
    deadband: float = 0.0
    on_delay_s: float = 0.0
    off_delay_s: float = 0.0
    latch: bool = False
    klass: ConditionClass = ConditionClass.PROCESS
    area: str = ""
    source: str = ""
    guidance: str = ""  # id of what people are told to do; "" while read: that which fits
    respond_s: float = 0.0  # how long they have [s]

    @property
    def falling(self) -> bool:
        """Whether it is true from `limit` downwards; a state is, where off is the alarm (0)."""
        return self.kind in FALLING_KINDS or (self.kind is LimitKind.STATE and self.limit == 0)


class Checks(NamedTuple):
    """What a tag list says of one tag's data quality; None: by its quantity, 0: never.

    `spike` [the tag's unit] is a jump from one reading to the next that is doubted, `rate_max` [its
    unit per second] a change that is too fast to be true, `frozen_s` how long one value may stand,
    `late_s` how old a reading may be when it comes, `t_min_c` [degC] the coldest air that the
    instrument is made for, `calibration_due` the last day on which its calibration holds.
    """

    spike: float | None = None
    rate_max: float | None = None
    frozen_s: float | None = None
    late_s: float | None = None
    t_min_c: float | None = None
    calibration_due: date | None = None


class GdsTags(NamedTuple):
    """The tags in which the detectors' own controller (GDS) speaks of one detector; "" for none.

    `alarm_1` and `alarm_2` are on while it is in its level 1 or 2, `setpoint_1` and `setpoint_2`
    are what it alarms at [the detector's unit].
    """

    alarm_1: str = ""
    alarm_2: str = ""
    setpoint_1: str = ""
    setpoint_2: str = ""


@dataclass(frozen=True)
class Site:
    """A checked site. Look-ups are by id; every id in it resolves."""

    file: SiteFile
    root: Path  # the folder of site.yaml
    hash: str  # of every file it was read from: core and its satellites compare it
    tags: dict[str, Tag]
    limits: dict[str, LimitSpec]
    plan: dict[str, object] = field(default_factory=dict[str, object])  # GeoJSON in site metres
    checks: dict[str, Checks] = field(default_factory=dict[str, Checks])  # by tag, where it has any
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    suppressions: dict[str, SuppressionSpec] = field(default_factory=dict[str, SuppressionSpec])
    calculations: dict[str, CalcSpec] = field(default_factory=dict[str, CalcSpec])  # by their tag
    guidance: dict[str, GuidanceRow] = field(default_factory=dict[str, GuidanceRow])  # in use
    changes: Ledger = field(default_factory=Ledger)  # of alarm settings: who approved which
    sources: tuple[str, ...] = ("site.yaml",)  # site.yaml and all that it includes
    tag_lists: tuple[str, ...] = ("tags.csv",)  # as found: patterns are resolved
    gds: dict[str, GdsTags] = field(default_factory=dict[str, GdsTags])  # by detector's tag

    @property
    def world(self) -> World:
        """The world of this gateway's core."""
        return self.file.world

    @cached_property
    def areas(self) -> dict[str, Area]:
        """Areas by id."""
        return {area.id: area for area in self.file.areas}

    @cached_property
    def assets(self) -> dict[str, Asset]:
        """Assets by id."""
        return {asset.id: asset for asset in self.file.assets}

    @cached_property
    def devices(self) -> dict[str, Device]:
        """Devices by id."""
        return {device.id: device for device in self.file.devices}

    @cached_property
    def links(self) -> dict[str, Link]:
        """Links by id."""
        return {link.id: link for link in self.file.links}

    @cached_property
    def places(self) -> dict[str, Place]:
        """Places by id."""
        return {place.id: place for place in self.file.places}

    @cached_property
    def _by_device(self) -> dict[str, tuple[Tag, ...]]:
        found: dict[str, list[Tag]] = {}
        for tag in self.tags.values():
            found.setdefault(tag.device, []).append(tag)
        return {device: tuple(tags) for device, tags in found.items()}

    def tags_of(self, device: str) -> list[Tag]:
        """Return the tags that `device` is read for, in the order of the tag list."""
        return list(self._by_device.get(device, ()))
