"""The map of life lost: what its title may say, how losses and gains look, which starts compare, where past squeezes stand."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib import pyplot as plt

from perpetuum.model.words.speech import speaking
from perpetuum.visualization.figures.life_lost import draw_life_lost, title_of_life_lost
from tests.visualization.figures.dated_summary import summary
from tests.visualization.figures.legible import check_legible, words_of


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
    assert [text.get_text() for text in figure.axes[1].texts if text.get_text() == "38.0"] == ["38.0"]
    bold = [
        text.get_text() for text in figure.axes[0].texts if text.get_weight() == "bold" and text.get_text()[:1].isdigit()
    ]
    assert bold == ["13.0", "8.0"]
    assert "20.0 to 55.0" in words  # to the end of the run too
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
        assert ("26.0 to 36.0" in words) == (steps == 3)  # as the cell beside it has it, whose other ones are of half months
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
    assert "Full tightening is here that of 2008 (partly estimated or derived), so that other squeezes stand" in words_of(
        figure
    )
    plt.close(figure)


def test_a_start_before_which_all_have_fallen_is_left_blank():
    told = summary()
    for part in ("months", "low", "high"):
        told["life_lost_map"][part][2] = [None, None, None]
    figure = draw_life_lost(told)
    check_legible(figure)
    plt.close(figure)
