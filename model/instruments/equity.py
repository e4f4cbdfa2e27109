"""New shares, restructured shares and what they do to the books: the money side of `Holdings`."""

from __future__ import annotations

from typing import Any

import numpy as np

from perpetuum.model.books.ledger import Ledger
from perpetuum.model.equations import kernel
from perpetuum.model.instruments.holdings import Holdings
from perpetuum.model.worlds import Array, Dollars, Floats, Mask, anywhere, split


@kernel
def _lots_for(amount, price):
    """Whole lots that an amount pays for (worlds,)."""
    lots = np.empty(len(price), dtype=np.int64)
    for w in range(len(price)):
        lots[w] = np.int64(np.floor(max(amount[w], 0.0) / price[w]))
    return lots


@kernel
def _price_of(value, lots, price):
    """Whole dollars a lot where the whole firm is worth `value`, at least 1; where there are no lots the price stays."""
    new = price.copy()
    for w in range(len(value)):
        if lots[w] > 0:
            new[w] = max(np.int64(np.rint(value[w] / lots[w])), 1)
    return new


def sell_new_shares(ledger: Ledger, holdings: Holdings, asset: int, buyer: int, amount: Array, kind: str) -> Dollars:
    """Issue as many whole lots as `amount` (worlds,) pays for at today's price. Returns what was paid, whole dollars."""
    if not anywhere(amount):
        return np.zeros(holdings.price.shape[-1], dtype=np.int64)
    lots = _lots_for(amount, holdings.price[asset])
    if not anywhere(lots):
        return lots
    issuer = holdings.issuer[asset]
    paid = ledger.advance(buyer, issuer, lots * holdings.price[asset], holdings.instrument(asset), kind)
    holdings.issue(asset, buyer, lots)
    return paid


def reprice(ledger: Ledger, holdings: Holdings, asset: int, value: Floats) -> None:
    """Mark one issuer's shares to a value of the whole firm (dollars, worlds), at least a dollar a lot."""
    price = _price_of(value, holdings.outstanding[asset], holdings.price[asset])
    if anywhere(price != holdings.price[asset]):
        holdings.reprice(ledger, asset, price)


def pay_creditors_in_shares(
    ledger: Ledger, holdings: Holdings, books: Any, asset: int, mask: Mask, claims: dict[int, Floats], value: Floats
) -> dict[int, Dollars]:
    """Old owners give creditors whole lots worth what each lost, at restructured book value: all of them where the firm is
    worth no more, pro rata; what it is worth beyond its creditors' losses stays theirs.

    A booked corporate action: shares are first marked to the restructured value, then handed over. Returns their worth by
    creditor.
    """
    instrument = holdings.instrument(asset)
    reprice(ledger, holdings, asset, np.where(mask, value, holdings.market_value(asset)))
    price = holdings.price[asset]
    # In a fixed order, for the rounding of the split depends on it.
    creditors = sorted(set(claims) - {holdings.issuer[asset]})
    lost = np.stack([np.where(mask, claims[a], 0.0) for a in creditors], axis=-1)
    worth_it = np.floor(lost / price[:, None]).astype(np.int64)
    there = np.where(mask, holdings.outstanding[asset], 0)
    new = np.minimum(split(there, lost), worth_it)
    given = split(new.sum(axis=-1), np.ascontiguousarray(holdings.lots[:, asset].T))
    # Everything passes through the first creditor's column of the same other-changes row, so each row still sums to zero.
    hub = creditors[0]
    for holder, lots in enumerate(given.T):
        if holder != hub and anywhere(lots):
            holdings.transfer(asset, holder, hub, lots)
            ledger.hand_over(holder, hub, lots * price, instrument)
    for place, creditor in enumerate(creditors):
        if creditor != hub:
            holdings.transfer(asset, hub, creditor, new[:, place])
            ledger.hand_over(hub, creditor, new[:, place] * price, instrument)
    if books is not None and asset < holdings.gold:
        books.give_up(asset, given.T[list(books.accounts)])
    return {creditor: new[:, place] * price for place, creditor in enumerate(creditors)}
