"""How a cloud's mass lies over height: between a ground that reflects and a lid that does too.

    V = sum over j of [exp(-(z - h + 2 j H)^2 / 2 sz^2) + exp(-(z + h + 2 j H)^2 / 2 sz^2)]
        / (sqrt(2 pi) sz)

References: Turner (1970), Workbook of Atmospheric Dispersion Estimates, EPA AP-26, eq. 5.8;
EPA-454/B-95-003b (ISC3), eq. 1-50. Once sz is as large as H the images are many, and the same sum
is written as its cosine series (Poisson's summation formula):

    V = [1 + 2 sum over n of cos(n pi z / H) cos(n pi h / H) exp(-(n pi sz / H)^2 / 2)] / H

Three images each way below sz = H and three cosines from there on are exact to 1e-7 and join
without a step. The integral of V over 0 … H is 1.
"""

from __future__ import annotations

import math

IMAGES, COSINES = 3, 3
FAR_SIGMAS = 7.5  # the lid's images beyond it are below 1e-12 of the cloud
ROOT_TWO_PI = math.sqrt(2 * math.pi)


def vertical(z: float, h: float, sz: float, lid: float, reflects: bool) -> float:
    """Return V [1/m] at height `z` of a cloud at `h` with spread `sz`, all in m.

    `lid` is infinite where there is none. Without `reflects` the ground swallows what comes to it
    and only the cloud itself is seen (then `lid` must be infinite). Domain: `z`, `h` >= 0,
    `h` <= `lid`, `sz` > 0. Above the lid V is 0.
    """
    if z > lid:
        return 0.0
    if 2 * lid - z - h < FAR_SIGMAS * sz:
        return under_lid(z, h, sz, lid)
    total = math.exp(-0.5 * ((z - h) / sz) ** 2)
    if reflects:
        total += math.exp(-0.5 * ((z + h) / sz) ** 2)
    return total / (ROOT_TWO_PI * sz)


def under_lid(z: float, h: float, sz: float, lid: float) -> float:
    """Return V [1/m] where the lid is near enough to matter; `z` <= `lid`."""
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
