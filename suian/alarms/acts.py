"""What people do in a test: core's commands, a restart of core, a clock that steps."""

from __future__ import annotations

from typing import NamedTuple

from edge.site import Site
from edge.site.faults import suggest
from edge.site.yaml_doc import Plain
from suian.alarms.table import Act


class Kind(NamedTuple):
    """What an act is about: the argument that its own key gives, and the others it takes."""

    about: str
    others: tuple[str, ...] = ()


RESTART, STEP_CLOCK = "restart", "step_clock"
ACTS: dict[str, Kind] = {
    "acknowledge": Kind("condition"),
    "reset": Kind("condition", ("reading", "instrument")),
    "shelve": Kind("condition", ("minutes", "once")),
    "unshelve": Kind("condition"),
    "out_of_service": Kind("condition", ("permit",)),
    "in_service": Kind("condition"),
    "calibrate": Kind("tag", ("minutes", "permit")),
    "calibrate_end": Kind("tag"),
    "silence": Kind(""),
    RESTART: Kind(""),
    STEP_CLOCK: Kind("seconds"),  # -3600: the wall clock goes back an hour
}
WHO = {"by": "actor", "role": "role", "place": "place", "reason": "reason"}
WHOLE_TAGS = frozenset({"out_of_service", "in_service"})  # or one condition of it
NOBODY = {"actor": "test", "role": "operator", "place": "", "reason": ""}
REFUSED = "alarm.refused."
Problem = tuple[str, str, str]  # key, what is wrong, what to do


def read_act(
    name: str, raw: dict[str, Plain], at_ns: int, line: int, site: Site
) -> tuple[Act, list[Problem]]:
    """Return the act that a row of `do` says, and what is wrong with it."""
    kind = ACTS[name]
    args: dict[str, Plain] = {key: raw[key] for key in kind.others if key in raw}
    key, problem = _about(name, raw[name], site)
    if key:
        args[key] = raw[name]
    problems = [(name, *problem)] if problem else []
    known = {"at", "refused", name, *WHO, *kind.others}
    problems += [
        (strange, f"unknown key {strange!r}", suggest(strange, known))
        for strange in sorted(raw.keys() - known)
    ]
    who = NOBODY | {param: str(raw[key]) for key, param in WHO.items() if raw.get(key) is not None}
    return Act(at_ns, name, args, who, _refused(raw.get("refused")), line), problems


def _about(name: str, about: Plain, site: Site) -> tuple[str, tuple[str, str] | None]:
    """Return the argument's name that an act's own key gives, and what is wrong with its value."""
    key = ACTS[name].about
    if key == "condition" and name in WHOLE_TAGS and about in site.tags:
        return "tag", None
    known = {"condition": site.limits, "tag": site.tags}.get(key)
    if known is not None and about not in known:
        return key, (f"unknown {key} {about!r}", suggest(str(about), known, key))
    if key == "seconds" and (isinstance(about, bool) or not isinstance(about, int | float)):
        return key, (f"{about!r} is no number", "Write seconds: -3600")
    return key, None


def _refused(raw: Plain) -> str | None:
    if raw is None or raw is False:
        return None
    if raw is True:
        return ""
    text = str(raw)
    return text if "." in text else REFUSED + text
