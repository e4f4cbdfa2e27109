"""Claims about summaries: what twins cause, what a run adds up to, and who falls first, by hand."""

from __future__ import annotations

import dataclasses
import datetime
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest

from perpetuum.model.books.payment_kinds import DYES, SOURCES
from perpetuum.model.observed.states import FALLEN, SPINNING, STANDS_ALONE, Dates
from perpetuum.model.scenario import Scenario
from perpetuum.model.words.speech import say
from perpetuum.runs.study.arms import Answer, Arm
from perpetuum.runs.study.measures import RINGS, measured
from perpetuum.runs.study.side_studies import SideStudies, Squeezes
from perpetuum.runs.study.summary import (
    _circularity,
    _close_intervals,
    _dominoes,
    _paid_with,
    all_alike,
    dated,
    growth_held,
    outside_cents,
    paid_with_worlds,
    spread_of,
    tightening,
)


def arm(name, **columns):
    """An arm of worlds that are given by columns."""
    worlds = pa.table(
        {"first_default_month": pa.array([-1] * len(next(iter(columns.values())))), **columns, "error": [""] * 2}
    )
    return bare(name, worlds)


def bare(name, worlds, dyes=None):
    """An arm of which only the table of worlds, or its dyes, are known."""
    return Arm(name, worlds, None, (), {}, {}, {}, dyes or {})


def answer(**arms):
    return Answer(None, None, [datetime.date(2025, 10, 1)], arms)


def test_shares_of_a_run_are_weighted_by_revenue():
    series = {name: np.array([[0.2, 0.4]]) for name in RINGS}
    series |= {"vendor_revenue": np.array([[10.0, 30.0]]), "vendor_revenue_net": np.array([[8.0, 20.0]])}
    found = measured(series, {"outside_financing": np.array([[5.0, -1.5]])})
    assert found["own_money_share"] == pytest.approx([0.35])  # (2 + 12) / 40
    assert (found["vendor_revenue_sum"], found["vendor_finance_sum"]) == (40.0, 12.0)  # 2 and 10 of finance
    assert found["outside_financing_sum"] == 3.5


def test_caused_is_what_the_twin_without_vendor_finance_lacks():
    asked = arm("asked", vendor_revenue_sum=[100.0, 0.0], vendor_finance_sum=[10.0, 3.0], outside_financing_sum=[50.0, 9.0])
    without = arm(
        "no_vendor_finance", vendor_revenue_sum=[80.0, 0.0], vendor_finance_sum=[2.0, 3.0], outside_financing_sum=[46.0, 1.0]
    )
    found = answer(asked=asked, no_vendor_finance=without)
    measures = found.twin_measures("asked")
    assert measures["caused_share"].tolist() == pytest.approx([0.2, 0.0])  # 1 - 80 / 100; nothing sold, nothing caused
    assert measures["unlocked_per_dollar"].tolist() == [0.5, 0.0]  # 4 came in for 8 of finance; none was paid
    assert found.twin_measures("loose") == {}


def test_the_rings_on_the_screen_are_those_of_the_scenario_as_asked():
    sums = {"vendor_revenue_sum": [100.0] * 2, "vendor_finance_sum": [10.0] * 2, "outside_financing_sum": [50.0] * 2}
    asked = arm("asked", **{name: [0.1 * place, 0.1 * place + 0.02] for place, name in enumerate(RINGS, 1)}, **sums)
    without = arm("no_vendor_finance", **{name: [0.0, 0.0] for name in RINGS}, **sums | {"vendor_revenue_sum": [60.0, 80.0]})
    told = _circularity(answer(asked=asked, no_vendor_finance=without))
    assert told.pop("unlocked_worlds") == 0
    found = {name: one["median"] for name, one in told.items()}
    rings = {name: 0.1 * place + 0.01 for place, name in enumerate(RINGS, 1)}
    assert found == pytest.approx(rings | {"caused_share": 0.3, "unlocked_per_dollar": 0.0, "vendor_finance_sum": 10.0})


