"""A dense cloud's concentration at points: flat in the middle, erf-edged, Gaussian upwards.

c = F (B h / 2 b s sqrt(2 pi)) [erf((y + b) / q) - erf((y - b) / q)] [exp(-(z - zc)^2 / 2 s^2) +
exp(-(z + zc)^2 / 2 s^2)], q = sqrt(2) sigma_y, 3 sigma_y^2 = B^2 - b^2 widened by meander;
s = (h - zc) / sqrt(3) on the ground; along the wind alike with X and its flat part (Ermak
1990). Scalar loops, compiled as they stand by `kernels_jit`.
"""

from __future__ import annotations

import math

import numpy as np

from edge.dispersion.arrays import Floats
from edge.dispersion.dense.march import (
    CENTRE,
    CORE_COL,
    DEPTH,
    FRACTION,
    GROUNDED,
    HALF,
    LONG,
    MEAN,
    PLUG_COL,
    SPEED,
    TEMPERATURE,
    X,
)
from edge.dispersion.dense.march import T as TIME_COL

ROOT2, ROOT3, ROOT_2PI = math.sqrt(2.0), math.sqrt(3.0), math.sqrt(2.0 * math.pi)
# the columns of a table: place, time, then ln amplitude, ln sigma_y^2, ln b, zc, ln s, meander,
# speed, flat half-length, sigma_x, temperature
F_X, F_T, F_AMP, F_VAR, F_CORE, F_ZC, F_SIG, F_MEAN, F_U, F_FLAT, F_SIGX, F_TEMP = range(12)
F_COLUMNS = 12


def tabulate(rows: Floats, table: Floats) -> None:
    """Write the field's table of a march's `rows`."""
    for n in range(rows.shape[0]):
        row = rows[n]
        width, core, zc = row[HALF], row[CORE_COL], row[CENTRE]
        if row[GROUNDED] > 0.5:
            zc = min(zc, 0.45 * row[DEPTH])
            sigma = (row[DEPTH] - zc) / ROOT3
        else:
            sigma = row[DEPTH] / 2.0 / ROOT3
        amplitude = row[FRACTION] * width * row[DEPTH] / (2.0 * core * sigma * ROOT_2PI)
        flat, sigma_x = 0.0, 0.0
        if row[LONG] > 0.0:
            flat = row[PLUG_COL]
            amplitude *= row[LONG] / flat
            sigma_x = math.sqrt(max(row[LONG] ** 2 - flat**2, 1e-12 * flat**2) / 3.0)
        table[n, F_X], table[n, F_T] = row[X], row[TIME_COL]
        table[n, F_AMP] = math.log(max(amplitude, 1e-300))
        table[n, F_VAR] = math.log(max((width * width - core * core) / 3.0, 1e-12))
        table[n, F_CORE], table[n, F_ZC], table[n, F_SIG] = math.log(core), zc, math.log(sigma)
        table[n, F_MEAN], table[n, F_U] = row[MEAN], row[SPEED]
        table[n, F_FLAT], table[n, F_SIGX], table[n, F_TEMP] = flat, sigma_x, row[TEMPERATURE]


def pick(table: Floats, column: int, at: float, out: Floats) -> None:
    """Write the table's line where `column` is `at` to `out`, linear between lines."""
    low, high = 0, table.shape[0] - 1
    while high - low > 1:
        middle = (low + high) // 2
        if table[middle, column] <= at:
            low = middle
        else:
            high = middle
    span = table[high, column] - table[low, column]
    share = (at - table[low, column]) / span if span > 0.0 else 0.0
    share = min(max(share, 0.0), 1.0)
    for i in range(F_COLUMNS):
        out[i] = table[low, i] + share * (table[high, i] - table[low, i])


def across(line: Floats, y: float, z: float, widen: float) -> float:
    """Return the volume fraction at (y, z) of a line's section; `widen` scales its meander."""
    core, zc, sigma = math.exp(line[F_CORE]), line[F_ZC], math.exp(line[F_SIG])
    q = ROOT2 * math.sqrt(math.exp(line[F_VAR]) + (widen * line[F_MEAN]) ** 2)
    side = math.erf((y + core) / q) - math.erf((y - core) / q)
    up = math.exp(-((z - zc) ** 2) / (2.0 * sigma * sigma))
    up += math.exp(-((z + zc) ** 2) / (2.0 * sigma * sigma))
    return min(math.exp(line[F_AMP]) * side * up, 1.0)


def along(line: Floats, offset: float) -> float:
    """Return the share of a puff's middle value at `offset` [m] from the middle."""
    q, flat = ROOT2 * line[F_SIGX], line[F_FLAT]
    return 0.5 * (math.erf((offset + flat) / q) - math.erf((offset - flat) / q))


def passing_mean(line: Floats, averaging_s: float) -> float:
    """Return the mean over `averaging_s` [s] of `along` as the puff passes, at its best."""
    q, flat = ROOT2 * line[F_SIGX], line[F_FLAT]
    half = max(line[F_U] * averaging_s / 2.0, 1e-9)
    if half < 1e-3 * q:
        return math.erf(flat / q)
    mean = q / (2.0 * half) * (_ramp((half + flat) / q) - _ramp((half - flat) / q))
    return min(mean, math.erf(flat / q))


def _ramp(s: float) -> float:
    """Return an antiderivative of erf."""
    return s * math.erf(s) + math.exp(-s * s) / math.sqrt(math.pi)


