"""Evidence: every published or reference case the models are held against, and what they gave.

One module a field (`gaussian`, `aftox`, `source`, `slab`, `prairie_grass`, `dense_field`, …) with
a `CHAPTER`, a `cases()` that computes its table from the reference folder, and a `figures()` that
gives its keys of the accuracy bench. The bench, the tests and docs/models/ all read these.
"""
