"""Simultaneous settlement: who can pay what when everybody's receipts depend on everybody's payments.

Firms owe sums by kind, payee and seniority; what each pays is the greatest vector with

    p_i = min(due_i, e_i + sum_j paid_ji)

where e is the cash at hand (Eisenberg and Noe 2001). A firm that could pay less than `threshold` of what it
owes is in default, and then only part of its cash and of its incoming payments counts (Rogers and Veraart
2013); the lost part is paid to the outside economy as `default_costs`. Classes are served in order of
seniority, pro rata inside a class.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence

import numpy as np

from perpetuum.model.books.ledger import BooksBreachError, Ledger, OutgrownError
from perpetuum.model.books.payment_kinds import KIND_NUMBER, KINDS
from perpetuum.model.books.settlement_kernels import CLASSES, LIMIT, chosen, in_arrears, owed_by, received, solve
from perpetuum.model.worlds import Array, Dollars, Floats, Mask, Register, anywhere

#: Seniority, served in this order. Trade is also take-or-pay, wages, power and tax. Equity gets what is left.
SECURED, TRADE, UNSECURED = 0, 1, 2


class _Members:
    """Account numbers of the firms (firms,), and every account's place among them or -1: neither varies by world."""

    def __init__(self, firms: Sequence[int], accounts: int):
        self.firms = np.array(firms, dtype=np.int64)
        self.place = np.full(accounts, -1)
        self.place[self.firms] = np.arange(len(firms))


class _Dues:
    """Dues in the order of their kinds, (dues,) each: no array of these varies by world.

    `order`: which of those that were entered it is; `kind` numbers, `place` of the payer among the firms, `payer`, `payee`,
    `target` (the payee's place or -1), `seniority`.
    """

    def __init__(self, entered: Sequence[tuple[int, int, int, int]], members: _Members):
        table = np.array(entered, dtype=np.int64).reshape(-1, 4)
        self.order = np.argsort(table[:, 0], kind="stable")
        self.kind, self.place, self.payee, self.seniority = np.ascontiguousarray(table[self.order].T)
        self.payer, self.target = members.firms[self.place], members.place[self.payee]

    def __len__(self) -> int:
        return len(self.order)


@functools.cache
def _members(firms: tuple[int, ...], accounts: int) -> _Members:
    return _Members(firms, accounts)


