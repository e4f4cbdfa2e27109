"""Worked cases of the ledger's verbs, in dollars: both sides of every one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from perpetuum.model.books.accounts import OTHER_CHANGE, TRANSACTION
from perpetuum.model.books.ledger import INSTRUMENT

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
