"""Guarantees called in a default, in dollars: who pays whom, how much, and what is left."""

from __future__ import annotations

import numpy as np
import pytest

from tests.small_house import SmallHouse

# Recovery is a quarter, a fire sale brings half, rejection takes three quarters: see `tests/small_house.py`.


def _guaranteed(house: SmallHouse, loan: float, **guarantees: float) -> int:
    """A loan to the neocloud without collateral, behind which vendors stand."""
    pool = house.lend("term_loans", "loan_fund", "neocloud", loan)
    house.economy.second_hand.price = np.zeros(house.ledger.worlds)
    for vendor, amount in guarantees.items():
        house.economy.guarantees.give(house.number[vendor], pool, np.full(house.ledger.worlds, amount, dtype=np.int64))
    return pool


def test_the_guarantor_pays_the_lender_what_it_guaranteed_and_the_debtor_nothing():
    house = SmallHouse()
    pool = _guaranteed(house, 1000, lead_vendor=500)
    house.give("lead_vendor", 10_000)
    house.accelerate("neocloud")
    house.resolve()
    assert house.flow("guarantee_call", "lead_vendor") == [-500]
    assert house.flow("guarantee_call", "loan_fund") == [500]
    assert house.flow("guarantee_call", "neocloud") == [0]
    assert house.cash("lead_vendor") == [9_500]
    assert house.cash("loan_fund") == [500]
    assert house["loan_fund"].losses.tolist() == [375]  # three quarters of the 500 that nobody guaranteed
    assert house.stock("vendor_credit", "lead_vendor") == [125]  # a quarter of what it paid for and has the claim on
    assert house.economy.guarantees.amount[:, pool].tolist() == [[0], [0]]


def test_a_guarantee_is_worth_the_guarantors_cash_and_no_more():
    house = SmallHouse(worlds=3)
    pool = _guaranteed(house, 1000, lead_vendor=500)
    house.give("lead_vendor", [0, 300, 500])
    house.accelerate("neocloud")
    house.resolve()
    assert house.cash("loan_fund") == [0, 300, 500]
    assert house.cash("lead_vendor") == [0, 0, 0]
    assert house["loan_fund"].losses.tolist() == [750, 525, 375]
    assert house.economy.guarantees.amount[:, pool].tolist() == [[0] * 3, [0] * 3]


def test_several_guarantors_pay_each_its_own_part():
    house = SmallHouse()
    _guaranteed(house, 1000, lead_vendor=300, other_vendor=200)
    house.give("lead_vendor", 1000)
    house.give("other_vendor", 1000)
    house.accelerate("neocloud")
    house.resolve()
    assert house.cash("lead_vendor") == [700]
    assert house.cash("other_vendor") == [800]
    assert house.cash("loan_fund") == [500]
    assert house["loan_fund"].losses.tolist() == [375]
    assert house.stock("vendor_credit", "other_vendor") == [50]


@pytest.mark.parametrize(("cash", "left"), [(10_000, 31), (300, 44)])
def test_a_guarantee_is_called_once_even_where_it_could_not_be_paid_in_full(cash, left):
    house = SmallHouse(default__grace_months=1)
    _guaranteed(house, 1000, lead_vendor=500)
    house.give("lead_vendor", cash)
    house.accelerate("neocloud")
    house.resolve()
    house.give("lead_vendor", 10_000)
    house.month(1)
    house.accelerate("neocloud")
    house.resolve()
    assert house.failed("neocloud") == [True]
    assert house.flow("guarantee_call", "lead_vendor") == house.flow("guarantee_call", "loan_fund") == [0]
    # A quarter of a quarter of the 500, or 700, that the guarantor did not pay.
    assert house.stock("term_loans", "loan_fund") == [left]


def test_no_default_calls_no_guarantee():
    house = SmallHouse(worlds=2)
    pool = _guaranteed(house, 1000, lead_vendor=500)
    house.give("lead_vendor", 1000)
    house.accelerate("neocloud", [True, False])
    house.resolve()
    assert house.cash("lead_vendor") == [500, 1000]
    assert house.economy.guarantees.amount[0, pool].tolist() == [0, 500]


def test_a_guarantee_of_one_loan_covers_no_other_debt():
    """The fund holds a bond of the same debtor too: that loss is its own."""
    house = SmallHouse()
    _guaranteed(house, 1000, lead_vendor=500)
    house.lend("bonds", "loan_fund", "neocloud", 1000)
    house.give("lead_vendor", 10_000)
    house.accelerate("neocloud")
    house.resolve()
    assert house["loan_fund"].losses.tolist() == [375 + 750]


def test_a_guarantee_that_pays_more_than_the_loss_makes_no_profit_in_the_lenders_capital():
    house = SmallHouse()
    _guaranteed(house, 1000, lead_vendor=1000)
    house.economy.second_hand.price = np.array([300.0])
    house.give("lead_vendor", 1000)
    house.accelerate("neocloud")
    house.resolve()
    assert house["loan_fund"].losses.tolist() == [0]


@pytest.mark.parametrize("collateral", [0.0, 300.0])
def test_a_guaranteed_lender_recovers_no_more_than_its_claim(collateral):
    """Cash from the guarantor, the claim that is left and the new shares; the guarantor takes over what it paid for."""
    house = SmallHouse()
    _guaranteed(house, 1000, lead_vendor=1000)
    house.own("neocloud", 800)
    house.economy.second_hand.price = np.array([collateral])
    house.give("lead_vendor", 1000)
    house.accelerate("neocloud")
    house.resolve()
    kept = sum(house.stock(row, "loan_fund")[0] for row in ("term_loans", "listed_equity"))
    assert house.cash("loan_fund")[0] + kept <= 1000
    assert house.lots("lead_vendor", "neocloud")[0] > 0  # the shares are the guarantor's, with what is left of the claim
    assert house.stock("vendor_credit", "lead_vendor")[0] > 0
