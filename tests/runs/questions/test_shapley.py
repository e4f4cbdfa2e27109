"""Shapley values on games solved by hand: shares of coalitions, and their intervals."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from perpetuum.runs.questions import shapley


def game(players: int, value) -> np.ndarray:
    """Payoff of every coalition, in the order of `shapley.coalitions`; `value` takes the set of players in it."""
    return np.array([value({p for p in range(players) if on[p]}) for on in shapley.coalitions(players)], dtype=float)


def test_coalitions_are_numbered_by_the_bits_of_their_members():
    assert shapley.coalitions(2).tolist() == [[False, False], [True, False], [False, True], [True, True]]


def test_in_the_glove_game_the_lone_left_glove_gets_two_thirds():
    gloves = game(3, lambda members: float(0 in members and len(members) > 1))
    assert shapley.shapley(gloves)[:, 0] == pytest.approx([2 / 3, 1 / 6, 1 / 6])


def test_in_an_additive_game_everybody_gets_what_he_brings():
    worth = np.array([3.0, -1.0, 0.5, 0.0])
    additive = game(4, lambda members: 7.0 + sum(worth[p] for p in members))
    for values in (shapley.shapley(additive), shapley.first_in(additive), shapley.last_in(additive)):
        assert values[:, 0] == pytest.approx(worth)


def test_shapley_value_is_the_mean_over_all_orders_of_joining():
    table = np.random.default_rng(5).normal(size=16)
    expected = np.zeros(4)
    for order in itertools.permutations(range(4)):
        there = 0
        for player in order:
            expected[player] += (table[there | 1 << player] - table[there]) / math.factorial(4)
            there |= 1 << player
    assert shapley.shapley(table)[:, 0] == pytest.approx(expected)


def test_shares_add_up_to_what_all_bring_about_in_every_replicate():
    table = np.random.default_rng(1).normal(size=(256, 7))
    assert shapley.shapley(table).sum(axis=0) == pytest.approx(table[-1] - table[0])


def test_whoever_changes_nothing_gets_nothing_and_equals_get_the_same():
    values = shapley.shapley(game(3, lambda members: float({0, 1} <= members)))[:, 0]
    assert values == pytest.approx([0.5, 0.5, 0.0])


def test_first_and_last_in_differ_where_switches_work_together():
    both = game(2, lambda members: float(len(members) == 2))
    assert shapley.first_in(both)[:, 0].tolist() == [0.0, 0.0]
    assert shapley.last_in(both)[:, 0].tolist() == [1.0, 1.0]


def test_a_table_without_all_coalitions_is_refused():
    with pytest.raises(ValueError, match="2\\^n"):
        shapley.shapley(np.zeros(6))


def test_bootstrap_interval_covers_the_mean_and_narrows_with_replicates():
    noise = np.random.default_rng(3).normal(2.0, 1.0, size=(1, 400))
    low, high = shapley.bootstrap_interval(noise)
    few_low, few_high = shapley.bootstrap_interval(noise[:, :25])
    assert low[0] < noise.mean() < high[0]
    assert high[0] - low[0] == pytest.approx(2 * 1.96 * noise.std() / 20, rel=0.15)
    assert few_high[0] - few_low[0] > 2.5 * (high[0] - low[0])


def test_bootstrap_keeps_replicates_whole():
    """A share that is the same in every replicate has no interval, however much the payoff itself varies."""
    luck = np.random.default_rng(2).normal(size=50)
    table = np.stack([luck, luck + 3.0])
    low, high = shapley.bootstrap_interval(shapley.shapley(table))
    assert (low[0], high[0]) == pytest.approx((3.0, 3.0))
