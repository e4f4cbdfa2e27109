"""Worked cases of contracts for compute and of prepayments, in dollars, from their first month to their last."""

from __future__ import annotations

import numpy as np
import pytest

from perpetuum.model.instruments.compute_contract import ComputeContracts
from perpetuum.model.instruments.prepayment import Prepayments


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
