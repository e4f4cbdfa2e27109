"""Clouds that order for needs they expect (`building.on`): no false dip, money as the limit, payouts that do not give way."""

from __future__ import annotations

import numpy as np
import pytest

from perpetuum.agents.cloud_building import chips_wanted
from perpetuum.model import Economy
from perpetuum.model.scenario import Scenario
from tests.plain import OFF, OFF_KEYWORDS, PLAIN

WORLDS = 3
ON = {**OFF_KEYWORDS, "building__on": True, "funding__tightening": 0.0}
OTHER_BUILDERS = """
extends = "PLAIN_PATH"
[parameters]
"building.on" = true
[[agents]]
id = "other_builders"
role = "cloud"
kind = "builder"
[agents.figures]
market_cap = 450
cash = 45
target_cash = 45
other_business = 6.5
capacity = 4.5
own_use = 4.2
orders = 0.255
bonds = 70
term_loans = 30
""".replace("PLAIN_PATH", PLAIN)


@pytest.fixture
def economy():
    return Economy(preset=PLAIN, worlds=WORLDS, months=24, rng=3, **ON)


def test_the_first_months_orders_are_those_seen_at_the_opening_and_the_rule_goes_on_from_there(economy):
    economy.step()
    there = {}
    for cloud in economy.clouds:
        assert np.array_equal(cloud.order, cloud.figures.orders)
        hardware, chips = economy.hardware, economy.chips
        there[cloud] = cloud.installed() + hardware.pipeline_gw(cloud.account) + chips.backlog_of_buyer(cloud.account)
    first = sum(cloud.order for cloud in economy.clouds)
    economy.step()
    assert sum(cloud.order for cloud in economy.clouds) == pytest.approx(first, rel=0.15)


def test_the_wedge_makes_the_rule_order_what_is_ordered_at_the_opening():
    one = Economy(preset=PLAIN, worlds=WORLDS, months=24, rng=3, **ON)
    cloud, decay, speed = one.clouds[0], one.p.technology.decay, one.p.building.speed
    one.step()
    lead = one.lead_time
    contracts, f = one.contracts, cloud.figures
    signed, rented = (
        contracts.reserved_at(pairs(cloud.account), 0, int(lead[0])) for pairs in (contracts.of_seller, contracts.of_buyer)
    )
    e, b = one.p.expectations, one.p.building

    def grown(need, seen):
        expected = (1 - e.weight) * e.long_run + e.weight * seen
        return need * np.exp(expected * (1 - np.exp(-e.fade * lead)) / e.fade)

    need = signed + grown(cloud.own_use, b.own_growth) + grown(cloud.direct_gw(), b.direct_growth)
    need = need + one.open_need_then * one.part_of_contracts(cloud.account)
    need = (need - rented) / one.p.clouds.target_use
    assert (rented > 0).all()
    waits = one.hardware.pipeline.shape[1] * f.orders
    ordered = sum(v.figures.capacity * v.figures.backlog_months for v in one.vendors)
    states = one.p.states.hoard_order * one.p.states.hoarding
    all_orders = sum(c.figures.orders for c in one.clouds) + sum(states * s.figures.budget_weight for s in one.states)
    start = f.capacity * (1 - decay) + waits + ordered * f.orders / all_orders
    rule = chips_wanted(start, need, cloud.wedge, 1.0, decay, speed, (1 - decay) ** lead)
    assert rule == pytest.approx(f.orders, rel=0.01)


def test_who_sees_no_money_orders_no_more_than_part_of_what_it_spends(economy):
    for _ in range(3):
        economy.step()
    cloud = economy.leveraged_cloud
    cost = economy.p.technology.content_today + cloud.shell_cost()
    waiting = economy.chips.backlog_of_buyer(cloud.account)
    rich = cloud.affordable_orders(cost, waiting)
    cloud.spread, cloud.months_in_breach = np.full(WORLDS, 9.0), np.full(WORLDS, 9.0)  # no lender, no new shares
    cloud.ebitda = cloud.ebitda * 0.0
    poor = cloud.affordable_orders(cost, waiting)
    spent = cloud.capex_average - cloud.figures.other_capex
    assert (poor <= economy.p.building.orders_renewed * spent / cost + 1e-12).all()
    assert (poor < rich).all()


