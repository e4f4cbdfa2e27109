"""Loans and bonds: principal by maturity, pooled by pair and instrument.

A loan amortises in equal instalments until its maturity, a bond is repaid at it. With principal P_k due to mature in k months
the instalment is sum_k P_k / (k + 1): level principal repayment, exactly, without keeping single contracts.
"""

from __future__ import annotations

import numpy as np

from perpetuum.model.books.ledger import BooksBreachError, Ledger
from perpetuum.model.equations import kernel
from perpetuum.model.worlds import Array, Dollars, Floats, Mask, Register, anywhere


@kernel
def _instalment(principal, bullet, active, out):
    """Whole dollars due this month by pool: all of the first slot, and for loans P_k / (k + 1) of every later one."""
    pools, slots, worlds = principal.shape
    for p in range(pools):
        for w in range(worlds):
            out[p, w] = principal[p, 0, w]
        if active[p] and not bullet:
            for k in range(1, slots):
                for w in range(worlds):
                    out[p, w] += principal[p, k, w] // (k + 1)


@kernel
def _take(principal, bullet, amount, scheduled):
    """Remove `amount` (worlds,): the instalments first (if scheduled), then by pro rata floors and the nearest maturities."""
    slots, worlds = principal.shape
    left = np.maximum(amount, 0)
    if not left.any():
        return
    # Worlds are the inner loop everywhere: they lie side by side in memory.
    if scheduled:
        for k in range(1 if bullet else slots):
            for w in range(worlds):
                if left[w] > 0:
                    part = min(principal[k, w] // (k + 1), left[w])
                    principal[k, w] -= part
                    left[w] -= part
    else:
        whole = principal.sum(axis=0)
        fraction = np.zeros(worlds)
        for w in range(worlds):
            if whole[w] > 0:
                fraction[w] = min(left[w] / whole[w], 1.0)
        for k in range(slots):
            for w in range(worlds):
                part = min(np.int64(principal[k, w] * fraction[w]), left[w])
                principal[k, w] -= part
                left[w] -= part
    for k in range(slots):
        if not left.any():
            break
        for w in range(worlds):
            part = min(principal[k, w], left[w])
            principal[k, w] -= part
            left[w] -= part


@kernel
def _age(principal, active):
    """Move every maturity a month nearer in the pools that owe anything; the first slot keeps what is overdue."""
    pools, slots, worlds = principal.shape
    for p in range(pools):
        if active[p]:
            for w in range(worlds):
                principal[p, 0, w] += principal[p, 1, w]
            for k in range(1, slots - 1):
                principal[p, k] = principal[p, k + 1]
            principal[p, slots - 1] = 0


@kernel
def _astray(principal, balance):
    """Where a pool's balance is negative or not the sum of its maturities (pools, worlds)."""
    pools, slots, worlds = principal.shape
    bad = np.zeros((pools, worlds), dtype=np.bool_)
    whole = np.empty(worlds, dtype=np.int64)
    for p in range(pools):
        whole[:] = 0
        for k in range(slots):
            for w in range(worlds):
                whole[w] += principal[p, k, w]
        for w in range(worlds):
            bad[p, w] = whole[w] != balance[p, w] or balance[p, w] < 0
    return bad


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
        mean = (self.rate[pool] * before + rate * amount) / np.where(after > 0, after, 1)
        self.rate[pool] = np.where(amount > 0, mean, self.rate[pool])
        self.principal[pool, -1] += amount
        self.balance[pool] = after

    def lent(self) -> Mask:
        """Whether a pool has lent anything in any world (pools,)."""
        return self.balance.any(axis=1)

    def due(self) -> Dollars:
        """Principal due this month (pools, worlds)."""
        out = np.empty(self.balance.shape, dtype=np.int64)
        _instalment(self.principal, self.bullet, self.lent(), out)
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
        _age(self.principal, self.lent())

    def audit(self, ledger: Ledger) -> None:
        """Pools agree with maturities, and with the ledger's row for every lender and borrower."""
        bad = _astray(self.principal, self.balance)
        if anywhere(bad):
            pool, world = np.argwhere(bad)[0]
            raise BooksBreachError(
                f"books breached in month {ledger.month}, phase {ledger.phase}: loan pool {self.instrument} "
                f"{self.pairs[pool]} in world {world} disagrees with its maturities",
                bad.any(axis=0),
            )
        held = np.zeros_like(ledger.row(self.instrument))
        for (lender, borrower), balance in zip(self.pairs, self.balance, strict=True):
            held[lender] += balance
            held[borrower] -= balance
        gap = held != ledger.row(self.instrument)
        if anywhere(gap):
            account, world = np.argwhere(gap)[0]
            raise BooksBreachError(
                f"books breached in month {ledger.month}, phase {ledger.phase}: {self.instrument} of "
                f"{ledger.accounts.names[account]} in world {world} is not the sum of its loans",
                gap.any(axis=0),
            )
