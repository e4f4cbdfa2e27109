"""Odds, hazards, causes and life lost, by hand."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from perpetuum.model.observed.odds import (
    causes,
    hazard,
    intervals_of_all,
    life_lost,
    life_lost_by_start,
    lost_beyond_chance,
    odds,
    share_of,
)
from perpetuum.model.observed.states import FALLEN, SPINNING, STANDS_ALONE, Dates

JUDGED = 15
CALENDAR = [datetime.date(2025 + (9 + m) // 12, (9 + m) % 12 + 1, 1) for m in range(JUDGED)]  # Oct 2025 to Dec 2026


def dates(fallen, cause=None):
    """Worlds that fall in the months given (-1: never), spinning before."""
    fallen = np.array(fallen)
    month = np.arange(JUDGED)
    state = np.where((fallen[:, None] >= 0) & (month >= fallen[:, None]), FALLEN, SPINNING)
    cause = np.array(cause if cause is not None else ["sales" if f >= 0 else "" for f in fallen])
    return Dates(JUDGED, fallen, np.full(len(fallen), -1), cause, state, np.full(len(fallen), -1))


def test_odds_are_shares_of_the_worlds_in_each_state_of_a_month():
    world = dates([2, 5, -1, -1])
    world.state[3, 4:] = STANDS_ALONE
    entry = odds(world, CALENDAR)[4]
    assert entry["date"] == "2026-02-01"
    assert (entry["fallen"]["share"], entry["alone"]["share"], entry["spinning"]["share"]) == (0.25, 0.25, 0.5)
    assert entry["smaller"]["share"] == 0.0
    assert entry["fallen"]["low"] < 0.25 < entry["fallen"]["high"]


def test_hazard_counts_those_not_fallen_at_the_start_of_the_year():
    # Three months of 2025: one of four falls; of the three left one falls in 2026.
    found = hazard(dates([2, 5, -1, -1]), CALENDAR)
    assert found["2026"]["rate"] == pytest.approx(1 / 3)
    assert found["2025"]["rate"] == pytest.approx(1 - 0.75**4)  # a quarter's rate, over a year
    assert (found["2025"]["at_risk"], found["2026"]["at_risk"]) == (4, 3)


def test_hazard_of_a_year_that_nobody_reaches_is_empty():
    assert hazard(dates([0, 1]), CALENDAR)["2026"]["rate"] is None


def test_a_fall_in_the_first_month_of_a_year_belongs_to_that_year():
    found = hazard(dates([3, -1]), CALENDAR)
    assert (found["2025"]["rate"], found["2026"]["rate"]) == (0.0, 0.5)


def test_causes_are_shares_of_the_fallen_the_commonest_first():
    found = causes(dates([1, 2, 3, -1], ["sales", "default:lab", "sales", ""]))
    assert list(found) == ["sales", "default:lab"]
    assert found["sales"]["share"] == pytest.approx(2 / 3)


def test_life_lost_is_the_mean_over_pairs():
    found = life_lost(np.array([10, 15, 15, 8]), np.array([15, 15, 12, 12]))
    assert found["months"] == pytest.approx((5 + 0 - 3 + 4) / 4)
    assert found["low"] <= found["months"] <= found["high"]


def test_an_interval_holds_nineteen_of_twenty_resamples():
    # A hundred pairs, half of which lose a month: the mean of a resample is a share of a hundred even chances, and of those
    # 2.5 % are under 0.40 and 2.5 % over 0.60.
    found = life_lost(np.zeros(100), np.repeat([0.0, 1.0], 50))
    assert found["months"] == 0.5
    assert (found["low"], found["high"]) == (pytest.approx(0.40, abs=0.011), pytest.approx(0.60, abs=0.011))


def test_life_lost_by_start_looks_at_pairs_of_which_both_still_stand_as_the_squeeze_starts():
    # The first falls in the very month in which the squeeze starts: it loses all sixty months. The second would have fallen
    # with loose money before it: it is no pair. The third has fallen before it as asked.
    asked, loose = np.array([12, 90, 11]), np.array([120, 11, 120])
    found = life_lost_by_start({(12, 1.0): asked}, loose)
    assert found["months"] == [[60.0]]
    assert found["unconditional"] == [[pytest.approx((108 - 79 + 109) / 3)]]


def test_life_lost_by_start_leaves_out_those_fallen_before_and_looks_sixty_months_ahead():
    loose = np.array([120, 120, 5])
    found = life_lost_by_start({(0, 1.0): np.array([20, 120, 5]), (12, 1.0): np.array([30, 120, 5])}, loose)
    assert found["starts"] == [0, 12]
    assert found["months"][0] == [pytest.approx((40 + 0 + 0) / 3)]  # within 60 months: 60 - 20
    assert found["months"][1] == [pytest.approx((42 + 0) / 2)]  # the third has fallen before: 72 - 30
    assert found["pairs"] == [[3], [2]]
    assert found["unconditional"][1] == [pytest.approx(90 / 3)]


def test_the_map_to_the_end_has_intervals_too_those_of_the_mean_over_all_pairs():
    loose = np.array([120, 120, 5, 90, 100])
    lives = np.array([20, 120, 5, 30, 100])
    found = life_lost_by_start({(0, 1.0): lives}, loose)
    whole = life_lost(lives, loose)
    ends = ("unconditional", "unconditional_low", "unconditional_high")
    assert [found[end][0][0] for end in ends] == [whole[part] for part in ("months", "low", "high")]
    assert found["unconditional_low"][0][0] < found["unconditional"][0][0] < found["unconditional_high"][0][0]


def test_luck_alone_is_told_as_a_loss_in_one_of_forty_maps_at_most_however_many_cells_it_has():
    """Ninety cells, twelve worlds, gains as likely as losses: single intervals lie above zero somewhere in most of such maps."""
    rng = np.random.default_rng(7)
    maps = [rng.normal(0, 20, (9, 10, 12)) * (rng.random((9, 10, 12)) < 0.6) for _ in range(40)]
    assert sum(lost_beyond_chance(gaps).any() for gaps in maps) <= 4
    single = [life_lost(-gaps[0, 0], np.zeros(12))["low"] for gaps in maps]  # one cell of each
    assert sum(low > 0 for low in single) * 90 / 40 > 1
    costly = np.abs(maps[0]) + np.arange(9)[:, None, None]
    assert lost_beyond_chance(costly)[-1].all()


def test_intervals_of_all_hold_all_means_at_once():
    rng = np.random.default_rng(5)
    shifts = np.linspace(-3.0, 3.0, 12)[:, None]
    held = 0
    for _ in range(60):
        gaps = shifts + rng.normal(0, 4, (12, 40))
        mean, low, high = intervals_of_all(gaps)
        assert mean == pytest.approx(gaps.mean(axis=1))
        assert ((low <= mean) & (mean <= high)).all()
        held += bool(((low <= shifts[:, 0]) & (shifts[:, 0] <= high)).all())
    assert held >= 52


def test_intervals_of_all_leave_worlds_out_that_are_no_pair_and_are_open_where_worlds_are_too_few():
    gaps = np.array([[4.0] * 20 + [np.nan] * 20, [np.nan] * 40])
    mean, low, high = intervals_of_all(gaps)
    assert (mean[0], low[0], high[0]) == (4.0, 4.0, 4.0)
    assert np.isnan(mean[1])
    assert not low[1] > 0
    _, low, high = intervals_of_all(np.array([[5.0, 5.0]]))
    assert (low[0], high[0]) == (-np.inf, np.inf)


def test_a_map_says_of_a_cell_that_life_is_lost_where_all_of_many_worlds_lose_it():
    loose = np.full(20, 120)
    found = life_lost_by_start({(0, 0.5): loose - np.tile([30, -30], 10), (0, 1.0): loose - 70}, loose)
    assert found["beyond_chance"] == found["unconditional_beyond_chance"] == [[False, True]]


def test_worlds_that_lose_less_to_a_harder_tightening_are_counted_by_start():
    """Of four worlds the first falls early, the second loses less to 1 than to 0.6, the third ever more, the last nothing."""
    loose = np.array([5, 50, 50, 50])
    lives = {0.2: [5, 50, 40, 50], 0.6: [5, 20, 30, 50], 1.0: [5, 30, 20, 50]}
    found = life_lost_by_start({(start, x): np.array(life) for start in (0, 12) for x, life in lives.items()}, loose)
    assert found["backwards"] == [1, 1]
    assert [row[0] for row in found["pairs"]] == [4, 3]
    late = {(35, x): np.array([5, 36, life, 50]) for x, life in ((0.2, 40), (0.6, 48), (1.0, 36))}
    assert life_lost_by_start(late, loose)["backwards"] == [1]


def test_no_worlds_have_no_odds():
    assert share_of(np.array([], dtype=bool)) == {"share": None, "low": None, "high": None}
