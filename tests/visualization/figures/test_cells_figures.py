"""Figures of one channel at a time and of the stop test: words on the page, signs in colour, what lies beyond the scale."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb

from perpetuum.model.observed.odds import share_of
from perpetuum.model.words.speech import speaking
from perpetuum.runs.questions.channels import CHANNELS, TOGETHER
from perpetuum.runs.questions.stop_test import CORE, EVENTS
from perpetuum.visualization.figures.channels import draw_channels
from perpetuum.visualization.figures.palette import PAPER, STATE_COLOURS
from perpetuum.visualization.figures.stop_test import draw_stop_test
from tests.visualization.figures.legible import check_legible, words_of

ABOUT = {"preset": "ono_2025", "overrides": {}, "worlds": 100, "months": 120, "seed": 1, "first_month": "2025-10-01"}


def channels(starts=(3, 12, 36), worlds=100, pairs=80, **effects):
    """A summary in which each channel costs so many months, one either way being its interval."""

    def cell(channel, start):
        months = effects.get(channel, 0.0)
        lost = {"months": months, "low": months - 1.0, "high": months + 1.0, "sign": int(np.sign(months))}
        whole = {name: 1.5 * value for name, value in lost.items()}
        return (lost if pairs else dict.fromkeys(lost)) | {"start": start, "pairs": pairs, "unconditional": whole}

    rows = [{"channel": one, "cells": [cell(one, start) for start in starts]} for one in (TOGETHER, *CHANNELS)]
    found = {"starts": list(starts), "strength": 1.0, "within": 60, "worlds": worlds, "rows": rows}
    return {**ABOUT, "question": "channels", "failed_worlds": 0, "channels": found}


def stops(months=(0, 12, 24, 36), events=EVENTS, worlds=100):
    """A summary in which so many worlds are spared, fewer and fewer."""
    share = share_of(np.arange(4) < 2)
    rows = []
    for place, stop in enumerate(months):
        curve = np.linspace(1.0, 0.2 * place, 120 - stop).tolist() if worlds else []
        waits = {"low": 4, "median": 20 if place % 2 else None, "high": None, "never": share, "curve": curve}
        row = {"stop": stop, "worlds": worlds, "watched": 120 - stop, **dict.fromkeys(events, waits)}
        rows.append(row | {"first_of_core": dict.fromkeys(CORE, share)})
    return {**ABOUT, "question": "stop_test", "failed_worlds": 0, "events": list(events), "stops": rows}


CASES = {
    "channels": lambda: draw_channels(channels(together=46.0, venture=-5.0, rollover=8.0, spreads=6.0)),
    "channels, nothing": lambda: draw_channels(channels()),
    "channels, one start": lambda: draw_channels(channels(starts=(0,), rate=3.0)),
    "channels, five starts": lambda: draw_channels(channels(starts=(0, 6, 12, 24, 48), rate=3.0)),
    "channels, few": lambda: draw_channels(channels(worlds=2)),
    "channels, nobody": lambda: draw_channels(channels(pairs=0)),
    "stops": lambda: draw_stop_test(stops()),
    "one stop": lambda: draw_stop_test(stops((100,))),
    "many stops": lambda: draw_stop_test(stops(tuple(range(0, 84, 12)))),
    "no neocloud": lambda: draw_stop_test(stops(events=tuple(one for one in EVENTS if one != "neocloud"))),
    "no world stands": lambda: draw_stop_test(stops(worlds=0)),
}
#: Cases with fewer words than others, in the same places.
BETWEEN = ("channels, few", "channels", "no neocloud")


@pytest.mark.filterwarnings("ignore:Glyph")  # boxes stand in for Chinese letters where no face has them
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("case", [pytest.param(case, marks=[pytest.mark.slow] * (case in BETWEEN)) for case in CASES])
def test_words_stay_on_the_page_and_touch_no_others(case, language):
    with speaking(language):
        figure = CASES[case]()
        check_legible(figure)
    plt.close(figure)


def test_signs_are_told_apart_by_colour_and_what_lies_beyond_the_scale_is_an_arrow():
    figure = draw_channels(channels(starts=(3,), together=46.0, venture=-5.0, rollover=8.0))
    axis = figure.axes[0]
    points = {
        round(float(line.get_ydata()[0]) + 0.1): (line.get_marker(), to_hex(line.get_color()))
        for line in axis.lines
        if line.get_marker() not in ("None", None) and line.get_markerfacecolor() == line.get_color()
    }
    names = [label.get_text() for label in axis.get_yticklabels()]
    told = {name: points[row] for row, name in enumerate(names)}
    assert told["All together"] == (">", STATE_COLOURS["fallen"].lower())
    assert told["Debt roll-over"] == ("o", STATE_COLOURS["fallen"].lower())
    assert told["Venture money"] == ("o", STATE_COLOURS["stands_alone"].lower())
    assert told["Policy rates"][1] not in (one.lower() for one in STATE_COLOURS.values())
    assert "46 (45 to 47)" in words_of(figure)
    plt.close(figure)


def test_every_stop_has_its_line_as_long_as_it_was_watched():
    figure = draw_stop_test(stops((0, 36)))
    assert [len(line.get_xdata()) for line in figure.axes[0].lines] == [120, 84]
    assert words_of(figure).count("Oct 2028") >= len(EVENTS)
    plt.close(figure)


def test_a_panel_of_stops_says_that_it_counts_who_is_spared_and_its_lines_can_be_read_and_are_whole():
    figure = draw_stop_test(stops())
    assert words_of(figure).count("Not yet, % of worlds") == len(EVENTS)
    paper = luminance(to_rgb(PAPER))
    for line in figure.axes[0].lines:
        assert not line.get_clip_on()  # one that stays at 100 is drawn in full
        assert (paper + 0.05) / (luminance(to_rgb(line.get_color())) + 0.05) > 3  # WCAG 2.2, 1.4.11
    plt.close(figure)


def luminance(colour):
    """Relative luminance (WCAG 2.2) of red, green and blue."""
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))
