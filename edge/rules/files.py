"""Reading rule files: YAML with a model, tables beside them as CSV."""

from __future__ import annotations

import csv
from importlib import resources
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from edge.errors import ConfigError, Fault

Share = Annotated[float, Field(gt=0)]
Confidence = Literal[
    "verified", "verified-secondary", "derived-rule", "memory-high", "memory-medium"
]
OelKind = Literal["mac", "pc_twa", "pc_stel"]
OEL_COLUMNS = ["substance", "kind", "value", "unit", "source", "confidence"]


class RuleModel(BaseModel):
    """A part of a rule file; an unknown key is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Title(RuleModel):
    """The standard's name."""

    zh: str
    en: str


class Evidence(RuleModel):
    """Where a value is from and how far it was checked."""

    source: str
    confidence: Confidence


class RuleFile(Evidence):
    """What every rule file says about itself; `version` counts our changes to the file."""

    rule: str
    version: int
    standard: str
    title: Title


class OelOrder(Evidence):
    """Which exposure limit counts where a substance has several."""

    kinds: tuple[OelKind, ...]


class LevelShares(RuleModel):
    """The most that a level may be, as shares of OEL, LEL and IDLH [1]."""

    oel_share: Share
    lel_share: Share
    idlh_share: Share


class Cover(RuleModel):
    """How far a detector covers, by what it detects [m]."""

    combustible: Share
    toxic: Share


class Covers(Evidence):
    """How far a detector covers, by where it stands."""

    outdoor: Cover
    indoor: Cover


class Oxygen(Evidence):
    """Where a lack and an excess of oxygen in the air begin [%vol]."""

    low_vol: Share
    high_vol: Share


class LevelFile(RuleFile):
    """gb50493.yaml: detector levels, oxygen, and how far detectors cover."""

    levels: dict[Literal[1, 2], LevelShares]
    oel_order: OelOrder
    cover_m: Covers
    oxygen: Oxygen
    rounding: Annotated[float, Field(ge=0, le=0.05)]


class OelFile(RuleFile):
    """gbz_2_1.yaml: exposure limits; the rows stand in `table`."""

    table: str
    temperature_k: Share


class OelRow(Evidence):
    """One exposure limit [mg/m3]."""

    substance: str
    kind: OelKind
    value: Share
    unit: Literal["mg/m3"]


F = TypeVar("F", bound=RuleFile)


def read_rule(name: str, model: type[F]) -> F:
    """Return the rule file `name` of this package.

    Raises:
        ConfigError: it is not YAML or not what `model` says.
    """
    try:
        yaml: Any = YAML(typ="safe", pure=True)
        return model.model_validate(yaml.load(_text(name)))
    except YAMLError as error:
        raise ConfigError([_fault(name, 0, "syntax", str(error).split("\n", 1)[0])]) from None
    except ValidationError as error:
        raise ConfigError(_faults(name, 0, error)) from None


def read_oels(name: str) -> list[OelRow]:
    """Return the rows of the table `name` of this package. Raises `ConfigError`."""
    reader = csv.DictReader(_text(name).splitlines())
    if reader.fieldnames != OEL_COLUMNS:
        raise ConfigError([_fault(name, 1, "header", f"columns are {reader.fieldnames}")])
    rows: list[OelRow] = []
    faults: list[Fault] = []
    for row in reader:
        try:
            rows.append(OelRow.model_validate(row))
        except ValidationError as error:
            faults.extend(_faults(name, reader.line_num, error))
    if faults:
        raise ConfigError(faults)
    return rows


def _text(name: str) -> str:
    return (resources.files("edge.rules") / name).read_text(encoding="utf-8")


def _faults(name: str, line: int, error: ValidationError) -> list[Fault]:
    return [
        _fault(name, line, ".".join(map(str, detail["loc"])), detail["msg"])
        for detail in error.errors(include_url=False)
    ]


def _fault(name: str, line: int, subject: str, problem: str) -> Fault:
    return Fault(f"edge/rules/{name}", line, subject, problem, "Correct the rule file")
