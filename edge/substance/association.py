"""Gases whose molecules join: their apparent molar mass at equilibrium.

n A = A_n with K = p_n / p_1^n, log10 K = a / T + b in the pressure unit its source uses. Hydrogen
fluoride as a hexamer: Long, Hildebrand and Morrell, J. Am. Chem. Soc. 65 (1943) 182, 8910 / T -
43.65 in mmHg. Nitrogen dioxide: NIST-JANAF 4th ed., dH = 57.111 kJ/mol and dS = 175.69 J/mol/K of
N2O4 = 2 NO2, 1 bar. Acetic acid: Ritter and Simons, J. Am. Chem. Soc. 67 (1945) 757, 3166 / T -
10.4205 in mmHg. One kind of cluster and ideal mixing: good to about a tenth at the boiling point
(docs/models/substances.md). Diluted in air a cluster falls apart and takes up heat: use the partial
pressure, and mind that `Fluid.gas_cp` is the single molecule's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from edge.substance.fluid import Fluid

MMHG_PA = 133.322387
BAR_PA = 100_000.0
COLDEST_K, HOTTEST_K = 150.0, 1500.0
CONVERGED = 1e-12  # of the single molecules' pressure


@dataclass(frozen=True, slots=True)
class Association:
    """An equilibrium of `order` single molecules; `a` [K], `b`, pressures in `unit_pa` [Pa]."""

    order: int
    a: float
    b: float
    unit_pa: float


ASSOCIATIONS = {
    "hydrogen_fluoride": Association(6, 8910.0, -43.65, MMHG_PA),
    "nitrogen_dioxide": Association(2, 2982.7, -9.1758, BAR_PA),
    "acetic_acid": Association(2, 3166.0, -10.4205, MMHG_PA),
}


def apparent_molar_mass(fluid: Fluid, temperature_k: float, partial_pressure_pa: float) -> float:
    """Return the mean molar mass [kg/mol] of a gas at equilibrium; an ideal gas's is its own.

    Rises with partial pressure [Pa] and falls with temperature [K]. `ValueError` outside
    `COLDEST_K` to `HOTTEST_K` and for what is no pressure; `KeyError` for a fluid that associates
    in a way nobody has given here.
    """
    if not (COLDEST_K <= temperature_k <= HOTTEST_K and 0 < partial_pressure_pa < math.inf):
        raise ValueError(f"no gas at {temperature_k} K and {partial_pressure_pa} Pa")
    if not fluid.associates:
        return fluid.molar_mass_kg_mol
    known = ASSOCIATIONS[fluid.id]
    total = partial_pressure_pa / known.unit_pa
    single = _single(total, known.a / temperature_k + known.b, known.order)
    clusters = total - single
    return fluid.molar_mass_kg_mol * (single + known.order * clusters) / total


def _single(total: float, log10_k: float, order: int) -> float:
    """Return the single molecules' pressure p of p + K p^n = `total`, in the unit of K.

    Newton's steps from above: the left side is convex, so that they never pass the root.
    """
    ln_k = log10_k * math.log(10.0)
    p = min(total, math.exp((math.log(total) - ln_k) / order))
    while True:
        joined = math.exp(ln_k + order * math.log(p))
        step = (p + joined - total) / (1.0 + order * joined / p)
        p -= step
        if step <= CONVERGED * p:
            return p
