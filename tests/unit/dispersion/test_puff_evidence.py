"""Puffs against closed forms and FastGaussianPuff: every case of the evidence within its band."""

import pytest

from tests.evidence import puff
from tests.evidence.case import REFERENCE

NEEDS = pytest.mark.skipif(
    not (REFERENCE / "dispersion/gaussian").is_dir(),
    reason="SUIAN_REFERENCE has no dispersion/gaussian",
)
NEEDS_SERIES = pytest.mark.skipif(
    not (REFERENCE / "dispersion/puff_timeseries").is_dir(),
    reason="SUIAN_REFERENCE has no dispersion/puff_timeseries",
)


@NEEDS
@pytest.mark.parametrize(
    ("cases", "least"), [(puff.puff_cases, 48), (puff.finite_cases, 18), (puff.stated_cases, 4)]
)
def test_closed_forms_give_the_reference(cases, least):
    """Puffs, integrated puffs, and GasDispersion.jl's stated numbers."""
    found = cases()
    assert len(found) >= least
    assert not [case for case in found if not case.error <= case.band]


@NEEDS_SERIES
def test_frozen_puffs_give_fastgaussianpuffs_sensors():
    """Every sensor that sees gas, its mean and its greatest minute."""
    found = puff.series_cases()
    assert len(found) >= 90
    assert not [case for case in found if not case.error <= case.band]


@NEEDS_SERIES
def test_frozen_puffs_give_fastgaussianpuffs_minutes():
    """Minute by minute, to a few thousandths of a case's greatest minute."""
    for name, (theirs, ours) in puff.minutes().items():
        assert abs(theirs - ours).max() <= 2e-3 * theirs.max(), name
