"""What travels between the field and a seat, version 1.

A Unix stream socket; one JSON object a line, UTF-8. Times are UTC ns, positions site metres.

| from | `t` | fields |
| --- | --- | --- |
| field, first line | `hello` | `v` 1, `world`, `kind` plant or replay, `title`, `site` (map) |
| field, 5 a second | `state` | `utc_ns`, `t_s`, `wind`, `gases`, `puffs`, `tags`, `outputs` |
| field, at once | a fact | `leak`, `story`, `command`, `register`: as on its standard output |
| seat | `command` | `id` (unique), `seat`, `action` (as in a scenario's story) |
| field | `reply` | `id`, `ok`, `error` (why not) |

`site` has `id`, `title`, `plan` (GeoJSON), `areas`, `assets`, `places`, `tags`. `tags` of a state
maps a tag to [value, quality, reason, level], `outputs` an annunciator to its points; `puffs` has
rows [x, y, sigma_h, sigma_z, kg, index into gases], thinned to be drawn. `t_s` is the
story's own time: seconds since its start, or the UTC [s] of a record; facts carry it too. A seat
that comes late is told the last facts after the hello.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError

from edge.drivers.base import Reading
from edge.errors import WireError
from edge.site.model import Site
from edge.tag import Tag
from simulator.plant.actions import Action

VERSION = 1
LONGEST_LINE = 1 << 22
_ACTION: TypeAdapter[Action] = TypeAdapter(Action)


def pack(message: Mapping[str, Any]) -> bytes:
    """Return `message` as a line."""
    return orjson.dumps(message) + b"\n"


def unpack(line: bytes) -> dict[str, Any]:
    """Return a line's message. Raises `WireError`."""
    try:
        message = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise WireError(f"not JSON: {error}") from None
    if not isinstance(message, dict) or not isinstance(message.get("t"), str):
        raise WireError("a message is an object with 't'")
    return message


def parse_action(raw: object) -> Action:
    """Return a seat's action. Raises `WireError` with what is wrong about it."""
    try:
        return _ACTION.validate_python(raw)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise WireError(f"action: {where}: {first['msg']}") from None


def hello(site: Site, kind: str, title: Mapping[str, str]) -> dict[str, Any]:
    """Return the field's first line."""
    field_tags = [tag for tag in site.tags.values() if tag.device in site.devices]
    return {
        "t": "hello",
        "v": VERSION,
        "world": site.world.value,
        "kind": kind,
        "title": dict(title),
        "site": {
            "id": site.file.id,
            "title": site.file.title.model_dump(),
            "plan": site.plan,
            "areas": [area.model_dump() for area in site.file.areas],
            "assets": [asset.model_dump() for asset in site.file.assets],
            "places": [place.model_dump() for place in site.file.places],
            "tags": [_tag(site, tag) for tag in field_tags],
        },
    }


def _tag(site: Site, tag: Tag) -> dict[str, Any]:
    limits = {
        kind: spec.limit
        for kind in ("h", "hh", "l", "ll")
        if (spec := site.limits.get(f"{tag.name}/{kind}")) is not None
    }
    return {
        "name": tag.name,
        "title": {"zh": tag.title_zh, "en": tag.title_en},
        "asset": tag.asset,
        "substance": tag.substance,
        "quantity": tag.quantity,
        "unit": tag.unit.value,
        "range": [tag.range_low, tag.range_high],
        "limits": limits,
        "x_m": tag.position.x_m,
        "y_m": tag.position.y_m,
    }


def tag_row(reading: Reading, level: int) -> list[Any]:
    """Return a reading as a state's row: [value, quality, reason, level]."""
    value = None if reading.value is None else round(reading.value, 4)
    return [value, int(reading.quality), reading.reason.value, level]
