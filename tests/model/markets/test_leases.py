"""Leases between clouds and contracts of outside customers: signed, built for, served, billed, ending, and counted once."""

from __future__ import annotations

import numpy as np
import pytest

from perpetuum.model.books.payment_kinds import DYE
from perpetuum.model.economy import Economy
from perpetuum.model.markets.commitments import Signed, sign_in_steps
from perpetuum.model.markets.leases import Offer
from perpetuum.model.observed.outside_series import leveraged_rpo
from perpetuum.model.observed.series import external_ai_revenue
from perpetuum.model.phases.chip_market import set_terms, trade_chips
from perpetuum.model.scenario import Scenario
from tests.plain import OFF, PLAIN

BN = 1e9
#: Customers of the leveraged cloud: 115 of 155 $bn of obligations are for compute, a third of a GW of it in use.
CLOUD = {"leveraged_cloud.software_commitments": 40.0, "leveraged_cloud.outside_gw": 0.32}
#: Nobody signs anything new.
QUIET = {"leases.rate": 0.0, "leases.arrivals_leveraged": 0.0, "leases.arrivals_neocloud": 0.0}


def opened(months: int = 12, worlds: int = 2, **overrides) -> Economy:
    values = {**OFF, **CLOUD, "leases.on": True, "funding.tightening": 0.0, **overrides}
    return Economy(Scenario(preset=PLAIN, worlds=worlds, months=months, seed=3, overrides=values))


def pair_of(economy: Economy, buyer: int, seller: int) -> int:
    return economy.contracts.pairs.index((buyer, seller))


def spot_rent(economy: Economy) -> np.ndarray:
    return economy.compute.spot_bills()[:, economy.clouds.index(economy.leveraged_cloud)].sum(axis=0)


def outside_pair(economy: Economy) -> int:
    return pair_of(economy, economy.outside, economy.leveraged_cloud.account)


# --- the opening ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("in_use", [0.0, 0.32, 50.0])
def test_obligations_at_the_opening_are_the_presets_figure_on_and_off(in_use):
    both = opened(**{"leases.on": [True, False], "leveraged_cloud.outside_gw": in_use})
    cloud = both.leveraged_cloud
    assert leveraged_rpo(both) == pytest.approx(155 + 0.5 * 13.33 * 60 / 12 * 9, rel=1e-9)
    assert both.contracts.obligations[outside_pair(both)] == pytest.approx([115e9, 0])
    assert cloud.obligations_beyond_contracts() == pytest.approx([40e9, 155e9])


def test_whom_contracts_bill_at_the_opening_is_no_other_customer_of_the_cloud():
    """0.32 GW at 12.5 are 4 $bn a year of the 0.17 x 30 = 5.1 of direct customers: 1.1 stay; other
    receipts but for spot rents are the same.
    """
    both = opened(**{"leases.on": [True, False]})
    cloud = both.leveraged_cloud
    assert 12 * cloud.direct_demand() / BN == pytest.approx([1.1, 5.1])
    assert np.ptp(cloud.revenue - spot_rent(both)) < 1.0
    assert cloud.other_business(0)[0] == pytest.approx(cloud.other_business(0)[1])


def test_what_contracts_bill_beyond_direct_customers_leaves_other_business():
    """0.8 GW bill 10 $bn a year, 4.9 more than direct customers pay."""
    both = opened(**{"leases.on": [True, False], "leveraged_cloud.outside_gw": 0.8})
    cloud = both.leveraged_cloud
    assert 12 * cloud.direct_demand() / BN == pytest.approx([0.0, 5.1])
    assert 12 * (cloud.other_opening[1] - cloud.other_opening[0]) / BN == pytest.approx(4.9)
    lacking = both.contracts.bill[outside_pair(both)] / 12 * (1.0 - both.compute.fraction[cloud.account])
    assert np.ptp(cloud.revenue - spot_rent(both) + lacking) < 1.0


