"""A fluid's physical properties over temperature, read from the compiled table. SI only.

`Curve` is a property tabulated from melting to near the critical point when the table is built;
at run time no property library is needed. Outside its table a curve refuses.
"""

from __future__ import annotations

import csv
import math
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources

from edge.substance import Evidence, Substance, substance
from edge.units import GAS_CONSTANT_J_MOL_K, STANDARD_PRESSURE_PA

GAS_CONSTANT = GAS_CONSTANT_J_MOL_K
TABLE = "curves.csv"
COLUMNS = ("substance", "property", "source", "confidence", "temperatures_k", "values")
# property -> unit; the first five make a fluid, the others are None where nobody has published them
CURVES = {
    "vapour_pressure": "Pa",
    "liquid_density": "kg/m3",
    "liquid_cp": "J/kg/K",
    "gas_cp": "J/kg/K",
    "latent_heat": "J/kg",
    "liquid_viscosity": "Pa s",
    "surface_tension": "N/m",
    "liquid_conductivity": "W/m/K",
}
REQUIRED = ("vapour_pressure", "liquid_density", "liquid_cp", "gas_cp", "latent_heat")


class NoDataError(ValueError):
    """A property that the table does not hold for a substance."""

    def __init__(self, substance_id: str, properties: str) -> None:
        self.substance_id, self.properties = substance_id, properties
        super().__init__(f"the substance table holds no {properties} for {substance_id}")


class OutOfRangeError(ValueError):
    """A temperature or pressure at which a curve is not known."""

    def __init__(self, name: str, value: float, low: float, high: float, unit: str) -> None:
        self.name, self.value, self.low, self.high, self.unit = name, value, low, high, unit
        super().__init__(f"{name} is known from {low:.6g} to {high:.6g} {unit}, not at {value:.6g}")


@dataclass(frozen=True, slots=True)
class Curve:
    """A property at rising temperatures [K]; linear between them. `name` is for the refusal."""

    name: str
    temperatures_k: tuple[float, ...]
    values: tuple[float, ...]

    def at(self, temperature_k: float) -> float:
        """Return the value at `temperature_k` [K]; `OutOfRangeError` outside the table."""
        first, last = self.temperatures_k[0], self.temperatures_k[-1]
        if not first <= temperature_k <= last:
            raise OutOfRangeError(self.name, temperature_k, first, last, "K")
        return interpolated(self.temperatures_k, self.values, temperature_k)


def interpolated(xs: tuple[float, ...], ys: tuple[float, ...], x: float) -> float:
    """Return y at `x` on the straight lines through rising `xs`; x must lie within them."""
    after = min(bisect_right(xs, x), len(ys) - 1)
    x0, x1, y0, y1 = xs[after - 1], xs[after], ys[after - 1], ys[after]
    return y0 + (y1 - y0) * (x - x0) / (x1 - x0)


