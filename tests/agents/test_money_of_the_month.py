"""What a month leaves to firms and funds: taxes, losses, prepayments, payouts, what nobody lends, and what is remembered."""

from __future__ import annotations

import numpy as np
import pytest

from perpetuum.agents.customer_finance import GUARANTEE
from perpetuum.model.phases.conditions import form_expectations
from perpetuum.model.phases.private_placement import _finance
from perpetuum.model.phases.sales import _adjust_prepayments

WORLDS = 4


def _clip(value, low, high):
    return np.minimum(np.maximum(value, low), high)


def test_a_vendor_that_loses_money_pays_no_tax_and_its_loss_is_not_lessened_by_it(economy):
    """By hand: a month's loss of 8 moves earnings towards 12 x -8, a profit of 8 towards 12 x 8 less tax."""
    vendor, p = economy.vendors[0], economy.p
    vendor.earnings = np.zeros(WORLDS)
    vendor.cost_of_sales = np.full(WORLDS, 10e9)
    chips = np.array([2e9, 18e9, 10e9, 2e9]) - vendor.figures.other_revenue
    vendor.count_month(chips, np.zeros(WORLDS))
    after_tax = np.array([-8e9, 8e9 * (1.0 - p.vendor.tax[1]), 0.0, -8e9]) * 12
    assert vendor.earnings == pytest.approx(after_tax / p.vendor.earnings_months)
    assert vendor.tax_due == pytest.approx(np.array([0.0, 8e9 * p.vendor.tax[1], 0.0, 0.0]))


def test_funds_remember_the_months_rounds_once_weighed_by_what_labs_were_worth(economy, monkeypatch):
    fund, seen = economy.funds[0], []
    monkeypatch.setattr(type(fund), "see_rounds", lambda self, *rounds: seen.append((self.name, *rounds)))
    price = {lab.account: lab.last_round_price.copy() for lab in economy.labs}
    lots = {lab.account: economy.holdings.issued(lab.account).copy() for lab in economy.labs}
    economy.step()
    assert [name for name, *_ in seen] == [one.name for one in economy.funds]
    worth, gain, closed = seen[0][1:]
    assert worth == pytest.approx(np.array([price[lab.account] * lots[lab.account] for lab in economy.labs]))
    for row, lab in enumerate(economy.labs):
        held = economy.holdings.price[economy.holdings.asset_of(lab.account)]
        there = closed[row] > 0
        assert (gain[row] * there) == pytest.approx((held / price[lab.account] - 1.0) * there)


def test_a_lab_is_taxed_on_what_it_earns_not_on_principal_nor_on_its_last_tax(economy):
    """Receipts of 100 less running costs of 60: 40 are taxed, though 25 of principal and 5 of last month's tax went out too."""
    lab, ledger, outside = economy.lead_lab, economy.ledger, economy.outside
    ledger.begin_month(economy.month)
    ledger.pay(outside, lab.account, np.full(WORLDS, 100e9), "ai_subscriptions")
    ledger.pay(lab.account, outside, np.full(WORLDS, 60e9), "operations")
    ledger.pay(lab.account, outside, np.full(WORLDS, 5e9), "taxes")
    pool, vendor = economy.vendor_credit.pool(economy.lead_vendor.account, lab.account), economy.vendor_credit
    vendor.draw(ledger, pool, np.full(WORLDS, 30e9), np.zeros(WORLDS), "vendor_loan")
    vendor.repay_early(ledger, pool, np.full(WORLDS, 25e9), "vendor_credit_service")
    lab.count_month()
    assert lab.last_burn == pytest.approx(-(100e9 - 60e9 - 5e9 - 25e9))
    assert lab.tax_due == pytest.approx(economy.p.vendor.tax * 40e9)


def test_a_lab_that_loses_money_owes_no_tax_and_its_loss_lessens_no_later_one(economy):
    """Receipts of 100 less running costs of 130, 90, 130 and 90: 10 of profit are taxed, whatever a default cost; a month
    later 100 less 60 in every world: 40 are, though 30 were lost before in two of them.
    """
    lab, ledger, outside = economy.lead_lab, economy.ledger, economy.outside
    for month, costs, profit in ((0, [130e9, 90e9, 130e9, 90e9], [0.0, 10e9, 0.0, 10e9]), (1, [60e9] * 4, [40e9] * 4)):
        ledger.begin_month(economy.month + month)
        ledger.pay(outside, lab.account, np.full(WORLDS, 100e9), "ai_subscriptions")
        ledger.pay(outside, lab.account, np.full(WORLDS, 200e9), "funding_round")
        ledger.pay(lab.account, outside, np.array(costs), "operations")
        ledger.pay(lab.account, outside, np.array([0.0, 0.0, 7e9, 7e9]), "default_costs")
        lab.count_month()
        assert lab.tax_due == pytest.approx(economy.p.vendor.tax * np.array(profit))


