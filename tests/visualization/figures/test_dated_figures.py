"""Figures of the dated answer: what their titles may say, whose colours they have, what they name, and that they are legible."""

from __future__ import annotations

import copy
import re

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex

from perpetuum.model.observed.odds import NAMES
from perpetuum.model.words.speech import speaking
from perpetuum.runs.screen.answer_lines import _money as screen_money
from perpetuum.visualization.figures import Window
from perpetuum.visualization.figures.life_lost import draw_life_lost
from perpetuum.visualization.figures.outside_money import SOURCE_COLOURS, draw_outside_money, title_of_outside_money
from perpetuum.visualization.figures.palette import STATE_COLOURS
from perpetuum.visualization.figures.sources import source_of_run
from perpetuum.visualization.figures.states import STACKED, draw_states, title_of_states
from perpetuum.visualization.figures.unknowns import SHOWN, differ, draw_unknowns, separable, title_of_unknowns
from tests.visualization.figures.dated_summary import share, summary, year
from tests.visualization.figures.legible import check_legible, words_of

WINDOW = Window(start=24, full=30, easing=78, end=90, label="funding tight (degree 0.6)")
FIGURES = {
    "states": lambda told: draw_states(told, WINDOW),
    "outside": draw_outside_money,
    "lost": draw_life_lost,
    "unknowns": draw_unknowns,
}
ALTERED = {"overrides": {"demand.strength": 0.7, "funding.tightening": 1.0, "vendor_finance.instrument": "loan"}}
CASES = {
    "default": {},
    "one world": {"worlds": 1},
    "twelve months": {"months": 12},
    "one world, twelve months": {"worlds": 1, "months": 12},
    "fixed and altered": {"fixed": True, "unknowns": {}, **ALTERED},
}
#: Cases each half of which stands in another.
BETWEEN = ("one world", "twelve months")


@pytest.mark.filterwarnings("ignore:Glyph")  # boxes stand in for Chinese letters where no face has them
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("case", [pytest.param(case, marks=[pytest.mark.slow] * (case in BETWEEN)) for case in CASES])
@pytest.mark.parametrize("name", FIGURES)
def test_words_stay_on_the_page_and_touch_no_others(name, case, language):
    with speaking(language):
        figure = FIGURES[name](summary(**CASES[case]))
        check_legible(figure)
    plt.close(figure)


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_names_what_was_set_away_from_the_preset_and_the_seed_and_the_worlds(name):
    figure = FIGURES[name](summary(**ALTERED))
    words = words_of(figure)
    plt.close(figure)
    for told in (
        "ono_2025",
        "demand.strength = 0.7",
        "vendor_finance.instrument = loan",
        "100 worlds",
        "seed 1",
        "120 months",
    ):
        assert told in words
    assert "no unknowns drawn" in source_of_run(summary(fixed=True))
    assert "no unknowns drawn" not in source_of_run(summary())


# --- states -------------------------------------------------------------------------------------------------


def test_bands_of_states_have_their_colours_and_fill_the_whole():
    figure = draw_states(summary(), WINDOW)
    for axis in figure.axes:
        bands = axis.collections[: len(STACKED)]
        assert [to_hex(band.get_facecolor()[0]).upper() for band in bands] == [STATE_COLOURS[s] for s in STACKED.values()]
        tops = [band.get_paths()[0].vertices[:, 1].max() for band in bands]
        assert tops[-1] == pytest.approx(1.0)
    assert len(figure.axes) == 2
    assert set(STACKED) == set(NAMES.values())
    plt.close(figure)


def test_a_calm_run_has_one_panel():
    figure = draw_states(summary(months=12), WINDOW)
    assert len(figure.axes) == 1
    plt.close(figure)


def test_the_title_of_states_has_intervals_and_few_worlds_no_finding():
    title = "In September 2035, 40 to 60 % of worlds stand alone, and 26 to 45 % still spin on outside money"
    assert title_of_states(summary()) == title
    assert "too few" in title_of_states(summary(worlds=4))
    assert "only world" in title_of_states(summary(worlds=1))


# --- money from outside -------------------------------------------------------------------------------------


def test_bars_of_money_add_up_to_the_total_above_and_below_zero():
    told = summary()
    figure = draw_outside_money(told)
    axis, years = figure.axes[0], told["outside_cents"]["asked"]
    sums = np.zeros(len(years))
    for patch in axis.patches:
        sums[round(patch.get_x() + patch.get_width() / 2)] += patch.get_height()
    np.testing.assert_allclose(sums, [100 * one["mean"] for one in years.values()], atol=1e-9)
    assert {to_hex(patch.get_facecolor()).upper() for patch in axis.patches} == {c.upper() for c in SOURCE_COLOURS.values()}
    plt.close(figure)


