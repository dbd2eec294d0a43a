"""Dispersion: pure numerics from hole to dose. SI only; nothing here reads a file, clock or site.

`weather` says what carries and mixes the gas; `source` and `room` give an `Emission`; `passive`
and `dense` turn it into a `Solution`; `consequence` reads zones and doses from any solution.
Every model says where it holds (`notes`); each is one file, readable first, compiled beside it.
"""
