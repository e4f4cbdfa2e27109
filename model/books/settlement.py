"""Simultaneous settlement: who can pay what when everybody's receipts depend on everybody's payments.

Firms owe sums by kind, payee and seniority; what each pays is the greatest vector with

    p_i = min(due_i, e_i + sum_j paid_ji)

where e is the cash at hand (Eisenberg and Noe 2001). A firm that could pay less than `threshold` of what it
owes is in default, and then only part of its cash and of its incoming payments counts (Rogers and Veraart
2013); the lost part is paid to the outside economy as `default_costs`. Classes are served in order of
seniority, pro rata inside a class.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from perpetuum.model.books.ledger import BooksBreachError, Ledger, OutgrownError
from perpetuum.model.books.payment_kinds import KIND_NUMBER, KINDS
from perpetuum.model.equations import kernel
from perpetuum.model.worlds import Array, Dollars, Floats, Mask, Register, anywhere

#: Seniority, served in this order. Trade is also take-or-pay, wages, power and tax. Equity gets what is left.
SECURED, TRADE, UNSECURED = 0, 1, 2
CLASSES = 3
#: A ring with 0.1 % leakage needs 19 000 rounds in the worst order; more than this is an error.
MAX_ROUNDS = 20_000
#: What one firm owes in all must stay below this many dollars (2.25e15), or pro-rata shares would not be
#: exact.
LIMIT = 2**51


@kernel
def _pro_rata(budget, due, whole):
    """Return floor(budget x due / whole) exactly, for 0 <= budget < whole < 2^51 and 0 <= due <= whole.

    The product may need 100 bits. The quotient in floating point is at most `due`, and two roundings of 2^-53
    each move it by less than one half, so that its floor is wrong by at most one. The remainder for that
    guess lies within +-2 x whole, so it is exact in arithmetic modulo 2^64, and says which of three
    candidates is the floor. An exact floor is monotone in the budget, and floors of parts that add up to the
    budget never add up to more.
    """
    guess = np.int64(budget * (due / whole))
    rest = np.int64(np.uint64(budget) * np.uint64(due) - np.uint64(guess) * np.uint64(whole))
    if rest < 0:
        return guess - 1
    if rest >= whole:
        return guess + 1
    return guess


@kernel
def _whole_dollars(amounts, due):
    """Round amounts into whole dollars; return the first row with something that is no amount, or -1."""
    rows, worlds = amounts.shape
    bad = -1
    for i in range(rows):
        for w in range(worlds):
            amount = np.rint(amounts[i, w])
            if amount >= 0.0 and amount < LIMIT:
                due[i, w] = np.int64(amount)
            else:
                due[i, w] = 0
                if bad < 0:
                    bad = i
    return bad


@kernel
def _clear(due, order, first, target, cash, keep_cash, keep_claims, threshold, paid, lost, default, failed):
    """Find the greatest clearing vector of every world by falling from full payment.

    `order` lists the dues by payer and class, `first` (firms x classes + 1) where each begins in it, `target`
    the payee's place among the firms or -1; paid, lost, default and failed are filled. Within a round, a firm
    already sees what others cut before it: the map is monotone, so that every order of going down ends at the
    same greatest vector, and permuting the firms permutes the result.
    """
    worlds = due.shape[1]
    firms = cash.shape[0]
    inflow = np.empty(firms, dtype=np.int64)
    total = np.empty(firms, dtype=np.int64)
    owed = np.empty((firms, CLASSES), dtype=np.int64)
    budget = np.empty(firms, dtype=np.int64)
    needed = np.empty(firms, dtype=np.int64)
    fell = np.empty(firms, dtype=np.bool_)
    for w in range(worlds):
        inflow[:] = 0
        for f in range(firms):
            total[f] = 0
            for c in range(CLASSES):
                owed[f, c] = 0
                for place in range(first[f * CLASSES + c], first[f * CLASSES + c + 1]):
                    i = order[place]
                    amount = due[i, w]
                    paid[i, w] = amount
                    owed[f, c] += amount
                    if target[i] >= 0:
                        inflow[target[i]] += amount
                total[f] += owed[f, c]
            if total[f] >= LIMIT:
                failed[w] = True
            budget[f] = total[f]
            needed[f] = np.int64(np.ceil(threshold[w] * total[f]))
            fell[f] = True
        rounds = 0
        moving = not failed[w]
        while moving:
            moving = False
            rounds += 1
            if rounds > MAX_ROUNDS:
                failed[w] = True
                break
            for f in range(firms):
                if not fell[f]:
                    continue
                fell[f] = False
                means = max(cash[f, w], 0) + inflow[f]
                if means >= total[f]:
                    continue
                if means < needed[f]:
                    means = np.int64(keep_cash[w] * max(cash[f, w], 0)) + np.int64(keep_claims[w] * inflow[f])
                if means >= budget[f]:
                    continue
                budget[f] = means
                for c in range(CLASSES):
                    part = min(means, owed[f, c])
                    means -= part
                    for place in range(first[f * CLASSES + c], first[f * CLASSES + c + 1]):
                        i = order[place]
                        amount = due[i, w]
                        if part < owed[f, c] and amount > 0:
                            amount = _pro_rata(part, amount, owed[f, c])
                        if amount < paid[i, w]:
                            if target[i] >= 0:
                                inflow[target[i]] -= paid[i, w] - amount
                                fell[target[i]] = True
                                moving = True
                            paid[i, w] = amount
        for f in range(firms):
            held = max(cash[f, w], 0)
            default[f, w] = held + inflow[f] < needed[f]
            lost[f, w] = 0
            if default[f, w]:
                lost[f, w] = held - np.int64(keep_cash[w] * held) + inflow[f] - np.int64(keep_claims[w] * inflow[f])


@kernel
def _owed(amounts, payer, owed):
    """Add dues (rows, worlds), in whole dollars, up by paying firm: (firms, worlds)."""
    for i in range(len(payer)):
        for w in range(owed.shape[1]):
            owed[payer[i], w] += np.rint(amounts[i, w])


@kernel
def _solve(
    amounts, payer, target, seniority, cash, keep_cash, keep_claims, threshold, due, paid, owed, paid_by, lost, default, failed
):  # fmt: skip
    """Round, clear and add up by firm (firms, worlds); returns the first due that is no amount, or -1."""
    rows, firms = len(payer), len(owed)
    bad = _whole_dollars(amounts, due)
    if bad >= 0:
        return bad
    first = np.zeros(firms * CLASSES + 1, dtype=np.int64)
    for i in range(rows):
        first[payer[i] * CLASSES + seniority[i] + 1] += 1
    first = np.cumsum(first)
    place, order = first.copy(), np.empty(rows, dtype=np.int64)
    for i in range(rows):
        slot = payer[i] * CLASSES + seniority[i]
        order[place[slot]] = i
        place[slot] += 1
    _clear(due, order, first, target, cash, keep_cash, keep_claims, threshold, paid, lost, default, failed)
    for i in range(rows):
        for w in range(due.shape[1]):
            owed[payer[i], w] += due[i, w]
            paid_by[payer[i], w] += paid[i, w]
    return -1


class Settlement(Register):
    """One month's dues among firms and everybody else, and what is paid of them.

    Only `firms` (account numbers) owe; whoever is not a firm only receives. All methods that answer return
    (worlds,) arrays.

        settlement = Settlement(ledger, firms, keep_cash, keep_claims, threshold)
        settlement.owe("compute_rent_reserved", lab, cloud, rent, TRADE)
        settlement.solve()
        ledger.clear(settlement)
        cloud_received = settlement.paid("compute_rent_reserved", lab, cloud)

    `default_cost_cash`, `default_cost_claims` (worlds,): the shares of cash and of incoming payments that
    still count in default. `threshold` (worlds,): the share of all dues under which a firm is in default. All
    between 0 and 1.
    """

    def __init__(
        self,
        ledger: Ledger,
        firms: Sequence[int],
        default_cost_cash: Floats,
        default_cost_claims: Floats,
        threshold: Floats,
    ):
        self.ledger = ledger
        self.firms = tuple(firms)
        self.outside = ledger.accounts["outside"][0]
        self.keep_cash = _per_world(default_cost_cash, ledger.worlds)
        self.keep_claims = _per_world(default_cost_claims, ledger.worlds)
        self.threshold = _per_world(threshold, ledger.worlds)
        self._place = {account: place for place, account in enumerate(self.firms)}
        self._dues: list[tuple[int, int, int, int]] = []  # kind, payer's place, payee, seniority
        self._rows: dict[tuple[str, int, int], list[int]] = {}
        self._amounts: Floats = np.empty((64, ledger.worlds))
        self._due: Dollars = np.zeros((0, ledger.worlds), dtype=np.int64)
        self._paid: Dollars = np.zeros((0, ledger.worlds), dtype=np.int64)
        self._owed, self._paid_by, self._lost = np.zeros((3, len(self.firms), ledger.worlds), dtype=np.int64)
        self._default: Mask = np.zeros((len(self.firms), ledger.worlds), dtype=np.bool_)

    def owe(self, kind: str, payer: int, payee: int, due: Array, seniority: int) -> None:
        """Enter what a firm owes somebody (worlds,), in dollars, rounded once."""
        if payer not in self._place or payer == payee:
            raise ValueError(f"'{kind}': only a firm can owe in a settlement, and not to itself")
        if KINDS[kind].recolours:
            raise ValueError(f"'{kind}' recolours money and cannot be part of a clearing")
        if not 0 <= seniority < CLASSES:
            raise ValueError(f"seniority {seniority} of '{kind}' is none of SECURED, TRADE, UNSECURED")
        if len(self._dues) == len(self._amounts):
            self._amounts = np.concatenate([self._amounts, np.empty_like(self._amounts)])
        row = len(self._dues)
        self._amounts[row] = due
        self._rows.setdefault((kind, payer, payee), []).append(row)
        self._dues.append((KIND_NUMBER[kind], self._place[payer], payee, seniority))

    def owed_by_firm(self) -> Floats:
        """All that every firm owes so far (firms, worlds), whole dollars, before anything is solved."""
        owed = np.zeros(self._owed.shape)
        _owed(self._amounts, _numbers([due[1] for due in self._dues]), owed)
        return owed

    def owed(self, account: int) -> Floats:
        """All that an account owes so far (worlds,), whole dollars, before anything is solved."""
        return self.owed_by_firm()[self._place[account]] if account in self._place else np.zeros(self.ledger.worlds)

    def solve(self) -> None:
        """Find the greatest clearing vector in whole dollars.

        Raises BooksBreachError (with the mask of worlds) for a due that is no amount, and beyond `MAX_ROUNDS`
        rounds.
        """
        amounts = self._amounts[: len(self._dues)]
        self._due, self._paid = np.empty((2, *amounts.shape), dtype=np.int64)
        _, payer, payees, seniority = _numbers(self._dues).reshape(-1, 4).T
        target = _numbers([self._place.get(payee, -1) for payee in payees.tolist()])
        failed = np.zeros(self.ledger.worlds, dtype=np.bool_)
        bad = _solve(
            amounts, payer, target, seniority, self.ledger.row("deposits")[list(self.firms)], self.keep_cash,
            self.keep_claims, self.threshold, self._due, self._paid, self._owed, self._paid_by, self._lost, self._default,
            failed,
        )  # fmt: skip
        if bad >= 0:
            self._refuse(bad)
        outgrown = (self._owed >= LIMIT).any(axis=0)
        if anywhere(outgrown):
            account, world = self.firms[int(np.argmax((self._owed >= LIMIT).any(axis=1)))], int(np.argmax(outgrown))
            what = f"{self.ledger.accounts.names[account]} owes more than {LIMIT:.3g} dollars in world {world}"
            raise OutgrownError(f"month {self.ledger.month}: {what}", outgrown)
        if anywhere(failed):
            raise BooksBreachError(
                f"settlement of month {self.ledger.month} finds no end in {failed.sum()} worlds, "
                f"the first being world {int(np.argmax(failed))}",
                failed,
            )

    # --- what was paid
    # --------------------------------------------------------------------------------------------

    def items(self) -> tuple[Array, Array, Array, Dollars]:
        """Return payers, payees, kind numbers (payments,) and dollars (payments, worlds), kind by kind."""
        kinds, places, payees, _ = _numbers(self._dues).reshape(-1, 4).T
        lost = np.flatnonzero(self._lost.any(axis=1))
        if len(lost):
            kinds = np.concatenate([kinds, np.full(len(lost), KIND_NUMBER["default_costs"])])
            places = np.concatenate([places, lost])
            payees = np.concatenate([payees, np.full(len(lost), self.outside)])
        order = np.argsort(kinds, kind="stable")
        paid = np.concatenate([self._paid, self._lost[lost]])[order] if len(lost) else self._paid[order]
        return _numbers(self.firms)[places[order]], payees[order], kinds[order], paid

    def payments(self) -> Iterator[tuple[str, tuple[int, ...], tuple[int, ...], Dollars]]:
        """Yield kind, payers, payees and dollars (pairs, worlds), the kinds in a fixed order."""
        payers, payees, numbers, paid = self.items()
        for kind, number in KIND_NUMBER.items():
            of_kind = numbers == number
            if anywhere(of_kind):
                yield kind, tuple(payers[of_kind].tolist()), tuple(payees[of_kind].tolist()), paid[of_kind]

    def owes(self, kind: str, payer: int, payee: int) -> bool:
        """Whether there is such a due in any world."""
        return (kind, payer, payee) in self._rows

    def paid(self, kind: str, payer: int, payee: int) -> Dollars:
        """Dollars paid of one due (worlds,); zero where there was none."""
        return self.paid_of(kind, [(payee, payer)])[0]

    def paid_of(self, kind: str, pairs: Sequence[tuple[int, int]]) -> Dollars:
        """Dollars paid of the dues of a kind between pairs (payee, payer), (pairs, worlds); zero where there was none."""
        result = np.zeros((len(pairs), self.ledger.worlds), dtype=np.int64)
        for number, (payee, payer) in enumerate(pairs):
            for row in self._rows.get((kind, payer, payee), ()):
                result[number] += self._paid[row]
        return result

    def due(self, kind: str, payer: int, payee: int) -> Dollars:
        """Whole dollars of one due (worlds,); zero where there was none."""
        rows = self._rows.get((kind, payer, payee), [])
        return self._due[rows].sum(axis=0)

    def paid_in_all(self, account: int) -> Dollars:
        """Dollars that an account paid of all its dues (worlds,)."""
        return self._of_firm(self._paid_by, account)

    def paid_shares(self) -> Floats:
        """Share of all their dues that firms paid (firms, worlds); 1 where nothing was due."""
        return np.where(self._owed > 0, self._paid_by / np.maximum(self._owed, 1), 1.0)

    def shortfall(self, account: int) -> Dollars:
        """Dollars that an account owed and did not pay (worlds,)."""
        return self._of_firm(self._owed, account) - self.paid_in_all(account)

    def unpaid(self, account: int, without: Sequence[str] = ()) -> dict[int, Dollars]:
        """Dollars that an account owed and did not pay, by payee, but for payments of some kinds."""
        nothing: Dollars = np.zeros(self.ledger.worlds, dtype=np.int64)
        missing: dict[int, Dollars] = {}
        skipped = {KIND_NUMBER[kind] for kind in without}
        for (kind, place, payee, _), due, paid in zip(self._dues, self._due, self._paid, strict=True):
            if self.firms[place] == account and kind not in skipped:
                missing[payee] = missing.get(payee, nothing) + (due - paid)
        return missing

    def arrears(self, kinds: Sequence[str], payees: Sequence[int]) -> dict[tuple[str, int, int], Dollars]:
        """What firms owed of some kinds to some payees and did not pay anywhere, by kind, payer and payee, in their order."""
        late = {self.firms[place] for place in np.flatnonzero((self._paid_by < self._owed).any(axis=1))}
        rank = {payee: number for number, payee in enumerate(payees)}
        dues = [key for key in self._rows if key[1] in late and key[0] in kinds and key[2] in rank]
        dues.sort(key=lambda key: (self._place[key[1]], kinds.index(key[0]), rank[key[2]]))
        missing = {key: self.due(*key) - self.paid(*key) for key in dues}
        return {key: dollars for key, dollars in missing.items() if anywhere(dollars)}

    def defaulted(self, account: int) -> Mask:
        """Where an account's means fell short of the threshold (worlds,)."""
        return self._default[self._place[account]]

    # --- inside
    # ---------------------------------------------------------------------------------------------------

    def _of_firm(self, amounts: Dollars, account: int) -> Dollars:
        if account not in self._place:
            return np.zeros(self.ledger.worlds, dtype=np.int64)
        return amounts[self._place[account]]

    def _refuse(self, row: int) -> None:
        number, place, payee, _ = self._dues[row]
        kind, payer, names = list(KINDS)[number], self.firms[place], self.ledger.accounts.names
        amounts = np.rint(self._amounts[row])
        bad = ~((amounts >= 0) & (amounts < LIMIT))
        world = int(np.argmax(bad))
        owed = f"'{kind}' owed by {names[payer]} to {names[payee]}"
        what = f"month {self.ledger.month}: {owed} in world {world} is {amounts[world]}"
        if (np.isfinite(amounts[bad]) & (amounts[bad] >= LIMIT)).all():
            raise OutgrownError(f"{what}, more than {LIMIT:.3g} dollars", bad)
        raise BooksBreachError(f"settlement of {what}, which is not an amount", bad)


def _per_world(value: Array | float, worlds: int) -> Floats:
    return np.array(np.broadcast_to(np.asarray(value, dtype=np.float64), worlds))


def _numbers(values: Any) -> Array:
    return np.array(values, dtype=np.int64)
