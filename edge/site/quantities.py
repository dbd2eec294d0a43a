"""What a tag can measure, and in which units: the closed list behind the tag list's checks."""

from __future__ import annotations

from edge.units import GAS_UNITS, LINEAR, Unit


def _of(*dimensions: str) -> frozenset[Unit]:
    return frozenset(unit for unit, linear in LINEAR.items() if linear.dimension in dimensions)


CONCENTRATION = "concentration"
OXYGEN = "oxygen"
SETPOINT = "setpoint"  # what a gas controller alarms at: no gas, though it is in a gas's unit
PREDICTED = "predicted"  # a derived tag: the hazard daemon's concentration at a place
HEALTH = "health"  # a derived tag: whether the hazard daemon is there

QUANTITY_UNITS: dict[str, frozenset[Unit]] = {
    CONCENTRATION: GAS_UNITS,
    OXYGEN: frozenset({Unit.PERCENT_VOL}),
    SETPOINT: GAS_UNITS,
    "level": _of("length", "ratio"),
    "pressure": _of("pressure"),
    "temperature": _of("temperature"),
    "humidity": _of("relative humidity"),
    "wind_speed": _of("speed"),
    "wind_from": _of("angle"),
    "flow": _of("mass flow", "volume flow", "speed"),
    "mass": _of("mass"),
    "volume": _of("volume"),
    "opening": _of("ratio", "length", "angle"),
    "valve_open": _of("boolean"),
    "running": _of("boolean"),
    "door_open": _of("boolean"),
    "state": _of("boolean", "count"),
    "count": _of("count"),
    "voltage": _of("voltage"),
    "current": _of("current"),
    "frequency": _of("frequency"),
    "duration": _of("time"),
    "ratio": _of("ratio"),
}
CHANGE = "change_per_minute"  # a calculated tag: how much another changes in a minute
DEVIATION = "deviation"  # a calculated tag: how far two others are apart
DERIVED_QUANTITIES = frozenset({PREDICTED, HEALTH, CHANGE, DEVIATION})

# How people write the units of the closed list in spreadsheets.
UNIT_SPELLINGS: dict[str, Unit] = {
    "℃": Unit.CELSIUS,
    "°c": Unit.CELSIUS,
    "c": Unit.CELSIUS,
    "mg/m³": Unit.MG_M3,
    "mg/m^3": Unit.MG_M3,
    "lel": Unit.PERCENT_LEL,
    "lel%": Unit.PERCENT_LEL,
    "vol%": Unit.PERCENT_VOL,
    "%v/v": Unit.PERCENT_VOL,
    "°": Unit.DEGREE,
    "度": Unit.DEGREE,
    "m³": Unit.CUBIC_METRE,
    "m³/h": Unit.CUBIC_METRE_PER_HOUR,
    "rh": Unit.PERCENT_RH,
    "rh%": Unit.PERCENT_RH,
    "米": Unit.METRE,
    "吨": Unit.TONNE,
    **{unit.value.casefold(): unit for unit in Unit},
}
