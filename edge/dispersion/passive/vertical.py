"""How a cloud's mass lies over height: between a ground that reflects and a lid that does too.

    V = sum over j of [exp(-(z - h + 2 j H)^2 / 2 sz^2) + exp(-(z + h + 2 j H)^2 / 2 sz^2)]
        / (sqrt(2 pi) sz)

References: Turner (1970), Workbook of Atmospheric Dispersion Estimates, EPA AP-26, eq. 5.8;
EPA-454/B-95-003b (ISC3), eq. 1-50. Once sz is as large as H the images are many, and the same sum
is written as its cosine series (Poisson's summation formula):

    V = [1 + 2 sum over n of cos(n pi z / H) cos(n pi h / H) exp(-(n pi sz / H)^2 / 2)] / H

Three images each way below sz = H and three cosines from there on are exact to 1e-7 and join
without a step. The integral of V over 0 … H is 1. `vertical_jit` computes the same, one height at
a time, and is tested equal.
"""

from __future__ import annotations

import math

import numpy as np

from edge.dispersion.arrays import Floats
from edge.dispersion.notes import RefusedError

IMAGES, COSINES = 3, 3
ROOT_TWO_PI = math.sqrt(2 * math.pi)


def vertical(
    z_m: Floats | float,
    height_m: float,
    sigma_z_m: Floats,
    lid_m: Floats | float,
    reflects: bool = True,
) -> Floats:
    """Return V [1/m] at heights `z_m` >= 0 of clouds at `height_m` >= 0 with spreads > 0 [m].

    The arrays broadcast. `lid_m` [m] is infinite where there is none; above the lid V is 0. For a
    cloud above the lid the lid is left out: nothing at the ground would be a reassuring zero.
    Without `reflects` the ground swallows what comes to it and only the cloud itself is seen.
    Raises `RefusedError` for a lid not above 0, or one over ground that does not reflect.
    """
    lid = np.asarray(lid_m, dtype=np.float64)
    if not np.all(lid > 0):
        raise RefusedError("dispersion.refused.plume-lid", lid_m=float(np.min(lid)))
    lid = np.where(height_m > lid, np.inf, lid)
    if not reflects and np.any(np.isfinite(lid)):
        raise RefusedError("dispersion.refused.puff.lid-without-ground")
    images = _image(z_m - height_m, sigma_z_m)
    if reflects:
        images = images + _image(z_m + height_m, sigma_z_m)
    if np.all(np.isinf(lid)):
        return images
    for up in (2 * j * lid for j in range(1, IMAGES + 1)):
        images = images + _image(z_m - height_m - up, sigma_z_m)
        images = images + _image(z_m - height_m + up, sigma_z_m)
        images = images + _image(z_m + height_m - up, sigma_z_m)
        images = images + _image(z_m + height_m + up, sigma_z_m)
    waves: Floats = np.ones(())
    for k in (n * np.pi / lid for n in range(1, COSINES + 1)):
        fades = np.exp(-0.5 * (k * sigma_z_m) ** 2)
        waves = waves + 2 * np.cos(k * z_m) * np.cos(k * height_m) * fades
    return np.where(z_m > lid, 0.0, np.where(sigma_z_m >= lid, waves / lid, images))


def _image(distance_m: Floats | float, sigma_m: Floats) -> Floats:
    return np.exp(-0.5 * (distance_m / sigma_m) ** 2) / (ROOT_TWO_PI * sigma_m)
