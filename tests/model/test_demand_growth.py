"""Demand that grows by itself: what it opens at, what moves it, and that it stays out of the way where it is off."""

from __future__ import annotations

import math

import numpy as np
import pytest

from perpetuum.model import Economy, Scenario
from perpetuum.model.surroundings.demand_growth import LABS, STREAMS, deviation, level_next, pulled
from perpetuum.model.surroundings.random_streams import Streams

GROWTH = {"growth.consumers": 0.095, "growth.enterprises": 0.12, "growth.direct": 0.05, "growth.own": 0.045}
#: Nothing but the levels themselves moves demand.
STILL = {"demand.noise": 0, "demand.capability_elasticity": 0, "compute.rent_speed": 0, "growth.efficiency": 0}


def grown(months: int, worlds: int = 1, **overrides) -> Economy:
    given = {"growth.on": True, **GROWTH, **{name.replace("__", "."): value for name, value in overrides.items()}}
    economy = Economy(
        Scenario(preset="ono_2025", worlds=worlds, months=6, overrides=given, replicates=np.zeros(worlds, int))
    )
    economy.run(months)
    return economy


def five_years(strength: float, pull: float) -> float:
    """A level 60 months on, without luck, from 5 towards 70 x strength."""
    level, u = 5.0, 0.095 - pulled(pull, 70.0, 5.0)
    for _ in range(60):
        u = deviation(u, 0.04, 0.0, 0.0, 0.0)
        level = level_next(level, pulled(pull, 70.0 * strength, level) + u, 0.0, 1.0)
    return level


@pytest.mark.parametrize("pull", [0.016, 0.024, 0.032])
def test_strength_moves_demand_five_years_on_at_unchanged_prices(pull):
    elasticity = math.log(five_years(2.0, pull) / five_years(1.0, pull)) / math.log(2.0)
    assert elasticity == pytest.approx(1.0 - (1.0 - pull) ** 60, rel=1e-9)
    assert elasticity == pytest.approx(1.0 - math.exp(-60 * pull), abs=0.01)
    assert 0.6 < elasticity < 0.87
    assert five_years(1.0, pull) > 1.5 * 5.0  # and the wave at the opening is not gone at once


def test_the_opening_is_met_to_the_last_bit_in_dollars_and_in_compute():
    curves = Economy(Scenario(preset="ono_2025", months=6))
    economy = grown(1, demand__noise=0)
    for name in ("consumer", "enterprise", "direct", "users"):
        assert np.array_equal(getattr(economy.demand, name), getattr(curves.demand, name)), name
    revenue = sum(lab.figures.revenue for lab in curves.labs)
    assert economy.demand.labs_total() == pytest.approx(revenue, rel=1e-15)
    for cloud, before in zip(economy.clouds, curves.clouds, strict=True):
        assert np.array_equal(cloud.own_use, before.figures.own_use)
        assert cloud.view.compute.direct_served[cloud.account] == pytest.approx(1.0)
    fresh = grown(0)
    for lab, before in zip(fresh.labs, curves.labs, strict=True):
        assert np.array_equal(lab.inference, before.inference)
    for cloud, before in zip(fresh.clouds, curves.clouds, strict=True):
        assert np.array_equal(cloud.direct_gw(), before.direct_gw())


def test_strength_acts_on_growth_from_the_first_month_and_leaves_the_opening_alone():
    economy = grown(1, 2, demand__strength=[1.0, 2.0], **{name.replace(".", "__"): v for name, v in STILL.items()})
    demand = economy.demand
    assert demand.direct[0] == demand.direct[1]
    months = 5
    economy.run(months)
    for stream in STREAMS:
        first, second = demand.persistent.level[stream]
        assert math.log(second / first) == pytest.approx((1.0 - (1.0 - 0.024) ** months) * math.log(2.0), rel=1e-9), stream
    ratio = demand.labs_total()[1] / demand.labs_total()[0]
    assert math.log(ratio) == pytest.approx((1.0 - (1.0 - 0.024) ** months) * math.log(2.0), rel=1e-9)


def test_growth_at_the_opening_is_the_trailing_one_less_what_falling_prices_explain():
    demand = grown(0, demand__price_elasticity=1.5, growth__pass_through=0.8, growth__efficiency=0.3).demand
    for stream in STREAMS:
        explained = 1.5 * 0.8 - 1.0 if stream == "own" else 0.5 * 0.8  # of compute used, of what is spent
        assert demand.growth[stream] == pytest.approx(GROWTH[f"growth.{stream}"] - explained * 0.3 / 12)


def test_growth_bends_from_its_month_on():
    economy = grown(4, 2, growth__bend_month=3, growth__bend_to=[1.0, 0.1], growth__pull=0.02)
    growth = economy.demand.growth
    for stream in STREAMS:
        assert growth[stream][1] == pytest.approx(0.1 * growth[stream][0], rel=1e-12), stream
    before = grown(3, 2, growth__bend_month=3, growth__bend_to=[1.0, 0.1], growth__pull=0.02).demand.growth
    for stream in STREAMS:
        assert before[stream][1] == before[stream][0], stream


