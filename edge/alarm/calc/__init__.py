"""Calculations: what core works out of samples is a tag again, judged by the same engine.

A calculation takes samples of its inputs, judged already, and gives samples of its own tag (device
`core`); an ordinary limit on that tag makes the alarm. `MAKERS` says who makes what.
"""

from edge.alarm.calc.calculation import Calculation, Voice, reading, weakest
from edge.alarm.calc.collection import MAKERS, Calculations, Failed

__all__ = ["MAKERS", "Calculation", "Calculations", "Failed", "Voice", "reading", "weakest"]
