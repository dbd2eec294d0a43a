"""The dense model's parts: air, mixtures of droplets, mixing, Britter and McQuaid, evidence."""

from __future__ import annotations

import csv
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.dispersion.dense.air import Air, inverse_length_at, mean_wind, wind
from edge.dispersion.dense.ambient import inverse_length_of, make_air
from edge.dispersion.dense.britter_mcquaid import PLUME, PUFF, Plume, Puff, corners, warmed
from edge.dispersion.dense.entrain import upward
from edge.dispersion.dense.kernels_jit import COMPILED
from edge.dispersion.dense.source import Release, Shape
from edge.dispersion.dense.thermo import Gas, enthalpy, liquid_enthalpy, mix
from tests.evidence import dense_field, slab
from tests.evidence.case import REFERENCE

CHLORINE = Gas(0.070906, 498.1, 239.1, 287_840.0, 926.3, 1574.0, 9.32783, 1978.34, -27.01)
BOOK = REFERENCE / "dispersion" / "gaussian"
needs_book = pytest.mark.skipif(not BOOK.is_dir(), reason="no reference data (SUIAN_REFERENCE)")
needs_slab = pytest.mark.skipif(not slab.decks(), reason="no reference data (SUIAN_REFERENCE)")


def air(stability: float = 4.0, speed: float = 3.0, roughness: float = 0.1) -> Air:
    """Return air of a stability and a wind at 10 m."""
    length = inverse_length_of(stability, roughness)
    return make_air(speed, 10.0, roughness, length, stability, 293.0, 0.6)


@given(st.floats(1.0, 6.0), st.floats(0.5, 15.0), st.floats(1e-4, 1.0))
def test_the_wind_is_the_measured_one_and_grows_with_height(
    stability: float, speed: float, roughness: float
) -> None:
    """The profile meets the anemometer, rises, and its mean over a column lies below its top."""
    it = air(stability, speed, roughness)
    assert wind(it, 10.0) == pytest.approx(speed, rel=1e-9)
    last = 0.0
    for z in (0.05, 0.2, 1.0, 3.0, 10.0, 50.0, 100.0):
        assert wind(it, z) >= last
        assert 0 < mean_wind(it, z) <= wind(it, z)
        last = wind(it, z)


def test_the_column_mean_is_the_profiles_integral() -> None:
    """The closed form of the mean wind is the numerical one, in all stabilities."""
    for stability in (1.0, 3.0, 4.0, 5.0, 6.0):
        it = air(stability)
        for top in (0.1, 0.5, 5.0, 80.0):
            n = 20_000
            total = sum(wind(it, top * (i + 0.5) / n) for i in range(n)) / n
            assert mean_wind(it, top) == pytest.approx(total, rel=1e-4)


def test_one_over_l_fades_with_height() -> None:
    """At the height it refers to, 1/L is the given one; higher up it is less."""
    it = air(6.0)
    assert inverse_length_at(it, it.refer_m) == pytest.approx(it.inverse_length)
    assert inverse_length_at(it, 50.0) < it.inverse_length


@settings(max_examples=100, deadline=None)
@given(st.floats(1e-6, 0.999), st.floats(-3e5, 1e5), st.floats(0.1, 20.0), st.floats(0.0, 20.0))
def test_mixtures_and_mixing_compiled_are_the_readable_ones(
    m: float, h: float, height: float, zc: float
) -> None:
    """Anywhere in their input space the compiled functions give the readable ones' values."""
    it = air()
    found = mix(CHLORINE, it, m, h)
    assert COMPILED["thermo.mix"](CHLORINE, it, m, h) == pytest.approx(found, rel=1e-7)
    state = (it, height, zc, 3.0, 2.0, 0.5, found.density, found.temperature_k, 0.02)
    assert COMPILED["entrain.upward"](*state) == pytest.approx(upward(*state), rel=1e-9)


@settings(max_examples=200)
@given(st.floats(1e-6, 0.999), st.floats(150.0, 400.0))
def test_a_mixture_is_found_again_from_its_enthalpy(m: float, t: float) -> None:
    """Enthalpy and temperature are each other's inverse, through every change of phase."""
    it = air()
    found = mix(CHLORINE, it, m, enthalpy(CHLORINE, it, m, t))
    if found.liquid > 1e-9 and m > 0.97:
        return  # nearly pure and boiling: any share of droplets has nearly this temperature
    assert found.temperature_k == pytest.approx(t, abs=0.01)
    assert 0 <= found.liquid <= m
    assert 0 <= found.water_liquid <= it.water
    assert 0 < found.fraction < 1


def test_droplets_boil_away_as_air_comes_in() -> None:
    """A flashed mixture cools under its boiling point, then dries and warms to the air."""
    it = air()
    h = 0.2 * CHLORINE.cp * (239.1 - 293.0) + 0.8 * liquid_enthalpy(CHLORINE, 293.0, 239.1)
    states = [mix(CHLORINE, it, m, m * h) for m in (0.98, 0.5, 0.2, 0.02, 1e-4)]
    assert states[0].liquid > 0.5
    assert min(s.temperature_k for s in states) < 239.0
    assert states[-1].liquid == 0.0
    assert states[-1].temperature_k == pytest.approx(293.0, abs=0.1)


