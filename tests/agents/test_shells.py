"""Shells with power (`power.on`): a stock of their own, paid while they are built, limited by power; the scarcer binds."""

from __future__ import annotations

import numpy as np
import pytest

from perpetuum.model import Economy
from perpetuum.model.observed.series import MEASURES
from perpetuum.model.scenario import Scenario
from tests.plain import OFF, OFF_KEYWORDS, PLAIN

WORLDS = 3
ON = {**OFF_KEYWORDS, "building__on": True, "power__on": True, "funding__tightening": 0.0}
#: As ON, in a world whose clouds' opening figures agree with one another.
OPENING = {"preset": "ono_2025", "worlds": 4, "months": 24, "rng": 3, "funding__tightening": 0.0}


@pytest.fixture
def economy():
    return Economy(preset=PLAIN, worlds=WORLDS, months=24, rng=3, **ON)


def of_all(economy: Economy, what: str):
    """An attribute of all clouds, or what a method of theirs says, added up."""
    values = [getattr(cloud, what) for cloud in economy.clouds]
    return sum(value() if callable(value) else value for value in values)


def stood(shells):
    """GW of all clouds' shells, in whatever state."""
    return shells.energised.sum(0) + shells.waiting.sum(0) + shells.under_way.sum((0, 1))


def test_at_the_opening_capacity_orders_and_capital_spending_are_as_without_it():
    on, off = (Economy(**OPENING, power__on=switch) for switch in (True, False))
    for _ in range(3):
        for one in (on, off):
            one.step()
        for name in ("powered", "order", "capex"):
            assert of_all(on, name) == pytest.approx(of_all(off, name), rel=0.02), name
        assert (on.shells.without_power == 0.0).all()
    assert sum(on.compute.capacity.values()) == pytest.approx(sum(off.compute.capacity.values()), rel=0.02)


def test_shells_stand_at_the_opening_for_the_chips_there_and_are_under_way_for_those_to_come():
    one = Economy(**OPENING, power__on=True)
    one.step()
    x, lead = one.p.power, one.lead_time
    chips = {cloud: cloud.figures.capacity * (1 - one.p.technology.decay) + cloud.figures.orders for cloud in one.clouds}
    for cloud in one.clouds:
        energised = one.shells.energised[one.shells.row[cloud.account]]
        assert (energised >= chips[cloud]).all()
        assert energised == pytest.approx(chips[cloud] + x.spare_months * cloud.figures.orders, rel=0.01)
        then = cloud.shells_then(lead)
        kept = (1 - one.p.technology.decay) ** lead
        there = cloud.installed() + one.hardware.pipeline_gw(cloud.account) + one.chips.backlog_of_buyer(cloud.account)
        assert (then > cloud.chips_then(there, kept)).all()


def test_no_shell_is_lost_or_made_but_what_is_begun_and_what_wears_out(economy):
    economy.step()
    before = stood(economy.shells)
    for _ in range(6):
        lost = economy.p.power.loss * economy.shells.energised.sum(0)
        economy.step()
        assert stood(economy.shells) == pytest.approx(before + of_all(economy, "shells_begun") - lost)
        before = stood(economy.shells)


def test_a_shell_is_paid_while_it_is_built_and_not_again_with_its_chips(economy):
    for _ in range(3):
        economy.step()
    steps = {cloud: economy.shells.under_construction(cloud.account) for cloud in economy.clouds}
    economy.step()
    for cloud in economy.clouds:
        cost, months = economy.technology.shell_cost, economy.p.power.lead_months
        gw = economy.chips.shipped[economy.chips.buyer[cloud.account]].sum(0)
        with_chips = np.maximum(cloud.figures.site_cost + cloud.shell_part * cost, 0.0) * gw
        building = (steps[cloud] + cloud.shells_begun) / months * cost
        paid = -economy.ledger.flow("shell_and_power", cloud.account)
        assert paid == pytest.approx(with_chips + building, rel=1e-6)
        assert (with_chips < (cost + cloud.figures.site_cost) * gw).all()


def test_what_is_not_paid_stands_still(economy):
    for _ in range(2):
        economy.step()
    shells, cloud = economy.shells, economy.clouds[0].account
    row = shells.row[cloud]
    before, waiting = shells.under_way[row].copy(), shells.waiting[row].copy()
    shells.build(cloud, np.array([0.0, 1.0, 0.25]))
    assert shells.under_way[row][:, 0] == pytest.approx(before[:, 0])
    assert shells.under_way[row][:-1, 1] == pytest.approx(before[1:, 1])
    assert shells.under_way[row][-1, 1] == 0.0
    assert shells.under_way[row][0, 2] == pytest.approx(0.75 * before[0, 2] + 0.25 * before[1, 2])
    assert shells.waiting[row] == pytest.approx(waiting + before[0] * [0.0, 1.0, 0.25])


