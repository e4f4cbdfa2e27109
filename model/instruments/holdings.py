"""Who owns which shares and how much gold, in lots: quantities beside the ledger's values.

An asset's value in the books is lots x price, both whole numbers, so that trades and revaluations are exact. Listed shares and
gold come first (they trade monthly), then the shares of unlisted labs (priced at rounds). A lot is about $100 000 at the start.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from perpetuum.model.books.ledger import BooksBreachError, Ledger
from perpetuum.model.books.ledger_kernels import idle
from perpetuum.model.equations import kernel
from perpetuum.model.worlds import Array, Dollars, Floats, Register, total


@kernel
def _value(lots, price, outstanding, issuer, first, stop, target):
    """Add up what accounts hold of assets [first, stop), less what they have issued, in dollars (accounts, worlds)."""
    accounts, _, worlds = lots.shape
    for k in range(first, stop):
        for a in range(accounts):
            if not idle(lots, a, k):
                for w in range(worlds):
                    target[a, w] += lots[a, k, w] * price[k, w]
        if issuer[k] >= 0:
            for w in range(worlds):
                target[issuer[k], w] -= outstanding[k, w] * price[k, w]


@kernel
def _enter(lots, outstanding, traders, bought, sold):
    """Add what was bought and take what was sold (assets, traders, worlds); what does not cancel out is new or retired."""
    assets, _, worlds = bought.shape
    for k in range(assets):
        for i in range(len(traders)):
            if idle(bought, k, i) and idle(sold, k, i):
                continue
            for w in range(worlds):
                lots[traders[i], k, w] += bought[k, i, w] - sold[k, i, w]
                outstanding[k, w] += bought[k, i, w] - sold[k, i, w]


@kernel
def _lost(lots, outstanding):
    """Whether any asset's lots outstanding are not all held, or any are negative."""
    accounts, assets, worlds = lots.shape
    astray, signs = np.int64(0), np.int64(0)
    held = np.empty(worlds, dtype=np.int64)
    for k in range(assets):
        held[:] = 0
        for a in range(accounts):
            for w in range(worlds):
                held[w] += lots[a, k, w]
                signs |= lots[a, k, w]
        for w in range(worlds):
            astray |= held[w] ^ outstanding[k, w]
    return astray != 0 or signs < 0


@kernel
def _gain(lots, outstanding, price, asset, issuer, new, gain):
    """Reprice one asset: what each holder gains and its issuer loses in dollars (accounts, worlds)."""
    for w in range(len(new)):
        rise = new[w] - price[asset, w]
        for a in range(len(gain)):
            gain[a, w] += lots[a, asset, w] * rise
        if issuer >= 0:
            gain[issuer, w] -= outstanding[asset, w] * rise
        price[asset, w] = new[w]


class Holdings(Register):
    """Lots by holder and asset, and one price per asset.

    `lots` (accounts, assets, worlds) int64; `price` (assets, worlds) int64 dollars per lot; `outstanding` (assets, worlds).
    """

    def __init__(self, accounts: int, listed: Sequence[int], private: Sequence[int], worlds: int):
        #: account number of each asset's issuer; -1 is gold, which nobody issues
        self.issuer: tuple[int, ...] = (*listed, -1, *private)
        self.traded = len(listed) + 1
        self.gold = len(listed)
        self.lots: Dollars = np.zeros((accounts, len(self.issuer), worlds), dtype=np.int64)
        self.price: Dollars = np.ones((len(self.issuer), worlds), dtype=np.int64)
        self.outstanding: Dollars = np.zeros((len(self.issuer), worlds), dtype=np.int64)

    def asset_of(self, account: int) -> int:
        """Asset number of an account's own shares."""
        return self.issuer.index(account)

    def instrument(self, asset: int) -> str:
        """Row of the ledger in which an asset's value stands."""
        return "gold" if asset == self.gold else "listed_equity" if asset < self.gold else "private_equity"

    def market_value(self, asset: int) -> Dollars:
        """Price x lots outstanding (worlds,), dollars."""
        return self.price[asset] * self.outstanding[asset]

    def open_index(self) -> None:
        """Start the index of listed shares: what they are worth now is 1."""
        self.index_lots: Dollars = self.outstanding[: self.gold].copy()
        self.index_start: Dollars = total(self.price[: self.gold] * self.index_lots)

    def share_index(self) -> Floats:
        """Price index of listed shares, opening lots as weights; 1 at the start (worlds,)."""
        return total(self.price[: self.gold] * self.index_lots) / self.index_start

    def issued(self, account: int) -> Dollars:
        """Value of an account's own shares outstanding (worlds,), dollars; zero for who has issued none."""
        if account not in self.issuer:
            return np.zeros(self.price.shape[-1], dtype=np.int64)
        return self.market_value(self.asset_of(account))

    def issue(self, asset: int, holder: int, lots: Dollars) -> None:
        """Create lots (new shares, mined gold) in a holder's hands; the money side is the ledger's."""
        self.lots[holder, asset] += lots
        self.outstanding[asset] += lots

    def issue_all(self, traders: Array, bought: Dollars, sold: Dollars) -> None:
        """Add and take lots of traded assets in traders' hands, (assets, traders, worlds); the difference is new."""
        _enter(self.lots, self.outstanding, traders, bought, sold)

    def cancel(self, asset: int, holder: int, lots: Dollars) -> None:
        """Retire lots (buyback, restructuring, gold used up)."""
        self.issue(asset, holder, -lots)

    def transfer(self, asset: int, seller: int, buyer: int, lots: Dollars) -> None:
        """Move lots between holders."""
        self.lots[seller, asset] -= lots
        self.lots[buyer, asset] += lots

    def mark(self, ledger: Ledger, price: Dollars) -> None:
        """Set new prices (assets, worlds) and revalue every holder and issuer in the books."""
        self.price[...] = price
        for instrument, assets in (
            ("listed_equity", range(self.gold)),
            ("gold", range(self.gold, self.traded)),
            ("private_equity", range(self.traded, len(self.issuer))),
        ):
            ledger.mark(instrument, self._target(assets))

    def reprice(self, ledger: Ledger, asset: int, price: Dollars) -> None:
        """Set one asset's new price (worlds,) and revalue its holders and its issuer in the books."""
        instrument = self.instrument(asset)
        target = ledger.row(instrument).copy()
        _gain(self.lots, self.outstanding, self.price, asset, self.issuer[asset], price, target)
        ledger.mark(instrument, target)

    def audit(self, ledger: Ledger) -> None:
        """Lots outstanding are all held, none negative, and the books value them at lots x price."""
        if _lost(self.lots, self.outstanding):
            lost = self.lots.sum(axis=0) != self.outstanding
            asset = int(np.argmax(lost.any(axis=1)))
            bad = lost.any(axis=0) | (self.lots < 0).any(axis=(0, 1))
            raise BooksBreachError(ledger.where(f"lots of asset {asset} are lost or negative"), bad)
        for asset_range, instrument in (
            (range(self.gold), "listed_equity"),
            (range(self.gold, self.traded), "gold"),
            (range(self.traded, len(self.issuer)), "private_equity"),
        ):
            ledger.check_row(instrument, ledger.row(instrument) != self._target(asset_range), "lots x price")

    def _target(self, assets: range) -> Dollars:
        target = np.zeros((self.lots.shape[0], self.lots.shape[-1]), dtype=np.int64)
        _value(self.lots, self.price, self.outstanding, np.array(self.issuer), assets.start, assets.stop, target)
        return target
