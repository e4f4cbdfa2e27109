"""Phases 4 to 7: customers pay, capacity is delivered, firms plan and labs reserve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from perpetuum.model.worlds import bounded, share, total

if TYPE_CHECKING:
    from perpetuum.model.structure import Structure


def collect_end_demand(economy: Structure) -> None:
    """4: customers pay labs, clouds and vendors; states are funded by their budgets."""
    ledger, demand, month = economy.ledger, economy.demand, economy.month
    income = economy.outside_economy.income(month)
    demand.update(month, economy.compute.rent_index(), economy.holdings.share_index(), income)
    labs_total = demand.labs_total()
    outside = economy.outside
    _move_market_shares(economy)
    labs, clouds, vendors, states = economy.labs, economy.clouds, economy.vendors, economy.states
    ledger.pay(
        [outside] * len(labs),
        [lab.account for lab in labs],
        np.stack([lab.sell(labs_total) for lab in labs]),
        "ai_subscriptions",
    )
    direct = [demand.direct * c.figures.direct_share / 12 * economy.compute.direct_served[c.account] for c in clouds]
    ledger.pay([outside] * len(clouds), [c.account for c in clouds], np.stack(direct), "direct_cloud_sales")
    sellers = [(c.account, c.other_business(month)) for c in clouds] + [
        (v.account, v.figures.other_revenue) for v in vendors
    ]
    ledger.pay([outside] * len(sellers), [a for a, _ in sellers], np.stack([x for _, x in sellers]), "other_business")
    if states:
        budgets = np.stack([state.figures.budget for state in states])
        ledger.pay([outside] * len(states), [state.account for state in states], budgets, "state_funding")


def _move_market_shares(economy: Structure) -> None:
    """Shares of sales follow shares of training, slowly; after a default customers leave over three months."""
    d, left = economy.p.demand, economy.p.default.migration_months
    e = d.share_elasticity
    training = [lab.training**e * lab.training_opening ** (1.0 - e) for lab in economy.labs]
    whole = total(training)
    opening = total(lab.training_opening for lab in economy.labs)
    moved = []
    for lab, gw in zip(economy.labs, training, strict=True):
        relative = share(share(gw, whole), share(lab.training_opening, opening), 1.0)
        target = lab.opening_share * relative
        leaving = lab.migrating / left
        lab.migrating = lab.migrating - leaving
        moved.append(np.maximum(lab.market_share + d.share_speed * (target - lab.market_share) - leaving, 1e-4))
    whole = total(moved)
    for lab, part in zip(economy.labs, moved, strict=True):
        lab.market_share = part / whole


def deliver_compute(economy: Structure) -> None:
    """5: reserved capacity starts and is served, direct customers and own products next, then spot compute clears."""
    market, contracts = economy.compute, economy.contracts
    _, started = contracts.advance(economy.month)
    for lab in economy.labs:
        lab.count_started(total(started[pair] for pair in contracts.of_buyer(lab.account)))
    _adjust_prepayments(economy)
    for cloud in economy.clouds:
        cloud.grow_own_use()
        market.deliver_reserved(cloud.account, cloud.installed(), cloud.quality())
    market.hand_over_reserved()
    for cloud in economy.clouds:
        market.use(cloud.account, cloud.direct_gw(), cloud.own_use, cloud.absorbed())
    market.clear_spot({lab.account: lab.spot_wanted() for lab in economy.labs})
    done = [lab.training_done() for lab in economy.labs]
    economy.demand.learn(total(done), economy.month)


def _adjust_prepayments(economy: Structure) -> None:
    """Labs prepay a month of every contract that starts, as far as a tenth of their cash goes; the rest comes back at the end."""
    ledger, prepaid, terms = economy.ledger, economy.prepaid, economy.p.contracts
    missing = prepaid.wanted(economy.contracts.bill, terms.prepaid_months) - prepaid.held
    for row in np.flatnonzero(missing.any(axis=1)).tolist():
        buyer, seller = prepaid.pairs[row]
        most = (terms.prepaid_cash * ledger.cash(buyer)).astype(np.int64)
        more = np.minimum(np.maximum(missing[row], 0), most)
        back = np.minimum(np.maximum(-missing[row], 0), ledger.cash(seller))
        prepaid.move(ledger, row, more, back)


def plan_production(economy: Structure) -> None:
    """6: labs set training, clouds order chips, vendors adjust capacity and price."""
    economy.agents_by_role["lab"].do("plan_training")
    for vendor in economy.vendors:
        vendor.plan_capacity(economy.chips.backlog_of_vendor(vendor.account))
    _switch_vendors(economy)
    price = total(v.order_share * v.list_price() for v in economy.vendors)
    unit_cost = price + economy.p.technology.shell_cost
    for cloud in economy.clouds:
        wanted = cloud.plan_orders(unit_cost)
        for vendor in economy.vendors:
            economy.chips.order(cloud.account, vendor.account, wanted * vendor.order_share)
    price_index = economy.lead_vendor.price_index
    hoards = {state.account: state.hoard_gw() for state in economy.states}
    for state in economy.states:
        rivals = [hoard for account, hoard in hoards.items() if account != state.account]
        rival = total(rivals) / len(rivals) if rivals else np.zeros(economy.p.worlds)
        wanted = state.hoard_order(rival, price_index)
        state.ordered = wanted * price
        for vendor in economy.vendors:
            economy.chips.order(state.account, vendor.account, wanted * vendor.order_share)


def _switch_vendors(economy: Structure) -> None:
    """Orders drift from a dear vendor to the others, the more so the weaker the lock-in."""
    v = economy.p.vendor
    mean = total(vendor.order_share * vendor.price_index for vendor in economy.vendors)
    waiting = [share(economy.chips.backlog_of_vendor(x.account), x.capacity) for x in economy.vendors]
    queue = total(x.order_share * w for x, w in zip(economy.vendors, waiting, strict=True))
    moved = []
    for vendor, wait in zip(economy.vendors, waiting, strict=True):
        premium = (vendor.price_index - mean) + v.queue_weight * bounded(wait - queue, -v.queue_limit, v.queue_limit)
        moved.append(np.maximum(vendor.order_share * (1.0 - v.switching * (1.0 - v.lock_in) * premium), 1e-4))
    whole = total(moved)
    for vendor, part in zip(economy.vendors, moved, strict=True):
        vendor.order_share = part / whole


def reserve_compute(economy: Structure) -> None:
    """7: labs sign take-or-pay contracts with clouds for part of the growth they foresee."""
    contracts, p = economy.contracts, economy.p
    open_to = total(cloud.figures.contract_share for cloud in economy.clouds)
    start = economy.month + p.chips.plan_months
    # Long contracts are priced at what new capacity costs over five years, plus a margin; never above the going rent.
    new_capacity = total(v.order_share * v.list_price() for v in economy.vendors) + p.technology.shell_cost
    cost_plus = p.contracts.markup * (new_capacity / p.technology.recovery_years + p.compute.operating_cost)
    price = np.minimum(economy.compute.rent_average, cost_plus)
    for lab in economy.labs:
        lab.renegotiate()
        gap = lab.reservation_gap() / p.contracts.horizon_months
        pairs = [contracts.pairs.index((lab.account, cloud.account)) for cloud in economy.clouds]
        gw = gap * np.stack([share(cloud.figures.contract_share, open_to) for cloud in economy.clouds])
        contracts.sign_all(pairs, gw, price, start, p.contracts.term_months, economy.month)
        lab.count_signed(gap * share(open_to, open_to))