@dataclass(frozen=True, slots=True)
class Fluid:
    """What a substance is made of physically.

    `molar_mass_kg_mol` [kg/mol]; `t_melt_k`, `t_boil_k` (at 101,325 Pa), `t_crit_k` [K];
    `p_crit_pa` [Pa]. Curves: `ln_vapour_pressure` ln(p/Pa) over -1/T [1/K], which rises with T;
    `liquid_density` [kg/m3], `liquid_cp` [J/kg/K], `gas_cp` (ideal gas) [J/kg/K],
    `latent_heat` [J/kg], `liquid_viscosity` [Pa s], `surface_tension` [N/m],
    `liquid_conductivity` [W/m/K] over T [K]. `associates` names how the real gas is no ideal one
    ("hexamer", "dimer", ""); `surrogate` the pure substance that stands for a mixture, or "".
    """

    id: str
    molar_mass_kg_mol: float
    t_melt_k: float
    t_boil_k: float
    t_crit_k: float
    p_crit_pa: float
    ln_vapour_pressure: Curve
    liquid_density: Curve
    liquid_cp: Curve
    gas_cp: Curve
    latent_heat: Curve
    liquid_viscosity: Curve | None = None
    surface_tension: Curve | None = None
    liquid_conductivity: Curve | None = None
    associates: str = ""
    surrogate: str = ""
    evidence: Mapping[str, Evidence] = field(
        default_factory=dict[str, Evidence], hash=False, compare=False, repr=False
    )

    def vapour_pressure_pa(self, temperature_k: float) -> float:
        """Return the saturation pressure [Pa]; `OutOfRangeError` outside the liquid's range."""
        curve = self.ln_vapour_pressure
        low, high = -1.0 / curve.temperatures_k[0], -1.0 / curve.temperatures_k[-1]
        if not low <= temperature_k <= high:
            raise OutOfRangeError(curve.name, temperature_k, low, high, "K")
        # the table's own ends may miss themselves by a rounding when turned over
        x = min(max(-1.0 / temperature_k, curve.temperatures_k[0]), curve.temperatures_k[-1])
        return math.exp(interpolated(curve.temperatures_k, curve.values, x))

    def saturation_k(self, pressure_pa: float) -> float:
        """Return the temperature [K] at which the liquid boils under `pressure_pa` [Pa]."""
        curve = self.ln_vapour_pressure
        low, high = math.exp(curve.values[0]), math.exp(curve.values[-1])
        if not low <= pressure_pa <= high:
            raise OutOfRangeError(f"{self.id} boiling", pressure_pa, low, high, "Pa")
        y = min(max(math.log(pressure_pa), curve.values[0]), curve.values[-1])
        return -1.0 / interpolated(curve.values, curve.temperatures_k, y)

    def liquid_density_kg_m3(self, temperature_k: float) -> float:
        """Return the saturated liquid's density [kg/m3]."""
        return self.liquid_density.at(temperature_k)

    def liquid_cp_j_kg_k(self, temperature_k: float) -> float:
        """Return the saturated liquid's heat capacity [J/kg/K]."""
        return self.liquid_cp.at(temperature_k)

    def gas_cp_j_kg_k(self, temperature_k: float) -> float:
        """Return the ideal gas's heat capacity at constant pressure [J/kg/K]."""
        return self.gas_cp.at(temperature_k)

    def latent_heat_j_kg(self, temperature_k: float) -> float:
        """Return the heat of vaporisation [J/kg]."""
        return self.latent_heat.at(temperature_k)

    def liquid_viscosity_pa_s(self, temperature_k: float) -> float:
        """Return the saturated liquid's dynamic viscosity [Pa s]; `NoDataError` if unpublished."""
        return self._have(self.liquid_viscosity, "liquid_viscosity").at(temperature_k)

    def surface_tension_n_m(self, temperature_k: float) -> float:
        """Return the surface tension [N/m]; `NoDataError` if unpublished."""
        return self._have(self.surface_tension, "surface_tension").at(temperature_k)

    def liquid_conductivity_w_m_k(self, temperature_k: float) -> float:
        """Return the liquid's thermal conductivity [W/m/K]; `NoDataError` if unpublished."""
        return self._have(self.liquid_conductivity, "liquid_conductivity").at(temperature_k)

    def liquid_range_k(self) -> tuple[float, float]:
        """Return from where to where [K] the liquid's pressure, density, cp and latent heat are."""
        xs = self.ln_vapour_pressure.temperatures_k
        low, high = -1.0 / xs[0], -1.0 / xs[-1]
        curves = (self.liquid_density, self.liquid_cp, self.latent_heat)
        return (
            max(low, *(curve.temperatures_k[0] for curve in curves)),
            min(high, *(curve.temperatures_k[-1] for curve in curves)),
        )

    def _have(self, curve: Curve | None, name: str) -> Curve:
        if curve is None:
            raise NoDataError(self.id, name)
        return curve

    def gas_density_kg_m3(self, temperature_k: float, pressure_pa: float) -> float:
        """Return the ideal gas's density [kg/m3]."""
        return pressure_pa * self.molar_mass_kg_mol / (GAS_CONSTANT * temperature_k)

    def gamma(self, temperature_k: float) -> float:
        """Return cp / cv of the ideal gas."""
        cp = self.gas_cp_j_kg_k(temperature_k)
        return cp / (cp - GAS_CONSTANT / self.molar_mass_kg_mol)

    def diffusivity_m2_s(self, temperature_k: float, pressure_pa: float) -> float:
        """Return the vapour's diffusivity in air [m2/s], as `diffusivity_m2_s` says."""
        return diffusivity_m2_s(self.molar_mass_kg_mol, temperature_k, pressure_pa)


