"""The gas: Gaussian puffs that follow the current wind and grow by their own turbulence.

Deliberately not the gateway's kernel (Briggs' plume in a steady wind): here each puff is carried
by the wind of the moment, and grows after Taylor (1921) by the eddies that the meandering wind
does not already resolve:

    d(sigma^2)/dt = 2 v^2 T (1 - exp(-age / T))

with v the eddies' speed at the height the puff travels at. Sideways T is 90 s (the order of Draxler
1976, Atmos. Environ. 10, 99-105, for sources at the ground; memory, not checked against print).
Upward the ground limits an eddy to the puff's own depth: T = sigma_z / 2v, at most 40 s, which
makes a surface puff grow at v/2, near the k u* of the neutral surface layer.

Thin allowance for heavy gas, an own law: with g' = g (excess x concentration) / air density and
Ri = g' sigma_z / u*^2, upward growth is divided by 1 + 0.1 Ri, and the puff slumps sideways at
0.5 sqrt(g' 2 sigma_z), its volume kept (sigma_h^2 sigma_z constant) until it is 0.3 m flat; from
there its edge takes in air. Neighbouring puffs of one source overlap; the density of the string is
what slumps, so a puff remembers its spacing.

Ground reflects. Mass is never lost: what leaves the domain is booked.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.plant.wind import LEAST_SPEED_M_S, WindNow

Array = NDArray[np.float64]
GRAVITY_M_S2 = 9.80665
AIR_KG_M3 = 1.23
SIDEWAYS_TIME_S, UPWARD_TIME_S = 90.0, 40.0
FIRST_SIGMA_M = 0.8  # of a fresh puff from a hole: the jet's own mixing
LEAST_SIGMA_Z_M = 0.3
KARMAN = 0.4
# Columns of the state table, one row a puff.
X, Y, Z, SIGMA_H, SIGMA_Z, MASS, AGE, SPACING, KIND = range(9)
NORM = (2 * math.pi) ** 1.5


class Parcel(NamedTuple):
    """Gas let out within one step: mass [kg] of gas number `kind` at a point in site metres."""

    kind: int
    mass_kg: float
    x_m: float
    y_m: float
    z_m: float


class Puffs:
    """All puffs in the air. `excess` [-] of each kind of gas: see `fluids.excess_of`."""

    def __init__(self, excess: list[float], most: int, domain_m: float, centre: Array) -> None:
        self._excess = np.asarray(excess, dtype=float)
        self._most = max(most, len(excess))  # no two kinds ever make one puff
        self._domain_m = domain_m
        self._centre = centre  # shape (2,) [m]
        self.rows: Array = np.zeros((0, 9))
        self.released_kg = np.zeros(len(excess))
        self.left_kg = np.zeros(len(excess))

    def airborne_kg(self) -> Array:
        """Return the mass in the air by kind [kg], shape (kinds,)."""
        kinds = self.rows[:, KIND].astype(int)
        weights = self.rows[:, MASS]
        return np.bincount(kinds, weights=weights, minlength=len(self._excess)).astype(float)

    def step(self, dt_s: float, wind: WindNow, parcels: list[Parcel]) -> None:
        """Carry and grow every puff for `dt_s` [s], add what was let out, drop what is gone."""
        if len(self.rows):
            speed = self._speed(wind)
            self._carry(dt_s, speed, wind)
            self._grow(dt_s, speed, wind)
            self._slump(dt_s)
        self._add(dt_s, wind, parcels)
        self._leave()
        while len(self.rows) > self._most:
            self._merge()

    def concentration(self, points: Array, kind: int) -> Array:
        """Return the concentration [kg/m3] of gas `kind` at `points`, shape (n, 3) [m] -> (n,)."""
        rows = self.rows[self.rows[:, KIND] == kind]
        if not len(rows):
            return np.zeros(len(points))
        dx = points[:, 0, None] - rows[:, X]
        dy = points[:, 1, None] - rows[:, Y]
        narrow = -0.5 / rows[:, SIGMA_H] ** 2
        low = -0.5 / rows[:, SIGMA_Z] ** 2
        above = points[:, 2, None] - rows[:, Z]
        below = points[:, 2, None] + rows[:, Z]
        peak = rows[:, MASS] / (NORM * rows[:, SIGMA_H] ** 2 * rows[:, SIGMA_Z])
        vertical = np.exp(above**2 * low) + np.exp(below**2 * low)
        return (peak * np.exp((dx**2 + dy**2) * narrow) * vertical).sum(axis=1)

    def subset(self, most: int = 400) -> list[list[float]]:
        """Return at most `most` puffs to draw: [x, y, sigma_h, sigma_z, mass, kind], SI.

        Where puffs are left out, those kept carry their mass, so that a picture keeps the whole.
        """
        every = -(-len(self.rows) // most) if len(self.rows) else 1
        kept = self.rows[::every][:, [X, Y, SIGMA_H, SIGMA_Z, MASS, KIND]].copy()
        kept[:, 4] *= every
        return np.round(kept, 4).tolist()

    def _speed(self, wind: WindNow) -> Array:
        """Return the speed [m/s] at the height where most of each puff's mass is."""
        height = np.maximum(self.rows[:, Z], 0.6 * self.rows[:, SIGMA_Z])
        profile = np.log1p(height / wind.roughness_m) / math.log1p(10 / wind.roughness_m)
        return np.maximum(LEAST_SPEED_M_S, wind.speed_m_s * profile)

    def _carry(self, dt_s: float, speed: Array, wind: WindNow) -> None:
        """Move puffs where the wind of this moment blows."""
        east, north = _towards(wind)
        self.rows[:, X] += speed * dt_s * east
        self.rows[:, Y] += speed * dt_s * north

    def _grow(self, dt_s: float, speed: Array, wind: WindNow) -> None:
        """Grow by Taylor's law; a dense puff mixes upward more slowly."""
        rows = self.rows
        rows[:, AGE] += dt_s
        sideways = wind.sideways * speed
        grown = _taylor(sideways, SIDEWAYS_TIME_S, rows[:, AGE]) * dt_s
        rows[:, SIGMA_H] = np.sqrt(rows[:, SIGMA_H] ** 2 + grown)
        upward = wind.upward * speed
        life = np.minimum(UPWARD_TIME_S, rows[:, SIGMA_Z] / (2 * upward))
        grown = _taylor(upward, life, rows[:, AGE]) * dt_s
        rise = np.sqrt(rows[:, SIGMA_Z] ** 2 + grown) - rows[:, SIGMA_Z]
        friction = KARMAN * wind.speed_m_s / math.log1p(10 / wind.roughness_m)
        richardson = self._reduced_gravity() * rows[:, SIGMA_Z] / friction**2
        rows[:, SIGMA_Z] += rise / (1 + 0.1 * richardson)

    def _slump(self, dt_s: float) -> None:
        """Let dense puffs sink to the ground and spread on it."""
        rows = self.rows
        gravity = self._reduced_gravity()
        front = 0.5 * np.sqrt(gravity * 2 * rows[:, SIGMA_Z])
        ratio = 1 + np.minimum(1.0, front * dt_s / rows[:, SIGMA_H])
        rows[:, SIGMA_H] *= ratio
        flatter = rows[:, SIGMA_Z] / ratio**2
        rows[:, SIGMA_Z] = np.maximum(flatter, np.minimum(rows[:, SIGMA_Z], LEAST_SIGMA_Z_M))
        rows[:, Z] = np.maximum(0.0, rows[:, Z] - front * dt_s)

    def _reduced_gravity(self) -> Array:
        """Return g' [m/s2] of each puff, by the density of the string it belongs to."""
        rows = self.rows
        overlap = np.maximum(1.0, math.sqrt(2 * math.pi) * rows[:, SIGMA_H] / rows[:, SPACING])
        volume = NORM * rows[:, SIGMA_H] ** 2 * rows[:, SIGMA_Z] / math.sqrt(2)
        density = overlap * rows[:, MASS] / volume
        return GRAVITY_M_S2 * self._excess[rows[:, KIND].astype(int)] * density / AIR_KG_M3

    def _add(self, dt_s: float, wind: WindNow, parcels: list[Parcel]) -> None:
        """Add fresh puffs, each in the middle of the way its gas was spread over in the step."""
        fresh: list[list[float]] = []
        for parcel in parcels:
            if parcel.mass_kg <= 0:
                continue
            self.released_kg[parcel.kind] += parcel.mass_kg
            way = wind.at(max(parcel.z_m, 0.5)) * dt_s
            sigma = math.hypot(FIRST_SIGMA_M, way / math.sqrt(12))
            east, north = _towards(wind)
            x, y = parcel.x_m + east * way / 2, parcel.y_m + north * way / 2
            place = [x, y, parcel.z_m, sigma, FIRST_SIGMA_M]
            fresh.append([*place, parcel.mass_kg, dt_s / 2, way, float(parcel.kind)])
        if fresh:
            self.rows = np.concatenate([self.rows, np.asarray(fresh)])

    def _leave(self) -> None:
        """Book and drop the puffs that have left the domain."""
        away = np.hypot(self.rows[:, X] - self._centre[0], self.rows[:, Y] - self._centre[1])
        gone = away > self._domain_m
        if gone.any():
            kinds = self.rows[gone, KIND].astype(int)
            weights = self.rows[gone, MASS]
            self.left_kg += np.bincount(kinds, weights=weights, minlength=len(self._excess))
            self.rows = self.rows[~gone]

    def _merge(self) -> None:
        """Merge the oldest half in neighbouring pairs, keeping mass, centre and spread.

        Where no two of that half are of one kind, neighbours of all ages are merged.
        """
        order = np.lexsort((-self.rows[:, AGE], self.rows[:, KIND]))
        rows = self.rows[order]
        old = rows[:, AGE] >= np.median(rows[:, AGE])
        for part in (old, np.ones(len(rows), bool)):
            pool = rows[part]
            first = _pairs(pool[:, KIND])
            if len(first):
                break
        merged = _joined(pool[first], pool[first + 1])
        rest = np.delete(pool, np.concatenate([first, first + 1]), axis=0)
        self.rows = np.concatenate([merged, rest, rows[~part]])


