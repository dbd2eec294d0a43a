"""What a model says of its own answer: notes, and refusals that carry one.

A note is a message id of the word catalogue (`edge/words/catalogue/dispersion_*.json`) with its
parameters, so that a screen, a report and a log say the same in two languages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from edge.words import say


@dataclass(frozen=True, slots=True)
class Note:
    """One thing a reader of a solution must know, as `dispersion.note.…` with parameters."""

    id: str
    params: Mapping[str, str | int | float] = field(default_factory=dict[str, str | int | float])

    def __str__(self) -> str:
        return say(self.id, "en", self.params)


class RefusedError(ValueError):
    """An input that a model has no right answer for; its note says what and what to do."""

    def __init__(self, note_id: str, /, **params: str | float) -> None:
        self.note = Note(note_id, params)
        super().__init__(str(self.note))


@dataclass(frozen=True, slots=True)
class ModelUse:
    """A model that had a part in a solution: `id` (as "dense.plume") and what it did there.

    `validity` states where the model holds, `notes` where this case strains it; both as notes.
    """

    id: str
    validity: Note
    notes: tuple[Note, ...] = ()
