"""Phase 10: orders became backlog; now chips are made, allocated, shipped and paid for or leased."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from perpetuum.model.markets.chips import part_taken
from perpetuum.model.markets.power import part_finished
from perpetuum.model.phases.hall_market import let_halls
from perpetuum.model.worlds import Floats, anywhere, rows_in_use, total

if TYPE_CHECKING:
    from perpetuum.agents.central_bank import CentralBank
    from perpetuum.agents.chip_vendor import ChipVendor
    from perpetuum.agents.cloud_provider import CloudProvider
    from perpetuum.model.structure import Structure


def set_terms(economy: Structure) -> None:
    """Vendors say what a GW costs this month, what they lease, and whom they favour where chips are scarce."""
    market, holdings = economy.chips, economy.holdings
    for vendor in economy.vendors:
        place = market.vendor[vendor.account]
        market.price[place] = vendor.list_price()
        for customer in economy.hardware_owners:
            cloud = economy.cloud_of.get(customer.account)
            alive = 1.0 if cloud is None else economy.alive(cloud)
            market.leased[market.buyer[customer.account], place] = vendor.lease_share(customer) * alive
    for cloud in economy.clouds:
        stake = holdings.lots[economy.lead_vendor.account, holdings.asset_of(cloud.account)]
        market.weight[market.buyer[cloud.account]] = economy.lead_vendor.favour(stake)


def allocate_chips(economy: Structure) -> None:
    """Vendors share out what they can make."""
    for vendor in economy.vendors:
        backlog = economy.chips.backlog_of_vendor(vendor.account)
        economy.chips.allocate(vendor.account, vendor.shippable(backlog))


class Building(NamedTuple):
    """What clouds build beside chips, dollars: per GW of chips that is paid with them, and this month for shells under way.

    (buyers, worlds); nothing is under way where shells come with chips.
    """

    with_chips: Floats
    under_way: Floats | None


def building(economy: Structure) -> Building:
    """What clouds build beside the chips that they are due this month."""
    market = economy.chips
    with_chips, under_way = np.zeros(market.weight.shape), None
    for cloud in economy.clouds:
        with_chips[market.buyer[cloud.account]] = cloud.own_cost_with_chips()
    if anywhere(economy.shells.on):
        under_way = np.zeros(market.weight.shape)
        for cloud in economy.clouds:
            under_way[market.buyer[cloud.account]] = cloud.construction_bill()
    return Building(with_chips, under_way)


def cash_bills(economy: Structure, built: Building | None = None) -> Floats:
    """Cash that buyers need for what is allocated to them (buyers, worlds): chips less leases; clouds build shells too."""
    built = built or building(economy)
    bills = economy.chips.bills(built.with_chips)
    return bills if built.under_way is None else bills + built.under_way


def trade_chips(economy: Structure) -> None:
    """10: buyers take what they can pay for; vendors produce, ship and book the sale; shells are built, or leased."""
    market = economy.chips
    allocate_chips(economy)  # anew: the backlog now holds the labs' leased orders too
    _spend_elsewhere(economy)
    means = np.zeros(market.weight.shape)  # labs' orders are leased whole: they have nothing to pay
    buyers: list[CloudProvider | CentralBank] = [*economy.clouds, *economy.states]
    for buyer in buyers:
        means[market.buyer[buyer.account]] = buyer.means_for_chips()
    built = building(economy)
    part = part_taken(means, cash_bills(economy, built))
    market.take(part)
    for vendor in economy.vendors:
        _ship(economy, vendor)
    market.count_shipped()
    _build_shells(economy, built.with_chips)
    if built.under_way is not None:
        _go_on_building(economy, built.under_way, np.minimum(part, 1.0))
    let_halls(economy, np.minimum(part, 1.0))


def _spend_elsewhere(economy: Structure) -> None:
    """Clouds' other capital spending."""
    accounts = [cloud.account for cloud in economy.clouds]
    wanted = np.array([cloud.other_spending() for cloud in economy.clouds])
    spent = economy.ledger.pay(accounts, economy.outside, wanted, "other_capex")
    economy.hardware.buy(economy.ledger, accounts, spent, economy.month)
    for cloud, capex in zip(economy.clouds, spent.astype(np.float64), strict=True):
        cloud.capex = capex


