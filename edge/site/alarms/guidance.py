"""`guidance:` of site.yaml: what an alarm means and what to do, for those who hear it."""

from __future__ import annotations

from edge.site.parts import Model, Name


class GuidanceRow(Model):
    """Cause, consequence, first actions and time to respond of the alarms that it fits."""

    id: Name
