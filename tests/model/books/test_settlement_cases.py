"""Worked cases of settlement, in dollars: who is paid how much of what, and what happens to what is not paid."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from perpetuum.model.books.settlement import SECURED, TRADE, UNSECURED, Settlement
from perpetuum.model.phases.audit_and_collect import audit
from perpetuum.model.phases.settlement import settle
from tests.small_house import SmallHouse

# In the small house three quarters of cash and half of claims survive a default, which begins below three quarters paid.


def _owe(house: SmallHouse, kind: str, payer: str, payee: str, dollars: Any) -> None:
    """A bill of last month that falls due with this month's."""
    due = np.broadcast_to(np.asarray(dollars, dtype=float), house.ledger.worlds)
    house.economy.arrears.owed[kind, house.number[payer], house.number[payee]] = due


def _settle(house: SmallHouse) -> Settlement:
    settlement = settle(house.economy)
    audit(house.economy)
    return settlement


# --- the clearing itself -----------------------------------------------------------------------------------------------


def _clear(ledger, number, dues, keep_cash=1.0, keep_claims=1.0, threshold=0.0) -> Settlement:
    firms = [number[name] for name in ("vendor", "cloud", "lab")]
    settlement = Settlement(ledger, firms, keep_cash, keep_claims, threshold)
    for kind, payer, payee, due, seniority in dues:
        settlement.owe(kind, number[payer], number[payee], np.full(ledger.worlds, float(due)), seniority)
    settlement.solve()
    ledger.clear(settlement)
    ledger.audit("settlement")
    return settlement


@pytest.mark.parametrize(
    ("cash", "secured", "trade", "unsecured"),
    [
        (0, (0, 0), (0, 0), (0, 0)),
        (100, (66, 33), (0, 0), (0, 0)),
        (300, (200, 100), (0, 0), (0, 0)),
        (301, (200, 100), (0, 0), (0, 0)),
        (400, (200, 100), (57, 42), (0, 0)),
        (1000, (200, 100), (400, 300), (0, 0)),
        (1010, (200, 100), (400, 300), (4, 5)),
        (2000, (200, 100), (400, 300), (450, 550)),
    ],
)
def test_each_class_is_paid_in_full_before_the_next_and_pro_rata_within(books, number, cash, secured, trade, unsecured):
    """Secured 200 and 100, trade 400 and 300, unsecured 450 and 550; parts are floors, the rest stays with the debtor."""
    ledger = books(1, {"lab": cash})
    dues = [
        ("bond_interest", "lab", "bond_fund", 450, UNSECURED),
        ("bank_interest", "lab", "bank", 550, UNSECURED),
        ("operations", "lab", "outside", 400, TRADE),
        ("compute_rent_reserved", "lab", "cloud", 300, TRADE),
        ("loan_interest", "lab", "bond_fund", 200, SECURED),
        ("vendor_credit_interest", "lab", "vendor", 100, SECURED),
    ]
    settlement = _clear(ledger, number, dues)
    paid = [settlement.paid(kind, number["lab"], number[payee])[0] for kind, _, payee, _, _ in dues]
    assert paid == [*unsecured, *trade, *secured]
    assert ledger.cash(number["lab"])[0] == cash - sum(paid)


@pytest.mark.parametrize(
    ("cash", "lab_pays", "cloud_pays", "vendor_pays"),
    [(0, 0, 100, 100), (500, 500, 600, 600), (1000, 1000, 1000, 800)],
)
def test_money_runs_down_a_chain_in_one_month(books, number, cash, lab_pays, cloud_pays, vendor_pays):
    """The lab owes the cloud 1000, the cloud the vendor 1000, the vendor the outside 800; the cloud has 100 itself."""
    ledger = books(1, {"lab": cash, "cloud": 100})
    dues = [
        ("operations", "vendor", "outside", 800, TRADE),
        ("vendor_credit_interest", "cloud", "vendor", 1000, SECURED),
        ("compute_rent_reserved", "lab", "cloud", 1000, TRADE),
    ]
    settlement = _clear(ledger, number, dues)
    paid = [settlement.paid_in_all(number[name])[0] for name in ("lab", "cloud", "vendor")]
    assert paid == [lab_pays, cloud_pays, vendor_pays]
    assert ledger.cash(number["lab"])[0] == cash - lab_pays
    assert ledger.cash(number["cloud"])[0] == 100 + lab_pays - cloud_pays
    assert ledger.cash(number["vendor"])[0] == cloud_pays - vendor_pays


