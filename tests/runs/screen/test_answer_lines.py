"""Each line of the answer on the screen of a run: what it says, and that it says no more than its figures."""

from __future__ import annotations

import pytest

from perpetuum.model.books.payment_kinds import SOURCES as FUNDED_BY
from perpetuum.model.observed.outcome import share_and_interval
from perpetuum.model.words.speech import say
from tests.runs.screen.test_screen import SIDES, lines_of, spread, summary_of, whole_summary

SURE = {"share": 1.0, "low": 0.9, "high": 1.0}


def test_customers_who_pay_more_than_all_leave_no_cents_below_nothing():
    told = whole_summary(0.5, 0.4, 0.6)
    cents = {"mean": -0.26, "by_source": dict.fromkeys((*FUNDED_BY, "cash"), -0.001), "months": 12}
    cents |= {"median": -0.26, "low": -0.3, "high": -0.2, "with_own_use": spread(-0.5)}
    told["outside_cents"] = {key: {"2026": cents} for key in ("asked", "loose")}
    out = lines_of(told)
    assert "pay all that running and building cost in 2026, and 26 cents a dollar more (nine worlds in ten 20 to 30)" in out
    assert "counting clouds' own use as a sale and a cost, 50 cents more than all" in out
    assert "-2" not in out
    assert "+0" not in out
    assert "−0 " not in out
    assert "−0," not in out


def test_a_firm_that_could_not_pay_is_not_said_to_pay():
    told = whole_summary(0.5, 0.4, 0.6)
    told["stop_test"] |= {"month": 1.0, "median": 1.0, "low": 1.0, "high": 1.0}
    out = lines_of(told)
    told_so = "a core firm could not pay after 1 month; half of the worlds have fallen after 31 months, 50 % (40–60) after"
    assert told_so in out
    assert "can pay" not in out


@pytest.mark.parametrize(("month", "alone", "is_told"), [(1.0, 0.6, True), (1.0, 0.4, False), (None, 0.6, False)])
def test_a_machine_that_stands_alone_and_cannot_pay_after_a_stop_is_told_why(month, alone, is_told):
    told = whole_summary(0.5, 0.4, 0.6)
    told["stop_test"] |= {"month": month, "median": 1.0, "low": 1.0, "high": 1.0}
    told["odds"]["asked"] = [odds | {"alone": odds["alone"] | {"share": alone}} for odds in told["odds"]["asked"]]
    assert ("without the stop the machine stands alone: customers pay for all of it together" in lines_of(told)) == is_told


def test_a_year_is_the_worst_only_where_its_interval_leaves_those_of_the_others_out():
    told = whole_summary(0.5, 0.4, 0.6)
    rates = {"2030": (0.1, 0.05, 0.2), "2031": (0.5, 0.3, 0.7), "2032": (0.4, 0.2, 0.6)}
    hazard = {year: dict(zip(("rate", "low", "high"), rate, strict=True)) for year, rate in rates.items()}
    told["hazard"] = dict.fromkeys(("asked", "loose"), hazard)
    assert (
        "2031: 50 % (30–70) of those not fallen fall (loose: 2031, 50 % (30–70), or the other); one other may be as bad"
        in (lines_of(told))
    )
    del hazard["2032"]
    assert "may be as bad" not in lines_of(told)


def test_a_year_of_a_few_months_is_none_of_those_that_may_be_as_bad():
    told = whole_summary(0.5, 0.4, 0.6)
    assert sum(one["date"][:4] == "2025" for one in told["odds"]["asked"]) == 3
    rates = {"2025": (0.0, 0.0, 0.4), "2031": (0.5, 0.3, 0.7)}
    hazard = {year: dict(zip(("rate", "low", "high"), rate, strict=True)) for year, rate in rates.items()}
    told["hazard"] = dict.fromkeys(("asked", "loose"), hazard)
    out = lines_of(told)
    assert "2031: 50 % (30–70) of those not fallen fall (loose: 2031, 50 % (30–70))" in out
    assert "as bad" not in out


