"""The dense puff: the same shallow-layer equations in time, for a cloud without a source.

A quarter of the symmetric cloud of half-length X, half-width B and depth h is carried (Ermak
1990). Scalar functions, compiled as they stand by `kernels_jit`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from edge.dispersion.arrays import Floats
from edge.dispersion.constants import GRAVITY
from edge.dispersion.dense.air import (
    Air,
    instant_intensity,
    lateral_rate,
    mean_wind,
    shear_rate,
    wind,
)
from edge.dispersion.dense.entrain import sideways, upward
from edge.dispersion.dense.plume import SPREAD, SQRT3, Section, ground, meander_rate
from edge.dispersion.dense.thermo import Gas, mix

M, PU, PH, PG, PB, PCORE, PZC, PW, PMEANDER, PX, LENGTH, PLUG, GX = range(13)
PUFF_SIZE = 13


class Cloud(NamedTuple):
    """A puff: a quarter of its `mass` [kg] of gas, the mean's `meander`, `landed` or not."""

    mass: float
    meander: float
    landed: float


def body(gas: Gas, air: Air, cloud: Cloud, y: Floats) -> Section:
    """Return what follows from the state `y`."""
    m = min(cloud.mass / y[M], 1.0)
    mixture = mix(gas, air, m, y[PH] / y[M])
    depth = y[M] / (mixture.density * y[PB] * y[LENGTH])
    grounded = cloud.landed > 0.5 or y[PZC] <= depth / 2.0
    top = depth if grounded else y[PZC] + depth / 2.0
    return Section(mixture, depth, mean_wind(air, top), grounded)


def rates(gas: Gas, air: Air, cloud: Cloud, y: Floats, out: Floats) -> None:
    """Write dy/dt [per s] of the puff to `out`."""
    s = body(gas, air, cloud, y)
    u, b, length, h, rho = y[PU], y[PB], y[LENGTH], s.depth, s.mixture.density
    excess, area = rho - air.density, y[PB] * y[LENGTH]
    heavy = 1.0 if excess > 0.0 else 0.0  # a cloud lighter than air has no ground flow
    vg, ug = heavy * y[PG] / y[M], heavy * y[GX] / y[M]
    v = sideways(air, b, u, s.ua, rho)
    zc = min(y[PZC], h / 2.0) if s.grounded else y[PZC]
    w = upward(air, h, zc, u, s.ua, vg, rho, s.mixture.temperature_k, 0.0)
    eddies = s.ua * lateral_rate(instant_intensity(air), length)
    vx = math.sqrt(eddies * eddies + shear_rate(air, h) ** 2)
    entrained = SQRT3 * air.density * (v * h * length + vx * h * b + w * area)
    held = ground(air, s, u, vg, area)
    push = SPREAD * GRAVITY * max(excess, 0.0) * h * h if s.grounded else 0.0
    along = ug if s.grounded else 0.0
    aside = vg if s.grounded else 0.0
    out[M], out[PH] = entrained, held.warmth
    out[PG] = push * length - held.drag * vg * abs(vg)
    out[GX] = push * b - held.drag * ug * abs(ug)
    out[PB] = SQRT3 * v * air.density / rho + aside
    out[LENGTH] = SQRT3 * vx * air.density / rho + along
    out[PCORE], out[PLUG] = aside * y[PCORE] / b, along * y[PLUG] / length
    out[PW] = 0.0 if s.grounded else -GRAVITY * excess * area * h
    sink = -(aside / b + along / length) * y[PZC]
    out[PZC] = sink if s.grounded else y[PW] / y[M]
    out[PX], out[PMEANDER] = u, u * meander_rate(cloud.meander, y[PMEANDER])
    thin = _thinning(gas, air, cloud, y, entrained, held.warmth, rho)
    deepen = entrained / y[M] - out[PB] / b - out[LENGTH] / length - thin
    lag = (wind(air, h) - s.ua) * u / max(s.ua, 1e-3) * air.density / rho
    pull = lag * deepen if s.grounded else 0.0
    out[PU] = (entrained * (s.ua - u) + held.force) / y[M] + pull


def _thinning(
    gas: Gas, air: Air, cloud: Cloud, y: Floats, entrained: float, warmth: float, rho: float
) -> float:
    """Return d ln(rho) / dt [1/s] as air and warmth come in, droplets and fog with them."""
    short = 1e-3 * y[M] / max(entrained, 1e-9 * y[M])
    mass = y[M] + entrained * short
    later = mix(gas, air, min(cloud.mass / mass, 1.0), (y[PH] + warmth * short) / mass)
    return (later.density / rho - 1.0) / short
