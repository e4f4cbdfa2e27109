"""Policy rate, market spread and gold where they move by themselves."""

from __future__ import annotations

import numpy as np
import pytest

from perpetuum.model.economy import Economy
from tests.plain import OFF_KEYWORDS, PLAIN

ON = {**OFF_KEYWORDS, "prices__on": True}
LOOSE = {"funding__tightening": 0.0}


def run(months: int, worlds: int = 2, **keywords) -> Economy:
    economy = Economy(preset=PLAIN, months=months, worlds=worlds, seed=3, **{**OFF_KEYWORDS, **LOOSE, **keywords})
    economy.run()
    return economy


def test_the_rate_follows_the_path_that_was_expected_and_expected_cuts_are_no_news():
    economy = run(9, **ON, prices__rate_noise=0.0, prices__rate_months=8)
    expected = 0.034 + (0.0422 - 0.034) * np.exp(-1)
    assert economy.funding.policy_rate == pytest.approx(expected)
    assert economy.funding.rate_news == pytest.approx(0.0422)
    assert (run(9).funding.policy_rate == 0.0422).all()


def test_the_market_spread_comes_back_to_its_mean_and_tightening_comes_on_top():
    calm = {"prices__spread_noise": 0.0, "prices__spread_speed": 0.5}
    economy = run(3, **ON, **calm)
    expected = np.exp(np.log(0.0425) + 0.25 * (np.log(0.0279) - np.log(0.0425)))
    assert economy.funding.market_spread == pytest.approx(expected)
    tight = Economy(
        preset=PLAIN, months=1, **ON, **calm, funding__tightening=1.0, funding__start_month=0, funding__ramp_months=1
    )
    tight.run()
    assert tight.funding.market_spread == pytest.approx(0.0279 + 0.05)


def test_firms_feel_the_market_each_in_its_part():
    economy = run(30, **ON, prices__spread_noise=0.0)
    moved = economy.funding.market_spread - 0.0279
    for cloud in economy.clouds:
        part = {"hyperscaler": 0.25, "leveraged": 0.5}.get(cloud.kind, 1.8)
        assert cloud._market_part() == pytest.approx(part * moved)
    assert all((cloud._market_part() == 0.0).all() for cloud in run(3).clouds)


@pytest.mark.slow
def test_gold_rises_where_the_wish_for_it_drifts_and_the_drift_fades():
    still, rising = run(25, 8, **ON), run(25, 8, **ON, prices__gold_drift=0.03, prices__gold_half_life=12)
    assert rising.funding.money.gold_drift == pytest.approx(0.002 + 0.028 / 4)
    ratio = rising.series["gold_price"][:, -1] / still.series["gold_price"][:, -1]
    assert (ratio > 1.0).all()
    assert np.median(ratio) > 1.1