def test_the_worst_year_is_not_that_in_which_the_last_world_standing_falls():
    told = whole_summary(0.5, 0.4, 0.6)
    rates = {"2030": (0.58, 0.32, 0.81), "2031": (0.0, 0.0, 0.5), "2032": (1.0, 0.27, 1.0)}
    hazard = {year: dict(zip(("rate", "low", "high"), rate, strict=True)) for year, rate in rates.items()}
    told["hazard"] = dict.fromkeys(("asked", "loose"), hazard)
    assert "2030: 58 % (32–81) of those not fallen fall" in lines_of(told)
    # Two worlds are no year's odds, however sure: one of these two years has them, and the other falls.
    for year, at_risk in (("2030", 12), ("2031", 3), ("2032", 2)):
        hazard[year] |= {"at_risk": at_risk}
    hazard["2032"] |= {"low": 0.34}
    assert "2030: 58 % (32–81) of those not fallen fall" in lines_of(told)
    hazard["2030"] |= {"rate": 0.0, "low": 0.0}  # there is no other year with a fall
    assert "2032: 100 % (34–100) of those not fallen fall" in lines_of(told)


def test_nobody_is_told_as_winner_or_loser_whose_worlds_may_as_well_go_the_other_way():
    told = whole_summary(0.5, 0.4, 0.6)
    told["reckoning"] = {
        f"gain:{who}": spread(amount) for who, amount in (("vendors", 900.0), ("states", 5.0), ("bank", -48.0))
    }
    told["gain_odds"] = {
        "vendors": share_and_interval(97, 100),
        "states": share_and_interval(55, 100),
        "bank": share_and_interval(42, 100),
    }
    out = lines_of(told)
    assert "gained vendors +900 lost nobody either way states +5, bank −48" in out
    told["gain_odds"] |= {"bank": share_and_interval(20, 100)}
    assert "lost bank −48 either way states +5" in lines_of(told)


def test_half_and_twice_the_demand_are_held_against_the_same_worlds():
    told = whole_summary(0.5, 0.4, 0.6)
    moved = {"weak_demand": (0.06, -0.02, 0.14), "strong_demand": (0.0, -0.1, 0.1)}
    fallen = {name: dict(zip(("months", "low", "high"), one, strict=True)) for name, one in moved.items()}
    told["demand_moved"] = {"worlds": 50, "fallen": fallen}
    out = lines_of(told)
    expected = "against the same 50 as asked: fallen +6 (−2 to +14), 0 (−10 to +10) points"
    assert expected in out


def test_rows_of_other_demand_say_of_how_many_worlds_they_are_where_these_are_fewer():
    told = whole_summary(0.5, 0.4, 0.6)
    told["odds"]["weak_demand"] = told["odds"]["asked"][-1:]
    moved = {"months": 0.1, "low": 0.0, "high": 0.2}
    told["demand_moved"] = {"worlds": 12, "fallen": dict.fromkeys(("weak_demand", "strong_demand"), moved)}
    assert "half the demand (12 worlds) 50 / 50 / 50 / 50" in lines_of(told)
    # The longest label and two digits in every place of both columns: all of it stands at 80 columns.
    assert "Sep 2035 50 / 50 / 50 / 50 50 / 50 / 50 / 50" in lines_of(told)
    told["demand_moved"] |= {"worlds": told["worlds"]}
    assert "half the demand 50 / 50 / 50 / 50" in lines_of(told)


def test_a_tightening_after_the_last_month_is_not_announced_as_if_it_came():
    out = lines_of(
        whole_summary(0.5, 0.4, 0.6, within_run=False) | {"tightening": summary_of()["tightening"] | {"within_run": False}}
    )
    assert "Funding would tighten by 0.6 only from Oct 2027, after the last month judged." in out
    assert "Funding tightens by" not in out


