"""Liquids that fume or react with water: their atoms, reactions and partial pressures.

A `Liquor` is such a liquid as it is delivered. Molar masses come from atoms, so that elements
balance exactly whatever a substance table says.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from edge.dispersion.notes import RefusedError
from edge.substance.fluid import GAS_CONSTANT, Fluid

MMHG = 133.322
ATM = 101_325.0
Moles = Mapping[str, float]

# IUPAC abridged standard atomic masses (2021) [kg/mol].
ATOMIC_KG_MOL = {
    "H": 1.008e-3,
    "N": 14.007e-3,
    "O": 15.999e-3,
    "P": 30.974e-3,
    "S": 32.06e-3,
    "Cl": 35.45e-3,
}


@dataclass(frozen=True, slots=True)
class Species:
    """A substance in or over a liquor: its atoms, and as a liquid cp [J/mol/K] and density.

    `molar_mass_kg_mol` [kg/mol] is that of the atoms; `density_kg_m3` of a dissolved gas is its
    partial one. Values at 25 C: CRC Handbook of Chemistry and Physics; dissolved HCl from the
    density of 36 % acid (1,179 kg/m3, Perry).
    """

    id: str
    atoms: Mapping[str, int]
    cp_j_mol_k: float
    density_kg_m3: float
    molar_mass_kg_mol: float = field(init=False)

    def __post_init__(self) -> None:
        mass = sum(count * ATOMIC_KG_MOL[atom] for atom, count in self.atoms.items())
        object.__setattr__(self, "molar_mass_kg_mol", mass)


SPECIES: Mapping[str, Species] = {
    species.id: species
    for species in (
        Species("water", {"H": 2, "O": 1}, 75.3, 997.0),
        Species("thionyl_chloride", {"S": 1, "O": 1, "Cl": 2}, 121.0, 1631.0),
        Species("phosphorus_oxychloride", {"P": 1, "O": 1, "Cl": 3}, 138.8, 1645.0),
        Species("phosphorus_trichloride", {"P": 1, "Cl": 3}, 120.0, 1574.0),
        Species("sulfur_trioxide", {"S": 1, "O": 3}, 216.0, 1900.0),
        Species("sulfuric_acid", {"H": 2, "S": 1, "O": 4}, 138.9, 1830.0),
        Species("phosphoric_acid", {"H": 3, "P": 1, "O": 4}, 145.0, 1880.0),
        Species("phosphorous_acid", {"H": 3, "P": 1, "O": 3}, 145.0, 1650.0),
        Species("nitric_acid", {"H": 1, "N": 1, "O": 3}, 109.9, 1504.0),
        Species("nitrogen_dioxide", {"N": 1, "O": 2}, 71.4, 1440.0),
        Species("hydrogen_chloride", {"H": 1, "Cl": 1}, 70.0, 1730.0),
        Species("sulfur_dioxide", {"S": 1, "O": 2}, 86.0, 1370.0),
    )
}


@dataclass(frozen=True, slots=True)
class Reaction:
    """`reagent` + `water` H2O -> `gases` + `residues`, in mol per mol of reagent.

    `heat_j_mol` is given off [J/mol reagent], from liquid reagent and water to gas and liquid or
    solid residue: standard enthalpies of formation, Wagman et al. (1982), the NBS tables, J.
    Phys. Chem. Ref. Data 11, suppl. 2.
    """

    reagent: str
    water: float
    gases: Mapping[str, float]
    residues: Mapping[str, float]
    heat_j_mol: float


# Formation [kJ/mol]: SOCl2 -245.6, POCl3 -597.1, PCl3 -319.7, SO3(l) -441.0, H2O(l) -285.8,
# HCl(g) -92.3, SO2(g) -296.8, H3PO4(l) -1271.7, H3PO3(s) -964.4, H2SO4(l) -814.0.
REACTIONS: Mapping[str, Reaction] = {
    reaction.reagent: reaction
    for reaction in (
        Reaction(
            "thionyl_chloride", 1, {"sulfur_dioxide": 1, "hydrogen_chloride": 2}, {}, -50_000.0
        ),
        Reaction(
            "phosphorus_oxychloride", 3, {"hydrogen_chloride": 3}, {"phosphoric_acid": 1}, 94_000.0
        ),
        Reaction(
            "phosphorus_trichloride", 3, {"hydrogen_chloride": 3}, {"phosphorous_acid": 1}, 64_200.0
        ),
        Reaction("sulfur_trioxide", 1, {}, {"sulfuric_acid": 1}, 87_200.0),
    )
}


@dataclass(frozen=True, slots=True)
class Liquor:
    """A liquid that fumes or reacts, as delivered.

    `content` is each species' mass fraction; `volatiles` the species whose partial pressures
    [Pa] `pressures` gives over moles and temperature [K], in that order; `reaction` its reaction
    with water, None where water only thins it; `melt_k` and `hottest_k` [K] bound its liquid
    range; `note` says what this liquor's model leaves out, as a message id.
    """

    id: str
    content: Mapping[str, float]
    volatiles: tuple[str, ...]
    pressures: Callable[[Moles, float], tuple[float, ...]]
    reaction: Reaction | None
    melt_k: float
    hottest_k: float
    note: str


@dataclass(frozen=True, slots=True)
class Strengths:
    """ln p over 1/T at rising mass fractions; each row's points are (T [K], p [Pa]), T rising.

    Between points ln p is linear in 1/T, beyond them it goes on; between rows it is linear in
    the mass fraction; below the first row p falls to 0 in proportion.
    """

    rows: tuple[tuple[float, tuple[tuple[float, float], ...]], ...]
    fractions: tuple[float, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "fractions", tuple(share for share, _ in self.rows))

    def pressure_pa(self, share: float, temperature_k: float) -> float:
        """Return the partial pressure [Pa] at a mass fraction `share` of the volatile."""
        first, last = self.fractions[0], self.fractions[-1]
        if share <= first:
            return max(share, 0.0) / first * math.exp(_ln_p(self.rows[0][1], temperature_k))
        if share >= last:
            return math.exp(_ln_p(self.rows[-1][1], temperature_k))
        after = bisect_right(self.fractions, share)
        low = _ln_p(self.rows[after - 1][1], temperature_k)
        high = _ln_p(self.rows[after][1], temperature_k)
        low_share, high_share = self.fractions[after - 1], self.fractions[after]
        return math.exp(low + (high - low) * (share - low_share) / (high_share - low_share))


def _ln_p(points: tuple[tuple[float, float], ...], temperature_k: float) -> float:
    """Return ln p at a temperature, linear in 1/T through the nearest two points."""
    i = 1
    while i < len(points) - 1 and temperature_k > points[i][0]:
        i += 1
    (t0, p0), (t1, p1) = points[i - 1], points[i]
    slope = math.log(p1 / p0) / (1 / t0 - 1 / t1)
    return math.log(p0) + slope * (1 / t0 - 1 / temperature_k)


def _hcl_row(percent: float, a: float, b: float) -> tuple[float, tuple[tuple[float, float], ...]]:
    """Return Perry's log10(p/mmHg) = a - b / T as a row of two points."""
    return percent / 100, tuple((t, MMHG * 10 ** (a - b / t)) for t in (263.15, 323.15))


