"""References to OPC UA nodes, as tag lists write them. Nothing here needs asyncua."""

from __future__ import annotations

import base64
import binascii
import re
from typing import NamedTuple
from uuid import UUID

_REF = re.compile(r"^(?:nsu=(?P<uri>[^;]+);|ns=0;)?(?P<kind>[isgb])=(?P<id>.+)$", re.DOTALL)
LARGEST = 0xFFFFFFFF  # of a numeric identifier


class NodeRef(NamedTuple):
    """A node: its namespace's URI ("" is the standard's own) and its identifier, never split."""

    uri: str
    identifier: str | int | UUID | bytes

    def __str__(self) -> str:
        """Return the reference as tag lists write it."""
        space = f"nsu={self.uri};" if self.uri else ""
        if isinstance(self.identifier, bytes):
            return f"{space}b={base64.b64encode(self.identifier).decode('ascii')}"
        if isinstance(self.identifier, UUID):
            return f"{space}g={self.identifier}"
        return f"{space}{'i' if isinstance(self.identifier, int) else 's'}={self.identifier}"


def parse_ref(text: str) -> NodeRef:
    """Return the node of `text`: `nsu=<uri>;` and `s=<text>`, `i=<n>`, `g=<guid>` or `b=<base64>`.

    Nodes of the standard's own namespace need no `nsu=`. A bare index (`ns=2;…`) is refused: it
    holds for one session of one server only. Raises `ValueError`.
    """
    match = _REF.match(text)
    if match is None:
        if re.match(r"^ns=\d+;", text):
            raise ValueError(f"{text!r} names its namespace by an index, which may change")
        raise ValueError(f"{text!r} is no reference to an OPC UA node")
    return NodeRef(match["uri"] or "", _identifier(match["kind"], match["id"], text))


def _identifier(kind: str, name: str, text: str) -> str | int | UUID | bytes:
    try:
        if kind == "i":
            number = int(name) if name.isascii() and name.isdigit() else -1
            if not 0 <= number <= LARGEST:
                raise ValueError(f"{text!r} has an identifier that is no number")
            return number
        if kind == "g":
            return UUID(name)
        return base64.b64decode(name, validate=True) if kind == "b" else name
    except binascii.Error:
        raise ValueError(f"{text!r} has an identifier that is no base64") from None
    except ValueError as error:
        if kind == "g":
            raise ValueError(f"{text!r} has an identifier that is no GUID") from error
        raise


def check_ref(text: str) -> str:
    """Return what is wrong with the reference `text`, "" if nothing is."""
    try:
        parse_ref(text)
    except ValueError as error:
        return str(error)
    return ""
