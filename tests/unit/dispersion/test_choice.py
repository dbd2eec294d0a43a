"""Dense or passive: the source's Richardson number, near the threshold and over an incident."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.dispersion.choice import (
    CRITICAL,
    NEAR,
    STICKY,
    Choice,
    Family,
    air_density,
    choose,
    mixture_density,
)
from edge.dispersion.emission import Emission, Kind, Step
from edge.dispersion.notes import RefusedError
from edge.dispersion.weather.weather import Weather
from edge.words import LANGUAGES, say
from tests.unit.dispersion.fluids import AMMONIA, CHLORINE

AIR = Weather(3.0, 10.0, 270.0, 288.15, 101_325.0, 0.6, 0.1, 0.25, 0.0, 3.5, 800.0)


def emission(rate: float, temperature: float = 288.0, liquid: float = 0.0, area: float = 1.0):
    step = Step(0.0, 600.0, rate, temperature, area, liquid_fraction=liquid)
    return Emission("chlorine", Kind.POOL, 0.0, 0.0, 0.0, (step,))


def at_ratio(ratio: float, standing: Family | None = None) -> Choice:
    """Return the choice for a chlorine source whose Ri is `ratio` times the threshold."""
    one = choose(emission(1.0), CHLORINE, AIR, 3.0).ratio
    return choose(emission(ratio / one), CHLORINE, AIR, 3.0, standing)


def test_britter_and_mcquaid_by_hand():
    """10 kg/s of chlorine vapour at 288 K from 1 m2 in 3 m/s: g' q / (U^3 D) reckoned apart."""
    rho = 101_325 * 0.070906 / (8.314462618 * 288)
    air = 101_325 * 0.0289647 / (8.314462618 * 288.15)
    ri = 9.80665 * (rho - air) / air * (10 / rho) / (27 * 2 * math.sqrt(1 / math.pi))
    found = choose(emission(10.0), CHLORINE, AIR, 3.0)
    assert found.ratio == pytest.approx(ri / 0.15**3, rel=1e-12)
    assert (found.family, found.both, found.regulator) == (Family.DENSE, False, Family.DENSE)


def test_ammonia_vapour_is_light_and_its_spray_is_heavy():
    """At its boiling point ammonia vapour is lighter than winter air, and with droplets heavier."""
    winter = replace(AIR, temperature_k=238.15)
    cold = emission(5.0, 238.15)
    assert choose(cold, AMMONIA, winter, 3.0).family is Family.PASSIVE
    assert choose(cold, AMMONIA, winter, 3.0).ratio < 0
    spray = emission(5.0, 238.15, liquid=0.8)
    assert choose(spray, AMMONIA, winter, 3.0).family is Family.DENSE
    vapour = mixture_density(cold.steps[0], 0.0, AMMONIA, 101_325.0)
    assert vapour == pytest.approx(0.871, abs=0.002)
    assert vapour < air_density(winter)


@pytest.mark.parametrize(
    ("ratio", "family", "both"),
    [
        (0.1, Family.PASSIVE, False),
        (0.5, Family.PASSIVE, True),
        (0.99, Family.PASSIVE, True),
        (1.01, Family.DENSE, True),
        (2.9, Family.DENSE, True),
        (3.1, Family.DENSE, False),
    ],
)
def test_near_the_threshold_both_are_solved(ratio: float, family: Family, both: bool):
    """Within a factor three neither is trusted alone."""
    found = at_ratio(ratio)
    assert (found.family, found.both) == (family, both)


@given(st.floats(0.05, 20.0), st.sampled_from(Family))
def test_an_incident_keeps_its_family(ratio: float, standing: Family):
    """The family changes only where Ri has passed the threshold by half as much again."""
    found = at_ratio(ratio, standing)
    if 1 / STICKY < ratio < STICKY:
        assert found.family is standing
    elif not math.isclose(ratio, STICKY) and not math.isclose(ratio, 1 / STICKY):
        assert found.family is at_ratio(ratio).family


@given(st.floats(1e-4, 1e3), st.floats(0.5, 20.0), st.booleans())
def test_more_gas_and_less_wind_are_denser(rate: float, wind: float, instant: bool):
    """Ri rises with the rate and falls with the wind; HJ 169 agrees well away from the edge."""
    kind = Kind.INSTANT if instant else Kind.POOL
    one = replace(emission(rate), kind=kind, mass_kg=rate)
    more = replace(emission(rate * 2), kind=kind, mass_kg=rate * 2)
    found = choose(one, CHLORINE, AIR, wind)
    assert choose(more, CHLORINE, AIR, wind).ratio > found.ratio
    assert choose(one, CHLORINE, AIR, wind * 1.5).ratio < found.ratio
    if found.ratio > NEAR or found.ratio < 1 / NEAR:
        assert found.regulator is found.family
    for language in LANGUAGES:
        assert "{" not in say(found.note.id, language, found.note.params)


@pytest.mark.parametrize("wind", [0.0, -1.0, math.nan, math.inf])
def test_calm_is_no_family(wind: float):
    """Without wind there is no Richardson number: refused with the way out."""
    with pytest.raises(RefusedError, match="calm"):
        choose(emission(1.0), CHLORINE, AIR, wind)


def test_what_is_no_mixture_is_refused():
    """More droplets and air than there is, or an emission without a step."""
    with pytest.raises(RefusedError, match="fraction"):
        choose(emission(1.0, liquid=1.2), CHLORINE, AIR, 3.0)
    with pytest.raises(RefusedError, match="chlorine"):
        choose(replace(emission(1.0), steps=()), CHLORINE, AIR, 3.0)
    assert set(CRITICAL) == {False, True}


def test_air_already_mixed_in_is_part_of_the_rate():
    """10 kg/s of which 8 are air: their volume and density count, reckoned apart."""
    molar = 0.8 / 0.0289647 + 0.2 / CHLORINE.molar_mass_kg_mol
    rho = 101_325 / (8.314462618 * 288 * molar)
    air = air_density(AIR)
    ri = 9.80665 * (rho - air) / air * (10 / rho) / (27 * 2 * math.sqrt(1 / math.pi))
    found = choose(replace(emission(10.0), air_fraction=0.8), CHLORINE, AIR, 3.0)
    assert found.ratio == pytest.approx(ri / CRITICAL[False], rel=1e-9)
