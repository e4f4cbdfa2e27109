"""Labs that raise when they can and spend what they raised: what reaches their rules, and what follows in the economy."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from perpetuum.model import Economy, Scenario
from perpetuum.model.instruments.compute_contract import ComputeContracts
from perpetuum.model.markets.commitments import Lump, place_lump, sign_in_steps
from tests.plain import OFF, PLAIN


def opened(months=6, worlds=1, **overrides):
    """The default's economy with ambition, under loose money."""
    values = {"ambition.on": True, "funding.tightening": 0.0} | {k.replace("__", "."): v for k, v in overrides.items()}
    return Economy(Scenario(preset=PLAIN, worlds=worlds, months=months, overrides={**OFF, **values}))


def test_the_first_month_spends_what_the_figures_say():
    one = opened()
    for lab in one.labs:
        beyond = np.minimum(lab.inference + lab.figures.training - one.compute.reserved[lab.account], lab.figures.training)
        assert lab.ambition.spending == pytest.approx(lab.figures.other_costs + beyond * one.p.compute.rent)
    one.step()
    for lab in one.labs:
        assert lab.other_costs == pytest.approx(lab.figures.other_costs)
        assert lab.austerity == 1.0
        assert lab.ambition.spending <= (1 + one.p.ambition.hire) * lab.ambition.opening_spending * (1 + 1e-12)


def test_cash_is_spent_and_a_lab_short_of_it_shows_less_effort():
    one = opened(worlds=2, lead_lab__cash=[1.0, 200.0])
    one.run()
    poor, rich = one.lead_lab.ambition.spending
    assert rich > 1.1 * poor
    assert rich > one.lead_lab.ambition.opening_spending[1]
    assert one.lead_lab.effort[0] < one.lead_lab.effort[1] <= 1.0


def test_a_mature_lab_spends_a_smaller_part_of_its_revenue_and_does_not_raise():
    one = opened(worlds=2)
    lab = one.lead_lab
    one.step()
    lab.ambition.growth = np.array([lab.ambition.growth[0], 0.0])
    lab.ambition.last_revenue = 0.0 * lab.revenue_rate  # nothing more is seen this month
    growing, mature = lab.ambition._most_spending() / lab.revenue_rate
    a, e = one.p.ambition, one.p.expectations
    part = (1 - e.weight[0]) * e.long_run[0] / lab.ambition.opening_growth[0]
    assert mature < a.spending_mature[0] + (a.spending_growing - a.spending_mature)[0] * part * 2 < growing
    lab.p.ambition.round_rate = np.ones(2)
    lab.p.ambition.round_limit = np.ones(2)
    lab.p.ambition.growth_least = np.full(2, 0.1)
    lab.ambition.since_price = np.full(2, 12.0)
    lab.cash_at_close = np.zeros(2)
    wanted, valuation = lab.ambition.seek(np.zeros(2), lab.valuation, np.ones(2, dtype=bool))
    assert wanted[0] > 0
    assert wanted[1] == 0
    assert valuation[0] == lab.ambition.value_now[0]


def test_a_price_stands_between_rounds():
    one = opened(months=12, worlds=3, vendor_finance__scale=0.0)
    lab = one.lead_lab
    for _ in range(12):
        before, since = lab.valuation.copy(), lab.ambition.since_price.copy()
        one.step()
        same = lab.ambition.since_price > since
        assert (lab.valuation == before)[same].all()
        assert (lab.valuation != before)[~same].all()
        assert not (one.ledger.flow("funding_round", lab.account) > 0)[same].any()


def priced(**keywords):
    """A lab worth 120 today of which the last price says 100, and which seeks a round this month ($, two worlds)."""
    one = opened(worlds=2, **keywords)
    lab = one.lead_lab
    lab.valuation, lab.ambition.value_now = np.full(2, 100.0), np.full(2, 120.0)
    lab.ambition.tried, lab.ambition.price_before = np.ones(2), lab.valuation.copy()
    lab.valuation = lab.ambition.value_now.copy()  # what is sought
    return lab


def test_where_a_round_fails_the_last_price_stands_for_all_who_buy_shares_all_the_same():
    """Closed at a cut of a tenth, 108 before the money; failed, 100 again. The vendor's 20 come on top in both."""
    lab = priced()
    lab.close_round(np.array([0.1, 0.0]), np.array([True, False]))
    assert lab.valuation.tolist() == [108.0, 100.0]
    assert lab.ambition.value_now.tolist() == [108.0, 120.0]
    lab.take_in(np.array([20.0, 20.0]))
    assert lab.valuation.tolist() == [128.0, 120.0]
    assert lab.ambition.value_now.tolist() == [128.0, 140.0]


def test_money_for_new_shares_raises_the_value_from_which_the_next_round_is_priced():
    """Between rounds the vendor pays a tranche: a share costs what it did, and the next price knows of the money."""
    one = opened(months=8, worlds=1, ambition__round_rate=0.0, ambition__tender_rate=0.0, vendor_finance__scale=1.0)
    lab, paid = one.lead_lab, 0.0
    asset = one.holdings.asset_of(lab.account)
    before, price = lab.valuation.copy(), one.holdings.price[asset].copy()
    for _ in range(8):
        one.step()
        paid += float(one.ledger.flow_of(("vendor_equity",), (lab.account,))[0])
    assert paid > 0
    assert lab.valuation == pytest.approx(before + paid)
    assert one.holdings.price[asset] == pytest.approx(price, rel=1e-6)


