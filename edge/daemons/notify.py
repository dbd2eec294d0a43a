"""What a daemon tells systemd: ready, a status line, stopping, and that its data path is alive.

The protocol is sd_notify(3): datagrams of `KEY=value` lines to the Unix socket in `NOTIFY_SOCKET`.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping

from edge.clock import NS


class Notifier:
    """Says it where a manager listens, and nothing where none does."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        env = os.environ if environ is None else environ
        address = env.get("NOTIFY_SOCKET", "")
        # "@" names Linux's abstract namespace, whose addresses start with a zero byte.
        self._address = "\0" + address[1:] if address.startswith("@") else address
        watched = env.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        limit_us = int(env.get("WATCHDOG_USEC", "0")) if watched else 0
        self._every_ns = limit_us * 1000 // 3
        self._last_ns = -NS

    def send(self, **fields: str) -> bool:
        """Send one datagram of fields; whether a manager took it."""
        if not self._address:
            return False
        text = "\n".join(f"{key}={value}" for key, value in fields.items())
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as out:
            try:
                out.sendto(text.encode(), self._address)
            except OSError:  # a manager that does not read must not stop a gateway
                return False
        return True

    def alive(self, mono_ns: int) -> None:
        """Feed the watchdog; `mono_ns` [ns] keeps it to three datagrams a limit."""
        if self._every_ns and mono_ns - self._last_ns >= self._every_ns:
            self._last_ns = mono_ns
            self.send(WATCHDOG="1")
