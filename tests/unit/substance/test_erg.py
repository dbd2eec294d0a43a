"""The Emergency Response Guidebook's distances."""

import pytest

from edge.substance import substances
from edge.substance.erg import SPILLS, TIMES, WINDS, distances, isolation_m


def test_chlorine_as_printed():
    """Small 60 m, 0.3 km by day, 1.5 km by night; a rail tank car 1000 m and more than 11 km."""
    small = {row.time: row for row in distances("chlorine") if row.spill == "small"}
    assert (small["day"].isolate_m, small["day"].protect_m) == (60, 300)
    assert small["night"].protect_m == 1500
    [worst] = [row for row in distances("chlorine") if row.at_least]
    assert (worst.container, worst.time, worst.wind) == ("Rail tank car", "night", "low")
    assert worst.protect_m == 11_000
    assert isolation_m("chlorine", "small") == 60
    assert isolation_m("chlorine", "large") == 1000


def test_nothing_known_is_none_and_never_zero():
    """Toluene is no toxic inhalation hazard of the guidebook: no circle, not one of 0 m."""
    assert distances("toluene") == ()
    assert isolation_m("toluene", "large") is None


def test_a_spill_is_small_or_large():
    """Another word is refused rather than answered with None."""
    with pytest.raises(ValueError, match="small or large"):
        isolation_m("chlorine", "huge")


def test_every_case_is_whole():
    """Each row names a known substance, a case of the guidebook, and positive distances."""
    for name in substances():
        for row in distances(name):
            assert row.spill in SPILLS
            assert row.time in TIMES
            assert (row.wind in WINDS) if row.container else (row.wind == "")
            assert row.isolate_m >= 30
            assert row.protect_m >= 100
            assert row.source.startswith("ERG 2024 table")


def test_a_large_spill_is_never_less_than_a_small_one():
    """Isolation for a large spill is at least that for a small one, where both are known."""
    for name in substances():
        small, large = isolation_m(name, "small"), isolation_m(name, "large")
        assert small is None or large is None or large >= small


@pytest.mark.parametrize(
    ("held_kg", "metres"), [(50, 150), (1000, 150), (1001, 300), (20_000, 600), (60_000, 1000)]
)
def test_a_cylinder_is_no_tank_car(held_kg: float, metres: float):
    """The circle is that of the smallest container that holds what was in the vessel."""
    assert isolation_m("chlorine", "large", held_kg) == metres