# Perry's Chemical Engineers' Handbook, partial pressures of HCl over its solutions (the table of
# constants); 36 % is left to its neighbours, whose mean lies within 3 % of the table's pressures.
HCL = Strengths(
    tuple(
        _hcl_row(*row)
        for row in (
            (10, 10.9311, 3908),
            (14, 10.6954, 3636),
            (18, 10.4957, 3376),
            (20, 10.3833, 3245),
            (24, 10.2185, 2995),
            (28, 10.0115, 2732),
            (30, 9.8763, 2593),
            (32, 9.7523, 2457),
            (34, 9.6061, 2316),
            (38, 9.4670, 2094),
            (40, 9.2156, 1939),
        )
    )
)
# Perry's Handbook, partial pressures of HNO3 over its solutions at 0, 25 (and 40) C [mmHg].
HNO3 = Strengths(
    tuple(
        (
            percent / 100,
            tuple((t, MMHG * p) for t, p in zip((273.15, 298.15, 313.15), ps, strict=False)),
        )
        for percent, ps in (
            (60, (0.21, 1.21)),
            (70, (0.79, 4.10)),
            (80, (2.0, 10.5, 24.5)),
            (90, (5.5, 27.0, 62.0)),
            (100, (11.0, 57.0, 133.0)),
        )
    )
)
# Free SO3 in oleum. At 20 and 50 C and boiling: Kapias and Griffiths, Sulfur Trioxide and Oleum,
# table 37.1, in Fingas (ed.), Handbook of Hazardous Materials Spills Technology (2002). 30 % at
# 25 C: US EPA 550-B-99-009, table B-3 (3.5 mmHg, a mean over 10 min); 20 % at 25 C is nobody's
# figure but its 50 C brought down by 30 %'s slope. Table 37.1 says under 0.001 atm at 20 C for
# both, less than these two points give (0.0027 and 0.0012): the higher is kept.
SO3 = Strengths(
    (
        (0.20, ((298.15, 0.00197 * ATM), (323.15, 0.021 * ATM), (415.15, ATM))),
        (0.30, ((298.15, 3.5 * MMHG), (323.15, 0.049 * ATM), (394.15, ATM))),
        (0.65, ((293.15, 0.141 * ATM), (323.15, 0.789 * ATM), (331.15, ATM))),
        (1.00, ((293.15, 0.228 * ATM), (323.15, 1.316 * ATM))),
    )
)
# The same table 37.1: freezing of oleum [C] over free SO3.
_OLEUM_FREEZES_C = ((0.20, -10.0), (0.30, 19.0), (0.65, 2.0), (1.00, 17.0))
# Freezing of HCl's solutions [C]: as Wikipedia's table of hydrochloric acid has it.
_HCL_FREEZES_C = (
    (0.20, -59.0),
    (0.30, -52.0),
    (0.32, -43.0),
    (0.34, -36.0),
    (0.36, -30.0),
    (0.38, -26.0),
)


