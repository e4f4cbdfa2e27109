"""Phase 12: defaults. Debts are written down, creditors get shares, contracts rejected, collateral sold, guarantees called."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from perpetuum.agents.cloud_provider import CloudProvider
from perpetuum.agents.landlord import Landlord
from perpetuum.agents.lender import loss_on_chips
from perpetuum.agents.model_lab import ModelLab
from perpetuum.model.books.payment_kinds import REPAYMENTS
from perpetuum.model.instruments.equity import pay_creditors_in_shares
from perpetuum.model.instruments.loan_kinds import BY_SENIORITY
from perpetuum.model.observed.events import EventCause, EventKind
from perpetuum.model.observed.firm_defaults import CLASS_OF, CREDITORS, standing
from perpetuum.model.phases.hall_market import restructure_landlord
from perpetuum.model.phases.second_hand import sell_collateral_and_idle_chips
from perpetuum.model.worlds import Floats, Mask, anywhere, share, total

if TYPE_CHECKING:
    from perpetuum.agents.firm import Firm
    from perpetuum.model.books.settlement import Settlement
    from perpetuum.model.structure import Structure


def resolve_defaults(economy: Structure, settled: Settlement) -> None:
    """12: restructure who could not pay; sell collateral and idle chips second-hand."""
    economy.distress.begin_defaults()
    for firm in economy.firms:
        mask = _defaults(economy, firm, settled)
        if anywhere(mask) and isinstance(firm, Landlord):
            restructure_landlord(economy, firm, mask, settled)
        elif anywhere(mask):
            _restructure(economy, firm, mask, settled)
    sell_collateral_and_idle_chips(economy)


def _defaults(economy: Structure, firm: Firm, settled: Settlement) -> Mask:
    """Too little paid, or a breached borrower whose book equity is gone; not again within the months of grace."""
    mask = settled.defaulted(firm.account) | firm.insolvent()
    return mask & ~economy.distress.in_grace(firm.account, economy.month) if anywhere(mask) else mask


def _restructure(economy: Structure, firm: Firm, mask: Mask, settled: Settlement) -> None:
    p, ledger = economy.p, economy.ledger
    debts = np.where(mask, np.maximum(ledger.debt_of(firm.account), 0.0), 0.0)
    unpaid = settled.unpaid(firm.account, without=REPAYMENTS)  # principal is claimed with the loan that it is part of
    claims = {payee: np.where(mask, missing, 0).astype(np.float64) for payee, missing in unpaid.items()}
    bills = dict(claims)
    losses: dict[str, list[tuple[int, Floats]]] = {name: [] for name in CREDITORS} | {"trade": list(bills.items())}
    owed = standing(ledger, firm.account)
    if isinstance(firm, CloudProvider):
        economy.firm_defaults.note_breach(firm, firm.months_in_breach > 0)
    guaranteed = _call_guarantees(economy, firm, mask)
    lenders = {lender.account: lender for lender in economy.lenders}
    for kind in BY_SENIORITY:
        book = economy.loan_books[kind.instrument]
        share_lost = _secured_loss(economy, firm) if kind.on_chips else 1.0 - p.default.recovery
        for pool in book.of_borrower(firm.account):
            loss = book.write_off(ledger, pool, np.where(mask, share_lost, 0.0))
            lender = book.pairs[pool][0]
            claims[lender] = claims.get(lender, np.zeros(p.worlds)) + loss
            losses[CLASS_OF[kind.instrument]].append((lender, loss.astype(np.float64)))
            if lender in lenders:
                lenders[lender].losses = lenders[lender].losses + loss
    drawn = -ledger.stock("bank_loans", firm.account)
    loss = np.where(mask, np.rint(drawn * (1.0 - p.default.recovery)), 0).astype(np.int64)
    ledger.write_off(economy.bank.account, firm.account, loss, "bank_loans")
    claims[economy.bank.account] = claims.get(economy.bank.account, np.zeros(p.worlds)) + loss
    losses[CLASS_OF["bank_loans"]].append((economy.bank.account, loss.astype(np.float64)))
    economy.arrears.wipe_out(firm.account, mask)
    rejected = _reject_contracts(economy, firm, mask)
    _forfeit_prepayments(economy, firm, mask)
    worth = np.maximum(ledger.book_equity(firm.account), 0) + 0.0
    causes = _causes(economy, firm, mask)  # before the default wipes out what led to it
    if isinstance(firm, CloudProvider):
        firm.write_down(mask, share(np.maximum(ledger.debt_of(firm.account), 0.0), debts))
    firm.fail(mask)
    worth = worth + firm.worth_beyond_books()
    asset = economy.holdings.asset_of(firm.account)
    got = pay_creditors_in_shares(ledger, economy.holdings, economy.investor_books, asset, mask, claims, worth)
    price = economy.holdings.price[asset] + 0.0
    # A creditor's shares go to its loans and bills by what it lost on each; who owes itself gets none.
    in_shares = {
        name: total([np.zeros(p.worlds), *(lost * share(got[who] + 0.0, claims[who]) for who, lost in of if who in got)])
        for name, of in losses.items()
    }
    economy.distress.fail(firm.account, mask, economy.month)
    left, unpaid_bills = standing(ledger, firm.account), total([np.zeros(p.worlds), *bills.values()])
    economy.firm_defaults.note(firm, economy.month, mask, causes, owed, guaranteed, left, unpaid_bills, in_shares, price)
    for cause, whom, where in causes:
        economy.journal.note(economy.month, EventKind.DEFAULTS, firm.name, where, cause, debts, whom)
    lost = {payee: claim - bills.get(payee, 0.0) for payee, claim in claims.items()}
    _note_losses(economy, firm, EventKind.BILLS_UNPAID, bills)
    _note_losses(economy, firm, EventKind.DEBTS_WRITTEN_OFF, lost)
    _note_losses(economy, firm, EventKind.COMMITMENTS_REJECTED, rejected)


def _note_losses(economy: Structure, firm: Firm, kind: EventKind, losses: dict[int, Floats]) -> None:
    """Journal what a default leaves undone, and towards whom."""
    names = economy.ledger.accounts.names
    for payee, loss in losses.items():
        economy.journal.note(economy.month, kind, firm.name, loss > 0, EventCause.OWN_DEFAULT, loss, names[payee])


def _secured_loss(economy: Structure, firm: Firm) -> Floats:
    """Loss on secured loans: what collateral at a forced sale does not cover."""
    if not isinstance(firm, CloudProvider):
        return np.full(economy.p.worlds, 1.0) - economy.p.default.recovery
    default = economy.p.default
    return loss_on_chips(firm.collateral(), firm.term_loans(), default.fire_sale, default.recovery)


def _call_guarantees(economy: Structure, firm: Firm, mask: Mask) -> Floats:
    """Guarantors pay lenders what is guaranteed, as far as their cash goes, and have their claims from then on.

    Returns dollars paid.
    """
    paid = np.zeros(economy.p.worlds)
    for pool in economy.loans.of_borrower(firm.account):
        lender = economy.loans.pairs[pool][0]
        for row, vendor in enumerate(economy.guarantees.vendors):
            called = np.where(mask, economy.guarantees.amount[row, pool], 0)
            if anywhere(called):
                amount = np.minimum(called, economy.ledger.cash(vendor))
                done = economy.ledger.pay(vendor, lender, amount, "guarantee_call")
                economy.guarantees.amount[row, pool] -= called
                economy.loans.take_over(economy.ledger, pool, economy.vendor_credit, vendor, done)
                paid = paid + done
                name = economy.ledger.accounts.names[vendor]
                cause = EventCause.BORROWER_DEFAULTED
                economy.journal.note(economy.month, EventKind.PAYS_GUARANTEE, name, done > 0, cause, done, firm.name)
    return paid


def _reject_contracts(economy: Structure, firm: Firm, mask: Mask) -> dict[int, Floats]:
    """A defaulted buyer of compute or tenant of halls rejects most of its commitments. Returns dollars by seller."""
    contracts, rejected = economy.contracts, {}
    fraction = np.where(mask, economy.p.default.rejection, 0.0)
    pairs = contracts.of_buyer(firm.account)
    for pair in pairs:
        rejected[contracts.pairs[pair][1]] = contracts.obligations[pair] * fraction
    contracts.shrink_all(pairs, fraction, economy.month)
    return rejected | economy.hall_leases.reject(firm.account, fraction)


def _forfeit_prepayments(economy: Structure, firm: Firm, mask: Mask) -> None:
    """Prepayments of a defaulted buyer are kept by the cloud; those to a defaulted cloud are mostly lost."""
    kept_by_cloud = np.where(mask, 1.0, 0.0)
    lost_with_cloud = np.where(mask, 1.0 - economy.p.default.recovery, 0.0)
    economy.prepaid.forfeit(economy.ledger, firm.account, kept_by_cloud, lost_with_cloud)


def _causes(economy: Structure, firm: Firm, mask: Mask) -> list[tuple[EventCause, str, Mask]]:
    """Why, because of whom and where: a customer that failed this year, else commitments, lenders' acceleration or debts."""
    names = economy.ledger.accounts.names
    causes: list[tuple[EventCause, str, Mask]] = []
    left = mask.copy()
    for buyer in {economy.contracts.pairs[i][0] for i in economy.contracts.of_seller(firm.account)}:
        if buyer in economy.firm_accounts and buyer != firm.account:
            recent = left & economy.distress.within(buyer, economy.month, 13)
            causes.append((EventCause.CUSTOMER_DEFAULTED, names[buyer], recent))
            left = left & ~recent
    if isinstance(firm, ModelLab):
        causes.append((EventCause.COMMITMENTS_EXCEED_REVENUE, "", left))
    else:
        breached = left & False
        if isinstance(firm, CloudProvider):
            breached = left & firm.accelerated()
        causes.append((EventCause.LOANS_ACCELERATED, "", breached))
        causes.append((EventCause.DEBTS_UNSERVED, "", left & ~breached))
    return causes
