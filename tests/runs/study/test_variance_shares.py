"""What decides a world: shares of variance, luck, and odds at the ends of what nobody knows, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from perpetuum.runs.study.variance_shares import (
    FEWEST,
    by_chance,
    odds_by,
    omega_squared,
    share_of_luck,
    shares_of_variance,
    thirds,
)

WORLDS = 3 * FEWEST


def test_a_share_of_variance_is_freed_of_what_chance_puts_between_the_thirds():
    # Means 2, 3 and 7 around 4: between 2 x (4 + 1 + 9) = 28, within 2 + 2 + 2 = 6, a mean square of 6 / 3 = 2 within.
    values, groups = np.array([1.0, 3.0, 2.0, 4.0, 6.0, 8.0]), np.array([0, 0, 1, 1, 2, 2])
    assert omega_squared(values, groups) == pytest.approx((28 - 2 * 2) / (34 + 2))
    assert omega_squared(np.ones(6), groups) == 0.0


def test_worlds_are_put_into_thirds_by_rank():
    assert thirds(np.array([50.0, 10.0, 30.0, 20.0, 60.0, 40.0])).tolist() == [2, 0, 1, 0, 2, 1]
    assert np.bincount(thirds(np.arange(32.0))).tolist() == [11, 11, 10]


def test_what_decides_most_stands_first_and_what_decides_nothing_has_no_share():
    number = np.arange(WORLDS)
    # `all` puts each value into a third of its own; in each third of `nothing` every value is as frequent.
    unknowns = {"nothing": 3.0 * (number % FEWEST) + number // FEWEST, "all": 1.0 * number}
    found = shares_of_variance(1.0 * (number // FEWEST), unknowns)
    assert list(found) == ["all", "nothing"]
    assert (found["all"]["share"], found["nothing"]["share"], found["nothing"]["low"]) == (pytest.approx(1.0), 0.0, 0.0)


@pytest.mark.slow
def test_an_unknown_is_told_from_chance_by_how_many_there_are():
    """Of three thirds of 40 worlds 8, 20 and 24 fall: within 6.4 + 10 + 9.6 = 26 of 29.47 squares, by chance once in 1 520."""
    number = np.arange(120)
    values = np.where(number % 10 < np.array([2, 5, 6])[number // 40], 1.0, 0.0)
    chance = by_chance(values, thirds(1.0 * number))
    assert chance == pytest.approx((26 / (52 * 68 / 120)) ** 58.5)
    assert 70 < 0.05 / chance < 80
    others = [{f"nothing {k}": 3.0 * (number % 40) + number // 40 for k in range(many)} for many in (0, 69, 79)]
    found = [shares_of_variance(values, {"some": 1.0 * number} | more)["some"] for more in others]
    assert found[0]["share"] == found[1]["share"] == found[2]["share"]
    assert [one["low"] > 0 for one in found] == [True, True, False]


def test_too_few_worlds_or_worlds_all_alike_decide_nothing():
    assert shares_of_variance(np.arange(WORLDS - 1.0), {"all": np.arange(WORLDS - 1.0)}) == {}
    assert shares_of_variance(np.ones(WORLDS), {"all": np.arange(1.0 * WORLDS)}) == {}


def test_luck_is_what_worlds_with_the_same_draws_do_not_share():
    # Of sixteen pairs twelve end alike and four do not, one from the mean either way: r = (12 - 4) / 16.
    first = np.repeat([20.0, 60.0, 20.0, 60.0], [6, 6, 2, 2])
    second = np.repeat([20.0, 60.0, 60.0, 20.0], [6, 6, 2, 2])
    found = share_of_luck(first, second)
    assert found["share"] == pytest.approx(0.5)
    assert found["low"] < 0.5 < found["high"]
    assert share_of_luck(first, first)["share"] == pytest.approx(0.0)
    assert share_of_luck(first, 80.0 - first)["share"] == 1.0  # less alike than strangers: all luck, and no more than all


@pytest.mark.parametrize(("other", "told"), [(FEWEST - 1, False), (FEWEST, True)])
def test_luck_is_not_told_where_hardly_a_world_differs(other, told):
    life = np.where(np.arange(50) < other, 20.0, 60.0)
    assert (share_of_luck(life, life)["share"] is not None) == told


def test_odds_are_those_of_the_lower_and_the_upper_third():
    number = np.arange(1.0 * WORLDS)
    found = odds_by({"x": number, "few": number[:5]}, {"fallen": number < 12, "alone": number >= 25})
    assert list(found) == ["x"]
    low, high = found["x"]["low_third"], found["x"]["high_third"]
    assert (low["fallen"]["share"], low["alone"]["share"], low["range"]) == (1.0, 0.0, [0.0, 9.0])
    assert (high["fallen"]["share"], high["alone"]["share"], high["range"]) == (0.0, 0.5, [20.0, 29.0])
