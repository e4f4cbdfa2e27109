"""Worked cases of the books, in dollars: both sides of every verb, and schedules in the month before, at and after their end."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from perpetuum.model.books.accounts import OTHER_CHANGE, TRANSACTION
from perpetuum.model.books.ledger import INSTRUMENT, Ledger
from perpetuum.model.instruments.compute_contract import ComputeContracts
from perpetuum.model.instruments.hardware import Hardware
from perpetuum.model.instruments.loan import LoanBook
from perpetuum.model.instruments.prepayment import Prepayments

TEN = np.array([10])
#: What each verb moves: instrument, account and dollars; and the flow that it books on the second account, with its kind.
VERBS: dict[str, tuple[Callable, dict[tuple[str, str], int], tuple[str, str, int] | None]] = {
    "a payment": (
        lambda b, n: b.pay(n["lab"], n["cloud"], TEN, "compute_rent_spot"),
        {("deposits", "lab"): -10, ("deposits", "cloud"): 10},
        ("compute_rent_spot", "cloud", 10),
    ),
    "a loan": (
        lambda b, n: b.advance(n["bond_fund"], n["cloud"], TEN, "bonds", "bond_issue"),
        {("deposits", "bond_fund"): -10, ("deposits", "cloud"): 10, ("bonds", "bond_fund"): 10, ("bonds", "cloud"): -10},
        ("bond_issue", "cloud", 10),
    ),
    "a loan that a third party pays out": (
        lambda b, n: b.advance(n["bond_fund"], n["cloud"], TEN, "bonds", "bond_issue", cash_from=n["vendor"]),
        {("deposits", "vendor"): -10, ("deposits", "cloud"): 10, ("bonds", "bond_fund"): 10, ("bonds", "cloud"): -10},
        ("bond_issue", "cloud", 10),
    ),
    "a loan by the bank": (
        lambda b, n: b.advance(b.bank, n["cloud"], TEN, "bank_loans", "bank_loan"),
        {("deposits", "bank"): -10, ("deposits", "cloud"): 10, ("bank_loans", "bank"): 10, ("bank_loans", "cloud"): -10},
        ("bank_loan", "cloud", 10),
    ),
    "a repayment": (
        lambda b, n: b.redeem(n["cloud"], n["bond_fund"], TEN, "bonds", "bond_redemption"),
        {("deposits", "bond_fund"): 10, ("deposits", "cloud"): -10, ("bonds", "bond_fund"): -10, ("bonds", "cloud"): 10},
        ("bond_redemption", "bond_fund", 10),
    ),
    "shares handed over": (
        lambda b, n: b.hand_over(n["index"], n["bond_fund"], TEN, "listed_equity"),
        {("listed_equity", "index"): -10, ("listed_equity", "bond_fund"): 10},
        None,
    ),
    "a sale on credit": (
        lambda b, n: b.credit_sale(n["vendor"], n["cloud"], TEN, "chips"),
        {("vendor_credit", "vendor"): 10, ("vendor_credit", "cloud"): -10},
        ("chips", "vendor", 10),
    ),
    "a write-off": (
        lambda b, n: b.write_off(n["bond_fund"], n["cloud"], TEN, "bonds"),
        {("bonds", "bond_fund"): -10, ("bonds", "cloud"): 10},
        None,
    ),
    "claims settled by a clearing": (
        lambda b, n: b.settle_claims(np.array([n["cloud"]]), np.array([n["bond_fund"]]), TEN[None], "bonds"),
        {("bonds", "cloud"): 10, ("bonds", "bond_fund"): -10},
        None,
    ),
    "an asset built": (
        lambda b, n: b.capitalise(n["cloud"], TEN, "hardware"),
        {("hardware", "cloud"): 10},
        None,
    ),
}


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_moves_these_dollars_between_these_accounts_and_no_others(books, number, verb):
    ledger = books(1, dict.fromkeys(("lab", "cloud", "vendor", "index", "bond_fund"), 100))
    before = ledger.book.copy()
    work, stocks, flow = VERBS[verb]
    work(ledger, number)
    moved = {
        (instrument, name): int(ledger.book[row, account, 0] - before[row, account, 0])
        for instrument, row in INSTRUMENT.items()
        for name, account in number.items()
        if ledger.book[row, account, 0] != before[row, account, 0]
    }
    assert moved == stocks
    if flow is None:
        assert not ledger.flows.any()
    else:
        assert ledger.flow(flow[0], number[flow[1]]).tolist() == [flow[2]]
        assert np.abs(ledger.flows).sum() == 2 * abs(flow[2])


@pytest.mark.parametrize(
    ("verb", "why"),
    [("a loan", TRANSACTION), ("a repayment", TRANSACTION), ("shares handed over", OTHER_CHANGE),
     ("a write-off", OTHER_CHANGE), ("an asset built", TRANSACTION)],
)  # fmt: skip
def test_losses_are_other_changes_and_business_is_transactions(books, number, verb, why):
    ledger = books(1, dict.fromkeys(("cloud", "bond_fund"), 100))
    VERBS[verb][0](ledger, number)
    assert ledger.changes[why].any()
    assert not np.delete(ledger.changes, why, axis=0).any()


# --- depreciation ---------------------------------------------------------------------------------------------------


def _hardware(ledger: Ledger) -> Hardware:
    return Hardware(
        len(ledger.accounts), generations=2, lead=3, months=130, book_months=60, per_gw=1000, worlds=ledger.worlds
    )


def _charges(ledger: Ledger, hardware: Hardware, account: int, months: range) -> list[int]:
    """What is charged in each of some months."""
    charged = []
    for month in months:
        ledger.begin_month(month)
        charged.append(int(hardware.depreciate(ledger, [account], month)[0, 0]))
        ledger.audit("depreciation")
    return charged


def test_what_stands_in_the_opening_books_is_written_down_to_nothing_over_its_life(books, number):
    ledger = books(1)
    hardware = _hardware(ledger)
    ledger.open_asset("hardware", number["cloud"], np.array([6000]))
    hardware.invest(number["cloud"], np.array([6000]), 0)
    assert _charges(ledger, hardware, number["cloud"], range(70)) == [100] * 60 + [0] * 10
    assert ledger.stock("hardware", number["cloud"]).tolist() == [0]


def test_what_is_bought_is_written_down_to_nothing_over_its_life(books, number):
    """Bought for 6000 in month 5, after that month's depreciation: 60 charges of 100 from month 6 to 65."""
    ledger = books(1)
    hardware = _hardware(ledger)
    _charges(ledger, hardware, number["cloud"], range(6))
    hardware.buy(ledger, number["cloud"], np.array([6000]), 5)
    assert _charges(ledger, hardware, number["cloud"], range(6, 70)) == [100] * 60 + [0] * 4
    assert ledger.stock("hardware", number["cloud"]).tolist() == [0]


