"""Models of gas that the wind carries without answering back: not dense, not buoyant.

`plume.steady` solves a release in one straight wind, `puff.moving` one in a wind that changes;
`sigma` holds the published sets of spreads that either may use, `similarity` the surface-layer
theory that the plume uses by default.
"""
