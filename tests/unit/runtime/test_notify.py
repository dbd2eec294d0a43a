"""sd_notify without a manager, with one that is gone, and the watchdog's measure."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from edge.clock import NS
from edge.daemons.notify import Notifier


def test_nobody_listening_is_no_error(tmp_path: Path):
    """Outside systemd, or after it went, a daemon just works."""
    assert not Notifier({}).send(READY="1")
    assert not Notifier({"NOTIFY_SOCKET": str(tmp_path / "gone")}).send(READY="1")


def test_the_watchdog_is_fed_three_times_a_limit_and_only_ours():
    """Feeding costs a datagram a third of the limit, and a parent's watchdog is not fed."""
    name = f"\0suian-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(name)
        manager.setblocking(False)
        env = {"NOTIFY_SOCKET": "@" + name[1:], "WATCHDOG_USEC": "3000000"}

        def heard(notifier: Notifier) -> int:
            for tenth in range(100):
                notifier.alive(10 * NS + tenth * NS // 10)
            count = 0
            while True:
                try:
                    assert manager.recv(100) == b"WATCHDOG=1"
                except BlockingIOError:
                    return count
                count += 1

        assert heard(Notifier({**env, "WATCHDOG_PID": str(os.getpid())})) == 10
        assert heard(Notifier({**env, "WATCHDOG_PID": "1"})) == 0
        assert heard(Notifier({"NOTIFY_SOCKET": env["NOTIFY_SOCKET"]})) == 0