def _freezing_k(points: tuple[tuple[float, float], ...], share: float) -> float:
    """Return a freezing point [K] between table points (fraction, C); level beyond the last."""
    after = min(max(1, bisect_right([w for w, _ in points], share)), len(points) - 1)
    (w0, c0), (w1, c1) = points[after - 1], points[after]
    return 273.15 + c0 + (c1 - c0) * (min(share, w1) - w0) / (w1 - w0)


def _share(moles: Moles, species: str, of: tuple[str, ...]) -> float:
    """Return the mass fraction of `species` among `of` (0 where there is nothing)."""
    masses = {name: moles.get(name, 0.0) * SPECIES[name].molar_mass_kg_mol for name in of}
    whole = sum(masses.values())
    return masses[species] / whole if whole > 0 else 0.0


def water_reactive(fluid: Fluid) -> Liquor:
    """Return SOCl2, POCl3 or PCl3 as a liquor; `RefusedError` for any other fluid.

    The acid that is left does not lower the liquid's vapour pressure (taken as a second layer).
    """
    reaction = REACTIONS.get(fluid.id)
    if reaction is None or fluid.id == "sulfur_trioxide":
        known = ", ".join(name for name in REACTIONS if name != "sulfur_trioxide")
        raise RefusedError("dispersion.refused.reactive-unknown", substance=fluid.id, known=known)
    inverse = fluid.ln_vapour_pressure.temperatures_k
    coldest, top = -1.0 / inverse[0], -1.0 / inverse[-1]

    def pressures(moles: Moles, temperature_k: float) -> tuple[float, ...]:
        there = moles.get(fluid.id, 0.0) > 0
        return (fluid.vapour_pressure_pa(temperature_k) if there else 0.0,)

    return Liquor(
        fluid.id,
        {fluid.id: 1.0},
        (fluid.id,),
        pressures,
        reaction,
        max(fluid.t_melt_k, coldest),
        top,
        "dispersion.note.reactive-hydrolysis",
    )