def test_who_signs_after_the_opening_is_no_direct_customer_any_more_and_becomes_one_again_at_the_end():
    """2.4 GW of direct use, 0.32 under contract: 2.08 are open. With 0.52 more 1.56 are, three quarters; with none, 2.4."""
    one = opened()
    cloud, demand = one.clouds[0], one.demand
    one.step()
    use = demand.direct * demand.compute_per_dollar / one.p.compute.rent
    assert one.direct_open == pytest.approx(1.0)
    before, bill = cloud.direct_gw().copy(), cloud.direct_demand().copy()
    at_opening = one.contracts.gw[outside_pair(one)].copy()
    one.leases.see_contracts(1, use, at_opening + 0.25 * (use - at_opening))
    assert one.direct_open == pytest.approx(0.75)
    assert cloud.direct_gw() == pytest.approx(0.75 * before)
    assert cloud.direct_demand() == pytest.approx(0.75 * bill)
    one.leases.see_contracts(2, use, np.zeros(2))
    assert one.direct_open == pytest.approx(use / (use - at_opening))
    # What has been signed and not begun is not foreseen as direct use either: 1 GW more from month 6 on.
    pair, now = outside_pair(one), cloud.direct_gw_in_all()
    one.leases.see_contracts(0, use, one.contracts.gw[pair])
    foreseen = cloud.direct_then(now, np.full(2, 8.0))
    one.contracts.sign(pair, np.ones(2), np.ones(2), 6, 24, one.month)
    grown = cloud.needs.foreseen("direct", now, np.full(2, 8.0)) / now
    less = cloud.needs.foreseen("direct", now, np.full(2, 8.0)) / (use * grown) / (1.0 - at_opening / use)
    assert foreseen - cloud.direct_then(now, np.full(2, 8.0)) == pytest.approx(less)
    off = opened(**{"leases.on": False})
    off.leases.see_contracts(1, use, at_opening + 1.0)
    assert off.direct_open.tolist() == [1.0, 1.0]


# --- outside customers' contracts -----------------------------------------------------------------------------------


def test_outside_contracts_are_delivered_paid_for_by_ais_customers_and_run_off():
    one = opened(months=8, **QUIET)
    pair, cloud = outside_pair(one), one.leveraged_cloud
    for _ in range(8):
        before = one.contracts.obligations[pair].copy()
        one.step()
        billed = one.contracts.bill[pair] / 12 * one.compute.fraction[cloud.account]
        paid = -one.ledger.flow("compute_rent_reserved", one.outside)
        assert (one.compute.fraction[cloud.account] == 1).all()
        assert paid == pytest.approx(billed, abs=1)
        by_labs = sum(one.settlement.paid("compute_rent_reserved", lab.account, cloud.account) for lab in one.labs)
        assert (one.ledger.flow("compute_rent_reserved", cloud.account) - by_labs == paid).all()
        assert one.contracts.obligations[pair] == pytest.approx(before - billed)
        sold = one.ledger.flow_of(
            ("ai_subscriptions", "direct_cloud_sales"), (*one.accounts["labs"], *one.accounts["clouds"])
        )
        assert external_ai_revenue(one) * BN == pytest.approx(sold + paid)
    step = (115 * 12 / 12.5 - 0.32 * 72) / sum(72 - 3 * k for k in range(1, 11))
    assert one.contracts.gw[pair] == pytest.approx(0.32 + 2 * step)  # started in months 3 and 6


def test_their_money_is_dyed_as_customers():
    one = opened(months=1, **QUIET)
    cloud = one.leveraged_cloud.account
    before = one.ledger.provenance.dye[cloud, DYE["customers"]].copy()
    one.ledger.pay(one.outside, cloud, np.full(2, 1e12), "compute_rent_reserved")
    assert (one.ledger.provenance.dye[cloud, DYE["customers"]] > before + 0.9).all()


@pytest.mark.slow
def test_outside_contracts_end_and_nothing_of_them_is_owed_then():
    one = opened(months=66, worlds=1, **QUIET, **{"leases.open_months": 60})
    one.run()
    pair = outside_pair(one)
    assert one.contracts.gw[pair] == pytest.approx(0, abs=1e-9)
    assert one.contracts.obligations[pair] == pytest.approx(0, abs=1e6)  # what lapsed was late, and is not owed either


def test_customers_outside_sign_for_part_of_capacity_and_not_with_who_is_late():
    one = opened(
        months=2, worlds=3, **{"leases.arrivals_leveraged": 1.0, "leases.size_spread": 0.0, "building.direct_growth": 0.04}
    )
    one.p.expectations.weight = np.ones(3)
    seller = one.leveraged_cloud
    offer = Offer({seller.account: np.full(3, 2.0)}, {seller.account: np.array([1.0, 0.5, 0.0])})
    one.leases.use = np.full(3, 1e3)
    signed, term = one.leases.outsiders(seller, offer, np.zeros(3), 0)
    assert signed.gw == pytest.approx([0.8, 0.4, 0.0])
    assert signed.seller.tolist() == [seller.account, seller.account, -1]
    assert ((signed.start >= 9) & (signed.start <= 15)).all()
    assert ((term >= 36) & (term <= 72)).all()


