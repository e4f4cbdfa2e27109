"""Loans and bonds: principal by maturity, pooled by pair and instrument.

A loan of n months is repaid in n equal instalments in the n months after the one in which it is lent, a bond in the last of
them, and both bear n months of interest. With principal P_k due to mature in k months the instalment is sum_k P_k / (k + 1) over
what was lent before this month (k below the term): level principal repayment, exactly, without keeping single contracts.
"""

from __future__ import annotations

import numpy as np

from perpetuum.model.books.ledger import BooksBreachError, Ledger
from perpetuum.model.books.ledger_kernels import nothing
from perpetuum.model.equations import kernel
from perpetuum.model.worlds import Array, Dollars, Floats, Register, anywhere


@kernel
def _part(whole, parts):
    """floor(whole / parts), exactly, for 0 <= whole < 2^53; processors divide several floats at once, whole numbers singly."""
    guess = np.int64(float(whole) / parts)
    rest = whole - guess * parts
    return guess - 1 if rest < 0 else guess + 1 if rest >= parts else guess


@kernel
def _instalment(principal, balance, bullet, out):
    """A pool's instalment (worlds,), whole dollars: all of the first slot, and for loans P_k / (k + 1) of every later one but
    the last, which was lent this month.
    """
    slots, worlds = principal.shape
    for w in range(worlds):
        out[w] = principal[0, w]
    if not bullet and not nothing(balance):
        for k in range(1, slots - 1):
            for w in range(worlds):
                out[w] += _part(principal[k, w], k + 1)


@kernel
def _principal_due(principal, balance, refinanced, bullet, out):
    """Whole dollars to be paid this month by pool (pools, worlds): instalments less what lenders have refinanced of them."""
    for p in range(principal.shape[0]):
        _instalment(principal[p], balance[p], bullet, out[p])
        for w in range(out.shape[1]):
            out[p, w] = max(out[p, w] - refinanced[p, w], 0)


@kernel
def _interest(principal, balance, rate):
    """Interest by pool (pools, worlds): a month's on what was owed when the month began."""
    interest = np.empty(rate.shape)
    for p in range(principal.shape[0]):
        for w in range(rate.shape[1]):
            interest[p, w] = (balance[p, w] - principal[p, -1, w]) * rate[p, w] / 12
    return interest


@kernel
def _service(principal, balance, refinanced, rate, bullet):
    """Pools in which anybody owes anything, and principal and interest to be paid this month (those pools, worlds), dollars."""
    pools = np.array([p for p in range(len(balance)) if not nothing(balance[p])], dtype=np.int64)
    due, interest = np.empty((len(pools), rate.shape[1]), dtype=np.int64), np.empty((len(pools), rate.shape[1]))
    for n, p in enumerate(pools):
        _instalment(principal[p], balance[p], bullet, due[n])
        for w in range(due.shape[1]):
            due[n, w] = max(due[n, w] - refinanced[p, w], 0)
            interest[n, w] = (balance[p, w] - principal[p, -1, w]) * rate[p, w] / 12
    return pools, due, interest


@kernel
def _roll_over(principal, balance, refinanced, pool_rate, bullet, rows, part, rate):
    """Refinance a part of what is due of borrowers' pools, at a rate that joins the pool's mean by balance.

    `rows`: the borrower's row in `part` and `rate` (borrowers, worlds) by pool, or -1.
    """
    due = np.empty((1, rate.shape[1]), dtype=np.int64)
    for p in range(len(rows)):
        if rows[p] < 0 or nothing(balance[p]):
            continue
        _principal_due(principal[p : p + 1], balance[p : p + 1], refinanced[p : p + 1], bullet, due)
        for w in range(due.shape[1]):
            rolled = np.int64(due[0, w] * min(max(part[rows[p], w], 0.0), 1.0))
            refinanced[p, w] += rolled
            # Nothing is rolled where nothing is owed: the 1 is no dollar, it keeps from dividing by nothing.
            pool_rate[p, w] += (rate[rows[p], w] - pool_rate[p, w]) * (rolled / max(balance[p, w], 1))


@kernel
def _add_service(principal, balance, refinanced, rate, bullet, rows, service):
    """Add borrowers' instalments less what is refinanced of them, and their interest, to `service` (borrowers, worlds), dollars
    this month.
    """
    due = np.empty((1, service.shape[1]), dtype=np.int64)
    for p in range(len(rows)):
        if rows[p] < 0 or nothing(balance[p]):
            continue
        _principal_due(principal[p : p + 1], balance[p : p + 1], refinanced[p : p + 1], bullet, due)
        for w in range(service.shape[1]):
            service[rows[p], w] += due[0, w]
            service[rows[p], w] += (balance[p, w] - principal[p, -1, w]) * rate[p, w] / 12


