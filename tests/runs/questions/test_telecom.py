"""The telecom test scores 2000 to 2003 by the rulers of the hindcasts, and tells failures in their order."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from perpetuum.model.history import facts
from perpetuum.runs.questions import telecom as asked
from perpetuum.runs.questions.forecasts import rulers
from perpetuum.runs.questions.hindcast import RULERS
from perpetuum.runs.questions.validation import Validation
from perpetuum.runs.screen import validation as screen

START, MONTHS = datetime.date(1999, 10, 1), 51


def stands(worlds: int, seed: int, of: str = "known") -> asked.Simulated:
    """Worlds in which nothing moves from what was known at the start, and one firm of two fails in its tenth month."""
    series = {"vendor_revenue": np.tile(np.r_[np.full(24, 4.0), np.full(27, 1.0)], (worlds, 1))}
    for name, reading in asked.SCORED.items():
        last = facts(name, START)[-1].value / reading.factor
        series[reading.of] = np.full((worlds, MONTHS), last)
    default = np.stack([np.full(worlds, -1), np.full(worlds, 9)])
    return asked.Simulated(START, MONTHS, series, ("lead_carrier", "new_backbone"), default)


def test_worlds_in_which_nothing_moves_score_as_no_change_does():
    got = asked.telecom(4, 1, run=stands)
    assert set(got.scored.series) == set(asked.SCORED)
    assert got.scored.whole.error == pytest.approx(got.scored.ruler("no_change").error)
    assert set(got.scored.rulers) == set(RULERS)


def test_the_months_of_1999_after_the_start_are_not_scored():
    def first_months_differ(worlds, seed):
        got = stands(worlds, seed)
        moved = {name: np.hstack([values[:, :3] * 9.0, values[:, 3:]]) for name, values in got.series.items()}
        return asked.Simulated(got.start, got.months, moved, got.firms, got.default_month)

    assert asked.telecom(4, 1, run=first_months_differ).scored.whole == asked.telecom(4, 1, run=stands).scored.whole


def test_rulers_know_nothing_of_what_came_after_the_start():
    for name in asked.SCORED:
        known = facts(name, START)
        assert known[-1].date == datetime.date(1999, 9, 30)
        assert np.exp(rulers(name, START)["no_change"](datetime.date(2003, 12, 31))) == pytest.approx(known[-1].value)


def test_the_forecast_tells_fall_and_failures_with_their_dates():
    told = asked.telecom(4, 1, run=stands).forecast()
    assert told["drawdown"] == {"median": 0.75, "low": 0.75, "high": 0.75}
    first, last = told["failures"]
    assert (first["firm"], first["share"], first["first"], first["date"]) == ("new_backbone", 1.0, 1.0, "2000-07")
    assert (last["firm"], last["share"], last["date"]) == ("lead_carrier", 0.0, "")


def test_screen_and_document_show_scores_and_forecast():
    told = Validation([], [], [], [], {}, asked.telecom(4, 1, run=stands)).told()
    assert set(told["telecom"]["series"]) == set(asked.SCORED)
    text = screen.document(told, "ono_2025", 1)
    assert "Telecom from 1999-10" in text
    assert "| new builders | 100 % | 100 % | 2000-07 | 9 to 9 |" in text
    assert "| lead carrier | 0 % | 0 % | never |  |" in text
    assert "fall by 75 %" in text


@pytest.mark.slow
def test_worlds_of_the_preset_have_finance_in_both_forms():
    forms = np.resize(asked.FORMS, 4)
    assert list(forms) == ["loan", "guarantee", "loan", "guarantee"]
    got = asked.simulated(2, 1)
    assert got.series["share_index"].shape == got.series["high_yield_spread"].shape == (2, MONTHS)
    assert got.series["share_index"][:, 0] == pytest.approx(2746.16, rel=0.2)
    assert (got.series["vendor_guarantees"][0] == 0).all()
