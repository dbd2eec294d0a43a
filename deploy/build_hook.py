"""Hatchling's hook: a wheel, an editable install and an sdist all carry the built front end."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class FrontEndHook(BuildHookInterface[Any]):
    """Build the page before hatchling gathers files."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build; an error ends the install with the front end's own words."""
        del version, build_data
        root = Path(self.root)
        # The project is not importable while it is being built: load the file by its path.
        spec = importlib.util.spec_from_file_location("frontend", root / "deploy" / "frontend.py")
        assert spec
        assert spec.loader
        frontend = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(frontend)
        self.app.display_info(frontend.build(root))
