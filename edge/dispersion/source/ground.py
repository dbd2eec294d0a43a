"""What a pool lies on, and the heat that it gives to the pool.

A solid ground is semi-infinite and in perfect contact with a well-mixed pool. Where area A and
pool temperature T change with time, superposition (Duhamel; Carslaw and Jaeger, Conduction of
Heat in Solids, 2nd ed. 1959, section 2.5, eq. 10) over rings wetted one after the other gives

    H(t) = 1 / sqrt(pi) integral_0^t Y'(s) / sqrt(t - s) ds,   Y = A(s) S(T(s))   [W]

with the strength S = lambda / sqrt(alpha) (T_ground - T) [W s^1/2/m2], so that one ring under a
steady pool gives S / sqrt(pi t), the law of the TNO Yellow Book (CPR 14E, 3rd ed. 1997, section
3.5) and of HJ 169-2018 annex F. It is exact while the area does not shrink.

Ground that thaws under a pool above 0 C (ice, snow) and still water that freezes under a colder
pool hold their moving front by Neumann's solution (Carslaw and Jaeger, section 11.2), which gives
another S, superposed in the same way (exact only for a steady pool temperature). Open water is
stirred and gives film x (T_water - T) without ageing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from operator import mul

from edge.dispersion.notes import RefusedError

FREEZING_K = 273.15
FUSION_J_KG = 333_600.0  # water: CRC Handbook of Chemistry and Physics, 333.6 kJ/kg
ICE_KG_M3 = 917.0  # CRC Handbook, ice at 0 C
ROOT_PI = math.sqrt(math.pi)


class Change(StrEnum):
    """What happens to a ground under a pool."""

    NONE = "none"
    THAWS = "thaws"  # holds 0 C at its front under a pool above 0 C
    FREEZES = "freezes"  # still water: ice grows under a pool below 0 C
    STIRRED = "stirred"  # open water: never freezes over


@dataclass(frozen=True, slots=True)
class Ground:
    """A ground's heat and shape; all SI.

    `conductivity_w_m_k` lambda [W/m/K] and `diffusivity_m2_s` alpha [m2/s]; `least_layer_m` [m],
    the depth to which a pool spreads (the roughness that holds it); `porosity`, the share of
    pores that liquid can sink into (0: tight); `density_kg_m3` of what thaws [kg/m3];
    `film_w_m2_k` [W/m2/K] of stirred water; `source` names where the constants are published.
    """

    id: str
    conductivity_w_m_k: float
    diffusivity_m2_s: float
    least_layer_m: float
    porosity: float
    source: str
    change: Change = Change.NONE
    density_kg_m3: float = 0.0
    film_w_m2_k: float = 0.0

    @property
    def effusivity(self) -> float:
        """Return lambda / sqrt(alpha) [W s^1/2/m2/K]."""
        return self.conductivity_w_m_k / math.sqrt(self.diffusivity_m2_s)

    @property
    def is_water(self) -> bool:
        """Whether the pool floats."""
        return self.change in {Change.FREEZES, Change.STIRRED}


_TNO = "TNO Yellow Book CPR 14E (1997), section 3.5: subsoils; least layers"
_OKE = "Oke, Boundary Layer Climates, 2nd ed. (1987), table 2.1"
_FROZEN = "Andersland and Ladanyi, Frozen Ground Engineering, 2nd ed. (2004), chapter 2 (Kersten)"
_HJ = "HJ 169-2018, annex F, table F.2 (heat of some grounds)"
_WATER = "Oke (1987), table 2.1, still water"
_LNG = "Webber, SRD/HSE R507 (1990), GASP: 500 W/m2/K between open water and pool"

# Least layers: 5 mm concrete and paved, 10 mm gravel and level soil, 20 mm rough soil and grass
# (TNO); 1.7 mm on water (the same section). Snow takes the rough soil's, ice the paved one's.
GROUNDS: Mapping[str, Ground] = {
    ground.id: ground
    for ground in (
        Ground("concrete", 1.3, 6.6e-7, 0.005, 0.0, _TNO),
        Ground(
            "insulated-concrete",
            0.08,
            2.9e-7,
            0.005,
            0.0,
            "Oke (1987), table 7.4, aerated concrete",
        ),
        Ground("soil-average", 0.9, 4.3e-7, 0.010, 0.3, _TNO),
        Ground("soil-dry", 0.30, 2.4e-7, 0.010, 0.4, f"{_OKE}, dry sandy soil"),
        Ground("soil-wet", 2.20, 7.4e-7, 0.010, 0.0, f"{_OKE}, saturated sandy soil"),
        Ground("gravel", 2.5, 1.1e-6, 0.010, 0.4, _TNO),
        Ground("frozen-soil", 1.9, 1.05e-6, 0.010, 0.0, _FROZEN),
        Ground(
            "snow", 0.42, 4.0e-7, 0.020, 0.48, f"{_OKE}, old snow", Change.THAWS, density_kg_m3=480
        ),
        Ground("ice", 2.24, 1.16e-6, 0.005, 0.0, f"{_OKE}, ice", Change.THAWS, density_kg_m3=917),
        Ground("still-water", 0.57, 1.4e-7, 0.0017, 0.0, _WATER, Change.FREEZES),
        Ground("open-water", 0.57, 1.4e-7, 0.0017, 0.0, _LNG, Change.STIRRED, film_w_m2_k=500.0),
    )
}
# The regulator's own constants; its cement gives nearly twice the heat of TNO's concrete.
HJ169_GROUNDS: Mapping[str, Ground] = {
    ground.id: ground
    for ground in (
        Ground("hj169-cement", 1.1, 1.29e-7, 0.005, 0.0, _HJ),
        Ground("hj169-soil", 0.9, 4.3e-7, 0.010, 0.3, f"{_HJ}: 8 % water"),
        Ground("hj169-dry-soil", 0.3, 2.3e-7, 0.010, 0.4, _HJ),
        Ground("hj169-wet-soil", 0.6, 3.3e-7, 0.010, 0.0, _HJ),
        Ground("hj169-gravel", 2.5, 1.1e-6, 0.010, 0.4, _HJ),
    )
}
_ICE, _STILL = GROUNDS["ice"], GROUNDS["still-water"]


def ground(ground_id: str) -> Ground:
    """Return the ground called `ground_id`; `RefusedError` where there is none."""
    found = GROUNDS.get(ground_id) or HJ169_GROUNDS.get(ground_id)
    if found is None:
        known = ", ".join((*GROUNDS, *HJ169_GROUNDS))
        raise RefusedError("dispersion.refused.ground-unknown", ground=ground_id, known=known)
    return found


def front(near: Ground, far: Ground, near_k: float, far_k: float, latent_j_m3: float) -> float:
    """Return Neumann's root x: the front at 0 C lies at 2 x sqrt(alpha_near t).

    `near` [the layer at the pool, at `near_k`] and `far` [what it grows into, at `far_k`] lie on
    either side of 0 C; `latent_j_m3` [J/m3] is taken or given at the front. Carslaw and Jaeger
    (1959), section 11.2, eq. 13.
    """
    ratio = math.sqrt(near.diffusivity_m2_s / far.diffusivity_m2_s)
    here = near.effusivity * abs(FREEZING_K - near_k)
    there = far.effusivity * abs(far_k - FREEZING_K)
    latent = latent_j_m3 * math.sqrt(math.pi * near.diffusivity_m2_s)

    def balance(x: float) -> float:
        beyond = there * math.exp(-((x * ratio) ** 2)) / math.erfc(x * ratio) if there else 0.0
        return here * math.exp(-x * x) / math.erf(x) - beyond - latent * x

    low, high = 1e-9, 4.0 / max(1.0, ratio)
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if balance(middle) > 0 else (low, middle)
    return 0.5 * (low + high)


@lru_cache(maxsize=8192)
def _moving(ground: Ground, pool_k: float, ground_k: float) -> float:
    """Return the strength under a moving front [W s^1/2/m2], below 0 where the pool loses heat."""
    if pool_k == FREEZING_K:
        return ground.effusivity * (ground_k - FREEZING_K)
    if ground.change is Change.THAWS:  # meltwater lies between the pool and the front
        near, latent = _STILL, ground.density_kg_m3 * FUSION_J_KG
    else:
        near, latent = _ICE, ICE_KG_M3 * FUSION_J_KG
    x = front(near, ground, pool_k, ground_k, latent)
    return near.effusivity * (FREEZING_K - pool_k) / math.erf(x)


def strength(ground: Ground, pool_k: float, ground_k: float) -> float:
    """Return S [W s^1/2/m2]: ground at `ground_k` gives a pool at `pool_k` S / sqrt(pi t) [W/m2].

    A front's strength is kept for whole kelvins from 0 C and linear between.
    """
    front_moves = (ground.change is Change.THAWS and pool_k > FREEZING_K) or (
        ground.change is Change.FREEZES and pool_k < FREEZING_K
    )
    if not front_moves:
        return ground.effusivity * (ground_k - pool_k)
    whole = math.floor(pool_k - FREEZING_K)
    share = pool_k - FREEZING_K - whole
    below = _moving(ground, FREEZING_K + whole, ground_k)
    above = _moving(ground, FREEZING_K + whole + 1, ground_k)
    return below + share * (above - below)


class GroundHeat:
    """The heat that has come out of one ground under one pool, told step by step.

    `begin(end_s)` opens a step, `heat_j(area, temperature)` says what the step would bring [J]
    if the pool ended it like that, `accept` keeps it. Within a step Y is linear in time, and the
    integral above is done exactly. Within a thermometer's error of 0 C a thawing ground is taken
    to be at most at 0 C, and water at least.
    """

    def __init__(self, ground: Ground, ground_k: float, area_m2: float, pool_k: float) -> None:
        if ground.change is Change.THAWS:
            ground_k = min(ground_k, FREEZING_K)
        elif ground.is_water:
            ground_k = max(ground_k, FREEZING_K)
        self._ground, self._ground_k = ground, ground_k
        self._first = self._last = area_m2 * strength(ground, pool_k, ground_k)
        self._time_s = self._end_s = self._slope = self._total_j = self._base_j = 0.0
        self._times: list[float] = []
        self._turns: list[float] = []

    def begin(self, end_s: float) -> None:
        """Open the step that ends at `end_s` [s], later than the last one."""
        self._end_s = end_s
        if self._ground.change is Change.STIRRED:
            return
        ages = [end_s - time_s for time_s in self._times]
        old = sum(map(mul, self._turns, map(mul, ages, map(math.sqrt, ages))))
        dt = end_s - self._time_s
        old -= self._slope * dt * math.sqrt(dt)
        self._base_j = (2.0 * math.sqrt(end_s) * self._first + 4.0 / 3.0 * old) / ROOT_PI

    def heat_j(self, area_m2: float, pool_k: float) -> float:
        """Return the heat into the pool over the open step [J], below 0 where it loses heat."""
        dt = self._end_s - self._time_s
        if self._ground.change is Change.STIRRED:
            return dt * area_m2 * self._ground.film_w_m2_k * (self._ground_k - pool_k)
        rise = area_m2 * strength(self._ground, pool_k, self._ground_k) - self._last
        return self._base_j + 4.0 / 3.0 * math.sqrt(dt) * rise / ROOT_PI - self._total_j

    def accept(self, area_m2: float, pool_k: float) -> None:
        """Close the open step with the pool as it is now."""
        self._total_j += self.heat_j(area_m2, pool_k)
        now = area_m2 * strength(self._ground, pool_k, self._ground_k)
        slope = (now - self._last) / (self._end_s - self._time_s)
        self._times.append(self._time_s)
        self._turns.append(slope - self._slope)
        self._time_s, self._last, self._slope = self._end_s, now, slope
