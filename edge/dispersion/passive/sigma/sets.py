"""The published sets of dispersion coefficients, by name, each with its source."""

from __future__ import annotations

from edge.dispersion.passive.sigma.aftox import AftoxSet
from edge.dispersion.passive.sigma.briggs import BRIGGS_RURAL
from edge.dispersion.passive.sigma.face import LETTER_AT, Curve, LetterSet, SigmaSet
from edge.dispersion.passive.sigma.isc3 import isc3_y, isc3_z
from edge.dispersion.passive.sigma.similarity_set import SimilaritySet

TEN_MINUTES_S = 600.0


def _power(factor: float, exponent: float) -> Curve:
    """Return factor x^exponent."""
    return lambda x_m: factor * x_m**exponent


def _bent(factor: float, bend: float, power: float) -> Curve:
    """Return factor x (1 + bend x)^power."""
    return lambda x_m: factor * x_m * (1 + bend * x_m) ** power


def _by_letter(curves: list[Curve]) -> dict[str, Curve]:
    return dict(zip(LETTER_AT, curves, strict=True))


# Briggs (1973), ATDL Contribution 79, as in Hanna, Briggs and Hosker (1982), Table 4.5; the plume
# sets of CCPS (2000), Guidelines for Chemical Process QRA, are the same curves.
_RURAL = LetterSet(
    "briggs-rural",
    TEN_MINUTES_S,
    {letter: _bent(row.y, row.y_bend, -0.5) for letter, row in BRIGGS_RURAL.items()},
    {letter: _bent(row.z, row.z_bend, row.z_power) for letter, row in BRIGGS_RURAL.items()},
)
_URBAN = LetterSet(
    "briggs-urban",
    TEN_MINUTES_S,
    _by_letter([_bent(a, 0.0004, -0.5) for a in (0.32, 0.32, 0.22, 0.16, 0.11, 0.11)]),
    _by_letter(
        [_bent(0.24, 0.001, 0.5)] * 2
        + [_bent(0.20, 0.0, 0.0), _bent(0.14, 0.0003, -0.5)]
        + [_bent(0.08, 0.0015, -0.5)] * 2
    ),
)
# TNO Yellow Book, CPR 14E (2005), Table 4.8: roughness 0.1 m, 10 min.
_TNO = LetterSet(
    "tno",
    TEN_MINUTES_S,
    _by_letter(
        [
            _power(0.527, 0.865), _power(0.371, 0.866), _power(0.209, 0.897),
            _power(0.128, 0.905), _power(0.098, 0.902), _power(0.065, 0.902),
        ]
    ),
    _by_letter(
        [
            _power(0.28, 0.90), _power(0.23, 0.85), _power(0.22, 0.80),
            _power(0.20, 0.76), _power(0.15, 0.73), _power(0.12, 0.67),
        ]
    ),
)  # fmt: skip
# CCPS (2000), Guidelines for Chemical Process QRA, puff coefficients (after Slade 1968).
_CCPS_PUFF = LetterSet(
    "ccps-puff",
    0.0,
    _by_letter(
        [
            _power(0.18, 0.92), _power(0.14, 0.92), _power(0.10, 0.92),
            _power(0.06, 0.92), _power(0.04, 0.92), _power(0.02, 0.89),
        ]
    ),
    _by_letter(
        [
            _power(0.60, 0.75), _power(0.53, 0.73), _power(0.34, 0.71),
            _power(0.15, 0.70), _power(0.10, 0.65), _power(0.05, 0.61),
        ]
    ),
)  # fmt: skip

# ISC3 calls its curves one-hour means; they are Pasquill's and Gifford's of some 10 min, unchanged.
_ISC3 = LetterSet(
    "isc3",
    TEN_MINUTES_S,
    {letter: isc3_y(letter) for letter in LETTER_AT},
    {letter: isc3_z(letter) for letter in LETTER_AT},
)

SETS: dict[str, SigmaSet] = {
    item.id: item for item in (_RURAL, _URBAN, _ISC3, _TNO, _CCPS_PUFF, AftoxSet(), SimilaritySet())
}