@pytest.mark.parametrize(
    ("cash", "defaults", "paid", "lost"), [(749, True, 561, 188), (750, False, 750, 0), (751, False, 751, 0)]
)
def test_a_default_begins_one_dollar_below_the_threshold(books, number, cash, defaults, paid, lost):
    """Of 749 dollars three quarters survive, 561; the rest is lost to the outside economy."""
    ledger = books(1, {"lab": cash})
    settlement = _clear(ledger, number, [("operations", "lab", "outside", 1000, TRADE)], 0.75, 0.5, 0.75)
    assert settlement.defaulted(number["lab"])[0] == defaults
    assert settlement.paid_in_all(number["lab"])[0] == paid
    assert ledger.flow("default_costs", number["outside"])[0] == lost
    assert ledger.cash(number["lab"])[0] == 0


@pytest.mark.parametrize(("dues", "cash", "defaults"), [(1, 0, True), (3, 2, True), (3, 3, False), (0, 0, False)])
def test_the_threshold_is_rounded_up_to_the_dollar(books, number, dues, cash, defaults):
    """Three quarters of 1 and 3 dollars are 1 and 3."""
    ledger = books(1, {"lab": cash})
    settlement = _clear(ledger, number, [("operations", "lab", "outside", dues, TRADE)], 0.75, 0.5, 0.75)
    assert settlement.defaulted(number["lab"])[0] == defaults


# --- a month's dues ----------------------------------------------------------------------------------------------------


def _indebted(worlds: int = 1) -> SmallHouse:
    """A neocloud that owes this month: 100 of principal and 13 of interest on a secured loan, and 60 on its bonds."""
    house = SmallHouse(worlds)
    loans, bonds = house.economy.loans, house.economy.bonds
    loans.rate[house.lend("term_loans", "loan_fund", "neocloud", 1300)] = 0.12
    bonds.rate[house.lend("bonds", "bond_fund", "neocloud", 6000)] = 0.12
    house.month(1)
    return house


@pytest.mark.slow
def test_lenders_on_chips_come_first_then_bills_then_bondholders():
    """And 200 of bills, 373 in all. 100 and 250 are too little: 75 and 187 are left after the costs of default."""
    house = _indebted(worlds=4)
    _owe(house, "operations", "neocloud", "outside", 200)
    house.give("neocloud", [100, 250, 330, 400])
    settlement = _settle(house)
    assert settlement.defaulted(house.number["neocloud"]).tolist() == [True, True, False, False]
    assert house.flow("loan_amortisation", "loan_fund") == [66, 100, 100, 100]
    assert house.flow("loan_interest", "loan_fund") == [8, 13, 13, 13]
    assert house.flow("operations", "neocloud") == [0, -74, -200, -200]
    assert house.flow("bond_interest", "bond_fund") == [0, 0, 17, 60]
    assert house.flow("default_costs", "neocloud") == [-25, -63, 0, 0]
    assert house.cash("neocloud") == [1, 0, 0, 27]  # a dollar is left of rounding pro rata
    assert house.stock("term_loans", "loan_fund") == [1234, 1200, 1200, 1200]
    assert house.stock("term_loans", "neocloud") == [-1234, -1200, -1200, -1200]
    assert house["loan_fund"].interest_received.tolist() == [8, 13, 13, 13]
    assert house["bond_fund"].interest_received.tolist() == [0, 0, 17, 60]


def test_cash_and_claims_survive_a_default_in_different_parts():
    """Cash of 100 and a claim of 400 on the lab: 75 and 200 are paid, 225 of a thousand are lost."""
    house = SmallHouse()
    _owe(house, "operations", "neocloud", "outside", 1000)
    _owe(house, "compute_rent_reserved", "lead_lab", "neocloud", 400)
    house.give("neocloud", 100)
    house.give("lead_lab", 400)
    _settle(house)
    assert house.flow("compute_rent_reserved", "neocloud") == [400]
    assert house.flow("operations", "neocloud") == [-275]
    assert house.flow("default_costs", "neocloud") == [-225]


