"""Correlations from the handbook tables that the `chemicals` library carries (build time only).

Perry: Perry's Chemical Engineers' Handbook, 8th ed., DIPPR equations with their own range. VDI: VDI
Heat Atlas, 2nd ed., section D3. TRC: Thermodynamics of Organic Compounds in the Gas State, 1994.
Each function gives one property of one CAS number in SI, or None where its table lacks it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from importlib import import_module
from typing import Any

from edge.substance.compiler.correlation import Correlation

Finder = Callable[[str, float], Correlation | None]  # (CAS number, molar mass [kg/mol])
NEAR_CRITICAL = 0.98


def _row(module: str, table: str, cas: str) -> dict[str, Any] | None:
    """Return the row of `cas` in a table of the library; None where it has none."""
    frame: Any = getattr(import_module(f"chemicals.{module}"), table)
    if cas not in frame.index:
        return None
    row: dict[str, Any] = frame.loc[cas].dropna().to_dict()
    return row


def _source(table: str) -> str:
    return f"chemicals {import_module('chemicals').__version__}: {table}"


def _constants(row: dict[str, Any], names: str) -> list[float]:
    return [row[name] for name in names.split() if name in row]


def _perry(
    module: str,
    table: str,
    equation: str,
    number: str,
    scale: float = 1.0,
    names: str = "C1 C2 C3 C4 C5",
) -> Finder:
    """Return a finder for one of Perry's tables, whose `equation` is a DIPPR one."""

    def find(cas: str, _molar: float) -> Correlation | None:
        row = _row(module, table, cas)
        if row is None:
            return None
        formula = getattr(import_module("chemicals.dippr"), equation)
        constants = _constants(row, names)
        top = min(row["Tmax"], NEAR_CRITICAL * row["Tc"]) if "Tc" in row else row["Tmax"]
        return Correlation(
            row["Tmin"],
            top,
            lambda t: scale * formula(t, *constants),
            _source(f"Perry 8th ed. table {number}"),
        )

    return find


def _per_mole(finder: Finder) -> Finder:
    """Return a finder that gives per kilogram what `finder` gives per mole."""

    def find(cas: str, molar: float) -> Correlation | None:
        found = finder(cas, molar)
        if found is None:
            return None
        return Correlation(
            found.low_k,
            found.high_k,
            lambda t: found.value(t) / molar,
            found.source,
            found.confidence,
        )

    return find


def _density_perry(cas: str, molar: float) -> Correlation | None:
    row = _row("volume", "rho_data_Perry_8E_105_l", cas)
    if row is None:
        return None
    constants = _constants(row, "C1 C2 C3 C4")
    top = min(row["Tmax"], NEAR_CRITICAL * row["C3"])
    formula = import_module("chemicals.dippr").EQ105
    return Correlation(
        row["Tmin"],
        top,
        lambda t: molar * formula(t, *constants),
        _source("Perry 8th ed. table 2-32 (DIPPR 105)"),
    )


def _pressure_vdi(cas: str, _molar: float) -> Correlation | None:
    row = _row("vapor_pressure", "Psat_data_VDI_PPDS_3", cas)
    if row is None:
        return None
    wagner = import_module("chemicals.vapor_pressure").Wagner
    constants = _constants(row, "Tc Pc A B C D")
    return Correlation(
        row["Tm"], NEAR_CRITICAL * row["Tc"], lambda t: wagner(t, *constants), _source("VDI D3.1")
    )


def _pressure_mcgarry(cas: str, _molar: float) -> Correlation | None:
    row = _row("vapor_pressure", "Psat_data_WagnerMcGarry", cas)
    if row is None:
        return None
    wagner = import_module("chemicals.vapor_pressure").Wagner_original
    constants = _constants(row, "Tc Pc A B C D")
    return Correlation(
        row["Tmin"],
        NEAR_CRITICAL * row["Tc"],
        lambda t: wagner(t, *constants),
        _source("McGarry 1983, Wagner equation"),
    )


def _pressure_antoine(table: str, name: str, base: float) -> Finder:
    def find(cas: str, _molar: float) -> Correlation | None:
        row = _row("vapor_pressure", table, cas)
        if row is None:
            return None
        antoine = import_module("chemicals.vapor_pressure").Antoine
        constants = [*_constants(row, "A B C"), base]
        return Correlation(
            row["Tmin"], row["Tmax"], lambda t: antoine(t, *constants), _source(name)
        )

    return find


