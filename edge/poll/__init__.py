"""Polling: one task per link asks its devices on an absolute schedule and hands samples on."""

from edge.poll.poller import Poller, Sink

__all__ = ["Poller", "Sink"]
