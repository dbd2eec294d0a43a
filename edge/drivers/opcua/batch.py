"""Some tags of one server: the nodes they are read from, and what a value says of its tag."""

from __future__ import annotations

from collections.abc import Sequence

from edge.drivers.base import Reading
from edge.drivers.judgement import band
from edge.drivers.opcua.refs import parse_ref
from edge.drivers.opcua.status import Statuses, reading
from edge.drivers.template import NodeGate
from edge.site.model import Device
from edge.tag import Quality, Reason, Tag

OVERFLOW = 0x0480  # a DataValue's info bits: values before this one were lost (OPC 10000-4, 7.39)
NUMBERS = frozenset({float, int, bool})


class OpcUaBatch:
    """The plan to read or to be told of `tags`; `most` is how many nodes a request may name."""

    def __init__(
        self,
        device: Device,
        tags: Sequence[Tag],
        statuses: Statuses,
        most: int,
        gates: Sequence[NodeGate] = (),
        patience_s: float = 3.0,
    ) -> None:
        self.device = device
        self.patience_s = patience_s
        self.tags = tuple(tags)
        self.refs = tuple(parse_ref(tag.ref) for tag in tags)
        self.most = most
        self.gates = tuple(gate for gate in gates if gate.below or gate.setting in device.settings)
        self.period_s = min((tag.period_s for tag in tags), default=1.0)
        self._statuses = statuses
        self._bands = tuple(band(tag) for tag in tags)  # within which a good value is just that

    def reading(self, place: int, code: int, value: object, source_ns: int | None) -> Reading:
        """Return what a value with status `code` says of the tag at `place`.

        A value before which the server dropped others is Uncertain, where nothing graver is wrong.
        """
        if code == 0 and value.__class__ in NUMBERS:
            low, high = self._bands[place]
            if low <= value <= high:  # pyright: ignore[reportOperatorIssue]  # a number, see above
                return Reading(float(value), Quality.GOOD, Reason.OK, source_ns)  # pyright: ignore[reportArgumentType]
        found = reading(self._statuses, self.tags[place], code, value, source_ns)
        if code & OVERFLOW == OVERFLOW and found.reason is Reason.OK:
            return found._replace(quality=Quality.UNCERTAIN, reason=Reason.DEVICE_UNCERTAIN)
        return found

    def reason(self, code: int) -> Reason:
        """Return what status `code` means."""
        return self._statuses.reason(code)
