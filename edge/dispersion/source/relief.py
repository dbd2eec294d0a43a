"""Relief valves and rupture discs: when they open, what they pass, when they close again.

    choked gas     W = C Kd A p sqrt(M / (T Z)) / 13160,   C = 520 sqrt(k (2/(k+1))^((k+1)/(k-1)))
    steam          W = Kd KN KSH A p / 190.5               (W kg/h, A mm2, p kPa)

References: API 520 part 1 (9th ed. 2014), sections 5.6.3 and 5.7 in SI; they are `gas.flow` and,
for steam, Napier's rule. Domain: gas and vapour; a disc, once burst, does not close.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from edge.dispersion.notes import RefusedError
from edge.dispersion.source import gas
from edge.dispersion.source.check import checked
from edge.dispersion.source.discharge import Discharge, Place, hole
from edge.dispersion.source.droplets import Outside
from edge.dispersion.source.outflow import Opening
from edge.dispersion.source.vessel import Vessel, start

VALVE_CD, DISC_CD = 0.975, 0.62  # API 520 part 1, section 5.6.3
BLOWDOWN = 0.07  # a valve closes so far below its set gauge pressure: API 526, 4 to 7 %


@dataclass(frozen=True, slots=True)
class Relief:
    """A valve or disc: `diameter_m` [m] of its throat, `set_pa` [Pa, absolute] where it opens.

    `disc` does not close again; a valve does at `blowdown` of the gauge pressure below.
    """

    diameter_m: float
    set_pa: float
    disc: bool = False
    blowdown: float = BLOWDOWN

    def __post_init__(self) -> None:
        checked("hole", self.diameter_m)
        checked("pressure", self.set_pa)
        checked("blowdown", self.blowdown)

    def reseat_pa(self, outside_pa: float) -> float:
        """Return the pressure [Pa] inside at which it closes; 0 for a disc."""
        return 0.0 if self.disc else self.set_pa - self.blowdown * (self.set_pa - outside_pa)

    def opening(self, height_m: float, pipe: Opening | None = None) -> Opening:
        """Return the hole that it is, at `height_m` [m] of the vessel; `pipe` is its tail pipe."""
        length, loss = (pipe.length_m, pipe.loss) if pipe else (0.0, 0.0)
        cd = DISC_CD if self.disc else VALVE_CD
        return Opening(self.diameter_m, height_m, length, loss, cd_gas=cd)


def relieve(
    vessel: Vessel, relief: Relief, outside: Outside, place: Place, until_s: float = 3600.0
) -> Discharge:
    """Return what leaves `vessel` through `relief` in its top until it closes or `until_s` [s].

    Raises `RefusedError` below the set pressure, and as `blow_down` does.
    """
    pressure = start(vessel).pressure_pa
    if pressure < relief.set_pa:
        raise RefusedError(
            "dispersion.refused.source-relief-shut",
            value_kpa=f"{pressure / 1e3:.1f}",
            set_kpa=f"{relief.set_pa / 1e3:.1f}",
        )
    opening = relief.opening(vessel.shape.height_m)
    return hole(vessel, opening, outside, place, until_s, relief.reseat_pa(outside.pressure_pa))


def api_gas_kg_s(
    area_m2: float, pressure_pa: float, temperature_k: float, gamma: float,
    molar_mass_kg_mol: float, z: float = 1.0, cd: float = VALVE_CD,
) -> float:  # fmt: skip
    """Return API 520's choked gas capacity [kg/s] at the relieving state."""
    k = checked("gamma", gamma)
    checked("pressure", pressure_pa)
    checked("temperature", temperature_k)
    c = 520.0 * math.sqrt(k * (2.0 / (k + 1.0)) ** ((k + 1.0) / (k - 1.0)))
    per_hour = c * cd * checked("area", area_m2) * 1e6 * pressure_pa * 1e-3 / 13_160.0
    return per_hour * math.sqrt(molar_mass_kg_mol * 1e3 / (temperature_k * z)) / 3600.0


def api_steam_kg_s(area_m2: float, pressure_pa: float, cd: float = VALVE_CD) -> float:
    """Return API 520's capacity [kg/s] for saturated steam, Napier's correction above 10.3 MPa."""
    kpa = checked("pressure", pressure_pa) * 1e-3
    napier = (0.02764 * kpa - 1000.0) / (0.03324 * kpa - 1061.0) if kpa > 10_339.0 else 1.0
    return cd * napier * checked("area", area_m2) * 1e6 * kpa / 190.5 / 3600.0


def gas_kg_s(
    area_m2: float, pressure_pa: float, density_kg_m3: float, temperature_k: float, gamma: float,
    back_pa: float, cd: float = VALVE_CD,
) -> float:  # fmt: skip
    """Return the capacity [kg/s] of `gas.flow`, which holds below the speed of sound too."""
    flow = gas.flow(pressure_pa, density_kg_m3, temperature_k, gamma, back_pa, cd)
    return flow.flux_kg_m2_s * checked("area", area_m2)
