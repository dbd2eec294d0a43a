"""The evidence of the substance table holds its bands."""

import pytest

from tests.evidence.case import REFERENCE
from tests.evidence.substances import APART, PROPERTIES, cases

pytestmark = pytest.mark.skipif(not REFERENCE.is_dir(), reason="SUIAN_REFERENCE names no folder")


def test_every_property_lies_within_its_band_of_the_reference():
    """Boiling point, density, latent heat and heat capacities are as another library has them."""
    found = cases()
    assert len(found) > 170
    missed = [f"{case.case}: {case.error:.4f}" for case in found if case.error > case.band]
    assert missed == []


def test_what_is_left_out_is_named():
    """Each pair that is kept apart is a property that would else be compared."""
    assert {name for _, name in APART} <= PROPERTIES.keys()
    assert not {case.case for case in cases()} & {" ".join(pair) for pair in APART}
