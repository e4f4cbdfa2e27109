"""The command that prints dose and response by every definition: its definitions, and when it marks a row."""

from __future__ import annotations

import math

import numpy as np

from tests.dose_response import definitions, shrinks


def test_every_number_that_dates_a_fall_is_moved_and_a_fall_may_be_by_default_alone():
    found = definitions()
    assert {"the definition", "fallen_sales lower", "shed not_counted", "confirmed higher", "defaults alone"} <= set(found)
    assert not any(name.startswith(("kept_sales", "paid")) for name in found)
    assert (found["defaults alone"].shed, found["defaults alone"].fallen_sales) == (math.inf, -1.0)


def test_a_row_is_marked_where_more_costs_less_and_not_where_it_may_be_luck():
    weak = np.array([2.0, 3.0, 4.0])
    assert shrinks([weak, np.array([1.0, 2.0, 2.0])])  # less in every world
    assert not shrinks([weak, weak + 1.0])
    assert not shrinks([weak, np.array([9.0, 3.0, -4.0])])  # less in the mean, by luck