def test_the_first_charge_on_what_is_bought_falls_into_the_next_month(books, number):
    ledger = books(1)
    hardware = _hardware(ledger)
    hardware.buy(ledger, number["cloud"], np.array([6000]), 5)
    hardware.buy(ledger, number["neocloud"], np.array([1200]), 5, life=12)
    assert _charges(ledger, hardware, number["cloud"], range(6, 8)) == [100, 100]
    assert _charges(ledger, hardware, number["neocloud"], range(6, 8)) == [100, 100]


def test_what_was_sold_is_charged_no_more_and_nothing_is_charged_on_nothing(books, number):
    """Three quarters of the schedule are sold after ten months; then the rest of the asset is used up."""
    ledger = books(1)
    hardware, cloud = _hardware(ledger), number["cloud"]
    ledger.open_asset("hardware", cloud, np.array([6000]))
    hardware.invest(cloud, np.array([6000]), 0)
    _charges(ledger, hardware, cloud, range(10))
    ledger.capitalise(cloud, np.array([-3750]), "hardware")
    hardware.shrink_schedule(cloud, np.array([0.25]))
    assert _charges(ledger, hardware, cloud, range(10, 12)) == [25, 25]
    ledger.capitalise(cloud, np.array([10 - 1200]), "hardware")
    assert _charges(ledger, hardware, cloud, range(12, 14)) == [10, 0]
    assert ledger.stock("hardware", cloud).tolist() == [0]


