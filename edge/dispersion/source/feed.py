"""The feed: liquid that a release lays on the ground, which a pool takes as its inflow."""

from __future__ import annotations

# (start_s, end_s, rate_kg_s, temperature_k): stretches in s since the release began, in order and
# without overlap; in between nothing flows. A liquid that falls at once has one short stretch.
Feed = tuple[tuple[float, float, float, float], ...]


def feed_kg(feed: Feed) -> float:
    """Return the mass of the whole feed [kg]."""
    return sum(rate * (end - start) for start, end, rate, _ in feed)
