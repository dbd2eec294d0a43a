"""The vertical profile of a Gaussian cloud between ground and lid.

    V(z) = 1 / (sqrt(2 pi) sz) sum over n of [exp(-(z - h + 2nH)^2 / 2 sz^2)
                                            + a exp(-(z + h + 2nH)^2 / 2 sz^2)]

H is the lid (inf: n = 0 alone), a the share that the ground throws back: 1 keeps all gas, 0 is a
perfect sink (a puff that is only partly reflected). From sz = 1.2 H the gas is even, V = 1 / H.
References: Turner (1970), EPA AP-26, eq. 5.9 and p. 7; ISC3, EPA-454/B-95-003b, eq. 1-50 and 1-51
(images; 1.6 H there, where both agree within 1e-8; 1.2 H agrees within 1e-4). For a source above
the lid the lid is left out: nothing at the ground would be a reassuring zero.
"""

from __future__ import annotations

import math

import numpy as np

from edge.dispersion.notes import RefusedError
from edge.dispersion.passive.sigma import Floats

EVEN = 1.2  # sz over lid
IMAGES = 4  # pairs: the fifth adds less than 1e-12 at sz = 1.2 H


def vertical(
    z_m: Floats, height_m: float, sigma_z_m: Floats, lid_m: float, reflected: float = 1.0
) -> Floats:
    """Return V [1/m] at heights `z_m` >= 0 [m]; the arrays broadcast.

    Raises `RefusedError` for a share outside 0-1 or a lid not above 0.
    """
    if not (0 <= reflected <= 1 and lid_m > 0):
        raise RefusedError("dispersion.refused.plume-lid", lid_m=lid_m, reflected=reflected)
    total = _image(z_m - height_m, sigma_z_m) + reflected * _image(z_m + height_m, sigma_z_m)
    if math.isinf(lid_m) or height_m > lid_m:
        return total
    for n in range(1, IMAGES + 1):
        for shift in (-2 * n * lid_m, 2 * n * lid_m):
            total = total + _image(z_m - height_m + shift, sigma_z_m)
            total = total + reflected * _image(z_m + height_m + shift, sigma_z_m)
    if reflected == 1.0:
        total = np.where(sigma_z_m > EVEN * lid_m, 1 / lid_m, total)
    return np.where(z_m <= lid_m, total, 0.0)


def _image(distance_m: Floats, sigma_m: Floats) -> Floats:
    return np.exp(-0.5 * (distance_m / sigma_m) ** 2) / (math.sqrt(2 * math.pi) * sigma_m)
