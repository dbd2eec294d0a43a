"""Alarms: what is a condition, how it stands with people, and the engine that judges samples."""

from edge.alarm.alarm import AlarmView
from edge.alarm.engine import QUIET, AlarmEngine, engine_of
from edge.alarm.heard import Heard

__all__ = ["QUIET", "AlarmEngine", "AlarmView", "Heard", "engine_of"]
