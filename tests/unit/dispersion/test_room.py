"""A leak indoors: closed forms, exact books, doors, fans and scrubbers."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.dispersion.calm import circle
from edge.dispersion.emission import Emission, Kind, Step
from edge.dispersion.notes import RefusedError
from edge.dispersion.room.flows import Inside, Outside, through
from edge.dispersion.room.linear import Rates, step
from edge.dispersion.room.openings import Duty, Fan, Opening, wind_pressure_coefficient
from edge.dispersion.room.room import LEAKAGE, Layout, Leak, Room, exchange, simulate
from edge.dispersion.room.simple import room_of
from edge.dispersion.room.vent import vent
from edge.dispersion.room.wake import (
    Building,
    catches,
    cavity_m,
    initial_sigmas,
    near_wake,
)
from edge.dispersion.weather.station import Observation, appraise
from edge.substance.fluid import Curve, Fluid
from tests.evidence.room import TABLE, cases

P = 101_325.0
AIR = P / (287.05 * 288.15)
STILL = Outside(AIR, 288.15, 0.0, 0.0)
WINDY = Outside(P / (287.05 * 268.15), 268.15, 4.0, 0.0)
HALL = Building(6.0, 20.0, 20.0)
FLAT = Curve("flat", (100.0, 600.0), (1000.0, 1000.0))
CHLORINE = Fluid("chlorine", 0.0709, 172, 239, 417, 7.7e6, FLAT, FLAT, FLAT, FLAT, FLAT)
WEATHER = appraise(Observation(3.0, 10.0, 0.0, 268.15, 46.4, 125.35, 1_798_000_000 * 10**9)).weather


def room(**changes):
    plain = Room("r", 1000.0, 5.0, 288.15, HALL, 0.0, 0.0, leakage_m2=0.02)
    return replace(plain, **changes)


def leak(rate=0.1, start=0.0, end=600.0, gas=3.0, entering=3.0):
    return Leak(start, end, rate, gas, entering)


def door(spans=((-math.inf, math.inf),), area=4.0, z=1.0):
    return Opening("door", area, 2.0, 10.0, 0.0, z, 0.0, open_s=spans)


@settings(max_examples=200)
@given(
    gone=st.tuples(st.floats(0, 1e4), st.floats(0, 1e4)),
    cross=st.tuples(st.floats(0, 1e4), st.floats(0, 1e4)),
    masses=st.tuples(st.floats(0, 100), st.floats(0, 100)),
    sources=st.tuples(st.floats(0, 10), st.floats(0, 10)),
    seconds=st.floats(1e-3, 1e5),
)
def test_the_exact_step_keeps_its_books(gone, cross, masses, sources, seconds):
    """What is there, plus what left, is what was there plus what came: stiff or slow, to 1e-9."""
    after, held = step(Rates(*gone, *cross), masses, sources, seconds)
    came = sum(masses) + sum(sources) * seconds
    left = gone[0] * held[0] + gone[1] * held[1]
    assert after[0] + after[1] + left == pytest.approx(came, rel=1e-9, abs=1e-12)
    assert min(*after, *held) >= -1e-9 * came


def test_the_exact_step_is_the_closed_form_of_near_and_far_field():
    """Nicas's steady state: C_far = G / Q, C_near = G / Q + G / beta; and the way there."""
    q, beta, near, far, rate = 0.5, 0.1, 2.0, 1000.0, 0.01
    rates = Rates(0.0, q / far, beta / near, beta / far)
    masses, _ = step(rates, (0.0, 0.0), (rate, 0.0), 1e6)
    assert masses[0] / near == pytest.approx(rate / q + rate / beta, rel=1e-9)
    assert masses[1] / far == pytest.approx(rate / q, rel=1e-9)
    # Nicas (1996): lambda = [-(beta Vf + Vn (beta + Q)) +- sqrt(...)] / (2 Vn Vf)
    b = beta * far + near * (beta + q)
    root = math.sqrt(b * b - 4 * near * far * beta * q)
    l1, l2 = (-b + root) / (2 * near * far), (-b - root) / (2 * near * far)
    for t in (1.0, 30.0, 600.0, 7200.0):
        k1 = (beta * q + l2 * near * (beta + q)) / (beta * q * near * (l1 - l2))
        k2 = (beta * q + l1 * near * (beta + q)) / (beta * q * near * (l1 - l2))
        expected = rate / q + rate / beta + rate * (k1 * math.exp(l1 * t) - k2 * math.exp(l2 * t))
        masses, _ = step(rates, (0.0, 0.0), (rate, 0.0), t)
        assert masses[0] / near == pytest.approx(expected, rel=1e-8)


