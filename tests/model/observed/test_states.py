"""States and their dates: windows, ties, confirmation, and months that count alike however long the world runs."""

from __future__ import annotations

import numpy as np
import pytest

from perpetuum.model.observed.states import (
    FALLEN,
    SMALLER,
    SPINNING,
    STANDS_ALONE,
    Dates,
    Definition,
    alone_with_growth_held,
    date_states,
    lasting,
    months_judged,
    yearly_sales,
)

H = 60


def dated(sales=None, ratio=None, defaults=None, shed=None, months=H, definition=None):
    """Dates of one world whose sales were 10 a month in the year before."""
    sales = np.full((1, H), 10.0) if sales is None else np.atleast_2d(sales)
    ratio = np.full((1, H), 0.5) if ratio is None else np.atleast_2d(ratio)
    mark = {name: np.atleast_2d(values)[:, :months] for name, values in (defaults or {}).items()}
    part = {name: np.atleast_2d(values)[:, :months] for name, values in (shed or {}).items()}
    return date_states(sales[:, :months], np.full((1, 12), 10.0), ratio[:, :months], mark, part, definition)


def at(*months, value=1.0):
    """A row of months with a value at some of them."""
    row = np.zeros(H)
    row[list(months)] = value
    return row


def test_eleven_months_more_are_simulated_than_judged():
    assert (months_judged(131), months_judged(12), months_judged(11), months_judged(3)) == (120, 1, 0, 0)


def test_the_first_mean_holds_the_year_before_the_start():
    mean, peak = yearly_sales(np.array([[22.0, 10.0]]), np.full((1, 12), 10.0))
    assert mean.tolist() == [[11.0, 11.0]]  # (11 x 10 + 22) / 12, then (10 x 10 + 22 + 10) / 12
    assert peak.tolist() == [[11.0, 11.0]]
    _, peak = yearly_sales(np.array([[4.0]]), np.full((1, 12), 10.0))
    assert peak.tolist() == [[10.0]]  # the peak of the month before counts


def test_a_fall_by_sales_is_dated_where_the_mean_crosses_half_its_peak():
    sales = np.full(H, 10.0)
    sales[20:] = 0.0
    dates = dated(sales)
    # The mean of twelve months is 5, half its peak, when six of them have no sales: months 20 to 25.
    assert (dates.fallen[0], dates.cause[0]) == (25, "sales")
    assert dates.state[0, 24] == SPINNING
    assert dates.state[0, 25] == FALLEN
    assert dates.sales_turned[0] == 19


@pytest.mark.parametrize(("back", "fallen"), [(36, -1), (37, 25)])
def test_sales_must_stay_down_for_a_year(back, fallen):
    sales = np.full(H, 10.0)
    sales[20:] = 0.0  # the mean crosses half its peak in month 25, and must stay below it up to month 36
    sales[back:] = 70.0
    assert dated(sales).fallen[0] == fallen


def test_nothing_counts_whose_onset_lies_behind_the_last_month_judged():
    judged = months_judged(H)
    assert dated(defaults={"lab": at(judged - 1)}).fallen[0] == judged - 1
    late = dated(defaults={"lab": at(judged)})
    assert (late.fallen[0], late.cause[0], late.life[0]) == (-1, "", judged)


def test_the_first_cause_counts_and_a_default_wins_in_a_tie():
    dates = dated(defaults={"lab": at(8)}, shed={"cloud": at(5, value=0.4)})
    assert (dates.fallen[0], dates.cause[0]) == (5, "shedding:cloud")
    tie = dated(defaults={"lab": at(5)}, shed={"cloud": at(5, value=0.4)})
    assert tie.cause[0] == "default:lab"


@pytest.mark.parametrize(("part", "fallen"), [(0.333, -1), (1 / 3, 7), (0.5, 7)])
def test_a_third_of_the_book_must_be_shed(part, fallen):
    assert dated(shed={"lab": at(7, value=part)}).fallen[0] == fallen


