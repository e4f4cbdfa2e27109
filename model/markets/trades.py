"""Trades in shares and gold, entered in the books: who gave and took lots, what was issued and bought back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from perpetuum.model.books.investor_books import InvestorBooks
from perpetuum.model.books.ledger import Ledger
from perpetuum.model.books.ledger_kernels import nothing
from perpetuum.model.equations import kernel
from perpetuum.model.instruments.holdings import Holdings
from perpetuum.model.markets.orders import InstitutionalOrder, pro_rata
from perpetuum.model.worlds import Dollars, anywhere, rows_in_use


def post_trades(
    ledger: Ledger,
    holdings: Holdings,
    books: InvestorBooks,
    price: Dollars,
    bought: Dollars,
    sold: Dollars,
    orders: Sequence[InstitutionalOrder],
) -> list[tuple[int, int, Dollars]]:
    """Move lots and post one exchange for all assets at `price` (assets, worlds).

    `bought`, `sold` (strategies, assets, worlds): lots of the individual investors; institutions' `orders` are filled. Returns
    (buyer, issuer, dollars) of newly issued shares, which are still to be paid. Raises ValueError if an asset is both
    issued and bought back in a world.
    """
    assets, worlds = holdings.traded, ledger.worlds
    # In the order of accounts, for what is issued and retired is shared out in it.
    traders = sorted({*books.accounts, *(order.account for order in orders if order.kind == "trade")})
    row = {account: place for place, account in enumerate(traders)}
    buys, sells = np.zeros((2, assets, len(traders), worlds), dtype=np.int64)
    issued, retired = np.zeros((2, assets, worlds), dtype=np.int64)
    strategies = [row[account] for account in books.accounts]
    buys[:, strategies] = bought.transpose(1, 0, 2)
    sells[:, strategies] = sold.transpose(1, 0, 2)
    share_trading, buyback, gold_trading = np.zeros((3, len(ledger.accounts), worlds), dtype=np.int64)
    for order in orders:
        if order.kind == "trade":
            (sells if order.dollars is None else buys)[order.asset, row[order.account]] += order.filled
        elif order.asset == holdings.gold:
            _make_gold(ledger, order, gold_trading)
        else:
            (issued if order.kind == "issue" else retired)[order.asset] += order.filled
    _check_one_sided(ledger, issued, retired)
    who = np.array(traders)
    holdings.issue_all(who, buys, sells)
    none = np.zeros((len(traders), worlds), dtype=np.int64)
    new = {asset: pro_rata(issued[asset], buys[asset]) for asset in rows_in_use(issued)}
    old = {asset: pro_rata(retired[asset], sells[asset]) for asset in rows_in_use(retired)}
    for asset in old:
        buyback[holdings.issuer[asset]] += retired[asset] * price[asset]
        books.payouts += (old[asset][strategies] * price[asset]).T
    for asset in range(assets):
        traded = gold_trading if asset == holdings.gold else share_trading
        _value(who, buys[asset], sells[asset], new.get(asset, none), old.get(asset, none), price[asset], traded, buyback)
    ledger.exchange(
        [
            ("listed_equity", "buyback", buyback),
            ("listed_equity", "share_trading", share_trading),
            ("gold", "gold_trading", gold_trading),
        ]
    )
    return [
        (traders[buyer], holdings.issuer[asset], lots[buyer] * price[asset])
        for asset, lots in new.items()
        for buyer in rows_in_use(lots)
    ]


@kernel
def _value(traders, buys, sells, new, old, price, traded, retired):
    """Add to `traded` what traders buy of one another, and take from `retired` what they sell to the issuer, in dollars."""
    for i in range(len(traders)):
        a = traders[i]
        if nothing(buys[i]) and nothing(sells[i]):
            continue
        for w in range(buys.shape[1]):
            traded[a, w] += (buys[i, w] - new[i, w] - sells[i, w] + old[i, w]) * price[w]
            retired[a, w] -= old[i, w] * price[w]


def _make_gold(ledger: Ledger, order: InstitutionalOrder, leg: Dollars) -> None:
    """Newly mined gold is made and sold, gold used up is bought and unmade: capital formation of whoever
    does it.
    """
    sign = 1 if order.kind == "issue" else -1
    ledger.capitalise(order.account, sign * order.paid, "gold")
    leg[order.account] -= sign * order.paid


def _check_one_sided(ledger: Ledger, issued: Dollars, retired: Dollars) -> None:
    both = (issued > 0) & (retired > 0)
    if anywhere(both):
        asset, world = np.argwhere(both)[0]
        raise ValueError(f"asset {asset} is both issued and bought back in month {ledger.month}, world {world}")
