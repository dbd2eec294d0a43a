"""What is wrong with who is called: people nobody knows, sources without owners, steps in disorder.

`check_duty` needs no tag list, `check_owned` does.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from edge.errors import Fault
from edge.site.alarms.duty import OWNER_ROLES, Callout, MajorHazard
from edge.site.faults import Faults, place_from, suggest
from edge.site.structure import Draft
from edge.site.tags_csv import Known

Path = tuple[str | int, ...]
DETECTED = frozenset({"concentration", "oxygen"})
CONTACT = "Add 'contact: {annunciator: …, output: …}', an output of kind dialler"


def check_duty(draft: Draft) -> Iterator[Fault]:
    """Yield the faults of `major_hazards` and `callout`."""
    yield from _sources(draft)
    if draft.callout is not None:
        yield from _callout(draft, draft.callout)
    yield from _idle_diallers(draft, draft.callout)


def _sources(draft: Draft) -> Iterator[Fault]:
    taken: dict[tuple[str, str], tuple[str, tuple[str, int]]] = {}
    for path, source in draft.each("major_hazards"):
        for role in OWNER_ROLES:
            name = getattr(source.owners, role)
            yield from _known(draft, (*path, "owners", role), source.id, "people", name)
        if not (source.assets or source.areas):
            problem = "neither assets nor areas: no alarm would ever be its own"
            yield _fault(draft, path, source.id, problem, "Name its assets, or its areas")
        for section in ("assets", "areas"):
            for index, name in enumerate(getattr(source, section)):
                where = (*path, section, index)
                yield from _known(draft, where, source.id, section, name)
                here = draft.place(*where)
                if (section, name) in taken:
                    other, place = taken[section, name]
                    problem = f"{name!r} belongs to {other} already, {place_from(here[0], place)}"
                    remedy = "An asset belongs to one major hazard source: remove one of them"
                    yield Fault(*here, source.id, problem, remedy)
                taken.setdefault((section, name), (source.id, here))


def _callout(draft: Draft, callout: Callout) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, name in enumerate(callout.shift):
        where = ("callout", "shift", index)
        yield from _known(draft, where, "callout", "people", name)
        if name in seen:
            problem, remedy = f"{name!r} stands twice", "After the last name the first comes again"
            yield _fault(draft, where, "callout", problem, remedy)
        seen.add(name)
    if not callout.shift:
        problem = "no shift: nobody would be called"
        remedy = "Add 'shift: [duty-desk, …]', ids of people in the order of the calls"
        yield _fault(draft, ("callout", "shift"), "callout", problem, remedy)
    steps = ("contact_s", "desk_s", "next_s")
    for before, after in pairwise(steps):
        low, high = getattr(callout, before), getattr(callout, after)
        if not low < high:
            problem = f"{after} {high:g} is not after {before} {low:g}"
            remedy = "Write rising times: contact_s < desk_s < next_s"
            yield _fault(draft, ("callout", after), "callout", problem, remedy)
    if not callout.levels:
        problem, remedy = "answers to no level", "Write levels: [2]"
        yield _fault(draft, ("callout", "levels"), "callout", problem, remedy)
    yield from _contact(draft, callout)


def _contact(draft: Draft, callout: Callout) -> Iterator[Fault]:
    contact, path = callout.contact, ("callout", "contact")
    if contact is None:
        problem = "no contact: with nobody at the console, nothing would reach anybody"
        yield _fault(draft, path, "callout", problem, CONTACT)
        return
    where = (*path, "annunciator")
    unknown = list(_known(draft, where, "callout", "annunciators", contact.annunciator))
    yield from unknown
    item = draft.by_id("annunciators").get(contact.annunciator)
    if item is None:  # told just now, or with the annunciator itself
        return
    diallers = [output.id for output in item.outputs if output.kind == "dialler"]
    if contact.output not in diallers:
        kinds = {output.id: output.kind for output in item.outputs}
        kind = kinds.get(contact.output)
        problem = f"{item.id} has no output {contact.output!r}"
        if kind is not None:
            problem = f"output {contact.output!r} of {item.id} is a {kind}, not a dialler"
        remedy = suggest(contact.output, diallers, "output of kind dialler")
        yield _fault(draft, (*path, "output"), "callout", problem, remedy)


def _idle_diallers(draft: Draft, callout: Callout | None) -> Iterator[Fault]:
    contact = callout.contact if callout is not None else None
    named = (contact.annunciator, contact.output) if contact is not None else None
    if "callout" in draft.whole.data and contact is None:  # told with the callout
        return
    for path, item in draft.each("annunciators"):
        for index, output in enumerate(item.outputs):
            if output.kind == "dialler" and (item.id, output.id) != named:
                problem = f"output {output.id!r} is a dialler that nothing drives"
                remedy = "Name it as callout.contact, or remove it"
                yield _fault(draft, (*path, "outputs", index, "kind"), item.id, problem, remedy)


def _known(draft: Draft, path: Path, subject: str, section: str, name: str) -> Iterator[Fault]:
    """Yield a fault if `name` is not an id of `section`; an id of a broken item is known."""
    nouns = {"people": "person", "annunciators": "annunciator", "assets": "asset", "areas": "area"}
    ids, noun = draft.ids[section], nouns[section]
    if name not in ids:
        yield _fault(draft, path, subject, f"unknown {noun} {name!r}", suggest(name, ids, noun))


def _fault(draft: Draft, path: Path, subject: str, problem: str, remedy: str) -> Fault:
    return Fault(*draft.place(*path), subject, problem, remedy)


def check_owned(draft: Draft, known: Known, faults: Faults) -> None:
    """Check that every gas detector beside a major hazard source belongs to one.

    Where a source has assets in an area, a detector there that is of no source would raise alarms
    that nobody owns.
    """
    sources: list[MajorHazard] = [source for _, source in draft.each("major_hazards")]
    assets = {name: source for source in sources for name in source.assets}
    areas = {name: source for source in sources for name in source.areas}
    beside: dict[str, MajorHazard] = {}
    for name, source in assets.items():
        if name in known.assets:
            beside.setdefault(known.assets[name].area, source)
    for tag in known.tags.values():
        if tag.quantity not in DETECTED or tag.name not in known.lines:
            continue
        if tag.asset in assets or tag.area in areas or tag.area not in beside:
            continue
        source = beside[tag.area]
        problem = (
            f"stands in area {tag.area} of major hazard source {source.id}, and belongs to none:"
            " nobody would own its alarms"
        )
        remedy = f"Add {tag.asset or tag.area} to a source's {'assets' if tag.asset else 'areas'}"
        faults.add(*known.lines[tag.name], tag.name, problem, remedy)