def _density_vdi(cas: str, _molar: float) -> Correlation | None:
    row = _row("volume", "rho_data_VDI_PPDS_2", cas)
    if row is None:
        return None
    constants = _constants(row, "Tc rhoc A B C D")
    formula = import_module("chemicals.dippr").EQ116
    return Correlation(
        0.0, NEAR_CRITICAL * row["Tc"], lambda t: formula(t, *constants), _source("VDI D3.1")
    )


def _latent_vdi(cas: str, molar: float) -> Correlation | None:
    row = _row("phase_change", "phase_change_data_VDI_PPDS_4", cas)
    if row is None:
        return None
    constants = _constants(row, "Tc A B C D E")
    formula = import_module("chemicals.phase_change").PPDS12
    return Correlation(
        0.0,
        NEAR_CRITICAL * row["Tc"],
        lambda t: formula(t, *constants) / molar,
        _source("VDI D3.1"),
    )


def _vdi(module: str, table: str, formula: Callable[[], Any], names: str) -> Finder:
    """Return a finder for a VDI table without a range of its own: the liquid's range holds."""

    def find(cas: str, _molar: float) -> Correlation | None:
        row = _row(module, table, cas)
        if row is None:
            return None
        constants = _constants(row, names)
        top = NEAR_CRITICAL * row["Tc"] if "Tc" in row else math.inf
        return Correlation(0.0, top, lambda t: formula()(t, *constants), _source("VDI D3.1"))

    return find


def _viscosity_vn3(cas: str, _molar: float) -> Correlation | None:
    row = _row("viscosity", "mu_data_VN3", cas)
    if row is None:
        return None
    formula = import_module("chemicals.viscosity").Viswanath_Natarajan_3
    constants = _constants(row, "A B C")
    return Correlation(
        row["Tmin"],
        row["Tmax"],
        lambda t: 1e-3 * formula(t, *constants),
        _source("Viswanath and Natarajan 1989, 3 terms"),
    )


def _cp_zabransky(cas: str, _molar: float) -> Correlation | None:
    """Liquid cp [J/mol/K] of Zabransky and Ruzicka; the set with the widest range."""
    tables: Any = import_module("chemicals.heat_capacity").zabransky_dicts
    found = [table[cas] for table in tables.values() if cas in table]
    if not found:
        return None
    best = max(found, key=lambda item: item.Tmax - item.Tmin)
    return Correlation(best.Tmin, best.Tmax, best.calculate, _source("Zabransky et al."))


def _cp_constant(column: str) -> Finder:
    """Liquid or gas cp [J/mol/K] at 298.15 K from the CRC Handbook's standard properties."""

    def find(cas: str, _molar: float) -> Correlation | None:
        row = _row("heat_capacity", "CRC_standard_data", cas)
        if row is None or column not in row:
            return None
        value = row[column]
        return Correlation(
            298.15, 298.15, lambda _t: value, _source("CRC Handbook, standard properties, 298.15 K")
        )

    return find


def _gas_cp_trc(cas: str, _molar: float) -> Correlation | None:
    row = _row("heat_capacity", "TRC_gas_data", cas)
    if row is None:
        return None
    constants = _constants(row, "a0 a1 a2 a3 a4 a5 a6 a7")
    formula = import_module("chemicals.heat_capacity").TRCCp
    return Correlation(row["Tmin"], row["Tmax"], lambda t: formula(t, *constants), _source("TRC"))


def _gas_cp_poling(cas: str, _molar: float) -> Correlation | None:
    """Gas cp [J/mol/K] of Poling et al., The Properties of Gases and Liquids, 5th ed., app. A."""
    row = _row("heat_capacity", "Cp_data_Poling", cas)
    if row is None or "a0" not in row:
        return None
    a = _constants(row, "a0 a1 a2 a3 a4")
    gas = 8.314462618
    return Correlation(
        row["Tmin"],
        row["Tmax"],
        lambda t: gas * sum(c * t**power for power, c in enumerate(a)),
        _source("Poling et al. 5th ed. appendix A"),
    )


