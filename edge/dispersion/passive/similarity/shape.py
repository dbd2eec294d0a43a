"""The vertical shape of a plume over ground: exact for a power-law wind and diffusivity.

    D(z) = exp(-(z^a - h^a)^2 / tau) I0e(2 (z h)^a / tau) / N,   a = s / 2,   integral of D dz = 1

I0e(v) = exp(-v) I0(v). At h = 0 it is exp(-z^s / tau); far above the ground and close to the
source it is a Gaussian round h. Reference: Huang (1979), Atmos. Environ. 13, 453-463, eq. 20
with the diffusivity's power 1 (after Smith 1957 and Yeh and Huang 1975); N by quadrature, so that
the mass is whole. I0: Abramowitz and Stegun (1964), 9.8.1 and 9.8.2, within 2e-7.

Under a lid the part above it is folded back (`folded`), which keeps the mass whatever the shape.
"""

from __future__ import annotations

import numpy as np

from edge.dispersion.arrays import Floats
from edge.dispersion.passive.similarity.upward import SHAPE

HALF = SHAPE / 2
TAIL = 6.0  # standard deviations in z^a that the quadrature covers
NODES = 48
IMAGES = 12  # folds: enough up to MIXED lids of mean height
LEAST = 1e-18  # an image that nowhere adds more than this is the last
MIXED = 3.0  # mean height over lid from which the gas is even below the lid
_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(NODES)
_SMALL = (1.0, 3.5156229, 3.0899424, 1.2067492, 0.2659732, 0.0360768, 0.0045813)
_LARGE = (
    0.39894228, 0.01328592, 0.00225319, -0.00157565, 0.00916281,
    -0.02057706, 0.02635537, -0.01647633, 0.00392377,
)  # fmt: skip


def bessel_i0e(v: Floats) -> Floats:
    """Return exp(-v) I0(v) for v >= 0, within 2e-7."""
    small = np.minimum(v, 3.75)
    near = np.exp(-small) * np.polynomial.polynomial.polyval((small / 3.75) ** 2, _SMALL)
    large = np.maximum(v, 3.75)
    far = np.polynomial.polynomial.polyval(3.75 / large, _LARGE) / np.sqrt(large)
    return np.where(v < 3.75, near, far)


def bare(z_m: Floats, height_m: float, tau: Floats) -> Floats:
    """Return N D(z) at `z_m` >= 0 [m] for a source at `height_m` [m]; arrays broadcast."""
    z, h = z_m**HALF, height_m**HALF
    return np.exp(-((z - h) ** 2) / tau) * bessel_i0e(2 * z * h / tau)


def heights(height_m: float, tau: Floats) -> tuple[Floats, Floats]:
    """Return heights (n, NODES) [m] and weights [m] that integrate over z for each of `tau` (n,).

    Gauss and Legendre's in r = z^(1/4), where the shape is smooth at the ground.
    """
    middle, reach = height_m**HALF, TAIL * np.sqrt(0.5 * tau)
    low = np.maximum(middle - reach, 0.0) ** (0.25 / HALF)
    high = (middle + reach) ** (0.25 / HALF)
    r = low[:, None] + 0.5 * (high - low)[:, None] * (_POINTS + 1)
    return r**4, 4 * r**3 * 0.5 * (high - low)[:, None] * _WEIGHTS


def norm(height_m: float, tau: Floats) -> Floats:
    """Return N [m] for each of `tau` (n,)."""
    z, weight = heights(height_m, tau)
    return np.sum(weight * bare(z, height_m, tau[:, None]), axis=1)


def folded(
    z_m: Floats, height_m: float, tau: Floats, n: Floats, mean_m: Floats, lid_m: float
) -> Floats:
    """Return D(z) [1/m] under a lid at `lid_m` [m] (inf: none); 0 above the lid.

    `tau`, `n` (N) and `mean_m` (the ground source's zbar) broadcast with `z_m`. From a mean height
    of `MIXED` lids on the gas is even: 1 / lid.
    """
    total = bare(z_m, height_m, tau)
    if not np.isfinite(lid_m):
        return total / n
    for k in range(1, IMAGES + 1):
        mirrored = bare(2 * k * lid_m - np.minimum(z_m, lid_m), height_m, tau)
        total = total + mirrored + bare(2 * k * lid_m + z_m, height_m, tau)
        if not np.any(mirrored > LEAST):
            break
    even = np.where(mean_m >= MIXED * lid_m, 1 / lid_m, total / n)
    return np.where(z_m <= lid_m, even, 0.0)
