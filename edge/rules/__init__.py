"""Versioned rule files: what standards ask, each value with its source and confidence.

A value that nobody has checked against the printed standard says so, and is shown as such,
never as law. The files are data; what they mean is in the module of the same name.
"""

from edge.rules.files import LevelFile
from edge.rules.priority import PriorityFile, Severity, priority_rule
from edge.rules.setpoints import Maximum, Oel, SetPointRule, set_point_rule

__all__ = [
    "LevelFile",
    "Maximum",
    "Oel",
    "PriorityFile",
    "SetPointRule",
    "Severity",
    "priority_rule",
    "set_point_rule",
]
