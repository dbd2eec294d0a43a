"""Prairie Grass: the passive plume against the field, with research inputs and with a park's.

Nothing is fitted to it; but of published constants that differ (beta i, which k the spectrum's u*
has) a choice had to be made with these data in view, and AFTOX's, van Ulden's and others' constants
come from the same trials. Runs kept aside are the better test.
"""

from __future__ import annotations

import numpy as np

from tests.evidence import prairie_models as models
from tests.evidence import scores
from tests.evidence.case import VALIDATION, Case
from tests.evidence.prairie_data import FOLDER

CHAPTER, TITLE = VALIDATION, "Prairie Grass 1956: arc maxima, 10 min, SO2"
INTRODUCTION = (
    "90 % intervals by bootstrap over runs. Operational: one 10 m wind, temperature, clock; the "
    "mean over every cloud cover, 0 to 8 eighths equally likely (*careful*: the one stability that "
    "zones are drawn with)."
)
KEYS = (
    "pg_fac2", "pg_fb", "pg_nmse", "pg_vg", "pg_stable_fac2", "pg_800m_fac2", "pg_sigy_mg",
    "pg_oper_fac2", "pg_oper_gain_lo", "pg_area_hit",
)  # fmt: skip


def cases() -> list[Case]:
    """Return every arc maximum with research inputs."""
    table = models.research()
    return [
        Case(f"run {run}", f"{x:g} m", o, p, "mg/m3")
        for run, x, o, p in zip(
            table.run.tolist(), table.x_m.tolist(), table.observed.tolist(), table.ours.tolist(),
            strict=True,
        )
    ]  # fmt: skip


def figures() -> dict[str, float | None]:
    """Return the figures of the bench; None for each where the data are not there."""
    if not FOLDER.is_dir():
        return dict.fromkeys(KEYS)
    table, ours = models.research(), models.operational()
    gain = models.gains(ours, models.briggs_operational())
    hit, _false = models.area()
    return {
        "pg_fac2": scores.fac2(table.observed, table.ours),
        "pg_fb": scores.fb(table.observed, table.ours),
        "pg_nmse": scores.nmse(table.observed, table.ours),
        "pg_vg": scores.vg(table.observed, table.ours),
        "pg_stable_fac2": _fac2(table.part(table.stable)),
        "pg_800m_fac2": _fac2(table.part(table.x_m == 800)),
        "pg_sigy_mg": scores.mg(table.observed_y_m, table.ours_y_m),
        "pg_oper_fac2": _fac2(ours),
        "pg_oper_gain_lo": scores.interval(lambda rows: float(np.mean(gain[rows])), ours.run)[0],
        "pg_area_hit": hit,
    }


def _fac2(table: models.Table) -> float:
    return scores.fac2(table.observed, table.ours)


def baselines() -> dict[str, float | None]:
    """Return the figures of Briggs' textbook plume, and what lies beside ours."""
    if not FOLDER.is_dir():
        return {}
    table, park = models.briggs_research(), models.briggs_operational()
    return {
        "pg_fac2_briggs": _fac2(table),
        "pg_fb_briggs": scores.fb(table.observed, table.ours),
        "pg_nmse_briggs": scores.nmse(table.observed, table.ours),
        "pg_vg_briggs": scores.vg(table.observed, table.ours),
        "pg_stable_fac2_briggs": _fac2(table.part(table.stable)),
        "pg_800m_fac2_briggs": _fac2(table.part(table.x_m == 800)),
        "pg_sigy_mg_briggs": scores.mg(table.observed_y_m, table.ours_y_m),
        "pg_oper_fac2_briggs": _fac2(park),
        "pg_oper_fac2_careful": _fac2(models.careful()),
        "pg_area_false": models.area()[1],
    }


def summary() -> list[str]:
    """Return the Markdown of this module: scores with intervals, by arc, and what physics buys."""
    lines = [INTRODUCTION, "", *_heading("what")]
    named = {
        "similarity, research inputs": models.research(),
        "Briggs, research inputs": models.briggs_research(),
        "similarity, operational": models.operational(),
        "similarity, operational, careful": models.careful(),
        "Briggs, operational": models.briggs_operational(),
    }
    lines += [_line(name, table, intervals=True) for name, table in named.items()]
    whole = models.research()
    parts = {f"research, {x:g} m": whole.x_m == x for x in np.unique(whole.x_m).tolist()}
    parts |= {"research, stable": whole.stable, "research, unstable": ~whole.stable}
    lines += [_line(name, whole.part(which)) for name, which in parts.items()]
    hit, false = models.area()
    limits = ", ".join(f"{limit:.2g}" for limit in models.THRESHOLDS_MG_M3)
    there = f"samplers above {limits} mg/m3 (AEGL-1, 2, 3 of 10 min)"
    shares = f"hit / (hit + miss) {hit:.2f}, false / (hit + miss) {false:.2f}"
    lines += [
        "",
        f"Area, operational, {there}: {shares}.",
        "",
        "What each piece of physics buys (research inputs):",
        "",
        *_heading("without it"),
    ]
    return lines + [_line(name, table) for name, table in models.ablations().items()]


def _heading(what: str) -> list[str]:
    names = " | ".join(scores.SCORES)
    return [f"| {what} | n | {names} | sigma_y MG |", "|---" * (len(scores.SCORES) + 3) + "|"]


def _line(name: str, table: models.Table, *, intervals: bool = False) -> str:
    cells = [name, str(table.run.size)]
    for score in scores.SCORES.values():
        text = f"{score(table.observed, table.ours):.2f}"
        if intervals:
            low, high = scores.interval(
                lambda rows, f=score: f(table.observed[rows], table.ours[rows]), table.run
            )
            text += f" ({low:.2f} to {high:.2f})"
        cells.append(text)
    cells.append(f"{scores.mg(table.observed_y_m, table.ours_y_m):.2f}")
    return "| " + " | ".join(cells) + " |"
