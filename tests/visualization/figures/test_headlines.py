"""Headlines of the figures of a run: what they compare, and from which degree on the machine falls."""

from __future__ import annotations

import datetime
import re

import numpy as np
import pytest

from perpetuum.visualization.figures import run_figures as draw
from perpetuum.visualization.figures.ladder import ladder_title


def fan_title(asked, loose, *, within_run=True, spread=(0.0, 0.0, 0.0)):
    """Headline for medians of 48 months, the first half calm and alike; `spread`: by how much each world as asked differs.

    Three worlds stand for twelve, four times each.
    """
    import types

    spread = spread * 4 if len(spread) == 3 else spread

    def months(last, apart):
        line = np.array([10.0] * 24 + list(np.linspace(10.0, last[0], 12)) + [last[1]] * 12)
        return line + np.array(apart)[:, None]

    first = datetime.date(2025, 10, 1)
    both = {"asked": (asked, spread), "loose": (loose, [0.0] * len(spread))}
    curves = {name: {"vendor_revenue": months(*one)} for name, one in both.items()}
    drawn = types.SimpleNamespace(curves=curves, dates=[first])
    return draw._fan_title(drawn, {"seed": 1, "tightening": {"within_run": within_run, "start_month": 24}})


def test_the_fan_charts_headline_compares_the_same_months():
    assert fan_title((5, 10), (10, 10)) == (
        "Tight money takes 50 % off the chip vendors' revenue in 2028; at the end it is back"
    )
    assert fan_title((5, 12), (10, 10)).endswith("in 2028; by the end it is 20 % higher than with loose money")
    assert fan_title((5, 8), (10, 10)).endswith("in 2028; at the end it is still 20 % short")
    assert fan_title((8, 5), (10, 10)).endswith("takes 50 % off the chip vendors' revenue in 2028")
    assert fan_title((10, 12), (10, 10)) == "Tight money adds 20 % to the chip vendors' revenue in 2028"
    assert fan_title((9.8, 10.3), (10, 10)).startswith("Tight money hardly touches")
    assert fan_title((0, 0), (0, 0)).startswith("Tight money hardly touches")
    assert fan_title((8, 5), (10, 10), spread=(-4.0, 0.0, 9.0)).endswith("cannot be told from chance")
    few = [0.0, 1.0, 2.0, 3.0, 4.0] * 3
    assert re.match(r"Tight money takes \d+ to \d+ % off .* in 2028$", fan_title((2, 7), (10, 10), spread=few))
    assert fan_title((5, 10), (10, 10), spread=(0.0,) * 9) == "The chip vendors' revenue in too few worlds for a finding"
    assert fan_title((5, 10), (10, 10), spread=(0.0,)) == "The chip vendors' revenue in a single world"
    assert fan_title((9, 5), (10, 10), within_run=False).startswith("The chip vendors' revenue ends 50 % below today's")


@pytest.mark.parametrize(
    ("fell", "headline"),
    [
        ((0, 0, 0), "However far funding tightens, the machine falls in none of 20 worlds"),
        ((0, 0, 6), "Only the tightest money brings the machine down, in 6 of 20 worlds"),
        ((0, 0, 3), "At no degree of tightening does the machine fall in more than 3 of 20 worlds"),
        ((0, 5, 20), "The machine falls in no world below a tightening of 0.5 and in all 20 worlds at 1"),
        ((1, 0, 9), "The machine falls in 1 of 20 worlds with loose money and in 9 of 20 worlds with the tightest"),
        ((0, 1, 0), "At no degree of tightening does the machine fall in more than 1 of 20 worlds"),
    ],
)
def test_the_headline_of_the_ladder_says_from_which_degree_on_the_machine_falls(fell, headline):
    rungs = [{"theta": k / 2, "odds": {"fallen": {"share": worlds / 20}}} for k, worlds in enumerate(fell)]
    assert ladder_title({"worlds": 20, "ladder": rungs}) == headline