def test_a_heavy_cloud_mixes_less_and_a_fast_one_more() -> None:
    """Density holds mixing down, shear stirs it up, warm ground too."""
    it = air()
    ua = mean_wind(it, 2.0)
    light = upward(it, 2.0, 0.0, ua, ua, 0.0, it.density, 293.0, 0.0)
    heavy = upward(it, 2.0, 0.0, ua, ua, 0.0, 2 * it.density, 293.0, 0.0)
    assert heavy < 0.3 * light
    assert upward(it, 2.0, 0.0, 4 * ua, ua, 0.0, 2 * it.density, 293.0, 0.0) > heavy
    assert upward(it, 2.0, 0.0, ua, ua, 0.0, 2 * it.density, 230.0, 0.0) > heavy


def rows(name: str) -> list[dict[str, float]]:
    """Return the numbers of a reference table."""
    with (BOOK / name).open(encoding="utf-8") as file:
        return [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]


@needs_book
def test_britter_and_mcquaids_plume_is_the_reference() -> None:
    """Concentration, widths and parameters of the reference rows to 1e-6."""
    for row in rows("britter_mcquaid_plume.csv"):
        it = Plume(row["Q_m3_s"], row["rho0"], row["rho_air"], row["u10"])
        ratio = warmed(it.ratio(row["x_m"]), row["T0"], row["T_air"])
        assert it.alpha == pytest.approx(row["alpha"], rel=1e-6)
        assert ratio == pytest.approx(row["c_volfrac"], rel=1e-6)
        assert it.half_width_m(row["x_m"]) == pytest.approx(row["L_halfwidth_m"], rel=1e-6)
        assert it.upwind_m() == pytest.approx(row["L_upwind_m"], rel=1e-6)


@needs_book
def test_britter_and_mcquaids_puff_is_the_reference() -> None:
    """Concentration, radius and place of the reference rows to 1e-6."""
    for row in rows("britter_mcquaid_puff.csv"):
        it = Puff(row["V0_m3"], row["rho0"], row["rho_air"], row["u10"])
        ratio = warmed(it.ratio(row["t_s"]), row["T0"], row["T_air"])
        assert it.alpha == pytest.approx(row["alpha"], rel=1e-6)
        assert ratio == pytest.approx(row["c_volfrac"], rel=1e-6)
        assert it.radius_m(row["t_s"]) == pytest.approx(row["R_m"], rel=1e-6)
        assert it.middle_m(row["t_s"]) == pytest.approx(row["xc_m"], rel=1e-6)


def test_the_workbooks_lines_are_those_of_the_book() -> None:
    """The tabulated corners of the curves come out of the straight lines."""
    assert corners(PLUME, 0.0) == pytest.approx([1.78, 1.96, 2.16, 2.35, 2.56, 2.71])
    assert corners(PLUME, -0.4) == pytest.approx([1.784, 2.016, 2.21, 2.394, 2.564, 2.714])
    wanted = [0.93, 1.03, 1.185, 1.375, 1.525, 1.68, 1.8475]
    assert corners(PUFF, 0.75) == pytest.approx(wanted)


def test_the_model_agrees_with_the_workbook_in_the_large() -> None:
    """Over smooth ground, as in the workbook's trials, the two agree within a factor of 3."""
    it = air(speed=5.0, roughness=0.0005)
    x, fraction = slab.along_axis(
        CHLORINE, it, Release(Shape.POOL, 100.0, 239.1, 20.0, 1800.0, averaging_s=600.0), 0.0
    )
    flow = 20.0 / 3.6
    book = Plume(flow, 3.6, it.density, wind(it, 10.0))
    for where in (100.0, 200.0, 400.0):
        ours = float(fraction[abs(x - where).argmin()])
        theirs = warmed(book.ratio(float(x[abs(x - where).argmin()])), 239.1, 293.0)
        assert 1 / 3 < ours / theirs < 3


@needs_slab
def test_slabs_decks_are_met() -> None:
    """The shares of places within the band and within 10 % do not fall behind what was reached."""
    found = slab.figures()
    assert found["slab_decks_in_band"] is not None
    assert found["slab_decks_in_band"] >= 0.93
    assert (found["slab_decks_10pct"] or 0) >= 0.98


@needs_slab
def test_the_field_values_are_reported() -> None:
    """Nine arcs and four distances are shown; most arcs lie within a factor of two."""
    if not dense_field.cases():
        pytest.skip("no reference data (SUIAN_REFERENCE)")
    found = dense_field.figures()
    assert (found["dense_fac2"] or 0) >= 0.5
    assert all(value is not None and math.isfinite(value) for value in found.values())
