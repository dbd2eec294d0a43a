"""The template language as a JSON Schema, for editors that check YAML while it is typed."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from edge.drivers.template import ModbusTemplate, OpcUaTemplate


def template_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a device template, Modbus or OPC UA.

    A file that it accepts may still be refused at load: names that lead nowhere are found there.
    """
    either = Annotated[ModbusTemplate | OpcUaTemplate, Field(discriminator="protocol")]
    schema = TypeAdapter[Any](either).json_schema(by_alias=True, mode="validation")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Suian device template",
        **schema,
    }