_NO_DUES = _Dues((), _Members((), 0))


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
    still count in default. `threshold` (worlds,) or (firms, worlds): the share of all dues under which a firm is in
    default. All between 0 and 1.
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
        self.threshold = np.array(np.broadcast_to(threshold, (len(self.firms), ledger.worlds)), dtype=np.float64)
        self._place = {account: place for place, account in enumerate(self.firms)}
        self._members = _members(self.firms, len(ledger.accounts))
        self._entered: list[tuple[int, int, int, int]] = []  # kind, payer's place, payee, seniority
        self._dues = _NO_DUES
        self._amounts: Floats = np.empty((128, ledger.worlds))
        self._due: Dollars = np.zeros((0, ledger.worlds), dtype=np.int64)
        self._paid: Dollars = np.zeros((0, ledger.worlds), dtype=np.int64)
        self._owed, self._paid_by, self._lost = np.zeros((3, len(self.firms), ledger.worlds), dtype=np.int64)
        self._default: Mask = np.zeros((len(self.firms), ledger.worlds), dtype=np.bool_)

    def owe(self, kind: str, payer: int, payee: int, due: Array, seniority: int) -> None:
        """Enter what a firm owes somebody (worlds,), in dollars, rounded once."""
        self.owe_all(kind, (payer,), (payee,), (due,), seniority)

    def owe_all(
        self, kind: str, payers: Sequence[int], payees: Sequence[int], dues: Sequence[Array] | Array, seniority: int
    ) -> None:
        """Enter what firms owe of one kind and seniority, (worlds,) of each pair of payer and payee."""
        if KINDS[kind].recolours:
            raise ValueError(f"'{kind}' recolours money and cannot be part of a clearing")
        if not 0 <= seniority < CLASSES:
            raise ValueError(f"seniority {seniority} of '{kind}' is none of SECURED, TRADE, UNSECURED")
        number, place, row = KIND_NUMBER[kind], self._place, len(self._entered)
        while row + len(payers) > len(self._amounts):
            self._amounts = np.concatenate([self._amounts, np.empty_like(self._amounts)])
        for payer, payee, due in zip(payers, payees, dues, strict=True):
            if payer not in place or payer == payee:
                raise ValueError(f"'{kind}': only a firm can owe in a settlement, and not to itself")
            self._amounts[row] = due
            self._entered.append((number, place[payer], payee, seniority))
            row += 1

    def owed_by_firm(self) -> Floats:
        """All that every firm owes so far (firms, worlds), whole dollars, before anything is solved."""
        owed = np.zeros(self._owed.shape)
        owed_by(self._amounts, np.array([due[1] for due in self._entered], dtype=np.int64), owed)
        return owed

    def owed(self, account: int) -> Floats:
        """All that an account owes so far (worlds,), whole dollars, before anything is solved."""
        return self.owed_by_firm()[self._place[account]] if account in self._place else np.zeros(self.ledger.worlds)

    def solve(self) -> None:
        """Find the greatest clearing vector in whole dollars.

        Raises BooksBreachError (with the mask of worlds) for a due that is no amount, and beyond `MAX_ROUNDS`
        rounds.
        """
        dues = self._dues = _Dues(self._entered, self._members)
        self._due = np.empty((len(dues), self.ledger.worlds), dtype=np.int64)
        self._paid = np.empty_like(self._due)
        failed = np.zeros(self.ledger.worlds, dtype=np.bool_)
        bad = solve(
            self._amounts, dues.order, dues.place, dues.target, dues.seniority,
            self.ledger.row("deposits")[self._members.firms], self.keep_cash, self.keep_claims, self.threshold, self._due,
            self._paid, self._owed, self._paid_by, self._lost, self._default, failed,
        )  # fmt: skip
        if bad >= 0:
            self._refuse(bad)
        if not anywhere(failed):
            return
        outgrown = (self._owed >= LIMIT).any(axis=0)
        if anywhere(outgrown):
            account, world = self.firms[int(np.argmax((self._owed >= LIMIT).any(axis=1)))], int(np.argmax(outgrown))
            what = f"{self.ledger.accounts.names[account]} owes more than {LIMIT:.3g} dollars in world {world}"
            raise OutgrownError(f"month {self.ledger.month}: {what}", outgrown)
        raise BooksBreachError(
            f"settlement of month {self.ledger.month} finds no end in {failed.sum()} worlds, "
            f"the first being world {int(np.argmax(failed))}",
            failed,
        )

    # --- what was paid
    # --------------------------------------------------------------------------------------------

    def items(self) -> tuple[Array, Array, Array, Dollars]:
        """Return payers, payees, kind numbers (payments,) and dollars (payments, worlds): kind by kind, then default costs."""
        dues = self._dues
        lost = np.flatnonzero(self._lost.any(axis=1))
        if not len(lost):
            return dues.payer, dues.payee, dues.kind, self._paid
        return (
            np.concatenate([dues.payer, self._members.firms[lost]]),
            np.concatenate([dues.payee, np.full(len(lost), self.outside)]),
            np.concatenate([dues.kind, np.full(len(lost), KIND_NUMBER["default_costs"])]),
            np.concatenate([self._paid, self._lost[lost]]),
        )

    def payments(self) -> Iterator[tuple[str, tuple[int, ...], tuple[int, ...], Dollars]]:
        """Yield kind, payers, payees and dollars (pairs, worlds), the kinds in a fixed order."""
        payers, payees, numbers, paid = self.items()
        for kind, number in KIND_NUMBER.items():
            of_kind = numbers == number
            if anywhere(of_kind):
                yield kind, tuple(payers[of_kind].tolist()), tuple(payees[of_kind].tolist()), paid[of_kind]

    def paid(self, kind: str, payer: int, payee: int) -> Dollars:
        """Dollars paid of one due (worlds,); zero where there was none."""
        return self.paid_of(kind, np.array([payer]), np.array([payee]))[0]

    def paid_of(self, kind: str, payers: Array, payees: Array) -> Dollars:
        """Dollars paid of the dues of a kind by payer and payee (pairs, worlds); zero where there was none."""
        dues = self._dues
        return chosen(self._paid, dues.kind, dues.payer, dues.payee, KIND_NUMBER[kind], payers, payees)

    def received(self, kinds: tuple[str, ...], accounts: tuple[int, ...]) -> Dollars:
        """Dollars that accounts were paid of all dues of some kinds (accounts, worlds)."""
        return received(self._paid, self._dues.kind, self._dues.payee, _chosen_kinds(kinds), _accounts(accounts))

    def due(self, kind: str, payer: int, payee: int) -> Dollars:
        """Whole dollars of one due (worlds,); zero where there was none."""
        dues = self._dues
        return chosen(self._due, dues.kind, dues.payer, dues.payee, KIND_NUMBER[kind], np.array([payer]), np.array([payee]))[
            0
        ]

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
        dues, skipped = self._dues, {KIND_NUMBER[kind] for kind in without}
        missing: dict[int, Dollars] = {}
        rows = np.flatnonzero(dues.payer == account)
        for row in rows[np.argsort(dues.order[rows])].tolist():  # as they were entered
            if dues.kind[row] not in skipped:
                payee, left = int(dues.payee[row]), self._due[row] - self._paid[row]
                missing[payee] = missing[payee] + left if payee in missing else left
        return missing

    def arrears(self, kinds: tuple[str, ...], payees: tuple[int, ...]) -> dict[tuple[str, int, int], Dollars]:
        """What firms owed of some kinds to some payees and did not pay anywhere, by kind, payer and payee, in their order."""
        dues, to_whom = self._dues, _flags(payees, len(self.ledger.accounts))
        late = in_arrears(self._due, self._paid, dues.kind, dues.payee, _chosen_kinds(kinds), to_whom)
        missing: dict[tuple[int, int, int], Dollars] = {}
        for row in np.flatnonzero(late).tolist():
            key, left = (int(dues.place[row]), int(dues.kind[row]), int(dues.payee[row])), self._due[row] - self._paid[row]
            missing[key] = missing[key] + left if key in missing else left
        rank, names = {payee: n for n, payee in enumerate(payees)}, list(KINDS)
        ordered = sorted(missing, key=lambda key: (key[0], kinds.index(names[key[1]]), rank[key[2]]))
        return {(names[kind], self.firms[place], payee): missing[place, kind, payee] for place, kind, payee in ordered}

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
        number, place, payee, _ = self._entered[row]
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
    if isinstance(value, np.ndarray) and value.shape == (worlds,) and value.dtype == np.float64:
        return value
    return np.array(np.broadcast_to(np.asarray(value, dtype=np.float64), worlds))


@functools.cache
def _chosen_kinds(kinds: tuple[str, ...]) -> Mask:
    return _flags(tuple(KIND_NUMBER[kind] for kind in kinds), len(KINDS))


@functools.cache
def _accounts(accounts: tuple[int, ...]) -> Array:
    return np.array(accounts, dtype=np.int64)


@functools.cache
def _flags(chosen: tuple[int, ...], length: int) -> Mask:
    flags = np.zeros(length, dtype=np.bool_)
    flags[list(chosen)] = True
    return flags
