"""`suian site new` and `suian site schema`: what an engineer begins a site with."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from edge.errors import ConfigError, Fault
from edge.site.model import SiteFile
from edge.site.parts import NAME_PATTERN

FILES = ("site.yaml", "tags.csv", "plan.geojson", "alarm-tests.yaml")
DEFAULT_ID = "new-site"


def scaffold(folder: Path) -> Iterator[str]:
    """Write the smallest sound site into `folder`, named after it; yield what to say.

    Raises:
        ConfigError: where something stands in the folder already, or it cannot be written.
    """
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        problem, remedy = "something stands there already", "Name a folder that is empty or new"
        raise ConfigError([Fault(str(folder), 0, "folder", problem, remedy)])
    name = site_id(folder.resolve().name)
    source = resources.files(__name__) / "site"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file in FILES:
            text = (source / file).read_text(encoding="utf-8").replace(DEFAULT_ID, name)
            (folder / file).write_text(text, encoding="utf-8", newline="\n")
            yield f"{folder / file}: written"
    except OSError as error:
        reason = error.strerror or type(error).__name__
        remedy = "Choose a folder that can be written"
        raise ConfigError([Fault(str(folder), 0, "folder", reason, remedy)]) from None
    yield f"Edit site.yaml, then: suian site check {folder}"


def site_id(name: str) -> str:
    """Return a site's id made of a folder's name; a plain one where nothing of it can be used."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-._")[:60]
    return plain if re.match(NAME_PATTERN, plain) else DEFAULT_ID


def schema() -> str:
    """Return the JSON Schema of site.yaml, as text."""
    made = SiteFile.model_json_schema()
    made["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return json.dumps(made, ensure_ascii=False, indent=2)
