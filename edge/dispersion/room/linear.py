"""Two well-mixed zones with constant flows: the exact step, stiff or not.

    dm/dt = A m + s,  A = [[-(g1 + c12), c21], [c12, -(g2 + c21)]], all >= 0

    m(t) = p0(A t) m0 + t p1(A t) s,  integral of m = t p1(A t) m0 + t^2 p2(A t) s

with p0(z) = e^z, p1 = (e^z - 1)/z, p2 = (e^z - 1 - z)/z^2. A function of a 2x2 matrix is that of
its two eigenvalues, f(A) = f(z1) I + f[z1, z2] (A - z1 I); both are real and not above 0. Wherever
that would cancel (stiff rooms), it is written as a sum of terms of one sign.
Reference: Higham (2008), Functions of Matrices, SIAM, section 1.2.2 and 10.7.4. This is the closed
form of the two-box (near field, far field) model, Nicas (1996), Am. Ind. Hyg. Assoc. J. 57,
542-550, for any start and source. Times in s, masses in kg.
"""

from __future__ import annotations

import math
from typing import NamedTuple

Pair = tuple[float, float]


class Rates(NamedTuple):
    """What leaves a zone per second [1/s]: out of the room, and into the other zone."""

    out_first: float
    out_second: float
    first_to_second: float
    second_to_first: float


# Gauss-Legendre of order 6 on 0-1, for a divided difference whose points nearly meet.
_GAUSS = (
    (0.033765242898424, 0.085662246189585),
    (0.169395306766868, 0.180380786524069),
    (0.380690406958402, 0.233956967286346),
    (0.619309593041598, 0.233956967286346),
    (0.830604693233132, 0.180380786524069),
    (0.966234757101576, 0.085662246189585),
)
NEAR = 0.05


def step(rates: Rates, masses: Pair, sources: Pair, seconds: float) -> tuple[Pair, Pair]:
    """Return the masses [kg] after `seconds` [s], and their integrals over it [kg s].

    `sources` [kg/s] go into each zone.
    """
    g1, g2, z21, z12 = (rate * seconds for rate in rates)
    skew = 0.5 * (g2 + z12 - g1 - z21)  # half of z11 - z22
    root = math.hypot(skew, math.sqrt(z12 * z21))
    z2 = -0.5 * (g1 + z21 + g2 + z12) - root
    z1 = -(g1 * g2 + g1 * z12 + g2 * z21) / -z2 if z2 < 0 else 0.0
    # z11 - z2 = z1 - z22 and z22 - z2 = z1 - z11: sums, or quotients where they would cancel.
    above = skew + root if skew >= 0 else z12 * z21 / (root - skew)
    below = root - skew if skew <= 0 else z12 * z21 / (root + skew)

    def apply(order: int, vector: Pair) -> Pair:
        f1, f2, slope = _p(order, z1), _p(order, z2), _divided(order, z1, z2)
        x, y = vector
        if 2 * root > NEAR * (1 + abs(z1)):
            first = (f1 * above + f2 * below) / (2 * root)
            second = (f1 * below + f2 * above) / (2 * root)
        else:
            first, second = f1 - slope * below, f1 - slope * above
        return first * x + slope * z12 * y, slope * z21 * x + second * y

    given = (sources[0] * seconds, sources[1] * seconds)
    now, added = apply(0, masses), apply(1, given)
    held, grown = apply(1, masses), apply(2, given)
    return (
        (now[0] + added[0], now[1] + added[1]),
        (seconds * (held[0] + grown[0]), seconds * (held[1] + grown[1])),
    )


def _p(order: int, z: float) -> float:
    """Return p0, p1, p2 or p3 at z <= 0; p_k = (p_(k-1) - 1/(k-1)!) / z."""
    if order == 0:
        return math.exp(z)
    if abs(z) < 1.0:
        term = 1 / math.factorial(order)
        total = term
        for n in range(1, 20):
            term *= z / (n + order)
            total += term
        return total
    if order == 1:
        return math.expm1(z) / z
    return (_p(order - 1, z) - 1 / math.factorial(order - 1)) / z


def _slope(order: int, z: float) -> float:
    """Return dp/dz at z <= 0: p_k' = p_k - k p_(k+1), or (p_(k-1)' - p_k) / z away from 0."""
    if order == 0:
        return math.exp(z)
    if abs(z) < 1.0:
        return _p(order, z) - order * _p(order + 1, z)
    return (_slope(order - 1, z) - _p(order, z)) / z


def _divided(order: int, z1: float, z2: float) -> float:
    """Return (p(z1) - p(z2)) / (z1 - z2); its limit, the slope, where they meet."""
    if abs(z1 - z2) > NEAR * (1 + abs(z1)):
        return (_p(order, z1) - _p(order, z2)) / (z1 - z2)
    return sum(weight * _slope(order, z2 + place * (z1 - z2)) for place, weight in _GAUSS)
