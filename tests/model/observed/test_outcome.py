"""The verdict on hand-made worlds: states, dates, causes, metrics, thresholds moved, and the statistics."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from perpetuum.model.economy import Economy
from perpetuum.model.observed.outcome import (
    PAIRS,
    judge,
    pair_labels,
    paired,
    read_months,
    shares,
    thresholds_moved,
    trailing_mean,
    wilson,
)
from perpetuum.model.observed.states import STATES, Definition

MONTHS = 60
CORE = ("lead_lab", "leveraged_cloud", "lead_vendor")


def world(months: int = MONTHS, **changed) -> dict[str, np.ndarray]:
    """One world that sells 10 a month and spends 8, of which customers pay 4; `changed` replaces facts, `__` for the colon."""
    facts = {"sales": 10.0, "paid": 4.0, "spent": 8.0, "spent_whole": 10.0, "own_use_value": 3.0, "outside_financing": 6.0}
    facts |= {name.replace("__", ":"): values for name, values in changed.items()}
    return {name: np.broadcast_to(np.asarray(values, dtype=float), (months,))[None, :] for name, values in facts.items()}


def at(*months: int, value: float = 1.0, of: int = MONTHS) -> np.ndarray:
    row = np.zeros(of)
    row[list(months)] = value
    return row


def told(facts, before=None, definition=None):
    verdict = judge(facts, CORE, before or {}, definition)
    return str(verdict.state[0]), int(verdict.fallen_month[0]), str(verdict.cause[0])


def test_a_world_whose_customers_pay_half_spins_on_outside_money():
    verdict = judge(world(), CORE, {})
    assert (verdict.state[0], verdict.life[0]) == ("spinning", 49)  # N = 60 - 11
    assert verdict.full_ratio_last[0] == 0.5  # 48 / 96
    assert verdict.full_ratio_own_use_last[0] == 0.7  # (48 + 36) / 120


def test_a_world_whose_customers_pay_for_all_stands_alone_from_the_first_whole_year():
    # Customers pay 8 of 8 from month 20 on: the sums of twelve months are equal in month 31, and stay so.
    verdict = judge(world(paid=np.where(np.arange(MONTHS) < 20, 4.0, 8.0)), CORE, {})
    assert (verdict.state[0], verdict.alone_month[0]) == ("stands_alone", 31)


def test_a_verdict_tells_when_a_world_would_stand_alone_without_a_pause_in_building():
    # Customers pay 8 all along; from month 20 on growth takes 1 and no longer 4 of what was 11, and the year is paid in month 31.
    growth = np.where(np.arange(MONTHS) < 20, 4.0, 1.0)
    verdict = judge(world(paid=8.0, spent=7.0 + growth, growth_capex=growth), CORE, {})
    assert (verdict.alone_month[0], verdict.alone_held_month[0]) == (
        31,
        -1,
    )  # growth of 1.25 in the mean before: 8.25 in month 31
    level = judge(world(paid=np.where(np.arange(MONTHS) < 20, 4.0, 8.0), growth_capex=2.0), CORE, {})
    assert level.alone_month[0] == level.alone_held_month[0] == 31


def test_a_world_that_pays_for_itself_at_under_three_quarters_of_its_peak_is_smaller():
    shrunk = np.where(np.arange(MONTHS) < 20, 10.0, 7.0)
    verdict = judge(world(sales=shrunk, paid=8.0), CORE, {})
    assert (verdict.state[0], verdict.final_revenue[0]) == ("smaller", 7.0)
    assert verdict.alone_month[0] == 0  # it stood alone before it shrank


def test_a_default_of_a_core_firm_is_a_fall_and_one_of_another_firm_is_none():
    assert told(world(default__lead_lab=at(30))) == ("fallen", 30, "default:lead_lab")
    assert told(world(default__neocloud=at(30)))[0] == "spinning"


def test_a_fall_in_the_months_that_only_confirm_does_not_count():
    assert told(world(default__lead_lab=at(48)))[:2] == ("fallen", 48)
    assert told(world(default__lead_lab=at(49)))[:2] == ("spinning", -1)


def test_of_two_causes_the_earlier_counts_and_in_one_month_a_default():
    both = {"default__lead_lab": at(30), "shed__leveraged_cloud": at(20, value=0.4)}
    assert told(world(**both)) == ("fallen", 20, "shedding:leveraged_cloud")
    tie = {"default__lead_lab": at(20), "shed__leveraged_cloud": at(20, value=0.4)}
    assert told(world(**tie)) == ("fallen", 20, "default:lead_lab")


@pytest.mark.parametrize(("part", "state"), [(0.3333, "spinning"), (0.33334, "fallen")])
def test_shedding_a_third_of_a_book_is_a_fall(part, state):
    assert told(world(shed__lead_vendor=at(20, value=part)))[0] == state


def test_a_rescue_is_dated_and_no_fall():
    verdict = judge(world(rescue__lead_lab=at(12, 30)), CORE, {})
    assert (verdict.state[0], verdict.core_rescued_month[0]) == ("spinning", 12)


def test_the_year_before_the_start_is_in_the_first_windows():
    # Sales were 20 in the year before: the mean of the first month is (11 x 20 + 10) / 12, and from month 11 on it is 10,
    # half of the 20 of the last month before the start.
    verdict = judge(world(), CORE, {"sales": np.full((1, 12), 20.0)})
    assert (verdict.state[0], verdict.fallen_month[0], verdict.cause[0]) == ("fallen", 11, "sales")
    assert verdict.peak_revenue[0] == pytest.approx(230 / 12)
    read = read_months(world(), {"paid": np.full((1, 12), 8.0)})
    assert read.ratio[0, 0] == pytest.approx((11 * 8 + 4) / 96)


def test_a_drawdown_is_measured_from_the_highest_year_so_far():
    verdict = judge(world(sales=np.where(np.arange(MONTHS) < 30, 10.0, 6.0)), CORE, {})
    assert (verdict.drawdown[0], verdict.drawdown_month[0]) == (pytest.approx(0.4), 41)


def test_who_defaults_first_is_named_whether_core_or_not():
    verdict = judge(world(default__neocloud=at(10), default__lead_lab=at(30)), CORE, {})
    assert (verdict.first_domino[0], verdict.first_default_month[0]) == ("neocloud", 10)
    nobody = judge(world(), CORE, {})
    assert (nobody.first_domino[0], nobody.first_default_month[0]) == ("", -1)


def test_of_two_defaults_in_one_month_that_outside_the_core_comes_first():
    verdict = judge(world(default__neocloud=at(10), default__lead_lab=at(10)), CORE, {})
    assert (verdict.first_domino[0], verdict.first_default_month[0]) == ("neocloud", 10)


def test_defaults_rescues_and_arrears_of_the_core_are_told_apart_from_those_of_others():
    facts = world(default__neocloud=at(5), default__lead_lab=at(30), rescue__neocloud=at(6), rescue__lead_vendor=at(12))
    # Two firms late in one month are one month of arrears.
    late = world(arrears__lead_lab=at(3, 4), arrears__leveraged_cloud=at(4, 5), arrears__neocloud=at(9))
    verdict = judge(facts | late, CORE, {})
    assert (verdict.core_default_month[0], verdict.core_rescued_month[0], verdict.core_arrears_months[0]) == (30, 12, 3)


def test_outside_money_is_at_its_peak_when_most_has_come_in():
    # Six a month for thirty months, then four a month go out: 180 in month 29.
    verdict = judge(world(outside_financing=np.where(np.arange(MONTHS) < 30, 6.0, -4.0)), CORE, {})
    assert (verdict.outside_financing_peak[0], verdict.outside_financing_peak_month[0]) == (180.0, 29)
    assert judge(world(outside_financing=-1.0), CORE, {}).outside_financing_peak[0] == 0.0


def test_months_that_only_confirm_are_not_measured():
    # Of 60 months 49 are judged, 0 to 48. What changes in month 49 changes no metric.
    later = np.arange(MONTHS) >= 49
    changed = {"sales": 20.0, "paid": 8.0, "spent_whole": 1.0, "outside_financing": 900.0}
    facts = {name: np.where(later, value, world()[name][0]) for name, value in changed.items()}
    marks = {"arrears__lead_lab": 1.0 * later, "rescue__lead_lab": 1.0 * later, "shed__lead_lab": 0.2 * later}
    same, moved = judge(world(), CORE, {}).metrics, judge(world(**facts, **marks), CORE, {}).metrics
    assert {name: values.tolist() for name, values in moved.items()} == {name: v.tolist() for name, v in same.items()}


def test_who_has_nothing_to_pay_for_pays_for_it():
    assert read_months(world(spent=0.0, paid=0.0), {}).ratio.tolist() == [[1.0] * MONTHS]
    assert judge(world(spent=0.0, paid=0.0), CORE, {}).state[0] == "stands_alone"


def test_a_world_too_short_to_judge_has_no_state():
    verdict = judge(world(months=11), CORE, {})
    assert (verdict.state[0], verdict.life[0]) == ("", 0)
    assert verdict.metrics == {}


def test_money_counts_for_nothing_but_its_proportions():
    scaled = {
        name: values * (1000.0 if ":" not in name else 1.0)
        for name, values in world(paid=5.0, default__lead_lab=at(9)).items()
    }
    assert told(scaled) == told(world(paid=5.0, default__lead_lab=at(9)))


# --- thresholds -----------------------------------------------------------------------------------------------


def test_every_number_of_the_definition_is_moved_by_a_fifth_both_ways():
    moved = thresholds_moved()
    assert set(moved) == {one.name for one in fields(Definition)} - {"lapses"}
    assert (moved["kept_sales"]["lower"].kept_sales, moved["kept_sales"]["higher"].kept_sales) == pytest.approx((0.6, 0.9))
    assert round(moved["confirmed"]["lower"].confirmed) == 10


def test_shedding_can_be_left_out_and_lapses_alone():
    facts = world(shed__lead_lab=at(20, value=0.5), lapsed__lead_lab=at(20, value=0.3))
    moved = thresholds_moved()["shed"]
    assert told(facts)[0] == "fallen"
    assert told(facts, definition=moved["not_counted"])[0] == "spinning"
    assert told(facts, definition=moved["without_lapses"])[0] == "spinning"  # 0.5 - 0.3 is under a third
    kept = world(shed__lead_lab=at(20, value=0.5), lapsed__lead_lab=at(20, value=0.1))
    assert told(kept, definition=moved["without_lapses"])[0] == "fallen"


def test_a_moved_threshold_changes_who_falls():
    facts = world(sales=np.where(np.arange(MONTHS) < 30, 10.0, 5.5))
    assert told(facts)[0] == "spinning"
    assert told(facts, definition=Definition(fallen_sales=0.6))[0] == "fallen"


# --- statistics -------------------------------------------------------------------------------------------------


def test_shares_have_wilson_intervals():
    found = shares(np.array(["fallen"] * 2 + ["spinning"] * 8), STATES)
    assert found["fallen"]["share"] == 0.2
    assert found["fallen"]["low"] == pytest.approx(0.0567, abs=1e-4)
    assert found["fallen"]["high"] == pytest.approx(0.5098, abs=1e-4)
    assert found["smaller"] == {"share": 0.0, "low": 0.0, "high": pytest.approx(0.2775, abs=1e-4)}


def test_wilson_is_exact_at_the_ends_and_says_nothing_of_nothing():
    assert wilson(0, 10)[0] == 0.0
    assert wilson(10, 10)[1] == 1.0
    assert wilson(0, 0) == (0.0, 1.0)


def test_pairs_are_told_by_what_the_same_luck_does():
    asked = np.array(["fallen", "fallen", "stands_alone", "smaller"])
    loose = np.array(["spinning", "fallen", "fallen", "stands_alone"])
    assert pair_labels(asked, loose).tolist() == list(PAIRS)
    assert all(one["share"] == 0.25 for one in paired(asked, loose).values())


def test_a_trailing_mean_takes_as_many_months_as_there_are():
    assert trailing_mean(np.array([[2.0, 4.0, 9.0]]), 2).tolist() == [[2.0, 3.0, 6.5]]


def test_an_economy_is_judged_on_all_but_its_last_eleven_months():
    economy = Economy(preset="triangle", months=24, seed=1)
    economy.run()
    verdict = economy.outcome()
    assert verdict.dates.judged == 13
    assert verdict.state[0] in STATES
