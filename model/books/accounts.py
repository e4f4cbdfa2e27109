"""The chart of accounts: instruments, accounts by sector, and the errors that a breach of the books raises."""

from __future__ import annotations

from collections.abc import Sequence

from perpetuum.model.worlds import Mask

#: Financial instruments: each row of claims sums to zero over the accounts.
CLAIMS = (
    "deposits",
    "bank_loans",
    "bonds",
    "term_loans",
    "vendor_credit",
    "prepayments",
    "listed_equity",
    "private_equity",
    "fund_units",
    "reserve_bills",
    "outside_loans",
    "state_liabilities",
    "bank_equity",
)
#: Real assets: each row sums to the real capital stock.
REAL_ASSETS = ("hardware", "inventory", "gold")
INSTRUMENTS = CLAIMS + REAL_ASSETS
INSTRUMENT = {name: number for number, name in enumerate(INSTRUMENTS)}
#: Interest-bearing debt of firms and investors.
DEBTS = ("bank_loans", "bonds", "term_loans", "vendor_credit")
#: An issuer's own equity: excluded from its liabilities when solvency is judged.
OWN_EQUITY = ("listed_equity", "private_equity", "fund_units", "bank_equity", "state_liabilities")
#: Own equity of firms: a firm may hold the shares of others in the same row.
SHARES = ("listed_equity", "private_equity")
DEPOSITS = INSTRUMENT["deposits"]

# What an audit may find wrong.
STOCK, CASH, SAVING, FLOWS, ROWS = 1, 2, 3, 4, 5
#: Why a stock changed: the audit adds these up against the change of the stock.
TRANSACTION, REVALUATION, OTHER_CHANGE = 0, 1, 2


class BooksBreachError(Exception):
    """The books do not balance: an internal error, never a user's mistake. `mask` says in which worlds."""

    def __init__(self, message: str, mask: Mask | None = None):
        super().__init__(message)
        self.mask = mask


class OverdraftError(BooksBreachError):
    """Somebody tried to pay more than the account held; `mask` says in which worlds."""


class Accounts:
    """Names and numbers of the accounts, grouped by sector."""

    def __init__(self, sectors: dict[str, Sequence[str]]):
        self.names: tuple[str, ...] = tuple(name for group in sectors.values() for name in group)
        self.number: dict[str, int] = {name: index for index, name in enumerate(self.names)}
        self.sectors: dict[str, tuple[int, ...]] = {
            sector: tuple(self.number[name] for name in group) for sector, group in sectors.items()
        }

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, sector: str) -> tuple[int, ...]:
        return self.sectors[sector]
