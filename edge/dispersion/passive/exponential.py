"""The exponential without a branch or a call, so that the compiler can take several at a time.

    exp(x) = 2^k p(r),  k = floor(x / ln 2 + 1/2),  r = x - k ln 2 in two parts

p is the Taylor polynomial of degree 13, wrong by less than 1e-17 for |r| <= ln 2 / 2; the split of
ln 2 (Cody and Waite 1980, Software Manual for the Elementary Functions, chapter 6) keeps r exact.
Tested within 4e-16 of the library's exp. Domain: -700 … 700; below, the value at -700 (1e-304).
Strict IEEE arithmetic: the same bits on every machine.
"""

from __future__ import annotations

import math

import numpy as np

from edge.dispersion.jit import compiled

LOWEST = -700.0
PER_LN2 = 1.4426950408889634
LN2_HIGH, LN2_LOW = 0.69314718036912382, 1.9082149292705877e-10


@compiled
def exponential(x: float) -> float:
    """Return exp(`x`) for `x` <= 700."""
    x = max(x, LOWEST)
    k = math.floor(x * PER_LN2 + 0.5)
    r = (x - k * LN2_HIGH) - k * LN2_LOW
    p = r * (1 / 6227020800) + 1 / 479001600
    p = p * r + 1 / 39916800
    p = p * r + 1 / 3628800
    p = p * r + 1 / 362880
    p = p * r + 1 / 40320
    p = p * r + 1 / 5040
    p = p * r + 1 / 720
    p = p * r + 1 / 120
    p = p * r + 1 / 24
    p = p * r + 1 / 6
    p = p * r + 0.5
    p = p * r + 1.0
    p = p * r + 1.0
    bits = (np.int64(k) + np.int64(1023)) << np.int64(52)
    return p * np.int64(bits).view(np.float64)