def highest(line: Floats, widen: float) -> float:
    """Return the greatest volume fraction of a line's section on its axis, at any height."""
    zc, sigma = line[F_ZC], math.exp(line[F_SIG])
    if zc <= sigma:
        return across(line, 0.0, 0.0, widen)
    z = zc
    for _ in range(20):  # the fixed point of d/dz = 0
        z = zc * math.tanh(z * zc / (sigma * sigma))
    return across(line, 0.0, z, widen)


def snapshot(
    steady: Floats, table: Floats, duration_s: float, t: float, points: Floats, out: Floats
) -> None:
    """Write the volume fraction at `points` (x, y, z rows, in the wind's frame) at `t` [s].

    While the source lasts it is the `steady` plume's, as far as the gas has come; then the
    section belongs to the place and the extent along the wind to the time. An instant puff (no
    `steady` lines) has one section at a time.
    """
    line, now = np.zeros(F_COLUMNS), np.zeros(F_COLUMNS)
    instant = steady.shape[0] == 0
    after = instant or t >= duration_s
    if after:
        pick(table, F_T, max(t, table[0, F_T]), now)
    for n in range(points.shape[0]):
        x = points[n, 0]
        out[n] = 0.0
        if instant:
            out[n] = across(now, points[n, 1], points[n, 2], 1.0) * along(now, x - now[F_X])
            continue
        if x < steady[0, F_X]:
            continue
        reach = 1.0
        if after and now[F_FLAT] > 0.0:
            pick(table, F_X, x, line)
            reach = along(now, x - now[F_X])
        else:
            pick(steady, F_X, x, line)
            if line[F_T] > t or x > steady[steady.shape[0] - 1, F_X]:
                reach = 0.0
        if reach > 0.0:
            out[n] = across(line, points[n, 1], points[n, 2], 1.0) * reach * thin(table, x)


def thin(table: Floats, x: float) -> float:
    """Return the further dilution beyond the table's end, as the square of the distance."""
    last = table[table.shape[0] - 1, F_X]
    return (last / x) ** 2 if x > last > 0.0 else 1.0


def greatest(
    table: Floats,
    first_puff: int,
    duration_s: float,
    averaging_s: float,
    widen: float,
    points: Floats,
    out: Floats,
) -> None:
    """Write the greatest mean over `averaging_s` [s] at `points`, as the cloud passes."""
    line = np.zeros(F_COLUMNS)
    for n in range(points.shape[0]):
        x, y, z = points[n, 0], points[n, 1], points[n, 2]
        out[n] = 0.0
        if x < table[0, F_X]:
            if first_puff == 0:
                out[n] = _upwind(table, averaging_s, widen, x, y, z)
            continue
        pick(table, F_X, x, line)
        share = min(duration_s / max(averaging_s, 1e-9), 1.0) if first_puff > 0 else 1.0
        if line[F_FLAT] > 0.0 and line[F_SIGX] > 0.0 and line[F_T] >= duration_s:
            share = passing_mean(line, averaging_s)
        out[n] = across(line, y, z, widen) * share * thin(table, x)


def _upwind(table: Floats, averaging_s: float, widen: float, x: float, y: float, z: float) -> float:
    """Return the greatest mean upwind of an instant release, into which the cloud spreads.

    Lines that cannot beat the best are passed over: those too far off for `along` to be more than
    0 in a float, and as `passing_mean` is at most `centre` and `across` at most 4 exp(amplitude).
    """
    best = 0.0
    for i in range(table.shape[0]):
        line = table[i]
        if x - line[F_X] + line[F_FLAT] < -6.0 * ROOT2 * line[F_SIGX]:
            continue
        most = 4.0 * math.exp(line[F_AMP])
        if most <= best:
            continue
        reach = along(line, x - line[F_X])
        if most * reach <= best:
            continue
        centre = math.erf(line[F_FLAT] / (ROOT2 * line[F_SIGX]))
        share = reach * passing_mean(line, averaging_s) / centre
        best = max(best, across(line, y, z, widen) * share)
    return best


def dose(
    table: Floats,
    first_puff: int,
    duration_s: float,
    exponent: float,
    points: Floats,
    out: Floats,
) -> None:
    """Write the integral of (volume fraction)^exponent over time [s] at `points`."""
    line, steps = np.zeros(F_COLUMNS), 40
    for n in range(points.shape[0]):
        x = points[n, 0]
        out[n] = 0.0
        if x < table[0, F_X]:
            if first_puff == 0:
                out[n] = _upwind_dose(table, exponent, x, points[n, 1], points[n, 2])
            continue
        pick(table, F_X, x, line)
        middle = across(line, points[n, 1], points[n, 2], 1.0) * thin(table, x)
        if line[F_T] < duration_s or line[F_FLAT] <= 0.0:
            out[n] = middle**exponent * duration_s
            continue
        reach = line[F_FLAT] + 5.0 * line[F_SIGX]
        total = 0.0
        for i in range(steps):
            share = along(line, reach * (i + 0.5) / steps)
            total += max(share, 0.0) ** exponent
        out[n] = middle**exponent * total * 2.0 * reach / steps / max(line[F_U], 1e-3)


def _upwind_dose(table: Floats, exponent: float, x: float, y: float, z: float) -> float:
    """Return the load upwind of an instant release, the trapezium over its times."""
    total, before, earlier = 0.0, 0.0, table[0, F_T]
    for i in range(table.shape[0]):
        line = table[i]
        now = (across(line, y, z, 1.0) * max(along(line, x - line[F_X]), 0.0)) ** exponent
        total += 0.5 * (before + now) * (line[F_T] - earlier)
        before, earlier = now, line[F_T]
    return total