def test_all_outside_contracts_stay_within_what_direct_customers_grow_to():
    always = {"leases.arrivals_leveraged": 1.0, "leases.size_leveraged": 5.0, "leveraged_cloud.outside_commitments": 40.0}
    one = opened(months=4, **always, **{"leases.pool": 0.5, "expectations.fade": 0.0, "expectations.weight": 0.0})
    one.run(3)
    held = one.contracts.reserved_then(one.contracts.of_buyer(one.outside), 2, one.leases.latest_start())
    use = one.demand.direct / one.p.compute.rent * np.exp(0.0125 * one.leases.latest_start())
    assert held == pytest.approx(0.5 * use, rel=0.1)


# --- leases between clouds ------------------------------------------------------------------------------------------


SHORT = {
    **QUIET,
    "leases.rate": 1.0,
    "leases.spread": 0.0,
    "leases.start_months": 9,
    "leases.wait": 0,
    "hyperscaler_b.own_use": 7.0,
    "hyperscaler_b.orders": 0.0,
}


def test_a_gap_that_cannot_be_built_in_time_is_leased_served_and_billed():
    one = opened(months=22, **SHORT)
    buyer = next(cloud for cloud in one.clouds if cloud.name == "hyperscaler_b")
    pairs = one.contracts.of_buyer(buyer.account)
    one.step()
    assert (buyer.gap_to_lease(one.leases.latest_start()) > 0).all()
    starting = one.contracts.starting_gw[pairs].sum(axis=0)
    assert starting[[9, 12, 15, 18]] == pytest.approx(0.2)  # half of what it lacks is more than 0.8 GW, in four quarters
    one.run(21)
    rented = one.compute.rented_in[buyer.account]
    assert (rented > 0.2).all()
    assert one.compute.capacity[buyer.account] == pytest.approx(buyer.usable() + rented, rel=0.1)
    for pair in pairs:
        seller = one.contracts.pairs[pair][1]
        due = one.settlement.due("compute_rent_reserved", buyer.account, seller)
        assert one.settlement.paid("compute_rent_reserved", buyer.account, seller).tolist() == due.tolist()
        lapsed = 1 - one.p.contracts.lapse * (1 - one.compute.fraction[seller])
        assert due * lapsed == pytest.approx(one.compute.reserved_bills()[pair], abs=2)


def test_what_cannot_be_built_in_time_counts_what_labs_will_need_then_by_the_rule_of_building():
    """A GW more that labs will need when the lease starts is a GW more to lease, by the cloud's part of new contracts; where
    needs are not expected it is the need of `chips.plan_months` ahead.
    """
    both = opened(months=4, worlds=3, **SHORT | {"building.on": [True, False, True]})
    both.run(2)
    buyer = next(cloud for cloud in both.clouds if cloud.name == "hyperscaler_b")
    part, start, latest = both.part_of_contracts(buyer.account), both.p.leases.start_months, both.leases.latest_start()
    gap, need = buyer.gap_to_lease(latest), both.open_need_in(start)
    assert (gap > 0).all()
    assert (part > 0).all()
    both.expectations.labs_before = both.expectations.labs_before * np.array([1.5, 1.5, 1.0])
    both.expectations.open_need = both.expectations.open_need + np.array([1.0, 2.0, 4.0])
    more = both.open_need_in(start) - need
    assert more[0] > 0.5
    assert more[2] == 0.0
    assert buyer.gap_to_lease(latest) - gap == pytest.approx(part * np.array([more[0], 2.0, 0.0]))


def test_a_lease_takes_no_more_than_its_seller_can_build_and_goes_to_who_delivers():
    one = opened(months=2, worlds=2, **SHORT)
    sellers = [cloud for cloud in one.clouds if cloud.kind in ("leveraged", "neocloud")]
    leveraged, neocloud = (cloud.account for cloud in sellers)
    offer = Offer(
        {leveraged: np.full(2, 0.1), neocloud: np.full(2, 0.1)},
        {leveraged: np.array([1.0, 0.0]), neocloud: np.array([0.0, 1.0])},
    )
    buyer = next(cloud.account for cloud in one.clouds if cloud.hyperscaler)
    signed, _ = one.leases.lease(buyer, np.full(2, 4.0), np.full(2, 5.0), sellers, offer, 0)
    assert signed.seller.tolist() == [leveraged, neocloud]
    assert signed.gw == pytest.approx([0.5, 0.15])  # five times, and one and a half times, 0.1 GW


