"""Callout: who is told of an alarm, and who is called when nobody answers it. No I/O."""

from edge.callout.callout import Callout

__all__ = ["Callout"]
