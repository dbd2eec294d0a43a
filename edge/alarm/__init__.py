"""Alarms: what is a condition, how it stands with people, and the engine that judges samples."""

from edge.alarm.design import Design
from edge.alarm.desk import Reading
from edge.alarm.engine import QUIET, AlarmEngine, engine_of
from edge.alarm.heard import Heard
from edge.alarm.view import AlarmView

__all__ = ["QUIET", "AlarmEngine", "AlarmView", "Design", "Heard", "Reading", "engine_of"]
