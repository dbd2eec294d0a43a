"""Polling: one task per link asks its devices on an absolute schedule and hands samples on."""

from edge.poll.feed import Feed, Sink
from edge.poll.poller import Poller

__all__ = ["Feed", "Poller", "Sink"]
