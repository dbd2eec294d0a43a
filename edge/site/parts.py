"""What every part of the site file is made of: names of one form, models that know their keys."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
Name = Annotated[str, Field(pattern=NAME_PATTERN)]
Priority = Annotated[int, Field(ge=1, le=4)]


class Model(BaseModel):
    """A part of the site file: frozen, and an unknown key is a fault, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Title(Model):
    """A name for people, in both languages."""

    zh: str
    en: str
