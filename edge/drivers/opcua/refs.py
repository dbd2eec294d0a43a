"""References to OPC UA nodes, as tag lists write them. Nothing here needs asyncua."""

from __future__ import annotations

import re
from typing import NamedTuple

_REF = re.compile(r"^(?:nsu=(?P<uri>[^;]+);|ns=0;)?(?P<kind>[is])=(?P<id>.+)$", re.DOTALL)


class NodeRef(NamedTuple):
    """A node: its namespace's URI ("" is the standard's own) and its identifier, never split."""

    uri: str
    identifier: str | int


def parse_ref(text: str) -> NodeRef:
    """Return the node of `text`: `nsu=<uri>;s=<text>`, `nsu=<uri>;i=<number>` or `i=<number>`.

    A bare index (`ns=2;…`) is refused: it holds for one session of one server only. Raises
    `ValueError`.
    """
    match = _REF.match(text)
    if match is None:
        if re.match(r"^ns=\d+;", text):
            raise ValueError(f"{text!r} names its namespace by an index, which may change")
        raise ValueError(f"{text!r} is no reference to an OPC UA node")
    identifier: str | int = match["id"]
    if match["kind"] == "i":
        if not match["id"].isdigit():
            raise ValueError(f"{text!r} has an identifier that is no number")
        identifier = int(match["id"])
    return NodeRef(match["uri"] or "", identifier)


def check_ref(text: str) -> str:
    """Return what is wrong with the reference `text`, "" if nothing is."""
    try:
        parse_ref(text)
    except ValueError as error:
        return str(error)
    return ""
