"""The whole plant: determinism, what its instruments show, and how fast it runs."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest

from edge.errors import ConfigError
from edge.site.model import Site
from edge.tag import Quality, Reason
from simulator.plant import (
    Detector,
    Leak,
    Plant,
    Plug,
    Pump,
    Rupture,
    SetWind,
    Valve,
    Weather,
)
from simulator.plant.instruments import Instruments
from simulator.plant.layout import refusal
from simulator.plant.puffs import Parcel
from simulator.plant.settings import DetectorSettings, PlantSettings

RUPTURE = Rupture(do="rupture", asset="CL2-BAY", hole_mm=5)


def run(site: Site, seed: int, seconds: float) -> Plant:
    plant = Plant(site, seed)
    for tick in range(round(seconds * 10)):
        plant.step([RUPTURE] if tick == 20 else [])
    return plant


def test_equal_seeds_give_equal_plants(demo_site: Site):
    """Two runs of one seed hash alike and show alike; another seed does not."""
    first, second, other = (run(demo_site, seed, 60) for seed in (7, 7, 8))

    assert first.digest() == second.digest()
    assert first.readings() == second.readings()
    assert first.digest() != other.digest()


def test_a_fault_of_one_detector_does_not_shift_the_wind(demo_site: Site):
    """Each part has a generator of its own: an inject leaves wind and noise as they are."""
    plain, faulty = Plant(demo_site, 3), Plant(demo_site, 3)
    faulty.apply(Detector(do="detector", tag="AT-101", fault="fail"))
    for _ in range(300):
        plain.step()
        faulty.step()

    assert plain.wind == faulty.wind
    assert plain.readings()["AT-102"] == faulty.readings()["AT-102"]
    assert faulty.readings()["AT-101"].reason is Reason.SENSOR_FAULT


def test_every_field_tag_is_shown(demo_site: Site):
    """A tag that the field must serve has a good value in its range before anything happens."""
    readings = run(demo_site, 1, 1).readings()

    fields = {t.name: t for t in demo_site.tags.values() if t.device in demo_site.devices}
    assert readings.keys() == fields.keys()
    for name, reading in readings.items():
        assert reading.quality is Quality.GOOD, name
        assert reading.value is not None
        assert fields[name].range_low <= reading.value <= fields[name].range_high


@pytest.mark.parametrize("t90", [5.0, 30.0, 60.0])
def test_detector_reaches_90_percent_after_t90(demo_site: Site, t90: float):
    """The measured step response is first order with the T90 it was given."""
    tag = demo_site.tags["AT-101"]
    settings = DetectorSettings(t90_s={"AT-101": t90}, noise_fraction=0, drift_fraction=0)
    detectors = Instruments((tag,), settings, np.random.Generator(np.random.PCG64(1)))
    elapsed = 0.0
    while detectors.seen[0] < 0.9 * 5.0:
        detectors.lag(np.asarray([5.0]), 0.1)
        elapsed += 0.1

    assert elapsed == pytest.approx(t90, abs=0.11)


def test_detector_noise_and_drift_are_as_set(demo_site: Site):
    """Noise and wandering zero have the deviations the settings state, of span."""
    tag = demo_site.tags["AT-201"]
    settings = DetectorSettings(noise_fraction=0.001, drift_fraction=0.002, drift_time_s=10.0)
    detectors = Instruments((tag,), settings, np.random.Generator(np.random.PCG64(1)))
    shown = []
    for _ in range(20_000):
        detectors.refresh(0.5)
        shown.append(float(detectors._shown[0]))

    assert np.std(shown) == pytest.approx(300 * math.hypot(0.001, 0.002), rel=0.1)


def test_leak_reaches_the_detectors_downwind_only(demo_site: Site):
    """With the wind on it the near detector goes over range; upwind of the hose nothing shows."""
    plant = Plant(demo_site, 1, Weather(wind_from_deg=260, wind_speed_m_s=3))
    plant.apply(RUPTURE)
    for _ in range(400):
        plant.step()
    shown = plant.readings()

    assert shown["AT-101"].reason is Reason.OVER_RANGE
    assert shown["AT-101"].quality is Quality.UNCERTAIN
    assert shown["AT-101"].value == 10 + 10 * 0.5 / 16  # 20.5 mA
    upwind = shown["AT-103"].value
    assert upwind is not None
    assert upwind < 0.1


def test_happenings_and_ledger(demo_site: Site):
    """Start and stop are told once; airborne mass is what the outflow emitted."""
    plant = Plant(demo_site, 1)
    told = plant.step([Leak(do="leak", asset="NH3-TANK", rate_kg_s=0.2)])
    for _ in range(100):
        told += plant.step()
    told += plant.step([Plug(do="plug", asset="NH3-TANK")])
    for _ in range(20):
        told += plant.step()

    assert [(h.state, h.asset) for h in told] == [("start", "NH3-TANK"), ("stop", "NH3-TANK")]
    assert plant.puffs.released_kg.sum() == pytest.approx(0.2 * 10.1, rel=1e-6)


def levels(plant: Plant) -> tuple[float, float]:
    chlorine, ammonia = (
        plant.process.quantity(tank, "level", 288.0) for tank in ("CL2-TANK", "NH3-TANK")
    )
    assert chlorine is not None
    assert ammonia is not None
    return chlorine, ammonia


def test_levels_follow_valve_and_pump(demo_site: Site):
    """Unloading raises the chlorine level, the pump lowers the ammonia level, shut means still."""
    plant = Plant(demo_site, 1)
    start = levels(plant)
    plant.apply(Pump(do="start_pump", tag="P-201"))
    for _ in range(600):
        plant.step()
    later = levels(plant)
    plant.apply(Valve(do="close_valve", tag="XV-101"))
    plant.apply(Pump(do="stop_pump", tag="P-201"))
    for _ in range(100):
        plant.step()
    shut = levels(plant)
    for _ in range(100):
        plant.step()

    assert later[0] > start[0]
    assert later[1] < start[1]
    assert levels(plant) == shut
    assert plant.readings()["XV-101"].value == 0
    assert plant.readings()["P-201"].value == 0


@pytest.mark.parametrize(
    "action",
    [
        Rupture(do="rupture", asset="CONTROL", hole_mm=5),
        Leak(do="leak", asset="NO-SUCH", rate_kg_s=1),
        Valve(do="close_valve", tag="AT-101"),
        Pump(do="start_pump", tag="XV-101"),
        Detector(do="detector", tag="NO-SUCH", fault="fail"),
    ],
)
def test_what_the_plant_does_not_have_is_refused(demo_site: Site, action: Rupture):
    """An action on something that is not there is an error with its reason, never ignored."""
    plant = Plant(demo_site, 1)

    assert refusal(plant.layout, action)
    with pytest.raises(ConfigError):
        plant.apply(action)


def test_frozen_detector_keeps_its_value(demo_site: Site):
    """A frozen detector shows its last value for ever, and comes back when mended."""
    plant = run(demo_site, 1, 1)
    plant.apply(Detector(do="detector", tag="AT-101", fault="freeze"))
    plant.apply(Detector(do="detector", tag="WS-301", fault="freeze"))
    held = plant.readings()["AT-101"], plant.readings()["WS-301"]
    plant.apply(SetWind(do="set_wind", speed_m_s=12))
    for _ in range(50):
        plant.step([])
    frozen = plant.readings()["AT-101"], plant.readings()["WS-301"]
    plant.apply(Detector(do="detector", tag="WS-301", fault="none"))
    for _ in range(5):
        plant.step()

    assert frozen == held
    assert plant.readings()["WS-301"] != held[1]


def test_headless_speed(demo_site: Site):
    """With 2,000 puffs and 12 detectors a second of plant costs less than 10 ms of a core."""
    plant = Plant(demo_site, 1, settings=PlantSettings())
    rng = np.random.Generator(np.random.PCG64(5))
    for x, y in rng.uniform(-200, 200, (2000, 2)):
        plant.puffs._add(1.0, plant.wind, [Parcel(0, 0.1, 200 + x, 150 + y, 1.0)])
    plant.apply(RUPTURE)
    started = time.process_time()
    for _ in range(300):
        plant.step()
    speed = 30 / (time.process_time() - started)

    assert len(plant.puffs.rows) > 1000
    assert speed > 100, f"{speed:.0f} x real time"
