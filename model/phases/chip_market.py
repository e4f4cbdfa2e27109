"""Phase 10: orders became backlog; now chips are made, allocated, shipped and paid for or leased."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from perpetuum.model.worlds import Floats, anywhere, share, total

if TYPE_CHECKING:
    from perpetuum.agents.chip_vendor import ChipVendor
    from perpetuum.model.economy import Economy


def trade_chips(economy: Economy) -> None:
    """10: buyers take what they can pay for; vendors produce, ship and book the sale; shells are built."""
    for vendor in economy.vendors:
        # Anew: the backlog now holds the labs' leased orders too.
        economy.chips.allocate(vendor.account, vendor.capacity)
    for cloud in economy.clouds:
        _spend_elsewhere(economy, cloud)
        bill = economy.chip_bill(cloud)
        keep = cloud.kept_for_dues + economy.p.clouds.cushion_kept * cloud.cushion
        economy.chips.take(cloud.account, share(np.maximum(cloud.cash - keep, 0.0), bill, 1.0))
    for state in economy.states:
        bill = _cash_bill(economy, state.account, np.zeros(economy.p.worlds))
        economy.chips.take(state.account, share(state.cash.astype(np.float64), bill, 1.0))
    for lab in economy.labs:
        economy.chips.take(lab.account, np.ones(economy.p.worlds))
    for vendor in economy.vendors:
        _ship(economy, vendor)
    _build_shells(economy)


def _spend_elsewhere(economy: Economy, cloud) -> None:
    """Other capital spending, as far as cash above this month's debt service goes."""
    free = np.maximum(cloud.cash - cloud.kept_for_dues, 0.0)
    spent = economy.ledger.pay(cloud.account, economy.outside, np.minimum(cloud.figures.other_capex, free), "other_capex")
    economy.ledger.capitalise(cloud.account, spent, "hardware")
    economy.hardware.invest(cloud.account, spent, economy.month)
    cloud.capex = spent.astype(np.float64)


def lease_share(economy: Economy, buyer: int, vendor: ChipVendor) -> Floats:
    """Share of a delivery that the vendor leases: all of a lab's, a tenth of a neocloud's, none of the others'."""
    if economy.is_lab(buyer):
        return np.ones(economy.p.worlds)
    v = economy.p.vendor_finance
    leased = np.minimum(v.lease_share * v.scale, 1.0) * vendor.figures.finances
    return leased if economy.is_neocloud(buyer) else np.zeros(economy.p.worlds)


def _cash_bill(economy: Economy, buyer: int, shell: Floats) -> Floats:
    """Cash that a buyer needs to take all that is allocated to it: chips less leases, and shells (dollars)."""
    market = economy.chips
    bill = shell * market.expected(buyer)
    for vendor in economy.vendors:
        gw = market.allocated[market.buyer[buyer], market.vendor[vendor.account]]
        bill = bill + gw * vendor.list_price() * (1.0 - lease_share(economy, buyer, vendor))
    return bill


def cloud_chip_bill(economy: Economy, buyer: int) -> Floats:
    """Cash bill of a cloud for this month's allocation (dollars)."""
    return _cash_bill(economy, buyer, economy.p.technology.shell_cost)


def _ship(economy: Economy, vendor: ChipVendor) -> None:
    """Produce at cost (never less than suppliers were promised), ship, and sell for cash or on lease."""
    ledger, market = economy.ledger, economy.chips
    column = market.vendor[vendor.account]
    gw = {buyer: market.shipped[market.buyer[buyer], column].copy() for buyer in market.buyers}
    needed = total(gw.values())
    affordable = vendor.cash / vendor.unit_cost()
    made = np.minimum(vendor.produce(needed), affordable)
    short = np.minimum(1.0, share(vendor.units_in_stock + made, needed, 1.0))
    cost = ledger.pay(vendor.account, economy.outside, made * vendor.unit_cost(), "cost_of_goods")
    ledger.capitalise(vendor.account, cost, "inventory")
    stock = vendor.units_in_stock + made
    shipped = needed * short
    market.fall_short(vendor.account, short)
    sold = np.rint(ledger.stock("inventory", vendor.account) * np.minimum(share(shipped, stock), 1.0))
    ledger.capitalise(vendor.account, -sold, "inventory")
    ledger.capitalise(vendor.account, -vendor.write_down(), "inventory")
    vendor.units_in_stock = np.maximum(stock - shipped, 0.0) * (1.0 - economy.p.chips.obsolescence)
    vendor.cost_of_sales = sold
    price = vendor.list_price()
    buyers = list(market.buyers)
    rate = economy.funding.policy_rate + economy.p.vendor_finance.credit_margin
    cash_bills, leases = [], []
    for buyer in buyers:
        leased = lease_share(economy, buyer, vendor)
        value = gw[buyer] * short * price
        cash_bills.append(value * (1.0 - leased))
        leases.append(value * leased)
    payable = [np.minimum(bill, ledger.cash(buyer)) for bill, buyer in zip(cash_bills, buyers, strict=True)]
    paid = ledger.pay(buyers, [vendor.account] * len(buyers), np.stack(payable), "chips")
    vendor.sales = total(paid).astype(np.float64)
    vendor.leased = np.zeros(economy.p.worlds)
    for place, buyer in enumerate(buyers):
        value = paid[place]
        if anywhere(leases[place]):
            pool = economy.vendor_credit.pool(vendor.account, buyer)
            financed = economy.vendor_credit.finance_sale(ledger, pool, leases[place], rate, "chips")
            vendor.leased = vendor.leased + financed
            value = value + financed
        ledger.capitalise(buyer, value, "hardware")
        economy.hardware.invest(buyer, value, economy.month)
        economy.hardware.ship(buyer, gw[buyer] * short, economy.technology.current)
        if buyer in economy.cloud_of:
            economy.cloud_of[buyer].capex = economy.cloud_of[buyer].capex + value
    economy.shipped_gw[vendor.account] = shipped


def _build_shells(economy: Economy) -> None:
    """Clouds pay for shells, power and cooling as chips are shipped to them."""
    for cloud in economy.clouds:
        gw = total(economy.chips.shipped[economy.chips.buyer[cloud.account], v] for v in range(len(economy.vendors)))
        cost = np.minimum(gw * economy.p.technology.shell_cost, cloud.cash)
        spent = economy.ledger.pay(cloud.account, economy.outside, cost, "shell_and_power")
        economy.ledger.capitalise(cloud.account, spent, "hardware")
        economy.hardware.invest(cloud.account, spent, economy.month)
        cloud.capex = cloud.capex + spent
