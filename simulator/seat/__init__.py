"""Seats: the wire between the simulated field and who watches or acts in it. No drawing here."""

from simulator.seat.client import SeatClient
from simulator.seat.protocol import VERSION, hello, pack, tag_row, unpack
from simulator.seat.server import FeedServer

__all__ = ["VERSION", "FeedServer", "SeatClient", "hello", "pack", "tag_row", "unpack"]
