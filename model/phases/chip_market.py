"""Phase 10: orders became backlog; now chips are made, allocated, shipped and paid for or leased."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from perpetuum.model.worlds import Floats, share, total

if TYPE_CHECKING:
    from perpetuum.agents.chip_vendor import ChipVendor
    from perpetuum.model.economy import Economy


def trade_chips(economy: Economy) -> None:
    """10: buyers take what they can pay for; vendors produce, ship and book the sale; shells are built."""
    market = economy.chips
    for vendor in economy.vendors:
        # Anew: the backlog now holds the labs' leased orders too.
        market.allocate(vendor.account, vendor.capacity)
    _spend_elsewhere(economy)
    bills = cash_bills(economy)
    means = np.zeros(bills.shape)
    for cloud in economy.clouds:
        keep = cloud.kept_for_dues + economy.p.clouds.cushion_kept * cloud.cushion
        means[market.buyer[cloud.account]] = np.maximum(cloud.cash - keep, 0.0)
    for state in economy.states:
        means[market.buyer[state.account]] = state.cash
    taken = share(means, bills, 1.0)
    for lab in economy.labs:
        taken[market.buyer[lab.account]] = 1.0
    market.take(taken)
    leased = leased_shares(economy)
    for place, vendor in enumerate(economy.vendors):
        _ship(economy, vendor, leased[:, place])
    _build_shells(economy)


def _spend_elsewhere(economy: Economy) -> None:
    """Clouds' other capital spending, as far as cash above this month's debt service goes."""
    accounts = [cloud.account for cloud in economy.clouds]
    wanted = [
        np.minimum(cloud.figures.other_capex, np.maximum(cloud.cash - cloud.kept_for_dues, 0.0)) for cloud in economy.clouds
    ]
    spent = economy.ledger.pay(accounts, economy.outside, np.stack(wanted), "other_capex")
    economy.hardware.buy(economy.ledger, accounts, spent, economy.month)
    for cloud, capex in zip(economy.clouds, spent.astype(np.float64), strict=True):
        cloud.capex = capex


def leased_shares(economy: Economy) -> Floats:
    """Share of a delivery that the vendor leases: all of a lab's, a tenth of a neocloud's, none of the others'.

    (buyers, vendors, worlds).
    """
    market, v = economy.chips, economy.p.vendor_finance
    leased = np.zeros(market.allocated.shape)
    for lab in economy.labs:
        leased[market.buyer[lab.account]] = 1.0
    part = np.minimum(v.lease_share * v.scale, 1.0)
    neoclouds = [market.buyer[cloud.account] for cloud in economy.clouds if economy.is_neocloud(cloud.account)]
    for place, vendor in enumerate(economy.vendors):
        leased[neoclouds, place] = part * vendor.figures.finances
    return leased


def cash_bills(economy: Economy) -> Floats:
    """Cash that buyers need for what is allocated to them (buyers, worlds): chips less leases; clouds build shells too."""
    market = economy.chips
    shell = np.zeros(market.weight.shape)
    shell[[market.buyer[cloud.account] for cloud in economy.clouds]] = economy.p.technology.shell_cost
    price = np.stack([vendor.list_price() for vendor in economy.vendors])
    return market.bills(price, leased_shares(economy), shell)


def _ship(economy: Economy, vendor: ChipVendor, leased: Floats) -> None:
    """Produce at cost (never less than suppliers were promised), ship, and sell for cash or on lease (buyers, worlds)."""
    ledger, market = economy.ledger, economy.chips
    gw = market.shipped[:, market.vendor[vendor.account]].copy()
    needed = total(gw)
    unit_cost = vendor.unit_cost()
    made = np.minimum(vendor.produce(needed), vendor.cash / unit_cost)
    stock = vendor.units_in_stock + made
    short = np.minimum(1.0, share(stock, needed, 1.0))
    cost = ledger.pay(vendor.account, economy.outside, made * unit_cost, "cost_of_goods")
    ledger.capitalise(vendor.account, cost, "inventory")
    shipped = needed * short
    market.fall_short(vendor.account, short)
    sold = np.rint(ledger.stock("inventory", vendor.account) * np.minimum(share(shipped, stock), 1.0))
    ledger.capitalise(vendor.account, -sold, "inventory")
    ledger.capitalise(vendor.account, -vendor.write_down(), "inventory")
    vendor.units_in_stock = np.maximum(stock - shipped, 0.0) * (1.0 - economy.p.chips.obsolescence)
    vendor.cost_of_sales = sold
    delivered = gw * short
    value = delivered * vendor.list_price()
    buyers = list(market.buyers)
    payable = np.minimum(value * (1.0 - leased), ledger.row("deposits")[buyers])
    paid = ledger.pay(buyers, vendor.account, payable, "chips")
    vendor.sales = total(paid).astype(np.float64)
    vendor.leased = np.zeros(economy.p.worlds)
    rate = economy.funding.policy_rate + economy.p.vendor_finance.credit_margin
    leases = value * leased
    bought = paid.copy()
    for place in np.flatnonzero(leases.any(axis=1)).tolist():
        pool = economy.vendor_credit.pool(vendor.account, buyers[place])
        financed = economy.vendor_credit.finance_sale(ledger, pool, leases[place], rate, "chips")
        vendor.leased = vendor.leased + financed
        bought[place] += financed
    economy.hardware.buy(ledger, buyers, bought, economy.month)
    economy.hardware.ship(buyers, delivered, economy.technology.current)
    for cloud in economy.clouds:
        cloud.capex = cloud.capex + bought[market.buyer[cloud.account]]
    vendor.shipped = shipped


def _build_shells(economy: Economy) -> None:
    """Clouds pay for shells, power and cooling as chips are shipped to them."""
    market = economy.chips
    accounts = [cloud.account for cloud in economy.clouds]
    shipped = market.shipped[[market.buyer[account] for account in accounts]]
    gw = total(shipped[:, place] for place in range(len(economy.vendors)))
    cost = np.minimum(gw * economy.p.technology.shell_cost, economy.ledger.row("deposits")[accounts])
    spent = economy.ledger.pay(accounts, economy.outside, cost, "shell_and_power")
    economy.hardware.buy(economy.ledger, accounts, spent, economy.month)
    for cloud, shells in zip(economy.clouds, spent, strict=True):
        cloud.capex = cloud.capex + shells