def test_months_of_life_lost_by_start_have_their_interval_and_stop_at_the_end_of_the_run():
    told = whole_summary(0.5, 0.4, 0.6)
    told["life_lost_map"] |= {
        "months": [[7.2], [None], [1.0]],
        "low": [[-4.1], [None], [0.0]],
        "high": [[18.9], [None], [2.0]],
    }
    out = lines_of(told)
    assert "at full strength, months of life lost within 60 months of the start: Oct 2025: 7 (−4 to 19)" in out
    few = "only 12 worlds each, not the 20 above, 95 % intervals"
    chance = "too few to tell any one of the 3 starts and strengths tried from chance"
    assert f"Oct 2027: 1 (0 to 2); {few}: {chance} on whose money" in out
    told["life_lost_map"]["beyond_chance"] = [[True], [False], [False]]
    assert f"Oct 2025: 7 (−4 to 19); Oct 2027: 1 (0 to 2), perhaps chance; {few} on whose money" in lines_of(told)
    # A map of all the run's worlds is no smaller than the figure above it.
    told["life_lost_map"] |= {"worlds": 20, "beyond_chance": [[False]] * 3}
    each = "20 worlds each, 95 % intervals: chance alone could bring any one of the 3 starts and strengths tried"
    assert f"Oct 2027: 1 (0 to 2); {each} on whose money" in lines_of(told)
    told["life_lost_map"]["worlds"] = 12
    assert "within 60 months of the start or to the end of the run: Oct 2025" in lines_of(told | {"months": 72})
    assert "months of life lost within the run: Oct 2025" in lines_of(told | {"months": 48})
    told["life_lost_map"] |= {part: [[0.0], [None], [0.0]] for part in ("months", "low", "high")}
    assert "Oct 2025: none; Oct 2027: none; only 12 worlds each, not the 20 above on whose money" in lines_of(told)
    told["life_lost_map"]["worlds"] = 9
    assert "months of life lost" not in lines_of(told)


def test_of_many_starts_the_first_the_middle_and_the_last_are_told():
    told = whole_summary(0.5, 0.4, 0.6)
    lost = {part: [[k + more] if k else [0.0] for k in range(5)] for part, more in (("months", 0), ("low", -1), ("high", 1))}
    told["life_lost_map"] |= lost | {"starts": [0, 12, 24, 36, 48], "beyond_chance": [[False]] * 5}
    out = lines_of(told)
    assert "of the start: Oct 2025: none; Oct 2027: 2.0 (1.0 to 3.0); Oct 2029: 4.0 (3.0 to 5.0); only 12 worlds each" in out
    # Where all worlds lose as much there is no interval, of one value as little as of all.
    told["life_lost_map"] |= {part: [[28.0]] * 5 for part in ("months", "low", "high")}
    assert "Oct 2025: 28; Oct 2027: 28; Oct 2029: 28; only 12 worlds each, not the 20 above: too few" in lines_of(told)


@pytest.mark.parametrize(
    ("error", "than"),
    [
        (0.30, "a factor of 1.35, more than a plain trend (a year's: 1.25, half a year's: 1.17)"),
        (0.20, "a factor of 1.22, a plain trend by 1.25 (a year's) or 1.17 (half a year's)"),
        (0.10, "a factor of 1.11, less than a plain trend (a year's: 1.25, half a year's: 1.17)"),
    ],
)
def test_an_error_is_told_beside_that_of_plain_trends_and_a_coverage_beside_what_it_should_be(error, than):
    told = whole_summary(0.5, 0.4, 0.6)
    scored = {"origin": "2024-10", "error": error, "trend": 0.224, "trend_6": 0.16, "coverage": 0.5}
    out = lines_of(told | {"trust": {"held_against_history": True} | scored})
    assert f"asked in Oct 2024, its forecasts are off by {than}" in out
    assert "50 % of what came lies in bands meant to hold 80 %" in out


