"""The settings in force where the journal cannot say what they were."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from edge.clock import ManualClock
from edge.cycle.cycle import Cycle
from edge.cycle.settings import ROW, SettingsInForce, approved_settings
from edge.event import StateRow, Transition
from edge.site import Site, load_site
from edge.site.alarms.settings import settings_of
from edge.tag import Quality, Sample

SOUND = Path(__file__).parents[2] / "cases" / "site" / "sound"


@dataclass
class FakeCycle:
    """Keeps what it is given."""

    site: Site
    clock: ManualClock
    told: list[Transition] = field(default_factory=list[Transition])
    samples: list[Sample] = field(default_factory=list[Sample])

    def record(self, changed: list[Transition]) -> None:
        self.told += changed

    def on_sample(self, sample: Sample) -> None:
        self.samples.append(sample)


@pytest.fixture
def cycle() -> FakeCycle:
    return FakeCycle(load_site(SOUND), ManualClock())


def begun(cycle: FakeCycle, rows: list[StateRow], *, known: bool = True) -> SettingsInForce:
    """The settings after a start with these rows."""
    settings = SettingsInForce(cast("Cycle", cycle))
    assert settings.restore([*rows, OTHER], known=known) == [OTHER]
    settings.begin()
    return settings


OTHER = StateRow("AT-1/h", "acked", {})


def kinds(cycle: FakeCycle) -> list[str]:
    return [transition.event.kind for transition in cycle.told]


def test_a_new_journal_takes_all_as_the_baseline(cycle: FakeCycle):
    """With one event, and everything is in order; the same site says nothing more."""
    begun(cycle, [])
    assert kinds(cycle) == ["setting.baseline"]
    row = cycle.told[0].row
    assert row is not None
    assert approved_settings([row]) == settings_of(cycle.site)
    begun(cycle, [row])
    assert kinds(cycle) == ["setting.baseline"]
    assert [(s.tag, s.value) for s in cycle.samples] == [("SETTINGS-OK", 1.0)] * 2


def test_a_journal_that_could_not_be_opened_is_no_new_one(cycle: FakeCycle):
    """Nothing is taken for approved, nothing is written over what the file holds."""
    settings = begun(cycle, [], known=False)
    assert kinds(cycle) == []
    assert [s.quality for s in cycle.samples] == [Quality.BAD]
    judged = settings.judge(cycle.site, cycle.site)
    assert (judged.approved, judged.open, judged.told) == ("", (), [])


@pytest.mark.parametrize("params", [{}, {"approved": "damaged"}, {"approved": 3}])
def test_what_cannot_be_read_is_a_new_baseline(cycle: FakeCycle, params: dict[str, Any]):
    """A row of another Suian ends no start; the event says that a baseline was taken."""
    begun(cycle, [StateRow(ROW, "in-force", params)])
    assert kinds(cycle) == ["setting.baseline"]


@pytest.mark.parametrize("opened", ['[["a"]]', '[["a","b","c","d","e"]]', "[1]", "{", "7"])
def test_open_changes_of_another_version_make_a_new_baseline(cycle: FakeCycle, opened: str):
    """They are not ours to read, and core starts all the same."""
    begun(cycle, [])
    row = cycle.told[0].row
    assert row is not None
    cycle.told.clear()
    begun(cycle, [row._replace(params={**row.params, "open": opened})])
    assert kinds(cycle) == ["setting.baseline"]
