"""How high a gas detector's two levels may be set (GB/T 50493-2019 over GBZ 2.1-2019).

A channel in %LEL answers to its share of the LEL. Any other channel answers to its share of the
occupational exposure limit (OEL); a substance without an OEL to its share of the LEL; one without
either to its share of the IDLH. Sites override downward only.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from edge.rules.files import LevelFile, OelFile, OelKind, read_oels, read_rule
from edge.units import Unit, density_to_gas

_KIND_NAMES: dict[OelKind, str] = {"mac": "MAC", "pc_twa": "PC-TWA", "pc_stel": "PC-STEL"}


class Oel(NamedTuple):
    """An occupational exposure limit: `value` in mg/m3, its kind, source and confidence."""

    value: float
    kind: str  # MAC, PC-TWA, PC-STEL
    source: str
    confidence: str


class Maximum(NamedTuple):
    """The most that a level may be set to, in the channel's unit, and what it rests on."""

    value: float
    basis: str
    source: str
    confidence: str


@dataclass(frozen=True)
class SetPointRule:
    """The set-point levels with the exposure limits that they rest on."""

    levels: LevelFile
    limits: OelFile
    oels: dict[str, Oel]  # by substance: the one that counts

    def maximum(
        self,
        substance: str,
        level: int,
        unit: Unit,
        molar_mass_kg_mol: float,
        lel_fraction: float | None,
        idlh_ppm: float | None,
        use_idlh: bool = False,
    ) -> Maximum | None:
        """Return the highest set-point of `level` (1 or 2) in `unit`, None if nothing is known.

        `lel_fraction` [mol/mol], `idlh_ppm` [ppm]; `use_idlh` where the site says that no
        detector has a range for the OEL.
        """
        shares = self.levels.levels[1 if level == 1 else 2]
        own = (self.levels.standard, self.levels.confidence)
        if unit is Unit.PERCENT_LEL:
            return Maximum(shares.lel_share * 100, f"{shares.lel_share:.0%} of the LEL", *own)
        oel = self.oels.get(substance)
        if oel is not None and not use_idlh:
            value = self._in(unit, oel.value * shares.oel_share, molar_mass_kg_mol)
            basis = f"{shares.oel_share:.0%} of the {oel.kind} {oel.value:g} mg/m3"
            return Maximum(value, basis, oel.source, oel.confidence)
        if lel_fraction is not None and not use_idlh:
            mole_fraction, basis = (
                shares.lel_share * lel_fraction,
                f"{shares.lel_share:.0%} of the LEL",
            )
        elif idlh_ppm is not None:
            mole_fraction = shares.idlh_share * idlh_ppm * 1e-6
            basis = f"{shares.idlh_share:.0%} of the IDLH {idlh_ppm:g} ppm"
        else:
            return None
        one_ppm = density_to_gas(1.0, Unit.PPM, molar_mass_kg_mol, self.limits.temperature_k)
        mg_m3 = mole_fraction * 1e6 / one_ppm * 1e6
        return Maximum(self._in(unit, mg_m3, molar_mass_kg_mol), basis, *own)

    def cover_m(self, unit: Unit, *, indoors: bool) -> float:
        """Return how far a gas channel in `unit` covers [m]; one in %LEL is for what burns."""
        cover = self.levels.cover_m.indoor if indoors else self.levels.cover_m.outdoor
        return cover.combustible if unit is Unit.PERCENT_LEL else cover.toxic

    def _in(self, unit: Unit, mg_m3: float, molar_mass_kg_mol: float) -> float:
        temperature_k = self.limits.temperature_k
        return density_to_gas(mg_m3 * 1e-6, unit, molar_mass_kg_mol, temperature_k)


@cache
def set_point_rule() -> SetPointRule:
    """Return the rule as its files say. Raises `ConfigError` if one of them is not sound."""
    levels, limits = read_rule("gb50493.yaml", LevelFile), read_rule("gbz_2_1.yaml", OelFile)
    order = levels.oel_order.kinds
    best: dict[str, tuple[int, Oel]] = {}
    for row in read_oels(limits.table):
        rank = order.index(row.kind) if row.kind in order else len(order)
        oel = Oel(row.value, _KIND_NAMES[row.kind], row.source, row.confidence)
        if row.substance not in best or rank < best[row.substance][0]:
            best[row.substance] = (rank, oel)
    return SetPointRule(levels, limits, {name: oel for name, (_, oel) in best.items()})