def test_rents_are_bills_of_the_month_that_a_seller_can_pay_with_at_once():
    """12 000 dollars a year for a GW: the lab owes 1000, which the cloud owes the vendor in interest."""
    house = SmallHouse()
    contracts = house.economy.contracts
    pair = contracts.pairs.index((house.number["lead_lab"], house.number["neocloud"]))
    contracts.sign(pair, np.array([1.0]), np.array([12_000.0]), 0, 24, 0)
    credit = house.economy.vendor_credit
    credit.rate[house.lend("vendor_credit", "lead_vendor", "neocloud", 50_000)] = 0.24
    due = credit.due().sum()
    house.month(1)
    house.give("lead_lab", 1000)
    house.give("neocloud", due)
    _settle(house)
    assert house.flow("compute_rent_reserved", "lead_lab") == [-1000]
    assert house.flow("vendor_credit_interest", "lead_vendor") == [1000]
    assert house.flow("vendor_credit_service", "lead_vendor") == [due]
    assert house.cash("neocloud") == house.cash("lead_lab") == [0]
    assert contracts.obligations[pair].tolist() == [23_000]


def test_what_a_bill_lacks_is_due_again_next_month_once():
    house = SmallHouse()
    lab, cloud = house.number["lead_lab"], house.number["cloud"]
    _owe(house, "compute_rent_reserved", "lead_lab", "cloud", 1000)
    house.give("lead_lab", 800)
    assert not _settle(house).defaulted(lab)[0]
    assert {key: owed.tolist() for key, owed in house.economy.arrears.owed.items()} == {
        ("compute_rent_reserved", lab, cloud): [200]
    }
    house.month(1)
    house.give("lead_lab", 150)
    _settle(house)
    assert house.flow("compute_rent_reserved", "cloud") == [150]
    assert house.economy.arrears.owed["compute_rent_reserved", lab, cloud].tolist() == [50]
    house.month(2)
    house.give("lead_lab", 100)
    _settle(house)
    assert house.flow("compute_rent_reserved", "cloud") == [50]
    assert house.cash("lead_lab") == [50]
    assert house.economy.arrears.owed == {}


def test_principal_that_was_not_paid_stays_in_the_loan_and_is_no_arrears_too():
    """91 of 113 dollars are paid: 10 of 13 of interest, and 80 of 100 of principal."""
    house = SmallHouse()
    pool = house.lend("term_loans", "loan_fund", "neocloud", 1300)
    house.economy.loans.rate[pool] = 0.12
    house.month(1)
    house.give("neocloud", 91)
    _settle(house)
    assert house.stock("term_loans", "loan_fund") == [1220]
    loan = "loan_interest", house.number["neocloud"], house.number["loan_fund"]
    assert {key: owed.tolist() for key, owed in house.economy.arrears.owed.items()} == {loan: [3]}
    assert house.economy.loans.principal[pool].sum() == 1220


def test_a_guarantee_shrinks_with_the_loan():
    house = SmallHouse()
    pool = house.lend("term_loans", "loan_fund", "neocloud", 1300)
    for vendor, amount in (("lead_vendor", 800), ("other_vendor", 500)):
        house.economy.guarantees.give(house.number[vendor], pool, np.array([amount]))
    house.month(1)
    house.give("neocloud", 100)
    _settle(house)
    assert house.economy.guarantees.amount[:, pool, 0].tolist() == [800, 400]


# --- what comes before a default ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("to_come", "dues", "cash", "drawn", "breached", "lent"),
    [
        (0, 150, 0, 0, 0, 150),  # what is missing
        (0, 150, 40, 0, 0, 110),
        (0, 250, 0, 0, 0, 200),  # up to two months of revenue of 100
        (0, 250, 0, 120, 0, 80),  # less what is drawn already
        (0, 150, 0, 0, 3, 150),  # still after three months of breach
        (0, 150, 0, 0, 4, 0),  # no more after four
        (100, 150, 0, 0, 0, 75),  # three quarters of what firms are to pay this month are expected
        (40, 150, 60, 0, 0, 60),  # of a revenue of 100, 60 have come in already and are cash: they are not expected again
    ],
)
def test_the_bank_lends_a_cloud_what_it_lacks_up_to_some_months_revenue(to_come, dues, cash, drawn, breached, lent):
    house = SmallHouse(credit__revolver_months=2.0, credit__expected_kept=0.75)
    house.lend("bank_loans", "bank", "neocloud", drawn)
    house.month(1)
    house["neocloud"].to_come = np.array([float(to_come)])
    house["neocloud"].revenue, house["neocloud"].months_in_breach = np.array([100.0]), np.array([float(breached)])
    _owe(house, "operations", "neocloud", "outside", dues)
    house.give("neocloud", cash)
    _settle(house)
    assert house.flow("bank_loan", "neocloud") == [lent]
    assert house.stock("bank_loans", "neocloud") == [-drawn - lent]


