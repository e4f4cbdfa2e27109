"""Screens of few worlds, of one, and of short runs: each sentence says what so few can say, and none is empty."""

from __future__ import annotations

import json
import re

import pytest
from rich.console import Console

from perpetuum.model.observed.odds import FEWEST
from perpetuum.model.observed.outcome import share_and_interval
from perpetuum.model.words.speech import speaking
from perpetuum.runs import screen
from tests.runs.screen.test_screen import lines_of, odds_of, printed, spread, summary_of, whole_summary


def one_world(state="spinning"):
    """What a run of a single world says that is in a state all along."""
    told = whole_summary(0.0, 0.0, 0.79) | {"worlds": 1}
    entries = odds_of(*(float(state == name) for name in ("fallen", "alone", "smaller")))
    told["odds"] = dict.fromkeys(("asked", "loose"), entries) | dict.fromkeys(("weak_demand", "strong_demand"), entries[-1:])
    return told


def test_a_single_world_is_told_in_words_and_not_in_shares():
    out = lines_of(one_world())
    assert "In Sep 2035 the only world still spins on money from outside AI." in out
    assert "(where the only world stands)" in out
    assert "end of 2026 spinning spinning" in out
    for silly in (
        "95 % intervals, Sep",
        "nine worlds in ten",
        "0 / 0 / 0 / 100",
        "median world",
        "worlds 0 %",
        "(medians",
    ):
        assert silly not in out, silly


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("fallen", "By Sep 2035 the only world has fallen."),
        ("smaller", "In Sep 2035 the only world is smaller and pays for"),
    ],
)
def test_a_single_world_stands_where_it_stands(state, told):
    assert told in lines_of(one_world(state))


def test_of_a_single_world_it_is_told_whether_a_firm_defaults_and_no_interval_of_a_loss():
    told = one_world()
    for date, share in zip(("2026-12-01", "2028-12-01"), (0.0, 1.0), strict=True):
        for firm in told["firms"].values():
            firm["default"] = firm["default"] | {date: share_and_interval(int(share), 1)}
    told["firms"]["lead_lab"] = told["firms"]["lead_lab"] | {"breach_months": 1.0}
    out = lines_of(told)
    assert "breach by the lead lab: 1 month of 120 " in out
    assert "(by the end of 2026, 2028, 2030 and by Dec 2035; money lost per dollar owed in Oct 2025)" in out
    assert "no / yes / no / no" in out
    assert "% of worlds by" not in out


@pytest.mark.parametrize(
    ("falls", "before", "told"),
    [
        (1.0, 0.0, "the machine falls as well"),
        (0.0, 0.0, "the machine does not fall"),
        (0.0, 1.0, "the machine had fallen before"),
    ],
)
def test_of_a_single_world_it_is_told_who_defaults_first_and_when(falls, before, told):
    summary = one_world()
    first = {
        "name": "neocloud",
        "worlds": 1,
        "share": 1.0,
        "low": 0.21,
        "high": 1.0,
        "then_fallen": falls,
        "fallen_before": before,
    }
    first |= dict.fromkeys(("date", "early", "late"), "2034-08-01")
    summary["first_dominoes"] = [first, {"name": "", "worlds": 0, "share": 0.0}]
    out = lines_of(summary)
    assert f"Who goes first? the neocloud, in Aug 2034; {told}" in out
    assert "100 % (21" not in out


def test_worlds_that_all_stand_alike_are_counted():
    assert screen.answer(summary_of(1.0, 0.0)).startswith("By Sep 2035 each of 20 worlds has fallen. ")


