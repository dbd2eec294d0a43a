"""The cycle: what happens to each sample, and to each command, between the field and everybody."""

from edge.cycle.cycle import Cycle
from edge.cycle.handlers import ControlHandlers
from edge.cycle.recorded import Recorded
from edge.cycle.seams import Checks, Push, Recorder

__all__ = ["Checks", "ControlHandlers", "Cycle", "Push", "Recorded", "Recorder"]