def hydrochloric_acid(strength: float) -> Liquor:
    """Return HCl in water with a mass fraction `strength` of 0.2 to 0.4."""
    _within("hydrochloric_acid", strength, 0.20, 0.40)
    parts = ("hydrogen_chloride", "water")

    def pressures(moles: Moles, temperature_k: float) -> tuple[float, ...]:
        return (HCL.pressure_pa(_share(moles, parts[0], parts), temperature_k),)

    return Liquor(
        "hydrochloric_acid",
        {parts[0]: strength, parts[1]: 1 - strength},
        parts[:1],
        pressures,
        None,
        _freezing_k(_HCL_FREEZES_C, strength),
        383.0,
        "dispersion.note.reactive-acid",
    )


def nitrogen_dioxide_pa(temperature_k: float) -> float:
    """Return the pressure [Pa] of boiling NO2/N2O4.

    Clausius and Clapeyron from 294.3 K and 38,120 J/mol N2O4: Giauque and Kemp (1938), J. Chem.
    Phys. 6, 40.
    """
    return ATM * math.exp(38_120.0 / GAS_CONSTANT * (1 / 294.3 - 1 / temperature_k))


def nitric_acid(strength: float, dissolved_no2: float = 0.0) -> Liquor:
    """Return HNO3 in water, 0.6 to 1 by mass; `dissolved_no2` [mass fraction of all] 0 to 0.2.

    Red fuming acid's NO2 leaves by Raoult's law as N2O4.
    """
    _within("nitric_acid", strength, 0.60, 1.00)
    _within("nitrogen_dioxide", dissolved_no2, 0.0, 0.20)
    acid, no2, water = "nitric_acid", "nitrogen_dioxide", "water"

    def pressures(moles: Moles, temperature_k: float) -> tuple[float, ...]:
        dimer = 0.5 * moles.get(no2, 0.0)
        whole = dimer + moles.get(acid, 0.0) + moles.get(water, 0.0)
        share = _share(moles, acid, (acid, water))
        return (
            HNO3.pressure_pa(share, temperature_k),
            nitrogen_dioxide_pa(temperature_k) * dimer / whole if whole > 0 else 0.0,
        )

    rest = 1 - dissolved_no2
    return Liquor(
        acid,
        {acid: rest * strength, water: rest * (1 - strength), no2: dissolved_no2},
        (acid, no2),
        pressures,
        None,
        231.6,  # CRC Handbook: pure HNO3 melts at -41.6 C
        394.0,
        "dispersion.note.reactive-acid",
    )


def oleum(free_so3: float) -> Liquor:
    """Return oleum with a mass fraction `free_so3` of 0.2 to 1 (1: liquid sulphur trioxide)."""
    _within("oleum", free_so3, 0.20, 1.00)
    parts = ("sulfur_trioxide", "sulfuric_acid")

    def pressures(moles: Moles, temperature_k: float) -> tuple[float, ...]:
        return (SO3.pressure_pa(_share(moles, parts[0], parts), temperature_k),)

    return Liquor(
        "oleum",
        {parts[0]: free_so3, parts[1]: 1 - free_so3},
        parts[:1],
        pressures,
        REACTIONS[parts[0]],
        _freezing_k(_OLEUM_FREEZES_C, free_so3),
        600.0,
        "dispersion.note.reactive-oleum",
    )


def contents(liquor: Liquor, mass_kg: float) -> dict[str, float]:
    """Return the moles in `mass_kg` [kg] of the liquor as delivered."""
    return {
        name: mass_kg * share / SPECIES[name].molar_mass_kg_mol
        for name, share in liquor.content.items()
    }


def _within(substance: str, value: float, low: float, high: float) -> None:
    """Raise `RefusedError` for a strength that the tables do not reach."""
    if not low <= value <= high:
        raise RefusedError(
            "dispersion.refused.reactive-strength",
            substance=substance,
            percent=100 * value,
            low=100 * low,
            high=100 * high,
        )
