from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ["SDL_VIDEODRIVER"] = "dummy"
os.environ["SDL_FRAMEBUFFER_ACCELERATION"] = "0"

import pygame

from edge.site import load_site
from simulator.field.sources import PlantSource, level_of
from simulator.scenario import load_scenario
from simulator.seat import hello, tag_row
from simulator.view import theme
from simulator.view.scene import Scene

DEMO = Path(__file__).parents[3] / "deploy" / "sites" / "demo"


@pytest.fixture
def window() -> Iterator[pygame.Surface]:
    pygame.display.init()
    pygame.font.init()
    yield pygame.display.set_mode(theme.SIZE)
    pygame.quit()


@pytest.fixture(scope="session")
def source() -> PlantSource:
    """A plant a minute after its hose burst."""
    site = load_site(DEMO)
    source = PlantSource(site, load_scenario(DEMO / "scenarios/chlorine-hose.yaml", site))
    for _ in range(750):
        source.plant.step(
            [a for e in source._story.due(source.plant.time_s, source.readings) for a in e.actions]
        )
    source.readings = source.plant.readings()
    return source


@pytest.fixture
def scene(source: PlantSource) -> Scene:
    """What a seat of that plant knows."""
    site = source.plant.site
    scene = Scene(connected=True)
    scene.take(hello(site, "plant", source.scenario.title.model_dump()))
    rows = {t: tag_row(r, level_of(site, t, r)) for t, r in source.readings.items()}
    outputs = {"tower-1": {"buzzer[1]": 2}}
    state = {"t": "state", "utc_ns": 0, **source.frame(), "tags": rows, "outputs": outputs}
    scene.take(state)
    scene.take({"t": "leak", "state": "start", "asset": "CL2-BAY", "t_s": 15.1})
    return scene
