"""The maps' part of the dispersion bench: all that a report draws of one release.

Three AEGL levels with their lines of wind, five places (peak, levels reached, when, a series, the
load) and the mass that can burn, of 0.5 kg/s of ammonia, or of a pool's emission of fifty steps: in
one wind by the plume, in an hour's wind new each minute by puffs.
"""

import time
from dataclasses import replace

import numpy as np

from edge.dispersion.consequence.affected import affected
from edge.dispersion.consequence.direction import half_angle_deg, swept
from edge.dispersion.consequence.flammable import greatest_mass, limits_of
from edge.dispersion.consequence.levels import Level, level
from edge.dispersion.consequence.toxic import toxic_load
from edge.dispersion.consequence.zones import frame_of, threat_zones
from edge.dispersion.emission import Emission, Kind, Step
from edge.dispersion.passive.plume import steady
from edge.dispersion.passive.puff import moving
from edge.dispersion.passive.sigma.sets import SETS
from edge.dispersion.solution import Floats, Solution
from edge.dispersion.weather.profile import wind_of
from edge.dispersion.weather.weather import Weather
from edge.substance import substance
from tests.bench.kit import Bench

GAS = "ammonia"
AIR = Weather(3.0, 10.0, 270.0, 290.0, 1e5, 0.5, 0.05, 0.3, 0.0, 3.5, 800.0)
PLACES = ((50.0, 0.0), (120.0, 20.0), (300.0, -40.0), (700.0, 0.0), (1500.0, 100.0))
LOOKS, PEAK_S, BREATHING_M, ISOLATION_M = 121, 60.0, 1.5, 30.0


def pool(steps: int = 50, each_s: float = 36.0, most_kg_s: float = 0.5) -> Emission:
    """Return what a pool gives off that spreads and cools, in `steps` steps."""
    rates = [most_kg_s * (1 - 0.98 * np.exp(-k / 3)) * np.exp(-k / 20) for k in range(steps)]
    made = tuple(
        Step(each_s * k, each_s * (k + 1), float(rate), 250.0, 60.0) for k, rate in enumerate(rates)
    )
    return Emission(GAS, Kind.POOL, 0.0, 0.0, 0.0, made)


def leak(minutes: float = 20.0) -> Emission:
    """Return an even leak."""
    return Emission(GAS, Kind.VENT, 0.0, 0.0, 2.0, (Step(0.0, 60.0 * minutes, 0.5, 280.0, 0.1),))


def hour(air: Weather = AIR) -> list[tuple[float, Weather]]:
    """Return a wind that is new each minute: 3 m/s +- 0.5 from 270 +- 30 deg."""
    rng = np.random.default_rng(5)
    found: list[tuple[float, Weather]] = []
    for minute in range(60):
        speed, from_deg = 3.0 + rng.uniform(-0.5, 0.5), 270.0 + rng.uniform(-30.0, 30.0)
        found.append((60.0 * minute, replace(air, speed_m_s=speed, from_deg=from_deg)))
    return found


def whole(solution: Solution, levels: tuple[Level, ...]) -> dict[str, float]:
    """Return how long each part of a report takes [s], by the thread's own clock."""
    gas, took = substance(GAS), dict[str, float]()
    clock = time.thread_time()

    def done(part: str) -> None:
        nonlocal clock
        now = time.thread_time()
        took[part], clock = now - clock, now

    zones = threat_zones(solution, levels, BREATHING_M, ISOLATION_M)
    done("zones")
    for zone in zones:
        swept(zone.drawn, frame_of(solution), half_angle_deg(AIR))
    done("lines")
    for east, north in PLACES:
        _place(solution, levels, np.array([east]), np.array([north]))
    done("places")
    greatest_mass(solution, limits_of(gas, AIR))
    done("flammable")
    took["whole"] = sum(took.values())
    return took


def _place(solution: Solution, levels: tuple[Level, ...], x: Floats, y: Floats) -> None:
    solution.peak(x, y, BREATHING_M, PEAK_S)
    for one in levels:
        one.reached(solution, x, y, BREATHING_M)
    affected(solution, x, y, BREATHING_M, levels[0].criteria[0].threshold_kg_m3)
    for t in np.linspace(0.0, solution.horizon_s, LOOKS):
        solution.concentration(x, y, BREATHING_M, float(t))
    toxic_load(solution, x, y, BREATHING_M, 2.0)


def solutions() -> dict[str, Solution]:
    """Return what is mapped, by the bench's names."""
    settings = moving.Settings(averaging_s=60.0, horizon_s=3600.0)
    molar = substance(GAS).molar_mass_kg_mol
    spreads = SETS["briggs-rural"]
    return {
        "map_steady": steady.solve(leak(), AIR, molar),
        "map_pool": steady.solve(pool(), AIR, molar),
        "map_moving": moving.solve(leak(), hour(), spreads, wind_of, settings),
        "map_moving_pool": moving.solve(pool(), hour(), spreads, wind_of, settings),
    }


def maps(bench: Bench) -> None:
    """Set how long a whole report's numbers take, the second time (compiled)."""
    levels = tuple(level(substance(GAS), f"aegl-{k}", AIR, 60.0) for k in (1, 2, 3))
    for name in solutions():
        whole(solutions()[name], levels)
        took = whole(solutions()[name], levels)
        parts = ", ".join(f"{part} {seconds:.2f} s" for part, seconds in took.items())
        bench.set(f"{name}_s", took["whole"], parts)
