"""A contract signed in parts, one a world: what is owed, when it starts and ends, and what of it falls into the coming year."""

from __future__ import annotations

import numpy as np
import pytest

from perpetuum.model.instruments.compute_contract import ComputeContracts


def signed(begun: bool) -> ComputeContracts:
    """The first of two worlds signs 4 GW with the second seller at 6 dollars, in two parts a quarter apart, month 2 to 14."""
    contracts = ComputeContracts(((0, 1), (0, 2)), 24, 2)
    if begun:
        contracts.advance(0)
    gw, price = np.array([4.0, 9.0]), np.array([6.0, 6.0])
    contracts.sign_each(np.array([1, -1]), gw, price, np.array([2, 2]), 12, parts=2, apart=3)
    return contracts


def test_parts_start_one_after_the_other_and_end_together():
    contracts = signed(begun=True)
    # 2 GW for 12 dollars a year each: twelve months of the first, nine of the second.
    assert contracts.obligations.tolist() == [[0.0, 0.0], [12.0 + 9.0, 0.0]]
    assert contracts.starting_gw[1, :, 0].nonzero()[0].tolist() == [2, 5]
    assert contracts.starting_gw[1, [2, 5], 0].tolist() == [2.0, 2.0]
    assert contracts.ending_gw[1, 14, 0] == 4.0
    assert contracts.ending_bill[1, 14, 0] == 24.0
    assert not contracts.starting_gw[:, :, 1].any()
    assert contracts.latest == 14


def test_what_is_signed_in_parts_counts_as_signed_this_month():
    book = signed(begun=True).cancelled
    assert book.signed[0].tolist() == [[0.0, 0.0], [21.0, 0.0]]
    assert (book.start[0].tolist(), book.end[0].tolist()) == ([5, 0], [14, 1])
    assert not signed(begun=False).cancelled.signed.any()  # before the first month it is in the book


def test_the_coming_year_counts_each_part_from_its_start_to_its_end():
    # Of the twelve months after month 0, ten are left when the first part starts, and seven when the second does.
    contracts = signed(begun=True)
    assert contracts.bill_of_coming_year(0, 0) == pytest.approx([12 * 10 / 12 + 12 * 7 / 12, 0.0])
    for month in range(1, 6):
        contracts.advance(month)
    # Both run until month 14: nine of the twelve months from month 5 on, and none of what comes after.
    assert contracts.bill_of_coming_year(0, 5) == pytest.approx([24.0 * 9 / 12, 0.0])
    for month in range(6, 14):
        contracts.advance(month)
    assert contracts.bill_of_coming_year(0, 13) == pytest.approx([24.0 / 12, 0.0])
