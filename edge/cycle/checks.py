"""The seam between the cycle and the stage that judges data quality (`edge.quality`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from edge.clock import Instant
from edge.tag import Sample


class Checks(Protocol):
    """What the cycle needs of the stage that judges how far a reading may be believed."""

    def check(self, sample: Sample, now: Instant) -> Sample:
        """Return what is to be made of a sample that the instrument gave `now`."""
        ...

    def restless(self, tag: str) -> bool:
        """Return whether the tag's last sample, given again, could be judged otherwise."""
        ...

    def tick(self, now: Instant) -> Sequence[Sample]:
        """Return the samples, judged already, of tags of which time alone has made something."""
        ...

    def forgive(self, seconds: float) -> None:
        """Count no time over `seconds` [s] in which core itself did not run."""
        ...
