"""Growth lives on money from outside: without it vendors' sales stall, and nothing in the rules says so."""

from __future__ import annotations

import numpy as np
import pytest

from tests.growth_without_finance import NEVER, by_year


@pytest.mark.slow
def test_with_outside_money_shut_from_the_start_growth_stalls():
    with_it, without = (by_year("ono_2025", 32, 1, stop, years=3) for stop in (NEVER, 0))
    sales, stalled = np.median(with_it["vendor_revenue"], axis=0), np.median(without["vendor_revenue"], axis=0)
    assert sales[0] < sales[1] < sales[2]
    assert (stalled[1:] < stalled[0]).all()
    # The same worlds, and what AI's customers pay goes on growing: it is building that stops.
    assert (without["vendor_revenue"][:, 1] < with_it["vendor_revenue"][:, 1]).all()
    paid = np.median(without["external_ai_revenue"], axis=0)
    assert paid[0] < paid[1] < paid[2]
