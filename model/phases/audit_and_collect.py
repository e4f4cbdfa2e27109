"""Phase 17: the outside economy balances its account with the bank, the books are audited, measures are collected."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from perpetuum.model.structure import Structure


def audit_and_collect(economy: Structure) -> None:
    """17: close the month's books, check them, collect the series."""
    _balance_outside(economy)
    audit(economy)
    economy.collector.collect(economy)
    economy.money_ring.record(economy.ledger)
    economy.gains.record(economy)
    economy.firm_defaults.record(economy)


def audit(economy: Structure) -> None:
    """Check the ledger and every register against it; any dollar, share or chip amiss raises BooksBreachError."""
    ledger = economy.ledger
    ledger.audit(ledger.phase)
    economy.holdings.audit(ledger)
    economy.hardware.audit(ledger)
    economy.hall_leases.audit(ledger)
    economy.investor_books.audit(ledger, economy.holdings)
    for book in economy.loan_books.values():
        book.audit(ledger)


def _balance_outside(economy: Structure) -> None:
    """The outside borrows from the bank below its cushion and repays above it."""
    ledger, outside, bank = economy.ledger, economy.outside, economy.bank.account
    loans = -ledger.stock("outside_loans", outside)
    borrow, repay = economy.outside_economy.borrowing(ledger.cash(outside), loans)
    ledger.advance(bank, outside, borrow, "outside_loans", "outside_loan")
    ledger.redeem(outside, bank, repay, "outside_loans", "outside_loan_repayment")
