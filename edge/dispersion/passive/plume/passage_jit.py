"""The passage of an emission's steps, compiled: equal to `passage`.

What has not begun to come, and what has all come, needs no error function: beyond `FAR` the
closed form's terms are 0 or 1 to the last bit.
"""

from __future__ import annotations

import math

import numpy as np

from edge.dispersion.arrays import Floats
from edge.dispersion.jit import compiled
from edge.dispersion.passive.exponential import exponential
from edge.dispersion.passive.plume.finite import ERFC_TERMS
from edge.dispersion.passive.plume.passage import TAIL, WINDOWS, Places, edges, panel

FAR = 6.0
ROOT2 = math.sqrt(2)
ROOT_TWO_PI = math.sqrt(2 * math.pi)
C0, C1, C2, C3, C4, C5, C6, C7, C8, C9 = ERFC_TERMS


@compiled
def erfc(v: float) -> float:
    """As `finite.erfc`; 0 and 2 beyond `FAR`."""
    if v > FAR:
        return 0.0
    if v < -FAR:
        return 2.0
    size = abs(v)
    t = 1.0 / (1.0 + 0.5 * size)
    poly = C4 + t * (C5 + t * (C6 + t * (C7 + t * (C8 + t * C9))))
    poly = C0 + t * (C1 + t * (C2 + t * (C3 + t * poly)))
    tail = t * exponential(-size * size + poly)
    return tail if v >= 0 else 2.0 - tail


@compiled
def _ramp(w: float) -> float:
    if w > FAR * ROOT2:
        return w
    if w < -FAR * ROOT2:
        return 0.0
    return 0.5 * w * erfc(-w / ROOT2) + exponential(-0.5 * w * w) / ROOT_TWO_PI


@compiled
def _risen(t: float, x: float, speed: float, sigma: float, before: float) -> float:
    """As `finite.risen`; `before` is half of erfc(x / sqrt2 sigma)."""
    if t <= 0:
        return 0.0
    share = 0.5 * erfc((x - speed * t) / (ROOT2 * sigma)) - before
    return min(max(share, 0.0), 1.0)


@compiled
def _risen_sum(
    t: float, x: float, speed: float, sigma: float, before: float, early: float
) -> float:
    """As `finite.risen_sum`; `early` is the ramp at the start."""
    if t <= 0:
        return 0.0
    late = _ramp((speed * t - x) / sigma)
    return max(sigma / speed * (late - early) - t * before, 0.0)


@compiled
def _rate(steps: Floats, x: float, speed: float, sigma: float, t: float) -> float:
    before = 0.5 * erfc(x / (ROOT2 * sigma))
    total, ended, edge = 0.0, 0.0, math.nan
    for k in range(steps.shape[0]):
        begins, ends = steps[k, 0], steps[k, 1]
        begun = ended if begins == edge else _risen(t - begins, x, speed, sigma, before)
        if begun == 0.0 and begins >= t:
            break  # and neither has what follows
        ended, edge = _risen(t - ends, x, speed, sigma, before), ends
        total += steps[k, 2] * (begun - ended)
    return max(total, 0.0)


@compiled
def _dose(steps: Floats, x: float, speed: float, sigma: float, t: float) -> float:
    before = 0.5 * erfc(x / (ROOT2 * sigma))
    early = _ramp(-x / sigma)
    total, ended, edge = 0.0, 0.0, math.nan
    for k in range(steps.shape[0]):
        begins, ends = steps[k, 0], steps[k, 1]
        if begins >= t:
            break
        begun = ended
        if begins != edge:
            begun = _risen_sum(t - begins, x, speed, sigma, before, early)
        ended, edge = _risen_sum(t - ends, x, speed, sigma, before, early), ends
        total += steps[k, 2] * (begun - ended)
    return max(total, 0.0)


@compiled
def _mean(
    steps: Floats, x: float, speed: float, sigma: float, end: float, averaging: float
) -> float:
    if averaging == 0.0:
        return _rate(steps, x, speed, sigma, end)
    late = _dose(steps, x, speed, sigma, end)
    return (late - _dose(steps, x, speed, sigma, end - averaging)) / averaging


@compiled
def _passes(steps: Floats, x: float, time: float, sigma: float) -> tuple[float, float]:
    lag = TAIL * sigma * time / x
    start = max(time - lag, 0.0)
    return start, time + lag + steps[-1, 1] - start


@compiled
def _rates(steps: Floats, x: Floats, time: Floats, sigma: Floats, t: float, out: Floats) -> None:
    for i in range(x.size):
        out[i] = _rate(steps, x[i], x[i] / time[i], sigma[i], t)


@compiled
def _peaks(
    steps: Floats, x: Floats, time: Floats, sigma: Floats, averaging: float, out: Floats
) -> None:
    for i in range(x.size):
        speed, best = x[i] / time[i], 0.0
        for k in range(steps.shape[0]):
            end = time[i] + 0.5 * (steps[k, 0] + steps[k, 1] + averaging)
            best = max(best, _mean(steps, x[i], speed, sigma[i], end, averaging))
        if steps.shape[0] > 1:
            start, length = _passes(steps, x[i], time[i], sigma[i])
            for tick in range(WINDOWS):
                end = start + tick / (WINDOWS - 1) * (length + averaging)
                best = max(best, _mean(steps, x[i], speed, sigma[i], end, averaging))
        out[i] = best


@compiled
def _loads(
    steps: Floats,
    edges: Floats,
    shares: Floats,
    weights: Floats,
    x: Floats,
    time: Floats,
    sigma: Floats,
    unit: Floats,
    most: float,
    exponent: float,
    out: Floats,
) -> None:
    for i in range(x.size):
        start, length = _passes(steps, x[i], time[i], sigma[i])
        speed, total, low = x[i] / time[i], 0.0, start
        for edge in range(edges.size + 1):
            high = time[i] + edges[edge] if edge < edges.size else start + length
            width = high - low
            for k in range(shares.size):
                felt = unit[i] * _rate(steps, x[i], speed, sigma[i], low + shares[k] * width)
                total += min(felt, most) ** exponent * (weights[k] * width)
            low = high
        out[i] = total


def rate(steps: Floats, at: Places, t_s: float) -> Floats:
    """As `passage.rate`, at one time [s] for places (n,)."""
    out = np.empty(at.x_m.size)
    _rates(steps, at.x_m, at.time_s, at.sigma_m, float(t_s), out)
    return out


def peak(steps: Floats, at: Places, averaging_s: float) -> Floats:
    """As `passage.peak`, for places (n,)."""
    out = np.empty(at.x_m.size)
    _peaks(steps, at.x_m, at.time_s, at.sigma_m, float(averaging_s), out)
    return out


def load(steps: Floats, at: Places, unit: Floats, most: float, exponent: float) -> Floats:
    """As `passage.load`, for places (n,)."""
    out = np.empty(at.x_m.size)
    ends = edges(steps)
    places = (at.x_m, at.time_s, at.sigma_m)
    _loads(steps, ends, *panel(ends.size), *places, unit, float(most), float(exponent), out)
    return out
