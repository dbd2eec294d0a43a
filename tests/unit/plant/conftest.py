from __future__ import annotations

from pathlib import Path

import pytest

from edge.site import load_site
from edge.site.model import Site

DEMO = Path(__file__).parents[3] / "deploy" / "sites" / "demo"


@pytest.fixture(scope="session")
def demo_site() -> Site:
    return load_site(DEMO)
