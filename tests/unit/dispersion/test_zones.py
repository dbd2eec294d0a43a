"""Levels and threat zones: the right mean, the right threshold, never less than the circle."""

import itertools
import math
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.dispersion.consequence import direction
from edge.dispersion.consequence.flammable import limits_of
from edge.dispersion.consequence.levels import (
    SHORT_S,
    Criterion,
    Level,
    known,
    level,
    levels,
)
from edge.dispersion.consequence.toxic import Fluctuation
from edge.dispersion.consequence.zones import load_zone, threat_zone, threat_zones
from edge.dispersion.isopleth import outline
from edge.dispersion.notes import RefusedError
from edge.dispersion.rings import nearest_m
from edge.dispersion.weather.weather import Weather
from edge.dispersion.window import Frame
from edge.units import Unit
from tests.unit.dispersion.analytic import Shape, bell, ring

AIR = Weather(2.0, 10.0, 270.0, 293.15, 101_325.0, 0.5, 0.1, 0.1, 0.0, 3.5, math.inf)


@dataclass(frozen=True)
class Made:
    """A gas of 24.055 g/mol: 1 ppm is 1e-6 kg/m3 in `AIR`."""

    id: str = "madegas"
    molar_mass_kg_mol: float = 8.314462618 * 293.15 / 101_325.0
    lel_fraction: float | None = 0.05
    uel_fraction: float | None = 0.15
    idlh_ppm: float | None = 10.0
    aegl_ppm: dict = field(
        default_factory=lambda: {(2, 10): 4.0, (2, 30): 4.0, (2, 60): 2.0, (3, 60): 20.0}
    )
    aegl_mg_m3: dict = field(default_factory=dict)
    erpg_ppm: dict = field(default_factory=lambda: {2: 3.0})
    pac_ppm: dict = field(default_factory=dict)
    oel_mg_m3: dict = field(default_factory=lambda: {"mac": 1.0})
    toxic_n: float | None = 2.0


GAS = Made()
LEVEL = Level("own", 1.0, Unit.PPM, (Criterion(60.0, 0.5),))


def test_each_level_has_its_own_averaging_time():
    """ERPG means an hour, IDLH half of one, a flammable share a few breaths."""
    found = levels(GAS, ["erpg-2", "idlh", "mac", "lel-60"], AIR)
    assert [one.criteria[0].averaging_s for one in found] == [3600.0, 1800.0, SHORT_S, SHORT_S]
    assert found[0].criteria[0].threshold_kg_m3 == pytest.approx(3e-6)
    assert found[3].criteria[0].threshold_kg_m3 == pytest.approx(0.6 * 0.05)
    assert found[3].unit is Unit.PERCENT_LEL


def test_a_short_burst_counts_by_its_short_aegl():
    """A 10 min cloud of 5 ppm is above the AEGL of 10 min though its hour's mean is below."""
    aegl = level(GAS, "aegl-2", AIR, 60)
    assert [c.averaging_s for c in aegl.criteria] == [600.0, 1800.0, 3600.0]
    burst = Shape(bell(top=5e-6), off_s=600.0)
    here = np.array([0.0])
    assert aegl.reached(burst, here, here, 1.5)[0] == pytest.approx(5 / 4)
    assert level(GAS, "erpg-2", AIR).reached(burst, here, here, 1.5)[0] < 1


def test_an_exposure_leaves_longer_times_out():
    """People who leave after 10 min are held against the value of 10 min only."""
    aegl = level(GAS, "aegl-2", AIR, 10)
    assert [c.averaging_s for c in aegl.criteria] == [600.0]
    assert aegl.value == 4.0


def test_occupational_limits_are_of_air_at_20_degrees():
    """In air of -30 degrees the same share of molecules weighs more per cubic metre."""
    cold = replace(AIR, temperature_k=243.15)
    warm, frozen = (level(GAS, "mac", air).criteria[0].threshold_kg_m3 for air in (AIR, cold))
    assert frozen / warm == pytest.approx(293.15 / 243.15)


def test_what_a_gas_lacks_is_named_with_what_it_has():
    """No AEGL-1: refused, and the text says which levels there are."""
    with pytest.raises(RefusedError, match=r"madegas has no value for aegl-1.*aegl-2, aegl-3"):
        level(GAS, "aegl-1", AIR)
    bare = replace(GAS, lel_fraction=None)
    with pytest.raises(RefusedError, match="lel-60"):
        level(bare, "lel-60", AIR)
    assert known(GAS) == ("aegl-2", "aegl-3", "erpg-2", "idlh", "mac", "lel-60", "lel-10")


def test_flammable_limits_are_of_the_air_at_hand():
    """Mole fractions become kg/m3 of this air; a gas that lacks one is refused by name."""
    limits = limits_of(GAS, AIR)
    assert (limits.lower, limits.upper) == pytest.approx((0.05, 0.15))
    assert limits_of(GAS, replace(AIR, pressure_pa=90_000.0)).lower < limits.lower
    with pytest.raises(RefusedError, match="madegas lacks a flammable limit"):
        limits_of(replace(GAS, uel_fraction=None), AIR)