def test_worlds_without_vendor_finance_are_no_dollars_that_brought_nothing():
    rings = {name: [0.0, 0.0] for name in RINGS} | {"vendor_revenue_sum": [100.0] * 2}
    asked = arm("asked", **rings, vendor_finance_sum=[10.0, 0.0], outside_financing_sum=[50.0, 9.0])
    without = arm("no_vendor_finance", **rings, vendor_finance_sum=[0.0] * 2, outside_financing_sum=[42.0, 9.0])
    told = _circularity(answer(asked=asked, no_vendor_finance=without))
    assert told["unlocked_per_dollar"] == {"median": 0.8, "low": 0.8, "high": 0.8}  # 8 came in for 10; the other has none
    assert told["unlocked_worlds"] == 1


def test_how_many_stand_alone_by_a_pause_in_building_alone_is_told():
    found = growth_held(
        bare("asked", pa.table({"alone_month": [40, 50, -1, 60, 70], "alone_held_month": [40, -1, -1, 60, 70]}))
    )
    assert found["alone"] == 4
    assert found["vanish"]["share"] == 0.25
    assert found["vanish"]["low"] < 0.25 < found["vanish"]["high"]
    nobody = growth_held(bare("asked", pa.table({"alone_month": [-1], "alone_held_month": [-1]})))
    assert nobody == {"alone": 0, "vanish": {"share": None, "low": None, "high": None}}


def test_a_spread_is_the_median_and_the_ends_of_nine_tenths():
    assert spread_of(np.arange(101.0) ** 2) == {"median": 2500.0, "low": 25.0, "high": 9025.0}


def test_dyes_are_shares_of_all_months():
    one = bare("asked", pa.table({}), {"customers": np.array([1.0, 5.0]), "lap_1": np.array([2.0, 0.0])})
    assert _paid_with(one) == {"customers": 0.75, "lap_1": 0.25}


def test_who_paid_is_told_world_by_world_too_with_all_laps_as_the_vendors_own_money():
    one = bare("asked", pa.table({}))
    one.paid = {name: np.zeros(3) for name in DYES} | {
        "customers": np.array([1.0, 2.0, 4.0]),
        "credit": np.array([9.0, 0.0, 0.0]),
    }
    one.paid |= {"lap_1": np.array([0.0, 1.0, 2.0]), "lap_3": np.array([0.0, 1.0, 2.0])}
    found = paid_with_worlds(one)
    assert set(found) == {"customers", "others", "own"}
    assert (found["customers"]["median"], found["own"]["median"], found["others"]["high"]) == (0.5, 0.5, 0.0)
    assert found["customers"]["low"] == pytest.approx(0.14)  # a twentieth of the way from 0.1 to 0.5, times two


def test_who_falls_first_is_counted_with_the_median_month_and_how_often_all_falls_after_it():
    worlds = pa.table(
        {
            "first_domino": ["neocloud", "neocloud", "", "neocloud", "lead_lab"],
            "first_default_month": [10, 12, -1, 20, 3],
            "fallen_month": [10, 11, -1, 24, -1],
        }
    )
    told = SimpleNamespace(dates=[datetime.date(2025, 10, 1)])
    neocloud, lab, nobody = _dominoes(bare("asked", worlds), told)
    assert (neocloud["name"], neocloud["worlds"], neocloud["share"]) == ("neocloud", 3, 0.6)
    assert (neocloud["month"], neocloud["date"]) == (12, "2026-10-01")
    assert (neocloud["early"], neocloud["late"]) == ("2026-09-01", "2027-02-01")  # months 11 and 16
    assert neocloud["then_fallen"] == pytest.approx(2 / 3)
    assert neocloud["fallen_before"] == pytest.approx(1 / 3)
    assert (lab["name"], lab["date"], lab["then_fallen"], lab["fallen_before"]) == ("lead_lab", "2026-01-01", 0.0, 0.0)
    assert nobody == {"name": "", "worlds": 1, "share": 0.2}


def test_the_tightening_is_told_with_its_dates():
    values = {
        **Scenario("ono_2025", {}).values,
        "funding.tightening": 0.5,
        "funding.start_month": 15,
        "funding.ramp_months": 6,
    }
    values |= {"funding.hold_months": 24, "funding.release_months": 12}
    told = tightening(SimpleNamespace(scenario=SimpleNamespace(values=values), dates=[datetime.date(2025, 10, 1)] * 15))
    months = {name: told[f"{name}_month"] for name in ("start", "full", "easing", "end")}
    assert months == {"start": 15, "full": 21, "easing": 45, "end": 57}
    assert (told["start"], told["easing"], told["end"]) == ("2027-01-01", "2029-07-01", "2030-07-01")
    assert (told["theta"], told["within_run"]) == (0.5, False)  # the run is over before it begins
    assert told["channels"]["rate"] == {"by": pytest.approx(0.015), "months": 30, "meant": pytest.approx(0.015)}


