"""Composition roots: one short module a daemon, and what they share."""

from __future__ import annotations

import importlib
import sys

if "structlog" not in sys.modules and "rich" not in sys.modules:
    # structlog takes rich along, where it is installed, for tracebacks in colour that no daemon
    # prints: 50 modules, 9 MB and a quarter of a second of core's start. Not here; afterwards
    # whoever wants rich finds it.
    sys.modules["rich"] = None  # type: ignore[assignment]  # None is how an import is refused
    try:
        importlib.import_module("structlog")
    finally:
        del sys.modules["rich"]
