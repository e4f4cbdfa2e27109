"""Phases 4 to 7: customers pay, capacity is delivered, firms plan and labs reserve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from perpetuum.model.markets.chips import price_of_new, switch_vendors
from perpetuum.model.markets.commitments import place_lump, sign_in_steps
from perpetuum.model.markets.leases import SELLERS, Offer, trusted
from perpetuum.model.worlds import Floats, anywhere, rows_in_use, share, total

if TYPE_CHECKING:
    from perpetuum.model.structure import Structure


def collect_end_demand(economy: Structure) -> None:
    """4: customers pay labs, clouds and vendors; states are funded by their budgets."""
    ledger, demand, month = economy.ledger, economy.demand, economy.month
    income = economy.outside_economy.income(month)
    demand.note_effort(total([lab.effort * lab.market_share for lab in economy.labs]))
    demand.update(month, economy.compute.rent_index(), economy.holdings.share_index(), income)
    labs_total = demand.labs_total()
    outside = economy.outside
    _move_market_shares(economy)
    labs, clouds, vendors, states = economy.labs, economy.clouds, economy.vendors, economy.states
    ledger.pay(
        [outside] * len(labs),
        [lab.account for lab in labs],
        np.array([lab.sell(labs_total) for lab in labs]),
        "ai_subscriptions",
    )
    if anywhere(economy.p.leases.on):  # contracts of this month have not started yet
        contracted = economy.contracts.reserved_at(economy.contracts.of_buyer(outside), month - 1, 1)
        economy.leases.see_contracts(month, _direct_use(economy), contracted)
    direct = np.array([cloud.direct_sales() for cloud in clouds])
    ledger.pay([outside] * len(clouds), [cloud.account for cloud in clouds], direct, "direct_cloud_sales")
    sellers = [(c.account, c.other_business(month)) for c in clouds] + [
        (v.account, v.figures.other_revenue) for v in vendors
    ]
    ledger.pay([outside] * len(sellers), [a for a, _ in sellers], np.array([x for _, x in sellers]), "other_business")
    if states:
        budgets = np.array([state.figures.budget for state in states])
        ledger.pay([outside] * len(states), [state.account for state in states], budgets, "state_funding")


def _direct_use(economy: Structure) -> Floats:
    """GW that all direct customers use, under contract or not."""
    return economy.demand.direct * economy.demand.compute_per_dollar / economy.p.compute.rent


def _move_market_shares(economy: Structure) -> None:
    """Shares of sales follow shares of training, slowly; after a default customers leave over months."""
    labs = economy.labs
    targets = economy.demand.share_targets(
        [lab.training for lab in labs], [lab.training_opening for lab in labs], [lab.opening_share for lab in labs]
    )
    moved = [lab.next_share(target) for lab, target in zip(labs, targets, strict=True)]
    whole = total(moved)
    for lab, part in zip(labs, moved, strict=True):
        lab.market_share = part / whole


def deliver_compute(economy: Structure) -> None:
    """5: reserved capacity starts and is served, direct customers and own products next, then spot compute clears."""
    market, contracts = economy.compute, economy.contracts
    _, started = contracts.advance(economy.month)
    for lab in economy.labs:
        lab.count_started(total([started[pair] for pair in contracts.of_buyer(lab.account)]))
    _adjust_prepayments(economy)
    clouds = economy.clouds
    for cloud in clouds:
        cloud.grow_own_use()
    market.deliver_reserved([cloud.powered() for cloud in clouds], [cloud.quality() for cloud in clouds])
    market.use(
        [cloud.direct_gw() for cloud in clouds], [cloud.own_use for cloud in clouds], [cloud.absorbed() for cloud in clouds]
    )
    market.clear_spot([lab.spot_wanted() for lab in economy.labs])
    done = [lab.training_done() for lab in economy.labs]
    economy.demand.learn(total(done), economy.month)


def _adjust_prepayments(economy: Structure) -> None:
    """Labs prepay a month or so of every contract that starts; at its end what is left comes back, as far as cash goes."""
    ledger, prepaid = economy.ledger, economy.prepaid
    missing = prepaid.wanted(economy.contracts.bill, economy.p.contracts.prepaid_months) - prepaid.held
    left = {lab.account: lab.prepaid_at_most() for lab in economy.labs}
    for row in rows_in_use(missing):
        buyer = prepaid.pairs[row][0]
        more = np.minimum(np.maximum(missing[row], 0), left[buyer])
        left[buyer] = left[buyer] - more
        prepaid.move(ledger, row, more, prepaid.returned(ledger, row, missing[row]))


def plan_production(economy: Structure) -> None:
    """6: labs set training, clouds order chips, vendors adjust capacity and price."""
    economy.chips.begin_month(economy.month)
    for lab in economy.labs:
        lab.plan_training()
    for vendor in economy.vendors:
        vendor.plan_capacity(economy.chips.backlog_of_vendor(vendor.account))
    switch_vendors(economy.chips, economy.vendors)
    price = price_of_new(economy.vendors)
    unit_cost = price + economy.technology.shell_cost
    if anywhere(economy.p.building.on):
        _look_to_delivery(economy)
    shares = np.array([vendor.order_share for vendor in economy.vendors])
    for cloud in economy.clouds:
        economy.chips.divide(cloud.account, cloud.plan_orders(unit_cost), shares)
    if anywhere(economy.shells.on):
        _begin_shells(economy)
    price_index = economy.lead_vendor.price_index
    hoards = {state.account: state.hoard_gw() for state in economy.states}
    for state in economy.states:
        others = [hoard for account, hoard in hoards.items() if account != state.account]
        wanted = state.hoard_order(others, price_index)
        state.ordered = wanted * price
        economy.chips.divide(state.account, wanted, shares)


def _begin_shells(economy: Structure) -> None:
    """Clouds have shells begun; in the first month also those that are under way already."""
    for cloud in economy.clouds:
        if economy.month == 0:
            turn = cloud.months_to_shells_due()
            economy.shells.open_under_way(cloud.account, cloud.shells_soon, cloud.shells_begun, turn)
        economy.shells.begin(cloud.account, cloud.shells_begun)


def _look_to_delivery(economy: Structure) -> None:
    """How long orders take, and what labs will need by then beyond what they have reserved."""
    vendors, contracts, limit = economy.vendors, economy.contracts, economy.p.building.wait_limit
    wait = total([vendor.order_share * vendor.lead_time for vendor in vendors])
    lead = np.minimum(wait, limit) + economy.p.chips.lead_months
    foreseen = economy.expectations.look_to_delivery(total([lab.compute_need() for lab in economy.labs]), lead)
    economy.expectations.see_reserved_then(foreseen, contracts.reserved_then(economy.lab_pairs, economy.month, lead))


def reserve_compute(economy: Structure) -> None:
    """7: labs sign take-or-pay contracts with clouds for part of the growth they foresee, a little a month or in lumps.

    Where `leases.on`, hyperscalers and customers outside sign as well.
    """
    contracts, p = economy.contracts, economy.p
    open_to = total([cloud.figures.contract_share for cloud in economy.clouds])
    start = economy.month + p.chips.plan_months
    new_capacity = price_of_new(economy.vendors) + economy.technology.shell_cost
    price = economy.compute.contract_price(new_capacity)
    for lab in economy.labs:
        lab.renegotiate()
        gap = lab.to_reserve()
        if anywhere(gap):
            pairs = [contracts.pairs.index((lab.account, cloud.account)) for cloud in economy.clouds]
            gw = gap * np.array([share(cloud.figures.contract_share, open_to) for cloud in economy.clouds])
            contracts.sign_all(pairs, gw, price, start, p.contracts.term_months, economy.month)
        lab.count_signed(gap * share(open_to, open_to))
        lump = lab.ambition.lump() if lab.ambition.on else None
        if lump is not None:
            signed = place_lump(p, economy.compute.capacity, economy.clouds, lump, price, economy.alive(lab))
            sign_in_steps(contracts, lab.account, signed, price, p.ambition.lump_steps, p.ambition.lump_term)
    if anywhere(p.leases.on):
        _sign_leases(economy, price)


def _sign_leases(economy: Structure, price: Floats) -> None:
    """Hyperscalers lease part of what they lack; customers outside sign with the leveraged cloud and neoclouds."""
    market, compute, month = economy.leases, economy.compute, economy.month
    sellers = [cloud for cloud in economy.clouds if cloud.kind in SELLERS]
    market.see(_direct_use(economy))
    if not sellers:
        return
    rate = economy.p.leases.rate
    buyers = [cloud for cloud in economy.clouds if cloud.hyperscaler and market.comes(cloud.account, rate, month)]
    signers = [seller for seller in sellers if market.comes(seller.account, market.arrivals(seller), month)]
    if not (buyers or signers):
        return
    on, patience = economy.funding.open * economy.p.leases.on, economy.p.leases.patience
    able = {c.account: economy.alive(c) * on * trusted(compute.fraction[c.account], patience) for c in sellers}
    offer, contracts, steps = Offer(compute.capacity, able), economy.contracts, economy.p.leases.steps
    for cloud in buyers:
        gap = cloud.gap_to_lease(market.latest_start()) * economy.alive(cloud)
        signed, term = market.lease(cloud.account, gap, cloud.usable(), sellers, offer, month)
        sign_in_steps(contracts, cloud.account, signed, price, steps, term)
    for seller in signers:
        contracted = contracts.reserved_then(contracts.of_buyer(economy.outside), month, market.latest_start())
        signed, term = market.outsiders(seller, offer, contracted, month)
        sign_in_steps(contracts, economy.outside, signed, price, steps, term)
