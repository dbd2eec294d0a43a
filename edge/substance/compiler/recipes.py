"""What each fluid's curves are made from, and the constants that the facts leave to a library."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from edge.substance.compiler.curves import Point, Recipe
from edge.substance.compiler.table import Facts, read

POINTS = Path(__file__).with_name("points.csv")
# fluids of CoolProp that the reference does not name
COOLPROP = {"water": "Water", "air": "Air"}
# property -> the library's function for it and the factor to the table's unit
CONSTANTS = {
    "molar_mass": ("MW", "g/mol"),
    "t_melt": ("Tm", "K"),
    "t_boil": ("Tb", "K"),
    "t_crit": ("Tc", "K"),
    "p_crit": ("Pc", "Pa"),
}


def completed(facts: Facts, reference: Path) -> Facts:
    """Return `facts` with the constants they lack of each pure substance, from the libraries."""
    library: Any = import_module("chemicals")
    said = f"chemicals {library.__version__}"
    names = coolprop_names(reference)
    for name, known in facts.items():
        if "surrogate" in known or name == "oleum":
            continue
        cas = known["cas"][0]
        if name in names and "t_melt" not in known:
            triple = import_module("CoolProp.CoolProp").PropsSI("Ttriple", names[name])
            version = import_module("CoolProp").__version__
            known["t_melt"] = (
                f"{triple:.6g}",
                "K",
                f"CoolProp {version}, {names[name]}, triple point",
                "verified",
            )
        for key, (function, unit) in CONSTANTS.items():
            value = None if key in known else getattr(library, function)(cas)
            if value is not None:
                known[key] = (f"{value:.6g}", unit, f"{said} {function}", "verified")
    return facts


def recipes(facts: Facts, reference: Path) -> list[Recipe]:
    """Return the recipe of every substance whose constants are known."""
    library: Any = import_module("chemicals")
    names = coolprop_names(reference)
    points = _points(facts)
    found: list[Recipe] = []
    for name, known in facts.items():
        if "surrogate" in known or not {"t_melt", "t_boil", "t_crit", "p_crit"} <= known.keys():
            continue
        cas = known["cas"][0]
        found.append(
            Recipe(
                id=name,
                cas=cas,
                coolprop=names.get(name, ""),
                molar_mass_kg_mol=float(known["molar_mass"][0]) / 1000,
                t_melt_k=float(known["t_melt"][0]),
                t_boil_k=float(known["t_boil"][0]),
                t_crit_k=float(known["t_crit"][0]),
                acentric=library.omega(cas) or 0.0,
                points=points.get(name, {}),
            )
        )
    return found


def coolprop_names(reference: Path) -> dict[str, str]:
    """Return CoolProp's name of each substance that it has."""
    rows = read(reference / "chemicals.csv")
    theirs = {row["slug"]: row["coolprop_name"] for row in rows if row["coolprop_name"]}
    return {**theirs, **COOLPROP}


def _points(facts: Facts) -> dict[str, dict[str, Point]]:
    """Return the single values of `points.csv` by substance and property."""
    found: dict[str, dict[str, Point]] = {}
    for row in read(POINTS):
        molar = float(facts[row["substance"]]["molar_mass"][0]) / 1000
        scale = 1 / molar if "/mol" in row["unit"] else 1.0
        values = tuple(scale * float(cell) for cell in row["value"].split())
        point = Point(float(row["temperature_k"]), values, row["source"], row["confidence"])
        found.setdefault(row["substance"], {})[row["property"]] = point
    return found
