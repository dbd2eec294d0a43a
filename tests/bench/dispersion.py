"""The dispersion library's speed beside its baselines.

Run as `python -m tests.bench.dispersion [--json]`. Targets: see `TARGETS`. The parts are in
`dispersion_plume` (with `plume.c`), `dispersion_puff`, `dispersion_dense` and `dispersion_maps`.
"""

from tests.bench import dispersion_dense, dispersion_maps, dispersion_plume, dispersion_puff
from tests.bench.kit import Bench, main

TARGETS = {
    "plume100_ratio_c": "<= 1.3",
    "puff_10rec_1h_ms": "<= 2",
    "puff_ground51_1h_ms": "<= 100",
    "speedup_puff": ">= 30",
    "speedup_dense": ">= 30",
    "dense_run_ms": "<= 5",
    "dense_ratio_slabx": "<= 0.01",
    "ensemble200_s": "<= 1",
    "first_result_s": "<= 2",
    "map_steady_s": "<= 1.5",
    "map_pool_s": "<= 1.5",
    "map_moving_s": "<= 5",
    "map_moving_pool_s": "<= 5",
}


def measure(bench: Bench) -> None:
    """Measure every figure of the dispersion library."""
    dispersion_plume.against_c(bench)
    dispersion_puff.receptors(bench)
    dispersion_puff.ground(bench)
    dispersion_puff.speedup(bench)
    dispersion_dense.measure(bench)
    dispersion_plume.first_result(bench)
    dispersion_maps.maps(bench)


if __name__ == "__main__":
    main(Bench("dispersion", TARGETS), measure)
