"""What is wrong with the books, in words: which stock, payment or claim of whom in which world."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from perpetuum.model.books.accounts import CASH, DEPOSITS, FLOWS, INSTRUMENTS, LARGEST, SAVING, SIZE, STOCK, TRANSACTION
from perpetuum.model.books.payment_kinds import KINDS
from perpetuum.model.worlds import Array, anywhere


class Names(Protocol):
    """Who has an account."""

    names: tuple[str, ...]


class Books(Protocol):
    """What is read of a ledger: stocks now and at the month's beginning, what changed them, and what was paid."""

    book: Array
    opening: Array
    changes: Array
    flows: Array
    uncashed: Array

    @property
    def accounts(self) -> Names:
        """Who has an account."""


def explain(ledger: Books, code: int, item: int, world: int) -> str:
    """What an audit found wrong first in a world, in words: `code` and `item` as `reconcile` gives them."""
    names = ledger.accounts.names
    if code == STOCK:
        row, account = divmod(item, len(names))
        return (
            f"stock '{INSTRUMENTS[row]}' of {names[account]} in world {world} is {ledger.book[row, account, world]}, "
            f"but its flows explain {ledger.opening[row, account, world] + ledger.changes[:, row, account, world].sum()}"
        )
    if code == SIZE:
        row, account = divmod(item, len(names))
        return (
            f"stock '{INSTRUMENTS[row]}' of {names[account]} in world {world} is {ledger.book[row, account, world]}: "
            f"no stock may reach {LARGEST:.1e} dollars"
        )
    if code == CASH:
        moved = int(ledger.changes[TRANSACTION, DEPOSITS, item, world])
        flows = int(ledger.flows[:, item, world].sum() - ledger.uncashed[item, world])
        kinds = [kind for kind, row in zip(KINDS, ledger.flows[:, :, world].sum(axis=1), strict=True) if row]
        rows = f" (payments {', '.join(kinds)} do not sum to zero)" if kinds else ""
        return f"deposits of {names[item]} in world {world} moved by {moved}, but its payments by {flows}{rows}"
    if code == SAVING:
        return f"saving of {names[item]} in world {world} differs from the change of its balance sheet"
    if code == FLOWS:
        paid = ledger.flows[item, :, world]
        return f"payments '{list(KINDS)[item]}' sum to {paid.sum()} in world {world} among {_named(ledger, paid)}"
    changed = ledger.changes[:, item, :, world].any(axis=0)
    holders = _named(ledger, changed if anywhere(changed) else ledger.book[item, :, world])
    gap = ledger.book[item, :, world].sum()
    return f"claims '{INSTRUMENTS[item]}' sum to {gap} in world {world} among {holders}"


def _named(ledger: Books, entries: Array) -> str:
    return ", ".join(ledger.accounts.names[account] for account in np.flatnonzero(entries))
