"""The puffs' part of the dispersion bench: FastGaussianPuff's wind series, ground field, speedup.

The scenario is that of FastGaussianPuff's published timing: an hour of wind of 3 m/s +- 0.5 from
270 +- 30 deg, new each minute, looked at every second; a puff of 3.6 kg/h every 10 s from
(0, 0, 2 m), alive for 1,200 s, its class B/C, its spreads ISC3's. Ours follow the current wind.
The clock is the thread's own and runs over what its `simulate()` does: tracks and concentrations,
the spreads already tabled.
"""

import time
from collections.abc import Callable

import numpy as np

from edge.dispersion.arrays import Floats
from edge.dispersion.passive.puff import cloud as readable
from edge.dispersion.passive.puff import ground_jit, receptors_jit, track_jit
from edge.dispersion.passive.puff.cloud import Cloud
from edge.dispersion.passive.puff.ground import Grid
from edge.dispersion.passive.puff.table import spread_table
from edge.dispersion.passive.puff.track import track as readable_track
from edge.dispersion.passive.sigma.isc3 import isc3_y, isc3_z
from tests.bench.kit import Bench, median

ROUNDS = 15
HOUR_S, EVERY_S, LIFE_S, RATE_KG_S = 3600, 10.0, 1200.0, 3.6 / 3600
SECOND = (0.0, 1.0, HOUR_S)
RECEPTOR_CUT, GROUND_CUT = 4.4, 3.8  # spreads; each loses less than 1e-4 of the greatest value
WHOLE = 40.0  # nothing is cut
TRUTH_S = 600  # the truth takes a part of the hour: the same part for both
GROUND = Grid(-500.0, -500.0, 20.0, 20.0, 51, 51)
QUOTED = "measured once on a like machine, not in this run"
EXPONENT, AVERAGING_S, BREATHING_M = 2.75, 600.0, 1.5


def _isc3_bc(x: Floats) -> tuple[Floats, Floats]:
    """Return the mean spreads of B and C, FastGaussianPuff's of 3 m/s by day."""
    return 0.5 * (isc3_y("B")(x) + isc3_y("C")(x)), 0.5 * (isc3_z("B")(x) + isc3_z("C")(x))


def hour(seconds: int = HOUR_S) -> Cloud:
    """Return the puffs of the first `seconds` of the scenario."""
    rng = np.random.default_rng(5)
    minutes = HOUR_S // 60
    speed = 3.0 + rng.uniform(-0.5, 0.5, minutes)
    from_rad = np.radians(270.0 + rng.uniform(-30.0, 30.0, minutes))
    none, free = np.zeros(minutes), np.full(minutes, np.inf)
    starts = 60.0 * np.arange(minutes, dtype=np.float64)
    east, north = -speed * np.sin(from_rad), -speed * np.cos(from_rad)
    winds = np.stack([starts, east, north, speed, none, free], axis=1)
    born = np.arange(0.0, seconds, EVERY_S)
    size, mass = np.zeros(born.size), np.full(born.size, RATE_KG_S * EVERY_S)
    puffs = np.stack([born, mass, born, born + LIFE_S, size, size], axis=1)
    return Cloud(0.0, 0.0, 2.0, puffs, winds, spread_table(_isc3_bc)[np.newaxis])


def sensors() -> tuple[Floats, Floats]:
    """Return ten places on a circle of 200 m."""
    angle = 2 * np.pi * np.arange(10) / 10
    return 200.0 * np.cos(angle), 200.0 * np.sin(angle)


def timed_ms(run: Callable[[], object]) -> float:
    """Return the median of `ROUNDS` runs [ms], after one that does not count."""
    run()
    took: list[float] = []
    for _ in range(ROUNDS):
        began = time.thread_time()
        run()
        took.append((time.thread_time() - began) * 1e3)
    return median(took)


def receptors(bench: Bench) -> None:
    """Set what ten sensors cost for an hour, and what the cut loses."""
    cloud, (x, y) = hour(), sensors()

    def run(cut: float = RECEPTOR_CUT) -> Floats:
        track = track_jit.track(cloud)
        return receptors_jit.series(cloud, track, x, y, 2.0, SECOND, cut)

    whole = run(WHOLE)
    lost = float(np.max(np.abs(run() - whole)) / np.max(whole))
    assert lost <= 1e-4, f"the cut loses {lost:.1e}"
    bench.set("puff_10rec_1h_ms", timed_ms(run), f"cut error {lost:.1e} of the greatest value")
    bench.baselines["puff_10rec_1h_uncut_ms"] = round(timed_ms(lambda: run(WHOLE)), 3)
    bench.baselines["fastgaussianpuff_10rec_1h_ms"] = 6.8
    bench.notes["fastgaussianpuff_10rec_1h_ms"] = QUOTED


def ground(bench: Bench) -> None:
    """Set what a ground field with dose, load and running peak costs for an hour."""
    cloud = hour()

    def run(cut: float = GROUND_CUT) -> ground_jit.GroundField:
        track = track_jit.track(cloud)
        return ground_jit.ground(
            cloud, track, GROUND, BREATHING_M, SECOND, EXPONENT, AVERAGING_S, cut
        )

    whole, seen = run(WHOLE), run()
    lost = max(
        float(np.max(np.abs(getattr(seen, name) - getattr(whole, name))))
        / float(np.max(getattr(whole, name)))
        for name in ("dose", "load", "peak")
    )
    assert lost <= 1e-4, f"the cut loses {lost:.1e}"
    note = f"dose, load n = {EXPONENT}, running peak; cut error {lost:.1e}"
    bench.set("puff_ground51_1h_ms", timed_ms(run), note)
    bench.baselines["fastgaussianpuff_51x51x11_1h_ms"] = 13_200
    bench.notes["fastgaussianpuff_51x51x11_1h_ms"] = f"{QUOTED}; it has 11 layers, no dose"


def speedup(bench: Bench) -> None:
    """Set how much faster the compiled sensors are than the readable truth, same answer."""
    cloud, (x, y) = hour(TRUTH_S), sensors()
    times = np.arange(TRUTH_S, dtype=np.float64)
    began = time.thread_time()
    truth = readable.series(cloud, readable_track(cloud), x, y, 2.0, times)
    truth_ms = (time.thread_time() - began) * 1e3

    def run(cut: float = RECEPTOR_CUT) -> Floats:
        clock = (0.0, 1.0, TRUTH_S)
        return receptors_jit.series(cloud, track_jit.track(cloud), x, y, 2.0, clock, cut)

    greatest = float(np.max(truth))
    assert np.max(np.abs(run(WHOLE) - truth)) <= 1e-12 * greatest
    assert np.max(np.abs(run() - truth)) <= 1e-4 * greatest
    note = f"{TRUTH_S} s of the scenario, nothing cut, equal to 1e-12"
    bench.set("speedup_puff", truth_ms / timed_ms(lambda: run(WHOLE)), note)
    bench.baselines["puff_truth_600s_ms"] = round(truth_ms, 1)
    bench.baselines["speedup_puff_with_cut"] = round(truth_ms / timed_ms(run), 1)
