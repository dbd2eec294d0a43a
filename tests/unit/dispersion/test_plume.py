"""The Gaussian plume: published cases, reference tables, physics, and truth against compiled."""

import csv
import json
import math
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.dispersion.passive.plume import briggs, briggs_jit
from edge.dispersion.passive.plume.briggs import Air, Release
from edge.dispersion.passive.sigma.briggs import BRIGGS_RURAL, sigma_y, sigma_z

CASES = Path(__file__).parents[2] / "cases" / "dispersion"
REFERENCE = Path(os.environ.get("SUIAN_REFERENCE", "../shared/reference")) / "dispersion/gaussian"
NEEDS_REFERENCE = pytest.mark.skipif(
    not REFERENCE.is_dir(), reason="SUIAN_REFERENCE has no dispersion/gaussian"
)
EAST = 270.0  # wind from the west blows east: downwind is x
KERNELS = pytest.mark.parametrize("kernels", [briggs, briggs_jit], ids=["truth", "jit"])


def rows(name):
    with (REFERENCE / name).open(encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["set"] == "briggs_rural"]


def case(name):
    return json.loads((CASES / name / "case.json").read_text(encoding="utf-8"))


def at(kernels, release, air, x, y, z):
    return float(kernels.field(release, air, np.array([float(x)]), np.array([float(y)]), z)[0])


@KERNELS
def test_the_textbook_stack_gives_the_textbook_numbers(kernels):
    """Crowl and Louvar's Example 5-1, spreads and both concentrations, to the printed digits."""
    given_, want = case("crowl-louvar-5-1")["input"], case("crowl-louvar-5-1")["expected"]
    x = np.array([float(given_["x_m"])])
    assert sigma_y(x, "D")[0] == pytest.approx(want["sigma_y_m"], abs=0.05)
    assert sigma_z(x, "D")[0] == pytest.approx(want["sigma_z_m"], abs=0.05)
    release = Release(given_["rate_kg_s"], 0, 0, given_["height_m"])
    air = Air(given_["speed_m_s"], EAST, given_["stability"])
    found = [at(kernels, release, air, x[0], y, given_["z_m"]) for y in given_["y_m"]]
    assert found == pytest.approx(want["density_kg_m3"], rel=want["rel"])


def test_the_formula_gives_the_number_of_the_ccps_guidelines():
    """CCPS 1999 p. 97, whose own spreads are put into our formula."""
    given_, want = case("ccps-1999-p97")["input"], case("ccps-1999-p97")["expected"]
    x = given_["x_m"]
    a, b = given_["sigma_y"]
    c, d, e = given_["sigma_z"]
    sy = np.array([a * x**b])
    sz = np.array([c * x**d * math.exp(e * math.log(x) ** 2)])
    found = briggs.gaussian(
        given_["rate_kg_s"],
        given_["speed_m_s"],
        given_["height_m"],
        np.zeros(1),
        np.zeros(1),
        sy,
        sz,
    )
    assert found[0] == pytest.approx(want["density_kg_m3"], rel=want["rel"])


@NEEDS_REFERENCE
def test_sigmas_equal_the_reference_table():
    """Every Briggs rural row of sigma.csv."""
    table = rows("sigma.csv")
    assert len(table) >= 90
    for row in table:
        x = np.array([float(row["x_m"])])
        assert sigma_y(x, row["class"])[0] == pytest.approx(float(row["sigma_y_m"]), rel=1e-10)
        assert sigma_z(x, row["class"])[0] == pytest.approx(float(row["sigma_z_m"]), rel=1e-10)


@NEEDS_REFERENCE
@KERNELS
def test_plume_equals_the_reference_table(kernels):
    """Every Briggs rural row of briggs.csv, to the digits it prints its spreads in."""
    table = rows("plume.csv")
    assert len(table) >= 36
    for row in table:
        release = Release(float(row["Q_kg_s"]), 0, 0, float(row["h_m"]))
        air = Air(float(row["u_m_s"]), EAST, row["class"])
        found = at(kernels, release, air, row["x_m"], row["y_m"], float(row["z_m"]))
        assert found == pytest.approx(float(row["c_kg_m3"]), rel=1e-6, abs=1e-300)


