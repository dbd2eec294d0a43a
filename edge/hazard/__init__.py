"""Hazard: from detectors and wind to where the gas comes from, where it goes, and who is in it.

`inputs` remembers what core sends, `scene` is what the site file says once and for all; `wind`,
`evidence`, `infer`, `zones` and `estimate` are pure functions; `derived` turns the answer into
samples of the predicted tags; `service` is the loop. It advises: it never calls a place safe.
"""