@pytest.mark.parametrize(("cash", "repaid"), [(150, 0), (350, 200), (1000, 300)])
def test_a_cloud_repays_the_bank_from_what_its_dues_leave(cash, repaid):
    house = SmallHouse()
    house.lend("bank_loans", "bank", "neocloud", 300)
    house.month(1)
    _owe(house, "operations", "neocloud", "outside", 150)
    house.give("neocloud", cash)
    _settle(house)
    assert house.flow("bank_loan_repayment", "neocloud") == [-repaid]
    assert house.stock("bank_loans", "neocloud") == [repaid - 300]
    assert house.flow("operations", "neocloud") == [-150]


def test_interest_to_the_bank_comes_with_the_bondholders_after_bills():
    """1000 at 12 % a year: 10 a month, of which 5 are left after bills of 95."""
    house = SmallHouse(credit__bank_margin=0.12)
    house.lend("bank_loans", "bank", "neocloud", 1000)
    house.month(1)
    _owe(house, "operations", "neocloud", "outside", 95)
    house.give("neocloud", 100)
    _settle(house)
    assert house.flow("operations", "neocloud") == [-95]
    assert house.flow("bank_interest", "neocloud") == [-5]


def test_interest_to_the_bank_that_was_not_paid_is_due_with_the_next_months_bills():
    """Of 10 a month 5 were paid: 5 and this month's 10 are owed next."""
    house = SmallHouse(credit__bank_margin=0.12)
    house.lend("bank_loans", "bank", "neocloud", 1000)
    house.month(1)
    _owe(house, "operations", "neocloud", "outside", 95)
    house.give("neocloud", 100)
    _settle(house)
    house.month(2)
    house.give("neocloud", 40)
    _settle(house)
    assert house.flow("bank_interest", "neocloud") == [-15]


@pytest.mark.parametrize(("missing", "gw", "got"), [(50, 1.0, 500), (400, 2.0, 500), (0, 0.0, 0)])
def test_a_cloud_sells_the_idle_chips_that_cover_its_bills_at_what_buyers_have(missing, gw, got):
    """Four GW, two idle, quoted at 100 and half of it at once; the rich cloud brings 1000, of which the seller gets half."""
    house = SmallHouse(second_hand__buyers_cash=1.0)
    seller, buyer = house.number["neocloud"], house.number["cloud"]
    house.economy.second_hand.price = np.array([100.0])
    house.economy.compute.idle[seller] = np.array([2.0])
    house["cloud"].figures.target_cash = np.zeros(1)
    house.give("cloud", 1000)
    house.own("neocloud", 1000)
    owned = [house.economy.hardware.gw(one)[0] for one in (seller, buyer)]
    _owe(house, "operations", "neocloud", "outside", missing)
    _settle(house)
    assert house.flow("second_hand_chips", "neocloud") == [got]
    assert house.flow("second_hand_chips", "cloud") == [-got]
    assert house.economy.hardware.gw(seller)[0] == pytest.approx(owned[0] - gw)
    assert house.economy.hardware.gw(buyer)[0] == pytest.approx(owned[1] + gw)
    assert house.stock("hardware", "cloud") == [got]
    assert house.stock("hardware", "neocloud") == [1000 - 1000 * gw / 4 * 0.6]  # shells stay
    assert house.cash("neocloud") == [max(got - missing, 0)]


def test_states_cover_part_of_what_a_champion_lacks_one_after_the_other():
    """Half of 400, then half of what is left; a state gives no more than it has; an ordinary firm gets nothing."""
    house = SmallHouse(worlds=2, states__rescue=0.5)
    _owe(house, "operations", "lead_lab", "outside", 1000)
    _owe(house, "operations", "other_vendor", "outside", 1000)
    house.give("lead_lab", 600)
    house.give("home_state", [1000, 150])
    house.give("other_state", 1000)
    _settle(house)
    assert house.flow("state_support", "home_state") == [-200, -150]
    assert house.flow("state_support", "other_state") == [-100, -125]
    assert house.flow("state_support", "lead_lab") == [300, 275]
    assert house.flow("state_support", "other_vendor") == [0, 0]
    assert house.flow("operations", "lead_lab") == [-900, -875]
