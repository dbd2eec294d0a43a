"""The relay: journal rows to an MQTT broker, at least once, in order, for as long as it takes.

It reads the journal by cursor and moves a cursor only when the broker has acknowledged, so a
broker that is away for a week costs nothing but time, and a relay that is killed repeats at most
what was in flight. Receivers drop what is not above their mark for (gateway, epoch, stream).
"""

from edge.relay.pump import Pump

__all__ = ["Pump"]