def test_a_world_stands_alone_from_the_month_on_after_which_it_pays_for_itself_for_a_year():
    ratio = np.full(H, 0.9)
    ratio[10:22] = 1.0
    assert dated(ratio=ratio).alone[0] == 10
    ratio[21] = 0.99
    assert dated(ratio=ratio).alone[0] == -1


@pytest.mark.parametrize(("level", "state"), [(7.5, STANDS_ALONE), (7.4, SMALLER)])
def test_just_three_quarters_of_the_peak_stand_alone(level, state):
    sales = np.where(np.arange(H) < 20, 10.0, level)
    # From month 31 on all twelve months are at the level: the mean is the level, and the peak 10.
    assert (dated(sales, ratio=np.full(H, 2.0)).state[0, 31:] == state).all()


def test_half_its_peak_never_stands_alone():
    sales = np.full(H, 10.0)
    sales[20:] = 4.9
    dates = dated(sales, ratio=np.full(H, 2.0))
    halved = yearly_sales(sales[None], np.full((1, 12), 10.0))[0][0] < 5.0
    assert not (dates.state[0][halved[: dates.judged]] == STANDS_ALONE).any()
    assert SMALLER in dated(np.where(np.arange(H) < 20, 10.0, 6.0), ratio=np.full(H, 2.0)).state[0]


def test_a_fall_in_the_year_that_confirms_forbids_standing_alone():
    ratio = np.full(H, 1.5)
    assert dated(ratio=ratio, defaults={"lab": at(11)}).alone[0] == -1
    assert dated(ratio=ratio, defaults={"lab": at(12)}).alone[0] == 0
    assert dated(ratio=ratio, defaults={"lab": at(0)}).alone[0] == -1


@pytest.mark.parametrize(("default", "alone"), [(51, -1), (52, 40)])
def test_a_fall_beyond_the_last_month_judged_forbids_standing_alone_too(default, alone):
    ratio = np.where(np.arange(H) < 40, 0.5, 2.0)  # of 60 months 49 are judged; months 40 to 51 confirm month 40
    dates = dated(ratio=ratio, defaults={"lab": at(default)})
    assert (dates.fallen[0], dates.alone[0]) == (-1, alone)


def test_after_a_fall_nothing_stands_alone_and_the_state_stays():
    ratio = np.full(H, 0.5)
    ratio[20:] = 2.0
    dates = dated(ratio=ratio, defaults={"lab": at(3)})
    assert (dates.fallen[0], dates.alone[0]) == (3, -1)
    assert (dates.state[0, 3:] == FALLEN).all()


@pytest.mark.parametrize("seed", range(20))
def test_a_month_is_judged_alike_however_much_longer_the_world_runs(seed):
    chance = np.random.default_rng(seed)
    sales = np.exp(np.cumsum(chance.normal(0.0, 0.12, (1, H)), axis=1)) * 10.0
    ratio = 1.0 + np.cumsum(chance.normal(0.0, 0.08, (1, H)), axis=1)
    defaults = {"lab": at(*np.flatnonzero(chance.random(H) < 0.01))}
    whole = dated(sales, ratio, defaults)
    for months in range(12, H):
        short = dated(sales, ratio, defaults, months=months)
        n = short.judged
        assert (short.state[0] == whole.state[0, :n]).all()
        assert short.fallen[0] == (whole.fallen[0] if 0 <= whole.fallen[0] < n else -1)
        assert short.alone[0] == (whole.alone[0] if 0 <= whole.alone[0] < n else -1)


def test_a_condition_lasts_where_it_holds_for_twelve_months():
    assert lasting(np.ones((1, 12), dtype=bool)).tolist() == [[True] + [False] * 11]
    assert not lasting(np.ones((1, 11), dtype=bool)).any()


