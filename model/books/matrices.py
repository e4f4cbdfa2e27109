"""The books as matrices: stocks by instrument and account, the month's flows by kind of payment, and what is read from them.

The ledger alone writes them.
"""

from __future__ import annotations

import functools
from typing import Protocol

import numpy as np

from perpetuum.model.books.accounts import DEBTS, DEPOSITS, INSTRUMENT, INSTRUMENTS, OWN_EQUITY, SHARES, Accounts
from perpetuum.model.books.ledger_kernels import added, added_by_row, emptied, owed, worth
from perpetuum.model.books.payment_kinds import KIND_NUMBER, KINDS
from perpetuum.model.worlds import Array, Dollars, Floats, Register


class IssuedShares(Protocol):
    """A register of shares that knows what an account's own are worth."""

    def issued(self, account: int) -> Dollars:
        """Value of the shares issued by an account (worlds,), dollars."""


class Matrices(Register):
    """Stocks and flows of all accounts in all worlds.

    `book` (instruments, accounts, worlds): stocks, int64 dollars, claims signed (+ holder, - issuer).
    `flows` (kinds, accounts, worlds): this month's payments by kind, signed (+ received), each row summing to zero.
    `changes` (3, instruments, accounts, worlds): this month's transactions, revaluations and other changes.
    `formation` (accounts, worlds): real assets made, bought or used up.
    `uncashed` (accounts, worlds): this month's flows that moved no cash (sales on credit).
    """

    def __init__(self, accounts: Accounts, worlds: int):
        self.accounts = accounts
        n, i, k = len(accounts), len(INSTRUMENTS), len(KINDS)
        self.book: Dollars = np.zeros((i, n, worlds), dtype=np.int64)
        self.opening: Dollars = np.zeros((i, n, worlds), dtype=np.int64)
        self.changes: Dollars = np.zeros((3, i, n, worlds), dtype=np.int64)
        self.flows: Dollars = np.zeros((k, n, worlds), dtype=np.int64)
        self.formation: Dollars = np.zeros((n, worlds), dtype=np.int64)
        self.uncashed: Dollars = np.zeros((n, worlds), dtype=np.int64)
        self.shares: IssuedShares | None = None  # who owns which shares; without it nobody has both issued and bought some

    def clear_flows(self) -> None:
        """Empty the month's flows and changes; today's stocks become the opening ones."""
        np.copyto(self.opening, self.book)
        for table in (self.changes, self.flows, self.formation, self.uncashed):
            emptied(table.reshape(-1, self.worlds))

    @property
    def worlds(self) -> int:
        """Number of worlds."""
        return self.book.shape[-1]

    def cash(self, account: int) -> Dollars:
        """Deposits of an account (worlds,), to be read, never written."""
        return self.book[DEPOSITS, account]

    def stock(self, instrument: str, account: int) -> Dollars:
        """One entry of the balance-sheet matrix (worlds,), claims signed."""
        return self.book[INSTRUMENT[instrument], account]

    def stock_of(self, instruments: tuple[str, ...], account: int) -> Dollars:
        """What an account holds (+) and owes (-) of some instruments, in all (worlds,)."""
        return added(self.book, *_entries(instruments, account))

    def row(self, instrument: str) -> Dollars:
        """One row of the balance-sheet matrix (accounts, worlds), to be read, never written."""
        return self.book[INSTRUMENT[instrument]]

    def flow(self, kind: str, account: int) -> Dollars:
        """What the account received (+) or paid (-) this month in payments of a kind (worlds,)."""
        return self.flows[KIND_NUMBER[kind], account]

    def flow_of(self, kinds: tuple[str, ...], accounts: tuple[int, ...]) -> Dollars:
        """What accounts received (+) or paid (-) this month in payments of some kinds, in all (worlds,)."""
        return added(self.flows, *_grid(kinds, accounts))

    def flow_of_each(self, kinds: tuple[str, ...], accounts: tuple[int, ...]) -> Floats:
        """The same of each of these accounts apart (accounts, worlds)."""
        return added_by_row(self.flows, *_rows(kinds, accounts))

    def debt_of(self, account: int) -> Floats:
        """Interest-bearing debt of an account (worlds,), dollars."""
        return owed(self.book, _DEBTS, account)

    def book_equity(self, account: int) -> Dollars:
        """Assets minus liabilities other than own equity (worlds,): what solvency is judged by.

        A row nets what an account has issued with what it holds of others' shares; the register of shares tells them apart.
        """
        equity = worth(self.book, account, _ISSUED_BY_FUNDS if self.shares is not None else _ISSUED)
        return equity if self.shares is None else equity + self.shares.issued(account)


_ISSUED = np.array([INSTRUMENT[name] for name in OWN_EQUITY])
_DEBTS = np.array([INSTRUMENT[name] for name in DEBTS])
_ISSUED_BY_FUNDS = np.array([INSTRUMENT[name] for name in OWN_EQUITY if name not in SHARES])


@functools.cache
def _entries(instruments: tuple[str, ...], account: int) -> tuple[Array, Array]:
    return np.array([INSTRUMENT[name] for name in instruments]), np.full(len(instruments), account)


@functools.cache
def _rows(kinds: tuple[str, ...], accounts: tuple[int, ...]) -> tuple[Array, Array]:
    return np.array([KIND_NUMBER[kind] for kind in kinds]), np.array(accounts, dtype=np.int64)


@functools.cache
def _grid(kinds: tuple[str, ...], accounts: tuple[int, ...]) -> tuple[Array, Array]:
    numbers = np.array([KIND_NUMBER[kind] for kind in kinds])
    return np.repeat(numbers, len(accounts)), np.tile(np.array(accounts, dtype=np.int64), len(kinds))
