"""Puffs: a release of any kind in a wind that changes."""
