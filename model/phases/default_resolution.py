"""Phase 12: defaults. Debts are written down, owners wiped out, contracts rejected, collateral sold, guarantees called."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from perpetuum.agents.lender import loss_on_chips
from perpetuum.model.instruments.equity import wipe_out_owners
from perpetuum.model.instruments.loan_kinds import BY_SENIORITY
from perpetuum.model.observed.events import EventCause, EventKind
from perpetuum.model.phases.second_hand import sell_collateral_and_idle_chips
from perpetuum.model.worlds import Floats, Mask, anywhere

if TYPE_CHECKING:
    from perpetuum.model.economy import Economy


def resolve_defaults(economy: Economy) -> None:
    """12: restructure who could not pay; sell collateral and idle chips second-hand."""
    economy.lab_failed = np.zeros(economy.p.worlds)
    economy.cloud_failed = np.zeros(economy.p.worlds)
    economy.failed_now = {firm.name: np.zeros(economy.p.worlds) for firm in economy.firms}
    for firm in economy.firms:
        mask = _defaults(economy, firm)
        if anywhere(mask):
            _restructure(economy, firm, mask)
    sell_collateral_and_idle_chips(economy)


def _defaults(economy: Economy, firm) -> Mask:
    """Under 75 % paid, or a breached borrower whose book equity is gone; not again within the months of grace."""
    quiet = economy.month - economy.defaulted_at[firm.name] >= economy.p.default.grace_months
    quiet |= economy.defaulted_at[firm.name] < 0
    mask = economy.settlement.defaulted(firm.account)
    if firm in economy.clouds:
        mask = mask | (
            (economy.ledger.book_equity(firm.account) < 0) & (firm.breached >= economy.p.credit.acceleration_months)
        )
    return mask & quiet


def _restructure(economy: Economy, firm, mask: Mask) -> None:
    p, ledger = economy.p, economy.ledger
    debts = np.where(mask, np.maximum(economy.debt_of(firm.account), 0.0), 0.0)
    unpaid = economy.settlement.unpaid(firm.account)
    claims = {payee: np.where(mask, missing, 0).astype(np.float64) for payee, missing in unpaid.items()}
    bills = dict(claims)
    guaranteed = _call_guarantees(economy, firm, mask)
    lenders = {lender.account: lender for lender in economy.lenders}
    for kind in BY_SENIORITY:
        book = economy.loan_books[kind.instrument]
        share_lost = _secured_loss(economy, firm) if kind.on_chips else 1.0 - p.default.recovery
        for pool in book.of_borrower(firm.account):
            loss = book.write_off(ledger, pool, np.where(mask, share_lost, 0.0))
            lender = book.pairs[pool][0]
            claims[lender] = claims.get(lender, np.zeros(p.worlds)) + loss
            covered = guaranteed.get(pool, np.zeros(p.worlds)) if book is economy.loans else 0.0
            if lender in lenders:
                lenders[lender].losses = lenders[lender].losses + np.maximum(loss - covered, 0.0)
    drawn = -ledger.stock("bank_loans", firm.account)
    loss = np.where(mask, np.rint(drawn * (1.0 - p.default.recovery)), 0).astype(np.int64)
    ledger.write_off(economy.bank.account, firm.account, loss, "bank_loans")
    claims[economy.bank.account] = claims.get(economy.bank.account, np.zeros(p.worlds)) + loss
    for key, missing in economy.arrears.items():
        if key[1] == firm.account:
            economy.arrears[key] = np.where(mask, 0.0, missing)
    rejected = _reject_contracts(economy, firm, mask)
    _forfeit_prepayments(economy, firm, mask)
    if firm in economy.labs:
        firm.fail(mask)
        if firm is economy.lead_lab:
            economy.lab_failed = np.where(mask, 1.0, economy.lab_failed)
    if firm in economy.clouds:
        economy.cloud_failed = np.where(mask, 1.0, economy.cloud_failed)
        firm.breached = np.where(mask, 0.0, firm.breached)
    worth = np.maximum(ledger.book_equity(firm.account), 0) + (firm.valuation if firm in economy.labs else 0.0)
    asset = economy.holdings.asset_of(firm.account)
    wipe_out_owners(ledger, economy.holdings, economy.investor_books, asset, mask, claims, worth)
    economy.defaulted_at[firm.name] = np.where(mask, economy.month, economy.defaulted_at[firm.name])
    economy.failed_now[firm.name] = mask.astype(np.float64)
    for cause, whom, where in _causes(economy, firm, mask):
        economy.journal.note(economy.month, EventKind.DEFAULTS, firm.name, where, cause, debts, whom)
    lost = {payee: claim - bills.get(payee, 0.0) for payee, claim in claims.items()}
    _note_losses(economy, firm, EventKind.BILLS_UNPAID, bills)
    _note_losses(economy, firm, EventKind.DEBTS_WRITTEN_OFF, lost)
    _note_losses(economy, firm, EventKind.COMMITMENTS_REJECTED, rejected)


def _note_losses(economy: Economy, firm, kind: EventKind, losses: dict[int, Floats]) -> None:
    """Journal what a default leaves undone, and towards whom."""
    names = economy.ledger.accounts.names
    for payee, loss in losses.items():
        economy.journal.note(economy.month, kind, firm.name, loss > 0, EventCause.OWN_DEFAULT, loss, names[payee])


def _secured_loss(economy: Economy, firm) -> Floats:
    """Loss on secured loans: what collateral at a forced sale does not cover."""
    if firm not in economy.clouds:
        return np.full(economy.p.worlds, 1.0) - economy.p.default.recovery
    default = economy.p.default
    return loss_on_chips(firm.collateral(), firm.term_loans(), default.fire_sale, default.recovery)


def _call_guarantees(economy: Economy, firm, mask: Mask) -> dict[int, Floats]:
    """Guarantors pay lenders what is guaranteed, as far as their cash goes. Returns dollars by loan pool."""
    paid: dict[int, Floats] = {}
    for pool in economy.loans.of_borrower(firm.account):
        lender = economy.loans.pairs[pool][0]
        for row, vendor in enumerate(economy.guarantees.vendors):
            called = np.where(mask, economy.guarantees.amount[row, pool], 0)
            if anywhere(called):
                amount = np.minimum(called, economy.ledger.cash(vendor))
                done = economy.ledger.pay(vendor, lender, amount, "guarantee_call")
                economy.guarantees.amount[row, pool] -= called
                paid[pool] = paid.get(pool, np.zeros(economy.p.worlds)) + done
                name = economy.ledger.accounts.names[vendor]
                cause = EventCause.BORROWER_DEFAULTED
                economy.journal.note(economy.month, EventKind.PAYS_GUARANTEE, name, done > 0, cause, done, firm.name)
    return paid


def _reject_contracts(economy: Economy, firm, mask: Mask) -> dict[int, Floats]:
    """A defaulted buyer of compute rejects most of its commitments. Returns dollars by seller."""
    contracts, rejected = economy.contracts, {}
    fraction = np.where(mask, economy.p.default.rejection, 0.0)
    for pair in contracts.of_buyer(firm.account):
        rejected[contracts.pairs[pair][1]] = contracts.obligations[pair] * fraction
        contracts.shrink(pair, fraction, economy.month)
    return rejected


def _forfeit_prepayments(economy: Economy, firm, mask: Mask) -> None:
    """Prepayments of a defaulted buyer are kept by the cloud; those to a defaulted cloud are mostly lost."""
    kept_by_cloud = np.where(mask, 1.0, 0.0)
    lost_with_cloud = np.where(mask, 1.0 - economy.p.default.recovery, 0.0)
    for (buyer, seller), held in economy.prepaid.items():
        fraction = kept_by_cloud if buyer == firm.account else lost_with_cloud if seller == firm.account else None
        if fraction is not None:
            lost = np.minimum(np.rint(held * fraction), held).astype(np.int64)
            economy.ledger.write_off(buyer, seller, lost, "prepayments")
            economy.prepaid[buyer, seller] = held - lost


def _causes(economy: Economy, firm, mask: Mask) -> list[tuple[EventCause, str, Mask]]:
    """Why, because of whom and where: a customer that failed this year, else commitments, lenders' acceleration or debts."""
    names = economy.ledger.accounts.names
    causes: list[tuple[EventCause, str, Mask]] = []
    left = mask.copy()
    for buyer in {economy.contracts.pairs[i][0] for i in economy.contracts.of_seller(firm.account)}:
        name = names[buyer]
        recent = left & (economy.defaulted_at[name] >= 0) & (economy.month - economy.defaulted_at[name] <= 12)
        recent &= economy.defaulted_at[name] <= economy.month
        if name != firm.name:
            causes.append((EventCause.CUSTOMER_DEFAULTED, name, recent))
            left = left & ~recent
    if firm in economy.labs:
        causes.append((EventCause.COMMITMENTS_EXCEED_REVENUE, "", left))
    else:
        breached = left & (firm.breached >= economy.p.credit.acceleration_months) if firm in economy.clouds else left & False
        causes.append((EventCause.LOANS_ACCELERATED, "", breached))
        causes.append((EventCause.DEBTS_UNSERVED, "", left & ~breached))
    return causes
