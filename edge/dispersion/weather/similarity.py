"""Monin-Obukhov similarity: the wind's profile near the ground, and u* from one wind.

    u(z) = u* / k [ln(z / z0) - psi_m(z / L) + psi_m(z0 / L)]

Unstable psi_m: Paulson (1970), J. Appl. Meteor. 9, 857-861, eq. 8-10, for the gradient
phi_m = (1 - 16 z/L)^-1/4 of Dyer (1974), Boundary-Layer Meteor. 7, 363-372 (k = 0.40; the slopes
of Hoegstroem 1988, Boundary-Layer Meteor. 42, 55-78, scaled to k = 0.40, differ by < 5 %). Stable
psi_m: Beljaars and Holtslag (1991), J. Appl. Meteor. 30, 327-341, eq. 28: it starts as the usual
-5 z/L and bends beyond z/L = 0.5, so that no cap is needed. Domain: flat ground of one roughness,
z from a few z0 to about a tenth of the mixing height. SI units; 1/L in 1/m throughout, because it
goes through neutral (0) without a break.
"""

from __future__ import annotations

import math

from edge.dispersion.constants import GRAVITY, dry_air_kg_m3

KARMAN = 0.40
AIR_CP = 1005.0  # J/kg/K
DYER = 16.0
# Beljaars and Holtslag (1991), p. 336: psi_m = -[a x + b (x - c/d) exp(-d x) + b c / d].
BH_A, BH_B, BH_C, BH_D = 1.0, 0.667, 5.0, 0.35
LOWEST_ROUGHNESSES = 3.0  # the profile is held constant below this many z0: among the obstacles


def psi_m(zeta: float) -> float:
    """Return the stability correction of the wind profile at `zeta` = z / L (any sign)."""
    if zeta >= 0:
        tail = BH_B * (zeta - BH_C / BH_D) * math.exp(-BH_D * zeta)
        return -(BH_A * zeta + tail + BH_B * BH_C / BH_D)
    x = (1 - DYER * zeta) ** 0.25
    return 2 * math.log((1 + x) / 2) + math.log((1 + x * x) / 2) - 2 * math.atan(x) + math.pi / 2


def phi_m(zeta: float) -> float:
    """Return the dimensionless wind gradient k z / u* du/dz at `zeta` = z / L: 1 - zeta psi_m'."""
    if zeta < 0:
        return (1 - DYER * zeta) ** -0.25
    bend = math.exp(-BH_D * zeta) * (1 + BH_C - BH_D * zeta)
    return 1 + zeta * (BH_A + BH_B * bend)


def resistance(height_m: float, roughness_m: float, inverse_length_1_m: float) -> float:
    """Return k u / u* at `height_m` [m] > `roughness_m` [m]: the bracket of the profile, > 0."""
    return (
        math.log(height_m / roughness_m)
        - psi_m(height_m * inverse_length_1_m)
        + psi_m(roughness_m * inverse_length_1_m)
    )


def friction_velocity(
    speed_m_s: float, height_m: float, roughness_m: float, inverse_length_1_m: float
) -> float:
    """Return u* [m/s] from the wind [m/s] at `height_m` [m] when 1/L is known."""
    return KARMAN * speed_m_s / resistance(height_m, roughness_m, inverse_length_1_m)


def wind_speed(
    friction_m_s: float, height_m: float, roughness_m: float, inverse_length_1_m: float
) -> float:
    """Return the wind [m/s] at `height_m` [m]; held constant below 3 z0, where no profile is."""
    height = max(height_m, LOWEST_ROUGHNESSES * roughness_m)
    return friction_m_s / KARMAN * resistance(height, roughness_m, inverse_length_1_m)


def inverse_length(friction_m_s: float, heat_w_m2: float, pressure_pa: float) -> float:
    """Return 1/L = -k g H / (rho cp T u*^3) [1/m], rho T = p / R; H > 0 [W/m2] warms the air."""
    rho_t = dry_air_kg_m3(1.0, pressure_pa)  # density times temperature
    return -KARMAN * GRAVITY * heat_w_m2 / (rho_t * AIR_CP * friction_m_s**3)


def heated(
    speed_m_s: float,
    height_m: float,
    roughness_m: float,
    heat_w_m2: float,
    pressure_pa: float,
) -> float:
    """Return 1/L [1/m] over ground that gives off `heat_w_m2` >= 0 [W/m2], from one wind.

    u* and L are each other's: k u = u* [ln(z/z0) - psi_m(z/L(u*)) + psi_m(z0/L(u*))] has one root,
    for the right side grows with u*. Found by bisection to 1e-12.
    """
    if heat_w_m2 <= 0:
        return 0.0

    def excess(friction: float) -> float:
        over_l = inverse_length(friction, heat_w_m2, pressure_pa)
        return friction * resistance(height_m, roughness_m, over_l) - KARMAN * speed_m_s

    low = friction_velocity(speed_m_s, height_m, roughness_m, 0.0)
    high = 2 * low
    while excess(high) < 0:
        high *= 2
    while high - low > 1e-12 * high:
        middle = 0.5 * (low + high)
        if excess(middle) < 0:
            low = middle
        else:
            high = middle
    return inverse_length(high, heat_w_m2, pressure_pa)


def cooled(
    speed_m_s: float,
    height_m: float,
    roughness_m: float,
    theta_star_k: float,
    temperature_k: float,
) -> float:
    """Return 1/L [1/m] over cooling ground with temperature scale `theta_star_k` >= 0 [K].

    u* = C u / 2 [1 + exp(-r^2 / 2)] / [1 - exp(-2 / r)], r = u_c / u, u_c = 2 u0 / sqrt(C),
    C = k / ln(z/z0), u0^2 = 5 z g theta* / T; 1/L = k g theta* / (T u*^2). Qian and Venkatram
    (2011), Boundary-Layer Meteor. 138, 475-491, eq. 17-19 (AERMET's ADJ_U*). Unlike a given flux,
    it has a root at every wind: no jump where the turbulence would die.
    """
    if theta_star_k <= 0:
        return 0.0
    drag = KARMAN / math.log(height_m / roughness_m)
    buoyancy = GRAVITY * theta_star_k / temperature_k
    critical = 2 * math.sqrt(5 * height_m * buoyancy / drag)
    r = max(critical / speed_m_s, 1e-6)
    friction = 0.5 * drag * speed_m_s * (1 + math.exp(-0.5 * r * r)) / -math.expm1(-2 / r)
    return KARMAN * buoyancy / friction**2
