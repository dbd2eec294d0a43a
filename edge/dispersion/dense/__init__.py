"""Dense gas: a cloud that is heavier than air, from its source until it drifts like any other.

`solve.solve(emission, weather, fluid)` gives the `Solution`; docs/models/dense.md says what it is.
"""