@pytest.mark.parametrize("name", ["aegl", "aegl-4", "lel-0", "lel-101", "", "ruin"])
def test_an_unknown_level_is_refused(name):
    """The text says which names there are."""
    with pytest.raises(RefusedError, match="there is no level"):
        level(GAS, name, AIR)


@pytest.mark.parametrize("averaging", [-1.0, math.nan, math.inf])
def test_an_unknown_averaging_time_is_refused(averaging):
    """An averaging time is a number of seconds."""
    with pytest.raises(RefusedError, match="averaging time"):
        Level("x", 1.0, Unit.PPM, (Criterion(averaging, 1.0),))


@pytest.mark.parametrize("minutes", [0.0, -5.0, math.nan, 2000.0])
def test_an_unknown_exposure_is_refused(minutes):
    """An exposure is a number of minutes up to a day."""
    with pytest.raises(RefusedError, match="1,440 min"):
        level(GAS, "aegl-2", AIR, minutes)


@pytest.mark.parametrize("height", [-1.0, math.nan, 1e6])
def test_a_height_below_ground_is_refused(height):
    """A zone is drawn above the ground."""
    with pytest.raises(RefusedError, match="height"):
        threat_zone(Shape(bell()), LEVEL, z_m=height)


@settings(max_examples=20, deadline=None)
@given(
    heading=st.floats(0, 360),
    x=st.floats(-1000, 1000),
    spread=st.floats(10, 600),
    tops=st.lists(st.floats(0.01, 0.9), min_size=2, max_size=4),
)
def test_zones_are_nested_and_their_areas_fall_with_the_threshold(heading, x, spread, tops):
    """A higher threshold's zone is smaller, within the lower one's, and of known area."""
    solution = Shape(bell(x, 50, spread, spread), origin_m=(x, 50.0), heading_deg=heading)
    rising = sorted(tops)
    made = [Level("l", t, Unit.PPM, (Criterion(60.0, t),)) for t in rising]
    zones = threat_zones(solution, made)
    areas = [zone.modelled.area_m2 for zone in zones]
    assert all(a >= b * (1 - 1e-3) for a, b in itertools.pairwise(areas))
    for top, zone in zip(rising, zones, strict=True):
        exact = 2 * math.pi * spread**2 * math.log(1 / top)
        assert zone.modelled.area_m2 == pytest.approx(exact, rel=0.03)
        assert zone.distance_m(solution.origin_m) == pytest.approx(
            spread * math.sqrt(2 * math.log(1 / top)), rel=0.02
        )


def test_a_drawn_zone_is_never_less_than_the_isolation_circle():
    """The model's own zone stays beside the drawn one, and a note says which is which."""
    small = Shape(bell(5, 0, 10, 10))
    zone = threat_zone(small, LEVEL, isolation_m=60.0)
    assert zone.drawn.area_m2 >= math.pi * 60**2 > zone.modelled.area_m2 > 0
    assert min(nearest_m(line, 0, 0) for line in zone.drawn.rings) >= 60
    assert any(note.id == "dispersion.note.isolation-circle" for note in zone.notes)
    none = threat_zone(Shape(bell(top=0.1)), LEVEL, isolation_m=60.0)
    assert not none.reached
    assert none.drawn.area_m2 >= math.pi * 60**2
    assert {note.id for note in none.notes} == {
        "dispersion.note.isolation-circle",
        "dispersion.note.level-not-reached",
    }


def test_a_level_never_reached_is_said_not_to_be_safe():
    """An empty zone carries a note."""
    (note,) = threat_zone(Shape(bell(top=0.1)), LEVEL).notes
    assert "does not make any place safe" in str(note)


def test_a_load_zone_is_that_of_the_equivalent_steady_cloud():
    """A cloud of the level's own duration has the same zone by its load as by its mean."""
    made = Level("l", 0.5, Unit.PPM, (Criterion(3600.0, 0.5),))
    solution = Shape(bell(0, 0, 200, 200))
    by_mean = threat_zone(solution, made)
    by_load = load_zone(solution, made, exponent=2.75)
    assert by_load.modelled.area_m2 == pytest.approx(by_mean.modelled.area_m2, rel=1e-3)
    (note,) = by_load.notes
    assert "the true load is greater" in str(note)
    gusty = load_zone(solution, made, exponent=2.75, fluctuation=Fluctuation(1.0))
    assert gusty.modelled.area_m2 > by_load.modelled.area_m2


