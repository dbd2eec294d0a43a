"""Isolation and protective-action distances of the Emergency Response Guidebook 2024.

Table 1 gives them for small and large spills by day and night, table 3 for large spills of six
common gases by container and wind as well. The compiled `erg.csv` holds what the reference holds,
one row for each case; a substance that is not there has none in the guidebook, or none known here.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from functools import cache
from importlib import resources

TABLE = "erg.csv"
COLUMNS = (
    "substance",
    "un",
    "spill",
    "container",
    "time",
    "wind",
    "isolate_m",
    "protect_km",
    "at_least",
    "source",
    "confidence",
)
SPILLS = ("small", "large")  # ERG: small is up to 208 L
# What a container of table 3 holds at most: usual sizes, on the small side; "" is table 1.
HOLDS_KG = {
    "Multiple small cylinders or single ton cylinder": 1000.0,
    "Multiple small cylinders": 1000.0,
    "Agricultural nurse tank": 4000.0,
    "Multiple ton cylinders": 5000.0,
    "Highway tank truck or trailer": 25_000.0,
    "Rail tank car": math.inf,
    "": math.inf,
}
TIMES = ("day", "night")
WINDS = ("low", "moderate", "high")  # ERG table 3: below 10, 10 to 20, above 20 km/h


@dataclass(frozen=True, slots=True)
class Distance:
    """One case of the guidebook.

    Isolate `isolate_m` [m] all round, protect `protect_m` [m] downwind; `container` and `wind` are
    "" in table 1; `at_least` where "11.0+ km" is printed.
    """

    substance: str
    un: str
    spill: str
    container: str
    time: str
    wind: str
    isolate_m: float
    protect_m: float
    at_least: bool
    source: str
    confidence: str


@cache
def distances(substance: str) -> tuple[Distance, ...]:
    """Return every case known for `substance`; none where the guidebook has none."""
    return tuple(row for row in _table() if row.substance == substance)


def isolation_m(substance: str, spill: str, held_kg: float = math.inf) -> float | None:
    """Return the isolation distance [m] of a "small" or "large" spill; None where none is known.

    Table 3 gives it by container: taken is the greatest of those that hold no more than the
    smallest one that holds `held_kg` [kg], what was in the vessel; all of them where that is not
    known.
    """
    if spill not in SPILLS:
        raise ValueError(f"a spill is {' or '.join(SPILLS)}, not {spill!r}")
    known = [row for row in distances(substance) if row.spill == spill]
    fits = [HOLDS_KG[row.container] for row in known if HOLDS_KG[row.container] >= held_kg]
    most = min(fits, default=math.inf)
    return max((row.isolate_m for row in known if HOLDS_KG[row.container] <= most), default=None)


@cache
def _table() -> tuple[Distance, ...]:
    text = (resources.files("edge.substance") / TABLE).read_text(encoding="utf-8")
    return tuple(
        Distance(
            row["substance"],
            row["un"],
            row["spill"],
            row["container"],
            row["time"],
            row["wind"],
            float(row["isolate_m"]),
            1000.0 * float(row["protect_km"]),
            row["at_least"] == "yes",
            row["source"],
            row["confidence"],
        )
        for row in csv.DictReader(text.splitlines())
    )
