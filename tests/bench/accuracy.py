"""The accuracy figures: `python -m tests.bench.accuracy [--json]`.

Gathers every module of tests/evidence: its figures, its baselines and, without `--json`, every case
and arc in two chapters; slabx's baselines come from `accuracy_slabx`. *Verification* is the same
equations and numbers as somebody else's program or table; the word accurate is not used for it.
*Validation* is field trials; for dense gas there are few and they are said to be.
"""

from __future__ import annotations

import sys

from tests.bench import accuracy_slabx
from tests.bench.kit import Bench, main
from tests.evidence.case import REFERENCE
from tests.evidence.gather import CHAPTERS, modules

TARGETS = {
    "slab_decks_in_band": ">= 0.90",
    "slab_decks_10pct": ">= 0.98",
    "aftox_max_rel": "<= 0.01",
    "gaussian_max_rel": "<= 0.01",
    "source_liquid_max_rel": "<= 0.02",
    "source_vapour_max_rel": "<= 0.03",
    "pg_fac2": ">= 0.95",
    "pg_fb": "within +-0.10",
    "pg_nmse": "<= 0.17",
    "pg_vg": "<= 1.12",
    "pg_stable_fac2": ">= 0.85",
    "pg_800m_fac2": ">= 0.85",
    "pg_sigy_mg": "0.9-1.1",
    "pg_oper_fac2": ">= 0.75",
    "pg_oper_gain_lo": "> 0",
    "pg_area_hit": ">= 0.80",
    "dense_fac2": "reported",
    "dense_mg": "reported",
    "dense_vg": "reported",
    "burro8_lfl_ratio": "reported",
}


def measure(bench: Bench) -> None:
    """Ask every module of evidence for its figures."""
    missing = f"no reference data under {REFERENCE}"
    for module in modules():
        for key, value in module.figures().items():
            if key in TARGETS:
                bench.set(key, value, "" if value is not None else missing)
            else:  # a figure that has no target is shown beside them
                bench.baselines[key] = value if value is None else round(value, 4)
        if hasattr(module, "baselines"):
            for key, value in module.baselines().items():
                bench.baselines[key] = value if value is None else round(value, 4)
    accuracy_slabx.measure(bench)
    if "--json" not in sys.argv:
        show()


def show() -> None:
    """Print every case, chapter by chapter."""
    for chapter in CHAPTERS:
        for module in modules():
            if chapter != module.CHAPTER:
                continue
            sys.stdout.write(f"\n{chapter}: {module.TITLE}\n")
            for case in module.cases():
                within = f" (band {case.band:g})" if case.band else ""
                sys.stdout.write(
                    f"  {case.case:32} {case.where:28} {case.reference:12.5g} {case.ours:12.5g} "
                    f"{case.unit:6} {case.error:8.2%}{within}\n"
                )


if __name__ == "__main__":
    main(Bench("accuracy", TARGETS), measure)
