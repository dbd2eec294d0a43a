"""Curves from one known value where no handbook has a correlation, and curves drawn out further.

Each is a rule of the literature through a measured point, and says so: `derived-rule`. A curve that
is drawn out beyond its correlation is `extrapolated`.
"""

from __future__ import annotations

import math
from dataclasses import replace

from edge.substance.compiler.correlation import Correlation

STEP_K = 0.5  # of the slope at a correlation's end
WATSON = 0.38  # exponent; Watson, Ind. Eng. Chem. 35 (1943) 398


def latent(
    at_k: float, value: float, t_crit: float, source: str, low_k: float, high_k: float
) -> Correlation:
    """Return a heat of vaporisation [J/kg] through `value` at `at_k`, falling as Watson's rule."""
    return Correlation(
        low_k,
        high_k,
        lambda t: value * ((t_crit - t) / (t_crit - at_k)) ** WATSON,
        f"{source}; over T by Watson 1943",
        "derived-rule",
    )


def density(
    at_k: float, value: float, t_crit: float, omega: float, source: str, low_k: float, high_k: float
) -> Correlation:
    """Return a liquid density [kg/m3] through `value` at `at_k`, over T as Rackett's equation.

    rho = value Z^-((1 - T/Tc)^(2/7) - (1 - T0/Tc)^(2/7)), Z = 0.29056 - 0.08775 omega (Yamada and
    Gunn, J. Chem. Eng. Data 18 (1973) 234).
    """
    z = 0.29056 - 0.08775 * omega
    there = (1 - at_k / t_crit) ** (2 / 7)
    return Correlation(
        low_k,
        high_k,
        lambda t: value * z ** (there - (1 - t / t_crit) ** (2 / 7)),
        f"{source}; over T by Yamada and Gunn 1973",
        "derived-rule",
    )


def constant(value: float, source: str, low_k: float, high_k: float, at_k: float) -> Correlation:
    """Return a curve that keeps `value`, known at `at_k` [K] only."""
    said = f"{source}, {at_k:g} K; taken for all T"
    return Correlation(low_k, high_k, lambda _t: value, said, "derived-rule")


def polynomial(
    coefficients: tuple[float, ...], source: str, low_k: float, high_k: float
) -> Correlation:
    """Return a curve that is a polynomial in T, its constant first."""
    return Correlation(
        low_k,
        high_k,
        lambda t: sum(c * t**power for power, c in enumerate(coefficients)),
        source,
        "derived-rule",
    )


def drawn_out(found: Correlation, low_k: float, high_k: float, *, exponential: bool) -> Correlation:
    """Return `found` drawn out to `low_k` and `high_k` [K] where it ends before them.

    Straight by the slope at its end: the value over T, or its logarithm over 1/T where
    `exponential` (vapour pressure, Clausius-Clapeyron; viscosity, Andrade).
    """
    if found.low_k <= low_k and found.high_k >= high_k:
        return found
    if found.low_k == found.high_k:
        value = found.value(found.low_k)
        return constant(value, found.source, low_k, high_k, found.low_k)

    def value_at(temperature_k: float) -> float:
        if temperature_k < found.low_k:
            return _straight(found, found.low_k, STEP_K, temperature_k, exponential)
        if temperature_k > found.high_k:
            return _straight(found, found.high_k, -STEP_K, temperature_k, exponential)
        return found.value(temperature_k)

    ends: list[str] = []
    if low_k < found.low_k:
        ends.append(f"below {found.low_k:.1f} K")
    if high_k > found.high_k:
        ends.append(f"above {found.high_k:.1f} K")
    return replace(
        found,
        low_k=min(low_k, found.low_k),
        high_k=max(high_k, found.high_k),
        value=value_at,
        source=f"{found.source}; drawn out {' and '.join(ends)}",
        confidence="extrapolated",
    )


def _straight(
    found: Correlation, end_k: float, inward_k: float, temperature_k: float, exponential: bool
) -> float:
    """Return the value at `temperature_k` on the tangent at `end_k`."""
    here, inside = found.value(end_k), found.value(end_k + inward_k)
    if not exponential:
        return here + (inside - here) / inward_k * (temperature_k - end_k)
    x = -1 / end_k
    slope = (math.log(inside) - math.log(here)) / (-1 / (end_k + inward_k) - x)
    return math.exp(math.log(here) + slope * (-1 / temperature_k - x))