@settings(max_examples=60, deadline=None)
@given(
    stability=st.sampled_from("ABCDEF"),
    speed=st.floats(0.3, 20),
    from_deg=st.floats(0, 360),
    height=st.floats(0, 60),
    size=st.floats(0, 5),
    z=st.floats(0, 10),
)
def test_the_compiled_plume_equals_the_truth(stability, speed, from_deg, height, size, z):
    """Fields and unit matrices agree to 1e-12 for any wind, height, size and class."""
    x, y = np.meshgrid(np.linspace(-500, 2000, 41), np.linspace(-800, 800, 31))
    release, air = Release(0.7, 12.5, -30.0, height, size), Air(speed, from_deg, stability)
    truth = briggs.field(release, air, x, y, z)
    np.testing.assert_allclose(
        briggs_jit.field(release, air, x, y, z), truth, rtol=1e-12, atol=1e-290
    )
    sources = np.array([[0, 0, height, size], [50, 20, 1.0, 0.5]], dtype=float)
    points = np.column_stack([x.ravel(), y.ravel(), np.full(x.size, z)])
    args = (sources, np.array([speed, 1.0]), np.array([from_deg, 90.0]), stability, points)
    np.testing.assert_allclose(
        briggs_jit.unit_matrix(*args), briggs.unit_matrix(*args), rtol=1e-12, atol=1e-290
    )


@KERNELS
def test_the_unit_matrix_is_the_field_of_one_kilogram_a_second(kernels):
    """The matrix used for inference and the field used for zones are one model."""
    points = np.array([[100.0, 5.0, 1.5], [-40.0, 0.0, 1.5], [300.0, -20.0, 1.5]])
    sources = np.array([[0.0, 0.0, 1.2, 0.5]])
    found = kernels.unit_matrix(sources, np.array([3.0]), np.array([EAST, 200.0]), "D", points)
    for w, wind in enumerate((EAST, 200.0)):
        field = kernels.field(
            Release(1.0, 0, 0, 1.2, 0.5), Air(3.0, wind, "D"), points[:, 0], points[:, 1], 1.5
        )
        np.testing.assert_allclose(found[0, w], field, rtol=1e-12)


@KERNELS
@pytest.mark.parametrize(
    ("from_deg", "downwind"), [(0, (0, -1)), (90, (-1, 0)), (180, (0, 1)), (270, (1, 0))]
)
def test_wind_blows_away_from_where_it_comes(kernels, from_deg, downwind):
    """Gas is found on the lee side and nowhere upwind or at the source itself."""
    release, air = Release(1.0, 10, 20, 1.0), Air(2.0, from_deg, "D")
    east, north = downwind
    assert at(kernels, release, air, 10 + 200 * east, 20 + 200 * north, 1.5) > 0
    assert at(kernels, release, air, 10 - 200 * east, 20 - 200 * north, 1.5) == 0
    assert at(kernels, release, air, 10, 20, 1.5) == pytest.approx(0, abs=1e-300)


@pytest.mark.parametrize("stability", list(BRIGGS_RURAL))
def test_all_that_is_released_passes_every_cross_section(stability):
    """The flux u times the integral of c over a plane across the wind is the release rate."""
    y, z = np.meshgrid(np.linspace(-600, 600, 1201), np.linspace(0, 800, 1601))
    x = 300.0
    sy, sz = sigma_y(np.array([x]), stability), sigma_z(np.array([x]), stability)
    found = briggs.gaussian(0.5, 3.0, 2.0, y, z, sy, sz)
    flux = 3.0 * np.trapezoid(np.trapezoid(found, dx=0.5, axis=0), dx=1.0)
    assert flux == pytest.approx(0.5, rel=1e-3)


@KERNELS
@pytest.mark.parametrize("speed", [0.0, -1.0, math.nan])
def test_calm_is_no_plume(kernels, speed):
    """No wind, or a wind that is not a number, is an error and never a field of zeros."""
    x = np.array([100.0])
    with pytest.raises(ValueError, match="above 0"):
        kernels.field(Release(1, 0, 0, 1), Air(speed, 0, "D"), x, x, 1.5)
    with pytest.raises(ValueError, match="above 0"):
        kernels.unit_matrix(np.zeros((1, 4)), np.array([speed]), x, "D", np.zeros((1, 3)))


@KERNELS
def test_an_unknown_class_is_refused(kernels):
    """Class G does not exist in Briggs' table."""
    x = np.array([100.0])
    with pytest.raises(ValueError, match="A, B, C"):
        kernels.field(Release(1, 0, 0, 1), Air(2.0, 0, "G"), x, x, 1.5)