def test_chips_go_live_when_the_lead_time_has_passed(books, number):
    ledger = books(1)
    hardware, cloud = _hardware(ledger), number["cloud"]
    hardware.ship([cloud], np.array([[2.0]]), np.array([1]))
    live = []
    for _ in range(4):
        hardware.arrive()
        live.append(float(hardware.gw(cloud)[0]))
    assert live == [0, 0, 2, 2]
    assert hardware.installed[cloud, :, 0].tolist() == [0, 2000]


# --- loans, bonds and leases ----------------------------------------------------------------------------------------


def _book(number, instrument: str, bullet: bool = False, lender: str = "bond_fund") -> LoanBook:
    return LoanBook(instrument, ((number[lender], number["cloud"]),), term=12, bullet=bullet, worlds=1)


def _repay(ledger: Ledger, book: LoanBook, kind: str, months: int, short: int = 0) -> list[int]:
    """Pay what is due for some months (less `short` dollars in the first) and say how much it was."""
    lender, borrower = book.pairs[0]
    dues = []
    for month in range(months):
        due = book.due()
        paid = np.maximum(due - (short if month == 0 else 0), 0)
        ledger.pay(borrower, lender, paid[0], kind)
        book.record_repayments(ledger, paid)
        book.age()
        book.audit(ledger)
        dues.append(int(due[0, 0]))
    return dues


def test_a_loan_is_repaid_in_equal_instalments_until_its_maturity_and_not_beyond(books, number):
    """1200 for 12 months: twelve instalments, from the month after the loan to the one in which it matures."""
    ledger = books(1, {"bond_fund": 1200})
    book = _book(number, "term_loans")
    book.draw(ledger, 0, np.array([1200]), np.array([0.05]), "loan_draw")
    assert _repay(ledger, book, "loan_amortisation", 11) == [0] + [100] * 10
    assert ledger.stock("term_loans", number["cloud"]).tolist() == [-200]
    assert _repay(ledger, book, "loan_amortisation", 3) == [100, 100, 0]
    assert ledger.stock("term_loans", number["bond_fund"]).tolist() == [0]
    assert ledger.cash(number["bond_fund"]).tolist() == [1200]
    ledger.audit("loans")


def test_a_bond_is_repaid_in_full_in_the_month_of_its_maturity_and_in_no_other(books, number):
    ledger = books(1, {"bond_fund": 1300})
    book = _book(number, "bonds", bullet=True)
    book.draw(ledger, 0, np.array([1300]), np.array([0.05]), "bond_issue")
    assert _repay(ledger, book, "bond_redemption", 14) == [0] * 12 + [1300, 0]
    assert ledger.stock("bonds", number["cloud"]).tolist() == [0]


def test_what_was_not_repaid_at_maturity_stays_due(books, number):
    ledger = books(1, {"bond_fund": 1300})
    book = _book(number, "bonds", bullet=True)
    book.draw(ledger, 0, np.array([1300]), np.array([0.05]), "bond_issue")
    _repay(ledger, book, "bond_redemption", 12)
    assert _repay(ledger, book, "bond_redemption", 3, short=500) == [1300, 500, 0]


