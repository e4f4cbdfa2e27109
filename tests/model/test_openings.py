"""Openings of the presets of record hang together: what is said in one place agrees with what is said in another, so that a world
at rest in its first month breaks no covenant and makes no false dip."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from perpetuum.model.economy import Economy
from perpetuum.model.history import facts
from perpetuum.model.observed.facts import facts as observed
from perpetuum.model.presets import preset_names
from perpetuum.model.scenario import Scenario, load_preset
from perpetuum.model.uncertainty import draw

OF_RECORD = ("ono_2023", "ono_2024", "ono_2025")
BN = 1e9
#: A world with the preset's own figures, and worlds with draws of what it calls unknown.
DRAWN = 20
#: Worlds of which no borrower may open in breach.
OPENINGS = 200


@functools.cache
def opened(name: str) -> Economy:
    """The books before the first month, with loose money."""
    return Economy(Scenario(name, {"funding.tightening": 0.0}, months=1))


@functools.cache
def lived(name: str, months: int) -> Economy:
    """Some months of drawn worlds, with loose money."""
    unknowns = draw(load_preset(name).unknowns, 1, np.arange(DRAWN))
    scenario = Scenario(
        name, {**unknowns, "funding.tightening": 0.0}, worlds=DRAWN, months=months, series=("vendor_revenue",)
    )
    economy = Economy(scenario)
    economy.run()
    return economy


def known(series: str, name: str) -> float:
    """The last figure of a series of the record that was public before a preset's start."""
    start = load_preset(name).start
    return [row for row in facts(series) if row.public < start][-1].value


def of(economy: Economy, kind: str):
    return next(cloud for cloud in economy.clouds if cloud.kind == kind)


def first_month(name: str) -> tuple[Economy, Economy]:
    """The first month of a world with the preset's own figures, and of many that draw what is unknown, with loose money."""
    own = Economy(Scenario(name, {"funding.tightening": 0.0}, months=1))
    unknowns = draw(load_preset(name).unknowns, 1, np.arange(OPENINGS))
    drawn = Economy(Scenario(name, {**unknowns, "funding.tightening": 0.0}, worlds=OPENINGS, months=1))
    own.run()
    drawn.run()
    return own, drawn


@pytest.mark.parametrize("name", preset_names())
def test_no_cloud_breaks_a_covenant_in_the_first_month(name):
    """Nor does it in a world that draws what is unknown: lenders knew the figures of the day when they agreed."""
    for economy in first_month(name):
        for cloud in economy.clouds:
            assert (cloud.months_in_breach == 0).all(), cloud.name
    for cloud in opened(name).clouds:
        assert (cloud.leverage() < opened(name).funding.leverage_limit).all(), cloud.name


@pytest.mark.parametrize("rolled", [True, False])
@pytest.mark.parametrize("name", OF_RECORD)
def test_loans_ask_for_what_they_always_ask_for_unless_coverage_opens_without_room(name, rolled):
    """With the preset's own figures for the coverage of the registry; in no drawn world for more, and where principal has to be
    paid in some for less: there the covenant is broken as soon as debt service takes more than the room that was left.
    """
    own, lower = opened(name), 0
    unknowns = draw(load_preset(name).unknowns, 1, np.arange(OPENINGS))
    settings = {**unknowns, "funding.tightening": 0.0, "rollover.on": rolled}
    drawn = Economy(Scenario(name, settings, worlds=OPENINGS, months=1))
    usual, room = own.p.credit.coverage_covenant[0], 1.0 + own.p.credit.coverage_headroom[0]
    for cloud, of_drawn in zip(own.clouds, drawn.clouds, strict=True):
        assert cloud.coverage_asked == pytest.approx(usual)
        owes, opening = of_drawn.term_loans() > 0, of_drawn.coverage()
        assert of_drawn.coverage_asked[~owes] == pytest.approx(usual)
        assert of_drawn.coverage_asked[owes] == pytest.approx(np.minimum(usual, opening / room)[owes])
        less = of_drawn.coverage_asked < usual
        for service, broken in ((0.999 * room, False), (1.001 * room, True)):
            of_drawn.service, before = of_drawn.service * service, of_drawn.service
            of_drawn.test_covenants()
            assert (of_drawn.months_in_breach[less] > 0).all() == broken or not less.any(), cloud.name
            assert (of_drawn.months_in_breach[less] > 0).any() == broken or not less.any(), cloud.name
            of_drawn.service = before
        lower += np.count_nonzero(less)
    assert lower > 0 or rolled


