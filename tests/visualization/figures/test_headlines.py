"""Headlines of the figures of a run: what they compare, and from which degree on the machine falls."""

from __future__ import annotations

import datetime
import re
import types

import numpy as np
import pytest

from perpetuum.model.observed.odds import FEWEST
from perpetuum.visualization.figures import run_figures as draw
from perpetuum.visualization.figures.ladder import ladder_title


def fan_title(asked, loose, *, within_run=True, spread=(0.0, 0.0, 0.0)):
    """Headline for medians of 48 months, the first half calm and alike; `spread`: by how much each world as asked differs.

    Three worlds stand for twelve, four times each.
    """
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
    assert fan_title((9, 5), (10, 10), within_run=False).startswith("The chip vendors' revenue ends 50 % below its start")


def test_the_worst_of_many_months_is_no_finding_where_nothing_but_luck_parts_the_arms():
    """Of forty pairs of arms that differ by luck alone few headlines may claim a loss or a gain, though each picks its month."""
    claims = 0
    for seed in range(40):
        luck = np.random.default_rng(seed)
        loose = 50 * np.exp(0.5 * luck.normal(size=(40, 1)) + np.zeros((1, 48)))
        drift = np.repeat(luck.normal(size=(40, 12)), 4, axis=1)  # each quarter of a year's own
        worlds = {"asked": loose * np.exp(0.4 * drift), "loose": loose}
        curves = {name: {"vendor_revenue": values} for name, values in worlds.items()}
        drawn = types.SimpleNamespace(curves=curves, dates=[datetime.date(2025, 10, 1)])
        title = draw._fan_title(drawn, {"seed": 1, "tightening": {"within_run": True, "start_month": 0}})
        claims += "takes" in title or "adds" in title
    assert claims <= 6  # more than six of forty at 5 % each: three in a thousand


def paid(worlds=100):
    """What the titles of who pays the vendors are made from: nine worlds in ten, and means beside them."""
    parts = {"customers": (0.25, 0.12, 0.41), "others": (0.5, 0.5, 0.504), "own": (0.03, 0.0, 0.062)}
    spreads = {who: dict(zip(("median", "low", "high"), ends, strict=True)) for who, ends in parts.items()}
    rings = {"own_money_share": spreads["own"], "non_customer_share": spreads["customers"]}
    mix = {"customers": 0.3, "other_customers": 0.5, "lap_1": 0.2}
    return {"worlds": worlds, "paid_with": mix, "paid_with_worlds": spreads, "circularity": rings}


def test_who_paid_the_vendors_is_told_of_nine_worlds_in_ten_and_of_few_worlds_not_at_all():
    assert draw._funds_title(paid()) == (
        "Customers of AI paid 12 to 41 % of the chip vendors' revenue, the clouds' other business 50 %; 0 to 6 % was the "
        "vendors' own money"
    )
    assert draw._funds_title(paid(FEWEST - 1)) == "Whose money paid the chip vendors"
    before = {name: value for name, value in paid().items() if name != "paid_with_worlds"}
    assert draw._funds_title(before) == "Whose money paid the chip vendors"  # a run of an earlier day does not know
    assert "50 %" in draw._funds_title(paid(1))
    nothing = paid()
    nothing["paid_with_worlds"]["others"] = dict.fromkeys(("median", "low", "high"), 0.0)
    assert draw._funds_title(nothing) == (
        "Customers of AI paid 12 to 41 % of the chip vendors' revenue; 0 to 6 % was the vendors' own money"
    )


def test_the_ring_is_told_of_nine_worlds_in_ten_and_of_few_worlds_not_at_all():
    assert "$0 to $6 is their own money" in draw._ring_title(paid())
    assert draw._ring_title(paid(FEWEST - 1)) == "The ring of money, by whose money it is"


@pytest.mark.parametrize(
    ("fell", "headline"),
    [
        ((0, 0, 0), "However far funding tightens, the machine falls in none of 20 worlds"),
        ((0, 0, 6), "Only the tightest money brings the machine down, in 6 of 20 worlds"),
        ((0, 0, 3), "At no degree of tightening does the machine fall in more than 3 of 20 worlds"),
        ((0, 5, 20), "The machine falls in no world below a tightening of 0.5 and in all 20 worlds at 1"),
        ((1, 0, 9), "The machine falls in 1 of 20 worlds with loose money and in 9 of 20 worlds with the tightest"),
        ((7, 9, 7), "The machine falls in 7 of 20 worlds with loose money and in as many with the tightest"),
        ((0, 1, 0), "At no degree of tightening does the machine fall in more than 1 of 20 worlds"),
    ],
)
def test_the_headline_of_the_ladder_says_from_which_degree_on_the_machine_falls(fell, headline):
    rungs = [{"theta": k / 2, "odds": {"fallen": {"share": worlds / 20}}} for k, worlds in enumerate(fell)]
    assert ladder_title({"worlds": 20, "ladder": rungs}) == headline
