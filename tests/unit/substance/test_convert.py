"""ppm and mg/m3, and gases whose molecules join."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.substance import substance, substances
from edge.substance.association import ASSOCIATIONS, apparent_molar_mass
from edge.substance.convert import mg_m3, ppm
from edge.substance.fluid import fluid

names = st.sampled_from(sorted(substances()))
temperatures = st.floats(230, 330)
pressures = st.floats(80_000, 110_000)


def test_chlorine_at_25_degrees_and_at_minus_35():
    """1 ppm of chlorine is 2.90 mg/m3 at 25 degC, and a quarter more at -35 degC."""
    chlorine = substance("chlorine")
    assert mg_m3(1.0, chlorine, 298.15) == pytest.approx(2.898, rel=1e-3)
    assert mg_m3(1.0, chlorine, 238.15) == pytest.approx(2.898 * 298.15 / 238.15, rel=1e-3)


@given(names, st.floats(0, 1e6), temperatures, pressures)
def test_there_and_back(name, share, temperature, pressure):
    """mg/m3 turned to ppm and back is itself."""
    known = substance(name)
    mass = mg_m3(share, known, temperature, pressure)
    assert ppm(mass, known, temperature, pressure) == pytest.approx(share, rel=1e-12)


@pytest.mark.parametrize(
    ("share", "temperature", "pressure"),
    [(-1, 300, 1e5), (math.nan, 300, 1e5), (1, 0, 1e5), (1, math.nan, 1e5), (1, 300, 0)],
)
def test_no_such_air_is_refused(share, temperature, pressure):
    """A negative or missing number never becomes a concentration."""
    for turn in (mg_m3, ppm):
        with pytest.raises(ValueError, match="no concentration"):
            turn(share, substance("chlorine"), temperature, pressure)


@given(st.sampled_from(sorted(ASSOCIATIONS)), st.floats(200, 500), st.floats(1e-3, 1e6))
def test_an_associating_gas_lies_between_single_and_cluster(name, temperature, pressure):
    """The mean lies between one molecule and the cluster; pressure joins, warmth parts."""
    known = fluid(name)
    least = known.molar_mass_kg_mol
    most = least * ASSOCIATIONS[name].order
    mean = apparent_molar_mass(known, temperature, pressure)
    assert least * (1 - 1e-9) <= mean <= most * (1 + 1e-9)
    assert apparent_molar_mass(known, temperature, 1.1 * pressure) >= mean * (1 - 1e-9)
    assert apparent_molar_mass(known, temperature + 1, pressure) <= mean * (1 + 1e-9)


@pytest.mark.parametrize("name", sorted(ASSOCIATIONS))
def test_association_agrees_with_vapour_pressure_and_latent_heat(name):
    """M = R T^2 (d ln p / dT) / L by Clausius-Clapeyron, at the boiling point, within 6 %."""
    known = fluid(name)
    t = known.t_boil_k
    slope = math.log(known.vapour_pressure_pa(t + 1) / known.vapour_pressure_pa(t - 1)) / 2
    by_slope = 8.314462618 * t**2 * slope / known.latent_heat_j_kg(t)
    assert apparent_molar_mass(known, t, 101_325) == pytest.approx(by_slope, rel=0.06)


def test_every_substance_marked_as_associating_has_its_equilibrium():
    """A mark in the table without constants would fail in an accident."""
    marked = {name for name, known in substances().items() if known.associates}
    assert marked == set(ASSOCIATIONS)


def test_an_ideal_gas_keeps_its_molar_mass_and_bad_input_is_refused():
    """Chlorine does not associate; a gas of no pressure or of no temperature is refused."""
    assert apparent_molar_mass(fluid("chlorine"), 300, 1e5) == fluid("chlorine").molar_mass_kg_mol
    for temperature, pressure in ((0, 1e5), (math.nan, 1e5), (300, 0), (300, math.inf), (1e9, 1)):
        with pytest.raises(ValueError, match="no gas"):
            apparent_molar_mass(fluid("hydrogen_fluoride"), temperature, pressure)
