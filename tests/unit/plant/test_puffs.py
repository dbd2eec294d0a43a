"""The plant's gas: mass, growth, and the wind it follows."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.plant.puffs import MASS, SIGMA_H, SIGMA_Z, Parcel, Puffs, X, Y
from simulator.plant.wind import WindNow

CENTRE = np.zeros(2)


def wind(speed: float = 3.0, from_deg: float = 270.0) -> WindNow:
    return WindNow(speed, from_deg, sideways=0.08, upward=0.11, roughness_m=0.1)


def one_gas(most: int = 2000, domain_m: float = 1e6, excess: float = 0.0) -> Puffs:
    return Puffs([excess], most, domain_m, CENTRE)


def test_field_integrates_to_the_mass_released():
    """The concentration summed over the half space above ground is the mass that was let out."""
    puffs = one_gas(excess=0.75)
    for _ in range(20):
        puffs.step(1.0, wind(1.0), [Parcel(0, 0.5, 0.0, 0.0, 1.2)])
    x = np.arange(-15.0, 40.0, 0.5)
    y = np.arange(-20.0, 20.0, 0.5)
    z = np.arange(0.1, 14.0, 0.2)
    total = 0.0
    for height in z:
        grid = np.stack(np.meshgrid(x, y, [height], indexing="ij"), axis=-1).reshape(-1, 3)
        total += puffs.concentration(grid, 0).sum() * 0.5 * 0.5 * 0.2

    assert total == pytest.approx(10.0, rel=0.01)


@settings(max_examples=40, deadline=None)
@given(
    masses=st.lists(st.floats(0.0, 5.0), min_size=1, max_size=60),
    speed=st.floats(0.2, 12.0),
    turn=st.floats(-20.0, 20.0),
    most=st.integers(5, 50),
)
def test_no_gas_is_ever_lost(masses: list[float], speed: float, turn: float, most: int):
    """Released = airborne + left the domain, through carrying, slumping, merging and leaving."""
    puffs = Puffs([0.75, 0.0], most, 150.0, CENTRE)
    for i, mass in enumerate(masses):
        now = wind(speed, (270 + turn * i) % 360)
        puffs.step(1.0, now, [Parcel(i % 2, mass, 0.0, 0.0, 1.0)])
    booked = puffs.airborne_kg() + puffs.left_kg

    assert len(puffs.rows) <= most
    assert booked == pytest.approx(puffs.released_kg, abs=1e-9)
    assert puffs.released_kg.sum() == pytest.approx(sum(masses))
    assert np.isfinite(puffs.rows).all()


def test_two_old_puffs_of_different_gases_do_not_stop_the_park():
    """Where no two of the oldest are of one kind, younger ones are merged."""
    puffs = Puffs([0.75, 0.0], 5, 150.0, CENTRE)
    for i, mass in enumerate([0.9, 0.1, 0.6, 7e-48, 0.4, 1.2, 1.2]):
        puffs.step(1.0, wind(0.2, 270), [Parcel(i % 2, mass, 0.0, 0.0, 1.0)])

    assert len(puffs.rows) <= 5


def test_merging_keeps_centre_and_spread():
    """Merged puffs keep centre of mass and second moment (one sigma for both axes)."""
    puffs = one_gas(most=10_000)
    for i in range(80):
        puffs.step(1.0, wind(3.0, 250 + i / 2), [Parcel(0, 0.1 + i / 80, 0.0, 0.0, 1.0)])
    before = _moments(puffs)
    puffs._merge()
    after = _moments(puffs)

    assert len(puffs.rows) < 80
    assert after == pytest.approx(before, rel=1e-9)


def _moments(puffs: Puffs) -> list[float]:
    rows = puffs.rows
    mass = rows[:, MASS]
    mean = (rows[:, [X, Y]] * mass[:, None]).sum(axis=0) / mass.sum()
    spread = (((rows[:, [X, Y]] - mean) ** 2).sum(axis=1) + 2 * rows[:, SIGMA_H] ** 2) @ mass
    return [mass.sum(), *mean.tolist(), spread / mass.sum()]


@pytest.mark.parametrize(("from_deg", "east", "north"), [(270, 1, 0), (180, 0, 1), (45, -1, -1)])
def test_puffs_go_where_the_wind_blows(from_deg: float, east: int, north: int):
    """A wind from the west carries gas to the east; directions are meteorological."""
    puffs = one_gas()
    puffs.step(1.0, wind(3.0, from_deg), [Parcel(0, 1.0, 0.0, 0.0, 2.0)])
    for _ in range(20):
        puffs.step(1.0, wind(3.0, from_deg), [])

    x, y = puffs.rows[0, [X, Y]]
    assert (round(math.copysign(1, x)) if abs(x) > 1 else 0) == east
    assert (round(math.copysign(1, y)) if abs(y) > 1 else 0) == north


def test_puffs_turn_with_the_wind():
    """Gas already in the air follows a wind that turns: no puff keeps the wind of its release."""
    puffs = one_gas()
    puffs.step(1.0, wind(3.0, 270), [Parcel(0, 1.0, 0.0, 0.0, 2.0)])
    for _ in range(30):
        puffs.step(1.0, wind(3.0, 270), [])
    east = puffs.rows[0, X]
    for _ in range(30):
        puffs.step(1.0, wind(3.0, 180), [])

    assert puffs.rows[0, X] == pytest.approx(east)
    assert puffs.rows[0, Y] > 20


def test_heavy_gas_hugs_the_ground():
    """A dense release is wider and flatter than a neutral one of the same rate."""
    flat, plain = one_gas(excess=0.75), one_gas()
    for _ in range(60):
        for puffs in (flat, plain):
            puffs.step(1.0, wind(2.0), [Parcel(0, 5.0, 0.0, 0.0, 1.0)])

    assert flat.rows[30, SIGMA_H] > 1.3 * plain.rows[30, SIGMA_H]
    assert flat.rows[30, SIGMA_Z] < 0.7 * plain.rows[30, SIGMA_Z]


def test_string_of_puffs_is_smooth():
    """One puff a second gives a steady concentration along the axis, not a row of blobs."""
    puffs = one_gas()
    for _ in range(60):
        puffs.step(1.0, wind(4.0), [Parcel(0, 0.1, 0.0, 0.0, 1.0)])
    points = np.stack([np.linspace(20, 24, 40), np.zeros(40), np.full(40, 0.5)], axis=-1)
    seen = puffs.concentration(points, 0)

    assert seen.max() / seen.min() < 1.5