def test_one_stretch_or_many_make_no_difference():
    """The step is exact: a thousand small ones end where one does."""
    rates = Rates(0.01, 0.001, 0.01, 0.003)
    once = step(rates, (1.0, 0.5), (0.1, 0.02), 1000.0)
    masses, total = (1.0, 0.5), [0.0, 0.0]
    for _ in range(1000):
        masses, held = step(rates, masses, (0.1, 0.02), 1.0)
        total = [t + h for t, h in zip(total, held, strict=True)]
    assert masses == pytest.approx(once[0], rel=1e-11)
    assert total == pytest.approx(once[1], rel=1e-11)


@pytest.mark.skipif(not TABLE.is_file(), reason="SUIAN_REFERENCE has no dispersion/gaussian")
def test_outdoor_gas_comes_in_as_the_table_says():
    """dC/dt = ACH (Co - C): the same step gives every row of the infiltration table."""
    assert len(cases()) > 40
    assert all(case.error <= case.band for case in cases())


@settings(max_examples=40, deadline=None)
@given(
    rate=st.floats(1e-5, 5),
    gas=st.floats(0.1, 8),
    entering=st.floats(0.1, 20),
    layout=st.sampled_from(Layout),
    exhaust=st.floats(0.01, 20),
    efficiency=st.floats(0, 1),
    opens=st.floats(0, 900),
    wind=st.floats(0, 20),
    warm=st.floats(230, 320),
    cracks=st.floats(1e-4, 1),
)
def test_a_room_loses_nothing(
    rate, gas, entering, layout, exhaust, efficiency, opens, wind, warm, cracks
):
    """In = vented + scrubbed + left to 1e-9, whatever opens, fails or blows; never above pure."""
    found = simulate(
        room(
            temperature_k=warm,
            leakage_m2=cracks,
            layout=layout,
            openings=(door(((opens, math.inf),)),),
            fans=(
                Fan("exhaust", Duty.EXHAUST, exhaust, 4.0, efficiency=efficiency),
                Fan("inner", Duty.RECIRCULATE, 2.0, 0.5, efficiency=0.9, runs_s=((60.0, 400.0),)),
                Fan("supply", Duty.SUPPLY, 0.3, 4.0, runs_s=((0.0, 300.0),)),
            ),
        ),
        (leak(rate, 0.0, 300.0, gas, entering), leak(2 * rate, 300.0, 450.0, gas, entering)),
        Outside(AIR, 288.15, wind, 77.0),
        P,
        1200.0,
    )
    assert found.imbalance < 1e-9
    assert found.leaked_kg == pytest.approx(rate * 600)
    for low, high in found.concentrations_kg_m3:
        assert 0 <= low <= gas * (1 + 1e-6)
        assert 0 <= high <= gas * (1 + 1e-6)


def test_a_constant_exhaust_gives_the_two_box_closed_form():
    """Near and far field with one fan: the far field goes to G / Q, the near to + G / beta."""
    fan = Fan("exhaust", Duty.EXHAUST, 1.0, 4.0)
    hall = room(layout=Layout.NEAR_FAR, fans=(fan,), temperature_k=288.15)
    found = simulate(hall, (leak(1e-4, end=2e5, gas=AIR, entering=AIR),), STILL, P, 2e5)
    low, high = found.concentrations_kg_m3[-1]
    beta = exchange(hall, Inside(AIR, AIR, 1.0, 288.15))
    assert beta == pytest.approx(math.pi * 1.0 * 0.05)
    out = 1.0 + 1e-4 / AIR  # the leak's own volume leaves too
    assert high == pytest.approx(1e-4 / out, rel=2e-3)
    assert low - high == pytest.approx(1e-4 / beta, rel=2e-3)


def test_heavy_gas_pools_low_and_light_gas_high():
    """Cold chlorine fills the lower metre, ammonia vapour the rest; droplets make ammonia low."""
    heavy = simulate(room(), (leak(gas=3.0, entering=3.5),), STILL, P, 300.0)
    light = simulate(room(), (leak(gas=0.72, entering=0.9),), STILL, P, 300.0)
    foggy = simulate(room(), (leak(gas=0.72, entering=4.0),), STILL, P, 300.0)
    low, high = heavy.concentrations_kg_m3[-1]
    assert low > 5 * high
    low, high = light.concentrations_kg_m3[-1]
    assert high > low
    low, high = foggy.concentrations_kg_m3[-1]
    assert low > high