@pytest.mark.parametrize("name", OF_RECORD)
def test_sales_go_on_from_the_year_before_without_a_false_dip(name):
    economy = lived(name, 6)
    sales = np.median(economy.series["vendor_revenue"], axis=0)
    assert sales[0] == pytest.approx(load_preset(name).before["sales"][-1], rel=0.25)
    assert (sales[1:] > 0.95 * sales[:-1]).all()


@pytest.mark.parametrize("name", OF_RECORD)
def test_backlog_agrees_with_shipments_and_lead_times(name):
    """What is ordered a month is what suppliers were promised; a new order waits for what stands before it."""
    economy = opened(name)
    orders = sum(cloud.figures.orders for cloud in economy.clouds) + economy.p.states.hoard_order * economy.p.states.hoarding
    planned = sum(vendor.planned for vendor in economy.vendors)
    assert orders == pytest.approx(planned, rel=1e-3)
    for vendor in economy.vendors:
        backlog = economy.chips.backlog_of_vendor(vendor.account)
        assert backlog == pytest.approx(vendor.lead_time * vendor.capacity)
        assert vendor.lead_time == pytest.approx(vendor.figures.backlog_months)
    under_way = sum(economy.hardware.pipeline_gw(buyer.account) for buyer in (*economy.clouds, *economy.states))
    assert under_way == pytest.approx(orders * economy.p.chips.lead_months, rel=1e-4)
    economy = lived(name, 1)
    shipped = np.median(sum(vendor.shipped for vendor in economy.vendors))
    assert shipped == pytest.approx(float(orders[0]), rel=0.25)  # a boom works its backlog off


@pytest.mark.parametrize("name", ["ono_2024", "ono_2025"])  # nothing was public before
def test_supply_commitments_are_the_vendors_own_orders_to_its_suppliers(name):
    """Not its customers' backlog: what is promised of a year's production, at cost."""
    vendor, p = opened(name).lead_vendor, opened(name).p
    promised = p.chips.commitment_share * vendor.planned * vendor.unit_cost() * p.supply.plan_months
    assert promised / BN == pytest.approx(known("vendor_supply_commitments", name), rel=0.2)
    backlog = vendor.capacity * vendor.figures.backlog_months * vendor.list_price()
    assert (backlog > 1.3 * promised).all()


@pytest.mark.parametrize("name", OF_RECORD)
def test_obligations_are_contracts(name):
    """Of a cloud: what is left of the preset's contracts, and what customers outside have signed, but for software."""
    economy = opened(name)
    for cloud in economy.clouds:
        signed = 0.0
        for one in load_preset(name).contracts:
            if one.seller == cloud.name:
                starts = [one.start + step * one.every for step in range(one.count)]
                signed += sum(one.gw * one.price * (start + one.term - max(start, 0)) / 12 for start in starts)
        held = sum(economy.contracts.obligations[pair] for pair in economy.contracts.of_seller(cloud.account)) / BN
        outside = (cloud.figures.outside_commitments - cloud.obligations_beyond_contracts()) / BN
        assert held == pytest.approx(signed + outside, rel=1e-6), cloud.name
    leveraged = of(economy, "leveraged")
    beyond = leveraged.obligations_beyond_contracts()
    held = sum(economy.contracts.obligations[pair] for pair in economy.contracts.of_seller(leveraged.account)) + beyond
    assert held / BN == pytest.approx(known("leveraged_cloud_rpo", name), rel=0.01)


@pytest.mark.parametrize("name", OF_RECORD)
def test_debt_and_gigawatts_of_the_neocloud_are_of_the_same_firms(name):
    """All presets count neoclouds together: as much debt a GW in each, less than the largest alone with what it builds."""
    economy = opened(name)
    neocloud = of(economy, "neocloud")
    ratio = neocloud.debt() / BN / neocloud.figures.capacity
    assert (ratio > 12).all()
    assert (ratio < 18).all()
    alone = known("neocloud_debt", "ono_2025") / known("neocloud_active_power", "ono_2025")
    assert (ratio < alone).all()
    # And what it has on order is lent against contracts that are signed.
    waiting = economy.chips.backlog_of_buyer(neocloud.account) + economy.hardware.pipeline_gw(neocloud.account)
    pairs = economy.contracts.of_seller(neocloud.account)
    coming = economy.contracts.reserved_at(pairs, 0, 18) - economy.contracts.reserved_at(pairs, 0, 0)
    assert (coming > 0.7 * economy.p.compute.usable * waiting).all()