def test_chips_without_power_wait_are_not_rented_and_cost_nothing_to_run(economy):
    economy.step()
    cloud, shells = economy.clouds[0], economy.shells
    row = shells.row[cloud.account]
    shells.energised[row] = np.array([0.0, 1.0, 1e6])
    shells.waiting[row] = 0.0
    chips = cloud.installed()
    assert cloud.powered() == pytest.approx(np.array([0.0, 1.0, chips[2]]))
    costs = cloud.powered() * economy.p.compute.operating_cost / 12 + cloud.figures.operating_costs
    assert cloud.operating_costs() == pytest.approx(costs)
    economy.step()
    usable, kept = economy.p.compute.usable, 1 - economy.p.power.loss
    rented = economy.compute.rented_in[cloud.account]
    assert economy.compute.capacity[cloud.account][:2] == pytest.approx((usable * [0.0, 1.0, 1.0] * kept + rented)[:2])
    assert (cloud.installed() > 0.9 * chips).all()


def test_power_that_is_short_is_shared_pro_rata_and_what_gets_none_waits():
    one = Economy(preset=PLAIN, worlds=WORLDS, months=24, rng=3, **ON, power__opening=0.5, power__growth=0.12)
    shells = one.shells
    finished = shells.waiting.copy()
    one.step()
    assert shells.now == pytest.approx(0.5 * finished)
    assert shells.without_power == pytest.approx(0.5 * finished)
    assert MEASURES["gw_waiting_for_power"](one) == pytest.approx(0.5 * finished.sum(0))
    assert MEASURES["shells"](one) == pytest.approx(shells.energised.sum(0))
    waiting = shells.waiting.copy()
    one.step()
    power = 0.5 * shells.first * np.exp(0.01)
    assert shells.now.sum(0) == pytest.approx(power)
    assert shells.now / waiting == pytest.approx(np.broadcast_to(power / waiting.sum(0), waiting.shape))


def test_who_sees_no_shells_coming_orders_chips_only_as_far_as_they_fit(economy):
    for _ in range(4):
        economy.step()
    shells, hardware, chips, x = economy.shells, economy.hardware, economy.chips, economy.p.power
    months = np.maximum(economy.lead_time, economy.p.chips.plan_months)
    shells.under_way[:] = 0.0
    shells.waiting[:] = 0.0
    unit_cost = economy.vendors[0].list_price() + economy.technology.shell_cost
    for cloud in economy.clouds:
        shells.energised[shells.row[cloud.account]] = 1.01 * cloud.installed()
        there = cloud.installed() + hardware.pipeline_gw(cloud.account) + chips.backlog_of_buyer(cloud.account)
        then = cloud.chips_then(there, (1 - economy.p.technology.decay) ** months)
        room = (1 + x.chips_ahead) * 1.01 * cloud.installed() * (1 - x.loss) ** months - then
        orders = cloud.orders_for_needs(unit_cost, cloud.constant())
        assert (orders <= np.maximum(room, 0.0) + 1e-9).all()
        assert (orders < cloud.order).all()


def test_a_world_without_it_is_as_it_was_beside_one_with_it():
    on = {**OFF, "building.on": True}
    mixed = Economy(Scenario(preset=PLAIN, worlds=2, months=6, overrides={**on, "power.on": [False, True]}))
    plain = Economy(Scenario(preset=PLAIN, worlds=2, months=6, overrides=on))
    for one in (mixed, plain):
        one.run()
    for name, values in plain.series.items():
        assert np.array_equal(mixed.series[name][0], values[0]), name
    assert not np.array_equal(mixed.series["capex"][1], plain.series["capex"][1])
    assert MEASURES["shells"](plain) == pytest.approx(of_all(plain, "installed") + 0.0)


def test_without_building_for_needs_shells_come_with_chips():
    apart = Economy(preset=PLAIN, worlds=1, months=3, rng=3, **{**OFF_KEYWORDS, "power__on": True})
    plain = Economy(preset=PLAIN, worlds=1, months=3, rng=3, **OFF_KEYWORDS)
    for one in (apart, plain):
        one.run()
    assert np.array_equal(apart.series["capex"], plain.series["capex"])