def test_only_numbers_of_the_definition_are_said_to_be_moved_by_a_fifth():
    told = whole_summary(0.5, 0.4, 0.6)
    sides = {
        side: {"fallen": share, "stands_alone": share / 2} for side, share in zip(SIDES, (0.5, 0.6, 0.1, 0.2), strict=True)
    }
    told["threshold_sensitivity"] = {"shed": sides, "paid": {side: sides["higher"] for side in SIDES[:2]}}
    out = lines_of(told)
    assert "moved by a fifth: fallen 50–60 %, alone 25–30 %; fallen 10 %, alone 5 % if no shed contract counts" in out
    assert "20 % and 10 % if only those delivered late do not" in out
    one = told | {"worlds": 1}
    assert "some of the definition's numbers, moved by a fifth, change where it stands" in lines_of(one)
    told["threshold_sensitivity"] = {"shed": sides | {"lower": sides["higher"]}}
    assert "none of the definition's numbers, moved by a fifth, changes where it stands" in lines_of(
        one | told | {"worlds": 1}
    )


def test_nobody_gains_or_loses_nothing():
    told = whole_summary(0.5, 0.4, 0.6)
    told["reckoning"] = {
        f"gain:{who}": spread(amount) for who, amount in (("vendors", 9.0), ("states", 0.2), ("bank", -0.3))
    }
    told["reckoning"]["gain:bank"]["low"] = -40.0
    told["gain_odds"] = {who: share_and_interval(0 if who == "bank" else 100, 100) for who in ("vendors", "states", "bank")}
    assert "gained vendors +9 lost nobody either way bank −0" in lines_of(told).replace("bank +0", "bank −0")


def test_the_screen_says_how_many_unknowns_cannot_be_told_from_chance():
    told = whole_summary(0.5, 0.4, 0.6)
    names = list(told["unknowns"])
    told["decided_by"] = {name: {"share": 0.1, "low": 0.0, "high": 0.3} for name in names}
    told["decided_by"]["expectations.fade"]["low"] = 0.02
    out = lines_of(told)
    assert "highest 90 % (70–97) (10 % (2–30) of the variance)" in out
    assert "how fast expected growth fades: of the third of worlds where it is lowest 10 % (3–30) have fallen" in out
    assert f"the other {len(names) - 1} unknowns cannot be told from chance" in out
    told["decided_by"]["luck"] = {"share": 0.315, "low": 0.2, "high": 0.45}
    assert "luck 32 % (20–45), unknowns 68 % of the variance of life" in lines_of(told)
    # Neither can one whose thirds may be as good as alike: the figure of the unknowns would not name it either.
    told["odds_by"]["expectations.fade"]["high_third"]["fallen"]["low"] = 0.29
    assert "not separable (few worlds and falls)" in lines_of(told)


def test_cents_by_source_add_up_to_the_mean_that_is_told():
    """44 + 17 + 36 + 1 - 43, each rounded by itself, would be 55."""
    told = whole_summary(0.5, 0.4, 0.6)
    source = {"other_business": 0.4363, "shares": 0.169, "credit": 0.3582, "states": 0.0062, "cash": -0.4252}
    for one in told["outside_cents"]["asked"].values():
        one |= {"by_source": source, "mean": sum(source.values())}
    out = lines_of(told)
    assert "the mean, 55: " not in out
    assert (
        "the mean, 54: other business less dividends and buybacks +44, new shares and rounds +17, credit less repayment +36"
        in out
    )
    assert "states +" not in out
    assert "laid by as cash −43" in out