def diffusivity_m2_s(molar_mass_kg_mol: float, temperature_k: float, pressure_pa: float) -> float:
    """Return a vapour's diffusivity in air [m2/s].

    D = D_w sqrt(M_w / M) (T / 298.15)^1.94 (101325 / p) from water's 2.4e-5 m2/s: US EPA,
    Offsite Consequence Analysis guidance, EPA 550-B-99-009, appendix D (the ratio to water).
    """
    at_298 = 2.4e-5 * math.sqrt(0.018015 / molar_mass_kg_mol)
    return at_298 * (temperature_k / 298.15) ** 1.94 * STANDARD_PRESSURE_PA / pressure_pa


@cache
def fluid(name: str) -> Fluid:
    """Return the physical properties of substance `name`.

    A mixture gets those of its surrogate, and its evidence says so. Raises
    `UnknownSubstanceError` for what the table does not hold, `NoDataError` naming what is missing.
    """
    known = substance(name)
    if not known.surrogate:
        return _own(known)
    stand_in = fluid(known.surrogate)
    said = f"of {known.surrogate}, which stands for it: "
    evidence = {
        key: Evidence(said + value.source, value.confidence)
        for key, value in stand_in.evidence.items()
    }
    return replace(stand_in, id=name, surrogate=known.surrogate, evidence=evidence)


def _own(known: Substance) -> Fluid:
    """Return the fluid of a pure substance from its own rows."""
    rows = _rows().get(known.id, {})
    constants = {
        "t_melt": known.t_melt_k,
        "t_boil": known.t_boil_k,
        "t_crit": known.t_crit_k,
        "p_crit": known.p_crit_pa,
    }
    t_melt, t_boil, t_crit, p_crit = constants.values()
    missing = [name for name, value in constants.items() if value is None]
    missing += [name for name in REQUIRED if name not in rows]
    if missing or t_melt is None or t_boil is None or t_crit is None or p_crit is None:
        raise NoDataError(known.id, ", ".join(missing))
    curves = {name: _curve(f"{known.id} {name}", row) for name, row in rows.items()}
    pressure = curves["vapour_pressure"]
    made = Fluid(
        id=known.id,
        molar_mass_kg_mol=known.molar_mass_kg_mol,
        t_melt_k=t_melt,
        t_boil_k=t_boil,
        t_crit_k=t_crit,
        p_crit_pa=p_crit,
        ln_vapour_pressure=Curve(
            pressure.name,
            tuple(-1.0 / t for t in pressure.temperatures_k),
            tuple(math.log(p) for p in pressure.values),
        ),
        liquid_density=curves["liquid_density"],
        liquid_cp=curves["liquid_cp"],
        gas_cp=curves["gas_cp"],
        latent_heat=curves["latent_heat"],
        liquid_viscosity=curves.get("liquid_viscosity"),
        surface_tension=curves.get("surface_tension"),
        liquid_conductivity=curves.get("liquid_conductivity"),
        associates=known.associates,
        evidence=_evidence(known, rows),
    )
    # what the curve says is what the models see; the table's own value stands in its evidence
    return replace(made, t_boil_k=made.saturation_k(STANDARD_PRESSURE_PA))


def _evidence(known: Substance, rows: Mapping[str, Mapping[str, str]]) -> dict[str, Evidence]:
    curves = {name: Evidence(row["source"], row["confidence"]) for name, row in rows.items()}
    return {**known.evidence, **curves}


def _curve(name: str, row: Mapping[str, str]) -> Curve:
    temperatures = tuple(float(cell) for cell in row["temperatures_k"].split())
    return Curve(name, temperatures, tuple(float(cell) for cell in row["values"].split()))


@cache
def _rows() -> dict[str, dict[str, dict[str, str]]]:
    """Return the rows of the table by substance and property, their numbers still text."""
    text = (resources.files("edge.substance") / TABLE).read_text(encoding="utf-8")
    found: dict[str, dict[str, dict[str, str]]] = {}
    for row in csv.DictReader(text.splitlines()):
        found.setdefault(row["substance"], {})[row["property"]] = row
    return found
