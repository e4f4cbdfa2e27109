"""Maturing debt is refinanced as far as lenders are willing; the rest is paid in cash, and the books stay exact."""

from __future__ import annotations

import numpy as np
import pytest

from perpetuum.model.economy import Economy
from perpetuum.model.instruments.loan import LoanBook
from tests.plain import OFF_KEYWORDS, PLAIN

ON = {**OFF_KEYWORDS, "rollover__on": True}


def book_of(bullet: bool, term: int = 3) -> LoanBook:
    return LoanBook("bonds" if bullet else "term_loans", ((0, 1),), term, bullet, 2)


def roll_over(book: LoanBook, part: list[float], rate: float) -> list[int]:
    """Lenders refinance a part, by world; returns what is refinanced by now."""
    book.roll_over((1,), np.array([part]), np.full((1, 2), rate))
    return book.refinanced[0].tolist()


def pay(book: LoanBook, paid: list[int]) -> None:
    """The month's repayments are recorded."""

    class Books:
        def settle_claims(self, *arguments: object) -> None:
            """Claims are not looked at here."""

    book.record_repayments(Books(), np.array([paid]))  # type: ignore[arg-type]


def test_half_of_a_maturing_bond_matures_anew_at_the_end_of_the_term_and_the_rate_is_the_mean():
    book = book_of(bullet=True)
    book.principal[0, :, :] = np.array([[80, 80], [10, 10], [0, 0], [10, 10]])
    book.balance[0] = 100
    book.rate[0] = 0.04
    assert roll_over(book, [0.5, 0.0], 0.08) == [40, 0]
    assert book.due()[0].tolist() == [40, 80]
    assert np.allclose(book.rate[0], [0.056, 0.04])
    assert book.balance[0].tolist() == [100, 100]
    pay(book, [25, 80])
    # 25 of the 40 that were left to pay were paid: 15 stay due, and the 40 refinanced mature in three months.
    assert book.principal[0].T.tolist() == [[15, 10, 0, 50], [0, 10, 0, 10]]
    assert book.balance[0].tolist() == [75, 20]


def test_of_a_loan_in_instalments_the_instalment_is_refinanced():
    book = book_of(bullet=False)
    book.principal[0, :, :] = np.array([[10, 10], [20, 20], [30, 30], [0, 0]])
    book.balance[0] = 60
    # 10 + 20 / 2 + 30 / 3 = 30 fall due.
    assert book.due()[0].tolist() == [30, 30]
    assert roll_over(book, [1.0, 0.5], 0.1) == [30, 15]
    # Refinanced whole, nothing is asked for; refinanced by half, the other half is, once.
    assert book.due()[0].tolist() == [0, 15]
    pay(book, [0, 15])
    # Every slot has given its instalment: 0, 20 - 10, 30 - 10, and at the end of the term what was refinanced.
    assert book.principal[0].T.tolist() == [[0, 10, 20, 30], [0, 10, 20, 15]]
    assert book.balance[0].tolist() == [60, 45]


def test_what_is_repaid_early_is_not_refinanced_as_well():
    book = book_of(bullet=True)
    book.principal[0, 0, :] = 100
    book.balance[0] = 100
    roll_over(book, [0.8, 0.8], 0.1)
    book.principal[0, 0, :] = [60, 100]  # a covenant's sweep took 40 in the first world
    book.balance[0] = [60, 100]
    assert book.due()[0].tolist() == [0, 20]
    pay(book, [0, 0])
    assert book.principal[0].T.tolist() == [[0, 0, 0, 60], [20, 0, 0, 80]]


def test_no_more_than_the_instalment_is_refinanced_where_the_loan_has_shrunk_since():
    """30 of 60 fall due and are refinanced whole; then a sweep repays half of every maturity: 15 fall due, and no more move."""
    book = book_of(bullet=False)
    book.principal[0, :, :] = np.array([[10, 10], [20, 20], [30, 30], [0, 0]])
    book.balance[0] = 60
    roll_over(book, [1.0, 1.0], 0.1)
    book.principal[0, :, 0] = [5, 10, 15, 0]
    book.balance[0, 0] = 30
    assert book.due()[0].tolist() == [0, 0]
    pay(book, [0, 0])
    assert book.principal[0].T.tolist() == [[0, 5, 10, 15], [0, 10, 20, 30]]


def test_off_nothing_is_rolled_over_and_on_less_is_repaid_in_cash():
    def repaid(**keywords) -> float:
        economy = Economy(preset=PLAIN, months=8, worlds=2, seed=3, funding__tightening=0.0, **{**OFF_KEYWORDS, **keywords})
        paid = 0.0
        while economy.month < 8:
            economy.step()
            flow = economy.ledger.flow_of(("bond_redemption", "loan_amortisation"), economy.accounts["clouds"])
            paid += float(-flow.sum())
        return paid

    assert repaid(**ON) < 0.2 * repaid()


@pytest.mark.slow
def test_full_tightening_takes_the_roll_over_away_and_the_stop_takes_all_of_it():
    def part(kind: str, **keywords) -> float:
        economy = Economy(preset=PLAIN, months=6, seed=3, **ON, **keywords)
        economy.run()
        return float(next(cloud for cloud in economy.clouds if cloud.kind == kind).part_rolled_over()[0])

    tight = {"funding__tightening": 1.0, "funding__start_month": 0, "funding__ramp_months": 1}
    assert part("hyperscaler", **tight) == 0.9
    assert part("hyperscaler", funding__tightening=0.0) == 1.0
    assert part("hyperscaler", funding__stop_month=0) == 0.0
    assert part("leveraged", **tight) < part("leveraged", funding__tightening=0.0)
    mild = {**tight, "funding__tightening": 0.3}
    assert part("leveraged", **mild, funding__channel_rollover=0.0) > part("leveraged", **mild) > 0.0
