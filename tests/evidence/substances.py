"""The substance table's curves against the properties that the reference gives at one temperature.

The reference's values come from another library (thermo) with its own choice of correlations; ours
from `edge.substance.fluid`. Same sources in part, so this is verification, not validation.
"""

from __future__ import annotations

import csv
import re

from edge.substance.fluid import NoDataError, OutOfRangeError, fluid
from tests.evidence.case import REFERENCE, VERIFICATION, Case

CHAPTER = VERIFICATION
TITLE = "Physical properties of substances"
ROOM_K = 298.15
# the reference's property -> (our curve, its unit, factor to SI, band)
PROPERTIES = {
    "t_boil": ("t_boil_k", "K", 1.0, 0.0025),
    "rho_liquid": ("liquid_density", "kg/m3", 1.0, 0.01),
    "h_vap": ("latent_heat", "J/kg", 1000.0, 0.01),
    "cp_liquid": ("liquid_cp", "J/kg/K", 1000.0, 0.05),
    "cp_gas_ideal": ("gas_cp", "J/kg/K", 1000.0, 0.015),
}
# Where the reference is wrong, or states another quantity; docs/models/substances.md says why.
APART = {
    ("nitric_acid", "h_vap"),  # its value is that of the boiling point, marked 298.15 K
    ("hydrogen_fluoride", "cp_liquid"),  # VDI's tables and Perry's differ by a fifth
    ("epichlorohydrin", "t_boil"),  # its vapour pressure and its boiling point disagree by 1.6 K
    ("xylene", "t_boil"),  # of the mixture, against the surrogate's
}


def cases() -> list[Case]:
    """Return every property that both know; `OSError` where the reference is absent."""
    found: list[Case] = []
    with (REFERENCE / "chemicals_facts.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            known = PROPERTIES.get(row["property"])
            if known is not None and (row["slug"], row["property"]) not in APART:
                found += _case(row, known)
    return found


def _case(row: dict[str, str], known: tuple[str, str, float, float]) -> list[Case]:
    curve, unit, factor, band = known
    try:
        ours = fluid(row["slug"])
        if curve == "t_boil_k":
            where, value = "1 atm", ours.t_boil_k
        else:
            said = re.search(r"([\d.]+) K", row["condition"])
            temperature = float(said[1]) if said else ROOM_K
            # the reference's boiling point may lie a rounding above or below our curve's ends
            where, value = f"{temperature:.2f} K", getattr(ours, curve).at(temperature)
    except (NoDataError, OutOfRangeError):
        return []
    name = f"{row['slug']} {row['property']}"
    return [Case(name, where, float(row["value"]) * factor, value, unit, band)]


def figures() -> dict[str, float | None]:
    """Return no figure: the accuracy bench has none for substances."""
    return {}
