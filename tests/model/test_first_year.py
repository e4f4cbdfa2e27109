"""The first year of the default: no sign of a change is ruled out beforehand."""

from __future__ import annotations

import numpy as np
import pytest

from perpetuum.model import Economy, Scenario
from perpetuum.model.scenario import load_preset
from perpetuum.model.uncertainty import draw

#: What may rise or fall in a year; debt taken up for what is being built only rises in so short a time.
SERIES = (
    "external_ai_revenue",
    "lead_lab_revenue",
    "vendor_revenue",
    "capex",
    "compute_rent",
    "vendor_market_cap",
    "lead_lab_valuation",
    "gold_price",
    "high_yield_spread",
    "weekly_users",
    "rpo",
)


@pytest.mark.slow
def test_every_series_may_rise_or_fall_in_the_first_year():
    drawn = draw(load_preset("ono_2025").unknowns, 1, np.arange(3000))
    economy = Economy(Scenario("ono_2025", {**drawn, "funding.tightening": 0.0}, worlds=3000, seed=1, months=13))
    economy.run()
    changes = {name: np.log(economy.series[name][:, 12] / economy.series[name][:, 0]) for name in SERIES}
    lowest = {name: float(change.min()) for name, change in changes.items()}
    highest = {name: float(change.max()) for name, change in changes.items()}
    assert {name for name, change in lowest.items() if change >= 0} == set(), lowest
    assert {name for name, change in highest.items() if change <= 0} == set(), highest
