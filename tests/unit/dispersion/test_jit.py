"""Kernels: compiled once, kept on disk, and never older than what they call."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from edge.dispersion.passive.puff import receptors_jit, track_jit
from tests.unit.dispersion.puffs import PLUME, air, lasting, solved

INNER = """
from edge.dispersion.jit import compiled

@compiled
def inner(x):
    return {} * x
"""
OUTER = """
import inner
from edge.dispersion.jit import compiled

call = inner.inner

@compiled
def outer(x):
    return call(x)

print(outer(1.0))
"""


def answer(folder: Path) -> float:
    """Return what a fresh process prints that runs `outer`."""
    path = os.pathsep.join([str(folder), str(Path(__file__).parents[3])])
    env = {**os.environ, "NUMBA_CACHE_DIR": str(folder / "cache"), "PYTHONPATH": path}
    run = [sys.executable, str(folder / "outer.py")]
    said = subprocess.run(run, env=env, capture_output=True, text=True, check=True)
    return float(said.stdout)


def test_a_cached_kernel_is_never_older_than_what_it_calls(tmp_path):
    """A kernel whose callee in another file has changed is compiled anew, not read from disk."""
    (tmp_path / "outer.py").write_text(OUTER, encoding="utf-8")
    (tmp_path / "inner.py").write_text(INNER.format(2), encoding="utf-8")
    assert answer(tmp_path) == 2.0
    assert list((tmp_path / "cache").rglob("*.nbi"))
    (tmp_path / "inner.py").write_text(INNER.format(3), encoding="utf-8")
    assert answer(tmp_path) == 3.0


def test_threads_do_not_mix_their_answers():
    """Kernels that run at the same time give what each gives alone."""
    emission = lasting(1.0, 300.0)
    clouds = [solved(emission, air(speed=speed), PLUME) for speed in (1.5, 3.0, 6.0, 9.0)]
    x, y = np.linspace(50.0, 2000.0, 100), np.linspace(-30.0, 30.0, 100)

    def seen(cloud):
        track = track_jit.track(cloud.cloud)
        return receptors_jit.series(cloud.cloud, track, x, y, 1.5, (0.0, 1.0, 400))

    alone = [seen(cloud) for cloud in clouds]
    with ThreadPoolExecutor(4) as pool:
        for want, got in zip(alone * 8, pool.map(seen, clouds * 8), strict=True):
            assert np.array_equal(want, got)
