"""The sub-ledger of individual investors under the control accounts of their strategies.

The ledger knows one account per strategy; here is what every individual behind it owns and owes. The parts
add up to the control account to the dollar and to the lot, and `audit` says where they do not:

    sum_i cash_i = deposits,   sum_i debt_i = -(bank loans),   sum_i lots_ik = holdings.lots_k     for every
    strategy.

Payments to and by a strategy's account must therefore be mirrored here by `receive` and `spend`, which split
whole dollars over individuals by cumulative rounding.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

import numpy as np

from perpetuum.model.books.ledger import BooksBreachError, Ledger
from perpetuum.model.equations import kernel
from perpetuum.model.instruments.holdings import Holdings
from perpetuum.model.worlds import Array, Dollars, Floats, Mask, Stateful, anywhere


@kernel
def _split_into(stock, start, stop, amount, weights, sign, capped):
    """Add sign x a part of `amount` to each stock in [start, stop), by cumulative rounding in proportion to
    their weights (worlds, stop - start).

    With `capped` nobody gives more than the stock; what one cannot give the next one does. Returns what is
    left over.
    """
    worlds = stock.shape[0]
    left_over = np.zeros(worlds, dtype=np.int64)
    for w in range(worlds):
        whole = 0.0
        mine = stock[w, start:stop]
        for i in range(stop - start):
            whole += weights[w, i]
        given = np.int64(0)
        cumulated = 0.0
        if amount[w] == 0:
            continue
        for i in range(stop - start):
            cumulated += weights[w, i]
            # Without weights (nobody owns any) the first one takes it all.
            mark = np.int64(np.floor(amount[w] * (cumulated / whole) + 0.5)) if whole > 0.0 else amount[w]
            if cumulated == whole:
                mark = amount[w]
            part = mark - given
            if capped:
                part = min(part, mine[i])
            mine[i] += sign * part
            given += part
        if capped and given < amount[w]:
            for i in range(stop - start):
                part = min(amount[w] - given, mine[i])
                mine[i] -= part
                given += part
        left_over[w] = amount[w] - given
    return left_over


@kernel
def _charge(cash, debt, start, stop, rate, interest, borrowed):
    """Charge interest on debt; who lacks the cash borrows the rest. Adds up interest and new loans
    (worlds,).
    """
    for w in range(cash.shape[0]):
        owed, mine = debt[w, start:stop], cash[w, start:stop]
        for i in range(stop - start):
            if owed[i] == 0:
                continue
            due = np.int64(np.floor(owed[i] * rate[w] + 0.5))
            loan = max(due - mine[i], 0)
            mine[i] += loan - due
            owed[i] += loan
            interest[w] += due
            borrowed[w] += loan


@kernel
def _sum_members(stock, start, stop):
    """Sum a stock (worlds, n) over the members [start, stop) of a strategy."""
    out = np.zeros(stock.shape[0], dtype=np.int64)
    for w in range(stock.shape[0]):
        for i in range(start, stop):
            out[w] += stock[w, i]
    return out


@kernel
def _sum_lots(lots, start, stop):
    """Sum lots (worlds, assets, n) over the members of a strategy: (worlds, assets)."""
    out = np.zeros(lots.shape[:2], dtype=np.int64)
    for w in range(lots.shape[0]):
        for k in range(lots.shape[1]):
            for i in range(start, stop):
                out[w, k] += lots[w, k, i]
    return out


@kernel
def _tally(cash, debt, lots, ranges, sums, bad):
    """Sum cash, debt and lots by strategy into sums (strategies, 2 + assets, worlds); mark worlds with a negative one."""
    worlds, assets, _ = lots.shape
    for w in range(worlds):
        # The sign bit of a bitwise or is set if that of any number is.
        signs = np.int64(0)
        for j in range(len(ranges)):
            start, stop = ranges[j, 0], ranges[j, 1]
            for row in range(2 + assets):
                stock = cash[w] if row == 0 else debt[w] if row == 1 else lots[w, row - 2]
                mine, whole = stock[start:stop], np.int64(0)
                for i in range(stop - start):
                    whole += mine[i]
                    signs |= mine[i]
                sums[j, row, w] = whole
        bad[w] = signs < 0


class InvestorBooks(Stateful):
    """What every individual investor owns and owes, and what distinguishes one from another.

    Stocks, int64: `cash`, `debt` (worlds, n) dollars; `lots` (worlds, assets, n). Traits, float64, constant:
    `turnover`, `response`, `elasticity`, `reserve`, `standing` (worlds, n); `weight` (worlds, assets, n).
    `standing` is the individual's opening equity in dollars. `payouts` (worlds, strategies): dividends and buyback
    money not yet passed on to households.
    Members of strategy j are `ranges[j]` = (start, stop) on the axis n; its control account is `accounts[j]`.
    """

    def __init__(self, accounts: tuple[int, ...], members: tuple[int, ...], assets: int, worlds: int):
        marks = [0, *np.cumsum(members).tolist()]
        self.accounts = tuple(accounts)
        self.ranges: tuple[tuple[int, int], ...] = tuple(pairwise(marks))
        n = marks[-1]
        self.cash: Dollars = np.zeros((worlds, n), dtype=np.int64)
        self.debt: Dollars = np.zeros((worlds, n), dtype=np.int64)
        self.lots: Dollars = np.zeros((worlds, assets, n), dtype=np.int64)
        self.payouts: Dollars = np.zeros((worlds, len(members)), dtype=np.int64)
        self.turnover: Floats = np.zeros((worlds, n))
        self.response: Floats = np.zeros((worlds, n))
        self.elasticity: Floats = np.zeros((worlds, n))
        self.reserve: Floats = np.zeros((worlds, n))
        self.standing: Floats = np.zeros((worlds, n))
        self.weight: Floats = np.zeros((worlds, assets, n))

    @property
    def worlds(self) -> int:
        """Number of worlds."""
        return self.cash.shape[0]

    def members(self, account: int) -> tuple[int, int]:
        """Range (start, stop) of the individuals under a control account."""
        return self.ranges[self.accounts.index(account)]

    # --- mirroring the ledger -------------------------------------------------------------------------

    def receive(
        self,
        account: int,
        amount: Dollars,
        asset: int | None = None,
        by: Literal["standing", "cash"] = "standing",
        payout: bool = False,
    ) -> None:
        """Split a receipt (worlds,) of a control account over its members.

        In proportion to lots of `asset` (a dividend), else to opening equity (`standing`: new savings) or to
        `cash` (interest on deposits). `payout` marks money of which households spend a part
        (`SecuritiesMarket.move_savings`).
        """
        start, stop = self.members(account)
        if not anywhere(amount):
            return
        _split_into(self.cash, start, stop, _whole(amount), self._weights(asset, by)[:, start:stop], 1, False)
        if payout:
            self.payouts[:, self.accounts.index(account)] += amount

    def spend(self, account: int, amount: Dollars) -> None:
        """Split a payment (worlds,) of a control account over its members, in proportion to their cash.

        Raises BooksBreachError if they have less.
        """
        start, stop = self.members(account)
        if not anywhere(amount):
            return
        # A copy, because what is split is the cash itself.
        left = _split_into(self.cash, start, stop, _whole(amount), self.cash[:, start:stop].astype(np.float64), -1, True)
        if anywhere(left):
            raise BooksBreachError(f"individuals of account {account} cannot pay {left.max()} dollars", left > 0)

    def charge_interest(self, account: int, monthly_rate: Floats) -> tuple[Dollars, Dollars]:
        """Charge interest on margin debt: return interest due and loans newly drawn to pay it, both
        (worlds,).
        """
        start, stop = self.members(account)
        interest = np.zeros(self.worlds, dtype=np.int64)
        borrowed = np.zeros(self.worlds, dtype=np.int64)
        _charge(self.cash, self.debt, start, stop, np.ascontiguousarray(monthly_rate), interest, borrowed)
        return interest, borrowed

    def cancel(self, asset: int, where: Mask) -> None:
        """Wipe out the members' lots of an asset in the worlds of a mask (a restructuring cancels the old
        shares).
        """
        self.lots[where, asset] = 0

    # --- reading --------------------------------------------------------------------------------------

    def total_cash(self, account: int) -> Dollars:
        """Cash of a strategy's members (worlds,)."""
        return _sum_members(self.cash, *self.members(account))

    def total_debt(self, account: int) -> Dollars:
        """Margin debt of a strategy's members (worlds,)."""
        return _sum_members(self.debt, *self.members(account))

    def total_lots(self, account: int) -> Dollars:
        """Lots of a strategy's members (worlds, assets)."""
        return _sum_lots(self.lots, *self.members(account))

    def wealth(self, price: Dollars) -> Dollars:
        """Net wealth of every individual (worlds, n) in dollars at prices (assets, worlds)."""
        wealth = self.cash - self.debt
        for asset in range(self.lots.shape[1]):
            wealth = wealth + self.lots[:, asset] * price[asset][:, None]
        return wealth

    # --- the audit ------------------------------------------------------------------------------------

    def audit(self, ledger: Ledger, holdings: Holdings) -> None:
        """Check every control account against its members; raise BooksBreachError on any dollar or lot."""
        assets = self.lots.shape[1]
        sums = np.zeros((len(self.accounts), 2 + assets, self.worlds), dtype=np.int64)
        bad = np.zeros(self.worlds, dtype=np.bool_)
        _tally(self.cash, self.debt, self.lots, np.array(self.ranges), sums, bad)
        if anywhere(bad):
            raise BooksBreachError(self._where(ledger, "an individual's cash, debt or lots are negative", bad), bad)
        rows = list(self.accounts)
        held = ledger.row("deposits")[rows], -ledger.row("bank_loans")[rows], holdings.lots[rows, :assets]
        if (
            np.array_equal(sums[:, 0], held[0])
            and np.array_equal(sums[:, 1], held[1])
            and np.array_equal(sums[:, 2:], held[2])
        ):
            return
        for account, members in zip(self.accounts, sums, strict=True):
            self._compare(ledger, account, "deposits", members[0], ledger.cash(account))
            self._compare(ledger, account, "bank loans", members[1], -ledger.stock("bank_loans", account))
            for asset in range(assets):
                lots = f"lots of asset {asset}"
                self._compare(ledger, account, lots, members[2 + asset], holdings.lots[account, asset])

    def _compare(self, ledger: Ledger, account: int, what: str, parts: Dollars, whole: Dollars) -> None:
        gap = parts != whole
        if anywhere(gap):
            world = int(np.argmax(gap))
            text = (
                f"{what} of {ledger.accounts.names[account]} are {int(whole[world])} in the books, "
                f"but its members' add up to {int(parts[world])}"
            )
            raise BooksBreachError(self._where(ledger, text, gap), gap)

    def _where(self, ledger: Ledger, text: str, bad: Mask) -> str:
        return f"books breached in month {ledger.month}, phase {ledger.phase}, world {int(np.argmax(bad))}: {text}"

    def _weights(self, asset: int | None, by: str) -> Floats:
        if asset is not None:
            return self.lots[:, asset].astype(np.float64)
        return self.standing if by == "standing" else self.cash.astype(np.float64)


def _whole(amount: Array) -> Dollars:
    return np.ascontiguousarray(np.rint(amount), dtype=np.int64)