@pytest.mark.parametrize("off", [{"funding.tightening": 0.0}, {}])
def test_a_tightening_without_a_channel_is_none_within_the_run(off):
    values = {**Scenario("ono_2025", {}).values, "funding.tightening": 0.5} | off
    told = tightening(SimpleNamespace(scenario=SimpleNamespace(values=values), dates=CALENDAR))
    assert (told["within_run"], bool(told["channels"])) == (not off, not off)
    values |= {name: 0.0 for name in values if name.startswith("funding.channel_")}
    told = tightening(SimpleNamespace(scenario=SimpleNamespace(values=values), dates=CALENDAR))
    assert (told["within_run"], told["channels"]) == (False, {})


# --- the dated answer -----------------------------------------------------------------------------------------------

JUDGED = 60
CALENDAR = [datetime.date(2025 + (9 + month) // 12, (9 + month) % 12 + 1, 1) for month in range(JUDGED)]


def lives(fallen, alone):
    """Dates of worlds that fall, or stand alone, from months on (-1: never), and their states at the end."""
    fallen, alone, month = np.array(fallen), np.array(alone), np.arange(JUDGED)
    state = np.where((alone[:, None] >= 0) & (month >= alone[:, None]), STANDS_ALONE, SPINNING)
    state = np.where((fallen[:, None] >= 0) & (month >= fallen[:, None]), FALLEN, state)
    cause = np.where(fallen >= 0, "sales", "")
    words = np.select([fallen >= 0, alone >= 0], ["fallen", "stands_alone"], "spinning")
    return Dates(JUDGED, fallen, alone, cause, state, np.full(len(fallen), -1)), words.tolist()


def told_of(fallen, alone, **money):
    """An arm of such worlds, each with an unknown x of its own number."""
    states, words = lives(fallen, alone)
    n = len(words)
    worlds = pa.table({"state": words, "core_rescued_month": [-1.0] * (n - 1) + [0.0], "x": np.arange(1.0 * n)})
    years = len({date.year for date in CALENDAR})
    amounts = {"paid": 40.0, "spent": 100.0, "spent_whole": 120.0, "own_use_value": 20.0} | money
    amounts |= {f"source:{one}": 0.0 for one in (*SOURCES, "cash")} | {f"source:{SOURCES[0]}": 25.0, "source:cash": 35.0}
    return Arm("asked", worlds, states, (), {}, {one: np.full((n, years), a) for one, a in amounts.items()}, {}, {})


def dated_answer(asked, loose, beside=None):
    question = SimpleNamespace(preset="triangle", seed=1, unknowns=lambda: (SimpleNamespace(name="x"),))
    return dated(Answer(question, None, CALENDAR, {"asked": asked, "loose": loose}, beside))


def beside_of(stop=(3,), life=(((10.0, 100.0),),), loose=(100.0, 100.0), other_luck=(), strengths=(1.0,)):
    squeezes = Squeezes((0,), strengths, 24, np.array(life), np.array(loose))
    falls = np.arange(len(stop)) % 2 == 0
    return SideStudies(
        {}, np.array(stop), 60, np.array(other_luck), squeezes, np.where(falls, 30 + np.arange(len(stop)), 60), falls
    )


def test_the_dated_answer_counts_worlds_by_what_befalls_them_and_when():
    """Of four worlds one falls in month 2, two stand alone from month 0 and 30 on; with loose money nobody falls."""
    told = dated_answer(told_of([2, -1, -1, -1], [-1, 0, 30, -1]), told_of([-1] * 4, [-1] * 4))
    assert told["first_passage"]["asked"]["alone"]["share"] == 0.5
    assert told["first_passage"]["loose"]["alone"]["share"] == 0.0
    assert told["odds"]["asked"][1]["fallen"]["share"] == 0.0
    assert told["odds"]["asked"][2]["fallen"]["share"] == 0.25
    assert told["odds"]["asked"][-1]["alone"]["share"] == 0.5
    # One of four falls in the three months of 2025: over a year 1 - 0.75^4.
    assert told["hazard"]["asked"]["2025"]["rate"] == pytest.approx(1 - 0.75**4)
    assert told["hazard"]["asked"]["2026"]["rate"] == told["hazard"]["loose"]["2025"]["rate"] == 0.0
    assert told["causes"] == {"asked": {"sales": told["causes"]["asked"]["sales"]}, "loose": {}}
    assert told["life_lost"]["months"] == pytest.approx((60 - 2) / 4)
    assert told["rescued"]["asked"]["share"] == 0.25  # in month 0
    assert "stop_test" not in told


def test_cents_of_outside_money_are_what_customers_do_not_pay():
    cents = outside_cents(told_of([-1] * 3, [-1] * 3), CALENDAR)
    assert list(cents) == [str(year) for year in range(2025, 2031)]
    year = cents["2026"]
    assert (year["median"], year["mean"]) == (pytest.approx(0.6), pytest.approx(0.6))  # 1 - 40 / 100
    assert year["with_own_use"]["median"] == pytest.approx(0.5)  # 1 - (40 + 20) / 120
    assert (year["by_source"][SOURCES[0]], year["by_source"]["cash"]) == (0.25, pytest.approx(0.35))
    assert sum(year["by_source"].values()) == pytest.approx(year["mean"])
    assert (cents["2025"]["months"], cents["2026"]["months"], cents["2030"]["months"]) == (3, 12, 9)
    assert outside_cents(told_of([-1], [-1], spent=0.0), CALENDAR)["2026"]["mean"] == 0.0


def test_the_stop_test_counts_worlds_in_which_all_pay_as_later_than_all_others():
    arm = told_of([7] + [-1] * 5, [-1] * 6)
    told = dated_answer(arm, arm, beside_of(stop=[5, -1, 3]))["stop_test"]
    # Months 3, 5 and 60: the median is 5, and the 5th and 95th percentile lie a tenth of the way from the ends.
    assert told["as_asked"]["share"] == pytest.approx(1 / 3)  # the first of the three, in month 7
    assert told["fallen"]["share"] == pytest.approx(2 / 3)  # worlds 0 and 2 of three, in months 30 and 32
    assert told["half_fallen"] == 32
    assert dated_answer(arm, arm, beside_of(stop=[5, -1]))["stop_test"]["half_fallen"] == 30
    one_of_three = dataclasses.replace(beside_of(stop=[5, -1, 3]), stop_life=np.array([30, 60, 60]))
    assert dated_answer(arm, arm, one_of_three)["stop_test"]["half_fallen"] is None
    assert dated_answer(arm, arm, beside_of(stop=[5, -1, -1, -1, -1, -1]))["stop_test"]["half_fallen"] == 34
    assert (told["month"], told["median"], told["low"], told["high"]) == (5.0, 5.0, pytest.approx(3.2), pytest.approx(54.5))
    assert (told["never"]["share"], told["watched"]) == (pytest.approx(1 / 3), 60)


def test_more_falls_after_a_stop_are_paired_with_their_interval():
    arm = told_of([7, 7, 7, 7], [-1] * 4)
    beside = dataclasses.replace(
        beside_of(stop=[-1] * 4), stop_life=np.array([60, 60, 60, 60]), stop_shed=np.zeros(4, dtype=bool)
    )
    told = dated_answer(arm, arm, beside)["stop_test"]
    assert told["more_fallen"] == {"months": -1.0, "low": -1.0, "high": -1.0}
    assert told["more_shedding"]["months"] == 0.0  # they fell as sales halved


def test_demand_moves_nothing_only_where_sales_and_states_of_every_world_are_the_same():
    arm = told_of([7, -1], [-1, 30])
    arm.worlds = arm.worlds.append_column("vendor_revenue_sum", pa.array([10.0, 20.0]))
    same = {"weak_demand": arm.states, "strong_demand": arm.states}
    sales = dict.fromkeys(same, np.array([10.0, 20.0]))

    def nothing(demand, demand_sales):
        beside = dataclasses.replace(beside_of(), demand=demand, demand_sales=demand_sales)
        return dated_answer(arm, arm, beside)["demand_moved"]["nothing"]

    assert nothing(same, sales) is True
    assert nothing(same, sales | {"strong_demand": np.array([10.0, 20.0 + 1e-9])}) is False
    assert nothing(same | {"weak_demand": lives([7, -1], [-1, 31])[0]}, sales) is False
    assert nothing(same, {}) is False


@pytest.mark.parametrize(("stop", "month"), [([3, -1], None), ([3, 4, -1, -1], None), ([3, 4, 5, -1, -1], 5.0)])
def test_the_stop_test_names_a_month_where_most_worlds_stop_paying(stop, month):
    arm = told_of([7] + [-1] * 5, [-1] * 6)
    told = dated_answer(arm, arm, beside_of(stop=stop))["stop_test"]
    assert told["month"] == month
    assert ("60 months" in told.get("reason", "")) == (month is None)


def test_the_map_of_life_lost_has_a_column_for_every_strength_and_looks_as_far_as_asked():
    """Two worlds, within 24 months: one falls in month 10 of a mild squeeze and in month 5 of a hard one, the other never."""
    arm = told_of([-1], [-1])
    lost = beside_of(life=[[[10.0, 100.0], [5.0, 100.0]]], strengths=(0.5, 1.0))
    told = dated_answer(arm, arm, lost)["life_lost_map"]
    assert (told["starts"], told["strengths"], told["worlds"], told["within"]) == ([0], [0.5, 1.0], 2, 24)
    assert told["months"] == [[7.0, 9.5]]  # (24 - 10) / 2, (24 - 5) / 2
    assert told["unconditional"] == [[45.0, 47.5]]  # (100 - 10) / 2, (100 - 5) / 2


def test_what_decides_is_told_of_lives_of_their_other_luck_and_of_the_ends_of_the_unknowns():
    """32 worlds by their unknown: eight of the first sixteen fall in month 20, the last sixteen stand alone at once."""
    fallen = [20] * 6 + [-1] * 6 + [20] * 2 + [-1] * 18
    asked = told_of(fallen, [-1] * 16 + [0] * 16)
    # The first sixteen under other shocks: twelve live as long, four do not; r = (12 - 4) / 16.
    other_luck = [20] * 6 + [60] * 8 + [20] * 2
    told = dated_answer(asked, told_of([-1] * 32, [-1] * 32), beside_of(other_luck=other_luck))
    assert told["decided_by"]["luck"]["share"] == pytest.approx(0.5)
    assert set(told["decided_by"]) == {"x", "luck"}
    ends = told["odds_by"]["x"]
    assert (ends["low_third"]["fallen"]["share"], ends["low_third"]["alone"]["share"]) == (pytest.approx(6 / 11), 0.0)
    assert (ends["high_third"]["fallen"]["share"], ends["high_third"]["alone"]["share"]) == (0.0, 1.0)
    assert told["decided_by_alone"]["x"]["share"] > 0.5 > told["decided_by"]["x"]["share"]


def test_worlds_are_alike_where_no_measure_of_them_differs():
    def arm(**measures):
        found = {name: np.array(values, dtype=float) for name, values in measures.items()}
        return SimpleNamespace(worlds=found["sales"], metrics=lambda: found)

    assert all_alike(arm(sales=[3, 3, 3], month=[np.nan] * 3))
    assert not all_alike(arm(sales=[3, 3, 3], month=[7, 7, 8]))
    assert not all_alike(arm(sales=[3, 3, 3], month=[np.nan, 7, 7]))
    assert not all_alike(arm(sales=[3]))  # one world differs from none


def test_shares_of_worlds_that_are_one_and_the_same_have_no_width():
    sure, some = {"share": 1.0, "low": 0.61, "high": 1.0}, {"share": 0.5, "low": 0.2, "high": 0.8}
    found = {
        "odds": [{"fallen": dict(sure), "month": 3}],
        "hazard": {"2026": {"rate": 0.0, "low": 0.0, "high": 0.39}},
        "x": some,
    }
    _close_intervals(found)
    assert found["odds"][0]["fallen"] == {"share": 1.0, "low": 1.0, "high": 1.0}
    assert found["hazard"]["2026"] == {"rate": 0.0, "low": 0.0, "high": 0.0}
    assert found["x"] == {"share": 0.5, "low": 0.2, "high": 0.8}  # two arms may differ
    assert say.interval(found["odds"][0]["fallen"]) == "100 %"
    assert say.interval(sure) == "100 % (61–100)"
