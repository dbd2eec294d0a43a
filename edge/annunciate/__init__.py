"""Annunciation: horns, beacons, evacuation sounds, and what keeps them trustworthy.

`Annunciator` drives the allow-listed devices. Beside it stand the plain parts that decide: the tone
of an incident, the evacuation in two steps, silence buttons, the test of each shift.
"""

from edge.annunciate.annunciator import Annunciator
from edge.annunciate.button import Button
from edge.annunciate.demand import wanted
from edge.annunciate.evacuation import Evacuation
from edge.annunciate.incident import Incident
from edge.annunciate.shift import ShiftTest

__all__ = ["Annunciator", "Button", "Evacuation", "Incident", "ShiftTest", "wanted"]
