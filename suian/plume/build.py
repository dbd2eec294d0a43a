"""From a scenario to what the dispersion library takes: weather, and what enters the air."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from edge.clock import NS
from edge.dispersion.emission import Emission
from edge.dispersion.notes import RefusedError
from edge.dispersion.weather.profile import wind_of
from edge.dispersion.weather.station import CALM_M_S, Appraisal, Observation, appraise
from edge.dispersion.weather.weather import Weather
from edge.units import Unit, to_si
from suian.plume.releases import emissions
from suian.plume.scenario import PlumeScenario

NOWHERE_LAT_DEG, NOWHERE_LON_DEG = 46.5, 126.0  # 绥化: only where the stability is told


@dataclass(frozen=True, slots=True)
class Built:
    """What the library is given: the weather as judged, its series, and emissions by substance."""

    appraisal: Appraisal
    series: tuple[tuple[float, Weather], ...]
    emissions: dict[str, tuple[Emission, ...]]


def build(scenario: PlumeScenario) -> Built:
    """Return what `scenario` says; raises `RefusedError` for what cannot be."""
    appraisal, series = _weather(scenario)
    by_substance: dict[str, tuple[Emission, ...]] = {}
    for one in emissions(scenario, appraisal):
        by_substance[one.substance] = (*by_substance.get(one.substance, ()), one)
    return Built(appraisal, series, by_substance)


def _observation(scenario: PlumeScenario) -> Observation:
    part, origin = scenario.weather, scenario.origin
    when = scenario.time or datetime(2026, 6, 1, 12, tzinfo=UTC)
    return Observation(
        speed_m_s=part.wind.speed_m_s,
        height_m=part.wind.height_m,
        from_deg=part.wind.from_deg,
        temperature_k=to_si(part.temperature_c, Unit.CELSIUS),
        latitude_deg=origin.lat_deg if origin else NOWHERE_LAT_DEG,
        longitude_deg=origin.lon_deg if origin else NOWHERE_LON_DEG,
        utc_ns=round(when.timestamp()) * NS,
        roughness_m=part.roughness_m,
        sigma_theta_deg=part.wind.sigma_theta_deg,
        humidity=part.humidity_pct / 100,
        pressure_pa=None if part.pressure_kpa is None else part.pressure_kpa * 1000,
        cloud_eighths=part.cloud_eighths,
        snow=part.snow,
        urban=part.urban,
        altitude_m=origin.altitude_m if origin else 0.0,
        mixing_height_m=part.mixing_height_m,
        letter=part.stability,
    )


def _weather(
    scenario: PlumeScenario,
) -> tuple[Appraisal, tuple[tuple[float, Weather], ...]]:
    """Return the weather at the start, and how it goes on.

    Raises `RefusedError` where a wind falls calm later: a plume has no direction from then on.
    """
    seen = _observation(scenario)
    first = appraise(seen)
    series = [(0.0, first.weather)]
    for change in scenario.weather.changes:
        seen = replace(
            seen,
            speed_m_s=seen.speed_m_s if change.speed_m_s is None else change.speed_m_s,
            from_deg=seen.from_deg if change.from_deg is None else change.from_deg,
            utc_ns=_observation(scenario).utc_ns + round(change.at_s * NS),
        )
        later = appraise(seen)
        if later.calm and not first.calm:
            raise _calm_later(change.at_s, later.weather)
        series.append((change.at_s, later.weather))
    return first, tuple(series)


def _calm_later(at_s: float, weather: Weather) -> RefusedError:
    return RefusedError(
        "dispersion.refused.chain.calm-later",
        at_s=f"{at_s:g}",
        speed_m_s=f"{wind_of(weather, 10.0):.2g}",
        least_m_s=CALM_M_S,
    )
