"""An output module's own watchdog: what its outputs fall to when nobody asks any more.

It is set in the module, not in the site file: an engineer does so with the maker's tool. Once it
has tripped, the module takes no output before its alarm is cleared, where it has one to clear.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from edge.clock import NS
from edge.drivers.layout import DeviceMap
from edge.drivers.outputs import codes_of
from edge.drivers.template import Area

Place = tuple[Area, int]


@dataclass
class Watchdog:
    """The watchdog of one simulated module: `after_s` [s] without a request, and it trips."""

    after_s: float
    safe: Mapping[Place, int]  # what outputs fall to; others stay as they are
    clear: Place | None = None  # what is written to clear its alarm; None: any write does
    tripped: bool = False
    heard_ns: int | None = field(default=None)

    def hear(self, mono_ns: int) -> bool:
        """Take a request at `mono_ns` [ns]; return whether it has tripped just before."""
        trips = self.due(mono_ns)
        self.heard_ns = mono_ns
        return trips

    def due(self, mono_ns: int) -> bool:
        """Trip if it is time to; return whether it did."""
        late = self.heard_ns is not None and mono_ns - self.heard_ns > self.after_s * NS
        if not late or self.tripped:
            return False
        self.tripped = True
        return True

    def lets(self, places: list[Place]) -> bool:
        """Whether a write to `places` changes outputs; one that clears the alarm does so first."""
        if self.tripped and (self.clear is None or self.clear in places):
            self.tripped = False
        return not self.tripped


def watchdog_of(
    device_map: DeviceMap, after_s: float, safe: Mapping[str, int | str], clear: str = ""
) -> Watchdog:
    """Return a watchdog whose outputs are named as in a site file: {"relay[3]": "on"}.

    Raises `RefError` for a point or state that the template does not know.
    """
    words: dict[Place, int] = {}
    for ref, state in safe.items():
        output = device_map.output(ref)
        codes = codes_of(ref, output.spec, state)
        assert isinstance(codes, tuple)  # a safe value is a state, never a command
        words.update(((output.spec.area, output.address + i), c) for i, c in enumerate(codes))
    cleared = device_map.output(clear) if clear else None
    place = None if cleared is None else (cleared.spec.area, cleared.address)
    return Watchdog(after_s, words, place)
