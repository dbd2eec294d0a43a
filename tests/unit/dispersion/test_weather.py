"""How the air mixes: sun, Pasquill class, wind at a height."""

import csv
import math
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.clock import NS
from edge.dispersion.weather.pasquill import CLASSES, pasquill_class
from edge.dispersion.weather.profile import standard_pressure_pa, wind_at
from edge.dispersion.weather.sun import sun_elevation_deg

REFERENCE = Path(os.environ.get("SUIAN_REFERENCE", "../shared/reference")) / "dispersion/gaussian"


def utc(*parts):
    return round(datetime(*parts, tzinfo=UTC).timestamp()) * NS


@pytest.mark.parametrize(
    ("when", "lat", "lon", "elevation"),
    [
        (utc(2024, 6, 20, 12, 2), 0.0, 0.0, 66.56),  # solstice noon at the equator: 90 - 23.44
        (utc(2024, 3, 20, 12, 7), 0.0, 0.0, 89.85),  # 9 h after the equinox
        (utc(2024, 6, 21, 3, 40), 46.4, 125.35, 67.04),  # noon in Daqing: 90 - 46.4 + 23.44
        (utc(2024, 12, 21, 3, 37), 46.4, 125.35, 20.16),  # winter noon: 90 - 46.4 - 23.44
        (utc(2024, 6, 20, 0, 2), 0.0, 0.0, -66.56),
    ],
)
def test_the_sun_stands_where_astronomy_puts_it(when, lat, lon, elevation):
    """Noon and midnight heights follow from latitude and declination alone."""
    assert sun_elevation_deg(when, lat, lon) == pytest.approx(elevation, abs=0.15)


@pytest.mark.parametrize(
    ("speed", "elevation", "letter"),
    [
        (1.0, -10, "F"), (2.5, -10, "F"), (4.0, -10, "E"), (5.5, -10, "D"), (9.0, -10, "D"),
        (1.0, 5, "D"), (1.0, 20, "D"), (1.0, 45, "B"), (1.0, 70, "B"), (2.5, 45, "C"),
        (4.0, 45, "C"), (4.0, 70, "C"), (5.5, 70, "D"), (9.0, 70, "D"),
    ],
)  # fmt: skip
def test_the_class_follows_turners_table_on_its_careful_side(speed, elevation, letter):
    """Clear nights are stable, days are one step less unstable than a clear sky would make them."""
    assert pasquill_class(speed, elevation) == letter


@given(speed=st.floats(0, 60), elevation=st.floats(-90, 90))
def test_every_weather_has_a_class(speed, elevation):
    """No gap in the table, and never more unstable than B when clouds are unknown."""
    assert pasquill_class(speed, elevation) in CLASSES[1:]


@pytest.mark.parametrize("speed", [-0.1, math.nan])
def test_a_wind_that_is_no_wind_is_refused(speed):
    """A bad wind must not become a class."""
    with pytest.raises(ValueError, match="wind speed"):
        pasquill_class(speed, 10)


@pytest.mark.skipif(not REFERENCE.is_dir(), reason="SUIAN_REFERENCE has no dispersion/gaussian")
def test_the_power_law_equals_the_reference_table():
    """Irwin's rural exponents, every row that lies in the law's heights."""
    with (REFERENCE / "wind_powerlaw.csv").open(encoding="utf-8") as file:
        table = [row for row in csv.DictReader(file) if row["set"] == "irwin_rural"]
    checked = [row for row in table if min(float(row["z"]), float(row["z_ref"])) >= 2]
    assert len(checked) >= 10
    for row in checked:
        found = wind_at(float(row["u_ref"]), float(row["z_ref"]), float(row["z"]), row["class"])
        assert found == pytest.approx(float(row["u"]), rel=1e-9)


def test_below_two_metres_the_wind_is_held():
    """A leak at the ground is carried by the wind at 2 m, not by none."""
    assert (
        wind_at(4.0, 10.0, 0.0, "D") == wind_at(4.0, 10.0, 2.0, "D") == pytest.approx(3.142, 1e-3)
    )
    with pytest.raises(ValueError, match="above the ground"):
        wind_at(4.0, 0.0, 2.0, "D")
    with pytest.raises(ValueError, match="A-F"):
        wind_at(4.0, 10.0, 2.0, "G")


def test_pressure_of_the_standard_atmosphere():
    """ICAO table: 1013.25 hPa at sea level, 845.6 hPa at 1,500 m."""
    assert standard_pressure_pa(0) == 101_325
    assert standard_pressure_pa(1500) == pytest.approx(84_560, rel=1e-3)
