"""Rulers and scores of forecasts, by hand."""

from __future__ import annotations

import datetime
import math

import numpy as np
import pytest

from perpetuum.model.history import Fact
from perpetuum.runs.questions.forecasts import extrapolated, log_trend, mean_score, outcomes, ruler_score, score

NINE = (
    "vendor_dc_revenue_quarter",
    "hyperscaler4_capex_quarter",
    "lead_lab_annualised_revenue",
    "lead_lab_valuation",
    "leveraged_cloud_rpo",
    "weekly_users",
    "vendor_market_cap",
    "hy_oas_pct_avg",
    "gold_price",
)
OCTOBER_2024 = datetime.date(2024, 10, 1)


def point(day: str, value: float) -> Fact:
    date = datetime.date.fromisoformat(day)
    return Fact(date, date, "made up", value, "", "", "")


def test_a_trend_goes_on_and_half_a_trend_half_as_fast():
    known = (point("2023-01-01", 1.0), point("2024-01-01", 2.0), point("2025-01-01", 8.0))
    assert log_trend(known, 12) == pytest.approx(math.log(4) / 366)
    assert log_trend(known[:1], 12) == 0.0
    later = datetime.date(2025, 1, 1) + datetime.timedelta(days=366)
    assert [extrapolated(known, 12, part)(later) for part in (0.0, 0.5, 1.0)] == pytest.approx(np.log([8.0, 16.0, 32.0]))


def test_a_score_counts_error_of_the_median_coverage_and_ranked_probability():
    happened = (point("2025-01-01", math.e),)
    got = score([np.exp(np.array([0.0, 2.0]))], happened)
    assert got.error == pytest.approx(0.0)
    assert got.inside == 1.0
    assert got.crps == pytest.approx(0.5)
    assert score([np.exp(np.array([3.0, 3.0]))], happened).inside == 0.0


def test_rulers_of_october_2024_are_the_ones_that_the_forecast_has_to_beat():
    mean = {}
    for name in ("no_change", "half_trend", "trend", "trend_6"):
        scores = {series: ruler_score(series, OCTOBER_2024, name, outcomes(series, OCTOBER_2024)) for series in NINE}
        mean[name] = mean_score(scores).error
    assert mean == pytest.approx({"no_change": 0.530, "half_trend": 0.283, "trend": 0.222, "trend_6": 0.161}, abs=0.002)
