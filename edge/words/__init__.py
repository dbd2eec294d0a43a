"""The one message catalogue: every sentence a person reads, zh-CN first and English beside it.

`catalogue/<area>.json` maps a message id to its texts: {"alarm.raised": {"zh-CN": "…", "en": "…"}}.
Python, the console's build, pygame and reports all read these files. Parameters are `{name}`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources

LANGUAGES = ("zh-CN", "en")


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Return every message: id -> language -> text. An id that stands twice raises `ValueError`."""
    merged: dict[str, dict[str, str]] = {}
    folder = resources.files(__name__) / "catalogue"
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if not entry.name.endswith(".json"):
            continue
        messages: dict[str, dict[str, str]] = json.loads(entry.read_text(encoding="utf-8"))
        twice = merged.keys() & messages.keys()
        if twice:
            raise ValueError(f"{entry.name} repeats message ids: {sorted(twice)}")
        merged.update(messages)
    return merged


def say(message_id: str, language: str, params: Mapping[str, object] | None = None) -> str:
    """Return the message in `language` with its parameters filled in.

    An unknown id or a missing parameter is shown as the id and parameters themselves: a person
    in front of an alarm is better served by a raw id than by an error.
    """
    texts = catalogue().get(message_id)
    if texts is None:
        return f"{message_id} {dict(params)}" if params else message_id
    try:
        return texts[language].format_map(params or {})
    except (KeyError, ValueError, IndexError):
        return f"{texts.get(language, message_id)} {dict(params or {})}"