@pytest.mark.parametrize("bullet", [True, False])
def test_a_term_of_twelve_months_bears_twelve_months_of_interest(books, number, bullet):
    """1200 at 12 %: a month's interest is 12 on what is owed, from the month after the loan to that of the last payment."""
    ledger = books(1, {"bond_fund": 1200})
    book = _book(number, "bonds" if bullet else "term_loans", bullet=bullet)
    book.draw(ledger, 0, np.array([1200]), np.array([0.12]), "bond_issue" if bullet else "loan_draw")
    interest = []
    for _ in range(14):
        interest.append(float(book.interest()[0, 0]))
        book.add_service((book.pairs[0][1],), service := np.zeros((1, 1)))
        assert service[0].tolist() == (book.due()[0] + book.interest()[0]).tolist()
        _repay(ledger, book, "bond_redemption" if bullet else "loan_amortisation", 1)
    assert interest == pytest.approx([0] + ([12] * 12 if bullet else list(range(12, 0, -1))) + [0])


def test_what_an_instalment_lacks_is_spread_over_the_later_ones(books, number):
    """40 of the first 100 are missing: 1140 in eleven instalments."""
    ledger = books(1, {"bond_fund": 1200})
    book = _book(number, "term_loans")
    book.draw(ledger, 0, np.array([1200]), np.array([0.05]), "loan_draw")
    assert _repay(ledger, book, "loan_amortisation", 1) == [0]
    dues = _repay(ledger, book, "loan_amortisation", 13, short=40)
    assert dues[0] == 100
    assert set(dues[1:12]) <= {103, 104}
    assert sum(dues[1:12]) == 1140
    assert dues[12] == 0


def test_a_lease_is_a_loan_without_cash(books, number):
    ledger = books(1, {"cloud": 1200})
    book = _book(number, "vendor_credit", lender="vendor")
    book.finance_sale(ledger, 0, np.array([1200]), np.array([0.12]), "chips")
    assert ledger.cash(number["cloud"]).tolist() == [1200]
    assert ledger.stock("vendor_credit", number["vendor"]).tolist() == [1200]
    assert _repay(ledger, book, "vendor_credit_service", 14) == [0] + [100] * 12 + [0]
    assert ledger.cash(number["vendor"]).tolist() == [1200]
    ledger.audit("leases")


def test_debt_of_the_opening_matures_evenly_over_its_term(books, number):
    """Bonds of 1200, 100 lent in each of the last twelve months: they mature in the coming twelve."""
    ledger = books(1, {"cloud": 1200})
    book = _book(number, "bonds", bullet=True)
    book.open_debt(ledger, 0, np.array([1200.0]), np.array([0.05]))
    ledger.begin_month(0)
    assert _repay(ledger, book, "bond_redemption", 14) == [100] * 12 + [0, 0]


def test_loans_of_the_opening_are_what_is_left_of_an_equal_loan_in_each_month(books, number):
    """7800 = 100 x (1 + ... + 12): of 1200 lent in each of the last twelve months, 12 instalments of 100 fall due, then 11 ..."""
    ledger = books(1, {"cloud": 7800})
    book = _book(number, "term_loans")
    book.open_debt(ledger, 0, np.array([7800.0]), np.array([0.05]))
    ledger.begin_month(0)
    assert _repay(ledger, book, "loan_amortisation", 13) == [*range(1200, 0, -100), 0]


def test_who_has_paid_a_lender_is_repaid_over_a_whole_term_from_the_next_month_on(books, number):
    """Of 1300 lent last month 1200 is owed to the guarantor from the end of this month on: 100 in each of twelve."""
    ledger = books(1, {"bond_fund": 1300, "cloud": 100})
    loans = _book(number, "term_loans")
    credit = _book(number, "vendor_credit", lender="vendor")
    loans.draw(ledger, 0, np.array([1300]), np.array([0.12]), "loan_draw")
    loans.age()
    loans.take_over(ledger, 0, credit, number["vendor"], np.array([1200]))
    ledger.begin_month(1)
    assert credit.interest().tolist() == [[12]]
    assert _repay(ledger, credit, "vendor_credit_service", 13) == [100] * 12 + [0]


