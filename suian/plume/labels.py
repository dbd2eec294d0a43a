"""Names on a map that stand clear of each other: each tries a few places about its mark."""

from __future__ import annotations

from dataclasses import dataclass, field

from edge.report.text import width

NEAR, FAR = 9.0, 34.0  # from a mark to its name; beyond, a thin line leads there


@dataclass(frozen=True, slots=True)
class Box:
    """What a text or a mark covers, in the picture's points."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Whether the two overlap."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


@dataclass(frozen=True, slots=True)
class Label:
    """A name where it may stand: its left end and baseline; `leader` where a line goes to it."""

    text: str
    x: float
    y: float
    leader: tuple[float, float] | None


@dataclass(slots=True)
class Labels:
    """The picture's `frame` and what is taken in it already."""

    frame: Box
    size: float
    taken: list[Box] = field(default_factory=list)

    def mark(self, x: float, y: float, half: float) -> None:
        """Keep names off a mark."""
        self.taken.append(Box(x - half, y - half, x + half, y + half))

    def place(self, text: str, x: float, y: float) -> Label | None:
        """Return where `text` for the mark at (x, y) fits; None where there is no room at all."""
        wide, high = width(text) * self.size * 0.52, self.size * 1.15
        for away in (NEAR, FAR, 2 * FAR, 3 * FAR):
            for left, top in _around(x, y, wide, high, away):
                box = Box(left, top, left + wide, top + high)
                if self._free(box):
                    self.taken.append(box)
                    leader = None
                    if away > NEAR:
                        leader = (min(max(x, box.left), box.right), top if top > y else top + high)
                    return Label(text, left, top + 0.8 * high, leader)
        return None

    def _free(self, box: Box) -> bool:
        frame = self.frame
        inside = (
            frame.left <= box.left
            and box.right <= frame.right
            and frame.top <= box.top
            and box.bottom <= frame.bottom
        )
        return inside and not any(box.meets(other) for other in self.taken)


def _around(
    x: float, y: float, wide: float, high: float, away: float
) -> tuple[tuple[float, float], ...]:
    """Return the left top corners of a text about (x, y): right, left, below, above, diagonals."""
    return (
        (x + away, y - high / 2),
        (x - away - wide, y - high / 2),
        (x - wide / 2, y + away),
        (x - wide / 2, y - away - high),
        (x + away, y + away),
        (x + away, y - away - high),
        (x - away - wide, y + away),
        (x - away - wide, y - away - high),
    )
