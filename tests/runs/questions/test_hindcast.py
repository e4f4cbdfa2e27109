"""A hindcast reads the model as the record was written, and knows nothing of the year that it is scored on."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from perpetuum.model.history import facts
from perpetuum.runs.questions import hindcast as asked
from perpetuum.runs.questions.hindcast import FINANCE, SCORED, Reading, beside_the_model, read

START = datetime.date(2024, 10, 1)


def test_a_fiscal_quarter_weighs_months_by_days_and_reaches_back_before_the_start():
    quarter = facts("vendor_dc_revenue_quarter")[10]
    assert quarter.date == datetime.date(2024, 10, 27)
    series = np.array([[31.0, 99.0], [62.0, 99.0]])
    before = (0.0,) * 9 + (31.0, 7.0, 6.0)  # July, August, September
    said = read(Reading("", over="quarter"), series, START, quarter, before)
    assert said == pytest.approx([4 + 7 + 6 + 27, 4 + 7 + 6 + 54])


def test_a_month_is_read_at_its_end():
    gold = facts("gold_price")[-2]
    assert gold.date == datetime.date(2024, 12, 31)
    assert read(Reading("", 2.0), np.array([[1.0, 2.0, 3.0]]), START, gold) == pytest.approx([6.0])


def perfect(preset, worlds, seed, settings):
    """Worlds that say of every month what was published last before its end, or will be first."""
    months = [datetime.date(2024 + (9 + m) // 12, (9 + m) % 12 + 1, 28) for m in range(12)]
    series = {}
    for name, reading in (SCORED | FINANCE).items():
        rows = facts(name)
        at = [min(rows, key=lambda row: abs((row.date - day).days)).value for day in months]
        per = 3.0 if reading.over == "quarter" else 1.0
        series[reading.of] = np.tile(np.array(at) / reading.factor / per, (worlds, 1))
    return series, START, {"sales": (8.8,) * 12}


def test_a_model_that_knew_the_year_scores_better_than_every_ruler_and_one_that_did_not_is_scored_the_same_way():
    got = asked.hindcast("2024-10", worlds=3, run=perfect)
    assert got.whole.error < min(got.ruler(name).error for name in asked.RULERS)
    assert got.ruler("trend").error == pytest.approx(0.222, abs=0.002)
    assert set(got.finance) == set(FINANCE)


def test_a_discrepancy_moves_a_world_of_a_series_by_the_same_factor_all_year_and_leaves_the_middle():
    off = beside_the_model("gold_price", 1, 4000, 0.15)
    assert np.median(np.log(off)) == pytest.approx(0.0, abs=0.01)
    assert np.log(off).std() == pytest.approx(0.15, abs=0.005)
    assert not np.allclose(off, beside_the_model("weekly_users", 1, 4000, 0.15))
    assert (beside_the_model("gold_price", 1, 4, 0.0) == 1.0).all()


def test_a_calendar_year_is_read_by_those_of_its_months_that_are_simulated():
    loss = facts("lead_lab_cash_loss")[0]
    assert loss.date == datetime.date(2024, 12, 31)
    burn = np.array([[1.0, 2.0, 6.0, 99.0]])  # October to January
    assert read(Reading("", over="year"), burn, START, loss) == pytest.approx([12 * 3.0])
    whole = np.arange(1.0, 13.0)[None, :]
    assert read(Reading("", over="year"), whole, datetime.date(2024, 1, 1), loss) == pytest.approx([78.0])