def test_a_working_scrubber_keeps_the_gas_and_a_failed_one_does_not():
    """99 % taken of what passes its fan; nothing once it has failed."""
    for efficiency in (0.99, 0.0):
        fan = Fan("roof", Duty.EXHAUST, 3.0, 0.5, efficiency=efficiency)
        found = simulate(room(fans=(fan,)), (leak(),), STILL, P, 7200.0)
        scrubbed, vented = sum(found.scrubbed_kg["roof"]), sum(found.vented_kg["roof"])
        assert scrubbed == pytest.approx(efficiency * (scrubbed + vented))
        assert scrubbed + vented > 0.9 * found.leaked_kg


def test_the_emergency_fan_clears_the_room():
    """Ten air changes an hour instead of one, from the alarm at 120 s."""
    slow = Fan("normal", Duty.EXHAUST, 0.28, 0.5)
    fast = Fan("emergency", Duty.EXHAUST, 2.8, 0.5, runs_s=((120.0, math.inf),))
    one = simulate(room(fans=(slow,)), (leak(end=300.0),), STILL, P, 1800.0)
    both = simulate(room(fans=(slow, fast)), (leak(end=300.0),), STILL, P, 1800.0)
    assert sum(both.masses_kg[-1]) < 0.3 * sum(one.masses_kg[-1])
    assert sum(both.vented_kg["emergency"][:12]) == 0


def test_a_door_opened_mid_way_lets_the_gas_out_then():
    """Before, only the cracks leak; after, the door takes most of it."""
    shut = room(openings=(door(((600.0, math.inf),)),))
    found = simulate(shut, (leak(),), WINDY, P, 1800.0)
    before = [
        m for m, t in zip(found.vented_kg["door"], found.times_s[1:], strict=True) if t <= 600
    ]
    assert sum(before) == 0
    assert sum(found.vented_kg["door"]) > 0.5 * found.leaked_kg
    assert 0 < sum(found.vented_kg[LEAKAGE]) < sum(found.vented_kg["door"])


def test_without_fan_or_door_only_the_cracks_leak():
    """Fans off, doors shut: little leaves, by leakage alone, and more in more wind."""
    calm = simulate(room(), (leak(),), STILL, P, 600.0)
    windy = simulate(room(), (leak(),), WINDY, P, 600.0)
    assert set(calm.vented_kg) == {LEAKAGE}
    assert sum(calm.vented_kg[LEAKAGE]) < 0.2 * calm.leaked_kg
    assert sum(windy.vented_kg[LEAKAGE]) > sum(calm.vented_kg[LEAKAGE])


def test_stack_flow_is_the_textbook_one():
    """Two equal openings, warm inside: Q = Cd A sqrt(2 g H dT / (T (1 + Tout/Tin))) (ASHRAE)."""
    low = Opening("low", 1.0, 0.04, 0, 0, 0.5, 0.0)
    high = replace(low, id="high", z_m=4.5)
    inside = Inside(P / (287.05 * 293.15), P / (287.05 * 293.15), 0.0, 293.15)
    outside = Outside(P / (287.05 * 273.15), 273.15, 0.0, 0.0)
    down, up = through([low, high], inside, outside, 0.0)
    assert down.in_m3_s == pytest.approx(up.out_m3_s, rel=1e-9)
    across = 0.5 * 9.80665 * 4.0 * (outside.density_kg_m3 - inside.lower_kg_m3)
    assert up.out_m3_s == pytest.approx(0.61 * math.sqrt(2 * across / inside.lower_kg_m3), rel=0.04)


def test_cross_wind_goes_in_at_the_front_and_out_at_the_back():
    """Wind from the north through two equal windows; volume in is volume out."""
    north = Opening("n", 1.0, 0.04, 0, 0, 1.0, 0.0)
    south = replace(north, id="s", facing_deg=180.0)
    inside = Inside(AIR, AIR, 0.0, 288.15)
    front, back = through([north, south], inside, replace(STILL, speed_m_s=5.0), 0.0)
    gap = (
        0.5
        * AIR
        * 25
        * (wind_pressure_coefficient(0.0, 0.0) - wind_pressure_coefficient(180.0, 0.0))
    )
    assert front.in_m3_s == pytest.approx(0.61 * math.sqrt(gap / AIR), rel=1e-6)
    assert back.out_m3_s == pytest.approx(front.in_m3_s, rel=1e-9)


