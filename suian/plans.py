"""What `suian site plan` shows: every request of a site, and what its links have to carry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from edge.drivers import load_templates
from edge.drivers.load_estimate import BatchLoad, LinkLoad, cautions, estimate, misfits
from edge.errors import ConfigError, Fault
from edge.site import Site, load_site
from suian.sites import check

TAGS_SHOWN = 6  # of a request; the rest are counted


class Plan(NamedTuple):
    """A site's links as loaded; `misfits` are what cannot be kept, as "link: what"."""

    links: list[LinkLoad]
    misfits: list[str]
    cautions: list[str]


def make(path: Path, device: str = "", turnaround_s: float | None = None) -> Plan:
    """Return the plan of the site at `path`; of the link of `device` alone where one is named.

    A link is shown with all its devices, since they share its time. Raises `ConfigError`.
    """
    faults = check(path)
    if faults:
        raise ConfigError(faults)
    site = load_site(path)
    wanted = _link_of(site, device) if device else ""
    extra = site.root / site.file.templates if site.file.templates else None
    loads = estimate(site, load_templates(extra), turnaround_s)
    links = [load for load in loads if not wanted or load.link == wanted]
    return Plan(
        links,
        [f"{load.link}: {text}" for load in links for text in misfits(load)],
        [f"{load.link}: {text}" for load in links for text in cautions(load)],
    )


def _link_of(site: Site, device: str) -> str:
    if device not in site.devices:
        known = ", ".join(site.devices) or "none"
        raise ConfigError([Fault("site.yaml", 0, device, "is no device", f"It has: {known}")])
    return site.devices[device].link


def as_json(plan: Plan) -> dict[str, Any]:
    """Return the plan as plain data; times in seconds, shares of 1."""
    return {
        "links": [
            {
                **asdict(load),
                "line_share": round(load.line_share, 4),
                "busy_share": round(load.busy_share, 4),
                "registers_per_s": round(load.registers_per_s, 3),
                "requests_per_s": round(load.requests_per_s, 3),
                "cycles": [
                    {"period_s": period_s, "takes_s": round(takes_s, 4)}
                    for period_s, takes_s in load.cycles.items()
                ],
            }
            for load in plan.links
        ],
        "misfits": plan.misfits,
        "cautions": plan.cautions,
    }


def as_text(plan: Plan, device: str = "") -> Iterator[str]:
    """Yield the lines for people; of the requests those of `device` alone where one is named."""
    for load in plan.links:
        speed = f" at {load.baud} baud" if load.baud else ""
        yield (
            f"link {load.link} ({load.kind} {load.where}{speed}): "
            f"{load.requests_per_s:.3g} requests/s, {load.registers_per_s:.4g} registers/s"
        )
        for batch in load.batches:
            if device in {"", batch.device}:
                yield from _batch(batch)
        if load.on_line:
            guess = "" if load.baud else " (9600 baud assumed behind a serial server)"
            yield f"  line: {load.line_share:.0%} of its time on the wire{guess}"
        for period_s, takes_s in load.cycles.items():
            if takes_s:
                yield (
                    f"  all of period {period_s:g} s: {takes_s:.3g} s ({takes_s / period_s:.0%}), "
                    f"with {load.turnaround_s * 1000:g} ms to answer assumed"
                )
        yield ""
    yield from (f"caution: {text}" for text in plan.cautions)
    yield from (f"fault: {text}" for text in plan.misfits)


def _batch(batch: BatchLoad) -> Iterator[str]:
    unit = f" unit {batch.unit}" if batch.unit else ""
    head = f"  {batch.device} ({batch.template}{unit}) every {batch.period_s:g} s"
    if batch.streamed:
        yield f"{head}: {_counted(batch.tags, 'node')}, told of by the server"
        return
    requests = _counted(len(batch.requests), "request")
    yield f"{head}: {_counted(batch.tags, 'tag')} in {requests}"
    for request in batch.requests:
        if not request.function:
            yield f"    read {request.count} nodes"
            continue
        printed = f" (printed {request.printed})" if request.printed else ""
        last = request.address + request.count - 1
        unused = f", {request.unused} unused" if request.unused else ""
        shown = ", ".join(request.tags[:TAGS_SHOWN]) or "states only"
        more = len(request.tags) - TAGS_SHOWN
        yield (
            f"    function {request.function:02d}  {request.address}..{last}{printed}  "
            f"count {request.count}{unused}: {shown}{f' and {more} more' if more > 0 else ''}"
        )


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
