"""Used chips change hands: who lacks cash sells before settlement (11), who has failed or breached covenants after (12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from perpetuum.agents.central_bank import CentralBank
from perpetuum.agents.cloud_provider import CloudProvider
from perpetuum.model.observed.events import EventCause, EventKind
from perpetuum.model.worlds import Floats, anywhere, bounded, share, total

if TYPE_CHECKING:
    from perpetuum.model.economy import Economy

#: A seller, the fraction of its chips on offer, and the part of the price that it gets, (worlds,) each.
type Offer = tuple[CloudProvider, Floats, Floats]


def raise_cash(economy: Economy, missing: dict[str, Floats]) -> None:
    """11: a cloud that lacks `missing` dollars (worlds,) for its bills sells as many idle chips as bring them at once.

    fraction = min(idle share, missing / (value of its chips x price of used chips x fire_sale)).
    """
    weights, price = economy.hardware.value_weights, economy.second_hand.price * economy.p.default.fire_sale
    for cloud in economy.clouds:
        cloud.chips_sold = np.zeros(economy.p.worlds)
        lacking = np.maximum(missing[cloud.name], 0.0)
        if anywhere(lacking):
            worth = economy.hardware.value_weighted_gw(cloud.account, weights) * price
            cloud.chips_sold = np.minimum(_idle_share(economy, cloud), share(lacking, worth))
    offers = [(cloud, cloud.chips_sold, economy.p.default.fire_sale) for cloud in economy.clouds]
    if any(anywhere(fraction) for _, fraction, _ in offers):
        _trade(economy, offers, forced=True)


def sell_collateral_and_idle_chips(economy: Economy) -> None:
    """12: collateral of clouds that failed is sold at once, and some idle chips of those in breach of covenants in good order."""
    offers: list[Offer] = []
    for cloud in economy.clouds:
        failed = economy.failed_now[cloud.name] > 0
        idle = economy.p.second_hand.idle_offer * _idle_share(economy, cloud) - cloud.chips_sold
        offered = np.where((cloud.breached > 0) & ~failed, np.maximum(idle, 0.0), 0.0)
        offered = np.where(failed, economy.p.default.collateral_sold, offered)
        offers.append((cloud, offered, np.where(failed, economy.p.default.fire_sale, 1.0)))
    _trade(economy, offers)


def _idle_share(economy: Economy, cloud: CloudProvider) -> Floats:
    """Share of a cloud's installed capacity that neither contract nor spot market uses (worlds,)."""
    unused = economy.compute.idle[cloud.account] - economy.compute.spot_sold[cloud.account]
    return bounded(share(unused, cloud.installed()), 0.0, 1.0)


def _trade(economy: Economy, sellers: list[Offer], forced: bool = False) -> None:
    """Chips on offer meet the cash of rich clouds and states; `forced` sales are quoted only where there are any."""
    p, ledger, market = economy.p, economy.ledger, economy.second_hand
    weights = economy.hardware.value_weights
    offered = total(economy.hardware.value_weighted_gw(cloud.account, weights) * fraction for cloud, fraction, _ in sellers)
    selling = {cloud.account: fraction > 0 for cloud, fraction, _ in sellers}
    buyers: list[CloudProvider | CentralBank] = [*(c for c in economy.clouds if c.hyperscaler), *economy.states]
    bids = []
    for buyer in buyers:
        if isinstance(buyer, CloudProvider):
            bid = p.second_hand.buyers_cash * np.maximum(buyer.cash - p.clouds.target_kept * buyer.figures.target_cash, 0.0)
            bid = np.where((buyer.breached > 0) | selling[buyer.account], 0.0, bid)
        else:
            bid = p.states.bid_share * buyer.cash * np.minimum(p.states.hoarding, 1.0) * buyer.admitted()
        bids.append(bid)
    cash = total(bids)
    new_price = total(v.order_share * v.list_price() for v in economy.vendors)
    rent = economy.compute.rent_average
    worth = market.value_in_use(
        rent, economy.funding.policy_rate + p.credit.base_leveraged, p.technology.recovery_years, new_price
    )
    price = market.settle(offered, cash, worth, offered > 0 if forced else True)
    parts = [share(bid, cash) for bid in bids]
    for cloud, fraction, kept in sellers:
        bidders = [(part, b) for part, b in zip(parts, buyers, strict=True) if b is not cloud]
        if not anywhere(fraction) or not bidders:
            continue
        takers = [b.account for _, b in bidders]
        gw = economy.hardware.value_weighted_gw(cloud.account, weights) * fraction
        amounts = np.stack([np.minimum(gw * part * price * kept, b.cash) for part, b in bidders])
        fraction = np.where(cash > 0, fraction, 0.0)
        amounts = np.where(fraction > 0, amounts, 0.0)
        paid = ledger.pay(takers, [cloud.account] * len(takers), amounts, "second_hand_chips")
        book = np.rint(ledger.stock("hardware", cloud.account) * fraction * p.clouds.chip_book_share)
        ledger.capitalise(cloud.account, -book, "hardware")
        economy.hardware.shrink_schedule(cloud.account, 1.0 - fraction * p.clouds.chip_book_share)
        economy.hardware.sell(cloud.account, takers, fraction, [part for part, _ in bidders])
        economy.hardware.buy(ledger, takers, paid, economy.month, p.clouds.used_months)
        proceeds, cause = total(paid), EventCause.CASH_NEEDED
        economy.journal.note(economy.month, EventKind.SELLS_USED_CHIPS, cloud.name, proceeds > 0, cause, proceeds)
