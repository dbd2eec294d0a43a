"""The dense cloud's part of the dispersion bench: one run, its truth, slabx, and an ensemble.

The scenario is made up: 5 kg/s of chlorine from a boiling pool of 50 m2 for 10 min in a neutral
wind of 3 m/s at 10 m. slabx runs the same release; the two take turns and medians are compared.
Where the dense model is not there, its figures are null and say so.
"""

import importlib
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any

import numpy as np

from tests.bench.kit import Bench, median

ROUNDS, TRUTH_ROUNDS, SLABX_ROUNDS = 15, 3, 5
MEMBERS, CORES = 200, 2
RATE_KG_S, AREA_M2, DURATION_S, FARTHEST_M = 5.0, 50.0, 600.0, 5000.0
WIND_M_S, AT_M, ROUGHNESS_M, AIR_K, HUMIDITY = 3.0, 10.0, 0.05, 293.15, 0.5
# chlorine: kg/mol, J/kg/K, J/kg/K, J/kg, K, kg/m3; Perry's Handbook, 8th ed., chapter 2
MOLAR, CP, LIQUID_CP, LATENT, BOILS_K, LIQUID = 0.0709, 498.1, 926.3, 287_840.0, 239.1, 1574.0
KEYS = ("speedup_dense", "dense_run_ms", "dense_ratio_slabx", "ensemble200_s")
Run = Callable[[float, float], Any]  # wind [m/s], rate [kg/s] -> a solved cloud


def dense_runs() -> tuple[Run, Run] | None:
    """Return the compiled dense run and its readable truth; None where the model is not there."""
    try:
        parts = {
            name: importlib.import_module(f"edge.dispersion.dense.{name}")
            for name in ("ambient", "kernels_jit", "march", "source", "thermo", "trace")
        }
    except ModuleNotFoundError:
        return None
    gas = parts["thermo"].Gas(MOLAR, CP, BOILS_K, LATENT, LIQUID_CP, LIQUID, *_clausius_clapeyron())

    def with_kernels(kernels: ModuleType) -> Run:
        def run(wind_m_s: float, rate_kg_s: float) -> object:
            neutral = 4.0  # Ermak's scale
            air = parts["ambient"].make_air(
                wind_m_s, AT_M, ROUGHNESS_M, 0.0, neutral, AIR_K, HUMIDITY
            )
            pool = parts["source"].Shape.POOL
            release = parts["source"].Release(pool, AREA_M2, BOILS_K, rate_kg_s, DURATION_S)
            return parts["trace"].trace(gas, air, release, kernels, FARTHEST_M)

        return run

    return with_kernels(parts["kernels_jit"]), with_kernels(parts["march"])


def _clausius_clapeyron() -> tuple[float, float, float]:
    """Return a, b, c of ln(p / 1 atm) = a - b / (T + c) through the boiling point."""
    slope = LATENT * MOLAR / 8.314462618
    return slope / BOILS_K, slope, 0.0


def slabx_run() -> Callable[[], object]:
    """Return slabx's run of the same release."""
    plume = importlib.import_module("slabx.core.plume")
    thermo = importlib.import_module("slabx.thermo.base")
    pool = importlib.import_module("slabx.core.source").EvaporatingPool
    atmosphere = importlib.import_module("slabx.submodels.atmosphere").Atmosphere
    chlorine = thermo.Substance(
        name="CL2",
        mw=MOLAR,
        cp_vapour=CP,
        cp_liquid=LIQUID_CP,
        dh_vap=LATENT,
        T_boil=BOILS_K,
        rho_liquid=LIQUID,
    )
    air = atmosphere(
        u_ref=WIND_M_S, z_ref=AT_M, T=AIR_K, rh=100 * HUMIDITY, z0=ROUGHNESS_M, stability="D"
    )
    source = pool(substance=chlorine, rate=RATE_KG_S, area=AREA_M2, duration=DURATION_S)
    gas, water = thermo.LegacyThermo(chlorine), thermo.water_backend()
    return lambda: plume.run_dispersion(source, air, gas, water, x_max=FARTHEST_M, n_puff_steps=40)


def took_ms(run: Callable[[], object]) -> float:
    """Return what one run takes [ms]."""
    began = time.perf_counter()
    run()
    return (time.perf_counter() - began) * 1e3


def _beside_slabx(bench: Bench, ours: Callable[[], object] | None) -> None:
    """Set the ratio to slabx, taking turns; without our model slabx's time alone."""
    try:
        theirs = slabx_run()
    except ModuleNotFoundError:
        bench.set("dense_ratio_slabx", None, "slabx is not installed")
        return
    theirs()
    times: tuple[list[float], list[float]] = [], []
    for _ in range(SLABX_ROUNDS):
        times[1].append(took_ms(theirs))
        if ours is not None:
            times[0].append(took_ms(ours))
    bench.baselines["slabx_run_ms"] = round(median(times[1]), 1)
    if ours is not None:
        note = f"median of {SLABX_ROUNDS} turns each"
        bench.set("dense_ratio_slabx", median(times[0]) / median(times[1]), note)


def measure(bench: Bench) -> None:
    """Set every figure of the dense cloud."""
    runs = dense_runs()
    if runs is None:
        _beside_slabx(bench, None)
        for key in KEYS:
            bench.set(key, None, "the dense model is not there yet")
        return
    compiled, truth = runs
    compiled(WIND_M_S, RATE_KG_S)
    run_ms = median([took_ms(lambda: compiled(WIND_M_S, RATE_KG_S)) for _ in range(ROUNDS)])
    bench.set("dense_run_ms", run_ms, f"median of {ROUNDS}; plume and puff of one finite pool")
    truth_ms = median([took_ms(lambda: truth(WIND_M_S, RATE_KG_S)) for _ in range(TRUTH_ROUNDS)])
    bench.set("speedup_dense", truth_ms / run_ms, f"truth {truth_ms:.0f} ms")
    _beside_slabx(bench, lambda: compiled(WIND_M_S, RATE_KG_S))
    rng = np.random.default_rng(5)
    winds = WIND_M_S * np.exp(0.25 * rng.standard_normal(MEMBERS))
    rates = RATE_KG_S * np.exp(0.5 * rng.standard_normal(MEMBERS))
    began = time.perf_counter()
    with ThreadPoolExecutor(CORES) as threads:
        solved = list(threads.map(compiled, winds.tolist(), rates.tolist()))
    took = time.perf_counter() - began
    assert len(solved) == MEMBERS
    bench.set("ensemble200_s", took, f"{MEMBERS} winds and rates on {CORES} threads")