@pytest.mark.slow
def test_what_is_signed_in_steps_starts_a_quarter_apart_and_ends_with_its_first_part():
    """2 GW at 12 $bn a year in four parts of 0.5, for 24, 21, 18 and 15 months: 0.5 x 12 x 78 / 12 = 39 $bn; one world of two."""
    contracts, seller = (one := opened(months=60)).contracts, one.leveraged_cloud.account
    buyer = next(cloud.account for cloud in one.clouds if cloud.hyperscaler)
    pair = pair_of(one, buyer, seller)
    before = [rows[pair].copy() for rows in (contracts.starting_gw, contracts.ending_gw, contracts.obligations)]
    signed = Signed(np.array([seller, -1]), np.full(2, 2.0), np.full(2, 9))
    sign_in_steps(contracts, buyer, signed, np.full(2, 12 * BN), 4, 24)
    after = (contracts.starting_gw, contracts.ending_gw, contracts.obligations)
    starts, ends, owed = (rows[pair] - old for rows, old in zip(after, before, strict=True))
    assert {month: starts[month, 0] for month in np.flatnonzero(starts[:, 0])} == {9: 0.5, 12: 0.5, 15: 0.5, 18: 0.5}
    assert {month: ends[month, 0] for month in np.flatnonzero(ends[:, 0])} == {33: 2.0}
    assert owed == pytest.approx([39 * BN, 0.0])
    assert not starts[:, 1].any()


# --- chips on lease ---------------------------------------------------------------------------------------------------


def test_leased_chips_are_the_lessees_and_are_owed_for_not_paid():
    """A quarter of what a neocloud gets of the lead vendor is leased: it owns four dollars of chips where it pays for three."""
    one = opened(months=2, **{"vendor_finance.lease_share": 0.25, "vendor_finance.scale": 1.0})
    cloud, bought, buy = next(cloud for cloud in one.clouds if cloud.kind == "neocloud"), [], one.hardware.buy

    def noted(ledger, accounts, dollars, month):
        if accounts == list(one.chips.buyers):
            bought.append(dollars[one.chips.buyer[cloud.account]])
        buy(ledger, accounts, dollars, month)

    one.hardware.buy = noted
    owed = one.vendor_credit.owed_by(cloud.account).copy()
    set_terms(one)
    trade_chips(one)
    spent = -one.ledger.flow("chips", cloud.account)
    leased = one.vendor_credit.owed_by(cloud.account) - owed
    assert (spent > 0).all()
    assert sum(bought) == pytest.approx(spent, abs=1.0)
    assert leased == pytest.approx(0.25 * bought[one.vendors.index(one.lead_vendor)], abs=1.0)


# --- what is built for them -----------------------------------------------------------------------------------------


def test_a_builder_orders_for_what_it_sold_and_a_lessee_less_for_what_it_rents():
    overrides = {**OFF, **CLOUD, **QUIET, "leases.on": True, "building.on": True, "funding.tightening": 0.0}
    one = Economy(Scenario(preset=PLAIN, worlds=2, replicates=np.zeros(2, int), months=6, seed=3, overrides=overrides))
    one.step()
    seller, buyer = one.leveraged_cloud, next(cloud for cloud in one.clouds if cloud.hyperscaler)
    for who in (one.outside, buyer.account):
        pair = pair_of(one, who, seller.account)
        one.contracts.sign(pair, np.array([0.0, 0.5]), np.full(2, 12e9), 6, 60, one.month)
    one.step()
    assert seller.order[1] > seller.order[0]
    assert buyer.order[1] < buyer.order[0]


# --- where it is off ------------------------------------------------------------------------------------------------


def test_a_world_without_them_is_the_same_beside_one_with_them():
    overrides = {**OFF, **CLOUD, "funding.tightening": 0.6}
    alone = Economy(Scenario(preset=PLAIN, worlds=1, months=5, seed=3, overrides=overrides))
    overrides["leases.on"] = [False, True]
    both = Economy(Scenario(preset=PLAIN, worlds=2, replicates=np.zeros(2, int), months=5, seed=3, overrides=overrides))
    for one in (alone, both):
        one.run()
    for name, values in alone.series.items():
        assert np.array_equal(values[0], both.series[name][0], equal_nan=True), name


def test_off_nobody_outside_has_a_contract():
    one = opened(**{"leases.on": False})
    assert all(buyer != one.outside for buyer, _ in one.contracts.pairs)
