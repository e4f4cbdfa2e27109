"""Worked cases of loans, bonds and leases, in dollars: schedules in the month before, at and after their end."""

from __future__ import annotations

import numpy as np
import pytest

from perpetuum.model.books.ledger import Ledger
from perpetuum.model.instruments.loan import LoanBook


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
