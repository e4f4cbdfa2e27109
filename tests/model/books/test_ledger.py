"""Claims about the books: every verb balances, every dollar of tampering is found, overdrafts are refused."""

from __future__ import annotations

import numpy as np
import pytest

from perpetuum.model.books.accounts import (
    CLAIMS,
    INSTRUMENT,
    OTHER_CHANGE,
    REVALUATION,
    TRANSACTION,
    BooksBreachError,
    OutgrownError,
    OverdraftError,
)
from perpetuum.model.books.payment_kinds import KIND_NUMBER
from perpetuum.model.worlds import select

WORLDS = 3
PLENTY = dict.fromkeys(
    (
        "outside",
        "vendor",
        "cloud",
        "neocloud",
        "lab",
        "second_lab",
        "index",
        "venture_fund",
        "bond_fund",
        "home_state",
    ),
    1000,
)
EACH = np.array([1.0, 2.4, 0.0])


@pytest.fixture
def rich(books):
    """Books in which everybody holds 1000 dollars and some claims and real assets are open."""
    ledger = books(WORLDS, PLENTY)
    number = ledger.accounts.number
    ledger.open_claim("bonds", number["bond_fund"], number["cloud"], np.full(WORLDS, 50.0))
    ledger.open_claim("listed_equity", number["index"], number["vendor"], np.full(WORLDS, 70.0))
    ledger.open_asset("hardware", number["cloud"], np.full(WORLDS, 30.0))
    ledger.open_asset("gold", number["home_state"], np.full(WORLDS, 20.0))
    ledger.begin_month(7)
    return ledger


def _mark_up(ledger, number):
    target = ledger.book[INSTRUMENT["listed_equity"]].copy()
    target[number["index"]] += 5
    target[number["vendor"]] -= 5
    ledger.mark("listed_equity", target)


VERBS = {
    "pay": lambda b, n: b.pay(n["lab"], n["cloud"], EACH, "compute_rent_spot"),
    "pay many": lambda b, n: b.pay(
        [n["lab"], n["second_lab"]],
        [n["cloud"], n["neocloud"]],
        np.stack([EACH, EACH]),
        "compute_rent_reserved",
    ),
    "pay the bank": lambda b, n: b.pay(n["cloud"], b.bank, EACH, "bank_interest"),
    "the bank pays": lambda b, n: b.pay(b.bank, n["index"], EACH, "deposit_interest"),
    "advance": lambda b, n: b.advance(n["bond_fund"], n["cloud"], EACH, "bonds", "bond_issue"),
    "redeem": lambda b, n: b.redeem(n["cloud"], n["bond_fund"], EACH, "bonds", "bond_redemption"),
    "hand over": lambda b, n: b.hand_over(n["index"], n["bond_fund"], np.array([1, 2, 3]), "listed_equity"),
    "credit sale": lambda b, n: b.credit_sale(n["vendor"], n["cloud"], EACH, "chips"),
    "write off": lambda b, n: b.write_off(n["bond_fund"], n["cloud"], np.array([1, 2, 3]), "bonds"),
    "mark": _mark_up,
    "capitalise": lambda b, n: b.capitalise(n["cloud"], EACH, "hardware"),
    "use up": lambda b, n: b.capitalise(n["cloud"], -EACH, "hardware"),
}


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_balances(rich, number, verb):
    before = rich.book.copy()
    VERBS[verb](rich, number)
    rich.audit(verb)
    assert (rich.book[: len(CLAIMS)].sum(axis=1) == 0).all()
    assert (rich.book != before).any()


def test_all_verbs_together_balance(rich, number):
    for month in range(3):
        rich.begin_month(month)
        for verb in VERBS.values():
            verb(rich, number)
            rich.audit("all")


def test_an_amount_is_rounded_once_and_returned(rich, number):
    paid = rich.pay(number["lab"], number["cloud"], np.array([2.4, 2.6, 2.5]), "compute_rent_spot")
    assert paid.tolist() == [2, 3, 2]
    assert rich.cash(number["cloud"]).tolist() == [1002, 1003, 1002]
    assert rich.flow("compute_rent_spot", number["lab"]).tolist() == [-2, -3, -2]


def test_book_equity_leaves_own_shares_out(rich, number):
    vendor, index = number["vendor"], number["index"]
    assert (rich.stock("listed_equity", vendor) == -70).all()
    assert (rich.book_equity(vendor) == 1000).all()
    assert (rich.book_equity(index) == 1070).all()
    assert (rich.book_equity(number["cloud"]) == 1000 + 30 - 50).all()