@kernel
def _take(principal, bullet, amount, scheduled):
    """Remove `amount` (worlds,): the instalments first (if scheduled), then by pro rata floors and the nearest maturities."""
    slots, worlds = principal.shape
    left = np.maximum(amount, 0)
    if not left.any():
        return
    # Worlds are the inner loop everywhere: they lie side by side in memory.
    if scheduled:
        for k in range(1 if bullet else slots - 1):
            for w in range(worlds):
                part = min(_part(principal[k, w], k + 1), left[w])
                principal[k, w] -= part
                left[w] -= part
    else:
        whole = np.zeros(worlds, dtype=np.int64)
        for k in range(slots):
            for w in range(worlds):
                whole[w] += principal[k, w]
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
def _repay(principal, balance, refinanced, bullet, paid):
    """Shrink pools by what was paid as scheduled (pools, worlds); what was refinanced of the instalment leaves the schedule with
    it and matures at the end of the term: at most what the instalment still is, where the pool has shrunk since.
    """
    last = principal.shape[1] - 1
    due = np.empty(paid.shape[1], dtype=np.int64)
    for p in range(len(paid)):
        if not nothing(paid[p]) or not nothing(refinanced[p]):
            _instalment(principal[p], balance[p], bullet, due)
            for w in range(paid.shape[1]):
                balance[p, w] -= paid[p, w]
                refinanced[p, w] = min(refinanced[p, w], max(due[w] - paid[p, w], 0))
            _take(principal[p], bullet, paid[p] + refinanced[p], True)
            for w in range(paid.shape[1]):
                principal[p, last, w] += refinanced[p, w]
                refinanced[p, w] = 0


@kernel
def _join(principal, balance, rate, amount, fresh, slot):
    """Add new loans (worlds,) at rates `fresh` to a slot of a pool, whose rate is the mean by balance."""
    for w in range(amount.shape[0]):
        before, after = balance[w], balance[w] + amount[w]
        if amount[w] > 0:
            rate[w] = (rate[w] * before + fresh[w] * amount[w]) / (after if after > 0 else 1)
        principal[slot, w] += amount[w]
        balance[w] = after


@kernel
def _age(principal, balance):
    """Move every maturity a month nearer in the pools that owe anything; the first slot keeps what is overdue."""
    pools, slots, worlds = principal.shape
    for p in range(pools):
        if not nothing(balance[p]):
            for w in range(worlds):
                principal[p, 0, w] += principal[p, 1, w]
            for k in range(1, slots - 1):
                principal[p, k] = principal[p, k + 1]
            principal[p, slots - 1] = 0


@kernel
def _astray(principal, balance, row, lenders, borrowers):
    """Where a pool's balance is negative or not the sum of its maturities (pools, worlds), and by how much the ledger's
    `row` (accounts, worlds) is not the sum of the pools.
    """
    pools, slots, worlds = principal.shape
    bad = np.zeros((pools, worlds), dtype=np.bool_)
    gap = row.copy()
    whole = np.empty(worlds, dtype=np.int64)
    for p in range(pools):
        whole[:] = 0
        for k in range(slots):
            for w in range(worlds):
                whole[w] += principal[p, k, w]
        lender, borrower = lenders[p], borrowers[p]
        for w in range(worlds):
            bad[p, w] = whole[w] != balance[p, w] or balance[p, w] < 0
            gap[lender, w] -= balance[p, w]
            gap[borrower, w] += balance[p, w]
    return bad, gap


class Pairs:
    """Lenders and borrowers of pools, (pools,) each: no array of these varies by world."""

    def __init__(self, pairs: tuple[tuple[int, int], ...]):
        self.lenders = np.array([lender for lender, _ in pairs], dtype=np.int64)
        self.borrowers = np.array([borrower for _, borrower in pairs], dtype=np.int64)
        self._rows: dict[tuple[int, ...], Array] = {}

    def rows(self, borrowers: tuple[int, ...]) -> Array:
        """Each pool's borrower as its place among some, -1 where it is none of them."""
        if borrowers not in self._rows:
            place = {borrower: row for row, borrower in enumerate(borrowers)}
            self._rows[borrowers] = np.array([place.get(one, -1) for one in self.borrowers.tolist()], dtype=np.int64)
        return self._rows[borrowers]


