"""Claims about summaries: what twins cause, what a run adds up to, and who falls first, by hand."""

from __future__ import annotations

import datetime
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest

from perpetuum.model.scenario import Scenario
from perpetuum.runs.study.arms import Answer, Arm
from perpetuum.runs.study.measures import RINGS, measured
from perpetuum.runs.study.summary import _circularity, _dominoes, _paid_with, growth_held, spread_of, tightening


def arm(name, **columns):
    """An arm of worlds that are given by columns."""
    worlds = pa.table(
        {"first_default_month": pa.array([-1] * len(next(iter(columns.values())))), **columns, "error": [""] * 2}
    )
    return bare(name, worlds)


def bare(name, worlds, dyes=None):
    """An arm of which only the table of worlds, or its dyes, are known."""
    return Arm(name, {}, worlds, None, (), {}, {}, {}, dyes or {})


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
    found = {name: one["median"] for name, one in _circularity(answer(asked=asked, no_vendor_finance=without)).items()}
    rings = {name: 0.1 * place + 0.01 for place, name in enumerate(RINGS, 1)}
    assert found == pytest.approx(rings | {"caused_share": 0.3, "unlocked_per_dollar": 0.0, "vendor_finance_sum": 10.0})


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


def test_who_falls_first_is_counted_with_the_median_month_and_how_often_all_falls_after_it():
    worlds = pa.table(
        {
            "first_domino": ["neocloud", "neocloud", "", "neocloud", "lead_lab"],
            "first_default_month": [10, 12, -1, 20, 3],
            "headline": ["falls_apart", "undecided", "holds_up", "falls_apart", "undecided"],
        }
    )
    told = SimpleNamespace(dates=[datetime.date(2025, 10, 1)])
    neocloud, lab, nobody = _dominoes(bare("asked", worlds), told)
    assert (neocloud["name"], neocloud["worlds"], neocloud["share"]) == ("neocloud", 3, 0.6)
    assert (neocloud["month"], neocloud["date"]) == (12, "2026-10-01")
    assert (neocloud["early"], neocloud["late"]) == ("2026-09-01", "2027-02-01")  # months 11 and 16
    assert neocloud["then_falls_apart"] == pytest.approx(2 / 3)
    assert (lab["name"], lab["date"], lab["then_falls_apart"]) == ("lead_lab", "2026-01-01", 0.0)
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
