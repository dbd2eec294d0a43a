"""What an import would change in a site's tag lists, told tag by tag and cell by cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from edge.site.limits import OFF
from suian.points.lists import TagList

LIMITS = frozenset({"h", "hh", "l", "ll"})


class Change(NamedTuple):
    """One cell that is to hold something else."""

    tag: str
    column: str
    old: str
    new: str


class Changes(NamedTuple):
    """All that differs between the lists as they are and as they would be."""

    added: list[str]
    removed: list[str]
    changed: list[Change]
    moved: list[str]  # tags that go to another list
    reordered: list[str]  # files whose rows stand in another order
    columns: list[str]  # new ones, as file: column

    def __bool__(self) -> bool:
        """Whether anything changes."""
        return any(self[:])

    def lines(self) -> Iterator[str]:
        """Yield one line for each change, as people read a diff: + added, - removed, ~ changed."""
        yield from (f"+ {tag}" for tag in self.added)
        yield from (f"- {tag}" for tag in self.removed)
        for change in self.changed:
            yield f"~ {change.tag} {change.column}: {_shown(change.old)} → {_shown(change.new)}"
        yield from (f"> {tag}" for tag in self.moved)
        yield from (f"# {file}: rows in another order" for file in self.reordered)
        yield from (f"# {column}: new column" for column in self.columns)

    def limits_gone(self) -> list[str]:
        """Return the limits that tags which stay are to lose: those may not sound again."""
        gone = (c for c in self.changed if c.column in LIMITS and (not c.new or c.new in OFF))
        return [f"{c.tag}/{c.column}" for c in gone]

    def summary(self) -> str:
        """Return the number of tags added, removed and changed."""
        tags = len(dict.fromkeys(change.tag for change in self.changed))
        parts = [f"{len(self.added)} tags added", f"{len(self.removed)} removed"]
        return ", ".join([*parts, f"{tags} changed ({len(self.changed)} cells)"])


def compare(old: Sequence[TagList], new: Sequence[TagList]) -> Changes:
    """Return what differs; both are the lists of one site, in the same order."""
    before, after = _tags(old), _tags(new)
    changed: list[Change] = []
    for tag, (_, cells) in after.items():
        if tag in before:
            was = before[tag][1]
            for column in dict.fromkeys([*was, *cells]):
                if was.get(column, "") != cells.get(column, ""):
                    change = Change(tag, column, was.get(column, ""), cells.get(column, ""))
                    changed.append(change)
    both = [tag for tag in after if tag in before]
    moved = [
        f"{tag}: {before[tag][0]} → {after[tag][0]}"
        for tag in both
        if before[tag][0] != after[tag][0]
    ]
    reordered = [n.file for o, n in zip(old, new, strict=True) if _order(o, n) != _order(n, o)]
    columns = [
        f"{n.file}: {column}"
        for o, n in zip(old, new, strict=True)
        for column in n.header
        if o.header and column not in o.header
    ]
    added, removed = [t for t in after if t not in before], [t for t in before if t not in after]
    return Changes(added, removed, changed, moved, reordered, columns)


def _tags(lists: Iterable[TagList]) -> dict[str, tuple[str, dict[str, str]]]:
    return {tag: (one.file, cells) for one in lists for tag, cells in one.by_tag.items()}


def _order(one: TagList, other: TagList) -> list[str]:
    """Return the tags of `one` that `other` has too, in their order."""
    theirs = other.by_tag
    return [tag for tag in one.by_tag if tag in theirs]


def _shown(text: str) -> str:
    return text or "(empty)"
