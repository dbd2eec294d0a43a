"""What a page must know of its site before it can draw anything: made once, sent as it is."""

from __future__ import annotations

import orjson

from edge.rules import set_point_rule
from edge.site.alarms.gds import DIFFERS_TAG
from edge.site.alarms.guidance import GuidanceRow
from edge.site.annunciator import TESTED
from edge.site.model import Site
from edge.substance import Substance, substances
from edge.tag import Tag

DETECTED = frozenset({"concentration", "oxygen"})


def site_page(site: Site, version: str) -> bytes:
    """Return the body of `GET /api/v1/site` (docs/wire.md §2). Positions in site metres."""
    file = site.file
    known = substances()
    used = {tag.substance for tag in site.tags.values()} | {a.holds for a in file.assets}
    hazard = file.hazard
    body = {
        "suian": version,
        "id": file.id,
        "title": file.title.model_dump(),
        "world": site.world,
        "gateway": file.gateway.id,
        "hash": site.hash,
        "areas": [area.model_dump(include={"id", "title"}) for area in file.areas],
        "assets": [
            {
                **asset.model_dump(include={"id", "title", "kind", "area", "holds"}),
                "x_m": asset.position.x_m,
                "y_m": asset.position.y_m,
            }
            for asset in file.assets
        ],
        "places": [
            {
                **place.model_dump(include={"id", "title", "kind"}),
                "x_m": place.position.x_m,
                "y_m": place.position.y_m,
            }
            for place in file.places
        ],
        "people": [person.model_dump(exclude={"phone"}) for person in file.people],
        "major_hazards": [source.model_dump() for source in file.major_hazards],
        "alarm_groups": [one.model_dump(include={"id", "title"}) for one in file.alarm_groups],
        "suppressions": [one.model_dump(include={"id", "title"}) for one in file.suppressions],
        "guidance": {id_: _guidance(row) for id_, row in site.guidance.items()},
        "annunciators": [
            {
                "id": one.id,
                "areas": one.areas,
                "outputs": [
                    {"id": output.id, "kind": output.kind, "tested": output.kind in TESTED}
                    for output in one.outputs
                ],
            }
            for one in file.annunciators
        ],
        "tags": _tags(site),
        "limits": _limits(site),
        "substances": {name: _substance(known[name]) for name in sorted(used & known.keys())},
        "hazard": None
        if hazard is None
        else hazard.model_dump(
            include={"device", "stale_s", "wind_speed_tag", "wind_from_tag", "temperature_tag"}
        ),
        "plan": site.plan or {"type": "FeatureCollection", "features": []},
    }
    return orjson.dumps(body)


def _tags(site: Site) -> list[dict[str, object]]:
    """Return every tag as the page needs it; `gds_of` is the detector that the GDS's tag is of."""
    beside = {tag: name for name, tags in site.gds.items() for tag in (*tags, name + DIFFERS_TAG)}
    return [
        {
            "tag": tag.name,
            "title": {"zh": tag.title_zh, "en": tag.title_en},
            "device": tag.device,
            "ref": tag.ref,
            "asset": tag.asset,
            "area": tag.area,
            "space": tag.space,
            "substance": tag.substance,
            "quantity": tag.quantity,
            "unit": tag.unit,
            "range_low": tag.range_low,
            "range_high": tag.range_high,
            "period_s": tag.period_s,
            "cover_m": _cover_m(tag),
            "x_m": tag.position.x_m,
            "y_m": tag.position.y_m,
            "world": tag.world,
            "gds_of": beside.get(tag.name, ""),
        }
        for tag in site.tags.values()
    ]


def _cover_m(tag: Tag) -> float | None:
    """Return how far a detector covers [m], and so what nobody watches while it is set aside."""
    if tag.quantity not in DETECTED:
        return None
    return set_point_rule().cover_m(tag.unit, indoors=tag.space != "outdoor")


def _limits(site: Site) -> list[dict[str, object]]:
    """Return every condition's set-point, priority and level."""
    return [
        {
            "id": limit.id,
            "tag": limit.tag,
            "kind": limit.kind,
            "limit": limit.limit,
            "priority": limit.priority,
            "level": limit.level,
            "klass": limit.klass,
            "source": limit.source,
            "guidance": limit.guidance,
            "respond_s": limit.respond_s,
        }
        for limit in site.limits.values()
    ]


def _guidance(row: GuidanceRow) -> dict[str, object]:
    """Return what people are told of an alarm and how long they have [s]."""
    return row.model_dump(include={"cause", "consequence", "actions", "respond_s"})


def _substance(substance: Substance) -> dict[str, str]:
    """Return a substance's names and formula."""
    return {"zh": substance.name_zh, "en": substance.name_en, "formula": substance.formula}
