"""A plume that begins and ends: the closed form for a steady source of finite duration.

    c(t) = sum over steps of c_k [S(t - begin_k) - S(t - end_k)],
    S(t) = 1/2 [erf(x / (sqrt2 sx)) - erf((x - u t) / (sqrt2 sx))] for t > 0, else 0

Reference: Palazzi, De Faveri, Fumarola and Ferraiolo (1982), Atmos. Environ. 16, 2785-2790, eqs.
8-10 (one step; we add steps, for the model is linear). u = x / t(x) is the mean speed to x. sx is
0.13 x (TNO Yellow Book, CPR 14E, 2005, section 4.5.3: what the wind's shear makes of it) or, where
larger, sigma_y. Domain: straight wind; the spreads are those of the plume at x.
"""

from __future__ import annotations

import math

import numpy as np

from edge.dispersion.arrays import Floats

ALONG = 0.13
# erfc(v) = t exp(-v^2 + polynomial of t), t = 1 / (1 + v / 2): Press, Teukolsky, Vetterling and
# Flannery (1992), Numerical Recipes, section 6.2: relative error below 1.2e-7 everywhere.
ERFC_TERMS = (
    -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806,
    0.27886807, -1.13520398, 1.48851587, -0.82215223, 0.17087277,
)  # fmt: skip


def erfc(v: Floats) -> Floats:
    """Return the complementary error function, within 1.2e-7 of itself; same shape."""
    size = np.abs(v)
    t = 1 / (1 + 0.5 * size)
    poly = np.full(size.shape, ERFC_TERMS[-1])
    for term in reversed(ERFC_TERMS[:-1]):
        poly = poly * t + term
    tail = t * np.exp(-size * size + poly)
    return np.where(v >= 0, tail, 2 - tail)


def risen(t_s: Floats, x_m: Floats, speed_m_s: Floats, sigma_x_m: Floats) -> Floats:
    """Return S: the share of the steady plume that is at `x_m` [m] `t_s` [s] after the start."""
    scale = math.sqrt(2) * sigma_x_m
    share = 0.5 * (erfc((x_m - speed_m_s * t_s) / scale) - erfc(x_m / scale))
    return np.where(t_s > 0, np.clip(share, 0.0, 1.0), 0.0)


def risen_sum(t_s: Floats, x_m: Floats, speed_m_s: Floats, sigma_x_m: Floats) -> Floats:
    """Return the integral of S from 0 to `t_s` [s], in closed form; 0 before 0.

    With w = (u t - x) / sx it is sx / u [w Phi(w) + phi(w)], less the same at t = 0 and less
    t Phi(-x / sx).
    """
    t = np.maximum(t_s, 0.0)
    pace = sigma_x_m / speed_m_s
    late, early = (speed_m_s * t - x_m) / sigma_x_m, -x_m / sigma_x_m
    before = 0.5 * erfc(-early / math.sqrt(2))
    return np.maximum(pace * (_ramp(late) - _ramp(early)) - t * before, 0.0)


def _ramp(w: Floats) -> Floats:
    """Return w Phi(w) + phi(w), the integral of the normal distribution."""
    density = np.exp(-0.5 * w * w) / math.sqrt(2 * math.pi)
    return 0.5 * w * erfc(-w / math.sqrt(2)) + density


def passing(
    t_s: Floats, duration_s: float, x_m: Floats, speed_m_s: Floats, sigma_x_m: Floats
) -> Floats:
    """Return c(t) over the steady plume's for one step that lasts `duration_s` [s] from t = 0."""
    late = risen(t_s - duration_s, x_m, speed_m_s, sigma_x_m)
    return risen(t_s, x_m, speed_m_s, sigma_x_m) - late
