"""The Pasquill-Gifford curves as ISC3 writes them (rural).

    sigma_y = 465.11628 x tan(0.017453293 (c - d ln x)), sigma_z = a x^b, x in km

Reference: User's Guide for the ISC3 Dispersion Models II, EPA-454/B-95-003b (1995), eqs. 1-32 to
1-34, Tables 1-1 and 1-2. Domain: 0.1-100 km, open country. sigma_z has small steps where its rows
meet (at most 3 %), as printed; it ends at 5,000 m.
"""

from __future__ import annotations

import numpy as np

from edge.dispersion.arrays import Floats
from edge.dispersion.passive.sigma.face import Curve

HIGHEST_SIGMA_Z_M = 5000.0
Y = {
    "A": (24.1670, 2.5334),
    "B": (18.3330, 1.8096),
    "C": (12.5000, 1.0857),
    "D": (8.3330, 0.72382),
    "E": (6.2500, 0.54287),
    "F": (4.1667, 0.36191),
}
# (up to [km], a, b), the last row without end
Z: dict[str, tuple[tuple[float, float, float], ...]] = {
    "A": (
        (0.10, 122.800, 0.94470), (0.15, 158.080, 1.05420), (0.20, 170.220, 1.09320),
        (0.25, 179.520, 1.12620), (0.30, 217.410, 1.26440), (0.40, 258.890, 1.40940),
        (0.50, 346.750, 1.72830), (np.inf, 453.850, 2.11660),
    ),
    "B": ((0.20, 90.673, 0.93198), (0.40, 98.483, 0.98332), (np.inf, 109.300, 1.09710)),
    "C": ((np.inf, 61.141, 0.91465),),
    "D": (
        (0.30, 34.459, 0.86974), (1.00, 32.093, 0.81066), (3.00, 32.093, 0.64403),
        (10.0, 33.504, 0.60486), (30.0, 36.650, 0.56589), (np.inf, 44.053, 0.51179),
    ),
    "E": (
        (0.10, 24.260, 0.83660), (0.30, 23.331, 0.81956), (1.00, 21.628, 0.75660),
        (2.00, 21.628, 0.63077), (4.00, 22.534, 0.57154), (10.0, 24.703, 0.50527),
        (20.0, 26.970, 0.46713), (40.0, 35.420, 0.37615), (np.inf, 47.618, 0.29592),
    ),
    "F": (
        (0.20, 15.209, 0.81558), (0.70, 14.457, 0.78407), (1.00, 13.953, 0.68465),
        (2.00, 13.953, 0.63227), (3.00, 14.823, 0.54503), (7.00, 16.187, 0.46490),
        (15.0, 17.836, 0.41507), (30.0, 22.651, 0.32681), (60.0, 27.074, 0.27436),
        (np.inf, 34.219, 0.21716),
    ),
}  # fmt: skip


def isc3_y(letter: str) -> Curve:
    """Return sigma_y [m] of x [m] for a class A-F."""
    c, d = Y[letter]

    def curve(x_m: Floats) -> Floats:
        x = x_m / 1000
        return 465.11628 * x * np.tan(0.017453293 * (c - d * np.log(x)))

    return curve


def isc3_z(letter: str) -> Curve:
    """Return sigma_z [m] of x [m] for a class A-F."""
    table = np.array(Z[letter])

    def curve(x_m: Floats) -> Floats:
        x = x_m / 1000
        row = np.searchsorted(table[:, 0], x, side="left")
        return np.minimum(table[row, 1] * x ** table[row, 2], HIGHEST_SIGMA_Z_M)

    return curve
