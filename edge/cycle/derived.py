"""The hazard daemon's samples, as they come through the control socket: whose they may be."""

from __future__ import annotations

from collections.abc import Iterable

from edge.errors import CommandError
from edge.site.model import Site
from edge.tag import Sample, World


def derived(site: Site, samples: Iterable[Sample], world: World, utc_ns: int) -> list[Sample]:
    """Return `samples` as received at `utc_ns` [ns].

    All are refused with `CommandError` if one is not of a derived tag of this site, or if they
    are of another world.
    """
    if world is not site.world:
        params = {"world": str(world), "expected": str(site.world)}
        raise CommandError("derived.refused.world", params)
    device = site.file.hazard.device if site.file.hazard is not None else None
    taken = tuple(samples)
    for sample in taken:
        tag = site.tags.get(sample.tag)
        if tag is None or tag.device != device:
            raise CommandError("derived.refused.tag", {"tag": sample.tag[:64]})
    return [sample._replace(receive_ns=utc_ns, world=world) for sample in taken]