class LoanBook(Register):
    """All loans of one instrument row: `principal` (pools, months to maturity, worlds) int64; `rate` (pools, worlds).

    A pool is a pair (lender, borrower). `term` in months; `bullet` for bonds.
    """

    def __init__(self, instrument: str, pairs: tuple[tuple[int, int], ...], term: int, bullet: bool, worlds: int):
        self.instrument = instrument
        self.pairs = pairs
        self.accounts = Pairs(pairs)
        self.term = term
        self.bullet = bullet
        self.principal: Dollars = np.zeros((len(pairs), term + 1, worlds), dtype=np.int64)
        self.rate: Floats = np.zeros((len(pairs), worlds))
        self.balance: Dollars = np.zeros((len(pairs), worlds), dtype=np.int64)
        self.refinanced: Dollars = np.zeros((len(pairs), worlds), dtype=np.int64)  # of what is due this month

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
        """Enter opening debt as if an equal amount had been lent in every month of a term: loans with k + 1 instalments to pay
        are P_k proportional to k + 1, bonds equal in every month; none is new.

        The first instalment is 2 / (term + 1) of all loans, or 1 / term of all bonds.
        """
        lender, borrower = self.pairs[pool]
        whole = np.rint(amount).astype(np.int64)
        slots = self.principal.shape[1]
        weights = np.ones(slots) if self.bullet else np.arange(1.0, slots + 1)
        weights[-1] = 0.0
        marks = np.rint(whole[None, :] * (np.cumsum(weights) / weights.sum())[:, None]).astype(np.int64)
        self.principal[pool] += np.diff(marks, axis=0, prepend=0)
        self.balance[pool] += whole
        self.rate[pool] = rate
        ledger.open_claim(self.instrument, lender, borrower, whole)

    def draw(self, ledger: Ledger, pool: int, amount: Array, rate: Floats, kind: str) -> Dollars:
        """Lend cash: a new loan at `rate` joins the pool. Returns whole dollars (worlds,)."""
        lender, borrower = self.pairs[pool]
        drawn = ledger.advance(lender, borrower, amount, self.instrument, kind)
        self._add(pool, drawn, rate, self.term)
        return drawn

    def finance_sale(self, ledger: Ledger, pool: int, amount: Array, rate: Floats, kind: str) -> Dollars:
        """Sell on credit: the claim arises without cash (a lease of chips)."""
        lender, borrower = self.pairs[pool]
        financed = ledger.credit_sale(lender, borrower, amount, kind, self.instrument)
        self._add(pool, financed, rate, self.term)
        return financed

    def _add(self, pool: int, amount: Dollars, rate: Floats, slot: int) -> None:
        _join(self.principal[pool], self.balance[pool], self.rate[pool], amount, rate, slot)

    def service(self) -> tuple[Array, Dollars, Floats]:
        """Pools of which anything is owed in any world, and principal and interest due of them this month, dollars."""
        return _service(self.principal, self.balance, self.refinanced, self.rate, self.bullet)

    def due(self) -> Dollars:
        """Principal to be paid this month (pools, worlds): the instalments less what lenders have refinanced of them."""
        out = np.empty_like(self.balance)
        _principal_due(self.principal, self.balance, self.refinanced, self.bullet, out)
        return out

    def interest(self) -> Floats:
        """Interest due this month (pools, worlds), dollars: a month's on what was owed when it began."""
        return _interest(self.principal, self.balance, self.rate)

    def add_service(self, borrowers: tuple[int, ...], service: Floats) -> None:
        """Add the principal and interest that borrowers are to pay this month to `service` (borrowers, worlds), dollars."""
        rows = self.accounts.rows(borrowers)
        _add_service(self.principal, self.balance, self.refinanced, self.rate, self.bullet, rows, service)

    def roll_over(self, borrowers: tuple[int, ...], part: Floats, rate: Floats) -> None:
        """Lenders refinance a part (borrowers, worlds) of the principal to be paid this month: floor(part x due) of each pool. It
        is not asked for, and from the end of the month on it matures anew at the end of the term.

        No cash moves and the claim stays what it is; the pool's rate is the mean by balance.
        """
        rows = self.accounts.rows(borrowers)
        _roll_over(self.principal, self.balance, self.refinanced, self.rate, self.bullet, rows, part, rate)

    def record_repayments(self, ledger: Ledger, paid: Dollars) -> None:
        """Shrink pools and claims by what has been paid of this month's principal in a clearing (pools, worlds)."""
        _repay(self.principal, self.balance, self.refinanced, self.bullet, paid)
        ledger.settle_claims(self.accounts.borrowers, self.accounts.lenders, paid, self.instrument)

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

    def take_over(self, ledger: Ledger, pool: int, book: LoanBook, taker: int, amount: Dollars) -> None:
        """Who has paid a lender for a borrower has its claim: dollars of a pool pass into another book, at the same rate, after
        the month's payments: the first of a whole term falls due in the next.
        """
        lender, borrower = self.pairs[pool]
        _take(self.principal[pool], self.bullet, amount, False)
        self.balance[pool] -= amount
        ledger.write_off(lender, borrower, amount, self.instrument)
        ledger.hand_over(borrower, taker, amount, book.instrument)
        book._add(book.pool(taker, borrower), amount, self.rate[pool], book.term - 1)

    def age(self) -> None:
        """A month passes: maturities draw nearer; what was not repaid at maturity stays due."""
        _age(self.principal, self.balance)

    def audit(self, ledger: Ledger) -> None:
        """Pools agree with maturities, and with the ledger's row for every lender and borrower."""
        row = ledger.row(self.instrument)
        bad, gap = _astray(self.principal, self.balance, row, self.accounts.lenders, self.accounts.borrowers)
        if anywhere(bad):
            pool, world = np.argwhere(bad)[0]
            text = f"loan pool {self.instrument} {self.pairs[pool]} in world {world} disagrees with its maturities"
            raise BooksBreachError(ledger.where(text), bad.any(axis=0))
        ledger.check_row(self.instrument, gap, "the sum of its loans")