def test_two_loans_of_a_pool_bear_the_mean_rate_and_end_each_in_its_month(books, number):
    """100 at 4 % and, after a month, 300 at 8 %: 400 at 7 %, and for now it is 100 that bear interest."""
    ledger = books(1, {"bond_fund": 400})
    book = _book(number, "bonds", bullet=True)
    book.draw(ledger, 0, np.array([100]), np.array([0.04]), "bond_issue")
    _repay(ledger, book, "bond_redemption", 1)
    book.draw(ledger, 0, np.array([300]), np.array([0.08]), "bond_issue")
    assert book.rate[0].tolist() == pytest.approx([0.07])
    assert book.interest()[0].tolist() == pytest.approx([100 * 0.07 / 12])
    assert _repay(ledger, book, "bond_redemption", 14) == [0] * 11 + [100, 300, 0]


@pytest.mark.parametrize("written_off", [True, False])
def test_a_write_off_and_an_early_repayment_take_the_same_part_of_every_maturity(books, number, written_off):
    """300 in month 0 and 100 in month 1; half is taken in month 1."""
    ledger = books(1, {"bond_fund": 400})
    book = _book(number, "bonds", bullet=True)
    book.draw(ledger, 0, np.array([300]), np.array([0.05]), "bond_issue")
    _repay(ledger, book, "bond_redemption", 1)
    book.draw(ledger, 0, np.array([100]), np.array([0.05]), "bond_issue")
    if written_off:
        assert book.write_off(ledger, 0, np.array([0.5])).tolist() == [200]
        assert ledger.cash(number["bond_fund"]).tolist() == [0]
    else:
        assert book.repay_early(ledger, 0, np.array([200]), "bond_redemption").tolist() == [200]
        assert ledger.cash(number["bond_fund"]).tolist() == [200]
    assert ledger.stock("bonds", number["bond_fund"]).tolist() == [200]
    assert _repay(ledger, book, "bond_redemption", 14) == [0] * 11 + [150, 50, 0]


# --- contracts and prepayments -----------------------------------------------------------------------------------------


def _in_force(contracts: ComputeContracts, months: range) -> list[tuple[float, float, float]]:
    """GW and yearly bill in force in each month, and what remains to be paid at its end."""
    seen = []
    for month in months:
        contracts.advance(month)
        contracts.serve_month()
        seen.append((contracts.gw[0, 0], contracts.bill[0, 0], contracts.obligations[0, 0]))
    return seen


def test_a_contract_is_served_from_its_first_month_to_its_last():
    """2 GW at 60 dollars a GW-year from month 3 for 12 months: 10 a month in months 3 to 14."""
    contracts = ComputeContracts(((0, 1),), months=40, worlds=1)
    contracts.sign(0, np.array([2.0]), np.array([60.0]), start=3, term=12, month=0)
    seen = _in_force(contracts, range(1, 17))
    assert [gw for gw, _, _ in seen] == [0] * 2 + [2] * 12 + [0] * 2
    assert [bill for _, bill, _ in seen] == [0] * 2 + [120] * 12 + [0] * 2
    assert [left for _, _, left in seen] == [120] * 2 + [120 - 10 * n for n in range(1, 13)] + [0] * 2
    assert contracts.obligations[0].tolist() == [0]


def test_a_contract_that_runs_already_owes_only_what_is_left_of_it():
    """Since month -5 for 12 months: seven more months, 0 to 6."""
    contracts = ComputeContracts(((0, 1),), months=40, worlds=1)
    contracts.sign(0, np.array([2.0]), np.array([60.0]), start=-5, term=12, month=0)
    assert contracts.obligations[0].tolist() == [70]
    contracts.serve_month()
    assert contracts.obligations[0].tolist() == [60]
    assert [gw for gw, _, _ in _in_force(contracts, range(1, 9))] == [2] * 6 + [0] * 2
    assert contracts.obligations[0].tolist() == [0]


@pytest.mark.parametrize(("term", "gw", "signed"), [(5, 0, 0), (6, 2, 10)])
def test_a_contract_whose_last_month_is_past_is_no_contract(term, gw, signed):
    """Since month -5: with a term of 5 its last month was -1, with one of 6 it is this one."""
    contracts = ComputeContracts(((0, 1),), months=40, worlds=1)
    contracts.sign(0, np.array([2.0]), np.array([60.0]), start=-5, term=term, month=0)
    assert contracts.gw[0].tolist() == [gw]
    assert contracts.obligations[0].tolist() == [signed]