def test_a_lab_prepays_no_more_than_its_part_of_cash_to_all_clouds_together(economy):
    contracts, lab = economy.contracts, economy.lead_lab
    economy.ledger.begin_month(economy.month)
    for pair in contracts.of_buyer(lab.account):
        contracts.bill[pair] = np.full(WORLDS, 12e12)  # nothing like what its cash is good for
    most = lab.prepaid_at_most()
    _adjust_prepayments(economy)
    paid = -economy.ledger.flow("prepayment", lab.account)
    assert len(contracts.of_buyer(lab.account)) > 1
    assert paid.tolist() == most.tolist()
    assert (most > 0).all()


def test_nobody_finances_a_firm_for_a_while_after_its_default(economy):
    lab, cloud = economy.lead_lab, economy.leveraged_cloud
    gone = np.array([1.0, 0.0, 1.0, 0.0])
    lab.runway, lab.burn, lab.cash_at_close = np.full(WORLDS, 1.0), np.full(WORLDS, 1e9), np.full(WORLDS, 1e9)
    assert (lab.raise_round(gone) > 0).tolist() == [True, False, True, False]
    cloud.ask_for_credit(np.full(WORLDS, 1e13), gone)
    assert ((cloud.equity_wanted > 0) == (gone > 0)).all()
    assert all(not wanted[gone == 0].any() for wanted in cloud.credit_wanted.values())


def test_what_a_lab_pays_its_owners_is_not_there_for_next_months_plans(economy):
    lab = economy.lead_lab
    lab.count_month()
    before = lab.cash_at_close.copy()
    lab.count_paid_out(np.full(WORLDS, 10**9))
    assert (before - lab.cash_at_close).tolist() == [1e9] * WORLDS


def test_chips_that_lose_their_value_unsold_are_a_loss(economy):
    vendor = economy.vendors[0]
    vendor.earnings, vendor.cost_of_sales = np.zeros(WORLDS), np.full(WORLDS, 10e9)
    vendor.written_down = np.full(WORLDS, 1e9)
    vendor.count_month(np.full(WORLDS, 15e9) - vendor.figures.other_revenue, np.zeros(WORLDS))
    assert vendor.tax_due == pytest.approx(economy.p.vendor.tax * 4e9)


def test_what_labs_have_reserved_is_seen_with_what_starts_this_month(economy):
    """Contracts move on in phase 5: in phase 3 what starts this month counts as if it had started."""
    contracts, lab = economy.contracts, economy.lead_lab
    pair = contracts.of_buyer(lab.account)[0]
    contracts.sign(pair, np.full(WORLDS, 0.25), np.full(WORLDS, 1e9), economy.month, 24, economy.month - 1)
    form_expectations(economy)
    need, ahead = economy.expectations.lab_need, economy.p.chips.plan_months
    growth, limit = economy.expectations.lab_need_growth, economy.p.clouds.need_limit
    foreseen = need * (1.0 + _clip(growth, 0.0, limit) * ahead / 12)
    contracts.advance(economy.month)
    reserved = contracts.reserved_at(economy.lab_pairs, economy.month, ahead)
    assert economy.expectations.open_need == pytest.approx(np.maximum(foreseen - reserved, 0.0))


def test_a_guaranteed_tranche_counts_for_what_lenders_lent(economy, monkeypatch):
    """A GW more was signed for, at 8 $bn a GW: lenders have 10, 6, 2 and 0 $bn, and so lend 8, 6, 2 and 0, and count 1, 0.75,
    0.25 and 0 GW; what they did not lend is due next month.
    """
    lab, vendor, v, month = economy.lead_lab, economy.lead_vendor, economy.p.vendor_finance, economy.month
    lenders, programme = [one for one in economy.lenders if one.lends_against_guarantees], vendor.programme
    part = np.array([10e9, 6e9, 2e9, 0.0]) / len(lenders)
    monkeypatch.setattr(type(lenders[0]), "supply", lambda self: part)
    monkeypatch.setattr(type(programme), "pays", lambda *_: np.ones(WORLDS, dtype=bool))
    monkeypatch.setattr(type(programme), "rescue_offer", lambda *_: np.zeros(WORLDS))
    v.instrument, v.per_gw, v.limit = np.full(WORLDS, float(GUARANTEE)), np.full(WORLDS, 8e9), np.full(WORLDS, 100e9)
    v.scale, v.tied, v.signed_gw = np.ones(WORLDS), np.ones(WORLDS), np.zeros(WORLDS)
    v.cash_floor = vendor.cash - 50e9
    lab.milestones, programme.milestones_paid = np.full(WORLDS, 3.0), np.full(WORLDS, 2.0)
    programme.financed = np.full(WORLDS, 4e9)
    economy.ledger.begin_month(month)
    owed = economy.loans.owed_by(lab.account)
    assert not _finance(economy, vendor, lab, economy.holdings.asset_of(lab.account)).any()
    lent = np.array([8e9, 6e9, 2e9, 0.0])
    assert economy.loans.owed_by(lab.account) - owed == pytest.approx(lent)
    assert programme.financed == pytest.approx(4e9 + lent)
    assert programme.milestones_paid == pytest.approx([3.0, 2.75, 2.25, 2.0])
    assert programme.due(np.full(WORLDS, 3.0), month) == pytest.approx(8e9 - lent)
