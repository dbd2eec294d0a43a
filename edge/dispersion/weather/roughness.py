"""Roughness lengths by what the ground looks like.

Reference: Davenport's classification as revised by Wieringa (1992), J. Wind Eng. Ind. Aerodyn.
41-44, 357-368 (also WMO-No. 8, part I, chapter 5, annex).
"""

ROUGHNESS_M = {
    "water": 0.0002,  # open water, tidal flat, snow-covered flat plain
    "smooth": 0.005,  # featureless land, ice
    "open": 0.03,  # flat country with grass, few obstacles
    "roughly-open": 0.10,  # low crops, obstacles 20 and more heights apart
    "rough": 0.25,  # high crops, obstacles about 15 heights apart
    "very-rough": 0.5,  # obstacles about 10 heights apart: a loose park, orchards
    "closed": 1.0,  # obstacles as far apart as they are high: a dense park, a village, a forest
    "chaotic": 2.0,  # centre of a town, forest with clearings
}
