"""Values whose use other nodes decide: a simulation's switch, a device's health. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from edge.drivers.base import Reading
from edge.drivers.judgement import GRAVITY, bad
from edge.drivers.opcua.batch import NUMBERS, OpcUaBatch
from edge.drivers.opcua.wire import NodeValue
from edge.drivers.template import NodeGate
from edge.tag import REASONS, Quality, Reason


class Governed(NamedTuple):
    """A gate as it stands in one session, and the places in the batch that it governs."""

    gate: NodeGate
    places: Sequence[int]


class Gating:
    """The readings of one batch in one session. A gate that has not been read lets nothing by."""

    def __init__(self, batch: OpcUaBatch, gates: Sequence[Governed]) -> None:
        self._batch = batch
        self._gates = gates
        self._reasons = [Reason.NOT_YET_READ] * len(gates)
        self._over: dict[int, list[int]] = {}  # the gates over each place that has some
        self._raw: dict[int, NodeValue] = {}  # what such a place last held
        for number, governed in enumerate(gates):
            for place in governed.places:
                self._over.setdefault(place, []).append(number)

    def reading(self, place: int, code: int, value: object, source_ns: int | None) -> Reading:
        """Return what a value with status `code` says of the tag at `place`, under its gates."""
        found = self._batch.reading(place, code, value, source_ns)
        over = self._over.get(place)
        if over is None:
            return found
        self._raw[place] = NodeValue(code, value, source_ns)
        gravest = max((self._reasons[number] for number in over), key=GRAVITY.__getitem__)
        if GRAVITY[gravest] <= GRAVITY[found.reason]:
            return found
        if REASONS[gravest].quality is Quality.BAD:
            return bad(gravest)._replace(source_ns=found.source_ns)
        return found._replace(quality=REASONS[gravest].quality, reason=gravest)

    def of_node(self, place: int, value: NodeValue | None) -> Reading:
        """Return the same of a value that was read; None: the server has no such namespace."""
        return bad(Reason.CONFIGURATION) if value is None else self.reading(place, *value)

    def take(self, number: int, state: NodeValue | None) -> list[tuple[int, Reading]]:
        """Take a gate's state; return the places whose readings it changes, and these."""
        governed, reason = self._gates[number], Reason.CONFIGURATION
        if state is not None:
            reason = self._batch.reason(state.code)
            if REASONS[reason].quality is not Quality.BAD:
                known = state.value.__class__ in NUMBERS
                when = governed.gate.when
                reason = when.get(int(state.value), Reason.OK) if known else Reason.INVALID_VALUE  # pyright: ignore[reportArgumentType]
        if reason is self._reasons[number]:
            return []
        self._reasons[number] = reason
        held = ((place, self._raw.get(place)) for place in governed.places)
        return [(place, self.reading(place, *raw)) for place, raw in held if raw is not None]
