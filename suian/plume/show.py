"""One run, written: HTML for paper, GeoJSON for maps, JSON for programs."""

from __future__ import annotations

import numpy as np
import orjson

from edge.dispersion.consequence.footprint import collection, feature, zone_feature
from edge.dispersion.emission import Kind
from edge.dispersion.solution import Floats
from edge.report import render
from edge.substance.convert import ppm
from edge.words import say
from suian.plume.answer import Result, Run
from suian.plume.chart import chart_svg
from suian.plume.drawing import close_svg, colour, drawn, groups, likely_svg, map_svg, ordered
from suian.plume.geojson import projector
from suian.plume.noting import level_name
from suian.plume.page import Page, emission_name

WORDS = (
    "told", "weather", "zone", "zone.value", "zone.averaging", "zone.reach", "zone.area",
    "zones.lines", "zones.calm", "map.near", "places", "place", "place.peak", "place.zone",
    "place.first", "place.lasts", "place.load", "place.indoor", "place.fraction", "rates", "likely",
    "likely.low", "likely.middle", "likely.high", "likely.reached", "models", "notes", "disclaimer",
)  # fmt: skip
MINUTE_S = 60.0
GONE = 1e-2  # of the greatest


def as_html(run: Run, page: Page) -> str:
    """Return the page as one self-contained HTML file. Raises `SuianError` without Jinja2."""
    given = {"minutes": page.exposure}
    words = {key.replace(".", "_"): say(f"plume.{key}", page.language, given) for key in WORDS}
    figures = [_figure(run, result, page.language) for result in run.results]
    sections = list(zip(page.sections, figures, strict=True))
    return render("plume", {"page": page, "words": words, "sections": sections})


def _figure(run: Run, result: Result, language: str) -> dict[str, object]:
    colours = {
        index: colour(rank, len(group))
        for _, group in groups(result)
        for rank, index in enumerate(group)
    }
    likely = () if result.uncertain is None else result.uncertain.likely
    return {
        "maps": _maps(run, result, language),
        "series": _series(run, result, language),
        "rates": _rates(result, language),
        "colours": [colours[index] for index in ordered(result)],
        "likely": [
            {
                "title": say("plume.map.likely", language, {"level": level_name(one.level.id)}),
                "map": likely_svg(run, result, one, language),
            }
            for one in likely
            if any(shape.rings for _, shape in one.outlines)
        ],
    }


def _maps(run: Run, result: Result, language: str) -> list[dict[str, str]]:
    """Return a map for what poisons and one for what burns, where both are there."""
    of = drawn(result)
    return [
        {
            "title": say(f"plume.map.{name}", language) if len(of) > 1 else "",
            "map": map_svg(run, result, group, language),
            "close": close_svg(run, result, group, language),
        }
        for name, group in of
    ]


def _series(run: Run, result: Result, language: str) -> str:
    air = run.built.appraisal.weather
    scale = 1e6 * ppm(1.0, result.gas, air.temperature_k, air.pressure_pa)
    curves = [
        (one.receptor.title or one.receptor.id, one.times_s / MINUTE_S, one.outdoor * scale)
        for one in result.places
    ]
    most = max((float(np.max(values, initial=0.0)) for _, _, values in curves), default=0.0)
    until = max((_gone(times, values, most) for _, times, values in curves), default=0.0)
    shown = [(name, t[t <= until], v[t <= until]) for name, t, v in curves]
    return chart_svg(shown, "ppm", say("plume.minutes", language), say("plume.series", language))


def _gone(times: Floats, values: Floats, most: float) -> float:
    """Return when the gas is gone, and a tenth of that time after; `most` is all places' greatest.

    Where there is none at all, all of the time.
    """
    there = np.flatnonzero(values > GONE * most)
    if there.size:
        return 1.1 * float(times[there[-1]])
    return 0.0 if most > 0 else float(times[-1])


def _rates(result: Result, language: str) -> str:
    """Return the rates over time as stairs; "" where all comes at once."""
    curves = []
    for emission in result.emissions:
        if emission.kind is Kind.INSTANT:
            continue
        times = [t for step in emission.steps for t in (step.start_s, step.end_s)]
        rates = [step.rate_kg_s for step in emission.steps for _ in (0, 1)]
        name = emission_name(emission, language)
        curves.append(
            (name, np.array([0.0, *times, times[-1]]) / MINUTE_S, np.array([0.0, *rates, 0.0]))
        )
    if not curves:
        return ""
    return chart_svg(curves, "kg/s", say("plume.minutes", language), say("plume.rates", language))


def as_geojson(run: Run) -> bytes:
    """Return the zones, the wind's lines and the likely outlines in CGCS2000 (WGS 84).

    The scenario must have an origin: `SuianError` is the caller's.
    """
    origin = run.scenario.origin
    assert origin is not None
    project = projector(origin.lat_deg, origin.lon_deg)
    parts = []
    for result in run.results:
        features = [zone_feature(zone, project) for zone in result.zones]
        for zone, line in zip(result.zones, result.lines, strict=True):
            about = {"kind": "wind-line", "level": zone.level.id, "angle_deg": result.angle_deg}
            features.append(feature(line, project, about))
        for one in () if result.uncertain is None else result.uncertain.likely:
            for share, shape in one.outlines:
                about = {"kind": "probability", "level": one.level.id, "share": share}
                features.append(feature(shape, project, about))
        parts.append(collection(result.answer.solution, features, run.scenario.title))
    whole = parts[0] if len(parts) == 1 else _joined(parts)
    return orjson.dumps(whole, option=orjson.OPT_INDENT_2) + b"\n"


def _joined(parts: list[dict[str, object]]) -> dict[str, object]:
    """Return one collection of several gases: each feature names its own."""
    features: list[object] = []
    for part in parts:
        own = part["features"]
        assert isinstance(own, list)
        for one in own:
            one["properties"]["substance"] = part["substance"]
        features += own
    return {
        **parts[0],
        "substance": ", ".join(str(p["substance"]) for p in parts),
        "features": features,
    }


def as_json(run: Run) -> str:
    """Return the figures for programs: SI, distances in m, concentrations in kg/m3."""
    body = {
        "title": run.scenario.title,
        "calm": run.built.appraisal.calm,
        "stability": round(run.built.appraisal.weather.stability, 3),
        "results": [_result(result) for result in run.results],
    }
    return orjson.dumps(body, option=orjson.OPT_INDENT_2).decode()


def _result(result: Result) -> dict[str, object]:
    origin = result.answer.solution.origin_m
    return {
        "substance": result.gas.id,
        "models": [use.id for use in result.answer.solution.models],
        "families": [choice.family.value for choice in result.answer.choices],
        "released_kg": sum(emission.total_kg for emission in result.emissions),
        "zones": [
            {
                "level": zone.level.id,
                "value": zone.level.value,
                "unit": zone.level.unit.value,
                "reach_m": zone.distance_m(origin),
                "area_m2": zone.modelled.area_m2,
                "drawn_area_m2": zone.drawn.area_m2,
                "truncated": zone.modelled.truncated,
            }
            for zone in result.zones
        ],
        "places": [
            {
                "id": place.receptor.id,
                "peak_kg_m3": place.peak_kg_m3,
                "level": place.level,
                "first_s": None if place.when is None else place.when.first_s,
                "indoor_peak_kg_m3": None if place.indoor is None else place.indoor.peak,
            }
            for place in result.places
        ],
        "notes": [str(note) for note in result.answer.notes],
    }
