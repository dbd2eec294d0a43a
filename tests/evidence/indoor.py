"""Verification: the closed form of a step cloud seeping into a building."""

from __future__ import annotations

import csv

from edge.dispersion.consequence.indoor import Airing, indoors
from tests.evidence.case import REFERENCE, VERIFICATION, Case

CHAPTER = VERIFICATION
TITLE = "Indoor concentration and dose of a step cloud (closed form)"
BAND = 1e-9
TABLE = "dispersion/gaussian/infiltration_step.csv"


def cases() -> list[Case]:
    """Return the concentration and the dose at every row of the table, outdoors 1."""
    found: list[Case] = []
    with (REFERENCE / TABLE).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            ach, cloud, t = (float(row[k]) for k in ("ACH_per_h", "cloud_duration_s", "t_s"))
            end = max(t, cloud) + 1.0
            series = ([0.0, cloud, cloud, end], [1.0, 1.0, 0.0, 0.0])
            if t < cloud:
                series = ([0.0, t, end], [1.0, 1.0, 1.0])
            inside = indoors(*series, [Airing(0.0, ach)])
            whole = indoors(*_until(t, cloud), [Airing(0.0, ach)])
            name, where = f"{ach:g} per hour, cloud {cloud:g} s", f"t = {t:g} s"
            ours, dose = inside.at(t), float(whole.dose[-1])
            theirs = float(row["C_in_over_C_out"])
            theirs_dose = float(row["integral_C_in_dt_over_C_out_s"])
            found.append(Case(name, where, theirs, ours, "C_i/C_o", BAND))
            found.append(Case(name, where, theirs_dose, dose, "dose/C_o [s]", BAND))
    return found


def figures() -> dict[str, float | None]:
    """Return the greatest relative error."""
    return {"indoor_max_rel": max(case.error for case in cases())}


def _until(t: float, cloud: float) -> tuple[list[float], list[float]]:
    """Return the outdoor series that ends at `t`."""
    if t <= cloud:
        return [0.0, t], [1.0, 1.0]
    return [0.0, cloud, cloud, t], [1.0, 1.0, 0.0, 0.0]
