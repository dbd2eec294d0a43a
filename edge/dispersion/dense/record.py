"""The dense model's records made from ours: a `Gas` from a `Fluid`, a `Release` from an emission.

A release in steps is taken at its greatest rate for as long as its mass lasts; air that is already
mixed in makes another, lighter gas of it. What is not dense is refused, with both densities.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from edge.dispersion.dense.air import ATMOSPHERE_PA, DRY_CP, Air, wind
from edge.dispersion.dense.source import Release, Shape, source_density
from edge.dispersion.dense.thermo import Gas
from edge.dispersion.emission import Emission, Kind, Step
from edge.dispersion.notes import Note, RefusedError
from edge.substance.fluid import GAS_CONSTANT, Curve, Fluid

STEEP_DEG = 45.0  # from here on a jet is an upward one
LEAST_EXCESS = 0.005  # of the air's density: less is not dense


@dataclass(frozen=True, slots=True)
class Record:
    """What the kernels take, the share of it that is the substance by mass, and what to say."""

    gas: Gas
    release: Release
    share: float
    notes: tuple[Note, ...]


def _held(curve: Curve, temperature_k: float) -> float:
    """Return the value at the nearest temperature that the curve knows."""
    low, high = curve.temperatures_k[0], curve.temperatures_k[-1]
    return curve.at(min(max(temperature_k, low), high))


def gas_of(fluid: Fluid, air: Air, temperature_k: float) -> Gas:
    """Return the fluid's constant properties about `temperature_k` [K] and the air's warmth.

    Saturation is Clausius-Clapeyron from the boiling point: ln(p / pa) = L M / R (1/Tb - 1/T).
    """
    latent = _held(fluid.latent_heat, fluid.t_boil_k)
    slope = latent * fluid.molar_mass_kg_mol / GAS_CONSTANT
    return Gas(
        molar_mass=fluid.molar_mass_kg_mol,
        cp=_held(fluid.gas_cp, 0.5 * (temperature_k + air.temperature_k)),
        t_boil_k=fluid.t_boil_k,
        latent=latent,
        liquid_cp=_held(fluid.liquid_cp, temperature_k),
        liquid_density=_held(fluid.liquid_density, temperature_k),
        sat_a=slope / fluid.t_boil_k + math.log(ATMOSPHERE_PA / air.pressure_pa),
        sat_b=slope,
        sat_c=0.0,
    )


def _with_air(gas: Gas, air: Air, share: float) -> Gas:
    """Return the gas with the mass fraction 1 - `share` of air already in it."""
    if share >= 1.0:
        return gas
    moles = share / gas.molar_mass + (1.0 - share) / air.molar_mass
    part = share / gas.molar_mass / moles
    return gas._replace(
        molar_mass=1.0 / moles,
        cp=share * gas.cp + (1.0 - share) * DRY_CP,
        latent=share * gas.latent,
        sat_a=gas.sat_a - math.log(part),
    )


def _strongest(emission: Emission) -> tuple[Step, float, tuple[Note, ...]]:
    """Return the step of the greatest rate, how long the mass lasts at it [s], and a note."""
    if emission.kind is Kind.INSTANT:
        return emission.steps[0], 0.0, ()
    step = max(emission.steps, key=lambda one: one.rate_kg_s)
    lasts = emission.total_kg / step.rate_kg_s if step.rate_kg_s > 0 else 0.0
    if len(emission.steps) == 1:
        return step, lasts, ()
    said = Note(
        "dispersion.note.dense-steps",
        {"steps": len(emission.steps), "rate_kg_s": round(step.rate_kg_s, 4), "s": round(lasts)},
    )
    return step, lasts, (said,)


def _check(emission: Emission, step: Step) -> None:
    """Refuse an emission that is none: `RefusedError`."""
    amount = emission.mass_kg if emission.kind is Kind.INSTANT else step.rate_kg_s
    if not 0 < amount < math.inf or not 0 <= emission.air_fraction < 1:
        raise RefusedError("dispersion.refused.dense-amount", amount=amount)
    state = (step.area_m2, step.velocity_m_s, emission.height_m, step.temperature_k)
    if not all(math.isfinite(one) and one >= 0 for one in state):
        raise RefusedError("dispersion.refused.dense-state", area_m2=step.area_m2)
    if not 0 <= step.liquid_fraction < 1 or not 50 < step.temperature_k < 1500:
        raise RefusedError("dispersion.refused.dense-state", area_m2=step.area_m2)
    if not math.isfinite(emission.x_m + emission.y_m + emission.elevation_deg):
        raise RefusedError("dispersion.refused.dense-place")


def record(emission: Emission, fluid: Fluid, air: Air, averaging_s: float) -> Record:
    """Return the records of an emission; `RefusedError` where it is not dense or has no mass."""
    step, lasts, notes = _strongest(emission)
    _check(emission, step)
    share = 1.0 - emission.air_fraction
    gas = _with_air(gas_of(fluid, air, step.temperature_k), air, share)
    instant = emission.kind is Kind.INSTANT
    upward = emission.kind is Kind.JET and emission.elevation_deg >= STEEP_DEG
    shape = Shape.POOL if emission.kind is Kind.POOL else Shape.JET
    shape = Shape.INSTANT if instant else Shape.UPWARD if upward else shape
    release = Release(
        shape=shape,
        area_m2=step.area_m2,
        temperature_k=step.temperature_k,
        rate_kg_s=step.rate_kg_s,
        duration_s=lasts,
        mass_kg=emission.mass_kg,
        liquid=0.0 if shape is Shape.POOL else step.liquid_fraction * share,
        height_m=0.0 if shape is Shape.POOL else emission.height_m,
        averaging_s=averaging_s,
    )
    rho = source_density(gas, air, release)
    if rho < air.density * (1.0 + LEAST_EXCESS):
        raise RefusedError(
            "dispersion.refused.dense-light",
            substance=emission.substance,
            density=round(rho, 3),
            air=round(air.density, 3),
        )
    return Record(gas, _opened(release, emission, step, air, rho), share, notes)


def _opened(release: Release, emission: Emission, step: Step, air: Air, rho: float) -> Release:
    """Return the release with the area that its rate, density and speed ask for."""
    if release.shape in (Shape.POOL, Shape.INSTANT):
        least = release.mass_kg / rho / 50.0 if release.shape is Shape.INSTANT else 0.01
        return replace(release, area_m2=max(release.area_m2, least, 0.01))
    speed = step.velocity_m_s
    if emission.kind is Kind.VENT or speed <= 0:
        speed = max(wind(air, max(release.height_m, 1.0)), 0.5)
    return replace(release, area_m2=release.rate_kg_s / (rho * speed))
