"""Sets of dispersion coefficients: how wide and how high a cloud is after x metres."""
