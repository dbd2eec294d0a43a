"""slabx beside the dense model: the same decks of SLAB, the same places, the same bands.

slabx is run through its public calls, too slow for the tests. Its greatest concentration over
height (`z="max"`) is the decks' `c_max`. What it gives depends on its number of puff steps: the
baselines use SLAB's own 60, and the note says what slabx's default of 40 gives. A place that it
gives no value for (a call that failed, a path that does not reach there) counts as missed.
"""

from __future__ import annotations

import importlib
import math
import warnings
from collections import Counter
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from tests.bench.kit import Bench
from tests.evidence import slab
from tests.evidence.case import REFERENCE, Case

IN_BAND, WITHIN_TEN = "slab_decks_in_band_slabx", "slab_decks_10pct_slabx"
SLAB_STEPS, DEFAULT_STEPS = 60, 40  # SLAB's table has 61 rows
SOURCES = {
    1: ("slabx.core.source", "EvaporatingPool"),
    2: ("slabx.core.source", "HorizontalJet"),
    3: ("slabx.core.vertical_jet", "VerticalJet"),
    4: ("slabx.core.source", "InstantaneousRelease"),
}
# what another's program may end in; each is counted by its name
FAILURES = (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError)
Floats = slab.Floats


@dataclass(slots=True)
class Tally:
    """What became of the decks and of their places."""

    places: int = 0
    in_band: int = 0
    within_ten: int = 0
    beyond: int = 0  # places that slabx's path does not reach
    decks: int = 0
    left_out: int = 0  # decks of a kind that slabx does not have
    failed: Counter[str] = field(default_factory=Counter[str])
    warned: Counter[str] = field(default_factory=Counter[str])

    def shares(self) -> tuple[float, float]:
        """Return the share of places in their band, and within 10 %."""
        return self.in_band / self.places, self.within_ten / self.places


def source_of(given: slab.Deck, substance: object) -> Any:
    """Return a deck's release as slabx takes it."""
    kind = given["idspl"]
    module, name = SOURCES[kind]
    wanted: dict[str, object] = {
        "substance": substance,
        "rate": given["qs"],
        "area": given["as"],
        "duration": given["tsd"],
        "T_source": given["ts"],
    }
    if kind != 1:
        wanted |= {"liquid_fraction": given["cmed0"], "height": given["hs"]}
    if kind == 4:
        wanted["mass"] = given["qtis"]
    return getattr(importlib.import_module(module), name)(**wanted)


def along_axis(given: slab.Deck, steps: int) -> tuple[Floats, Floats]:
    """Return x (n,) [m] ahead of the source and slabx's greatest volume fraction there."""
    thermo = importlib.import_module("slabx.thermo.base")
    substance = thermo.Substance(
        name="deck",
        mw=given["wms"],
        cp_vapour=given["cps"],
        cp_liquid=given["cpsl"],
        dh_vap=given["dhe"],
        T_boil=given["tbp"],
        rho_liquid=given["rhosl"],
        sat_B=given["spb"],
        sat_C=given["spc"],
    )
    layers = {"stability": given["stab"]} if given["stab"] else {"inv_L": given["ala"]}
    air = importlib.import_module("slabx.submodels.atmosphere").Atmosphere(
        u_ref=given["ua"],
        z_ref=given["za"],
        T=given["ta"],
        rh=given["rh"],
        z0=given["z0"],
        **layers,
    )
    path, _ = importlib.import_module("slabx.core.plume").run_dispersion(
        source_of(given, substance),
        air,
        thermo.LegacyThermo(substance),
        thermo.water_backend(),
        x_max=given["xffm"],
        n_puff_steps=steps,
    )
    post = importlib.import_module("slabx.post.concentration")
    found = post.concentration_field(path, air, z="max", t_avg=given["tav"])
    x, fraction = np.asarray(found.x, float), np.asarray(found.peak, float)
    return x[x > 0], fraction[x > 0]


def compare(tally: Tally, rows: list[Case], x: Floats, fraction: Floats) -> None:
    """Count a deck's places; between slabx's rows in logarithms, as `slab.cases` does."""
    for row in rows:
        where = float(row.where.removesuffix(" m"))
        if not x[0] <= where <= x[-1]:
            tally.beyond += 1
            continue
        theirs = math.exp(np.interp(math.log(where), np.log(x), np.log(fraction + 1e-300)))
        error = abs(theirs / row.reference - 1)
        tally.in_band += error <= row.band
        tally.within_ten += error <= 0.10


def run(steps: int) -> Tally:
    """Run every deck with this number of puff steps."""
    tally, rows = Tally(), dict[str, list[Case]]()
    for case in slab.cases():
        rows.setdefault(case.case, []).append(case)
    for name, deck in slab.decks().items():
        if deck["input"]["idspl"] not in SOURCES:
            tally.left_out += 1
            continue
        tally.decks += 1
        tally.places += len(rows[name])
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            try:
                x, fraction = along_axis(deck["input"], steps)
                compare(tally, rows[name], x, fraction)
            except FAILURES as error:
                tally.failed[type(error).__name__] += 1
        tally.warned.update({warning.category.__name__ for warning in said})
    return tally


def note_of(tally: Tally, default: Tally) -> str:
    """Return what a reader must know of the two shares."""

    def named(counts: Counter[str]) -> str:
        return ", ".join(f"{name} {count}" for name, count in counts.items()) or "none"

    in_band, within_ten = default.shares()
    return (
        f"slabx {version('slabx')}, {tally.decks} decks, {tally.places} places, maximum over "
        f"height, {SLAB_STEPS} puff steps as SLAB; decks left out {tally.left_out}; calls failed: "
        f"{named(tally.failed)}; places beyond its path, counted as missed: {tally.beyond}; decks "
        f"with warnings: {named(tally.warned)}. With its default of {DEFAULT_STEPS} steps: "
        f"{in_band:.4f} in band, {within_ten:.4f} within 10 %, calls failed: "
        f"{named(default.failed)}, places beyond its path {default.beyond}"
    )


def measure(bench: Bench) -> None:
    """Set the two baselines, or null and why."""
    try:
        version("slabx")
        missing = "" if slab.decks() else f"no reference data under {REFERENCE}"
    except PackageNotFoundError:
        missing = "slabx is not installed"
    shares: tuple[float | None, float | None] = (None, None)
    note = missing
    if not missing:
        tally, default = run(SLAB_STEPS), run(DEFAULT_STEPS)
        shares, note = tally.shares(), note_of(tally, default)
    for key, value in zip((IN_BAND, WITHIN_TEN), shares, strict=True):
        bench.baselines[key] = value if value is None else round(value, 4)
        bench.notes[key] = note if value is None or key == IN_BAND else f"as {IN_BAND}"