def test_a_shrunk_contract_ends_with_what_was_left_of_it_and_others_go_on():
    """4 GW to month 12 and 8 GW to month 20, of which half is let go in month 11."""
    contracts = ComputeContracts(((0, 1),), months=40, worlds=1)
    contracts.sign(0, np.array([4.0]), np.array([60.0]), start=0, term=12, month=0)
    contracts.sign(0, np.array([8.0]), np.array([60.0]), start=0, term=20, month=0)
    _in_force(contracts, range(1, 11))
    contracts.advance(11)
    contracts.shrink(0, np.array([0.5]), 11)
    assert contracts.gw[0].tolist() == [6]
    assert [gw for gw, _, _ in _in_force(contracts, range(12, 21))] == [4] * 8 + [0]


def test_what_several_pairs_lose_together_each_has_lost_as_if_alone():
    """A quarter of what the first two of three pairs have signed, in the first of two worlds: in force, ahead, and in parts."""

    def signed() -> ComputeContracts:
        contracts = ComputeContracts(((0, 1), (0, 2), (0, 3)), months=40, worlds=2)
        gw, price, ones = np.array([[4.0, 8.0]] * 3), np.array([60.0, 12.0]), np.array([1, 1])
        contracts.sign_all([0, 1, 2], gw, price, start=0, term=12, month=0)
        contracts.advance(1)
        contracts.sign_all([0, 2], gw[:2], price, start=4, term=9, month=1)
        contracts.sign_each(ones, gw[0], price, start=ones * 5, term=18, parts=2, apart=3)
        return contracts

    together, alone, lost = signed(), signed(), np.array([0.25, 0.0])
    together.shrink_all([0, 1], lost, 1)
    for pair in (0, 1):
        alone.shrink(pair, lost, 1)
    left = np.array([[0.75, 1.0], [0.75, 1.0], [1.0, 1.0]])
    for rows in ("gw", "bill", "obligations"):
        assert (getattr(together, rows) == getattr(signed(), rows) * left).all()
        assert (getattr(together, rows) == getattr(alone, rows)).all()
    for rows in ("starting_gw", "starting_bill", "ending_gw", "ending_bill"):
        assert (getattr(together, rows) == getattr(signed(), rows) * left[:, None]).all()
        assert (getattr(together, rows) == getattr(alone, rows)).all()


def test_what_is_reserved_ahead_counts_the_month_it_starts_and_not_the_one_it_ends():
    contracts = ComputeContracts(((0, 1),), months=40, worlds=1)
    contracts.sign(0, np.array([2.0]), np.array([60.0]), start=3, term=12, month=0)
    assert [contracts.reserved_at([0], 0, ahead)[0] for ahead in (2, 3, 14, 15)] == [0, 2, 2, 0]


def test_prepayments_follow_the_bill_and_come_back_when_the_contract_is_over(books, number):
    """Two months of a bill of 600 a year are 100; at 300 half comes back, and at the end the rest."""
    ledger = books(1, {"lab": 100})
    prepaid = Prepayments([(number["lab"], number["cloud"])], [number["lab"]], 1)
    cash = []
    for bill in (600.0, 300.0, 0.0):
        wanted = prepaid.wanted(np.array([[bill]]), np.array([2.0]))[0]
        change = wanted - prepaid.held[0]
        prepaid.move(ledger, 0, np.maximum(change, 0), np.maximum(-change, 0))
        assert ledger.stock("prepayments", number["lab"]).tolist() == wanted.tolist() == prepaid.held[0].tolist()
        assert ledger.stock("prepayments", number["cloud"]).tolist() == (-wanted).tolist()
        cash.append(int(ledger.cash(number["cloud"])[0]))
    assert cash == [100, 50, 0]
    ledger.audit("prepayments")
