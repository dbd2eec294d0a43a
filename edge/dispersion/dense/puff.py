"""The dense puff: the same shallow-layer equations in time, for a cloud without a source.

A quarter of the symmetric cloud of half-length X, half-width B and depth h is carried (Ermak
1990). Scalar functions, compiled as they stand by `kernels_jit`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from edge.dispersion.dense.air import (
    GRAVITY,
    Air,
    instant_intensity,
    lateral_rate,
    mean_wind,
    shear_rate,
    wind,
)
from edge.dispersion.dense.entrain import drag_coefficient, sideways, upward
from edge.dispersion.dense.plume import GROUND_LOSS, SPREAD, SQRT3, TOP_DRAG, Section, meander_rate
from edge.dispersion.dense.thermo import Gas, mix

Floats = NDArray[np.float64]
M, PU, PH, PG, PB, PCORE, PZC, PW, PMEANDER, PX, LENGTH, PLUG, GX = range(13)
PUFF_SIZE = 13


class Cloud(NamedTuple):
    """A puff: a quarter of its `mass` [kg] of gas; `meander` for the mean asked; `landed` or not."""

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
    u, b, length, h, ua = y[PU], y[PB], y[LENGTH], s.depth, s.ua
    rho, t = s.mixture.density, s.mixture.temperature_k
    heavy = rho > air.density  # a cloud lighter than air has no flow along the ground
    vg, ug = (y[PG] / y[M], y[GX] / y[M]) if heavy else (0.0, 0.0)
    wc = y[PW] / y[M]
    v = sideways(air, b, u, ua, rho)
    w = upward(air, h, min(y[PZC], h / 2.0) if s.grounded else y[PZC], u, ua, vg, rho, t)
    eddies = ua * lateral_rate(instant_intensity(air), length)
    vx = math.sqrt(eddies * eddies + shear_rate(air, h) ** 2)
    entrained = SQRT3 * air.density * (v * h * length + vx * h * b + w * b * length)
    excess = rho - air.density
    weight = GRAVITY * excess
    cf = drag_coefficient(air, ua)
    slip = u - ua
    area = b * length
    top = TOP_DRAG * air.density * air.density / rho
    force = -top * abs(slip) * slip * area
    widen, stretch = SQRT3 * v, SQRT3 * vx * air.density / rho
    out[PG], out[GX], out[PH] = 0.0, 0.0, 0.0
    if s.grounded:
        pushed = max(weight, 0.0)
        force += (air.density * air.friction_m_s**2 - rho * cf * u * u) * area
        drag = (rho * cf + top) / 4.0 * area
        out[PG] = SPREAD * pushed * h * h * length - drag * vg * abs(vg)
        out[GX] = SPREAD * pushed * h * h * b - drag * ug * abs(ug)
        speed = math.sqrt(u * u + vg * vg / 4.0)
        out[PH] = rho * s.mixture.cp * cf * speed * (air.temperature_k - t) * area
        widen += vg
        stretch += ug
    out[M] = entrained
    out[PB] = widen
    out[LENGTH] = stretch
    out[PCORE] = vg * y[PCORE] / b
    out[PLUG] = ug * y[PLUG] / length
    out[PW] = -GROUND_LOSS * y[PW] * entrained / y[M] if s.grounded else -weight * area * h
    out[PZC] = wc if y[PZC] > 0.0 or wc > 0.0 else 0.0
    out[PX] = u
    out[PMEANDER] = u * meander_rate(cloud.meander, y[PMEANDER])
    thin = -entrained * rho / (air.density * y[M])
    deepen = entrained / y[M] - widen / b - stretch / length - thin * excess / rho
    pull = max(wind(air, h) - ua, 0.0) * max(deepen, 0.0) if s.grounded else 0.0
    out[PU] = (entrained * (ua - u) + force) / y[M] + pull
