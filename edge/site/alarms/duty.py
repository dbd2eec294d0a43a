"""`people:`, `major_hazards:` and `callout:` of site.yaml: who is to know of an alarm."""

from __future__ import annotations

from edge.site.parts import Model, Name, Title


class Person(Model):
    """Somebody who may be called."""

    id: Name
    title: Title


class MajorHazard(Model):
    """A major hazard source (重大危险源) and its three owners (包保责任人)."""

    id: Name
    title: Title


class Callout(Model):
    """Who is called when nobody answers an alarm."""
