"""A site that cannot be taken up costs nobody the watch, whatever is wrong with it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from edge.clock import ManualClock
from edge.cycle import Cycle
from edge.cycle.settings import SettingsInForce
from edge.daemons import reload as module
from edge.daemons.reload import Reload
from edge.errors import CommandError
from edge.site import Site, load_site

SOUND = Path(__file__).parents[2] / "cases" / "site" / "sound"


class FakeCycle:
    def __init__(self, site: Site) -> None:
        self.site, self.clock = site, ManualClock()
        self.told: list[tuple[str, dict[str, Any]]] = []

    def say(self, kind: str, subject: str, params: dict[str, Any]) -> None:
        self.told.append((kind, params))


@pytest.mark.parametrize("broken", ["load_site", "templates_of", "open_field", "engine_of"])
async def test_what_nobody_thought_of_is_a_refusal_too(
    monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    """An error of ours in reading files would end core, and with it the watch."""

    def breaks(*_: object) -> object:
        raise PermissionError("templates/x.yaml")

    site = load_site(SOUND)
    cycle = FakeCycle(site)
    changed: Site = site.__class__(site.file, site.root, "changed", site.tags, site.limits)
    monkeypatch.setattr(module, "load_site", lambda _: changed)
    monkeypatch.setattr(module, broken, breaks)
    daemon: Any = SimpleNamespace(site=site, path=SOUND, clock=cycle.clock)
    nobody: Any = SimpleNamespace(outputs=list)
    field: Any = SimpleNamespace()
    settings = SettingsInForce(cast("Cycle", cycle))
    if broken == "engine_of":
        monkeypatch.setattr(module, "open_field", lambda *_: SimpleNamespace(t_min_c=0.0))
    reload = Reload(daemon, field, cast("Cycle", cycle), nobody, nobody, nobody, settings)
    with pytest.raises(CommandError) as refused:
        await reload.apply()
    assert refused.value.message_id == "site.refused"
    assert [kind for kind, _ in cycle.told] == ["site.refused"]
    assert "PermissionError" in str(refused.value.params["faults"])
    await reload.on_signal()  # it is logged, and nothing is raised
    assert (daemon.site, reload.field) == (site, field)