def test_where_nobody_finances_nothing_is_sought_in_vain_for_long_nothing_signed_and_odds_fall():
    one = opened(months=10, worlds=4, funding__stop_month=0, ambition__round_rate=1.0, ambition__round_limit=1.0)
    lab = one.lead_lab
    owed = one.contracts.obligations.copy()
    worth = lab.valuation.copy()
    one.run()
    assert one.ledger.flow("funding_round", lab.account) == pytest.approx(0.0)
    assert (one.contracts.obligations <= owed).all()
    assert (lab.ambition.odds < one.p.ambition.odds).any()
    assert (lab.valuation[lab.ambition.since_price == 10] == worth[lab.ambition.since_price == 10]).all()
    assert (lab.ambition.spending < lab.ambition.unbound).all()


def test_one_seller_signs_what_it_believes_and_can_build():
    p = SimpleNamespace(worlds=4, ambition=SimpleNamespace(lump_leveraged=np.full(4, 5.0), lump_neocloud=np.full(4, 1.5)))
    sellers = [
        SimpleNamespace(account=account, kind=kind, figures=SimpleNamespace(contract_share=np.full(4, part)))
        for account, kind, part in ((7, "hyperscaler", 0.5), (8, "leveraged", 0.25), (9, "neocloud", 0.25))
    ]
    capacity = {7: np.full(4, 10.0), 8: np.full(4, 0.5), 9: np.full(4, 1.0)}
    luck = np.array([0.4, 0.6, 0.8, 0.6])
    lump = Lump(np.full(4, 6.0), np.array([48.0, 96.0, 96.0, 96.0]), luck, np.full(4, 20))
    signed = place_lump(p, capacity, sellers, lump, np.full(4, 12.0), np.array([1.0, 1.0, 1.0, 0.0]))
    assert signed.seller.tolist() == [7, 8, 9, -1]
    assert signed.gw.tolist() == [4.0, 2.5, 1.5, 0.0]  # 48 / 12; 5 x 0.5; 1.5 x 1; in default


def test_a_lump_starts_in_quarters_ends_at_once_and_is_owed_from_the_signature():
    contracts = ComputeContracts(((0, 1), (0, 2)), 10, 2, beyond=30)
    contracts.advance(0)
    signed = SimpleNamespace(seller=np.array([2, -1]), gw=np.array([4.0, 0.0]), start=np.array([6, 6]))
    sign_in_steps(contracts, 0, signed, np.full(2, 12.0), 2, 24)
    assert contracts.obligations[:, 0].tolist() == [0.0, 2 * 12 * 24 / 12 + 2 * 12 * 21 / 12]
    assert contracts.obligations[:, 1].tolist() == [0.0, 0.0]
    ahead = [contracts.gw_ahead(0, 0, np.array([months, months]))[0] for months in (5, 6, 9, 29, 30)]
    assert ahead == [0.0, 2.0, 4.0, 4.0, 0.0]
    assert contracts.gw_ahead(0, 0, np.array([12, 12]), mean=True)[0] == pytest.approx((3 * 2 + 3 * 4) / 12)
    assert contracts.mean_bill_ahead(0, 0, np.array([12, 12]))[0] == pytest.approx(12 * (3 * 2 + 3 * 4) / 12)
    assert contracts.reserved_at([0, 1], 0, 30)[0] == 4.0  # who does not look beyond sees the last month of the run
    far = SimpleNamespace(seller=np.array([2, -1]), gw=np.array([1.0, 0.0]), start=np.array([60, 60]))
    sign_in_steps(contracts, 0, far, np.full(2, 12.0), 1, 24)
    assert contracts.obligations[1, 0] == 90.0 + 24.0
    assert not contracts.starting_gw[:, 10:, 1].any()


def test_renegotiated_commitments_are_counted_as_cancelled_and_at_most_twice_a_year():
    one = opened(months=8, ambition__shed_runway=60.0, ambition__shed_least=0.25, ambition__shed_most=0.25)
    lab = one.lead_lab
    kept = []
    for _ in range(8):
        lab.runway = np.full(1, 4.0)
        one.step()
        book, cancelled, lapsed = one.contracts.cancelled_by(lab.account)
        kept.append(float(((cancelled - lapsed) / book)[0]))
    assert kept[0] == pytest.approx(0.25, abs=0.01)
    assert kept[4] == pytest.approx(kept[0], abs=0.01)
    assert kept[7] == pytest.approx(1 - 0.75**2, abs=0.02)


def test_a_world_with_ambition_is_the_same_alone_and_among_worlds_without():
    alone = opened(months=12)
    mixed = opened(months=12, worlds=3, ambition__on=[True, False, False])
    without = Economy(Scenario(preset=PLAIN, worlds=3, months=12, overrides={**OFF, "funding.tightening": 0.0}))
    for one in (alone, mixed, without):
        one.run()
    for name, values in mixed.series.items():
        np.testing.assert_array_equal(values[0], alone.series[name][0], err_msg=name)
        np.testing.assert_array_equal(values[1:], without.series[name][1:], err_msg=name)
    assert (alone.series["vendor_revenue"][0] != without.series["vendor_revenue"][0]).any()