# --- tampering
# ------------------------------------------------------------------------------------------------------


def _tamper(array, place, dollars=1):
    array[place] += dollars


TAMPERINGS = {
    "a real stock": lambda b, a: _tamper(b.book, (INSTRUMENT["hardware"], a, 1)),
    "a deposit": lambda b, a: _tamper(b.book, (INSTRUMENT["deposits"], a, 1)),
    "a deposit and its change": lambda b, a: (
        _tamper(b.book, (INSTRUMENT["deposits"], a, 1)),
        _tamper(b.changes, (TRANSACTION, INSTRUMENT["deposits"], a, 1)),
    ),
    "a claim": lambda b, a: _tamper(b.book, (INSTRUMENT["bonds"], a, 1)),
    "a claim bought for nothing": lambda b, a: (
        _tamper(b.book, (INSTRUMENT["bonds"], a, 1)),
        _tamper(b.changes, (TRANSACTION, INSTRUMENT["bonds"], a, 1)),
    ),
    "one side of a revaluation": lambda b, a: (
        _tamper(b.book, (INSTRUMENT["listed_equity"], a, 1)),
        _tamper(b.changes, (REVALUATION, INSTRUMENT["listed_equity"], a, 1)),
    ),
    "one side of a write-off": lambda b, a: (
        _tamper(b.book, (INSTRUMENT["term_loans"], a, 1)),
        _tamper(b.changes, (OTHER_CHANGE, INSTRUMENT["term_loans"], a, 1)),
    ),
    "a current flow": lambda b, a: _tamper(b.flows, (KIND_NUMBER["chips"], a, 1)),
    "a financial flow": lambda b, a: _tamper(b.flows, (KIND_NUMBER["bond_issue"], a, 1)),
    "a flow and its counterpart": lambda b, a: (
        _tamper(b.flows, (KIND_NUMBER["bond_issue"], a, 1)),
        _tamper(b.flows, (KIND_NUMBER["bond_issue"], b.bank, 1), -1),
    ),
    "a flow and its cash": lambda b, a: (
        _tamper(b.flows, (KIND_NUMBER["chips"], a, 1)),
        _tamper(b.changes, (TRANSACTION, INSTRUMENT["deposits"], a, 1)),
        _tamper(b.book, (INSTRUMENT["deposits"], a, 1)),
    ),
    "capital formation": lambda b, a: _tamper(b.formation, (a, 1)),
    "the record of credit sales": lambda b, a: _tamper(b.uncashed, (a, 1)),
    "the dye": lambda b, a: _tamper(b.provenance.dye, (a, 2, 1), 1e-8),
    "the earmark": lambda b, a: _tamper(b.provenance.high, (a, 1), 10_000),
}


@pytest.mark.parametrize("what", TAMPERINGS)
@pytest.mark.parametrize("dollars", [1, -1])
def test_audit_finds_one_dollar_of_tampering(rich, number, what, dollars, monkeypatch):
    if dollars < 0 and what in ("the dye", "the earmark"):
        pytest.skip("fractions and earmarks are tampered with upwards")
    for verb in VERBS.values():
        verb(rich, number)
    rich.audit("before")
    if dollars < 0:
        monkeypatch.setitem(globals(), "_tamper", lambda array, place, d=1: array.__setitem__(place, array[place] - d))
    TAMPERINGS[what](rich, number["neocloud"])
    with pytest.raises(BooksBreachError) as breach:
        rich.audit("chip_market")
    message = str(breach.value)
    assert "month 7" in message
    assert "phase chip_market" in message
    assert "world 1" in message
    assert "neocloud" in message
    assert breach.value.mask.tolist() == [False, True, False]


def test_audit_names_every_world_that_is_wrong(rich, number):
    rich.book[INSTRUMENT["gold"], number["cloud"], 0] += 1
    rich.book[INSTRUMENT["bonds"], number["lab"], 2] -= 1
    with pytest.raises(BooksBreachError) as breach:
        rich.audit("x")
    assert breach.value.mask.tolist() == [True, False, True]


def test_audit_finds_a_negative_deposit(books, number):
    ledger = books(WORLDS, {"lab": 5})
    ledger.open_claim("deposits", number["cloud"], ledger.bank, np.array([0.0, -1.0, 0.0]))
    ledger.begin_month(3)
    with pytest.raises(OverdraftError, match=r"month 3, phase x: negative deposits of cloud, first in world 1") as breach:
        ledger.audit("x")
    assert breach.value.mask.tolist() == [False, True, False]


