"""Worked cases of defaults, in dollars: who loses or pays how much to whom, of which kind, in which month."""

from __future__ import annotations

import numpy as np
import pytest

from perpetuum.model.books.accounts import OTHER_CHANGE
from perpetuum.model.economy import Economy
from perpetuum.model.instruments.equity import pay_creditors_in_shares
from perpetuum.model.phases import default_resolution
from perpetuum.model.phases.default_resolution import resolve_defaults
from perpetuum.model.phases.settlement import settle
from perpetuum.model.scenario import Scenario
from tests.small_house import LOTS, SmallHouse

# Recovery is a quarter, a fire sale brings half, rejection takes three quarters: see `tests/small_house.py`.


def test_unsecured_bondholders_lose_the_claim_less_recovery_and_get_as_much_in_shares():
    house = SmallHouse()
    house.lend("bonds", "bond_fund", "neocloud", 1000)
    house.accelerate("neocloud")
    house.resolve()
    assert house.failed("neocloud") == [True]
    assert house.stock("bonds", "bond_fund") == [250]
    assert house.stock("bonds", "neocloud") == [-250]
    assert house.written_off("bonds", "bond_fund", OTHER_CHANGE) == [-750]
    assert house["bond_fund"].losses.tolist() == [750]
    assert house["loan_fund"].losses.tolist() == [0]
    assert house.lots("bond_fund", "neocloud") == [750]  # of a dollar each
    assert house.cash("bond_fund") == house.cash("neocloud") == [0]


def test_a_secured_loan_recovers_what_a_fire_sale_of_collateral_brings_between_recovery_and_all():
    """Four GW at 100, 300 and 600 dollars: at half price 200 (less than recovery), 600 and 1200 (more than the loan)."""
    house = SmallHouse(worlds=3)
    house.lend("term_loans", "loan_fund", "neocloud", 1000)
    house.economy.second_hand.price = np.array([100.0, 300.0, 600.0])
    house.accelerate("neocloud")
    house.resolve()
    assert house.stock("term_loans", "loan_fund") == [250, 600, 1000]
    assert house["loan_fund"].losses.tolist() == [750, 400, 0]
    # Who loses nothing gets no shares: the owners keep theirs.
    assert house.lots("loan_fund", "neocloud") == [750, 400, 0]
    assert house.lots("outside", "neocloud") == [0, 0, 0]


def test_only_term_loans_are_secured_by_chips():
    house = SmallHouse()
    for instrument, lender in (("bonds", "bond_fund"), ("term_loans", "loan_fund"), ("vendor_credit", "lead_vendor")):
        house.lend(instrument, lender, "neocloud", 1000)
    house.lend("bank_loans", "bank", "neocloud", 1000)
    house.economy.second_hand.price = np.array([300.0])
    house.accelerate("neocloud")
    house.resolve()
    assert house.stock("term_loans", "neocloud") == [-600]
    assert house.stock("bonds", "neocloud") == house.stock("vendor_credit", "neocloud") == [-250]
    assert house.stock("bank_loans", "neocloud") == [-250]


def test_a_labs_secured_debt_recovers_like_any_other_for_it_has_no_chips_to_sell():
    house = SmallHouse()
    house.lend("term_loans", "loan_fund", "lead_lab", 400)
    house.economy.second_hand.price = np.array([1e9])
    house.resolve([("operations", "lead_lab", "outside", 100)])
    assert house.stock("term_loans", "loan_fund") == [100]
    assert house["loan_fund"].losses.tolist() == [300]


