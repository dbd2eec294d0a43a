"""A footprint as GeoJSON (RFC 7946): zones as polygons with what they are and how they were made.

A projector turns site metres into longitude and latitude [deg] of CGCS2000, which within some
centimetres is WGS 84, RFC 7946's own. Outlines run counter-clockwise and holes clockwise
(section 3.1.6); coordinates have seven decimals, about 1 cm (section 11.2 warns of more).

Chinese web maps show a shifted datum (GCJ-02): laid over one of those without its shift, every
point lies some 300-600 m off. A collection says its datum in `crs_note`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from edge.dispersion.consequence.zones import MODEL, ThreatZone
from edge.dispersion.isopleth import Isopleth
from edge.dispersion.notes import ModelUse, Note, RefusedError
from edge.dispersion.rings import Floats, area
from edge.dispersion.solution import Solution
from edge.words import LANGUAGES, say

Projector = Callable[[Floats, Floats], tuple[Floats, Floats]]  # x, y [m] -> lon, lat [deg]
DECIMALS = 7


def zone_feature(zone: ThreatZone, project: Projector) -> dict[str, Any]:
    """Return a threat zone as a feature; without polygons its geometry is null."""
    properties: dict[str, Any] = {
        "kind": "threat-zone",
        "level": zone.level.id,
        "value": zone.level.value,
        "unit": zone.level.unit.value,
        "criteria": [
            {"averaging_s": c.averaging_s, "threshold_kg_m3": float(f"{c.threshold_kg_m3:.6g}")}
            for c in zone.level.criteria
        ],
        "height_m": zone.z_m,
        "reached": zone.reached,
        "isolation_m": zone.isolation_m,
        "area_m2": round(zone.drawn.area_m2, 1),
        "modelled_area_m2": round(zone.modelled.area_m2, 1),
        "truncated": zone.drawn.truncated,
        "notes": [note_json(note) for note in zone.notes],
    }
    return feature(zone.drawn, project, properties)


def feature(shape: Isopleth, project: Projector, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return any outline as a feature with `properties`."""
    return {
        "type": "Feature",
        "geometry": geometry(shape, project),
        "properties": dict(properties),
    }


def collection(
    solution: Solution, features: Iterable[dict[str, Any]], title: str = ""
) -> dict[str, Any]:
    """Return a FeatureCollection with the models and notes of `solution`."""
    return {
        "type": "FeatureCollection",
        "title": title,
        "substance": solution.substance,
        "horizon_s": solution.horizon_s,
        "models": [_model(use) for use in (*solution.models, MODEL)],
        "notes": [note_json(note) for note in solution.notes],
        "crs_note": {language: say("dispersion.note.datum", language) for language in LANGUAGES},
        "advice": {language: say("dispersion.note.advice", language) for language in LANGUAGES},
        "features": list(features),
    }


def geometry(shape: Isopleth, project: Projector) -> dict[str, Any] | None:
    """Return a Polygon or MultiPolygon of RFC 7946, None where there are no rings."""
    pieces = [
        [_ring(line, project, outline=k == 0) for k, line in enumerate((p.outline, *p.holes))]
        for p in shape.polygons
    ]
    if not pieces:
        return None
    if len(pieces) == 1:
        return {"type": "Polygon", "coordinates": pieces[0]}
    return {"type": "MultiPolygon", "coordinates": pieces}


def note_json(note: Note) -> dict[str, Any]:
    """Return a note as id, parameters and both texts."""
    texts = {language: say(note.id, language, note.params) for language in LANGUAGES}
    return {"id": note.id, "params": dict(note.params), **texts}


def _model(use: ModelUse) -> dict[str, Any]:
    return {
        "id": use.id,
        "validity": note_json(use.validity),
        "notes": [note_json(note) for note in use.notes],
    }


def _ring(line: Floats, project: Projector, outline: bool) -> list[Sequence[float]]:
    """Return a closed ring in degrees, its sense of turning right for GeoJSON."""
    lon, lat = project(line[:, 0], line[:, 1])
    places = np.column_stack([lon, lat])
    if not np.all(np.isfinite(places)) or np.any(np.abs(places) > [180.0, 90.0]):
        raise RefusedError("dispersion.refused.projection")
    turned = places if (area(places) > 0) == outline else places[::-1]
    return np.round(turned, DECIMALS).tolist()
