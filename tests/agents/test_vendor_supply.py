"""Vendors' capacity follows expected orders, the slower the larger the industry; generations blend."""

from __future__ import annotations

import numpy as np
import pytest

from perpetuum.model.economy import Economy
from tests.plain import OFF_KEYWORDS, PLAIN

ON = {**OFF_KEYWORDS, "supply__on": True}


def run(months: int, **keywords) -> Economy:
    economy = Economy(preset=PLAIN, months=months, worlds=2, seed=3, funding__tightening=0.0, **{**OFF_KEYWORDS, **keywords})
    economy.run()
    return economy


def test_capacity_grows_no_faster_than_the_size_of_the_industry_allows():
    economy = Economy(preset=PLAIN, months=4, worlds=2, seed=3, **ON, supply__growth_base=0.0, supply__power=1.0)
    before = economy.lead_vendor.capacity.copy()
    economy.step()
    shipments = sum(v.figures.capacity for v in economy.vendors) * 20  # $bn a month at 20 a GW
    limit = 1 + 0.08 * 5.0 / shipments
    assert (economy.lead_vendor.capacity <= before * limit + 1e-12).all()


def test_without_orders_capacity_falls_at_most_by_the_limit_and_prices_with_it():
    economy = Economy(preset=PLAIN, months=3, worlds=1, seed=3, **ON, supply__fall=0.05)
    vendor = economy.lead_vendor
    economy.step()
    vendor.orders, vendor.growth = np.zeros(1), np.zeros(1)
    economy.chips.ordered[:] = 0.0
    economy.chips.backlog[:] = 0.0
    before = vendor.capacity.copy()
    economy.chips.begin_month(1)
    vendor.plan_capacity(np.zeros(1))
    assert vendor.capacity == pytest.approx(0.95 * before)
    assert vendor.lead_time[0] == 2.0
    assert vendor.price_index[0] <= 1.0


def test_a_vendor_ships_at_most_half_its_backlog_in_a_month():
    economy = run(1, **ON, lead_vendor__backlog_months=1.0)
    assert (economy.lead_vendor.shipped <= 0.5 * (0.83 + economy.chips.ordered[0]) + 1e-9).all()


def test_generations_blend_and_what_carries_more_dollars_needs_fewer_shells():
    off, on = run(9), run(9, **ON)  # the next generation is released after seven months
    assert off.technology.content == pytest.approx(27.5e9)
    assert on.technology.content == pytest.approx(20e9)
    mix = 20 + (1 - 0.955**3) * 15  # in the seventh month and the two after it
    assert on.technology.shell_cost == pytest.approx(13e9 * 20 / mix)
    assert off.technology.shell_cost == pytest.approx(13e9)
