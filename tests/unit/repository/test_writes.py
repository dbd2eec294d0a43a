"""The gateway writes to instruments in one place only, however the code grows."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
# Horns and beacons, and the driver that holds them against the allow-list before it sends.
MAY_WRITE = {"edge/annunciate/tower.py", "edge/drivers/modbus/driver.py"}
MAKES_REQUESTS = {"edge/drivers/modbus/link.py", "edge/drivers/modbus/requests.py"}
WAYS = {"write", "write_read", "write_value", "write_values", "write_attribute", "set_value"}


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    """Yield every call that is awaited: a driver's and a link's write are."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Await) and isinstance(node.value, ast.Call):
            yield node.value


def sources() -> Iterator[tuple[str, ast.AST, str]]:
    """Yield path, tree and text of everything that runs on a gateway."""
    for room in ("edge", "suian"):
        for path in sorted((ROOT / room).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            yield str(path.relative_to(ROOT)), ast.parse(text), text


def test_only_annunciators_are_written():
    """Nothing but the annunciators' room awaits a driver's write, and no OPC UA node is written."""
    found = {
        path
        for path, tree, _ in sources()
        for call in calls(tree)
        if isinstance(call.func, ast.Attribute) and call.func.attr in WAYS
    }
    assert found == MAY_WRITE


def test_write_requests_are_made_behind_the_link_only():
    """Function codes that write are made where the link sends them, and asked for nowhere else."""
    found = {path for path, _, text in sources() if "write_request(" in text}
    assert found == MAKES_REQUESTS