def test_the_winds_uncertainty_grows_in_light_and_in_unstable_air():
    """1.96 sigma_theta: of the class, of the vane, of a slow meander, whichever is largest."""
    fast = replace(AIR, speed_m_s=10.0)
    assert direction.half_angle_deg(fast) == pytest.approx(1.96 * 10, rel=1e-3)
    assert direction.half_angle_deg(replace(fast, stability=0.5)) == pytest.approx(49, rel=1e-2)
    assert direction.half_angle_deg(replace(fast, sigma_theta_deg=30.0)) == pytest.approx(
        58.8, rel=1e-3
    )
    light = replace(AIR, speed_m_s=1.5, stability=5.5)
    assert direction.half_angle_deg(light) == pytest.approx(
        1.96 * math.degrees(0.5 / 1.5), rel=1e-3
    )
    assert direction.half_angle_deg(replace(AIR, speed_m_s=1e-3)) == 180.0
    with pytest.raises(RefusedError, match="calm air has no downwind"):
        direction.half_angle_deg(replace(AIR, speed_m_s=0.0))


@settings(max_examples=20, deadline=None)
@given(heading=st.floats(0, 360), x=st.floats(-500, 500), angle=st.floats(1, 170))
def test_a_swept_zone_is_the_sector_that_it_turns_through(heading, x, angle):
    """A round spot turned by an angle covers a ring's sector with round ends."""
    turn, far, radius = math.radians(heading), 500.0, 50.0
    frame = Frame(x, -20.0, heading)
    middle = np.array([x + far * math.sin(turn), -20.0 + far * math.cos(turn)])
    spot = outline(bell(middle[0], middle[1], radius, radius), frame, math.exp(-0.5))
    found = direction.swept(spot, frame, angle)
    exact = 4 * radius * far * math.radians(angle) + math.pi * radius**2
    assert len(found.polygons) == 1
    assert found.area_m2 == pytest.approx(exact, rel=0.02)
    for corner in spot.rings[0][::5]:
        assert found.holds(*(middle + 0.98 * (corner - middle)))


def test_a_zone_swept_all_round_is_a_ring_or_a_disc():
    """180 degrees leave no side out: a hole only where the zone lies off its source."""
    frame = Frame(0.0, 0.0, 0.0)
    off = direction.swept(outline(bell(0, 500, 50, 50), frame, math.exp(-0.5)), frame, 180.0)
    (piece,) = off.polygons
    assert piece.area_m2 == pytest.approx(math.pi * (550**2 - 450**2), rel=0.02)
    assert len(piece.holes) == 1
    about = direction.swept(outline(bell(0, 0, 50, 50), frame, math.exp(-0.5)), frame, 180.0)
    assert about.area_m2 == pytest.approx(math.pi * 50**2, rel=0.03)


@pytest.mark.parametrize("angle", [20.0, 90.0, 170.0])
def test_a_hollow_zone_about_the_source_stays_itself(angle):
    """Turning a ring about its own middle changes nothing, its hole included."""
    frame = Frame(0.0, 0.0, 30.0)
    hollow = outline(ring(400.0, 60.0), frame, math.exp(-0.5))
    found = direction.swept(hollow, frame, angle)
    assert found.area_m2 == pytest.approx(hollow.area_m2, rel=0.02)
    assert not found.holds(0, 0)


def test_a_slender_zone_from_the_source_is_swept_to_a_fan():
    """A thin plume turned by an angle both ways covers the sector of twice that angle."""
    frame = Frame(0.0, 0.0, 90.0)

    def plume(x, y):
        width = 0.03 * np.maximum(x, 1e-3)
        return np.where(x > 0, np.exp(-0.5 * (y / width) ** 2) * np.exp(-x / 500), 0.0)

    thin = outline(plume, frame, math.exp(-2))
    found = direction.swept(thin, frame, 30.0)
    length = thin.rings[0][:, 0].max()
    assert found.area_m2 > math.radians(30.0) * length**2 * 0.98
    assert found.area_m2 < math.radians(34.0) * length**2


@pytest.mark.parametrize("angle", [-1.0, 181.0, math.nan])
def test_an_angle_outside_half_a_turn_is_refused(angle):
    """0 to 180 degrees, or nothing."""
    with pytest.raises(RefusedError, match="angle"):
        direction.swept(outline(bell(), Frame(0, 0, 0), 0.5), Frame(0, 0, 0), angle)


def test_levels_that_share_their_looks_have_the_same_zones():
    """Zones of three levels at once are those of each alone, and the star is looked at once."""
    looks = []

    class Counted(Shape):
        def peak(self, x_m, y_m, z_m, averaging_s):
            looks.append((x_m.shape, averaging_s))
            return super().peak(x_m, y_m, z_m, averaging_s)

    solution = Counted(bell(120.0, 60.0, top=1.0), off_s=900.0)
    three = [
        Level(name, 1.0, Unit.PPM, (Criterion(600.0, 2 * low), Criterion(3600.0, low)))
        for name, low in (("one", 0.01), ("two", 0.1), ("three", 0.2))
    ]
    together = threat_zones(solution, three, 1.5, 30.0)
    stars = [shape for shape, _ in looks].count((64, 78))
    assert stars == 2
    for zone, one in zip(together, three, strict=True):
        alone = threat_zone(solution, one, 1.5, 30.0)
        assert zone.notes == alone.notes
        for ring_, other in zip(zone.drawn.rings, alone.drawn.rings, strict=True):
            np.testing.assert_array_equal(ring_, other)
