"""A model's findings as faults that a person can mend: one wording for every YAML file we read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast, get_args

from pydantic import BaseModel

from edge.site.faults import suggest
from edge.site.yaml_doc import Plain

Path = tuple[str | int, ...]


def finding(detail: Mapping[str, Any], root: type[BaseModel]) -> tuple[Path, str, str]:
    """Return where one of pydantic's error details is in the file, what is wrong, and the remedy.

    `root` is the model of the whole file, which knows the keys that a misspelt one may have meant.
    """
    # the branches of a union are no keys of the file
    path = tuple(part for part in cast("Path", detail["loc"]) if not str(part).endswith("]"))
    kind, context = str(detail["type"]), cast("dict[str, Any]", detail.get("ctx", {}))
    key, shown = str(path[-1]) if path else "file", _shown(detail.get("input"))
    if kind == "extra_forbidden":
        return path, f"unknown key {key!r}", suggest(key, model_at(root, path[:-1]).model_fields)
    if kind == "missing":
        return path, f"{key!r} is missing", f"Add '{key}: …'"
    if kind in {"literal_error", "enum"}:
        return path, f"{key} is {shown}", f"Write one of {context.get('expected', '')}"
    if kind == "value_error":
        return path, str(detail["msg"]).removeprefix("Value error, "), "Correct it"
    if kind == "string_pattern_mismatch":
        remedy = "Use up to 64 of A-Z a-z 0-9 . _ -, beginning with a letter or digit"
        return path, f"{key} is {shown}, which is no name", remedy
    return path, f"{key} is {shown}", _remedy(kind, context, str(detail["msg"]))


_REMEDIES = {
    "model_type": "Write a mapping: {{key: value, …}}",
    "dict_type": "Write a mapping: {{key: value, …}}",
    "tuple_type": "Write a list: [one, two]",
    "string_type": "Write text, in quotation marks if it looks like a number",
    "string_too_short": "Write it: it may not be empty",
    "string_too_long": "Write {max_length} characters or fewer",
    "too_short": "Write at least {min_length} of them",
    "too_long": "Write {max_length} of them or fewer",
    "int_type": "Write a whole number",
    "int_parsing": "Write a whole number",
    "int_from_float": "Write a whole number",
    "float_type": "Write a number",
    "float_parsing": "Write a number",
    "bool_type": "Write true or false",
    "bool_parsing": "Write true or false",
    "greater_than": "Write more than {gt}",
    "greater_than_equal": "Write {ge} or more",
    "less_than": "Write less than {lt}",
    "less_than_equal": "Write {le} or less",
}


def _remedy(kind: str, context: Mapping[str, object], message: str) -> str:
    if kind in _REMEDIES:
        return _REMEDIES[kind].format_map(context)
    return message.replace("Input should be", "Write")


def _shown(value: object) -> str:
    if value is None:
        return "empty"
    if isinstance(value, dict | list | tuple):
        return "a mapping" if isinstance(value, dict) else "a list"
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "…"


def subject_at(data: Plain, path: Sequence[str | int]) -> str:
    """Return the id of the innermost item on `path`, else the path itself as `hazard.zones`."""
    subject, node = "", data
    for part in path:
        if isinstance(node, dict) and isinstance(part, str):
            node = node.get(part)
        elif isinstance(node, list) and isinstance(part, int) and part < len(node):
            node = node[part]
        else:
            break
        if isinstance(node, dict) and isinstance(node.get("id"), str):
            subject = str(node["id"])
    return subject or ".".join(str(part) for part in path) or "file"


def model_at(root: type[BaseModel], path: Sequence[str | int]) -> type[BaseModel]:
    """Return the model that describes `path` of a file whose whole is `root`."""
    model = root
    for part in path:
        info = model.model_fields.get(str(part))
        if info is not None:
            model = _model_in(info.annotation) or model
    return model


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in get_args(annotation):
        found = _model_in(inner)
        if found is not None:
            return found
    return None
