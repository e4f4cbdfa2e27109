"""Phase 8: covenants are tested, clouds ask for credit in pecking order, lenders ration it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from perpetuum.model.instruments.loan_kinds import LOAN_KINDS
from perpetuum.model.markets.credit import ration
from perpetuum.model.observed.events import EventCause, EventKind
from perpetuum.model.phases.chip_market import allocate_chips, cash_bills, set_terms
from perpetuum.model.phases.hall_market import finance_halls
from perpetuum.model.worlds import anywhere

if TYPE_CHECKING:
    from perpetuum.model.structure import Structure


def lend(economy: Structure) -> None:
    """8: landlords see what they can build; covenants are tested, clouds ask in pecking order, lenders ration."""
    for lender in economy.lenders:
        economy.ledger.advance(economy.outside, lender.account, lender.inflow(), "fund_units", "lender_inflow")
    set_terms(economy)
    allocate_chips(economy)
    finance_halls(economy)
    bills = cash_bills(economy)
    for cloud in economy.clouds:
        standing = cloud.standing()
        cloud.quote(standing)
        cloud.test_covenants(standing)
    _roll_over(economy)
    for cloud in economy.clouds:
        cloud.ask_for_credit(bills[economy.chips.buyer[cloud.account]], economy.alive(cloud))
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
    for one, other in np.argwhere(granted.any(axis=-1)).tolist():
        lender, cloud = lenders[one], economy.clouds[other]
        pool = book.pool(lender.account, cloud.account)
        cloud.count_borrowed(book.draw(economy.ledger, pool, granted[one, other], cloud.borrowing_rate(), kind.draw))


def _roll_over(economy: Structure) -> None:
    """Lenders refinance what matures this month as far as they are willing; borrowers know what is left to pay."""
    if not anywhere(economy.p.rollover.on):
        return
    clouds, borrowers = economy.clouds, economy.accounts["clouds"]
    part = np.array([cloud.part_rolled_over() for cloud in clouds])
    rate = np.array([cloud.borrowing_rate() for cloud in clouds])
    left = np.zeros(part.shape)
    for kind in LOAN_KINDS.values():
        book = economy.loan_books[kind.instrument]
        if kind.lenders == "lenders":
            book.roll_over(borrowers, part, rate)
        book.add_service(borrowers, left)
    for cloud, dollars in zip(clouds, left, strict=True):
        cloud.owe_service(dollars)


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
                loans.repay_early(economy.ledger, pool, part, "early_repayment")
