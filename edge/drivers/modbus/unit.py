"""What is known of one unit's answering: how long to wait for it, when to leave it alone. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable

from edge.drivers.modbus.requests import Request, RequestError
from edge.drivers.modbus.statistics import DeviceStatistics
from edge.drivers.template import ReadRules
from edge.site.model import Device, Link
from edge.tag import Reason

FIRST_PROBE_S = 0.5
FULL_PROBE = 20  # every so many probes a silent unit gets its whole time-out
KNOWN_SHARE, PROBE_SHARE = 0.4, 0.25  # of the time-out, for a unit that has answered; for a probe
PATIENCE = 10  # times a unit's longest recent wait, where that is more
JITTER = 0.25  # of a pause, by which it may be shorter: links must not knock in step
DOUBT_S = 1.0  # at least, for which a line's unit is asked twice after an answer went astray
MOST_OWED = 3  # late answers that are reckoned with
MOST_DOUBTS = 3  # times a request is repeated for reasons that are not its unit's fault
BUSY_S = 0.05  # first pause before a busy device is asked again; doubled each time
ACKNOWLEDGED, NO_PATH, NO_TARGET = 5, 10, 11  # MODBUS Application Protocol V1.1b3, 7


class Unit:
    """One unit behind a link. Times are the event loop's [s].

    `silences` counts the silences in a row, `owed` the requests whose answers may still come and
    be taken for another's (RTU has no numbers to tell them by). `rules` are what the device's
    template says of it; the site's own figures go before them.
    """

    def __init__(
        self, link: Link, device: Device, *, shared: bool, rules: ReadRules | None = None
    ) -> None:
        self.number = device.unit_id
        self.device = device.id
        self.statistics = DeviceStatistics()
        self.silences = 0
        self.silent_since = 0.0
        self.probe_at = 0.0
        self.slowest_s = 0.0
        self.owed = 0
        self.asked_at = -math.inf
        self._doubted_until = 0.0
        self._link = link
        self._shared = shared
        rules = rules or ReadRules()
        slow_s = max(link.timeout_s, rules.timeout_s or 0.0)
        self.timeout_s = slow_s if device.timeout_s is None else device.timeout_s
        asked = rules.retries if device.retries is None else device.retries
        self.retries = link.retries if asked is None else asked
        self.min_gap_s = rules.min_gap_s
        self._busy = {ACKNOWLEDGED, *rules.busy}
        # On a shared line the next poll is a silent unit's retry, unless somebody says so.
        patient = not shared or asked is not None
        self._silent_retries = self.retries if patient else 0
        self._character_s = character_s(link)

    def wait_s(self, request: Request, *, urgent: bool) -> float:
        """Return how long to wait for the answer to a request [s].

        Units that share a line are waited for according to what they are known to take, never
        longer than their time-out: one that falls silent must not cost the others a period. A
        silent one gets a short probe, and rarely a full one, lest it has only become slow. The time
        that the bytes need on a serial line comes on top.
        """
        wire_s = (len(request.pdu) + 3 + request.answer_octets) * self._character_s
        whole = self.timeout_s
        if urgent or not self._shared or (self.silences and self.silences % FULL_PROBE == 0):
            return whole + wire_s
        known = KNOWN_SHARE if self.slowest_s else 1.0
        share = PROBE_SHARE if self.silences else known
        return min(whole, max(whole * share, PATIENCE * self.slowest_s)) + wire_s

    def gap_s(self, now: float) -> float:
        """Return how long the device is to be left alone after its last request [s]."""
        return max(self.asked_at + self.min_gap_s - now, 0.0) if self.min_gap_s else 0.0

    def rests(self, now: float) -> bool:
        """Whether a silent unit is not yet due to be asked again."""
        return self._shared and self.silences > 0 and now < self.probe_at

    def answered(self, now: float) -> float:
        """Take note of an answer; return how long there was silence before it [s], else 0."""
        took_s = now - self.asked_at
        silent_s = now - self.silent_since if self.silences else 0.0
        self.silences = 0
        self.slowest_s = max(took_s, 0.9 * self.slowest_s)
        self.statistics.answered(took_s)
        return silent_s

    def silent(self, now: float, chance: Callable[[], float]) -> bool:
        """Take note of a silence; return whether it has only now begun. `chance` gives 0 to 1."""
        self.silences += 1
        if self.silences == 1:
            self.silent_since = self.asked_at
            self.statistics.silences += 1
            return True
        pause = min(FIRST_PROBE_S * 2 ** min(self.silences - 1, 16), self._link.retry_s)
        self.probe_at = now + pause * (1 - JITTER * chance())
        return False

    def owes(self, now: float) -> None:
        """Take note of a request that was given up before its answer came."""
        if self._link.on_line:
            self.owed = min(self.owed + 1, MOST_OWED)
            self._doubted_until = now + max(self.timeout_s, DOUBT_S)

    def doubted(self, now: float) -> bool:
        """Whether its answers may still be to older requests, though none is known to be owed."""
        return now < self._doubted_until

    def strayed(self, now: float) -> None:
        """Take note of an answer that came too late, or twice: then there may be another one."""
        self.statistics.strays += 1
        if self._link.on_line:
            self.owed = self.owed - 1 if self.owed else 1
            self._doubted_until = now + max(self.timeout_s, DOUBT_S)
        if self.silences:  # alive, only slower than it was waited for
            self.slowest_s = max(self.slowest_s, min(now - self.asked_at, self.timeout_s))

    def pause_s(self, fault: RequestError, tries: int) -> float | None:
        """Return how long to wait before asking once more after `tries` [s]; None: give up."""
        if fault.code in self._busy:
            pause = BUSY_S * 2**tries
            return pause if pause <= self.timeout_s else None
        if fault.again_s is not None:
            return fault.again_s if tries < MOST_DOUBTS else None
        if fault.reason is Reason.BAD_REPLY:
            return 0.0 if tries < self.retries and not self.silences else None
        if fault.reason is Reason.TIMEOUT:
            return 0.0 if tries < self._silent_retries else None
        return None


def character_s(link: Link) -> float:
    """Return how long a byte takes on the link's serial line [s]; 0 where there is none.

    Of a line behind a serial server it is not known; 9600 baud is common and slow enough.
    """
    if link.kind == "modbus-rtu" and link.serial is not None:
        return link.serial.character_s
    return 10 / 9600 if link.kind == "modbus-rtu-tcp" else 0.0


def rest_s(link: Link) -> float:
    """Return the rest that is kept between two requests [s].

    3.5 characters on a serial line, 1.75 ms above 19200 baud (MODBUS over Serial Line V1.02,
    2.5.1.1), and the engineer's own gap on top.
    """
    silence = 3.5 * character_s(link)
    if link.serial is not None and link.serial.baud > 19200:
        silence = 0.00175
    return silence + link.gap_s
