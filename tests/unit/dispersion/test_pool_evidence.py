"""The pools' evidence: closed forms within their bands, published figures within reason."""

import pytest

from tests.evidence import pool, pool_published


@pytest.mark.parametrize("case", pool.cases(), ids=lambda case: f"{case.case}, {case.where}")
def test_closed_forms_are_met(case):
    """Each closed form is met within the band it claims."""
    assert case.band > 0
    assert case.error <= case.band


@pytest.mark.parametrize(
    "case", pool_published.cases(), ids=lambda case: f"{case.case}, {case.where}"
)
def test_published_figures_are_near(case):
    """Each published figure is met within a factor of 2.2 (two published LNG rates differ so)."""
    assert 1 / 2.2 < case.ours / case.reference < 2.2
