"""The vertical profile of `vertical`, compiled: one height and one spread at a time."""

from __future__ import annotations

import math

from edge.dispersion.jit import compiled
from edge.dispersion.passive.vertical import COSINES, IMAGES, ROOT_TWO_PI

# the nearest of the lid's images is to the cloud itself as exp of -2 (lid - z) (lid - h) / sz^2
FAINT = 28.0  # images fainter than exp(-28), 1e-12, of the cloud are left out


@compiled
def under_lid(z: float, h: float, sz: float, lid: float) -> float:
    """Return V [1/m] where the lid is near enough to matter; `z` and `h` <= `lid`."""
    total = 0.0
    if sz >= lid:
        for n in range(1, COSINES + 1):
            k = n * math.pi / lid
            total += 2 * math.cos(k * z) * math.cos(k * h) * math.exp(-0.5 * (k * sz) ** 2)
        return (1.0 + total) / lid
    for j in range(-IMAGES, IMAGES + 1):
        up = 2 * j * lid
        total += math.exp(-0.5 * ((z - h + up) / sz) ** 2)
        total += math.exp(-0.5 * ((z + h + up) / sz) ** 2)
    return total / (ROOT_TWO_PI * sz)


@compiled
def vertical(z: float, h: float, sz: float, lid: float, reflects: bool) -> float:
    """As `vertical.vertical`, for a cloud at `h` <= `lid`; `lid` is infinite unless `reflects`."""
    if z > lid:
        return 0.0
    if 2 * (lid - z) * (lid - h) < FAINT * sz * sz:
        return under_lid(z, h, sz, lid)
    thin = 1.0 / sz
    scale = -0.5 * thin * thin
    total = 1.0 if z == h else math.exp(scale * (z - h) * (z - h))
    if reflects:
        total += math.exp(scale * (z + h) * (z + h))
    return total * (thin / ROOT_TWO_PI)