def _gas_cp_webbook(cas: str, _molar: float) -> Correlation | None:
    table: Any = import_module("chemicals.heat_capacity").WebBook_Shomate_gases
    if cas not in table:
        return None
    found = table[cas]
    return Correlation(
        found.Tmin, found.Tmax, found.calculate, _source("NIST WebBook, Shomate equation")
    )


def _gas_cp_janaf(cas: str, _molar: float) -> Correlation | None:
    table: Any = import_module("chemicals.heat_capacity").Cp_dict_JANAF_gas
    if cas not in table:
        return None
    temperatures, values = table[cas]
    interpolate = import_module("numpy").interp
    return Correlation(
        temperatures[1],
        temperatures[-1],
        lambda t: float(interpolate(t, temperatures, values)),
        _source("JANAF 1998"),
    )


def _sigma_mulero(cas: str, _molar: float) -> Correlation | None:
    row = _row("interface", "sigma_data_Mulero_Cachadina", cas)
    if row is None:
        return None
    formula = import_module("chemicals.interface").REFPROP_sigma
    constants = _constants(row, "Tc sigma0 n0 sigma1 n1 sigma2 n2")
    return Correlation(
        row["Tmin"], row["Tmax"], lambda t: formula(t, *constants), _source("Mulero et al. 2012")
    )


def _sigma_jasper(cas: str, _molar: float) -> Correlation | None:
    row = _row("interface", "sigma_data_Jasper_Lange", cas)
    if row is None:
        return None
    formula = import_module("chemicals.interface").Jasper
    constants = _constants(row, "a b")
    return Correlation(
        row["Tmin"],
        row["Tmax"],
        lambda t: formula(t, *constants),
        _source("Jasper, Lange's Handbook"),
    )


# a curve's property -> where to look for it, the best first
FINDERS: dict[str, dict[str, Finder]] = {
    "vapour_pressure": {
        "perry": _perry("vapor_pressure", "Psat_data_Perrys2_8", "EQ101", "2-8"),
        "vdi": _pressure_vdi,
        "mcgarry": _pressure_mcgarry,
        "landolt": _pressure_antoine("Psat_data_Landolt_Antoine", "Landolt-Boernstein V20", math.e),
        "poling": _pressure_antoine("Psat_data_AntoinePoling", "Poling et al. 5th ed.", 10.0),
    },
    "liquid_density": {"perry": _density_perry, "vdi": _density_vdi},
    "liquid_cp": {
        "perry": _per_mole(
            _perry(
                "heat_capacity", "Cp_data_Perry_Table_153_100", "EQ100", "2-153", 1e-3, "A B C D E"
            )
        ),
        "zabransky": _per_mole(_cp_zabransky),
        "crc": _per_mole(_cp_constant("Cpl")),
    },
    "latent_heat": {
        "perry": _per_mole(
            _perry(
                "phase_change",
                "phase_change_data_Perrys2_150",
                "EQ106",
                "2-150",
                names="Tc C1 C2 C3 C4",
            )
        ),
        "vdi": _latent_vdi,
    },
    "gas_cp": {
        "trc": _per_mole(_gas_cp_trc),
        "poling": _per_mole(_gas_cp_poling),
        "webbook": _per_mole(_gas_cp_webbook),
        "janaf": _per_mole(_gas_cp_janaf),
        "crc": _per_mole(_cp_constant("Cpg")),
    },
    "liquid_viscosity": {
        "perry": _perry("viscosity", "mu_data_Perrys_8E_2_313", "EQ101", "2-313"),
        "vdi": _vdi(
            "viscosity",
            "mu_data_VDI_PPDS_7",
            lambda: import_module("chemicals.viscosity").PPDS9,
            "A B C D E",
        ),
        "viswanath": _viscosity_vn3,
    },
    "surface_tension": {
        "mulero": _sigma_mulero,
        "vdi": _vdi(
            "interface",
            "sigma_data_VDI_PPDS_11",
            lambda: import_module("chemicals.dippr").EQ106,
            "Tc A B C D E",
        ),
        "jasper": _sigma_jasper,
    },
    "liquid_conductivity": {
        "perry": _perry("thermal_conductivity", "k_data_Perrys_8E_2_315", "EQ100", "2-315"),
        "vdi": _vdi(
            "thermal_conductivity",
            "k_data_VDI_PPDS_9",
            lambda: import_module("chemicals.dippr").EQ100,
            "A B C D E",
        ),
    },
}
