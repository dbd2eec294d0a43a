"""What comes out of a ruptured hose: own laws against an independent real-fluid code."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from simulator.plant.fluids import FLUIDS
from simulator.plant.release import Line, Outflow

REFERENCE = Path(os.environ.get("SUIAN_REFERENCE", "../shared/reference"))
HEM = REFERENCE / "dispersion" / "source" / "hem_critical_flux_coolprop.csv"
AIR_PA, T_K = 101_325.0, 283.15


def bay(hole_mm: float = 5.0, tanker_kg: float = 20_000.0) -> Outflow:
    line = Line(20.0, 1.5, 6.0, 0.2e6, 4.0, 6.0)
    outflow = Outflow("BAY", "chlorine", (0, 0, 1), tanker_kg, FLUIDS["chlorine"], line)
    outflow.hole_m2 = 3.141592653589793 / 4 * (hole_mm / 1000) ** 2
    return outflow


def run(outflow: Outflow, seconds: float) -> list[float]:
    rates = []
    for _ in range(round(seconds * 10)):
        outflow.step(0.1, T_K, AIR_PA)
        rates.append(outflow.rate_kg_s)
    return rates


@pytest.mark.skipif(not HEM.exists(), reason=f"reference data not there: {HEM}")
@pytest.mark.parametrize(("gas", "name"), [("chlorine", "Chlorine"), ("ammonia", "Ammonia")])
def test_flashing_flux_against_coolprop(gas: str, name: str):
    """The plant's flux of saturated liquid is CoolProp's equilibrium flux plus 10 to 25 %."""
    with HEM.open() as stream:
        rows = [r for r in csv.DictReader(stream) if r["fluid"] == name]
    checked = 0
    for row in rows:
        temperature = float(row["T0_K"])
        if row["state"] != "sat_liquid" or temperature not in {283.15, 293.15}:
            continue
        checked += 1
        fluid = FLUIDS[gas]
        ratio = fluid.flashing_flux_kg_m2_s(temperature) / float(row["G_kg_m2s"])
        assert 1.1 < ratio < 1.25
        assert fluid.vapour_pressure_pa(temperature) == pytest.approx(
            float(row["Psat_Pa"]), rel=0.02
        )
    assert checked


def test_outflow_books_every_kilogram():
    """What was in the tanker and hose is there, in the tank, in the pool or in the air."""
    outflow = bay(20.0)
    line = outflow.line
    assert line
    before = outflow.content_kg + line.content_kg
    unloaded = 0.0
    for i in range(3000):
        if i == 1500:
            line.wanted = 0.0
        outflow.step(0.1, T_K, AIR_PA)
        unloaded += outflow.unloaded_kg_s * 0.1
    after = outflow.content_kg + line.content_kg + outflow.pool_kg + outflow.emitted_kg + unloaded

    assert after == pytest.approx(before, rel=1e-9)


def test_valve_stops_the_release():
    """Shutting the valve starves the hose: pressure and liquid flow decay, the pool boils off."""
    outflow = bay(5.0)
    line = outflow.line
    assert line
    run(outflow, 60)
    pressure = outflow.pressure_pa(T_K, AIR_PA)
    open_rate = outflow.rate_kg_s
    line.wanted = 0.0
    rates = run(outflow, 400)

    assert outflow.pressure_pa(T_K, AIR_PA) - AIR_PA < 0.05 * (pressure - AIR_PA)
    assert rates[-1] < 0.3 * open_rate
    assert rates[300:] == sorted(rates[300:], reverse=True)


def test_empty_tanker_ends_the_release():
    """When the inventory is out the hose empties, and the end is told once."""
    outflow = bay(50.0, tanker_kg=50.0)
    told = []
    for _ in range(40_000):
        outflow.step(0.1, T_K, AIR_PA)
        told.append(outflow.change())

    assert [t for t in told if t] == ["start", "stop"]
    assert outflow.content_kg == pytest.approx(0, abs=1e-6)


def test_closed_line_keeps_its_pressure():
    """A sound hose that is shut in stays under pressure: no leak, no loss."""
    outflow = bay(5.0)
    outflow.hole_m2 = 0.0
    line = outflow.line
    assert line
    line.wanted = 0.0
    run(outflow, 60)

    assert outflow.pressure_pa(T_K, AIR_PA) > 5e5
    assert outflow.rate_kg_s == 0
