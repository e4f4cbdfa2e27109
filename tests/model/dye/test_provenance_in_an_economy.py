"""Dyes in the real economy: the bracket holds the mix, receipts are all sales, postings carry the colours of the books."""

from __future__ import annotations

import numpy as np
import pytest

from perpetuum.model.books.payment_kinds import DYE, KINDS
from perpetuum.model.economy import Economy
from perpetuum.model.scenario import Scenario
from perpetuum.model.worlds import total
from tests.plain import OFF


@pytest.fixture(scope="module")
def three_years():
    """By month: vendor money back (low, mixed, high), vendors' receipts by the dye, their sales and leases."""
    economy = Economy(Scenario(worlds=4, seed=3, months=36, overrides=OFF, series=("vendor_revenue",)))
    months, receipts, sold = [], [], []
    for _ in range(36):
        economy.step()
        provenance = economy.ledger.provenance
        laps = total(provenance.receipts[DYE["lap_1"] :])
        months.append(np.stack([provenance.returned_low, laps, provenance.returned_high]))
        receipts.append(total(provenance.receipts))
        sold.append([total(v.sales for v in economy.vendors), total(v.leased for v in economy.vendors)])
    return np.array(months), np.array(receipts), np.array(sold)


def test_the_bracket_holds_the_mix_in_the_real_economy(three_years):
    """From the start to any month. Single months: `high` money may be home already while the mix still trickles."""
    low, mixed, high = np.cumsum(three_years[0], axis=0).transpose(1, 0, 2)
    assert (low <= mixed * (1 + 1e-9) + 1).all()
    assert (mixed <= high * (1 + 1e-9) + 1).all()
    assert (low[-1] < 0.5 * mixed[-1]).all()
    assert (mixed[-1] < high[-1]).all()


def test_the_bracket_holds_the_mix_in_nearly_every_month(three_years):
    low, mixed, high = three_years[0].transpose(1, 0, 2)
    assert (low <= mixed * (1 + 1e-9) + 1).mean() > 0.99
    assert (mixed <= high * (1 + 1e-9) + 1).mean() > 0.75


def test_dyed_receipts_are_all_vendors_sales_for_cash_and_on_credit(three_years):
    """What is traced is what is sold, leases included; the bracket never exceeds it."""
    months, receipts, sold = three_years
    np.testing.assert_allclose(receipts, sold.sum(axis=1), rtol=1e-12)
    assert sold.any(axis=(0, 2)).all()
    assert (months[:, 2] <= receipts + 1).all()
    assert (months[:, 0] >= 0.999 * sold[:, 1]).all()


@pytest.mark.parametrize("instrument", ["equity", "lease"])
def test_postings_carry_the_colours_that_the_books_recognise(instrument):
    """Singly paid, cleared or on credit: the postings of a month add up to the vendors' revenue by dye."""
    settings = {"vendor_finance.instrument": instrument, "vendor_finance.scale": 3.0}
    economy = Economy(Scenario(worlds=2, months=4, overrides=settings))
    ledger = economy.ledger
    ledger.postings = []
    for _ in range(4):
        economy.step()
        sold = [p for p in ledger.postings if KINDS[p.kind].revenue and p.payee in ledger.accounts["vendors"]]
        dyed = total(posting.amount * posting.colours for posting in sold)
        np.testing.assert_allclose(dyed, ledger.provenance.receipts, rtol=1e-12, atol=1e-3)
        assert all(np.allclose(posting.colours.sum(axis=0), 1.0) for posting in ledger.postings)
    on_credit = sum(posting.amount.sum() for posting in ledger.postings if not posting.cash)
    assert on_credit == sum(ledger.uncashed[list(ledger.accounts["vendors"])].sum(axis=1))
