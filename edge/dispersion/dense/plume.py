"""The steady dense plume: shallow-layer equations in the distance downwind.

Mass, gas, momentum along and across the wind, enthalpy and the centre's height of a cloud of
half-width B and depth h, averaged over its section (Ermak 1990; Ermak & Chan 1985). Half of the
symmetric plume is carried. Scalar functions, compiled as they stand by `kernels_jit`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from edge.dispersion.arrays import Floats
from edge.dispersion.constants import GRAVITY
from edge.dispersion.dense.air import Air, lateral_rate, mean_wind, wind
from edge.dispersion.dense.entrain import drag_coefficient, sideways, upward
from edge.dispersion.dense.thermo import Gas, Mixture, mix

SQRT3 = math.sqrt(3.0)
SPREAD = 0.75  # of g dRho h^2, the weight that drives the cloud apart
PUSH = 0.125  # of g dRho B h^2, the weight that drives it along
TOP_DRAG = 0.02
LOFT_DRAG = 0.065  # of rho_a (u - u_a)^2 B, all around a cloud aloft
LITTLE = 1e-3  # of the top's height: where the wind below is looked at
MOST_PUSH = 0.8  # how near to critical flow the along-wind weight may bring it
R, U, H, G, B, CORE, ZC, W, MEANDER, TIME, Q = range(11)
SIZE = 11


class Path(NamedTuple):
    """What a plume runs along: `rate` [kg/s] of gas over `start`..`end` [m], its state there.

    `enthalpy` [J/kg] and `density` [kg/m3] of the source; `thrust` [N] half of a jet's momentum
    flux; `round` 1 where a cloud aloft keeps h = 2 B; `meander` the intensity for the mean asked;
    `landed` 1 once the cloud has touched the ground, where it then stays;
    `blow` [m/s] the vapour's speed off a pool.
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
    blow: float


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
        path.blow,
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


class Ground(NamedTuple):
    """What ground and wind do over an area.

    `force` along the wind, `drag` on the cloud's own spreading per speed squared, `warmth`.
    """

    force: float
    drag: float
    warmth: float


def ground(air: Air, s: Section, u: float, vg: float, area: float) -> Ground:
    """Return the ground's and the wind's hold on a cloud of speed `u`, spreading at `vg` [m/s].

    Aloft there is no ground: a drag all round.
    """
    rho, slip = s.mixture.density, u - s.ua
    if not s.grounded:
        return Ground(-LOFT_DRAG * air.density * abs(slip) * slip * area, 0.0, 0.0)
    cf = drag_coefficient(air, s.ua)
    top = TOP_DRAG * air.density * air.density / rho
    force = (rho * air.friction_m_s**2 - rho * cf * u * u - top * abs(slip) * slip) * area
    speed = math.sqrt(u * u + vg * vg / 4.0)
    cold = air.temperature_k - s.mixture.temperature_k
    warmth = rho * s.mixture.cp * cf * speed * cold * area
    return Ground(force, (rho * cf + top) / 4.0 * area, warmth)


def slopes(gas: Gas, air: Air, path: Path, x: float, y: Floats, out: Floats) -> None:
    """Write dy/dx [per m] of the plume at `x` [m] to `out`."""
    s = section(gas, air, path, y)
    u, b, h, rho = y[U], y[B], s.depth, s.mixture.density
    excess = rho - air.density
    vg = y[G] / y[R] if excess > 0.0 else 0.0  # no ground flow of a cloud lighter than air
    v = sideways(air, b, u, s.ua, rho)
    zc = min(y[ZC], h / 2.0) if s.grounded else y[ZC]
    blow = path.blow if x < path.end else 0.0
    w = upward(air, h, zc, u, s.ua, vg, rho, s.mixture.temperature_k, blow)
    entrained = SQRT3 * air.density * (v * h + w * b)
    supply = path.rate / 2.0 / (path.end - path.start) if x < path.end else 0.0
    gain, held = entrained + supply, ground(air, s, u, vg, b)
    push = SPREAD * GRAVITY * max(excess, 0.0) * h * h if s.grounded else 0.0
    spread = (
        (SQRT3 * v * air.density / rho + vg) / u
        if s.grounded
        else SQRT3 * v * air.density / rho / u
    )
    share = 1.0 - path.thrust / (y[R] * u) if path.thrust > 0.0 else 1.0
    fall = 0.0 if s.grounded else -GRAVITY * excess * b * h
    base = (entrained * (s.ua - u) - supply * u + held.force) / y[R]
    thin = _thinning(air, path, y, entrained, supply, rho)
    out[R], out[Q], out[H] = gain, supply, supply * path.enthalpy + held.warmth
    out[G], out[W], out[TIME] = push - held.drag * vg * abs(vg), fall, 1.0 / u
    out[ZC] = -vg * y[ZC] / (b * u) if s.grounded else y[W] / y[R] / u
    out[CORE] = vg * y[CORE] / (b * u)
    out[MEANDER] = max(share, 0.0) * meander_rate(path.meander, y[MEANDER])
    out[U] = _accelerate(air, s, y, base, gain, spread, thin, GRAVITY * excess)
    if path.round > 0.5 and not s.grounded:
        spread = 0.5 * b * (gain / y[R] - out[U] / u - excess * thin / rho)
    out[B] = spread


def _thinning(
    air: Air, path: Path, y: Floats, entrained: float, supply: float, rho: float
) -> float:
    """Return d ln(rho - rho_a) / dx [1/m], as if volumes added up."""
    bulk, excess = y[R] / rho, rho - air.density
    thin = -(entrained / air.density + supply / path.density) / bulk
    if abs(excess) > 1e-12:
        thin += supply * (path.density - air.density) / path.density / (excess * bulk)
    return thin


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
    grow = gain / y[R] - spread / b - thin * (rho - air.density) / rho
    if not s.grounded:
        top = y[ZC] + h / 2.0
        lag = (s.ua - mean_wind(air, (1.0 - LITTLE) * top)) / (LITTLE * top)
        lag *= u / max(s.ua, 1e-3) * air.density / rho
        return base + lag * (y[W] / (y[R] * u) + h * grow / 2.0)
    pull = (wind(air, h) - s.ua) / h * air.density / rho
    push = min(max(PUSH * weight * b * h * h / y[R], 0.0), MOST_PUSH * u / 2.0)
    start = base - push * (thin + spread / b)
    rise = (grow - start / u) / (1.0 / h + (pull - 2.0 * push / h) / u)
    return start + (pull - 2.0 * push / h) * rise
