"""Clearing of the securities market: prices at which excess demand is nothing, within the band, and whole lots."""

from __future__ import annotations

import numpy as np
import pytest

from perpetuum.model.markets.clearing_kernels import excess, solve_prices
from perpetuum.model.markets.investor_lots import hand_out


def _random_system(rng, assets):
    people = 20
    held = rng.lognormal(3, 1, (people, assets))
    price = rng.uniform(50, 150, assets)
    weight = rng.dirichlet(np.ones(assets), people) * rng.uniform(0.5, 0.99, (people, 1))
    turnover = rng.uniform(0.1, 0.6, people)
    cash = rng.lognormal(6, 1, people)
    A = np.einsum("i,ik,ij->kj", turnover, weight, held) - np.diag(turnover @ held)
    c = (turnover * cash) @ weight * rng.uniform(0.5, 2)
    B = 2.5 * (turnover * (held @ price + cash)) @ weight * rng.uniform(0, 1)
    s = rng.uniform(0, 0.05, assets) * held.sum(axis=0)
    return A, B, c, s, price


def test_members_get_whole_lots_by_cumulative_rounding_and_sell_no_more_than_they_have():
    rng = np.random.default_rng(6)
    assets, members, block = 3, 41, 16  # an odd number of assets, and a last block that is not full
    ranges = np.array([[0, 13], [13, 41]])
    wishes = rng.normal(0, 50, (assets, members))
    lots = rng.integers(0, 40, (assets, members))
    price, rate = rng.integers(1, 9, (assets, 1)), rng.uniform(0.3, 1.0, (2, assets))
    stock, cash = lots.copy(), np.zeros(members, dtype=np.int64)
    bought, sold = np.zeros((2, 2, assets, 1), dtype=np.int64)
    scratch = np.empty((assets, 4)), np.empty((assets, 2), dtype=np.int64), *np.empty((2, block + 1), dtype=np.int64)
    hand_out(stock, cash, ranges, price, 0, wishes, rate, np.empty((5, block)), *scratch, bought, sold)
    short = 0
    for k in range(assets):
        given, taken, wanted, offered = 0, 0, 0.0, 0.0
        for i in range(members):
            wanted, offered = wanted + max(wishes[k, i], 0.0), offered + max(-wishes[k, i], 0.0)
            more = int(wanted * rate[0, k] + 0.5) - given
            due = int(offered * rate[1, k] + 0.5) - taken
            less = min(due, lots[k, i] if wishes[k, i] < 0 else 0)
            given, taken, short = given + more, taken + less, short + (less < due)
            assert stock[k, i] == lots[k, i] + more - less
        assert (bought[:, k].sum(), sold[:, k].sum()) == (given, taken)
    assert short > 3  # some have less than they wish to sell
    assert (cash == -((stock - lots) * price).sum(axis=0)).all()


def test_clearing_solves_excess_demand_to_twelve_digits():
    rng = np.random.default_rng(3)
    for _ in range(200):
        A, B, c, s, P = _random_system(rng, 7)
        p, state, G = np.empty(7), np.zeros(7, dtype=np.int64), np.empty(7)
        solve_prices(A, B, c, s, P, P * 1e-3, P * 1e3, state, p, G, np.empty((7, 7)))
        excess(A, B, c, s, P, p, G)
        assert (p > 0).all()
        assert (state == 0).all()
        assert np.abs(G).max() / np.abs(np.diag(A) * p).max() < 1e-12


@pytest.mark.slow
def test_clearing_agrees_with_brute_force_inside_and_at_the_band():
    """Bisection one asset at a time, swept until nothing moves (the system is monotone), clipped to the
    band.
    """
    rng = np.random.default_rng(4)
    stopped = 0
    for _ in range(40):
        A, B, c, s, P = _random_system(rng, 3)
        low, high = 0.9 * P, 1.1 * P
        p, state, G = np.empty(3), np.zeros(3, dtype=np.int64), np.empty(3)
        solve_prices(A, B, c, s, P, low, high, state, p, G, np.empty((3, 3)))
        brute = P.copy()
        for _ in range(400):
            for k in range(3):
                down, up = low[k], high[k]
                for _ in range(60):
                    brute[k] = 0.5 * (down + up)
                    excess(A, B, c, s, P, brute, G)
                    down, up = (brute[k], up) if G[k] > 0 else (down, brute[k])
        stopped += int((state > 0).any())
        np.testing.assert_allclose(p, brute, rtol=1e-9)
    assert stopped > 5
