"""The compute market by hand: what clouds rent of each other serves in its month, and who pays how much rent to whom."""

from __future__ import annotations

import numpy as np
import pytest

from perpetuum.model import Economy, Scenario


def opened(**overrides) -> Economy:
    """A world before its first month."""
    return Economy(Scenario(months=6, overrides=overrides))


def test_what_a_cloud_rents_of_another_is_there_for_its_own_buyers_in_the_same_month():
    """The neocloud has 2 GW and has let 1 to the first hyperscaler, which has 4: that one can sell 5, in the first month too."""
    one = opened()
    market, contracts = one.compute, one.contracts
    hyperscaler, neocloud, lab = one.clouds[0], next(c for c in one.clouds if c.kind == "neocloud"), one.lead_lab
    contracts.gw[:] = 0.0
    contracts.gw[contracts.pairs.index((hyperscaler.account, neocloud.account))] = 1.0
    contracts.gw[contracts.pairs.index((lab.account, hyperscaler.account))] = 5.0
    market.rented_in.rows[:] = 0.0
    own = {hyperscaler: 4.0, neocloud: 2.0}
    powered = [np.array([own.get(cloud, 0.0)]) / one.p.compute.usable for cloud in one.clouds]
    market.deliver_reserved(powered, [np.ones(1) for _ in one.clouds])
    assert market.rented_in[hyperscaler.account].tolist() == [1.0]
    assert market.capacity[hyperscaler.account] == pytest.approx([5.0])
    assert market.reserved[lab.account] == pytest.approx([5.0])
    # Half of what the neocloud had is gone: it delivers as much less, and so does who rents of it.
    powered[one.clouds.index(neocloud)] = np.array([0.5]) / one.p.compute.usable
    market.deliver_reserved(powered, [np.ones(1) for _ in one.clouds])
    assert market.rented_in[hyperscaler.account] == pytest.approx([0.5])
    assert market.reserved[lab.account] == pytest.approx([4.5])


def test_labs_pay_the_rent_for_all_that_they_use_and_older_fleets_get_less_of_it():
    """3 GW at 12 a year are 3 a month; of 2 GW at a rental value of one half and 1 at one each cloud gets 1.5."""
    one = opened()
    market = one.compute
    market.rent = np.array([12.0])
    market.spot.rows[:] = 0.0
    market.spot_sold.rows[:] = 0.0
    market.spot[one.labs[0].account], market.spot[one.labs[1].account] = np.array([1.0]), np.array([2.0])
    market.spot_sold.rows[0], market.spot_sold.rows[1] = 2.0, 1.0
    market.quality.rows[0], market.quality.rows[1] = 0.5, 1.0
    bills = market.spot_bills()[..., 0]
    assert bills.sum() == pytest.approx(3.0)
    assert bills.sum(axis=0)[:2].tolist() == pytest.approx([1.5, 1.5])
    assert bills.sum(axis=1)[:2].tolist() == pytest.approx([1.0, 2.0])


def test_what_clouds_rent_of_each_other_counts_once_in_the_slack_that_moves_the_rent():
    """10 GW of own capacity, 2 of them let to another cloud: 1 GW idle and none wanted is a tenth of 10 less the norm."""
    one = opened()
    market = one.compute
    for register, first in ((market.capacity, 8.0), (market.rented_in, 2.0), (market.idle, 1.0)):
        register.rows[:] = 0.0
        register.rows[0] = first
    market.capacity.rows[1] = 4.0
    market.sell_spot([np.zeros(1) for _ in one.labs])
    assert market.excess == pytest.approx(one.p.compute.idle_norm - 0.1)


def test_the_opening_serves_as_the_first_month_does():
    one = opened(**{"funding.tightening": 0.0})
    before = {name: getattr(one.compute, name).rows.copy() for name in ("capacity", "rented_in", "reserved", "fraction")}
    one.step()
    for name, rows in before.items():
        assert getattr(one.compute, name).rows == pytest.approx(rows, rel=0.05), name
    assert before["rented_in"].max() > 0.5