def test_labs_that_save_lose_customers_and_nobody_else_does():
    economy = grown(1, 2, growth__effort_loss=0.06)
    lead = economy.lead_lab
    lead.effort = np.array([1.0, 0.5])
    part = lead.market_share[1]
    economy.run(1)
    kept = {stream: level[1] / level[0] for stream, level in economy.demand.persistent.level.items()}
    for stream in STREAMS:
        expected = 1.0 - 0.06 * 0.5 * part if stream in LABS else 1.0
        assert kept[stream] == pytest.approx(expected, rel=1e-12), stream


def test_all_streams_ride_one_wave_where_nothing_is_their_own():
    calm = grown(3, growth__shock=0).demand.persistent
    rough = grown(3, growth__shock=0.01, growth__correlation=1).demand.persistent
    alone = grown(3, growth__shock=0.01, growth__correlation=0).demand.persistent
    moved = [float((rough.deviation[s] - calm.deviation[s])[0]) for s in STREAMS]
    apart = [float((alone.deviation[s] - calm.deviation[s])[0]) for s in STREAMS]
    assert moved == pytest.approx([moved[0]] * 4)
    assert abs(moved[0]) > 1e-4
    assert len({round(value, 6) for value in apart}) == 4


def test_dearer_compute_is_used_more_sparingly_and_efficiency_makes_it_cheaper():
    economy = grown(2, growth__efficiency=0.24, growth__pass_through=0.5, growth__rent_share=0.5)
    demand, lab, cloud, index = economy.demand, economy.lead_lab, economy.clouds[0], economy.compute.rent_index()
    work = math.exp(0.24 / 12)
    assert demand.efficiency == pytest.approx(work)
    per_dollar = demand.compute_per_dollar
    own = 1.0 / (math.exp(float(demand.persistent.price[0])) * work)
    assert per_dollar == pytest.approx(own)
    labs = economy.p.labs.inference_share
    assert lab.inference == pytest.approx(labs * lab.demand_rate * per_dollar / economy.p.compute.rent)
    assert lab.inference_share() == pytest.approx(labs * per_dollar * index)
    used = demand.direct * cloud.figures.direct_share * per_dollar / economy.p.compute.rent
    assert cloud.direct_gw_in_all() == pytest.approx(used)
    assert cloud.direct_gw() == pytest.approx(used * economy.direct_open)
    assert economy.direct_open > 1.0  # contracts of the opening are a smaller part of what direct customers use than then
    level, price = demand.persistent.level["own"], demand.persistent.price
    assert cloud.own_use == pytest.approx(
        cloud.figures.own_use * level * np.exp(-price * economy.p.demand.price_elasticity) / work
    )
    # Twice the rent at half of it passed on: compute per dollar falls by the square root of two.
    persistent = demand.persistent
    persistent.advance(0, np.array([2.0]), {})
    assert persistent.compute_per_dollar == pytest.approx(0.5**0.5)


def test_segments_that_never_appear_slow_enterprises_alone():
    economy = grown(2, 2, demand__segment_coding=[1.0, 0.0], growth__pull=0.02)
    growth = economy.demand.growth
    assert growth["enterprises"][1] - growth["enterprises"][0] == pytest.approx(0.02 * math.log(0.65), rel=1e-6)
    for stream in ("consumers", "direct", "own"):
        assert growth[stream][1] == growth[stream][0]


def test_worlds_with_and_without_growth_live_side_by_side_as_they_would_alone():
    both = grown(4, 2, growth__on=[False, True])
    off, on = grown(4, growth__on=False), grown(4)
    for world, alone in ((0, off), (1, on)):
        for name in ("users", "consumer", "enterprise", "direct", "efficiency", "own_use_index", "compute_per_dollar"):
            assert getattr(both.demand, name)[world] == getattr(alone.demand, name)[0], name
        for stream in STREAMS:
            assert both.demand.growth[stream][world] == alone.demand.growth[stream][0]
        for name, rows in alone.series.items():
            assert np.array_equal(both.series[name][world], rows[0], equal_nan=True), name
    assert off.demand.growth["own"][0] == 0.0
    assert off.demand.efficiency[0] == off.demand.own_use_index[0] == 1.0
    twin = both.fork(np.array([1]))
    twin.run(1)
    on.run(1)
    assert twin.demand.direct[0] == on.demand.direct[0]


def test_a_wave_that_breaks_takes_its_growth_from_every_stream_in_that_month_and_from_no_other_world():
    def second_month(rate: float) -> Economy:
        given = {"growth.on": True, **GROWTH, "growth.break_rate": rate, "growth.break_size": 0.125}
        economy = Economy(Scenario(preset="ono_2025", worlds=40, months=6, seed=5, overrides=given))
        economy.run(2)
        return economy

    calm, broken = second_month(0.0).demand, second_month(0.1).demand
    luck = Streams(5, np.arange(40), 6).uniform("the wave of demand breaks", 6)[:, 1]
    lost = np.where(luck < 0.1, 0.125, 0.0)
    assert 0 < (lost > 0).sum() < 20
    for stream in STREAMS:
        assert np.allclose(calm.growth[stream] - broken.growth[stream], lost, atol=1e-15), stream
