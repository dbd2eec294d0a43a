"""Acquisition's figures, each beside its baseline: pymodbus, asyncua and thingsboard-gateway.

Run as `python -m tests.bench.acquisition [--json]`. Targets: see `TARGETS`.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from edge.daemons.runtime import log_to_stderr
from suian.demo.workspace import free_ports
from tests.bench import acquisition_core, dead_unit
from tests.bench.journal import writes_mb_per_day
from tests.bench.kit import Bench, main
from tests.bench.opcua import measure_opcua
from tests.bench.planning import plan_over_optimum
from tests.peers import thingsboard
from tests.peers.register_site import write_register_site
from tests.peers.registers import serving

TARGETS = {
    "regs_ratio_bare_pymodbus": ">= 0.35",
    "cpu_ratio_tbgw_ranges": "<= 0.5",
    "cpu_ratio_tbgw_per_tag": "<= 0.15",
    "cpu_share_10k_tags": "<= 0.25",
    "dead_unit_live_gap_p99_s": "<= 1.5",
    "dead_unit_back_s": "<= 10",
    "plan_over_optimum": "<= 1.10",
    "opcua_cpu_ratio_bare": "<= 1.5",
    "opcua_silence_bad_s": "<= 3",
    "opcua_back_s": "<= 3",
    "rss_10k_tags_mb": "<= 150",
    "load_10k_tags_s": "<= 3",
    "writes_mb_per_day": "<= 300",
}
DEVICES, REGISTERS = 100, 100
SHARE = acquisition_core.SHARE


def beside_thingsboard(bench: Bench, root: Path) -> None:
    """Set CPU per 1,000 values of the whole gateway over thingsboard-gateway's, same registers.

    Ours is core and relay together, everything on, with a broker that is there.
    """
    with serving(DEVICES, SHARE) as ports:
        ranges = thingsboard.measure(root / "ranges", ports, REGISTERS, ranges=True)
        (port,) = free_ports(1)
        (root / "broker").mkdir()
        with thingsboard.broker(root / "broker", port):
            site = write_register_site(root / "site", ports, 1, REGISTERS, 1.0, port)
            ours = asyncio.run(acquisition_core.spent(root / "ours", site, beside=("relay",)))
        per_tag = thingsboard.measure(root / "per-tag", ports, REGISTERS, ranges=False)
    mine = ours.cpu_s / ours.samples * 1000
    for name, run in (("ranges", ranges), ("per_tag", per_tag)):
        note = f"{mine:.4f} against {run.cpu_s_per_1000:.4f} CPU-s per 1,000 values"
        bench.set(f"cpu_ratio_tbgw_{name}", mine / run.cpu_s_per_1000, note)
        bench.baselines[f"tbgw_{name}_cpu_s_per_1000"] = round(run.cpu_s_per_1000, 4)
        bench.baselines[f"tbgw_{name}_values_s"] = round(run.tags_s)


def measure(bench: Bench) -> None:
    """Measure every figure of acquisition."""
    log_to_stderr("error")
    with tempfile.TemporaryDirectory(prefix="suian-b-") as folder:
        root = Path(folder)
        ratio, bare = acquisition_core.regs_ratio(root / "ratio")
        note = f"{100 * SHARE:g} % of the registers change from poll to poll"
        bench.set("regs_ratio_bare_pymodbus", ratio, note)
        bench.baselines["bare_pymodbus_regs_per_cpu_s"] = round(bare)
        ten = acquisition_core.ten_thousand_tags(root / "ten")
        note = f"{ten['overruns']:g} overruns, {ten['failures']:g} failed reads"
        bench.set("cpu_share_10k_tags", ten["cpu_share_10k_tags"], note)
        bench.set("rss_10k_tags_mb", ten["rss_10k_tags_mb"])
        bench.set("load_10k_tags_s", ten["load_10k_tags_s"])
        try:
            beside_thingsboard(bench, root / "tbgw")
        except RuntimeError as error:  # no package index, or no broker
            for name in ("ranges", "per_tag"):
                bench.set(f"cpu_ratio_tbgw_{name}", None, str(error))
        dead = asyncio.run(dead_unit.measure(root / "dead"))
        bench.set("dead_unit_live_gap_p99_s", dead.live_gap_p99_s)
        bench.set("dead_unit_back_s", dead.back_s)
        bench.baselines["pymodbus_round_with_a_dead_unit_s"] = round(dead.pymodbus_gap_s, 2)
        bench.set("plan_over_optimum", *plan_over_optimum())
        for key, value in measure_opcua(root / "opcua").items():
            if key in TARGETS:
                bench.set(key, value)
            else:
                bench.baselines[key] = round(value, 5)
        bench.set("writes_mb_per_day", *writes_mb_per_day(root))


if __name__ == "__main__":
    main(Bench("acquisition", TARGETS), measure)