@given(
    forced=st.floats(-20, 20),
    lower=st.floats(0.5, 6),
    wind=st.floats(0, 40),
    origin=st.floats(0, 360),
    outer=st.floats(0.9, 1.6),
)
def test_what_is_forced_in_goes_out(forced, lower, wind, origin, outer):
    """The openings together let out what fans and leak bring in."""
    ways = [
        door(),
        replace(door(), id="back", facing_deg=180.0, z_m=4.0),
        Opening("r", 0.5, 0.5, 0, 0, 5.0, None),
    ]
    inside = Inside(lower, 1.2, 1.0, 288.15)
    flows = through(ways, inside, Outside(outer, 270.0, wind, origin), forced)
    net = sum(flow.out_m3_s - flow.in_m3_s for flow in flows)
    assert net == pytest.approx(forced, abs=1e-5)
    assert all(flow.out_m3_s >= 0 and flow.in_m3_s >= 0 for flow in flows)


def test_wind_pressure_is_swami_and_chandras():
    """+0.6 in front, about -0.36 behind, suction on the sides, the same from left and right."""
    assert wind_pressure_coefficient(0.0, 0.0) == pytest.approx(0.6, abs=0.01)
    assert wind_pressure_coefficient(180.0, 0.0) == pytest.approx(-0.36, abs=0.01)
    assert wind_pressure_coefficient(90.0, 0.0) < -0.4
    assert wind_pressure_coefficient(30.0, 0.0) == pytest.approx(
        wind_pressure_coefficient(-30.0, 0.0)
    )


def test_what_leaves_becomes_an_emission_in_the_wake():
    """Every way out gives its own, whose mass is what the books say."""
    source = Emission("chlorine", Kind.JET, 0, 0, 1, (Step(0, 600, 0.1, 240.0, 0.01),))
    hall = room(openings=(door(),), fans=(Fan("stack", Duty.EXHAUST, 0.5, 4.0, 3.0, 4.0, 25.0),))
    found = vent(hall, source, WEATHER, CHLORINE, 3600.0)
    assert found.emissions[0].notes[0].params["path"] == "door"
    for emission in found.emissions:
        name = str(emission.notes[0].params["path"])
        assert emission.total_kg == pytest.approx(math.fsum(found.run.vented_kg[name]), rel=1e-12)
        assert emission.kind is Kind.VENT
        assert emission.steps[0].start_s == 0
        assert emission.duration_s == 3600
        assert len(emission.steps) < 80
        assert "dispersion." not in " ".join(map(str, emission.notes))
    by_name = {e.notes[0].params["path"]: e for e in found.emissions}
    assert by_name["door"].height_m == 0
    assert by_name["door"].steps[0].area_m2 == pytest.approx(HALL.face_area_m2(0.0))
    assert (by_name["stack"].x_m, by_name["stack"].height_m) == (3.0, 25.0)
    assert by_name["stack"].steps[0].area_m2 == 0.25
    left = sum(found.run.masses_kg[-1])
    assert sum(e.total_kg for e in found.emissions) + left == pytest.approx(60.0, rel=1e-6)


def test_the_wake_is_that_of_the_face_to_the_wind():
    """A long hall shows its side or its gable; the near wake bound is Q / (0.5 A u)."""
    hall = Building(6.0, 10.0, 40.0, along_deg=0.0)
    assert hall.face_m(0.0) == pytest.approx(10.0)
    assert hall.face_m(90.0) == pytest.approx(40.0)
    assert initial_sigmas(hall, 0.0) == pytest.approx((10 / 4.3, 6 / 2.15))
    assert near_wake(hall, 0.3, 90.0, 5.0) == pytest.approx(0.3 / (0.5 * 240 * 5))
    assert 0 < cavity_m(hall, 0.0) < cavity_m(hall, 90.0) < 7 * 6.0
    assert catches(hall, 7.0)
    assert not catches(hall, 7.3)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"volume_m3": 0.0}, "volume_m3"),
        ({"height_m": math.nan}, "height_m"),
        ({"leakage_m2": 0.0}, "leakage_m2"),
        ({"border_m": 5.0}, "second zone"),
        ({"openings": (door(area=-1.0),)}, "area_m2"),
        ({"openings": (door(), door())}, "own id"),
        ({"openings": (door(z=math.nan),)}, "coordinates"),
        ({"fans": (Fan("f", Duty.EXHAUST, 1.0, 1.0, efficiency=1.2),)}, "between 0 and 1"),
    ],
)
def test_a_room_that_cannot_be_is_refused(change, words):
    """With its name and what to do."""
    with pytest.raises(RefusedError, match=words):
        simulate(room(**change), (leak(),), STILL, P, 600.0)