# --- refusals
# -------------------------------------------------------------------------------------------------------


def test_an_overdraft_is_refused_with_its_worlds_and_nothing_booked(rich, number):
    before = rich.book.copy()
    with pytest.raises(OverdraftError, match="from lab to cloud overdraws it by 1 dollars in world 1") as refused:
        rich.pay(number["lab"], number["cloud"], np.array([1000.0, 1001.0, 1e12]), "compute_rent_spot")
    assert refused.value.mask.tolist() == [False, True, True]
    assert (rich.book == before).all()
    rich.audit("after")


def test_an_overdraft_by_several_payments_of_one_call_is_refused(rich, number):
    amounts = np.array([[600.0, 10.0, 10.0], [600.0, 10.0, 10.0], [10.0, 2000.0, 10.0]])
    with pytest.raises(OverdraftError) as refused:
        rich.pay(
            [number["lab"], number["lab"], number["index"]],
            [number["cloud"], number["neocloud"], number["cloud"]],
            amounts,
            "operations",
        )
    assert refused.value.mask.tolist() == [True, True, False]
    rich.audit("after")


@pytest.mark.parametrize("amount", [-1.0, np.nan, np.inf, 1e17])
def test_what_is_no_amount_is_refused(rich, number, amount):
    before = rich.book.copy()
    with pytest.raises(BooksBreachError, match="in world 2 is not an amount") as refused:
        rich.pay(number["lab"], number["cloud"], np.array([1.0, 1.0, amount]), "compute_rent_spot")
    assert refused.value.mask.tolist() == [False, False, True]
    assert (rich.book == before).all()


def test_nobody_both_pays_and_is_paid_in_one_call(rich, number):
    with pytest.raises(BooksBreachError, match="both pays and is paid"):
        rich.pay(
            [number["lab"], number["cloud"]],
            [number["cloud"], number["vendor"]],
            np.ones((2, WORLDS)),
            "chips",
        )


def test_postings_are_kept_where_asked(rich, number):
    rich.postings = []
    rich.pay(number["lab"], number["cloud"], EACH, "compute_rent_spot")
    rich.pay(number["lab"], number["cloud"], EACH * 0, "compute_rent_spot")
    assert [posting[:3] for posting in rich.postings] == [("compute_rent_spot", number["lab"], number["cloud"])]


# --- worlds
# ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("worlds", [[0], [2], [0, 1], [2, 0, 1], [1, 1, 2]])
def test_world_alone_equals_world_in_company(rich, number, worlds):
    alone = select(rich, np.array(worlds))
    company = np.array([[1.3, 20.7, 300.2], [7.0, 11.0, 13.0]])
    for ledger, amounts in ((rich, company), (alone, np.ascontiguousarray(company[:, worlds]))):
        for month in range(3):
            ledger.begin_month(month)
            ledger.pay(number["vendor"], number["lab"], amounts[0], "vendor_equity")
            ledger.pay(
                [number["lab"], number["second_lab"]],
                [number["cloud"], number["cloud"]],
                amounts,
                "compute_rent_reserved",
            )
            ledger.pay(number["cloud"], number["vendor"], amounts[0], "chips")
    assert (rich.book[..., worlds] == alone.book).all()
    assert (rich.flows[..., worlds] == alone.flows).all()
    assert (rich.provenance.dye[..., worlds] == alone.provenance.dye).all()
    assert (rich.provenance.receipts[..., worlds] == alone.provenance.receipts).all()
    assert (rich.provenance.high[..., worlds] == alone.provenance.high).all()


def test_a_fork_leaves_the_original_alone(rich, number):
    fork = select(rich, np.array([1]))
    fork.pay(number["lab"], number["cloud"], np.array([500.0]), "compute_rent_spot")
    assert (rich.cash(number["lab"]) == 1000).all()


def test_a_stock_beyond_what_whole_dollars_count_exactly_ends_its_world_in_a_sentence(books, number):
    ledger = books(2)
    for _ in range(3):
        ledger.advance(number["bank"], number["lab"], np.array([0, 4 * 10**15]), "bank_loans", "bank_loan")
    with pytest.raises(OutgrownError, match=r"lab's .* passed 9.01e\+15 dollars in world 1") as grown:
        ledger.audit("any")
    assert grown.value.mask.tolist() == [False, True]
