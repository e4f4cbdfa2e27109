"""The sub-ledger of individual investors under the control accounts of their strategies.

The ledger knows one account per strategy; here is what every individual behind it owns and owes. The parts
add up to the control account to the dollar and to the lot, and `audit` says where they do not:

    sum_i cash_i = deposits,   sum_i debt_i = -(bank loans),   sum_i lots_ik = holdings.lots_k     for every
    strategy.

Payments to and by a strategy's account must therefore be mirrored here by `receive` and `spend`, which split
whole dollars over individuals by cumulative rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from perpetuum.model.books.ledger import BooksBreachError, Ledger
from perpetuum.model.equations import kernel, loop
from perpetuum.model.instruments.holdings import Holdings
from perpetuum.model.worlds import Dollars, Floats, Stateful, anywhere


@loop
def _split(stock, ranges, places, amounts, weights, sign, capped, left_over, cumulated, marks):
    """Add sign x parts of `amounts` (places, worlds) to the stocks (worlds, n) of strategies' members, by cumulative
    rounding in proportion to their weights (worlds, n).

    With `capped` nobody gives more than the stock; what one cannot give the next one does. What is left over is written
    to `left_over` (places, worlds). `cumulated`, `marks` (n,) are scratch.
    """
    worlds = stock.shape[0]
    for p in range(len(places)):
        start, stop = ranges[places[p], 0], ranges[places[p], 1]
        members = stop - start
        for w in range(worlds):
            amount = amounts[p, w]
            if amount == 0 or members == 0:
                left_over[p, w] = amount
                continue
            mine, heavy = stock[w, start:stop], weights[w, start:stop]
            whole = 0.0
            for i in range(members):  # all of them first: what is split may be the cash that it is split by
                whole += heavy[i]
                cumulated[i] = whole
            # Without weights (nobody owns any) the first one takes it all.
            if whole > 0.0:
                for i in range(members):
                    marks[i] = np.int64(np.floor(amount * (cumulated[i] / whole) + 0.5))
                    marks[i] = amount if cumulated[i] == whole else marks[i]
            else:
                for i in range(members):
                    marks[i] = amount
            if not capped:
                mine[0] += sign * marks[0]
                for i in range(1, members):
                    mine[i] += sign * (marks[i] - marks[i - 1])
                continue
            given = np.int64(0)
            for i in range(members):
                part = min(marks[i] - given, mine[i])
                mine[i] += sign * part
                given += part
            for i in range(members):
                if given >= amount:
                    break
                part = min(amount - given, mine[i])
                mine[i] -= part
                given += part
            left_over[p, w] = amount - given


@loop
def _charge(cash, debt, ranges, rate, interest, borrowed):
    """Charge interest on debt; who lacks the cash borrows the rest. Adds up interest and new loans (strategies, worlds)."""
    for j in range(len(ranges)):
        start, stop = ranges[j, 0], ranges[j, 1]
        for w in range(cash.shape[0]):
            owed, mine = debt[w, start:stop], cash[w, start:stop]
            for i in range(stop - start):
                if owed[i] == 0:
                    continue
                due = np.int64(np.floor(owed[i] * rate[w] + 0.5))
                loan = max(due - mine[i], 0)
                mine[i] += loan - due
                owed[i] += loan
                interest[j, w] += due
                borrowed[j, w] += loan


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


@loop
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

    def receive(self, accounts: Sequence[int], amounts: Dollars) -> None:
        """Split receipts (accounts, worlds) of control accounts over their members, in proportion to opening equity."""
        self._split(self.cash, accounts, amounts, self.standing, 1, False)

    def spend(self, accounts: Sequence[int], amounts: Dollars) -> None:
        """Split payments (accounts, worlds) of control accounts over their members, in proportion to their cash.

        Raises BooksBreachError if they have less.
        """
        left = self._split(self.cash, accounts, amounts, self.cash, -1, True)
        if anywhere(left):
            account = accounts[int(np.argmax(left.any(axis=1)))]
            text = f"individuals of account {account} cannot pay {left.max()} dollars"
            raise BooksBreachError(text, (left > 0).any(axis=0))

    def _split(
        self,
        stock: Dollars,
        accounts: Sequence[int],
        amounts: Dollars,
        weights: Floats | Dollars,
        sign: int,
        capped: bool,
    ) -> Dollars:
        left = np.zeros((len(accounts), self.worlds), dtype=np.int64)
        if anywhere(amounts):
            places = np.array([self.accounts.index(account) for account in accounts])
            whole, n = np.ascontiguousarray(np.rint(amounts), dtype=np.int64), self.cash.shape[1]
            _split(
                stock,
                np.array(self.ranges),
                places,
                whole,
                weights,
                sign,
                capped,
                left,
                np.empty(n),
                np.empty(n, np.int64),
            )
        return left

    def charge_interest(self, monthly_rate: Floats) -> tuple[Dollars, Dollars]:
        """Charge interest on margin debt: return interest due and loans newly drawn to pay it, (strategies, worlds)."""
        interest, borrowed = np.zeros((2, len(self.accounts), self.worlds), dtype=np.int64)
        _charge(self.cash, self.debt, np.array(self.ranges), np.ascontiguousarray(monthly_rate), interest, borrowed)
        return interest, borrowed

    def give_up(self, asset: int, lots: Dollars) -> None:
        """Members hand over `lots` (accounts, worlds) of an asset, in proportion to what they hold (to creditors of a firm)."""
        held = self.lots[:, asset]
        self._split(held, self.accounts, lots, held, -1, True)

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
            text = f"an individual's cash, debt or lots are negative in world {int(np.argmax(bad))}"
            raise BooksBreachError(ledger.where(text), bad)
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
                f"{what} of {ledger.accounts.names[account]} in world {world} are {int(whole[world])} in the books, "
                f"but its members' add up to {int(parts[world])}"
            )
            raise BooksBreachError(ledger.where(text), gap)
