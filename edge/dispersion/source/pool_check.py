"""What every pool refuses, whatever the liquid: no mass, no ground, no time."""

from __future__ import annotations

import math

from edge.dispersion.notes import RefusedError
from edge.dispersion.source.feed import Feed, feed_kg
from edge.dispersion.source.ground import FREEZING_K, Change, Ground

LONGEST_S = 7 * 86_400.0
SLACK_K = 0.5  # a thermometer's error at the freezing point


def check_time(duration_s: float) -> None:
    """Raise `RefusedError` for a duration that is none, or longer than one weather lasts."""
    if not 0 < duration_s <= LONGEST_S:
        raise RefusedError("dispersion.refused.pool-duration", duration_s=duration_s)


def check_supply(mass_kg: float, feed: Feed) -> None:
    """Raise `RefusedError` where nothing, less than nothing or no number is spilled."""
    total = mass_kg + feed_kg(feed)
    if not (0 < total < math.inf and mass_kg >= 0 and all(rate >= 0 for _, _, rate, _ in feed)):
        raise RefusedError("dispersion.refused.pool-mass", mass_kg=total)
    ends = [0.0] + [end for _, end, _, _ in feed]
    if not all(last <= start < end for last, (start, end, _, _) in zip(ends, feed, strict=False)):
        raise RefusedError("dispersion.refused.pool-feed-order")


def check_ground(ground: Ground, ground_k: float, bund_m2: float) -> None:
    """Raise `RefusedError` for a bund or temperature that the ground cannot have."""
    if not bund_m2 > 0:
        raise RefusedError("dispersion.refused.pool-bund", bund_m2=bund_m2)
    if not 180 <= ground_k <= 400:
        raise RefusedError("dispersion.refused.pool-ground", temperature_k=ground_k)
    melted = ground.change is Change.THAWS and ground_k > FREEZING_K + SLACK_K
    frozen = ground.is_water and ground_k < FREEZING_K - SLACK_K
    if melted or frozen:
        said = "melted" if melted else "frozen"
        raise RefusedError(
            f"dispersion.refused.ground-{said}", ground=ground.id, temperature_k=ground_k
        )
