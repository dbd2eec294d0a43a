"""Fixtures of the journal's tests."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from edge.tag import Position, Tag, World
from edge.units import Unit


@pytest.fixture
def make_tag() -> Callable[[str], Tag]:
    """Makes a plain tag of the test world."""

    def make(name: str) -> Tag:
        return Tag(
            name=name,
            title_zh=name,
            title_en=name,
            device="D-1",
            ref="value",
            asset="",
            area="a",
            substance="",
            quantity="level",
            unit=Unit.PPM,
            range_low=0,
            range_high=10,
            period_s=1,
            position=Position(0, 0),
            world=World.TEST,
        )

    return make