def test_one_month_is_not_told_with_two_medians_of_a_dollar():
    told = whole_summary(0.5, 0.4, 0.6)
    last = len(told["odds"]["asked"]) - 1
    told["first_month"], told["last_month"] = (told["odds"]["asked"][at]["date"] for at in (0, -1))
    for what, worth in (("best", 1.06), ("at_end", 1.05), ("best_month", last)):
        told["reckoning"][f"exit:{what}"] = spread(worth)
    out = lines_of(told)
    assert "$1.05 at the end, when it is at its best in most worlds, and $1.06 in each world's own best month" in out
    told["reckoning"]["exit:best"] = spread(1.05)
    out = lines_of(told)
    assert "$1.05 at the end, its best (medians" in out
    assert "at its best (" not in out
    told["reckoning"]["exit:best_month"] = spread(last - 1)
    assert "$1.05 at the end (medians" in lines_of(told)


def test_that_all_pay_and_the_world_falls_all_the_same_is_told_as_the_surprise_it_is():
    told = whole_summary(0.5, 0.4, 0.6)
    told["stop_test"] |= {"month": None, "never": SURE, "fallen": {"share": 0.5, "low": 0.4, "high": 0.6}}
    told["stop_test"]["shedding"] = {"share": 0.0, "low": 0.0, "high": 0.2}
    why = "firms may pay all that they owe while contracts are shed or sales halve, which counts as a fall"
    assert f"; yet half of the worlds have fallen after 31 months, 50 % (40–60) after 60 months: {why}" in lines_of(told)
    one = lines_of(told | {"worlds": 1})
    assert f"all core firms still pay 60 months later; yet the world has fallen after 31 months: {why}" in one
    told["stop_test"]["never"] = {"share": 0.6, "low": 0.5, "high": 0.7}  # those that fall may be those that do not pay
    assert "; half of the worlds have fallen after 31 months, 50 % (40–60) after 60 months what decides" in lines_of(told)
    told["stop_test"]["never"] = SURE
    told["stop_test"] |= {"month": 3.0, "median": 3.0, "low": 3.0, "high": 3.0}
    assert "could not pay after 3 months; half of the worlds have fallen after 31 months" in lines_of(told)


def test_numbers_of_what_remains_have_as_many_decimals_as_those_beside_them():
    told = whole_summary(0.5, 0.4, 0.6)
    left = {"usable_gw": 6.0, "unfinished_gw": 0.367, "capability": 5.18, "rent_per_hour": 4.0}
    loose = {"usable_gw": 7.24, "unfinished_gw": 1.0, "capability": 5.2, "rent_per_hour": 3.276}
    told["reckoning"] |= {f"remains:{name}": spread(value) for name, value in left.items()}
    told["loose"] = {"reckoning": {f"remains:{name}": spread(value) for name, value in loose.items()}}
    out = lines_of(told)
    assert "6.00 GW in use (loose 7.24), 0.37 GW unfinished (loose 1.00)" in out
    assert "capability 5.18 times that of Oct 2025 (loose 5.20), rent 4.00 $/GPU-hour (loose 3.28)" in out
    told["tightening"] |= {"within_run": False}
    assert "6.00 GW in use, 0.37 GW unfinished, capability 5.18 times that of Oct 2025, rent 4.00 $/GPU-hour" in lines_of(
        told
    )


def test_months_beside_each_other_are_told_in_as_many_decimals():
    def one(months, low, high):
        return {"months": months, "low": low, "high": high}

    nothing, unknown = one(0.0, 0.0, 0.0), one(None, None, None)
    cells = [one(12.1, 3.2, 20.6), one(-0.4, -5.1, 2.5), nothing, unknown]
    assert say.several_months(cells) == ["12.1 (3.2 to 20.6)", "−0.4 (−5.1 to 2.5)", "0", ""]
    assert say.several_months(cells[:1]) == [say.mean_months(cells[0])] == ["12 (3 to 21)"]
    assert say.several_months([one(12.1, 3.2, 20.6), one(9.0, 2.1, 19.0)]) == ["12 (3 to 21)", "9 (2 to 19)"]
    # A tiny one does not give all the others three decimals.
    assert say.several_months([one(12.1, 3.2, 20.6), one(0.004, -0.2, 0.3)]) == ["12.1 (3.2 to 20.6)", "0.0 (−0.2 to 0.3)"]
