"""The steady dense plume: shallow-layer equations in the distance downwind.

Mass, gas, momentum along and across the wind, enthalpy and the centre's height of a cloud of
half-width B and depth h, averaged over its section (Ermak 1990; Ermak & Chan 1985). Half of the
symmetric plume is carried. Scalar functions, compiled as they stand by `kernels_jit`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from edge.dispersion.dense.air import (
    GRAVITY,
    Air,
    lateral_rate,
    mean_wind,
    wind,
)
from edge.dispersion.dense.entrain import drag_coefficient, sideways, upward
from edge.dispersion.dense.thermo import Gas, Mixture, mix

Floats = NDArray[np.float64]
SQRT3 = math.sqrt(3.0)
SPREAD = 0.75  # of g dRho h^2, the weight that drives the cloud apart
PUSH = 0.125  # of g dRho B h^2, the weight that drives it along
TOP_DRAG = 0.02
LOFT_DRAG = 0.065  # of rho_a (u - u_a)^2 B, all around a cloud aloft
GROUND_LOSS = 1.0 / 3.0  # of a landed cloud's fall, as it takes in air
MOST_PUSH = 0.8  # how near to critical flow the along-wind weight may bring it
R, U, H, G, B, CORE, ZC, W, MEANDER, TIME, Q = range(11)
SIZE = 11


class Path(NamedTuple):
    """What a plume runs along: `rate` [kg/s] of gas over `start`..`end` [m], its state there.

    `enthalpy` [J/kg] and `density` [kg/m3] of the source; `thrust` [N] half of a jet's momentum
    flux; `round` 1 where a cloud aloft keeps h = 2 B; `meander` the intensity for the mean asked;
    `landed` 1 once the cloud has touched the ground, where it then stays.
    """

    rate: float
    start: float
    end: float
    enthalpy: float
    density: float
    thrust: float
    round: float
    meander: float
    landed: float


def landed(path: Path) -> Path:
    """Return the path of a cloud that has touched the ground."""
    return Path(
        path.rate,
        path.start,
        path.end,
        path.enthalpy,
        path.density,
        path.thrust,
        path.round,
        path.meander,
        1.0,
    )


class Section(NamedTuple):
    """A plume's section: mixture, depth, mean wind, whether it is on the ground."""

    mixture: Mixture
    depth: float
    ua: float
    grounded: bool


def section(gas: Gas, air: Air, path: Path, y: Floats) -> Section:
    """Return what follows from the state `y`."""
    m = min(max(y[Q] / y[R], 0.0), 1.0)
    mixture = mix(gas, air, m, y[H] / y[R])
    depth = y[R] / (mixture.density * y[U] * y[B])
    grounded = path.landed > 0.5 or y[ZC] <= depth / 2.0
    top = depth if grounded else y[ZC] + depth / 2.0
    return Section(mixture, depth, mean_wind(air, top), grounded)


def slopes(gas: Gas, air: Air, path: Path, x: float, y: Floats, out: Floats) -> None:
    """Write dy/dx [per m] of the plume at `x` [m] to `out`."""
    s = section(gas, air, path, y)
    u, b, h, ua = y[U], y[B], s.depth, s.ua
    rho, t = s.mixture.density, s.mixture.temperature_k
    vg = y[G] / y[R] if rho > air.density else 0.0  # no ground flow of a cloud lighter than air
    wc = y[W] / y[R]
    v = sideways(air, b, u, ua, rho)
    w = upward(air, h, min(y[ZC], h / 2.0) if s.grounded else y[ZC], u, ua, vg, rho, t)
    entrained = SQRT3 * air.density * (v * h + w * b)
    supply = path.rate / 2.0 / (path.end - path.start) if x < path.end else 0.0
    excess = rho - air.density
    weight = GRAVITY * excess
    cf = drag_coefficient(air, ua)
    slip = u - ua
    force, across, warmth = 0.0, 0.0, 0.0
    top = TOP_DRAG * air.density * air.density / rho
    if s.grounded:
        force = (air.density * air.friction_m_s**2 - rho * cf * u * u) * b
        across = SPREAD * max(weight, 0.0) * h * h - (rho * cf + top) * vg * abs(vg) / 4.0 * b
        speed = math.sqrt(u * u + vg * vg / 4.0)
        warmth = rho * s.mixture.cp * cf * speed * (air.temperature_k - t) * b
        spread = (SQRT3 * v + vg) / u
    else:
        spread = SQRT3 * v * air.density / rho / u
    round_drag = top if s.grounded else LOFT_DRAG * air.density
    force -= round_drag * abs(slip) * slip * b
    gain = entrained + supply
    out[R] = gain
    out[H] = supply * path.enthalpy + warmth
    out[G] = across
    out[Q] = supply
    out[W] = -GROUND_LOSS * y[W] * gain / y[R] if s.grounded else -weight * b * h
    out[ZC] = wc / u if y[ZC] > 0.0 or wc > 0.0 else 0.0
    out[CORE] = vg * y[CORE] / (b * u)
    out[TIME] = 1.0 / u
    share = 1.0 - path.thrust / (y[R] * u) if path.thrust > 0.0 else 1.0
    out[MEANDER] = max(share, 0.0) * meander_rate(path.meander, y[MEANDER])
    base = (entrained * (ua - u) - supply * u + force) / y[R]
    volume = entrained / air.density + supply / path.density
    bulk = y[R] / rho
    thin = -volume / bulk
    if abs(excess) > 1e-12:
        thin += supply * (path.density - air.density) / path.density / (excess * bulk)
    out[U] = _accelerate(air, s, y, base, gain, spread, thin, weight)
    if path.round > 0.5 and not s.grounded:
        thinner = excess * thin / rho
        spread = 0.5 * b * (gain / y[R] - out[U] / u - thinner)
    out[B] = spread


def least_speed(air: Air, s: Section, y: Floats) -> float:
    """Return the speed [m/s] of critical flow, g' h = 4 u^2, that a cloud on the ground keeps.

    Its own weight drives it no slower: the equations have no steady answer below.
    """
    lag = max(s.mixture.density - air.density, 0.0)
    rho = s.mixture.density
    if not s.grounded:
        return 0.0
    return (2.0 * PUSH * GRAVITY * lag * y[R] / (rho * rho * y[B])) ** (1.0 / 3.0)


def meander_rate(intensity: float, sigma: float) -> float:
    """Return d(sigma)/dx of the meander of a mean."""
    return lateral_rate(intensity, SQRT3 * sigma) if intensity > 0.0 else 0.0


def _accelerate(
    air: Air,
    s: Section,
    y: Floats,
    base: float,
    gain: float,
    spread: float,
    thin: float,
    weight: float,
) -> float:
    """Return du/dx [1/s], with the depth's change that the speed itself brings about.

    Where the cloud deepens, the wind over it grows and drags it along; its own weight pushes.
    """
    u, b, h = y[U], y[B], s.depth
    rho = s.mixture.density
    if not s.grounded:
        return base
    grow = gain / y[R] - spread / b - thin * (rho - air.density) / rho
    pull = (wind(air, h) - s.ua) / h
    push = min(max(PUSH * weight * b * h * h / y[R], 0.0), MOST_PUSH * u / 2.0)
    start = base - push * (thin + spread / b)
    rise = (grow - start / u) / (1.0 / h + (pull - 2.0 * push / h) / u)
    if rise < 0.0:
        rise = (grow - start / u) / (1.0 / h - 2.0 * push / h / u)
        return start - 2.0 * push / h * rise
    return start + (pull - 2.0 * push / h) * rise
