"""Used chips change hands: who lacks cash sells before settlement (11), who has failed or breached covenants after (12)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from perpetuum.agents.central_bank import CentralBank
from perpetuum.agents.cloud_provider import CloudProvider
from perpetuum.model.markets.chips import price_of_new
from perpetuum.model.observed.events import EventCause, EventKind
from perpetuum.model.worlds import Dollars, Floats, Mask, anywhere, share, total

if TYPE_CHECKING:
    from perpetuum.model.structure import Structure

#: A seller, the fraction of its chips on offer, and where it must sell at once, (worlds,) each.
type Offer = tuple[CloudProvider, Floats, Mask]


def raise_cash(economy: Structure, needed: Sequence[Floats]) -> None:
    """11: clouds that lack dollars for their bills (clouds, worlds) sell as many idle chips as bring them at once."""
    forced = np.ones(economy.p.worlds, dtype=bool)
    offers = [(cloud, cloud.raise_cash(dollars), forced) for cloud, dollars in zip(economy.clouds, needed, strict=True)]
    if any(anywhere(fraction) for _, fraction, _ in offers):
        _trade(economy, offers, forced_only=True)


def sell_collateral_and_idle_chips(economy: Structure) -> None:
    """12: collateral of clouds that failed is sold at once, and some idle chips of those in breach of covenants in good order."""
    offers: list[Offer] = []
    for cloud in economy.clouds:
        failed = economy.distress.failed_now[cloud.account] > 0
        offers.append((cloud, cloud.offer_used_chips(failed), failed))
    _trade(economy, offers)


def _trade(economy: Structure, offers: Sequence[Offer], forced_only: bool = False) -> None:
    """Chips on offer meet the cash of rich clouds and states; where all must sell at once, only sales make a quote."""
    ledger, hardware, market = economy.ledger, economy.hardware, economy.second_hand
    offers = [offer for offer in offers if anywhere(offer[1])]
    offered = total([np.zeros(economy.p.worlds), *(cloud.value_weighted() * fraction for cloud, fraction, _ in offers)])
    buyers: list[CloudProvider | CentralBank] = [*(cloud for cloud in economy.clouds if cloud.hyperscaler), *economy.states]
    selling = {cloud.account: fraction > 0 for cloud, fraction, _ in offers}
    bids = [np.zeros(economy.p.worlds) for _ in buyers]
    if offers:
        bids = [np.where(selling.get(buyer.account, False), 0.0, buyer.bid_for_used_chips()) for buyer in buyers]
    cash = total([np.zeros(economy.p.worlds), *bids])
    new_price = price_of_new(economy.vendors)
    worth = market.value_in_use(economy.compute.rent_average, economy.funding.policy_rate, new_price)
    price = market.settle(offered, cash, worth, offered > 0 if forced_only else True)
    parts = [share(bid, cash) for bid in bids] if offers else []
    for cloud, fraction, forced in offers:
        bidders = [(part, b) for part, b in zip(parts, buyers, strict=True) if b is not cloud]
        if not bidders:
            continue
        takers = [b.account for _, b in bidders]
        gw, got = cloud.value_weighted() * fraction, market.part_paid(forced)
        amounts = np.array([np.minimum(gw * part * price * got, b.cash) for part, b in bidders])
        fraction = np.where(cash > 0, fraction, 0.0)
        amounts = np.where(fraction > 0, amounts, 0.0)
        paid = ledger.pay(takers, [cloud.account] * len(takers), amounts, "second_hand_chips")
        ledger.capitalise(cloud.account, -cloud.book_value_of_chips(fraction), "hardware")
        hardware.shrink_schedule(cloud.account, 1.0 - cloud.part_of_books(fraction))
        hardware.sell(cloud.account, takers, fraction, [part for part, _ in bidders])
        hardware.buy(ledger, takers, paid, economy.month, economy.p.clouds.used_months)
        proceeds, cause = total(paid), EventCause.CASH_NEEDED
        if not forced_only:
            _repay_secured(economy, cloud, np.where(forced, proceeds, 0))
        economy.journal.note(economy.month, EventKind.SELLS_USED_CHIPS, cloud.name, proceeds > 0, cause, proceeds)


def _repay_secured(economy: Structure, cloud: CloudProvider, proceeds: Dollars) -> None:
    """Collateral that was sold after a default repays the loans that it secured, each lender's by its part of them."""
    if not anywhere(proceeds):
        return
    loans, debt = economy.loans, cloud.debt()
    owed = loans.owed_by(cloud.account)
    for lender in economy.lenders:
        pool = loans.pool(lender.account, cloud.account)
        part = np.floor(np.minimum(proceeds, owed) * share(loans.balance[pool], owed))
        loans.repay_early(economy.ledger, pool, part, "early_repayment")
    cloud.write_down(proceeds > 0, share(cloud.debt(), debt, 1.0))