@pytest.mark.parametrize(
    ("worlds", "lost", "told"),
    [
        (
            1,
            (5.0, 5.0, 5.0),
            "costs it 5.0 months of life (same luck with loose money): one world, which says nothing of others",
        ),
        (
            FEWEST - 1,
            (5.0, 2.0, 9.0),
            "costs 5.0 months of life a world (same luck with loose money): too few worlds to say so",
        ),
        (FEWEST - 1, (-5.0, -9.0, -2.0), "adds 5.0 months of life a world (same luck with loose money): too few worlds"),
        (
            FEWEST,
            (5.0, 2.0, 9.0),
            "costs 5.0 months of life on average, the time until a fall or the run's end (2.0 to 9.0; with loose money",
        ),
        (1, (0.0, 0.0, 0.0), "costs it no month of life."),
    ],
)
def test_what_the_tightening_costs_has_an_interval_only_of_enough_worlds(worlds, lost, told):
    assert told in screen.answer(summary_of(lost=lost) | {"worlds": worlds})


def test_other_demand_is_held_against_enough_worlds_alone_and_nothing_is_called_so():
    told = whole_summary(0.5, 0.4, 0.6)
    nothing = {"months": 0.0, "low": 0.0, "high": 0.0}
    told["demand_moved"] = {"worlds": FEWEST, "fallen": dict.fromkeys(("weak_demand", "strong_demand"), nothing)}
    assert "with half or twice the demand the same 10 worlds fall or stand as before" in lines_of(told)
    told["demand_moved"]["worlds"] = FEWEST - 1
    assert "the demand the same" not in lines_of(told)
    assert "as asked: fallen" not in lines_of(told)
    # That nothing at all changes is certain of however few.
    told["demand_moved"]["nothing"] = True
    out = lines_of(told)
    assert (
        "half or twice the demand moves neither sales nor states in any of 9 worlds: this scenario holds demand fixed" in out
    )
    both = told | {"demand_moved": told["demand_moved"] | {"worlds": 2}}
    assert "moves neither sales nor states in either world: this scenario holds demand fixed" in lines_of(both)
    assert "half the demand 50" not in out
    early = lines_of(told | {"months": 11})
    assert "half or twice the demand moves neither sales nor states in any of 9 worlds within 11 months" in early
    assert "holds demand fixed" not in early


def test_nine_worlds_in_ten_are_told_of_ten_worlds_or_more():
    told = whole_summary(0.5, 0.4, 0.6)
    told["outside_cents"]["asked"]["2026"] = told["outside_cents"]["asked"]["2026"] | {"low": 0.4, "high": 0.6}
    assert "cost in 2026, AI's customers do not pay 50 cents (nine worlds in ten 40–60; 2029: 50)" in lines_of(told)
    assert "AI's customers do not pay 50 cents (2029: 50)" in lines_of(told | {"worlds": FEWEST - 1})
    told["outside_cents"]["asked"]["2029"] = told["outside_cents"]["asked"]["2029"] | {"median": -0.06}
    assert "(in 2029 they pay all, and 6 more)" in lines_of(told | {"worlds": FEWEST - 1})


def test_a_year_of_which_only_months_are_judged_is_told_as_such():
    told = whole_summary(0.5, 0.4, 0.6)
    cents = told["outside_cents"]["asked"]["2026"]
    told["outside_cents"] = {
        key: {"2025": cents | {"months": 3}, "2026": cents | {"months": 9}} for key in ("asked", "loose")
    }
    assert "of each dollar that running and building AI cost in 9 months of 2026, AI's customers do not pay" in lines_of(
        told
    )


def test_cash_that_is_laid_by_is_no_source_and_cash_run_down_is_one():
    told = whole_summary(0.5, 0.4, 0.6)
    assert "laid by as cash −1234" in lines_of(told)
    for cents in told["outside_cents"]["asked"].values():
        cents["by_source"]["cash"] = 0.07
        cents["mean"] = sum(cents["by_source"].values())
    assert "cash run down +7" in lines_of(told)


