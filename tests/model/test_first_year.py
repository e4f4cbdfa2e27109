"""The default rules nothing out beforehand: no sign of a change, no lab that earns and burns; demand counts five years on."""

from __future__ import annotations

import numpy as np
import pytest

from perpetuum.model import Economy, Scenario
from tests.first_year import changes, lived


@pytest.fixture(scope="module")
def first_year():
    """Six thousand worlds of the default over thirteen months of loose money."""
    return lived()


@pytest.mark.slow
def test_every_series_may_rise_or_fall_in_the_first_year(first_year):
    found = changes(first_year)
    lowest = {name: float(change.min()) for name, change in found.items()}
    highest = {name: float(change.max()) for name, change in found.items()}
    assert {name for name, change in lowest.items() if change >= 0} == set(), lowest
    assert {name for name, change in highest.items() if change <= 0} == set(), highest


@pytest.mark.slow
@pytest.mark.parametrize(("revenue", "burn"), [("lab_revenue", "lab_burn"), ("lead_lab_revenue", "lead_lab_burn")])
def test_labs_that_earn_more_do_not_burn_less_for_it(first_year, revenue, burn):
    """Money raised is spent, so that revenue and burn do not exclude each other over worlds."""
    earned, burnt = (first_year[name][:, :12].sum(axis=1) for name in (revenue, burn))
    assert np.corrcoef(earned, burnt)[0, 1] > -0.5


@pytest.mark.slow
def test_demand_s_strength_moves_ai_revenue_five_years_on():
    """Elasticity of what AI's customers pay in the fifth year to strength, with the queue for chips and rents at work."""
    strengths = np.repeat([0.5, 1.0, 2.0], 12)
    overrides = {"demand.strength": strengths, "funding.tightening": 0.0}
    economy = Economy(Scenario("ono_2025", overrides, worlds=36, seed=1, months=63, replicates=np.tile(np.arange(12), 3)))
    economy.run()
    weak, usual, strong = np.median(economy.series["external_ai_revenue"][:, 51:].sum(axis=1).reshape(3, 12), axis=1)
    assert np.log2(usual / weak) >= 0.4
    assert np.log2(strong / usual) >= 0.4