def test_who_falls_in_the_first_month_has_no_life_and_who_never_falls_lives_to_the_end():
    assert dated(defaults={"lab": at(0)}).life.tolist() == [0]
    assert dated(defaults={"lab": at(1)}).life.tolist() == [1]
    assert dated().life.tolist() == [months_judged(H)]


def test_sales_turn_in_the_last_month_of_their_highest_half_year():
    # Six months are highest in month 17. Twelve would be in month 23: (6 x 16 + 6 x 12) / 12 = 14 against 13 in month 17.
    sales = np.full(H, 10.0)
    sales[12:18], sales[18:24], sales[24:] = 16.0, 12.0, 0.0
    dates = dated(sales)
    assert (dates.cause[0], dates.sales_turned[0]) == ("sales", 17)


def test_parts_of_a_months_confirmation_are_rounded():
    ratio = np.full(H, 0.9)
    ratio[10:19] = 1.0  # nine months
    assert dated(ratio=ratio, definition=Definition(confirmed=9.4)).alone[0] == 10
    assert dated(ratio=ratio, definition=Definition(confirmed=9.6)).alone[0] == -1


def test_dates_of_chosen_worlds_are_written_down_taken_and_joined():
    ratio = np.full(H, 2.0)
    stands, falls = dated(ratio=ratio), dated(defaults={"lab": at(7)})
    both = Dates.blank(2, months_judged(H))
    assert (both.fallen.tolist(), both.alone.tolist(), both.cause.tolist()) == ([-1, -1], [-1, -1], ["", ""])
    both.put(np.array([1]), stands)
    both.put(np.array([0]), falls)
    joined = Dates.joined([falls, stands])
    for dates in (both, joined, joined.take(np.array([1, 0])).take(np.array([1, 0]))):
        assert (dates.fallen.tolist(), dates.alone.tolist(), dates.cause.tolist()) == ([7, -1], [-1, 0], ["default:lab", ""])
        assert (dates.state[0, 7:] == FALLEN).all()
        assert (dates.state[1] == STANDS_ALONE).all()


def test_thresholds_can_be_moved():
    sales = np.full(H, 10.0)
    sales[20:] = 5.5
    assert dated(sales).fallen[0] == -1
    assert dated(sales, definition=Definition(fallen_sales=0.6)).fallen[0] > 20


def test_standing_alone_that_a_pause_in_building_brought_about_vanishes_once_growth_is_held():
    """In the year before the start customers pay 8 of 10 a month, of which growth takes 4.

    Growth pauses to 1 from month 0: of k months, 96 of 120 - 3 k are paid, all of it in month 7. In the twelve months before,
    growth has its mean at (5 x 4 + 7 x 1) / 12 = 2.25; held there, 97.25 are spent up to month 7, and 96 paid. Where customers
    pay 12 from month 0, all is paid in month 5, though growth goes on as before; where growth paused a year ago nothing changes.
    """
    from_start = np.arange(-12, 40) >= 0
    paid = np.stack([np.full(52, 8.0), np.where(from_start, 12.0, 8.0), np.where(from_start, 8.0, 6.0), np.full(52, 8.0)])
    growth = np.stack([np.where(from_start, 1.0, 4.0), np.full(52, 4.0), np.full(52, 1.0), np.full(52, 4.0)])
    alone = np.array([7, 5, 3, -1])
    spent = 6.0 + growth
    assert alone_with_growth_held(alone, paid, spent, growth).tolist() == [-1, 5, -1, -1]
    # The third is paid too little in its first year already: it is the ratio that fails, not growth.
    assert alone_with_growth_held(np.array([7, 5, 12, -1]), paid, spent, growth).tolist() == [-1, 5, 12, -1]
    # Once a whole year stands at 8.25 in the place of 7, 96 of 99 are paid: too little at 98 %, enough at 96 %.
    for share, first in ((0.98, -1), (0.96, 7)):
        held = alone_with_growth_held(alone, paid, spent, growth, Definition(paid=share))
        assert held.tolist()[:2] == [first, 5]
