"""The exact two-zone step against the closed form of infiltration."""

import csv

from edge.dispersion.room.linear import Rates, step
from tests.evidence.case import REFERENCE, VERIFICATION, Case

CHAPTER = VERIFICATION
TITLE = "Rooms: indoor concentration and dose under a cloud of finite duration"
TABLE = REFERENCE / "dispersion/gaussian/infiltration_step.csv"
BAND = 1e-9


def cases() -> list[Case]:
    """Return every row of the infiltration table, concentration and dose; empty without it."""
    if not TABLE.is_file():
        return []
    with TABLE.open(encoding="utf-8") as file:
        return [case for row in csv.DictReader(file) for case in _row(row)]


def _row(row: dict[str, str]) -> list[Case]:
    rate, cloud, t = (float(row[name]) for name in ("ACH_per_h", "cloud_duration_s", "t_s"))
    rate /= 3600
    inside, dose = (0.0, 0.0), 0.0
    for source, seconds in ((rate, min(t, cloud)), (0.0, max(t - cloud, 0.0))):
        inside, held = step(Rates(rate, rate, 0.0, 0.0), inside, (source, 0.0), seconds)
        dose += held[0]
    name, where = f"infiltration-{row['id']}", f"{t:g} s"
    ratio, integral = float(row["C_in_over_C_out"]), float(row["integral_C_in_dt_over_C_out_s"])
    return [
        Case(name, f"C at {where}", ratio, inside[0], "", BAND),
        Case(name, f"dose at {where}", integral, dose, "s", BAND),
    ]


def figures() -> dict[str, float | None]:
    """Return the keys of the accuracy bench: none of its own."""
    return {}
