"""Figures of the dated answer: what their titles may say, whose colours they have, what they name, and that they are legible."""

from __future__ import annotations

import copy
import datetime
import re

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex

from perpetuum.model.observed.odds import NAMES, share_of
from perpetuum.model.words.speech import speaking
from perpetuum.runs.screen.odds import _money as screen_money
from perpetuum.visualization.figures import Window
from perpetuum.visualization.figures.life_lost import draw_life_lost, title_of_life_lost
from perpetuum.visualization.figures.outside_money import SOURCE_COLOURS, draw_outside_money, title_of_outside_money
from perpetuum.visualization.figures.palette import STATE_COLOURS
from perpetuum.visualization.figures.sources import source_of_run
from perpetuum.visualization.figures.states import STACKED, draw_states, title_of_states
from perpetuum.visualization.figures.unknowns import SHOWN, differ, draw_unknowns, separable, title_of_unknowns
from tests.visualization.figures.legible import check_legible, words_of

WINDOW = Window(start=24, full=30, easing=78, end=90, label="funding tight (degree 0.6)")
UNKNOWNS = ("demand.strength", "labs.appetite", "contracts.reserve_share", "technology.value_kept")


def share(part, worlds=100):
    return share_of(np.arange(worlds) < round(part * worlds))


def odds(worlds, months):
    entries = []
    for month in range(months):
        fallen, alone, smaller = (round(part * month / max(months, 2) * worlds) / worlds for part in (0.1, 0.5, 0.05))
        parts = {"fallen": fallen, "alone": alone, "smaller": smaller, "spinning": 1 - fallen - alone - smaller}
        date = datetime.date(2025 + (9 + month) // 12, (9 + month) % 12 + 1, 1).isoformat()
        entries.append({"month": month, "date": date} | {name: share(part, worlds) for name, part in parts.items()})
    return entries


def year(cents, low, high, months=12):
    sources = {"other_business": 1.2 * cents + 0.8, "shares": 0.1, "credit": -0.2, "states": 0.02}
    sources["cash"] = cents - sum(sources.values())
    return {"median": cents, "mean": cents, "low": low, "high": high, "by_source": sources, "months": months}


def summary(worlds=100, months=120, **more):
    last = 2025 + (months + 8) // 12
    money = {
        str(y): year(0.6 - 0.1 * k, 0.55 - 0.12 * k, 0.65 - 0.08 * k) for k, y in enumerate(range(2026, max(last, 2027)))
    }
    ends = {name: ({"fallen": share(0.05, 33), "alone": share(0.4, 33), "range": [0, 1]},) * 2 for name in UNKNOWNS}
    ends["demand.strength"] = (
        {"fallen": share(0.06, 33), "alone": share(0.06, 33), "range": [0.4, 0.9]},
        {"fallen": share(0.0, 33), "alone": share(0.85, 33), "range": [1.2, 3.0]},
    )
    table = [[0.0, 0.5, 13.0], [0.0, 0.0, 8.0], [0.0, 0.0, -1.0]]
    return {
        "preset": "ono_2025",
        "overrides": {},
        "fixed": False,
        "unknowns": {name: [0, 1] for name in UNKNOWNS},
        "seed": 1,
        "worlds": worlds,
        "months": months,
        "first_month": "2025-10-01",
        "tightening": {"within_run": months > 24, "theta": 0.6, "start_month": 24},
        "odds": {"asked": odds(worlds, months), "loose": odds(worlds, months)},
        "outside_cents": {"asked": {"2025": year(0.61, 0.6, 0.63, 3), **money}},
        "life_lost_map": {
            "starts": [0, 12, 24], "strengths": [0.25, 0.5, 1.0], "months": table, "worlds": min(worlds, 12), "within": 60,
            "low": [[0.0, 0.0, 5.0], [0.0, 0.0, 2.0], [0.0, 0.0, -3.0]],
            "high": [[0.0, 1.6, 21.0], [0.0, 0.0, 13.0], [0.0, 0.0, 0.5]],
            "unconditional": [[0.0, 2.0, 38.0], [0.0, 0.0, 30.0], [0.0, 0.0, 6.0]],
            "unconditional_low": [[0.0, -1.0, 20.0], [0.0, 0.0, 11.0], [0.0, 0.0, -2.0]],
            "unconditional_high": [[0.0, 4.0, 55.0], [0.0, 0.0, 47.0], [0.0, 0.0, 14.0]],
            "beyond_chance": [[False, False, True], [False, False, True], [False, False, False]],
        },
        "history": [{"name": name, "theta": theta} for name, theta in (("2000-02", 0.8), ("2008", 0.45), ("2022", 0.58))],
        "decided_by": {name: {"share": 0.02, "low": 0.0, "high": 0.09} for name in UNKNOWNS}
        | {"luck": {"share": 0.9, "low": 0.7, "high": 1.0}},
        "decided_by_alone": {name: {"share": 0.03, "low": 0.0, "high": 0.1} for name in UNKNOWNS}
        | {"demand.strength": {"share": 0.44, "low": 0.28, "high": 0.62}},
        "odds_by": {name: dict(zip(("low_third", "high_third"), both, strict=True)) for name, both in ends.items()},
        **more,
    }  # fmt: skip


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
    screen = screen_money(told)
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


# --- life lost ----------------------------------------------------------------------------------------------


def test_the_title_of_the_map_tells_the_interval_of_a_cell_that_is_above_zero():
    told = summary()
    title = "Only at full strength does a tightening surely cost life: 5 to 21 months in 5 years if it comes in October 2025"
    assert title_of_life_lost(told) == title
    told["life_lost_map"]["beyond_chance"] = [[False] * 3] * 3
    assert title_of_life_lost(told).startswith("With 12 worlds a cell, luck alone could bring what any one")
    assert (
        title_of_life_lost(summary(worlds=2)) == "What a tightening costs in months of life, by when and how hard it comes"
    )


def test_the_title_of_the_map_says_from_a_degree_on_only_where_every_higher_one_costs_life_too():
    told = summary()
    found = told["life_lost_map"]
    found["beyond_chance"] = [[False, True, True], [False, False, True], [False, False, False]]
    assert title_of_life_lost(told).startswith("Only from degree 0.5 on does a tightening surely cost life")
    found["beyond_chance"] = [[False, True, False], [False, False, False], [False, False, False]]
    assert title_of_life_lost(told).startswith("At a degree of 0.5 a tightening costs life: ")


def test_life_is_not_counted_beyond_the_end_of_the_run():
    figure = draw_life_lost(summary())
    assert "Within 60 months of the start" in words_of(figure)
    plt.close(figure)
    figure = draw_life_lost(summary(months=72))
    assert "Within 60 months of the start or to the end of the run" in words_of(figure)
    plt.close(figure)
    short = summary(months=48)
    figure = draw_life_lost(short)  # both panels reach to the end of the run, and say of which worlds
    assert [name in words_of(figure) for name in ("Within", "Worlds not fallen when it begins", "All worlds")] == [0, 1, 1]
    plt.close(figure)
    assert "months in 4 years if it comes" in title_of_life_lost(short)


def test_where_no_world_loses_a_month_the_title_of_the_map_says_so_and_not_that_luck_hides_it():
    told = summary()
    nothing = [[0.0] * 3] * 3
    spans = ("months", "low", "high", "unconditional", "unconditional_low", "unconditional_high")
    told["life_lost_map"] |= dict.fromkeys(spans, nothing) | {"beyond_chance": [[False] * 3] * 3}
    assert title_of_life_lost(told).startswith("No tightening costs any of 12 worlds a month of life")
    told["life_lost_map"]["unconditional_high"] = [[0.0, 0.0, 0.4], *nothing[1:]]
    assert title_of_life_lost(told).startswith("With 12 worlds a cell, luck alone could bring")


def test_the_map_marks_past_squeezes_and_has_a_number_in_each_cell():
    figure = draw_life_lost(summary())
    words = words_of(figure)
    assert all(name in words for name in ("2000-02", "2008", "2022"))
    assert [text.get_text() for text in figure.axes[1].texts if text.get_text() == "38"] == ["38"]
    bold = [
        text.get_text() for text in figure.axes[0].texts if text.get_weight() == "bold" and text.get_text()[:1].isdigit()
    ]
    assert bold == ["13", "8.0"]
    assert "20 to 55" in words  # to the end of the run too
    assert "lose less to a harder" not in words  # a run of an earlier day does not know
    plt.close(figure)
    told = summary()
    told["life_lost_map"] |= {"backwards": [1, 3, 0], "pairs": [[12] * 3, [11] * 3, [9] * 3]}
    figure = draw_life_lost(told)
    words = "Worlds that lose less to a harder tightening than to a milder one: 3 of 11 from one start at most."
    assert words in words_of(figure)
    plt.close(figure)


#: Squeezes of the past, how far each tightened; those in the middle are slow.
MARKS = [(0.6, 0.45, 0.65), pytest.param((0.8, 0.45, 0.58), marks=pytest.mark.slow), (0.5, 0.5, 0.5), (0.98, 0.2, 1.0)]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Glyph")
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("marks", MARKS)
@pytest.mark.parametrize("steps", [10, 3])
def test_a_finer_map_is_legible_with_squeezes_close_together_and_has_no_room_for_intervals(steps, marks, language):
    told, strengths = summary(), [round((k + 1) / steps, 2) for k in range(steps)]
    months = np.outer([1.0, 0.5, 0.0, -0.1], np.linspace(0, 30, steps))
    tables = {"months": months, "low": months - 4, "high": months + 6, "unconditional": 1.3 * months}
    tables |= {"unconditional_low": months - 5, "unconditional_high": months + 9, "beyond_chance": months > 4}
    told["life_lost_map"] |= {"starts": [0, 6, 12, 18], "strengths": strengths, "worlds": 100}
    told["life_lost_map"] |= {name: table.tolist() for name, table in tables.items()}
    told["history"] = [{"name": one["name"], "theta": mark} for one, mark in zip(told["history"], marks, strict=True)]
    with speaking(language):
        figure = draw_life_lost(told)
        if len(set(marks)) == 3:
            check_legible(figure)
        words = words_of(figure)
    plt.close(figure)
    assert all(one["name"] in words for one in told["history"])
    if language == "en":
        assert ("26 to 36" in words.replace("26 to 36 months", "")) == (steps == 3)
        assert ("Small figures" in words) == (steps == 3)


def shade_of(figure, panel, row, column):
    picture = figure.axes[panel].collections[0]
    return picture.to_rgba(picture.get_array()[row, column])[:3]


def test_months_gained_have_another_hue_as_dark_as_as_many_lost_and_nothing_has_neither():
    told = summary()
    table = [[0.0, 8.0, 2.0], [0.0, -8.0, -2.0], [0.0, 0.0, 0.0]]
    told["life_lost_map"] |= {"months": table, "unconditional": table}
    figure = draw_life_lost(told)
    nothing, lost, gained = (shade_of(figure, 0, row, column) for row, column in ((0, 0), (0, 1), (1, 1)))
    assert lost[0] > lost[2]  # red
    assert gained[2] > gained[0]  # blue
    assert min(nothing) > 0.85
    assert sum(gained) == pytest.approx(sum(lost), abs=0.5)
    assert sum(shade_of(figure, 1, 1, 2)) > sum(gained)
    assert figure.axes[2].get_xlim() == pytest.approx((-8.0, 8.0))
    assert "below zero: gained" in words_of(figure)
    plt.close(figure)
    told["life_lost_map"] |= {"months": np.abs(table).tolist(), "unconditional": np.abs(table).tolist()}
    figure = draw_life_lost(told)
    assert figure.axes[2].get_xlim() == pytest.approx((0.0, 8.0))
    assert "gained" not in words_of(figure)
    plt.close(figure)


@pytest.mark.parametrize(
    ("months", "told"),
    [
        (120, "so that early and late starts compare. Right: all worlds, where late starts lose less by construction."),
        (72, "starts from October 2027 on have less time left in the run, and so less to lose. Right: all worlds, where"),
        (36, "Both count to the end of the run: the later the start, the less there is to lose."),
    ],
)
def test_early_and_late_starts_compare_only_where_all_have_the_same_time(months, told):
    figure = draw_life_lost(summary(months=months))
    words = words_of(figure)
    plt.close(figure)
    assert told in words
    assert ("early and late starts compare" in words) == (months == 120)


def test_the_map_says_of_how_many_of_the_runs_worlds_its_cells_are_and_which_panel_is_bold():
    told = summary()
    told["life_lost_map"] |= {"pairs": [[12] * 3, [11] * 3, [10] * 3]}
    figure = draw_life_lost(told)
    words = words_of(figure)
    plt.close(figure)
    assert "in each cell 10 to 12 of the run’s 100 worlds" in words.replace("'", "’")
    assert "bold (left alone): more than chance would bring" in words
    told["worlds"] = 12
    figure = draw_life_lost(told)
    words = words_of(figure)
    plt.close(figure)
    assert "in each cell 10 to 12 worlds, same luck" in words


def test_the_map_says_what_full_tightening_is_and_how_past_squeezes_stand_on_that_scale():
    full = {"rate_bp": -422.0, "spread_bp": 1770.0, "venture_lost": 0.35}
    figure = draw_life_lost(summary(at_full_tightening=full))
    words = words_of(figure)
    plt.close(figure)
    assert "Degree of tightening: 1 is policy rate −422 bp, credit spreads +1770 bp, 35 % less venture money." in words
    assert "each 0 where it went the other way and 1 at most" in words
    assert "Full tightening is here" not in words
    figure = draw_life_lost(summary(at_full_tightening=full, like={"name": "2008", "set": {}}))
    assert "Full tightening is here that of 2008, so that other squeezes stand elsewhere" in words_of(figure)
    plt.close(figure)


def test_a_start_before_which_all_have_fallen_is_left_blank():
    told = summary()
    for part in ("months", "low", "high"):
        told["life_lost_map"][part][2] = [None, None, None]
    figure = draw_life_lost(told)
    check_legible(figure)
    plt.close(figure)


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