def test_vendor_credit_is_the_vendors_loss_and_nobody_elses():
    house = SmallHouse()
    million = 10_000_000  # the lab is worth 48 of them
    house.lend("vendor_credit", "lead_vendor", "lead_lab", 400 * million)
    house.resolve([("operations", "lead_lab", "outside", 100 * million)])
    assert house.stock("vendor_credit", "lead_vendor") == [100 * million]
    assert house.written_off("vendor_credit", "lead_vendor", OTHER_CHANGE) == [-300 * million]
    assert [lender.losses.tolist() for lender in house.economy.lenders] == [[0], [0]]
    assert house.lots("lead_vendor", "lead_lab") == [LOTS * 3 // 4]  # of claims of 300 and an unpaid bill of 100
    assert house.lots("outside", "lead_lab") == [LOTS // 4]


def test_the_bank_loses_its_revolver_less_recovery_and_is_among_the_new_owners():
    house = SmallHouse()
    house.lend("bank_loans", "bank", "neocloud", 400)
    house.lend("bonds", "bond_fund", "neocloud", 1200)
    house.accelerate("neocloud")
    house.resolve()
    assert house.stock("bank_loans", "bank")[0] - SmallHouse().stock("bank_loans", "bank")[0] == 100
    assert house.written_off("bank_loans", "bank", OTHER_CHANGE) == [-300]
    assert house.lots("bank", "neocloud") == [LOTS // 4]
    assert house.lots("bond_fund", "neocloud") == [LOTS * 3 // 4]


@pytest.mark.parametrize(
    ("owned", "price", "shares", "kept"),
    [
        (1200, 1, {"outside": 400, "bond_fund": 300, "bank": 180, "other_vendor": 120}, 0),
        (5200, 5, {"outside": 80, "bond_fund": 60, "bank": 36, "other_vendor": 24}, 800),
    ],
)
def test_creditors_get_shares_worth_what_they_lost_and_owners_keep_what_the_firm_is_worth_beyond(owned, price, shares, kept):
    """Bonds 400, vendor credit 160, revolver 240 and bills of 400: 300, 120, 180 and 400 are lost, a thousand in all.

    Hardware less remaining debts of 200 is a thousand dollars, a dollar a lot, or five thousand, five a lot.
    """
    house = SmallHouse()
    house.own("neocloud", owned)
    house.lend("bonds", "bond_fund", "neocloud", 400)
    house.lend("vendor_credit", "other_vendor", "neocloud", 160)
    house.lend("bank_loans", "bank", "neocloud", 240)
    before = {name: house.lots(name, "neocloud")[0] for name in house.number}
    house.resolve([("operations", "neocloud", "outside", 400)])
    after = {name: house.lots(name, "neocloud")[0] for name in house.number}
    assert {name: after[name] for name in shares} == shares
    assert {name: lots for name, lots in after.items() if lots and name not in shares} == ({"index": kept} if kept else {})
    assert sum(before.values()) == sum(after.values()) == LOTS
    holdings = house.economy.holdings
    assert holdings.market_value(holdings.asset_of(house.number["neocloud"])).tolist() == [LOTS * price]
    assert house.stock("listed_equity", "bond_fund") == [300]
    assert house.ledger.book_equity(house.number["neocloud"]).tolist() == [LOTS * price]


@pytest.mark.slow
def test_in_no_default_does_a_creditor_get_more_in_shares_than_it_lost(monkeypatch):
    """All forms of vendor finance, little demand and no money: who holds shares afterwards that it did not hold before."""
    beyond, kept = [], []

    def watched(ledger, holdings, books, asset, mask, claims, value):
        before = holdings.lots[:, asset].copy()
        got = pay_creditors_in_shares(ledger, holdings, books, asset, mask, claims, value)
        gained = (holdings.lots[:, asset] - before) * holdings.price[asset]
        for account, claim in claims.items():
            beyond.extend((gained[account] - claim)[mask])
        strangers = [account for account in range(len(before)) if account not in claims]
        assert (gained[strangers] <= 0).all()
        assert (gained[:, ~mask] == 0).all()
        kept.extend((gained[strangers].sum(axis=0) + (before[strangers] * holdings.price[asset]).sum(axis=0))[mask] > 0)
        return got

    monkeypatch.setattr(default_resolution, "pay_creditors_in_shares", watched)
    forms = ["equity", "loan", "lease", "guarantee"] * 2
    squeezed = {"demand.strength": 0.4, "funding.tightening": 1.0, "vendor_finance.instrument": forms}
    Economy(Scenario(overrides=squeezed, worlds=len(forms), months=90)).run()
    assert max(beyond) <= 0
    assert len(kept) >= 10
    assert 0 < sum(kept) < len(kept)  # some owners keep something, others are wiped out


def test_a_default_is_one_worlds_matter():
    house = SmallHouse(worlds=2)
    house.lend("bonds", "bond_fund", "neocloud", 1000)
    house.lend("bank_loans", "bank", "neocloud", 100)
    house.accelerate("neocloud", [True, False])
    before = house.ledger.book.copy()
    house.resolve()
    assert house.failed("neocloud") == [True, False]
    assert house["bond_fund"].losses.tolist() == [750, 0]
    assert (house.ledger.book[..., 1] == before[..., 1]).all()
    assert house.stock("bonds", "bond_fund") == [250, 1000]


def test_a_lenders_losses_come_out_of_its_capital_once():
    house = SmallHouse()
    house.lend("bonds", "bond_fund", "neocloud", 1000)
    lender = house["bond_fund"]
    lender.capital = np.array([1000.0])
    house.accelerate("neocloud")
    house.resolve()
    lender.count_month()
    assert lender.capital.tolist() == [250]
    lender.count_month()
    assert lender.capital.tolist() == [250]


# --- bills, contracts and prepayments --------------------------------------------------------------------------------


def test_unpaid_bills_are_claims_and_the_debtors_arrears_are_wiped_out():
    house = SmallHouse(worlds=2)
    cloud, lab, outside = (house.number[name] for name in ("cloud", "lead_lab", "outside"))
    house.give("lead_lab", [100, 400])
    house.economy.arrears.owed = {
        ("compute_rent_spot", lab, cloud): np.array([70.0, 70.0]),
        ("operations", cloud, outside): np.array([30.0, 30.0]),
    }
    house.resolve([("compute_rent_spot", "lead_lab", "cloud", 400)])
    assert house.failed("lead_lab") == [True, False]
    assert house.economy.arrears.owed["compute_rent_spot", lab, cloud].tolist() == [0, 70]
    assert house.economy.arrears.owed["operations", cloud, outside].tolist() == [30, 30]
    assert house.cash("cloud") == [75, 400]  # three quarters of the cash survive the default
    assert house.cash("lead_lab") == [0, 0]
    assert house.lots("cloud", "lead_lab") == [0, 0]  # the cloud lost less than a lot is worth


def test_a_defaulted_buyer_keeps_what_it_does_not_reject_now_and_later():
    """4 GW now for 24 months and 8 GW more from month 6, for 12 dollars a GW-year; three quarters are rejected."""
    house = SmallHouse(worlds=2)
    contracts = house.economy.contracts
    pair = contracts.pairs.index((house.number["lead_lab"], house.number["cloud"]))
    contracts.sign(pair, np.full(2, 4.0), np.full(2, 12.0), 0, 24, 0)
    contracts.sign(pair, np.full(2, 8.0), np.full(2, 12.0), 6, 12, 0)
    contracts.advance(0)
    assert contracts.obligations[pair].tolist() == [192, 192]
    house.resolve([("operations", "lead_lab", "outside", [100, 0])])
    assert contracts.gw[pair].tolist() == [1, 4]
    assert contracts.bill[pair].tolist() == [12, 48]
    assert contracts.starting_gw[pair, 6].tolist() == [2, 8]
    assert contracts.ending_gw[pair, 24].tolist() == [1, 4]
    assert contracts.obligations[pair].tolist() == [48, 192]
    assert contracts.cancelled_by(house.number["lead_lab"])[1].tolist() == [144, 0]


def test_a_defaulted_seller_rejects_nothing():
    house = SmallHouse()
    contracts = house.economy.contracts
    pair = contracts.pairs.index((house.number["lead_lab"], house.number["neocloud"]))
    contracts.sign(pair, np.array([4.0]), np.array([12.0]), 0, 24, 0)
    house.lend("bonds", "bond_fund", "neocloud", 100)
    house.accelerate("neocloud")
    house.resolve()
    assert house.failed("neocloud") == [True]
    assert contracts.gw[pair].tolist() == [4]
    assert contracts.obligations[pair].tolist() == [96]


def test_principal_that_was_not_paid_is_claimed_once():
    """100 of 1300 were due: the lender loses 975, as much as an unpaid bill of 975; each should own half of the firm."""
    house = SmallHouse()
    pool = house.lend("term_loans", "loan_fund", "neocloud", 1300)
    house.economy.second_hand.price = np.zeros(1)
    house.month(1)
    assert house.economy.loans.due()[pool].tolist() == [100]
    bill = "operations", house.number["neocloud"], house.number["outside"]
    house.economy.arrears.owed[bill] = np.array([975.0])
    resolve_defaults(house.economy, settle(house.economy))
    assert house["loan_fund"].losses.tolist() == [975]
    assert house.lots("loan_fund", "neocloud") == house.lots("outside", "neocloud") == [LOTS // 2]


def _prepay(house: SmallHouse, cloud: str, dollars: int) -> int:
    row = house.economy.prepaid.pairs.index((house.number["lead_lab"], house.number[cloud]))
    house.give("lead_lab", dollars)
    house.economy.prepaid.move(house.ledger, row, np.array([dollars]), np.array([0]))
    return row


def test_a_cloud_keeps_all_that_a_defaulted_buyer_has_prepaid():
    house = SmallHouse()
    row = _prepay(house, "cloud", 400)
    house.resolve([("operations", "lead_lab", "outside", 100)])
    assert house.economy.prepaid.held[row].tolist() == [0]
    assert house.stock("prepayments", "lead_lab") == house.stock("prepayments", "cloud") == [0]
    assert house.cash("cloud") == [400]


def test_what_was_prepaid_to_a_defaulted_cloud_is_lost_but_for_recovery():
    house = SmallHouse()
    row = _prepay(house, "neocloud", 400)
    house.lend("bonds", "bond_fund", "neocloud", 4000)
    house.accelerate("neocloud")
    house.resolve()
    assert house.failed("neocloud") == [True]
    assert house.economy.prepaid.held[row].tolist() == [100]
    assert house.stock("prepayments", "lead_lab") == [100]
    assert house.stock("prepayments", "neocloud") == [-100]


# --- the lab after its default ---------------------------------------------------------------------------------------


def test_a_restructured_lab_trains_less_loses_customers_and_is_worth_a_fraction():
    """Half of 2 GW of training, a quarter of a share of sales of 0.8, an eighth of 8000 dollars, and what its books add."""
    house = SmallHouse(worlds=2)
    lab = house["lead_lab"]
    lab.training, lab.market_share, lab.valuation = np.full(2, 2.0), np.full(2, 0.8), np.full(2, 8000.0)
    lab.revenue_rate, lab.migrating = np.full(2, 400.0), np.zeros(2)
    house.own("lead_lab", 3000)
    house.resolve([("operations", "lead_lab", "outside", [100, 0])])
    assert lab.training.tolist() == [1, 2]
    assert lab.migrating == pytest.approx([0.2, 0])
    assert lab.valuation.tolist() == [1000, 8000]
    assert house.stock("private_equity", "outside")[0] == 4000  # 1000 and hardware of 3000, on a thousand lots


def test_a_restructured_lab_is_worth_at_least_a_multiple_of_its_revenue():
    house = SmallHouse()
    lab = house["lead_lab"]
    lab.valuation, lab.revenue_rate = np.array([8000.0]), np.array([200_000.0])
    house.resolve([("operations", "lead_lab", "outside", 100)])
    assert lab.valuation.tolist() == [2000]


# --- when -------------------------------------------------------------------------------------------------------------


def test_lenders_accelerate_after_three_months_of_breach_where_equity_is_gone():
    """Hardware of 1000 less, equal to and below debt; two, three and four months of breach."""
    house = SmallHouse(worlds=5)
    house.lend("bonds", "bond_fund", "neocloud", 1000)
    house.own("neocloud", [999, 999, 999, 1000, 1001])
    house["neocloud"].months_in_breach = np.array([2.0, 3.0, 4.0, 3.0, 3.0])
    house.resolve()
    assert house.failed("neocloud") == [False, True, True, False, False]
    assert house["neocloud"].months_in_breach.tolist() == [2, 0, 0, 3, 3]


def test_a_firm_does_not_default_again_within_the_months_of_grace():
    house = SmallHouse(default__grace_months=12)
    failures = []
    for month in (3, 4, 14, 15, 16, 27):
        house.month(month)
        house.resolve([("operations", "lead_lab", "outside", 100)])
        failures += house.failed("lead_lab")
    assert failures == [True, False, False, True, False, True]


def test_within_the_months_of_grace_nothing_is_written_down_again():
    house = SmallHouse()
    house.lend("bonds", "bond_fund", "neocloud", 1000)
    for month in (0, 1, 11, 12):
        house.month(month)
        house.accelerate("neocloud")
        house.resolve()
        assert house.stock("bonds", "bond_fund") == [62 if month == 12 else 250]


@pytest.mark.parametrize(("cash", "fails"), [(749, True), (750, False), (751, False)])
def test_a_firm_that_can_pay_three_quarters_of_its_dues_does_not_default(cash, fails):
    house = SmallHouse()
    house.give("lead_lab", cash)
    house.resolve([("operations", "lead_lab", "outside", 1000)])
    assert house.failed("lead_lab") == [fails]


def test_a_firm_that_failed_a_while_ago_bears_no_costs_of_default_each_month():
    """Of 1000 due it can pay 100: it pays them, whole, where it may not default yet, and 50 where it defaults."""
    house = SmallHouse(worlds=2)
    house.economy.distress.defaulted_at[house.number["neocloud"]] = np.array([0.0, -1.0])
    house.month(1)
    house.economy.arrears.owed["operations", house.number["neocloud"], house.economy.outside] = np.array([1000.0, 1000.0])
    house.give("neocloud", 100)
    settle(house.economy)
    kept = house.economy.p.default.cash_kept[0]
    assert house.flow("default_costs", "neocloud") == [0, -100 + round(100 * kept)]
    assert house.flow("operations", "neocloud") == [-100, -round(100 * kept)]


def test_collateral_that_is_sold_after_a_default_repays_the_loans_that_it_secured():
    """The loan is worth 600, half of the four GW is sold for what the other cloud has: of 400 the lender gets all."""
    house = SmallHouse(second_hand__buyers_cash=1.0)
    house.lend("term_loans", "loan_fund", "neocloud", 1000)
    house.economy.second_hand.price = np.array([300.0])
    house["cloud"].figures.target_cash = np.zeros(1)
    house.give("cloud", 400)
    house.own("neocloud", 10_000)
    house.ledger.capitalise(house.number["neocloud"], np.array([-10_000.0]), "hardware")
    house["neocloud"].service = np.array([100.0])
    house.accelerate("neocloud")
    house.resolve()
    [got] = house.flow("second_hand_chips", "neocloud")
    assert house["neocloud"].service == pytest.approx([100.0 * (600 - got) / 1000])
    assert got > 0
    assert house.flow("early_repayment", "neocloud") == [-got]
    assert house.flow("early_repayment", "loan_fund") == [got]
    assert house.stock("term_loans", "neocloud") == [-600 + got]
    assert house.cash("neocloud") == [0]


def test_debt_service_goes_down_with_the_debt_at_a_default():
    """Of bonds of 1000 a quarter is left, and of 120 a year due on them 30."""
    house = SmallHouse()
    house.lend("bonds", "bond_fund", "neocloud", 1000)
    cloud = house["neocloud"]
    cloud.service, cloud.interest = np.array([120.0]), np.array([40.0])
    house.accelerate("neocloud")
    house.resolve()
    assert (cloud.service.tolist(), cloud.interest.tolist()) == ([30.0], [10.0])
