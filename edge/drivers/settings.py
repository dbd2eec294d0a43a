"""What a site may change of a template: settings checked, variants laid over it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from pydantic import ValidationError

from edge.drivers.template import ORDERS, Datum, ModbusTemplate, Setting, Variant

Value = str | int | float | bool


class RefError(ValueError):
    """A reference or setting that a template cannot resolve; says what is wrong and what to do."""

    def __init__(self, problem: str, remedy: str) -> None:
        self.problem = problem
        self.remedy = remedy
        super().__init__(f"{problem}. {remedy}")


def settings_of(template: ModbusTemplate, given: Mapping[str, Value]) -> dict[str, Value]:
    """Return every setting of `template` with a device's own values put in. Raises `RefError`."""
    unknown = given.keys() - template.settings.keys()
    if unknown:
        known = ", ".join(template.settings) or "none"
        raise RefError(f"unknown settings {sorted(unknown)}", f"{template.id} has: {known}")
    settings: dict[str, Value] = {}
    for name, setting in template.settings.items():
        value = given.get(name, setting.default)
        settings[name] = str(value) if setting.type == "choice" else value
        _check_setting(name, setting, settings[name])
    return settings


def _check_setting(name: str, setting: Setting, value: Value) -> None:
    if setting.type == "order" and value not in ORDERS:
        raise RefError(f"{name} is {value!r}", f"It must be one of {', '.join(ORDERS)}")
    if setting.type == "choice" and value not in setting.choices:
        raise RefError(f"{name} is {value!r}", f"It must be one of {', '.join(setting.choices)}")
    if setting.type in {"int", "number"}:
        kinds = int if setting.type == "int" else (int, float)
        if not isinstance(value, kinds) or isinstance(value, bool):
            whole = "whole " if setting.type == "int" else ""
            raise RefError(f"{name} is {value!r}", f"It must be a {whole}number")
        low = value if setting.min is None else setting.min
        high = value if setting.max is None else setting.max
        if not low <= value <= high:
            raise RefError(f"{name} is {value}", f"It must lie in {low:g} to {high:g}")


def fields_in(value: Value) -> list[str]:
    """Return the names in a `fields` setting: "a, b" is ["a", "b"]."""
    return [item.strip() for item in str(value).split(",") if item.strip()]


def with_settings(template: ModbusTemplate, settings: Mapping[str, Value]) -> ModbusTemplate:
    """Return `template` as `settings` make it: its variant, its counts and its factors filled in.

    Raises `RefError` if what a variant lays over it makes no sense.
    """
    for name, choices in template.variants.items():
        choice = str(settings.get(name, ""))
        if choice in choices:
            template = _laid_over(template, choices[choice], f"{name}: {choice}")
    return _counted(template, settings)


def _laid_over(template: ModbusTemplate, variant: Variant, where: str) -> ModbusTemplate:
    raw = template.model_dump(by_alias=True, exclude_unset=True)
    own = variant.model_dump(by_alias=True, exclude_unset=True)
    gone = {
        name
        for part in (own.get("registers", {}), own.get("flags", {}))
        for name, value in part.items()
        if value is None
    }
    added = list(own.pop("gates", ()))
    raw["gates"] = [*_left(raw.get("gates", ()), gone), *added]
    merged = _merged(raw, own)
    try:
        return ModbusTemplate.model_validate(merged)
    except ValidationError as error:
        first = error.errors()[0]
        at = ".".join(str(step) for step in first["loc"])
        raise RefError(f"variant {where}: {at}: {first['msg']}", "Mend the variant") from None


def _left(gates: Sequence[dict[str, Any]], gone: set[str]) -> list[dict[str, Any]]:
    """Return the gates that still have something to read and to say without what is `gone`."""
    kept: list[dict[str, Any]] = []
    for gate in gates:
        governs = tuple(ref for ref in gate["governs"] if _head(ref) not in gone)
        if governs and _head(gate["from"]) not in gone:
            kept.append({**gate, "governs": governs})
    return kept


def _head(ref: str) -> str:
    return ref.partition(".")[0].partition("[")[0]


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, Mapping) and isinstance(merged.get(key), Mapping):
            merged[key] = _merged(merged[key], cast("Mapping[str, Any]", value))
        else:
            merged[key] = value
    return merged


def _counted(template: ModbusTemplate, settings: Mapping[str, Value]) -> ModbusTemplate:
    """Fill in what `channels_by` and `scale_by` leave to a setting."""
    registers = dict(template.registers)
    for name, register in registers.items():
        update = _scaled(register, settings)
        if register.channels_by is not None:
            update["channels"] = _count(register.channels_by, settings)
        fields = {
            part: field.model_copy(update=_scaled(field, settings)) if field.scale_by else field
            for part, field in register.fields.items()
        }
        if any(field.scale_by for field in register.fields.values()):
            update["fields"] = fields
        if update:
            registers[name] = register.model_copy(update=update)
    outputs = {
        name: output
        if output.channels_by is None
        else output.model_copy(update={"channels": _count(output.channels_by, settings)})
        for name, output in template.outputs.items()
    }
    return template.model_copy(update={"registers": registers, "outputs": outputs})


def _scaled(datum: Datum, settings: Mapping[str, Value]) -> dict[str, object]:
    if datum.scale_by is None:
        return {}
    factor = settings.get(datum.scale_by)
    if isinstance(factor, bool) or not isinstance(factor, (int, float)) or not factor:
        raise RefError(f"{datum.scale_by!r} is no number setting", "Declare it, and never as 0")
    scale, offset = datum.line
    return {"scale": scale * factor, "offset": offset * factor, "points": None, "scale_by": None}


def _count(name: str, settings: Mapping[str, Value]) -> int:
    value = settings.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise RefError(f"{name!r} is no int setting", "Declare it under settings")
    if not 1 <= value <= 0xFFFF:
        raise RefError(f"{name} is {value}", "A device has at least one channel")
    return value
