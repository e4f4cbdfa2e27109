"""Rent at its bounds: told of the worlds whose rent is where the model lets it go no further, by date."""

from __future__ import annotations

import datetime
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest

from perpetuum.model.scenario import Scenario
from perpetuum.runs.study import arms
from perpetuum.runs.study.price_bounds import rent_at_bounds
from perpetuum.runs.study.question import Question

DATES = [datetime.date(2030, 12, 1), datetime.date(2031, 1, 1)]


def told_of(rent, **columns):
    """What is told of rents (worlds, months); parameters that worlds draw are columns."""
    worlds = pa.table({"world": list(range(len(rent))), **columns})
    asked = SimpleNamespace(worlds=worlds, drawn={"compute_rent": np.array(rent, dtype=np.float32)})
    return rent_at_bounds(SimpleNamespace(asked=asked, scenario=Scenario(), dates=DATES))


def test_rent_is_at_its_ceiling_where_it_equals_so_many_times_the_opening_rent():
    opening = 12.9e9 / (450_000 * 8760)
    told = told_of([[3 * opening, 2.99 * opening], [opening, 3 * opening], [3 * opening, 3 * opening]])
    assert told["ceiling"]["times"] == 3.0
    assert {date: one["share"] for date, one in told["ceiling"]["at"].items()} == pytest.approx(
        {"2030-12-01": 2 / 3, "2031-01-01": 2 / 3}
    )
    assert {one["share"] for one in told["floor"]["at"].values()} == {0.0}
    assert told_of([[1.9e9 / (450_000 * 8760)] * 2])["floor"]["at"]["2031-01-01"]["share"] == 1.0


def test_a_ceiling_that_worlds_draw_is_each_worlds_own():
    opening = 12.9e9 / (450_000 * 8760)
    told = told_of([[3 * opening] * 2] * 2, **{"compute.rent_cap": [3.0, 5.0]})
    assert told["ceiling"]["at"]["2031-01-01"]["share"] == 0.5
    assert told["ceiling"]["times"] == 4.0


def test_the_ceiling_is_where_the_rent_of_a_dear_world_stops():
    overrides = {"compute.rent_cap": 1.0, "demand.strength": 8.0}
    answer = arms.simulate(Question("ono_2025", overrides, 2, 1, months=13))
    told = rent_at_bounds(answer)
    top = max(answer.asked.drawn["compute_rent"].max(axis=1))
    assert top == pytest.approx(12.9e9 / (450_000 * 8760))
    last = answer.asked.drawn["compute_rent"][:, -1] >= np.float32(top)
    assert told["ceiling"]["at"]["2026-10-01"]["share"] == last.mean() > 0
