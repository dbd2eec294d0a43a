"""The Gaussian plume of `briggs`, compiled: the same arithmetic in loops, equal to 1e-12.

`warm` compiles every kernel, or reads it from the cache.
"""

from __future__ import annotations

import math

import numpy as np

from edge.dispersion.arrays import Floats
from edge.dispersion.jit import compiled
from edge.dispersion.passive.plume.briggs import NEAREST_M, Air, Release, check_air
from edge.dispersion.passive.sigma.briggs import coefficients


@compiled
def _point(
    x: float,
    y: float,
    z: float,
    h: float,
    size: float,
    u: float,
    vane: float,
    c: tuple[float, ...],
) -> float:
    """Return the concentration per kg/s [s/m3] `x` > 0 downwind and `y` across the axis."""
    swung = vane * x / (1 + 0.9 * math.sqrt(x / (1000 * u)))
    sy = max(c[0] * x / math.sqrt(1 + c[1] * x), swung)
    sz = c[2] * x
    if c[4] == -0.5:  # Briggs' two powers without pow, which would cost as much as all the rest
        sz /= math.sqrt(1 + c[3] * x)
    elif c[4] == -1.0:
        sz /= 1 + c[3] * x
    elif c[4] != 0.0:
        sz *= (1 + c[3] * x) ** c[4]
    sy = math.sqrt(sy * sy + size * size)
    sz = math.sqrt(sz * sz + size * size)
    across = math.exp(-0.5 * (y / sy) ** 2)
    direct = math.exp(-0.5 * ((z - h) / sz) ** 2)
    mirrored = math.exp(-0.5 * ((z + h) / sz) ** 2)
    return 1.0 / (2 * math.pi * u * sy * sz) * across * (direct + mirrored)


@compiled
def _field(
    source: tuple[float, ...],
    wind: tuple[float, ...],
    c: tuple[float, ...],
    x_m: Floats,
    y_m: Floats,
    z: float,
    out: Floats,
) -> None:
    """Fill flat `out`; `source`: rate, x, y, height, size; `wind`: speed, sine, cosine, vane."""
    rate, x0, y0, h, size = source[0], source[1], source[2], source[3], source[4]
    u, sine, cosine, vane = wind[0], wind[1], wind[2], wind[3]
    for i in range(out.size):
        dx = x_m[i] - x0
        dy = y_m[i] - y0
        down = -(dx * sine + dy * cosine)
        if down > NEAREST_M:
            out[i] = rate * _point(down, dy * sine - dx * cosine, z, h, size, u, vane, c)
        else:
            out[i] = 0.0


@compiled
def _unit_matrix(
    sources: Floats,
    speeds: Floats,
    sines: Floats,
    cosines: Floats,
    vane: float,
    c: tuple[float, ...],
    points: Floats,
    out: Floats,
) -> None:
    """Fill `out` (sources, winds, points)."""
    for k in range(sources.shape[0]):
        for w in range(sines.size):
            for n in range(points.shape[0]):
                dx = points[n, 0] - sources[k, 0]
                dy = points[n, 1] - sources[k, 1]
                down = -(dx * sines[w] + dy * cosines[w])
                if down > NEAREST_M:
                    cross = dy * sines[w] - dx * cosines[w]
                    out[k, w, n] = _point(
                        down, cross, points[n, 2], sources[k, 2], sources[k, 3], speeds[k], vane, c
                    )
                else:
                    out[k, w, n] = 0.0


def field(release: Release, air: Air, x_m: Floats, y_m: Floats, z_m: float) -> Floats:
    """As `plume.field`: concentration [kg/m3] at site-metre points of any one shape."""
    check_air(air.speed_m_s, air.stability)
    angle = np.radians(air.from_deg)
    vane = float(np.radians(air.sigma_theta_deg))
    out = np.empty(x_m.shape)
    _field(
        _floats(release.rate_kg_s, release.x_m, release.y_m, release.height_m, release.size_m),
        _floats(air.speed_m_s, float(np.sin(angle)), float(np.cos(angle)), vane),
        _floats(*coefficients(air.stability)),
        np.ascontiguousarray(x_m, dtype=np.float64).ravel(),
        np.ascontiguousarray(y_m, dtype=np.float64).ravel(),
        float(z_m),
        out.ravel(),
    )
    return out


def unit_matrix(
    sources: Floats,
    speeds_m_s: Floats,
    from_deg: Floats,
    stability: str,
    points: Floats,
    sigma_theta_deg: float = 0.0,
) -> Floats:
    """As `plume.unit_matrix`: concentration per 1 kg/s [s/m3], (sources, winds, points)."""
    check_air(float(np.min(speeds_m_s, initial=np.inf)), stability)
    angles = np.radians(from_deg)
    out = np.empty((len(sources), len(from_deg), len(points)))
    _unit_matrix(
        np.ascontiguousarray(sources, dtype=np.float64),
        np.ascontiguousarray(speeds_m_s, dtype=np.float64),
        np.sin(angles),
        np.cos(angles),
        float(np.radians(sigma_theta_deg)),
        _floats(*coefficients(stability)),
        np.ascontiguousarray(points, dtype=np.float64),
        out,
    )
    return out


def _floats(*values: float) -> tuple[float, ...]:
    """Return `values` as floats: an integer among them would compile a second kernel."""
    return tuple(float(value) for value in values)


def warm() -> None:
    """Compile every kernel (or read it from the cache) so that no estimate waits for it."""
    x = np.array([10.0, 100.0])
    field(Release(1.0, 0.0, 0.0, 1.0), Air(2.0, 270.0, "D"), x, np.zeros(2), 1.5)
    unit_matrix(np.zeros((1, 4)), np.ones(1), np.array([270.0]), "D", np.ones((1, 3)))