@pytest.mark.parametrize(
    ("month", "told"), [(9, "2028: 50 % (40–60) of those not fallen fall"), (3, "2028: of those not fallen 50 %")]
)
def test_falls_of_a_part_of_a_year_are_told_as_the_rate_of_a_whole_one(month, told):
    summary = whole_summary(0.5, 0.4, 0.6, within_run=False)
    rates = {"2026": 0.1, "2027": 0.1, "2028": 0.5}
    hazard = {year: {"rate": rate, "low": 0.4, "high": 0.6} for year, rate in rates.items()}
    summary["hazard"] = {"asked": hazard, "loose": hazard}
    summary["odds"]["asked"] = odds_of(0.5, 0.5, months=30 + month)  # from October 2025 on
    assert told in lines_of(summary)


@pytest.mark.parametrize(
    ("fallen", "shedding", "told"),
    [
        ((0, 20), (0, 0), "; no world has fallen within 60 months"),
        (
            (18, 20),
            (17, 18),
            "; yet half of the worlds have fallen after 9 months, 90 % (70–97) after 60 months: firms that walk away from",
        ),
        (
            (18, 20),
            (9, 18),
            "; yet half of the worlds have fallen after 9 months, 90 % (70–97) after 60 months: firms may pay all that they owe",
        ),
    ],
)
def test_why_worlds_fall_after_a_stop_is_told_only_where_most_falls_begin_so(fallen, shedding, told):
    summary = whole_summary(0.5, 0.4, 0.6)
    paying = {"never": share_and_interval(20, 20), "fallen": share_and_interval(*fallen), "watched": 60, "month": None}
    summary["stop_test"] = paying | {"shedding": share_and_interval(*shedding), "half_fallen": 9 if fallen[0] > 10 else None}
    assert told in lines_of(summary)


def test_months_and_worlds_stand_in_the_singular_where_there_is_one():
    told = one_world()
    told["stop_test"] = {"month": None, "never": share_and_interval(1, 1), "fallen": share_and_interval(0, 1), "watched": 1}
    out = lines_of(told)
    assert "all core firms still pay 1 month later; no world has fallen within 1 month what decides" in out
    assert "1 months" not in out


def test_vendor_finance_that_moves_no_cent_is_told_so():
    told = whole_summary(0.5, 0.4, 0.6)
    told["circularity"]["unlocked_per_dollar"] = spread(-0.004)
    out = lines_of(told)
    assert "a dollar of vendor finance brought or displaced less than a cent from outside the machine" in out
    assert "$0.00" not in out


def test_who_goes_first_is_told_with_the_worlds_that_it_is_of():
    told = whole_summary(0.5, 0.4, 0.6)
    told["first_dominoes"][0] |= {"worlds": 8, "then_fallen": 0.75}
    assert "the leveraged cloud 50 % (40–60) Nov 2028 Oct 2028–Dec 2028 in 6 of 8" in lines_of(told)


@pytest.mark.parametrize("width", [80, 90, 100])
def test_a_rung_of_the_ladder_takes_one_line_and_tells_an_interval_of_enough_worlds(width):
    told = whole_summary(1.0, 0.963, 1.0)
    for rung in told["ladder"]:
        rung["life_lost"] = {"months": -12.3, "low": -35.4, "high": 10.1}
    lines = [line.strip() for line in printed(told, width).splitlines()]
    rungs = [line for line in lines if re.match(r"\d\.\d +\+300 bp", line)]
    assert len(rungs) == 6
    assert all(line.endswith("100 % (96–100) 100 % (96–100) −12 (−35 to 10)") for line in rungs)
    few = printed(told | {"worlds": FEWEST - 1}, width).splitlines()
    assert sum(line.rstrip().endswith("(96–100) −12.3") for line in few) == 6


@pytest.mark.parametrize("state", ["fallen", "alone", "smaller", "spinning"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_screen_of_one_world_is_cut_nowhere(state, language):
    with speaking(language):
        out = printed(one_world(state))
    assert "…" not in out
    assert "{" not in out


def test_a_run_of_an_earlier_day_is_told_without_what_it_does_not_know():
    told = json.loads(json.dumps(whole_summary(0.5, 0.4, 0.6)))
    del told["stop_test"]["shedding"]
    told["stop_test"]["month"] = None
    screen.show(told, Console(width=80, quiet=True))
