"""`conditions:` of site.yaml: alarms on more than one reading, or on how a reading moves."""

from __future__ import annotations

from edge.site.parts import Model, Name, Title


class ConditionRow(Model):
    """One condition that no column of a tag list can say."""

    id: Name
    title: Title
