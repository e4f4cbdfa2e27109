"""Phase 8: covenants are tested, clouds ask for credit in pecking order, lenders ration it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpetuum.model.instruments.loan_kinds import LOAN_KINDS
from perpetuum.model.markets.credit import ration
from perpetuum.model.observed.events import EventCause, EventKind
from perpetuum.model.phases.chip_market import allocate_chips, cash_bills, set_terms
from perpetuum.model.worlds import anywhere

if TYPE_CHECKING:
    from perpetuum.agents.cloud_provider import CloudProvider
    from perpetuum.model.structure import Structure


def lend(economy: Structure) -> None:
    """8: covenants are tested, clouds ask for what they lack in pecking order, lenders ration."""
    for lender in economy.lenders:
        economy.ledger.advance(economy.outside, lender.account, lender.inflow(), "fund_units", "lender_inflow")
    set_terms(economy)
    allocate_chips(economy)
    bills = cash_bills(economy)
    for cloud in economy.clouds:
        cloud.quote()
        cloud.test_covenants()
        _roll_over(economy, cloud)
        cloud.ask_for_credit(bills[economy.chips.buyer[cloud.account]])
    for instrument in economy.clouds[0].credit_wanted:
        _grant(economy, instrument)
    for cloud in economy.clouds:
        fresh = cloud.months_in_breach == 1
        economy.journal.note(economy.month, EventKind.BREACHES_COVENANT, cloud.name, fresh, EventCause.COVENANT_MISSED)
    _sweep(economy)


def _grant(economy: Structure, instrument: str) -> None:
    """Lenders of an instrument meet clouds' requests as far as their supply goes."""
    book, kind = economy.loan_books[instrument], LOAN_KINDS[instrument]
    lenders = [lender for lender in economy.lenders if lender.kind == kind.lender_kind]
    if not lenders:
        return
    requests = [cloud.credit_wanted[instrument] for cloud in economy.clouds]
    granted = ration(requests, [lender.supply() for lender in lenders])
    for lender, row in zip(lenders, granted, strict=True):
        for cloud, amount in zip(economy.clouds, row, strict=True):
            if anywhere(amount):
                pool = book.pool(lender.account, cloud.account)
                cloud.count_borrowed(book.draw(economy.ledger, pool, amount, cloud.borrowing_rate(), kind.draw))


def _roll_over(economy: Structure, cloud: CloudProvider) -> None:
    """Lenders refinance what matures this month as far as they are willing; the borrower knows what is left to pay."""
    if not anywhere(economy.p.rollover.on):
        return
    part, rate = cloud.part_rolled_over(), cloud.borrowing_rate()
    left = cloud.constant()
    for kind in LOAN_KINDS.values():
        book = economy.loan_books[kind.instrument]
        if kind.lenders == "lenders":
            for pool in book.of_borrower(cloud.account):
                book.roll_over(pool, part, rate)
        book.add_service(cloud.account, left)
    cloud.owe_service(left)


def _sweep(economy: Structure) -> None:
    """While a covenant is breached, lenders sweep part of the borrower's spare cash into early repayment."""
    loans = economy.loans
    for cloud in economy.clouds:
        if not anywhere(cloud.months_in_breach):
            continue
        spare, owed = cloud.spare_cash(), loans.owed_by(cloud.account)
        for lender in economy.lenders:
            pool = loans.pool(lender.account, cloud.account)
            part = lender.sweep(cloud.months_in_breach, spare, loans.balance[pool], owed)
            if anywhere(part):
                loans.repay_early(economy.ledger, pool, part, "loan_amortisation")
