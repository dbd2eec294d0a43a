"""The plume's part of the dispersion bench: our field beside C, and the first result of a process.

The C is `plume.c`, the same arithmetic term by term, built here with `cc -O3` and called on the
same arrays; the two take turns, and medians are compared.
"""

import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from edge.dispersion.arrays import Floats
from edge.dispersion.passive.plume import briggs_jit
from edge.dispersion.passive.plume.briggs import Air, Release
from edge.dispersion.passive.sigma.briggs import coefficients
from tests.bench.kit import Bench, median

SOURCE = Path(__file__).with_name("plume.c")
ROUNDS, STARTS = 301, 5
SIDE = 100
RELEASE, AIR, Z = Release(1.0, 0.0, 0.0, 2.0, 0.5), Air(3.0, 270.0, "D", 8.0), 1.5
# a process that knows nothing yet gives a field
FIRST = """
import numpy as np
from edge.dispersion.passive.plume import briggs_jit
from edge.dispersion.passive.plume.briggs import Air, Release
x, y = np.meshgrid(np.linspace(1.0, 2000.0, 100), np.linspace(-300.0, 300.0, 100))
c = briggs_jit.field(Release(1.0, 0.0, 0.0, 2.0, 0.5), Air(3.0, 270.0, "D", 8.0), x, y, 1.5)
assert c.max() > 0
"""


def field_in_c(library: Path, x: Floats, y: Floats) -> tuple[Callable[[], object], Floats]:
    """Return a call of the C field over `x`, `y`, and the array that it fills."""
    function = ctypes.CDLL(str(library)).plume_field
    out = np.empty(x.size)
    angle, vane = np.radians(AIR.from_deg), float(np.radians(AIR.sigma_theta_deg))
    place = [RELEASE.rate_kg_s, RELEASE.x_m, RELEASE.y_m, RELEASE.height_m, RELEASE.size_m]
    source = np.array(place)
    wind = np.array([AIR.speed_m_s, np.sin(angle), np.cos(angle), vane])
    row = np.array(coefficients(AIR.stability), dtype=np.float64)
    arrays = [source, wind, row, np.ascontiguousarray(x).ravel(), np.ascontiguousarray(y).ravel()]
    pointers = [array.ctypes.data_as(ctypes.c_void_p) for array in arrays]
    last = out.ctypes.data_as(ctypes.c_void_p)
    points = ctypes.c_long(x.size)

    def call() -> list[Floats]:
        function(*pointers, ctypes.c_double(Z), points, last)
        return arrays  # kept alive: C holds their addresses only

    return call, out


def against_c(bench: Bench) -> None:
    """Set how the 100 x 100 field compares with the same arithmetic in C."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        bench.set("plume100_ratio_c", None, "no C compiler on this machine")
        return
    x, y = np.meshgrid(np.linspace(1.0, 2000.0, SIDE), np.linspace(-300.0, 300.0, SIDE))
    with tempfile.TemporaryDirectory(prefix="suian-b-") as folder:
        library = Path(folder) / "plume.so"
        command = [compiler, "-O3", "-shared", "-fPIC", "-o", str(library), str(SOURCE), "-lm"]
        subprocess.run(command, check=True)
        theirs, filled = field_in_c(library, x, y)
        theirs()
        ours = briggs_jit.field(RELEASE, AIR, x, y, Z).ravel()
        assert np.allclose(ours, filled, rtol=1e-12, atol=0.0), "C and numba differ"
        took: tuple[list[float], list[float]] = [], []
        for _ in range(ROUNDS):
            for side, run in enumerate((lambda: briggs_jit.field(RELEASE, AIR, x, y, Z), theirs)):
                began = time.perf_counter()
                run()
                took[side].append((time.perf_counter() - began) * 1e3)
    mine, others = median(took[0]), median(took[1])
    note = f"{SIDE} x {SIDE}, median of {ROUNDS} turns each, equal to 1e-12"
    bench.set("plume100_ratio_c", mine / others, note)
    bench.baselines["plume100_numba_ms"] = round(mine, 4)
    bench.baselines["plume100_c_ms"] = round(others, 4)


def first_result(bench: Bench) -> None:
    """Set how long a new process takes to its first field, the cache of kernels warm."""
    with tempfile.TemporaryDirectory(prefix="suian-b-") as folder:
        environment = {**os.environ, "NUMBA_CACHE_DIR": folder}

        def start() -> float:
            began = time.perf_counter()
            subprocess.run([sys.executable, "-c", FIRST], check=True, env=environment)
            return time.perf_counter() - began

        cold = start()
        warm = [start() for _ in range(STARTS)]
    bench.set(
        "first_result_s", median(warm), f"median of {STARTS} processes, cache of kernels warm"
    )
    bench.baselines["first_result_cold_s"] = round(cold, 2)
