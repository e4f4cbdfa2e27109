"""The opening accounts: what firms earn, owe, sell and expect at the start.

All of it follows from the opening books and the preset's figures, so that the first month is like those before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from perpetuum.model.markets.fair_value import FairValue, comparables
from perpetuum.model.worlds import Floats, anywhere, share, total

if TYPE_CHECKING:
    from perpetuum.agents.cloud_provider import CloudProvider
    from perpetuum.model.structure import Structure


def open_accounts(economy: Structure) -> None:
    """Opening values that follow from others: shares of sales, premia, smoothed flows."""
    p = economy.p
    economy.holdings.open_index()
    revenue = sum((lab.figures.revenue for lab in economy.labs), np.zeros(p.worlds))
    _open_compute(economy, revenue)
    weights = total([np.zeros(p.worlds), *(state.figures.budget_weight for state in economy.states)])
    programme = p.states.hoard_order * p.states.hoarding * weights  # GW a month that states order
    ordered = programme + total([cloud.figures.orders for cloud in economy.clouds])
    usual = p.chips.opening_use * total([vendor.figures.capacity for vendor in economy.vendors])
    for vendor in economy.vendors:
        vendor.open_accounts(economy.chips.backlog_of_vendor(vendor.account), vendor.order_share * usual)
    pace = share(total([vendor.shipped for vendor in economy.vendors]), ordered, 1.0)  # of what is shipped over ordered
    spot = economy.compute.spot_bills().sum(axis=0)
    for row, cloud in enumerate(economy.clouds):
        cloud.open_accounts(*_opening_receipts(economy, cloud, spot[row]), pace * cloud.figures.orders)
    building = sum((c.capex_average for c in economy.clouds), np.zeros(p.worlds))
    economy.narrative.open_memories(revenue + p.demand.direct, building + programme * p.technology.content_today)
    place = {firm: n for firms in (economy.vendors, economy.clouds) for n, firm in enumerate(firms)}
    economy.fair_values = [
        FairValue(
            p,
            economy.streams,
            f"{firm.role} {place[firm]}",
            firm.figures.market_cap,
            firm.figures.news,
            firm.earning_power(),
        )
        for firm in economy.listed_firms
    ]
    gold = economy.holdings.market_value(economy.holdings.gold).astype(np.float64)
    economy.gold_lots = economy.holdings.outstanding[economy.holdings.gold].astype(np.float64)
    economy.fair_values.append(
        FairValue(p, economy.streams, "gold", gold, p.valuation.gold_news, gold, p.valuation.gold_sentiment)
    )
    comparable = comparables(p, economy.fair_values[:-1], economy.holdings.share_index())
    for lab in economy.labs:
        lab.calibrate_valuation(comparable)
        lab.open_accounts(economy.bank.deposit_rate())
        lab.ambition.open()


def _open_compute(economy: Structure, revenue: Floats) -> None:
    """Who serves whom at the start, at the opening rent: as in the first month, before anything has moved."""
    market, clouds = economy.compute, economy.clouds
    market.deliver_reserved([cloud.powered() for cloud in clouds], [cloud.quality() for cloud in clouds])
    market.use([cloud.direct_gw() for cloud in clouds], [c.own_use for c in clouds], [c.absorbed() for c in clouds])
    for lab in economy.labs:
        lab.opening_share = share(lab.figures.revenue, revenue, 1.0 / len(economy.labs))
        lab.market_share = lab.opening_share.copy()
        lab.measure_inference()
    market.sell_spot([lab.spot_wanted() for lab in economy.labs])


def _opening_receipts(economy: Structure, cloud: CloudProvider, spot: Floats) -> tuple[Floats, Floats, Floats]:
    """AI receipts of a cloud in a month at the start but for direct sales (dollars): rents and shares of labs' revenue, less
    what it pays for compute; the backstop; and what of all that firms pay it. `spot`: rent of spot compute.
    """
    contracts, bills = economy.contracts, economy.compute.reserved_bills()
    nothing = [np.zeros(economy.p.worlds)]
    sold = contracts.of_seller(cloud.account)
    by_firms = total([*nothing, *(bills[pair] for pair in sold if contracts.pairs[pair][0] != economy.outside)]) + spot
    shares = [lab.figures.revenue_share * lab.figures.revenue for lab in economy.labs if lab.partner == cloud.account]
    by_firms = by_firms + total([*nothing, *shares]) / 12
    outside = total([*nothing, *(bills[pair] for pair in sold if contracts.pairs[pair][0] == economy.outside)])
    paid = total([*nothing, *(bills[pair] for pair in contracts.of_buyer(cloud.account))])
    unsold, rent = economy.compute.unsold(cloud.account), economy.compute.rent
    financed = [vendor for vendor in economy.vendors if cloud.kind == "neocloud" and anywhere(vendor.figures.finances)]
    backstop = total([*nothing, *(vendor.programme.backstop_due(unsold, rent) for vendor in financed)])
    return by_firms + outside - paid, backstop, by_firms + backstop
