"""The one door of the weather: what is filled in, what is refused, what is calm."""

import math
from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.clock import NS
from edge.dispersion.notes import RefusedError
from edge.dispersion.weather.lid import mixing_height
from edge.dispersion.weather.profile import (
    IRWIN_RURAL,
    IRWIN_URBAN,
    exponent,
    standard_pressure_pa,
    wind_of,
)
from edge.dispersion.weather.roughness import ROUGHNESS_M
from edge.dispersion.weather.stability import letter_of
from edge.dispersion.weather.station import LIMITS, Observation, appraise, with_stability

NOON = round(datetime(2026, 6, 21, 3, 40, tzinfo=UTC).timestamp()) * NS
NIGHT = round(datetime(2026, 12, 21, 16, 0, tzinfo=UTC).timestamp()) * NS
SEEN = Observation(3.0, 10.0, 270.0, 290.0, 46.4, 125.35, NOON)


def note_ids(found):
    return {note.id.removeprefix("dispersion.note.") for note in found.notes}


def test_what_is_missing_is_filled_in_and_said():
    """No pressure, humidity or cloud: the standard atmosphere, 50 %, the careful side."""
    found = appraise(replace(SEEN, altitude_m=150.0))
    assert found.weather.pressure_pa == standard_pressure_pa(150.0)
    assert found.weather.humidity == 0.5
    assert note_ids(found) == {"pressure-assumed", "humidity-assumed", "cloud-unknown"}
    assert found.most_unstable < found.weather.stability < found.most_stable
    assert not found.calm
    assert found.sun_elevation_deg == pytest.approx(67.0, abs=0.2)
    assert all(str(note) and "dispersion." not in str(note) for note in found.notes)


def test_the_weather_agrees_with_itself():
    """The profile passes through the mast's wind, and the band's ends give whole weathers."""
    found = appraise(SEEN)
    assert wind_of(found.weather, 10.0) == pytest.approx(3.0)
    for stability in (found.most_unstable, found.most_stable):
        other = with_stability(found.weather, stability, SEEN.latitude_deg)
        assert wind_of(other, 10.0) == pytest.approx(3.0)
        assert other.stability == stability
    assert other.inverse_length_1_m >= found.weather.inverse_length_1_m
    assert other.friction_m_s <= found.weather.friction_m_s


@pytest.mark.parametrize("letter", "ABCDEF")
def test_a_stated_letter_overrules(letter):
    """A regulator's F by day is F."""
    found = appraise(replace(SEEN, letter=letter))
    assert letter_of(found.weather.stability) == letter
    assert "stability-stated" in note_ids(found)


@pytest.mark.parametrize(
    ("change", "note"),
    [
        ({"speed_m_s": None}, "wind-unknown"),
        ({"from_deg": None}, "wind-unknown"),
        ({"speed_m_s": 0.0}, "wind-calm"),
        ({"speed_m_s": 1.49}, "wind-calm"),
        ({"speed_m_s": 1.1, "height_m": 2.0, "roughness_m": 0.01}, "wind-calm"),
        ({"sigma_theta_deg": 36.0}, "wind-wanders"),
    ],
)
def test_calm_has_no_direction(change, note):
    """Below 1.5 m/s at 10 m, a vane that swings by more than 35 deg, or no wind at all."""
    found = appraise(replace(SEEN, **change))
    assert found.calm
    assert note in note_ids(found)
    assert found.weather.friction_m_s > 0


def test_a_wind_of_one_and_a_half_is_no_calm():
    """The limit belongs to the plume; so does a spread of 35 deg."""
    assert not appraise(replace(SEEN, speed_m_s=1.5, sigma_theta_deg=35.0)).calm


@pytest.mark.parametrize(("name", "limits"), LIMITS.items())
def test_nonsense_is_refused(name, limits):
    """Every value outside what a station can read, and every NaN, with its name in the refusal."""
    for value in (limits[0] - 0.01, limits[1] * 1.01 + 0.01, math.nan, math.inf, -math.inf):
        with pytest.raises(RefusedError, match=name):
            appraise(replace(SEEN, **{name: value}))


def test_every_number_of_an_observation_has_limits():
    """A field that is added later is checked too."""
    free = {"utc_ns", "snow", "wet", "urban", "letter"}
    assert {field.name for field in fields(Observation)} - free == set(LIMITS)


def test_a_mast_among_the_obstacles_is_refused():
    """No profile holds at 2 m over a roughness of 1.5 m."""
    with pytest.raises(RefusedError, match="raise it"):
        appraise(replace(SEEN, height_m=2.0, roughness_m=1.5))


@given(
    speed=st.none() | st.floats(0, 60),
    height=st.floats(2, 50),
    air=st.floats(215, 330),
    hour=st.floats(0, 24 * 365),
    latitude=st.floats(-90, 90),
    z0=st.sampled_from(sorted(ROUGHNESS_M.values())),
    cloud=st.none() | st.floats(0, 8),
    vane=st.none() | st.floats(0, 100),
    snow=st.booleans(),
)
def test_every_observation_gives_a_whole_weather(
    speed, height, air, hour, latitude, z0, cloud, vane, snow
):
    """Finite, positive, in its band, whatever the mast says."""
    seen = Observation(
        speed, max(height, 2 * z0), 10.0, air, latitude, 125.0, NOON + round(hour * 3600) * NS,
        roughness_m=z0, cloud_eighths=cloud, sigma_theta_deg=vane, snow=snow,
    )  # fmt: skip
    found = appraise(seen)
    weather = found.weather
    assert 0 < weather.friction_m_s < 40
    assert abs(weather.inverse_length_1_m) < 0.3
    assert 0.5 <= found.most_unstable <= weather.stability <= found.most_stable <= 6
    assert 30 <= weather.mixing_height_m <= 3000
    assert wind_of(weather, 0.0) > 0


def test_the_lid_grows_with_wind_and_warmth_and_knows_no_step():
    """A stable night's is low, neutral is 0.3 u* / f, and neutral is passed without a jump."""
    f = 2 * 7.2921e-5 * math.sin(math.radians(46.4))
    assert mixing_height(0.3, 0.0, 3.5, 46.4) == pytest.approx(0.3 * 0.3 / f)
    assert mixing_height(0.1, 0.05, 5.0, 46.4) < 150
    assert mixing_height(0.3, 0.0, 3.5, 46.4) == pytest.approx(
        mixing_height(0.3, 1e-9, 3.5 + 1e-6, 46.4), rel=1e-4
    )
    heights = [mixing_height(0.2, (s - 3.5) / 25, s, 46.4) for s in (0.5, 1.5, 2.5, 3.5, 4.5, 6.0)]
    assert heights == sorted(heights, reverse=True)
    assert mixing_height(0.3, 0.0, 3.5, 0.0) < math.inf


def test_the_power_law_is_continuous_between_the_classes():
    """A class stands at its middle; between them the exponent goes straight."""
    for table in (IRWIN_RURAL, IRWIN_URBAN):
        for place, letter in enumerate("ABCDEF"):
            assert exponent(place + 0.5, table) == pytest.approx(table[letter])
    assert exponent(4.0, IRWIN_RURAL) == pytest.approx(0.25)
    assert exponent(6.0, IRWIN_RURAL) == IRWIN_RURAL["F"]


def test_a_given_lid_is_kept():
    """A sounding knows better."""
    assert appraise(replace(SEEN, mixing_height_m=321.0)).weather.mixing_height_m == 321.0
