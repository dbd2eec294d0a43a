"""What `suian site check` and `suian site import` tell: faults, notes, changes and counts."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from edge.errors import ConfigError, Fault
from suian.points.importing import Outcome, Request, plan_import, root_folder, write
from suian.sites import advice, counts, examine, notes, told


@dataclass(frozen=True)
class Verdict:
    """What a check found of `path`; `counts` is empty where the site could not be read."""

    path: str
    faults: list[Fault]
    counts: dict[str, int]
    world: str = ""
    advice: list[Fault] = field(default_factory=list[Fault])  # allowed, and should be otherwise
    notes: list[str] = field(default_factory=list[str])

    def text(self) -> str:
        """Return it for people: every fault, advice, notes, and one line that sums it up."""
        lines = [str(fault) for fault in self.faults]
        lines += [f"advice: {advised}" for advised in self.advice]
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes), self.summary()])

    def summary(self) -> str:
        """Return one line: how many faults, and what the site is made of."""
        found = _counted(len(self.faults), "faults") if self.faults else "no faults"
        if not self.counts:
            return f"{self.path}: {found}"
        made = ", ".join(_counted(count, name) for name, count in self.counts.items() if count)
        return f"{self.path}: {found}: {made}; world {self.world}"

    def json(self) -> str:
        """Return it for editors and scripts: one JSON object."""
        return json.dumps(
            {
                "path": self.path,
                "sound": not self.faults,
                "world": self.world,
                "counts": self.counts,
                "faults": [fault._asdict() for fault in self.faults],
                "advice": [advised._asdict() for advised in self.advice],
                "notes": self.notes,
            },
            ensure_ascii=False,
        )


def _counted(number: int, names: str) -> str:
    return f"{number} {names.removesuffix('s') if number == 1 else names}"


def check_files(path: Path) -> Verdict:
    """Check a site as it stands."""
    examined = examine(path)
    site = examined.site
    if site is None:
        return Verdict(str(path), told(path, examined), {})
    return Verdict(
        str(path),
        told(path, examined),
        counts(site),
        site.world.value,
        advice(path),
        notes(path),
    )


def check_points(request: Request) -> Verdict:
    """Check a point list against a site, as if it were imported."""
    try:
        outcome = plan_import(request)
    except ConfigError as error:
        return Verdict(str(request.source), list(error.faults), {})
    site = outcome.site
    found = counts(site) if site is not None else {}
    world = site.world.value if site is not None else ""
    return Verdict(str(request.source), outcome.faults, found, world, notes=outcome.notes)


def run_import(request: Request, *, write_it: bool, say: Callable[[str], None]) -> Sequence[Fault]:
    """Import, telling every step through `say`; return the faults that forbade it."""
    outcome = plan_import(request)
    for note in outcome.notes:
        say(f"note: {note}")
    if outcome.faults:
        for fault in outcome.faults:
            say(str(fault))
        say(f"{request.source}: {_counted(len(outcome.faults), 'faults')}: nothing is written")
        return outcome.faults
    _tell_changes(outcome, say)
    if outcome.texts and write_it:
        write(root_folder(request), outcome.texts, say)
        say(f"have a running gateway take it up: suian site apply {request.path}")
    elif outcome.texts:
        say(f"would write {', '.join(outcome.texts)}; nothing is written (--dry-run)")
    return []


def _tell_changes(outcome: Outcome, say: Callable[[str], None]) -> None:
    changes = outcome.changes
    assert changes is not None
    for line in changes.lines():
        say(line)
    if gone := changes.limits_gone():
        say(f"! limits taken away (a gas keeps the rule's own, but for 'off'): {', '.join(gone)}")
    if changes:
        say(changes.summary())
    elif outcome.texts:
        say(f"no tag changes; {', '.join(outcome.texts)} is written anew as UTF-8 with commas")
    else:
        say("nothing changes: the site's tag lists say the same")
