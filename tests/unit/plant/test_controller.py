"""The simulated GDS alarms by its own set-points, keeps its alarms, and can be made to differ."""

from __future__ import annotations

import pytest

from edge.drivers.base import Reading
from edge.errors import ConfigError
from edge.site.model import Site
from edge.tag import Quality, Reason
from simulator.plant import GdsChannel, GdsReset, GdsSetPoint, Plant, PlantSettings, Rupture
from simulator.plant.controller import Controller
from simulator.plant.instruments import FAILED
from simulator.plant.layout import lay_out
from simulator.plant.settings import GdsSettings

GAS = "AT-105"
RESET = GdsReset(do="gds_reset")


def shows(controller: Controller, value: float | None) -> tuple[float | None, float | None]:
    """Return the two alarm states once the detector shows `value` [ppm] (None: it fails)."""
    ok = Quality.GOOD, Reason.OK
    controller.see({GAS: FAILED if value is None else Reading(value, *ok)})
    readings = controller.readings()
    return readings["XA-105A"].value, readings["XA-105B"].value


@pytest.fixture
def controller(demo_site: Site) -> Controller:
    return Controller(demo_site, latching=True)


def test_alarms_stand_until_they_are_reset(controller: Controller):
    """The gas is gone and the alarm is not; a reset lets go only what is below its set-point."""
    assert shows(controller, 0.1) == (0, 0)
    assert shows(controller, 0.3) == (1, 0)
    assert shows(controller, 0.7) == (1, 1)
    assert shows(controller, 0.4) == (1, 1)
    controller.apply(RESET)
    assert shows(controller, 0.0) == (1, 0)
    controller.apply(RESET)
    assert shows(controller, 0.0) == (0, 0)


def test_one_that_does_not_latch_follows_the_gas(demo_site: Site):
    """As a drill may set it."""
    controller = Controller(demo_site, latching=False)
    assert shows(controller, 0.7) == (1, 1)
    assert shows(controller, 0.1) == (0, 0)


def test_a_failed_detector_changes_nothing(controller: Controller):
    """Neither an alarm nor its end; a reset does not let go what nobody knows."""
    shows(controller, 0.7)
    assert shows(controller, None) == (1, 1)
    controller.apply(RESET)
    assert shows(controller, None) == (1, 1)


def test_an_inhibited_channel_says_nothing(controller: Controller):
    """Until it watches again: what is in the air then alarms at once."""
    shows(controller, 0.7)
    controller.apply(GdsChannel(do="gds_inhibit", tag=GAS))
    assert shows(controller, 0.7) == (0, 0)
    controller.apply(GdsChannel(do="gds_watch", tag=GAS))
    assert shows(controller, 0.7) == (1, 1)


def test_a_moved_set_point_is_read_and_judged_by(controller: Controller):
    """The register shows what it alarms at."""
    controller.apply(GdsSetPoint(do="gds_set_point", tag=GAS, level=1, value=0.5))
    assert shows(controller, 0.4) == (0, 0)
    assert controller.readings()["AS-105A"].value == 0.5
    assert controller.readings()["AS-105B"].value == 0.6


def test_the_plant_shows_what_its_controller_says(demo_site: Site):
    """A drill's inject reaches the registers of the channel; the other tags are as they were."""
    plain, inhibited = Plant(demo_site, 3), Plant(demo_site, 3)
    burst = Rupture(do="rupture", asset="CL2-BAY", hole_mm=5)
    inhibited.apply(GdsChannel(do="gds_inhibit", tag="AT-101"))
    for tick in range(400):
        plain.step([burst] if tick == 0 else [])
        inhibited.step([burst] if tick == 0 else [])
    assert plain.readings()["XA-101B"].value == 1
    assert inhibited.readings()["XA-101B"].value == 0
    assert inhibited.readings()["AT-101"] == plain.readings()["AT-101"]
    assert inhibited.readings()["WS-301"] == plain.readings()["WS-301"]
    assert inhibited.digest() != plain.digest()


def test_the_setting_reaches_the_controller(demo_site: Site):
    """A scenario says whether alarms latch."""
    settings = PlantSettings(gds=GdsSettings(latching=False))
    plant = Plant(demo_site, 3, None, settings)
    plant.gds.see({GAS: Reading(0.7, Quality.GOOD, Reason.OK)})
    plant.gds.see({GAS: Reading(0.1, Quality.GOOD, Reason.OK)})
    assert plant.gds.readings()["XA-105A"].value == 0


@pytest.mark.parametrize(
    "action",
    [
        GdsChannel(do="gds_inhibit", tag="AT-107"),
        GdsSetPoint(do="gds_set_point", tag="XA-101A", level=1, value=1),
    ],
)
def test_only_detectors_with_gds_tags_can_be_named(demo_site: Site, action: GdsChannel):
    """A scenario that names another is refused before it is played."""
    with pytest.raises(ConfigError) as caught:
        Plant(demo_site, 1).apply(action)
    assert "no detector whose GDS tags are named" in str(caught.value)


def test_every_tag_of_the_gds_is_served(demo_site: Site):
    """None of them is taken for a process value that the plant does not know."""
    layout = lay_out(demo_site)
    assert len(layout.gds_tags) == 16
    assert {tag.name for tag in layout.tags} == {
        tag.name for tag in demo_site.tags.values() if tag.device in demo_site.devices
    }
    readings = Plant(demo_site, 1).readings()
    assert all(readings[tag.name].quality is Quality.GOOD for tag in layout.gds_tags)