def test_the_title_of_money_tells_of_a_change_only_where_nine_worlds_in_ten_changed():
    told = summary()
    told["odds"]["asked"][-1]["fallen"] = share(0.0)
    asked = told["outside_cents"]["asked"] = {str(y): year(0.6, 0.5, 0.7) for y in range(2026, 2030)}
    asked["2030"] = year(0.4, 0.2, 0.6)
    assert (
        title_of_outside_money(told) == "Of each dollar that AI costs in 2027, its customers leave 50 to 70 cents to others"
    )
    asked["2030"] = year(0.1, -0.1, 0.3)
    assert title_of_outside_money(told).endswith("; in 2030 no more than 30")
    asked["2030"] = year(-0.1, -0.3, -0.05)
    assert title_of_outside_money(told).endswith("; in 2030 they pay it all")
    told["odds"]["asked"][-1]["fallen"] = share(0.3)  # in fallen worlds there is little left to pay
    assert "2030" not in title_of_outside_money(told)
    asked["2027"] = year(0.1, -0.2, 0.3)
    assert "2027" not in title_of_outside_money(told)


@pytest.mark.parametrize("months", [3, 12, 14, 15, 27, 36, 48, 63, 120])
def test_headline_and_screen_tell_of_money_in_the_same_years(months):
    told, left = summary(months=months), months
    money = told["outside_cents"]["asked"] = {}
    for y in range(2025, 2037):
        of_year = min(left, 3 if y == 2025 else 12)
        left -= of_year
        if of_year:  # much less from others in 2030, so that both tell of it
            cents = 0.1 if y >= 2030 else 0.6
            money[str(y)] = year(cents, cents - 0.05, cents + 0.05, of_year) | {"with_own_use": {"median": 0.4}}
    told["odds"]["asked"][-1]["fallen"] = share(0.0)
    screen = " ".join(screen_money(told))
    said = set(re.findall(r"20\d\d", title_of_outside_money(told)))
    assert said == set(re.findall(r"20\d\d", screen))
    assert said == {"2027", "2030"} if months >= 63 else len(said) == 1


def test_no_interval_of_the_total_is_cut_off():
    told = summary()
    told["outside_cents"]["asked"]["2030"] = year(0.1, -4.0, 3.0)
    figure = draw_outside_money(told)
    low, high = figure.axes[0].get_ylim()
    plt.close(figure)
    assert low < -400
    assert high > 300


def test_the_title_of_money_tells_nothing_of_few_worlds_and_of_how_much_of_a_year_it_speaks():
    assert title_of_outside_money(summary(9)) == "On whose money AI runs, year by year"
    assert "in 2027, its customers leave" in title_of_outside_money(summary(10))
    part = summary(20)
    part["outside_cents"]["asked"] = {"2025": year(0.6, 0.5, 0.7, 3), "2026": year(0.6, 0.5, 0.7, 9)}
    assert title_of_outside_money(part).startswith(
        "Of each dollar that AI costs in 9 months of 2026, its customers leave 50 to 70"
    )


def test_where_customers_pay_more_than_ai_costs_no_title_leaves_less_than_nothing_to_others():
    told = summary()
    told["outside_cents"]["asked"] = {"2026": year(-0.26, -0.3, -0.2)}
    assert (
        title_of_outside_money(told)
        == "Of each dollar that AI costs in 2026, its customers pay all, and 20 to 30 cents more"
    )


# --- unknowns -----------------------------------------------------------------------------------------------


def test_the_title_of_the_unknowns_names_one_that_chance_does_not_explain():
    told = summary()
    assert title_of_unknowns(told) == (
        "It hangs on demand: where it is lowest, 2 to 20 % of worlds stand alone; where it is highest, 69 to 93 %"
    )
    overlapping = copy.deepcopy(told)
    overlapping["odds_by"]["demand.strength"]["high_third"]["alone"] = share(0.15, 33)
    assert not separable(overlapping, "alone", "demand.strength")
    assert "None of the unknowns" in title_of_unknowns(overlapping)


def test_more_unknowns_than_fit_on_a_page_are_counted_and_left_out():
    told = summary()
    names = [f"growth.unknown_{k}" for k in range(60)]
    ends = told["odds_by"]["labs.appetite"]
    told["odds_by"] |= {name: copy.deepcopy(ends) for name in names}
    told["decided_by_alone"] |= {name: {"share": 0.01, "low": 0.0, "high": 0.1} for name in names}
    figure = draw_unknowns(told)
    words, rows = words_of(figure), [label.get_text() for label in figure.axes[0].get_yticklabels()]
    height = figure.get_figheight()
    plt.close(figure)
    assert len(rows) == SHOWN
    assert rows[0] == "Demand"
    assert f"{64 - SHOWN} other unknowns" in words
    assert height < 14  # inches: a page


def test_the_unknowns_are_asked_about_falls_where_these_can_be_told_apart():
    told = summary()
    told["decided_by"]["demand.strength"] = {"share": 0.3, "low": 0.1, "high": 0.5}
    told["odds_by"]["demand.strength"]["low_third"]["fallen"] = share(0.7, 33)
    assert "worlds fall" in title_of_unknowns(told)
    figure = draw_unknowns(told)
    assert "Luck" in words_of(figure)
    plt.close(figure)


def test_where_all_worlds_end_alike_there_is_nothing_to_draw_of_the_unknowns():
    told = summary()
    assert differ(told)
    for ends in told["odds_by"].values():
        for third in ends.values():
            third |= {"fallen": share(1.0, 33), "alone": share(0.0, 33)}
    assert not differ(told)
    assert not differ(summary(odds_by={}))