@pytest.mark.parametrize("name", [*OF_RECORD, "telecom_1999"])
def test_the_first_month_finds_firms_earning_what_the_opening_says(name):
    """Revenue, cash earnings and taxes of clouds and vendors, and what is built: no jump before anything has happened."""
    quiet = {"funding.tightening": 0.0, "demand.noise": 0.0, "growth.shock": 0.0}
    economy = Economy(Scenario(name, quiet, months=1))
    before = {cloud.name: (cloud.revenue[0], cloud.last_net[0], cloud.capex[0]) for cloud in economy.clouds}
    due = {firm.name: firm.tax_due[0] for firm in (*economy.clouds, *economy.vendors)}
    served = {cloud.name: cloud.service[0] for cloud in economy.clouds}
    burnt = {lab.name: (lab.burn[0], lab.figures.revenue[0] / 12) for lab in economy.labs}
    earned = {vendor.name: vendor.earnings[0] for vendor in economy.vendors}
    assert due[economy.lead_vendor.name] > 0.0
    economy.step()
    for cloud in economy.clouds:
        revenue, net, capex = before[cloud.name]
        assert cloud.revenue[0] == pytest.approx(revenue, rel=0.08), cloud.name
        assert cloud.last_net[0] == pytest.approx(net, rel=0.05), cloud.name
        assert cloud.capex[0] == pytest.approx(capex, rel=0.1), cloud.name
        left = cloud.service_left[0] if economy.p.rollover.on.all() else served[cloud.name]
        assert left == pytest.approx(served[cloud.name], rel=0.02), cloud.name
    for lab in economy.labs:
        burn, revenue = burnt[lab.name]
        assert lab.last_burn[0] == pytest.approx(burn, rel=0.05, abs=0.06 * revenue), lab.name
    for vendor in economy.vendors:
        profit = (
            12
            * (1.0 - economy.p.vendor.tax[0])
            * (
                vendor.flow("chips")[0]
                + vendor.figures.other_revenue[0]
                - vendor.cost_of_sales[0]
                + vendor.flow("operations")[0]
            )
        )
        assert earned[vendor.name] == pytest.approx(profit, rel=0.1), vendor.name
    paid = {firm.name: -economy.ledger.flow("taxes", firm.account)[0] for firm in economy.vendors}
    assert all(paid[vendor.name] == pytest.approx(due[vendor.name], abs=1.0) for vendor in economy.vendors)


def test_the_first_month_brings_no_news_of_sales():
    economy = Economy(Scenario(overrides={"demand.noise": 0.0, "growth.shock": 0.0, "funding.tightening": 0.0}, months=2))
    trend, growth = economy.narrative.sales_trend.copy(), economy.expectations.direct_growth.copy()
    need = economy.expectations.lab_need_growth.copy()
    economy.step()
    assert economy.narrative.sales_trend == pytest.approx(trend, rel=1e-9)
    economy.step()  # whose expectations see the sales of the first month, which are the opening's
    assert economy.expectations.direct_growth.tolist() == growth.tolist()
    assert economy.expectations.lab_need_growth.tolist() == need.tolist()


def test_a_squeeze_from_the_first_month_on_is_no_part_of_what_a_lab_is_worth_at_the_start():
    loose, tight = (
        Economy(Scenario(overrides={"funding.tightening": theta, "funding.start_month": 0}, months=1))
        for theta in (0.0, 1.0)
    )
    for one, other in zip(loose.labs, tight.labs, strict=True):
        assert one.scale == pytest.approx(other.scale, rel=1e-9)
    assert (tight.funding.valuation < 1.0).all()


@pytest.mark.parametrize("name", [*OF_RECORD, "telecom_1999"])
def test_what_was_spent_before_the_start_stands_to_sales_as_in_the_first_month(name):
    before = load_preset(name).before
    economy = Economy(Scenario(name, {"funding.tightening": 0.0}, months=1))
    economy.step()
    found = observed(economy)
    assert before["spent"][-1] / before["sales"][-1] == pytest.approx(found["spent"][0] / found["sales"][0], rel=0.05)
