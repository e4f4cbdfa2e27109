"""Loans and bonds: principal by maturity, pooled by pair and instrument.

A loan amortises in equal instalments until its maturity, a bond is repaid at it. With principal P_k due to mature in k months
the instalment is sum_k P_k / (k + 1): level principal repayment, exactly, without keeping single contracts.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from model.ledger import BooksBreachError, Ledger
from model.worlds import Array, Dollars, Floats, Register


@njit(cache=True)
def _instalment(principal, bullet, out):
    """Whole dollars due this month by pool: all of the first slot, and for loans P_k / (k + 1) of every later one."""
    pools, slots, worlds = principal.shape
    for p in range(pools):
        for w in range(worlds):
            out[p, w] = principal[p, 0, w]
        if not bullet[p]:
            for k in range(1, slots):
                for w in range(worlds):
                    out[p, w] += principal[p, k, w] // (k + 1)


@njit(cache=True)
def _take(principal, bullet, amount, scheduled):
    """Remove `amount` (worlds,): the instalments first (if scheduled), then by pro rata floors and the nearest maturities."""
    slots, worlds = principal.shape
    for w in range(worlds):
        left = amount[w]
        if left <= 0:
            continue
        if scheduled:
            for k in range(slots):
                due = principal[k, w] // (k + 1) if not bullet else (principal[k, w] if k == 0 else 0)
                part = min(due, left)
                principal[k, w] -= part
                left -= part
        else:
            whole = np.int64(0)
            for k in range(slots):
                whole += principal[k, w]
            if whole > 0:
                fraction = min(left / whole, 1.0)
                for k in range(slots):
                    part = min(np.int64(principal[k, w] * fraction), left)
                    principal[k, w] -= part
                    left -= part
        for k in range(slots):
            part = min(principal[k, w], left)
            principal[k, w] -= part
            left -= part


class LoanBook(Register):
    """All loans of one instrument row: `principal` (pools, months to maturity, worlds) int64; `rate` (pools, worlds).

    A pool is a pair (lender, borrower). `term` in months; `bullet` for bonds.
    """

    def __init__(self, instrument: str, pairs: tuple[tuple[int, int], ...], term: int, bullet: bool, worlds: int):
        self.instrument = instrument
        self.pairs = pairs
        self.term = term
        self.bullet = bullet
        self.principal: Dollars = np.zeros((len(pairs), term + 1, worlds), dtype=np.int64)
        self.rate: Floats = np.zeros((len(pairs), worlds))
        self.balance: Dollars = np.zeros((len(pairs), worlds), dtype=np.int64)

    def pool(self, lender: int, borrower: int) -> int:
        """Number of a pair's pool."""
        return self.pairs.index((lender, borrower))

    def of_borrower(self, borrower: int) -> list[int]:
        """Pools of a borrower."""
        return [index for index, (_, who) in enumerate(self.pairs) if who == borrower]

    def owed_by(self, borrower: int) -> Dollars:
        """Balance over all lenders (worlds,)."""
        return self.balance[self.of_borrower(borrower)].sum(axis=0)

    def open_debt(self, ledger: Ledger, pool: int, amount: Floats, rate: Floats) -> None:
        """Enter opening debt with maturities spread evenly over the term."""
        lender, borrower = self.pairs[pool]
        whole = np.rint(amount).astype(np.int64)
        slots = self.principal.shape[1]
        weights = np.arange(slots) if not self.bullet else np.ones(slots)
        marks = np.rint(whole[None, :] * (np.cumsum(weights) / weights.sum())[:, None]).astype(np.int64)
        self.principal[pool] += np.diff(marks, axis=0, prepend=0)
        self.balance[pool] += whole
        self.rate[pool] = rate
        ledger.open_claim(self.instrument, lender, borrower, whole)

    def draw(self, ledger: Ledger, pool: int, amount: Array, rate: Floats, kind: str) -> Dollars:
        """Lend cash: a new loan at `rate` joins the pool. Returns whole dollars (worlds,)."""
        lender, borrower = self.pairs[pool]
        drawn = ledger.advance(lender, borrower, amount, self.instrument, kind)
        self._add(pool, drawn, rate)
        return drawn

    def finance_sale(self, ledger: Ledger, pool: int, amount: Array, rate: Floats, kind: str) -> Dollars:
        """Sell on credit: the claim arises without cash (a lease of chips)."""
        lender, borrower = self.pairs[pool]
        financed = ledger.credit_sale(lender, borrower, amount, kind, self.instrument)
        self._add(pool, financed, rate)
        return financed

    def _add(self, pool: int, amount: Dollars, rate: Floats) -> None:
        before = self.balance[pool]
        after = before + amount
        safe = np.where(after > 0, after, 1)
        self.rate[pool] = np.where(after > 0, (self.rate[pool] * before + rate * amount) / safe, rate)
        self.principal[pool, -1] += amount
        self.balance[pool] = after

    def due(self) -> Dollars:
        """Principal due this month (pools, worlds)."""
        out = np.empty(self.balance.shape, dtype=np.int64)
        _instalment(self.principal, np.array([self.bullet] * len(self.pairs)), out)
        return out

    def interest(self) -> Floats:
        """Interest due this month (pools, worlds), dollars."""
        return self.balance * self.rate / 12

    def record_repayment(self, ledger: Ledger, pool: int, paid: Dollars, scheduled: bool = True) -> None:
        """Shrink the pool and the claim by what has been paid (in a clearing)."""
        lender, borrower = self.pairs[pool]
        _take(self.principal[pool], self.bullet, paid, scheduled)
        self.balance[pool] -= paid
        ledger.settle_claim(borrower, lender, paid, self.instrument)

    def repay_early(self, ledger: Ledger, pool: int, amount: Array, kind: str) -> Dollars:
        """Pay back before maturity, pro rata over maturities. Returns whole dollars."""
        lender, borrower = self.pairs[pool]
        paid = ledger.redeem(borrower, lender, np.minimum(amount, self.balance[pool]), self.instrument, kind)
        _take(self.principal[pool], self.bullet, paid, False)
        self.balance[pool] -= paid
        return paid

    def write_off(self, ledger: Ledger, pool: int, fraction: Floats) -> Dollars:
        """Cancel a fraction of the pool. Returns the loss (worlds,), whole dollars."""
        lender, borrower = self.pairs[pool]
        loss = np.minimum(np.rint(self.balance[pool] * fraction), self.balance[pool]).astype(np.int64)
        _take(self.principal[pool], self.bullet, loss, False)
        self.balance[pool] -= loss
        ledger.write_off(lender, borrower, loss, self.instrument)
        return loss

    def age(self) -> None:
        """A month passes: maturities draw nearer; what was not repaid at maturity stays due."""
        overdue = self.principal[:, 0].copy()
        self.principal[:, :-1] = self.principal[:, 1:]
        self.principal[:, -1] = 0
        self.principal[:, 0] += overdue

    def audit(self, ledger: Ledger) -> None:
        """Pools agree with maturities, and with the ledger's row for every lender and borrower."""
        bad = (self.principal.sum(axis=1) != self.balance) | (self.balance < 0)
        if bad.any():
            pool, world = np.argwhere(bad)[0]
            raise BooksBreachError(
                f"books breached in month {ledger.month}, phase {ledger.phase}: loan pool {self.instrument} "
                f"{self.pairs[pool]} in world {world} disagrees with its maturities",
                bad.any(axis=0),
            )
        for account in {who for pair in self.pairs for who in pair}:
            held = np.zeros(self.balance.shape[-1], dtype=np.int64)
            for index, (lender, borrower) in enumerate(self.pairs):
                held = held + self.balance[index] * ((lender == account) - (borrower == account))
            gap = held != ledger.stock(self.instrument, account)
            if gap.any():
                raise BooksBreachError(
                    f"books breached in month {ledger.month}, phase {ledger.phase}: {self.instrument} of "
                    f"{ledger.accounts.names[account]} in world {int(np.argmax(gap))} is not the sum of its loans",
                    gap,
                )
