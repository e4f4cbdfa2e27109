"""Symmetries of the settlement: firms may be permuted, amounts scaled, worlds settled alone, and more cash harms nobody."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from perpetuum.model.worlds import select
from tests.model.books.test_settlement import FIRMS, KINDS, paid_share, settle


def _random_case(seed, worlds, names=FIRMS, high=1e9):
    rng = np.random.default_rng(seed)
    cash = {name: np.rint(rng.uniform(0, high, worlds) * (rng.random(worlds) < 0.8)) for name in names}
    dues = [
        (KINDS[c], a, b, np.rint(rng.uniform(0, high, worlds) * (rng.random(worlds) < 0.6)), c)
        for a, b in itertools.permutations((*names, "outside", "bond_fund"), 2)
        if a in names
        for c in range(3)
    ]
    return cash, dues


COSTS = {"keep_cash": 0.8, "keep_claims": 0.65, "threshold": 0.75}


def test_permuting_firms_permutes_results(books, number):
    cash, dues = _random_case(1, 50)
    straight = settle(books(50, cash), dues, **COSTS)
    for other in itertools.permutations(FIRMS):
        role = dict(zip(FIRMS, other, strict=True))
        turned = settle(
            books(50, {role[name]: amount for name, amount in cash.items()}),
            [(kind, role[a], role.get(b, b), due, c) for kind, a, b, due, c in reversed(dues)],
            firms=sorted(FIRMS, key=role.__getitem__),
            **COSTS,
        )
        for kind, a, b, _, _ in dues:
            there = turned.paid(kind, number[role[a]], number[role.get(b, b)])
            assert (there == straight.paid(kind, number[a], number[b])).all()
        for name in FIRMS:
            assert (turned.defaulted(number[role[name]]) == straight.defaulted(number[name])).all()


def test_scaling_all_amounts_scales_what_is_paid(books, number):
    cash, dues = _random_case(2, 50)
    plain = settle(books(50, cash), dues, **COSTS)
    larger = settle(
        books(50, {name: amount * 1000 for name, amount in cash.items()}),
        [(kind, a, b, due * 1000, c) for kind, a, b, due, c in dues],
        **COSTS,
    )
    for kind, a, b, _, _ in dues:
        gap = larger.paid(kind, number[a], number[b]) - 1000 * plain.paid(kind, number[a], number[b])
        assert np.abs(gap).max() <= 100_000  # floors of plain dollars, passed on, weigh a thousand each
    for name in FIRMS:
        assert (larger.defaulted(number[name]) == plain.defaulted(number[name])).all()


@pytest.mark.parametrize("width", [1, 2, 3, 7])
def test_world_alone_equals_world_in_company(books, number, width):
    cash, dues = _random_case(3, 21)
    company = settle(books(21, cash), dues, **COSTS)
    for start in range(0, 21, width):
        worlds = slice(start, start + width)
        alone = settle(
            books(len(range(21)[worlds]), {name: amount[worlds] for name, amount in cash.items()}),
            [(kind, a, b, due[worlds], c) for kind, a, b, due, c in dues],
            **COSTS,
        )
        for kind, a, b, _, _ in dues:
            there = alone.paid(kind, number[a], number[b])
            assert (there == company.paid(kind, number[a], number[b])[worlds]).all()
        for name in FIRMS:
            share = paid_share(company, number[name])[worlds]
            assert (paid_share(alone, number[name]) == share).all()


def test_more_cash_never_makes_anybody_pay_less(books, number):
    cash, dues = _random_case(4, 80)
    poorer = settle(books(80, cash), dues, **COSTS)
    for lucky in FIRMS:
        gift = {name: amount + 1e8 * (name == lucky) for name, amount in cash.items()}
        richer = settle(books(80, gift), dues, **COSTS)
        for kind, a, b, _, _ in dues:
            there = richer.paid(kind, number[a], number[b])
            assert (there >= poorer.paid(kind, number[a], number[b])).all()


def test_a_settlement_can_be_forked_with_its_books(books, number):
    cash, dues = _random_case(6, 9)
    settlement = settle(books(9, cash), dues, **COSTS)
    fork = select(settlement, np.array([4, 4, 8]))
    assert (paid_share(fork, number["lab"]) == paid_share(settlement, number["lab"])[[4, 4, 8]]).all()
    assert (fork.ledger.book == settlement.ledger.book[..., [4, 4, 8]]).all()
