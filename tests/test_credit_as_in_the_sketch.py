"""That neoclouds default because lenders may call their loans, and what the other way of counting own use changes."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from perpetuum.model.observed.states import SPINNING, Definition
from tests.against_the_sketch import FIRMS, first_defaults, lived
from tests.credit_as_in_the_sketch import CREDIT, states_of


@pytest.mark.slow
def test_neoclouds_default_because_lenders_may_call_loans_that_come_due_soon():
    usual, lenient = (first_defaults(lived("ono_2025", 64, 1, settings), 120) for settings in ({}, CREDIT))
    neocloud = FIRMS.index("neocloud")
    assert (usual[neocloud] >= 0).sum() > 4 * (lenient[neocloud] >= 0).sum()


def test_own_use_as_a_sale_and_a_cost_is_read_with_both():
    economy = lived("ono_2025", 4, 1, {}, months=30)
    assert np.array_equal(states_of(economy, False, Definition()), economy.outcome().dates.state)
    dear = dict(economy.core_events) | {"own_use_value": np.full((4, 30), 1e9)}  # whatever it costs, it pays for itself
    paying = SimpleNamespace(core_events=dear, core=economy.core, outcome=economy.outcome)
    assert (states_of(paying, False, Definition()) == SPINNING).all()
    assert (states_of(paying, True, Definition())[:, -1] != SPINNING).all()
