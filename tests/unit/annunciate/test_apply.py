"""What a changed site does to horns and beacons that are being driven."""

from __future__ import annotations

from edge.annunciate import Annunciator
from edge.clock import ManualClock
from edge.site.model import Site
from tests.unit.alarm.standing import view
from tests.unit.annunciate.test_annunciate import OUTPUTS, QUIET, running, tower_site
from tests.unit.poll.helpers import FakeDriver, settle


async def test_a_changed_site_leaves_alone_what_is_the_same() -> None:
    """The same tower is not written again; one that is new is brought to what is demanded."""
    kept, other = FakeDriver(), FakeDriver()
    site = tower_site()
    clock = ManualClock()
    horns = Annunciator(site, {"t": kept}, clock, lambda _: None)
    async with running(horns):
        horns.demand([view()])
        await settle()
        before = list(kept.wrote)
        second = {"id": "u-1", "link": "u", "template": "patlite-la6-poe", "world": "test"}
        spec = {"id": "tower-2", "device": "u-1", "areas": ["cl2"], "outputs": OUTPUTS}
        wider = site.file.model_dump(mode="json")
        wider["links"].append({**wider["links"][0], "id": "u", "port": 1001})
        wider["devices"].append(second)
        wider["annunciators"].append(spec)
        larger = Site(type(site.file).model_validate(wider), site.root, "new", {}, {})
        assert horns.apply(larger, {"t": kept, "u": other}) == ["tower-2"]
        await settle()
        assert kept.wrote == before
        assert other.wrote[-1] == ("u-1", QUIET | {"buzzer": 2, "tier[2]": "flashing"})
        assert horns.apply(site, {"t": kept}) == []
        horns.demand([])
        await settle()
        assert kept.wrote[-1] == ("t-1", QUIET)
        assert other.wrote[-1][1]["buzzer"] == 2
        assert [row["annunciator"] for row in horns.outputs()] == ["tower-1"] * 3


async def test_a_tower_on_another_driver_is_driven_anew() -> None:
    """Its link has changed: what is demanded goes out through the new one at once."""
    before, after = FakeDriver(), FakeDriver()
    site = tower_site()
    horns = Annunciator(site, {"t": before}, ManualClock(), lambda _: None)
    async with running(horns):
        horns.demand([view()])
        await settle()
        assert horns.apply(site, {"t": after}) == ["tower-1"]
        await settle()
        assert after.wrote[-1][1]["buzzer"] == 2