def _pairs(kinds: Array) -> NDArray[np.intp]:
    """Return the places of the first of each two neighbours of one kind; `kinds` is sorted."""
    nth = np.arange(len(kinds)) - np.searchsorted(kinds, kinds)
    same = np.append(kinds[1:] == kinds[:-1], False)
    return np.flatnonzero((nth % 2 == 0) & same)


def _towards(wind: WindNow) -> tuple[float, float]:
    """Return the unit vector (east, north) that the wind blows to."""
    angle = math.radians(wind.from_deg)
    return -math.sin(angle), -math.cos(angle)


def _taylor(eddy: Array, life: Array | float, age: Array) -> Array:
    """Return d(sigma^2)/dt [m2/s] for eddies of `eddy` [m/s] that last `life` [s]."""
    return 2 * eddy**2 * life * -np.expm1(-age / life)


def _joined(first: Array, second: Array) -> Array:
    """Return one puff for each pair: mass, centre of mass and second moments are kept."""
    mass = first[:, MASS] + second[:, MASS]
    share = first[:, MASS] / mass
    other = 1 - share
    joined = first * share[:, None] + second * other[:, None]
    joined[:, MASS] = mass
    apart = share * other
    offset = ((first[:, [X, Y]] - second[:, [X, Y]]) ** 2).sum(axis=1)
    across = share * first[:, SIGMA_H] ** 2 + other * second[:, SIGMA_H] ** 2
    # One sigma stands for both horizontal axes: half of the offset's moment goes to each.
    joined[:, SIGMA_H] = np.sqrt(across + apart * offset / 2)
    height = share * first[:, SIGMA_Z] ** 2 + other * second[:, SIGMA_Z] ** 2
    joined[:, SIGMA_Z] = np.sqrt(height + apart * (first[:, Z] - second[:, Z]) ** 2)
    joined[:, SPACING] = first[:, SPACING] + second[:, SPACING]
    joined[:, KIND] = first[:, KIND]
    return joined