def test_lenders_look_a_year_through_signed_contracts_and_up_to_target_leverage(economy):
    for _ in range(6):
        economy.step()
    cloud, contracts, b = economy.leveraged_cloud, economy.contracts, economy.p.building
    pairs = contracts.of_seller(cloud.account)
    months = slice(economy.month + 1, economy.month + 13)
    coming = (contracts.starting_bill - contracts.ending_bill)[pairs, months].sum(axis=(0, 1))
    assert (coming > 0).all()
    assert cloud.counted_ebitda() == pytest.approx(cloud.ebitda + b.look_ahead * coming)
    room = b.leverage_leveraged * cloud.counted_ebitda() - cloud.debt()
    assert cloud.room_for_debt() == pytest.approx(np.maximum(room, 0.0))
    cloud.months_in_breach = np.zeros(WORLDS)
    cloud.ask_for_credit(np.full(WORLDS, 1e14), np.ones(WORLDS))
    asked = sum(cloud.credit_wanted.values())
    assert (asked > 0).all()
    assert (asked <= room + 1.0).all()


def test_a_hyperscaler_below_its_cash_target_sells_bonds_and_goes_on_paying_owners():
    one = Economy(preset=PLAIN, worlds=WORLDS, months=24, rng=3, hyperscaler_a__payouts=20.0, **ON)
    cloud = one.clouds[0]
    assert cloud.hyperscaler
    debt = cloud.debt()
    for _ in range(12):
        one.step()
        assert (cloud.payouts >= 0.97**12 * 20e9).all()
    assert (cloud.debt() > debt).all()
    before = cloud.payouts.copy()
    low = cloud.cash < one.p.building.payout_low * cloud.cash_target()
    cloud.plan_payouts()
    assert np.where(low, cloud.payouts == pytest.approx(0.97 * before), cloud.payouts >= before).all()


def test_other_builders_need_no_rule_of_their_own(tmp_path):
    file = tmp_path / "with_builders.toml"
    file.write_text(OTHER_BUILDERS, encoding="utf-8")
    one = Economy(preset=str(file), worlds=WORLDS, months=8, rng=3)
    one.audit_every_phase = True
    cloud = next(cloud for cloud in one.clouds if cloud.kind == "builder")
    debt = cloud.debt()
    one.run()
    assert (cloud.debt() > debt).all()
    assert (cloud.order > 0).all()


def test_a_world_without_it_is_as_it_was_beside_one_with_it():
    mixed = Economy(Scenario(preset=PLAIN, worlds=2, months=6, overrides={**OFF, "building.on": [False, True]}))
    plain = Economy(Scenario(preset=PLAIN, worlds=2, months=6, overrides=OFF))
    for one in (mixed, plain):
        one.run()
    for name, values in plain.series.items():
        assert np.array_equal(mixed.series[name][0], values[0]), name
    assert not np.array_equal(mixed.series["capex"][1], plain.series["capex"][1])


def test_a_race_makes_clouds_build_more_and_its_absence_less():
    scenario = Scenario(
        "ono_2025",
        {"clouds.race": np.array([0.0, 0.5, 1.0]), "funding.tightening": 0.0},
        worlds=3,
        replicates=[0, 0, 0],
        months=12,
    )
    economy = Economy(scenario)
    economy.run()
    built = economy.series["capex"].sum(axis=1)
    assert built[0] < built[1] < built[2]


def test_own_products_absorb_no_idle_chips_where_their_use_is_a_stream_of_demand():
    scenario = Scenario("ono_2025", {"clouds.race": 1.0, "growth.on": np.array([0.0, 1.0])}, worlds=2, months=3)
    economy = Economy(scenario)
    economy.step()
    absorbed = next(cloud for cloud in economy.clouds if cloud.hyperscaler).absorbed()
    assert absorbed[0] > 0
    assert absorbed[1] == 0
