"""Commitments cancelled within a year: only what was in the book as the window began counts, delivery and expiry never."""

from __future__ import annotations

import numpy as np
import pytest

from perpetuum.model.instruments.cancelled_commitments import CancelledOrders
from perpetuum.model.instruments.compute_contract import ComputeContracts

LAB, CLOUD, OTHER = 0, 1, 2
ONE = np.ones(1)


def contracts() -> ComputeContracts:
    """A lab that has signed 1 GW at 12 dollars a GW-year for 24 months: 24 dollars with the first month."""
    made = ComputeContracts(((LAB, CLOUD), (LAB, OTHER)), 60, 1)
    made.sign(0, ONE, 12 * ONE, 0, 24, 0)
    return made


def month(made: ComputeContracts, number: int, cancelled: float = 0.0, lapse: bool = False) -> None:
    made.advance(number)
    if cancelled:
        made.shrink(0, cancelled * ONE, number, lapse)
    made.serve_month()


def of(made: ComputeContracts, account: int) -> tuple[float, ...]:
    return tuple(float(part[0]) for part in made.cancelled_by(account))


def test_what_is_delivered_is_not_cancelled():
    made = contracts()
    for number in range(6):
        month(made, number)
    assert of(made, LAB) == (24.0, 0.0, 0.0)


def test_a_cancellation_counts_for_buyer_and_seller_against_the_book_at_the_windows_start():
    made = contracts()
    month(made, 0)
    month(made, 1, cancelled=0.5)
    # 23 were left after the first month, of the 24 that the opening book held.
    assert of(made, LAB) == (24.0, 11.5, 0.0)
    assert of(made, CLOUD) == (24.0, 11.5, 0.0)
    assert of(made, OTHER) == (0.0, 0.0, 0.0)


def test_a_lapse_is_counted_among_the_cancelled_and_apart():
    made = contracts()
    month(made, 0, cancelled=0.25, lapse=True)
    assert of(made, LAB) == (24.0, 6.0, 6.0)


def test_what_was_signed_since_the_window_began_does_not_count():
    made = contracts()
    month(made, 0)
    made.advance(1)
    made.sign(0, ONE, 12 * ONE, 5, 12, 1)  # 12 dollars more, to be delivered from month 5
    made.serve_month()
    month(made, 2, cancelled=0.5)
    # 22 of the opening book's 24 were left and 12 are new: half of the 22 counts, not half of 34.
    assert of(made, LAB) == (24.0, pytest.approx(11.0), 0.0)


def test_part_of_what_was_signed_since_may_be_delivered_already():
    made = contracts()
    month(made, 0)
    made.advance(1)
    made.sign(0, ONE, 12 * ONE, 2, 12, 1)
    made.serve_month()
    for number in (2, 3):
        month(made, number)
    month(made, 4, cancelled=0.5)
    # Four months of the first contract and two of the second are served: 20 of the book are left, and 10 new ones.
    assert of(made, LAB)[1] == pytest.approx(10.0)


def test_two_cancellations_add_up_to_no_more_than_the_book():
    made = contracts()
    month(made, 0, cancelled=0.5)
    month(made, 1, cancelled=0.5)
    # 12 of 24, then half of the 11.5 that were left after a month at half the bill.
    assert of(made, LAB) == (24.0, 17.75, 0.0)


@pytest.mark.parametrize(("last", "book", "gone"), [(11, 24.0, 12.0), (12, 11.5, 0.0)])
def test_a_window_is_twelve_months_long(last, book, gone):
    made = contracts()
    month(made, 0, cancelled=0.5)  # half of 24; a month of what is left is served
    for number in range(1, last + 1):
        month(made, number)
    assert of(made, LAB)[:2] == (pytest.approx(book), pytest.approx(gone))


def test_an_expired_contract_is_gone_without_being_shed():
    made = ComputeContracts(((LAB, CLOUD),), 60, 1)
    made.sign(0, ONE, 12 * ONE, 0, 6, 0)
    for number in range(12):
        month(made, number)
    assert of(made, LAB) == (6.0, 0.0, 0.0)


def test_orders_are_shipped_in_the_order_in_which_they_came():
    orders = CancelledOrders(1, 1)
    orders.begin_month(0, np.array([[10.0]]))
    orders.ship(0, 4 * ONE)
    orders.begin_month(1, np.array([[16.0]]))  # 6 of the first ten are left, 10 are new
    orders.cancel(0, 16 * ONE, 8 * ONE)
    book, cancelled, shipped = (float(part[0]) for part in orders.of(0))
    assert (book, cancelled, shipped) == (10.0, 3.0, 4.0)  # half of the 6
