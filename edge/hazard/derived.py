"""The hazard estimate as samples of the site's derived tags: predictions and own health.

Core judges them like any detector's. Nothing here makes a reassuring zero: where evidence stands
and no prediction can be made, the predicted tag is Bad and says why.
"""

from __future__ import annotations

from collections.abc import Mapping

from edge.clock import Instant
from edge.hazard.estimate import NO_DETECTOR, Estimate
from edge.hazard.scene import Scene
from edge.site.quantities import HEALTH, PREDICTED
from edge.tag import REASONS, Reason, Sample, Tag, bad_sample


def samples(scene: Scene, estimates: Mapping[str, Estimate], now: Instant) -> list[Sample]:
    """Return one sample for every derived tag of the site, from the estimate of each gas.

    A predicted value is what a release adds: Uncertain (estimated); of an idle gas with usable
    instruments it is 0, Good. The health tag is 1 while every gas that has detectors can be
    predicted, else Bad: one alarm for all of them.
    """
    found: list[Sample] = []
    for tag in scene.site.tags_of(scene.hazard.device):
        if tag.quantity == PREDICTED:
            found.append(_predicted(tag, estimates, now))
        elif tag.quantity == HEALTH:
            found.append(_health(tag, estimates, now))
    return found


def _predicted(tag: Tag, estimates: Mapping[str, Estimate], now: Instant) -> Sample:
    substance, _, place = tag.ref.partition("@")
    estimate = estimates.get(substance)
    if estimate is None:
        return bad_sample(tag, Reason.CONFIGURATION, now.utc_ns)
    if not estimate.predicts:
        return bad_sample(tag, estimate.reason, now.utc_ns)
    if estimate.state == "idle":
        return _sample(tag, 0.0, Reason.OK, now)
    for at in estimate.places:
        if at.place.id == place:
            return _sample(tag, at.value_ppm, Reason.ESTIMATED, now)
    return bad_sample(tag, Reason.CONFIGURATION, now.utc_ns)


def _health(tag: Tag, estimates: Mapping[str, Estimate], now: Instant) -> Sample:
    for estimate in estimates.values():
        if not estimate.predicts and estimate.problem != NO_DETECTOR:
            return bad_sample(tag, estimate.reason, now.utc_ns)
    return _sample(tag, 1.0, Reason.OK, now)


def _sample(tag: Tag, value: float, reason: Reason, now: Instant) -> Sample:
    quality = REASONS[reason].quality
    return Sample(tag.name, value, quality, reason, now.utc_ns, now.utc_ns, tag.world)
