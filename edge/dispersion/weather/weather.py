"""The weather that every model is given: wind, warmth, and how strongly the air mixes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Weather:
    """The air near the ground over one averaging time, horizontally uniform.

    `speed_m_s` [m/s] is the mean wind at `height_m` [m], coming from `from_deg` [deg, clockwise
    from north]; `friction_m_s` is u* [m/s]; `inverse_length_1_m` is 1/L [1/m] of Obukhov, below 0
    where the ground heats the air; `stability` is the same on AFTOX's continuous scale, 0.5 (A) to
    6 (F); `roughness_m` is z0 [m]; `mixing_height_m` [m] is the lid (inf: none known);
    `humidity` is relative, 0-1; `sigma_theta_deg` [deg] is the vane's measured spread, None where
    nobody measured it.
    """

    speed_m_s: float
    height_m: float
    from_deg: float
    temperature_k: float
    pressure_pa: float
    humidity: float
    roughness_m: float
    friction_m_s: float
    inverse_length_1_m: float
    stability: float
    mixing_height_m: float
    sigma_theta_deg: float | None = None
    urban: bool = False
