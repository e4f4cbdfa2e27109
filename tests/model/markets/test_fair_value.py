"""Fair values by hand: after an issue, and after a restructuring."""

from __future__ import annotations

import numpy as np
import pytest

from perpetuum.model import Economy, Scenario


def value_of_a_cloud():
    economy = Economy(Scenario(months=6))
    value = economy.fair_values[0]
    value.draws = np.zeros_like(value.draws)
    return economy, value


def test_what_an_issue_brings_is_in_the_value_at_once():
    economy, value = value_of_a_cloud()
    value.update(0, value.earnings_opening, economy.narrative.sentiment, economy.funding.policy_rate)
    before = value.value.copy()
    value.count_issue(0.25 * before)
    assert value.value == pytest.approx(1.25 * before)


def test_after_a_restructuring_value_starts_at_book_and_stays_there_while_nothing_moves():
    """Opinion had fallen by 0.6 and rates risen by 2 points before: what is left of the firm is worth 50 with them, not less."""
    economy, value = value_of_a_cloud()
    now = economy.narrative.sentiment - 0.6, economy.funding.policy_rate + 0.02
    value.update(0, value.earnings_opening * 0.5, *now)
    value.restart(np.array([True]), np.array([50_000_000_000]))
    assert value.value.tolist() == [50e9]
    earnings = value.earnings.copy()
    value.update(1, earnings, *now)
    assert value.value == pytest.approx([50e9 * np.exp(value.latest[0])], rel=1e-9)
    value.update(2, earnings, economy.narrative.sentiment, now[1])
    assert (value.value > 50e9).all()


def test_earnings_are_measured_against_something_however_often_a_firm_is_restructured():
    """A firm that fails month after month and earns nothing has something to lose still: the floor of its yield on 50."""
    economy, value = value_of_a_cloud()
    now = economy.narrative.sentiment, economy.funding.policy_rate
    for month in range(400):
        value.update(month % 6, np.full(1, -1e9), *now)
        value.restart(np.array([True]), np.array([50_000_000_000]))
    assert value.earnings_opening == pytest.approx(economy.p.valuation.earnings_yield_floor * 50e9)
    value.update(0, np.full(1, -1e9), *now)
    assert np.isfinite(value.value).all()
