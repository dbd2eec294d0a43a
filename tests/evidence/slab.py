"""SLAB's own decks: the greatest concentration along the wind of every reproducible one.

Each deck carries its properties, so the inner model is run, not `solve`. A place is in its band
within 3 % or three times what SLAB itself moves by when its steps are made finer.
"""

from __future__ import annotations

import csv
import json
import math
from functools import cache
from typing import Any

import numpy as np

from edge.dispersion.dense import field, kernels_jit
from edge.dispersion.dense.air import ATMOSPHERE_PA, Air
from edge.dispersion.dense.ambient import inverse_length_of, make_air, stability_of
from edge.dispersion.dense.solve import field_tables
from edge.dispersion.dense.source import Release, Shape
from edge.dispersion.dense.thermo import Gas
from edge.dispersion.dense.trace import trace
from edge.substance.fluid import GAS_CONSTANT
from tests.evidence.case import REFERENCE, VERIFICATION, Case

CHAPTER, TITLE = VERIFICATION, "SLAB decks: greatest concentration along the wind"
TABLES = REFERENCE / "dispersion" / "slab"
LEAST_BAND, BANDS = 0.03, 3.0
# SLAB's own line of water's saturation, p / atmosphere = exp(15.08 - 5514 / T), to 1e-6 from the
# water of the decks' seven airs: a property like the gas's, which the decks also carry
STEAM = (15.08 + math.log(ATMOSPHERE_PA), 5514.0, 0.0)
SHAPES = {1: Shape.POOL, 2: Shape.JET, 3: Shape.UPWARD, 4: Shape.INSTANT}
Deck = dict[str, Any]
Floats = field.Floats


@cache
def decks() -> dict[str, Deck]:
    """Return the decks that SLAB itself reproduces, by id."""
    if not TABLES.is_dir():
        return {}
    with (TABLES / "slab_cases.json").open(encoding="utf-8") as file:
        found: dict[str, Deck] = json.load(file)
    return {name: deck for name, deck in found.items() if deck["well_conditioned"]}


@cache
def profiles() -> dict[str, list[tuple[float, float]]]:
    """Return (x [m], greatest volume fraction) of every deck."""
    found: dict[str, list[tuple[float, float]]] = {}
    with (TABLES / "slab_profile.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["case"], []).append((float(row["x"]), float(row["c_max"])))
    return found


def setting(deck: Deck) -> tuple[Gas, Air, Release]:
    """Return a deck as the inner model takes it."""
    given = deck["input"]
    roughness = given["z0"]
    length, stability = given["ala"], given["stab"]
    if stability == 0:
        stability = stability_of(length, roughness)
    else:
        length = inverse_length_of(stability, roughness)
    wet = given["rh"] / 100.0
    air = make_air(
        given["ua"], given["za"], roughness, length, stability, given["ta"], wet, steam=STEAM
    )
    slope, shift = given["spb"], given["spc"]
    if slope < 0:
        slope, shift = given["dhe"] * given["wms"] / GAS_CONSTANT, 0.0
    boils = given["tbp"]
    gas = Gas(
        given["wms"],
        given["cps"],
        boils,
        given["dhe"],
        given["cpsl"],
        given["rhosl"],
        slope / (boils + shift),
        slope,
        shift,
    )
    release = Release(
        shape=SHAPES[given["idspl"]],
        area_m2=given["as"],
        temperature_k=given["ts"],
        rate_kg_s=given["qs"],
        duration_s=given["tsd"],
        mass_kg=given["qtis"],
        liquid=given["cmed0"],
        height_m=given["hs"],
        averaging_s=given["tav"],
    )
    return gas, air, release


def along_axis(
    gas: Gas, air: Air, release: Release, z_m: float | None = None
) -> tuple[Floats, Floats]:
    """Return x (n,) [m] and the greatest mean volume fraction there, at `z_m` or any height."""
    life = trace(gas, air, release, kernels_jit)
    _, table, first_puff = field_tables(life)
    found = np.zeros(len(table))
    for n, line in enumerate(table):
        share = field.passing_mean(line, release.averaging_s) if n >= first_puff else 1.0
        middle = field.highest(line, 1.0) if z_m is None else field.across(line, 0.0, z_m, 1.0)
        found[n] = middle * share
    ahead = table[:, field.F_X] > 0
    return table[ahead, field.F_X], found[ahead]


def band_of(deck: Deck) -> float:
    """Return the share that a place of the deck may differ by."""
    moved = deck["noise"].get("ncalc_2_to_8_cmax_maxrel") or 0.0
    return max(LEAST_BAND, BANDS * moved)


@cache
def cases() -> list[Case]:
    """Return every place of every deck."""
    found: list[Case] = []
    for name, deck in decks().items():
        x, fraction = along_axis(*setting(deck))
        for where, wanted in profiles()[name]:
            if where < x[0] or where > x[-1]:
                continue
            ours = math.exp(np.interp(math.log(where), np.log(x), np.log(fraction + 1e-300)))
            found.append(Case(name, f"{where:g} m", wanted, ours, "volume", band_of(deck)))
    return found


def figures() -> dict[str, float | None]:
    """Return the share of places within their band, and within 10 %."""
    if not decks():
        return {"slab_decks_in_band": None, "slab_decks_10pct": None}
    rows = cases()
    return {
        "slab_decks_in_band": sum(row.error <= row.band for row in rows) / len(rows),
        "slab_decks_10pct": sum(row.error <= 0.10 for row in rows) / len(rows),
    }


def summary() -> list[str]:
    """Return the table of decks for docs/models/evidence.md."""
    rows = cases()
    if not rows:
        return ["No reference data here."]
    shares = {key: value or 0.0 for key, value in figures().items()}
    places = f"{len(decks())} decks, {len(rows)} places"
    share = f"{shares['slab_decks_in_band']:.3f} in band, {shares['slab_decks_10pct']:.3f}"
    lines = [
        f"{places}: {share} within 10 %.",
        "",
        "| deck | places | median | worst | where | band | in band |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, deck in decks().items():
        own = [row for row in rows if row.case == name]
        worst = max(own, key=lambda row: row.error)
        middle = float(np.median([row.error for row in own]))
        inside = sum(row.error <= row.band for row in own)
        lines.append(
            f"| {name} | {len(own)} | {100 * middle:.1f} % | {100 * worst.error:.1f} % "
            f"| {worst.where} | {100 * band_of(deck):.0f} % | {inside} |"
        )
    return lines
