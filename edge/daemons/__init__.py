"""Composition roots: one short module a daemon, and what they share."""

from __future__ import annotations

import importlib
import sys

# structlog takes rich along, where it is installed, for tracebacks in colour that no daemon prints:
# 50 modules, 9 MB and a quarter of a second of core's start. It takes greenlet along as well, as
# SQLAlchemy does, 1.2 MB for coroutines that are not asyncio's. Not here; afterwards whoever wants
# rich finds it, and greenlet who is no daemon (one is started by `python -m`).
_REFUSED = ("rich", "greenlet")
_DAEMON = sys.argv[:1] == ["-m"]  # while Python looks for the module to run

if "structlog" not in sys.modules:
    refused = [name for name in _REFUSED if name not in sys.modules]
    sys.modules.update(dict.fromkeys(refused))  # type: ignore[arg-type]  # None refuses an import
    try:
        importlib.import_module("structlog")
    finally:
        for name in refused:
            if name != "greenlet" or not _DAEMON:
                del sys.modules[name]
