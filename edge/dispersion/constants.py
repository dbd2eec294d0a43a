"""Constants that mean the same in every room. A model's own published constants stay with it."""

GRAVITY = 9.80665  # m/s2, standard
AIR_KG_MOL = 0.0289647  # kg/mol, dry air, ISO 2533:1975
