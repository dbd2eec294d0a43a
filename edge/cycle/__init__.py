"""The cycle: what happens to each sample, and to each command, between the field and everybody."""

from edge.cycle.cycle import Cycle, Push, Recorder
from edge.cycle.handlers import ControlHandlers

__all__ = ["ControlHandlers", "Cycle", "Push", "Recorder"]