def _ship(economy: Structure, vendor: ChipVendor) -> None:
    """Produce at cost, ship, and sell for cash or on lease (buyers, worlds)."""
    ledger, market = economy.ledger, economy.chips
    place = market.vendor[vendor.account]
    gw = market.shipped[:, place].copy()
    needed = total(gw)
    made = vendor.produce(needed)
    cost = ledger.pay(vendor.account, economy.outside, made * vendor.unit_cost(), "cost_of_goods")
    ledger.capitalise(vendor.account, cost, "inventory")
    part = vendor.ship(needed, made)
    market.fall_short(vendor.account, part)
    ledger.capitalise(vendor.account, -vendor.cost_of_sales, "inventory")
    ledger.capitalise(vendor.account, -vendor.write_down(), "inventory")
    delivered = gw * part
    value, leased = delivered * market.price[place], market.leased[:, place]
    buyers = list(market.buyers)
    payable = np.minimum(value * (1.0 - leased), ledger.row("deposits")[buyers])
    paid = ledger.pay(buyers, vendor.account, payable, "chips")
    vendor.sales = total(paid).astype(np.float64)
    vendor.leased = np.zeros(economy.p.worlds)
    leases = value * leased
    bought = paid.copy()
    for row in rows_in_use(leases):
        pool = economy.vendor_credit.pool(vendor.account, buyers[row])
        financed = economy.vendor_credit.finance_sale(ledger, pool, leases[row], vendor.credit_rate(), "chips")
        vendor.leased = vendor.leased + financed
        bought[row] += financed
    economy.hardware.buy(ledger, buyers, bought, economy.month)
    economy.hardware.ship(buyers, delivered, economy.technology.current)
    for cloud in economy.clouds:
        cloud.capex = cloud.capex + bought[market.buyer[cloud.account]]


def _build_shells(economy: Structure, cost: Floats) -> None:
    """Clouds pay for shells, power and cooling as chips are shipped to them, or for what of these still comes with chips."""
    market = economy.chips
    accounts = [cloud.account for cloud in economy.clouds]
    rows = [market.buyer[account] for account in accounts]
    shipped = market.shipped[rows]
    gw = total([shipped[:, place] for place in range(len(economy.vendors))])
    cost = np.minimum(gw * cost[rows], economy.ledger.row("deposits")[accounts])
    spent = economy.ledger.pay(accounts, economy.outside, cost, "shell_and_power")
    economy.hardware.buy(economy.ledger, accounts, spent, economy.month)
    for cloud, shells in zip(economy.clouds, spent, strict=True):
        cloud.capex = cloud.capex + shells


def _go_on_building(economy: Structure, due: Floats, part: Floats) -> None:
    """Clouds pay a step of what they have under construction, the same part of it as of chips (buyers, worlds)."""
    accounts = [cloud.account for cloud in economy.clouds]
    rows = [economy.chips.buyer[account] for account in accounts]
    bills = due[rows]
    wanted = bills * part[rows]
    cost = np.minimum(wanted, economy.ledger.row("deposits")[accounts])
    spent = economy.ledger.pay(accounts, economy.outside, cost, "shell_and_power")
    economy.hardware.buy(economy.ledger, accounts, spent, economy.month)
    for cloud, bill, paid in zip(economy.clouds, bills, spent.astype(np.float64), strict=True):
        taken = part[economy.chips.buyer[cloud.account]]  # of what landlords alone pay for, as much as of chips
        economy.shells.build(cloud.account, np.where(bill > 0, part_finished(paid, bill), taken))
        cloud.capex = cloud.capex + paid
