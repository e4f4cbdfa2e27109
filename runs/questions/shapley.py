"""Shapley values of a game of switches: who deserves how much of what all of them bring about together.

A coalition is a set of switches that are on; `values` holds the payoff of every coalition, in rows numbered by the bits of the
players in it (row 0: nobody; row 2^n - 1: everybody), a column a replicate. All answers are linear in the payoff, so that
each replicate has its own and the answer is their mean. Source: Shapley (1953), A value for n-person games.
"""

from __future__ import annotations

from math import factorial

import numpy as np

from perpetuum.model.worlds import Array

#: 2^13 coalitions; beyond, exact values are no longer affordable.
MOST_PLAYERS = 13


def coalitions(players: int) -> Array:
    """Membership of every coalition (2^players, players): bit i of the row's number says whether player i is in it."""
    if not 0 <= players <= MOST_PLAYERS:
        raise ValueError(f"exact Shapley values are for up to {MOST_PLAYERS} players, not {players}")
    return (np.arange(2**players)[:, None] >> np.arange(players)) & 1 == 1


def shapley(values: Array) -> Array:
    """Shapley value of every player and replicate (players, replicates).

    phi_i = sum over S without i of |S|! (n - |S| - 1)! / n! (v(S + i) - v(S)); the phi add up to v(all) - v(nobody).
    """
    table, players = _table(values)
    rows = np.arange(len(table))
    sizes = coalitions(players).sum(axis=1)
    weights = np.array([factorial(s) * factorial(players - s - 1) / factorial(players) for s in range(players)])
    result = np.zeros((players, table.shape[1]))
    for player in range(players):
        without = rows[rows >> player & 1 == 0]
        result[player] = weights[sizes[without]] @ (table[without | 1 << player] - table[without])
    return result


def first_in(values: Array) -> Array:
    """What each player brings about alone (players, replicates): v(i) - v(nobody)."""
    table, players = _table(values)
    return table[1 << np.arange(players)] - table[0]


def last_in(values: Array) -> Array:
    """What goes missing when each player alone leaves all the others (players, replicates): v(all) - v(all but i)."""
    table, players = _table(values)
    everybody = len(table) - 1
    return table[everybody] - table[everybody ^ (1 << np.arange(players))]


def bootstrap_interval(samples: Array) -> tuple[Array, Array]:
    """95 % percentile bootstrap of means over replicates (the last axis): (low, high), both without that axis.

    Replicates are drawn whole: what was simulated under the same shocks stays together.
    """
    samples = np.asarray(samples, dtype=np.float64)
    n = samples.shape[-1]
    chosen = np.random.default_rng(1).multinomial(n, np.full(n, 1.0 / n), size=4000)
    means = samples @ (chosen.T / n)
    low, high = np.quantile(means, [(1 - 0.95) / 2, (1 + 0.95) / 2], axis=-1)
    return low, high


def _table(values: Array) -> tuple[Array, int]:
    table = np.asarray(values, dtype=np.float64)
    table = table[:, None] if table.ndim == 1 else table
    players = len(table).bit_length() - 1
    if len(table) != 2**players:
        raise ValueError(f"a game has a payoff for each of its 2^n coalitions, not {len(table)}")
    return table, players