def test_a_leak_that_cannot_be_is_refused():
    """No rate, no gas, no time, no leak, all at once, no wind for a wake, a flat building."""
    for bad in (leak(rate=-1.0), leak(rate=math.nan), leak(gas=0.0), leak(end=0.0)):
        with pytest.raises(RefusedError, match="cannot be"):
            simulate(room(), (bad,), STILL, P, 600.0)
    with pytest.raises(RefusedError, match="nothing leaks"):
        simulate(room(), (), STILL, P, 600.0)
    for rate in (-0.1, math.nan):
        source = Emission("x", Kind.JET, 0, 0, 1, (Step(0, 600, rate, 240.0, 0.01),))
        with pytest.raises(RefusedError, match="rate_kg_s"):
            vent(room(), source, WEATHER, CHLORINE, 600.0)
    burst = Emission("x", Kind.INSTANT, 0, 0, 1, (Step(0, 0, 0, 288.0, 1.0),), mass_kg=1.0)
    with pytest.raises(RefusedError, match="seconds it takes"):
        vent(room(), burst, WEATHER, CHLORINE, 600.0)
    with pytest.raises(RefusedError, match="calm circle"):
        near_wake(HALL, 1.0, 0.0, 0.0)
    with pytest.raises(RefusedError, match="height_m"):
        Building(0.0, 1.0, 1.0)


def test_a_room_of_a_sites_few_figures():
    """Air changes become fans; without them, and shut, only cracks; the emergency fan scrubs."""
    source = Emission("chlorine", Kind.POOL, 0, 0, 0, (Step(0, 600, 0.05, 240.0, 1.0),))
    hall = room_of("hall", 500.0, 288.15, (5.0, 6.0), 1.0, 12.0, 120.0, scrubber_efficiency=0.95)
    run = vent(hall, source, WEATHER, CHLORINE, 3600.0).run
    assert run.imbalance < 1e-9
    assert sum(run.scrubbed_kg["emergency-fan"]) > 0.6 * run.leaked_kg
    assert sum(run.scrubbed_kg["normal-fan"]) == 0
    shut = vent(room_of("hall", 500.0, 288.15, (5.0, 6.0), 0.0), source, WEATHER, CHLORINE, 3600.0)
    assert set(shut.run.vented_kg) == {LEAKAGE}
    for bad in ({"volume_m3": 0.0}, {"ventilation_ach": -1.0}, {"emergency_ach": math.nan}):
        figures = {"volume_m3": 500.0, "ventilation_ach": 1.0, **bad}
        with pytest.raises(RefusedError, match="cannot be"):
            room_of("hall", temperature_k=288.15, opening_at=(0.0, 0.0), **figures)


def test_a_calm_makes_no_wake():
    """Without wind the gas leaves by the door itself, for the calm circle to draw."""
    still = appraise(Observation(0.5, 10.0, 0.0, 268.15, 46.4, 125.35, 1_798_000_000 * 10**9))
    source = Emission("chlorine", Kind.JET, 0, 0, 1, (Step(0, 600, 0.1, 240.0, 0.01),))
    found = vent(room(openings=(door(),)), source, still.weather, CHLORINE, 600.0)
    first = found.emissions[0]
    assert (first.steps[0].area_m2, first.height_m) == (4.0, 1.0)
    assert circle(first, still.weather, CHLORINE).radius_m(1e-5) > 100


def test_air_in_the_source_is_not_gas_in_the_room():
    """Of a leak that is half air, half is gas, and that is what the books count."""
    source = Emission(
        "chlorine", Kind.JET, 0, 0, 1, (Step(0, 600, 0.1, 240.0, 0.01),), air_fraction=0.5
    )
    found = vent(room(openings=(door(),)), source, WEATHER, CHLORINE, 600.0)
    assert found.run.leaked_kg == pytest.approx(30.0)
    assert all(emission.air_fraction == 0 for emission in found.emissions)
