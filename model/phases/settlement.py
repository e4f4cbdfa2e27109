"""Phase 11: rents, wages, power, interest and repayment in one simultaneous clearing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from perpetuum.model.books.settlement import TRADE, UNSECURED, Settlement
from perpetuum.model.instruments.loan_kinds import BY_SENIORITY
from perpetuum.model.phases.second_hand import raise_cash
from perpetuum.model.worlds import Floats, anywhere

if TYPE_CHECKING:
    from perpetuum.agents.cloud_provider import CloudProvider
    from perpetuum.model.structure import Structure


def settle(economy: Structure) -> Settlement:
    """11: everybody's dues at once; what each can pay depends on what it receives. Returns who paid what."""
    p, ledger = economy.p, economy.ledger
    settlement = Settlement(ledger, economy.firm_accounts, p.default.cash_kept, p.default.claims_kept, p.default.threshold)
    _owe_debts(economy, settlement)
    _owe_costs(economy, settlement)
    _owe_rents(economy, settlement)
    economy.arrears.fall_due(settlement)
    settlement_dues = dict(zip((firm.name for firm in economy.firms), settlement.owed_by_firm(), strict=True))
    for cloud in economy.clouds:
        _draw_revolver(economy, cloud, settlement_dues[cloud.name])
    raise_cash(economy, [cloud.cash_needed(settlement_dues[cloud.name]) for cloud in economy.clouds])
    _rescue_champions(economy, settlement_dues)
    settlement.solve()
    ledger.clear(settlement)
    _record_repayments(economy, settlement)
    economy.arrears.remember(settlement, economy.payee_accounts)
    economy.contracts.serve_month()
    economy.compute.lapse(economy.month)
    _pay_bank_and_state_interest(economy)
    _run_hoards(economy)
    return settlement


def _run_hoards(economy: Structure) -> None:
    """States pay for power and staff of the part of their hoards that does not stand idle, as far as cash goes."""
    for state in economy.states:
        economy.ledger.pay(state.account, economy.outside, state.run_hoard(), "operations")


def _owe_debts(economy: Structure, settlement: Settlement) -> None:
    for kind in BY_SENIORITY:
        book, interest, repayment = economy.loan_books[kind.instrument], kind.interest, kind.repayment
        principal, coupon, lent = book.due(), book.interest(), book.lent()
        for pool, (lender, borrower) in enumerate(book.pairs):
            if lent[pool]:
                settlement.owe(interest, borrower, lender, coupon[pool], kind.seniority)
                settlement.owe(repayment, borrower, lender, principal[pool], kind.seniority)
    rate = economy.bank.lending_rate() / 12
    for cloud in economy.clouds:
        drawn = -ledger_loans(economy, cloud.account)
        if anywhere(drawn):
            settlement.owe("bank_interest", cloud.account, economy.bank.account, drawn * rate, UNSECURED)


def ledger_loans(economy: Structure, account: int) -> Floats:
    """Bank loans row of an account, signed (dollars)."""
    return economy.ledger.stock("bank_loans", account).astype(np.float64)


def _owe_costs(economy: Structure, settlement: Settlement) -> None:
    outside = economy.outside
    for vendor in economy.vendors:
        settlement.owe("operations", vendor.account, outside, vendor.operating_costs(economy.month), TRADE)
    for cloud in economy.clouds:
        settlement.owe("operations", cloud.account, outside, cloud.operating_costs(), TRADE)
    for lab in economy.labs:
        lab.plan_costs()
        settlement.owe("operations", lab.account, outside, lab.running_costs(), TRADE)
        settlement.owe("revenue_share", lab.account, lab.partner, lab.revenue_share_due(), TRADE)
    for firm in economy.firms:
        settlement.owe("taxes", firm.account, outside, firm.tax_due, TRADE)


def _owe_rents(economy: Structure, settlement: Settlement) -> None:
    market = economy.compute
    for pair, (buyer, seller) in enumerate(market.contracts.pairs):
        bill = market.reserved_bill(pair)
        if buyer == economy.outside:  # who is no firm of the model pays what it owes
            economy.ledger.pay(buyer, seller, bill, "compute_rent_reserved")
        elif anywhere(bill):
            settlement.owe("compute_rent_reserved", buyer, seller, bill, TRADE)
    for lab in economy.labs:
        for cloud in economy.clouds:
            settlement.owe(
                "compute_rent_spot", lab.account, cloud.account, market.spot_bill(lab.account, cloud.account), TRADE
            )
    for vendor in economy.vendors:
        if not anywhere(vendor.figures.finances):
            continue
        clouds = [cloud for cloud in economy.clouds if cloud.kind == "neocloud"]
        for cloud in clouds:
            due = vendor.programme.owe_backstop(market.unsold(cloud.account) / len(clouds), market.rent)
            settlement.owe("backstop", vendor.account, cloud.account, due, TRADE)


def _draw_revolver(economy: Structure, cloud: CloudProvider, dues: Floats) -> None:
    """Cash first, then the revolver: the bank lends what is missing at short notice, and is repaid from plenty."""
    ledger, bank = economy.ledger, economy.bank
    drawn = -ledger_loans(economy, cloud.account)
    amount = bank.revolver(cloud.revenue, drawn, cloud.cash_needed(dues), cloud.months_in_breach)
    if anywhere(amount):
        ledger.advance(bank.account, cloud.account, amount, "bank_loans", "bank_loan")
    spare = cloud.repay_bank(dues, drawn)
    if anywhere(spare):
        ledger.redeem(cloud.account, bank.account, spare, "bank_loans", "bank_loan_repayment")


def _record_repayments(economy: Structure, settlement: Settlement) -> None:
    lenders = {lender.account: lender for lender in economy.lenders}
    for kind in BY_SENIORITY:
        book, interest = economy.loan_books[kind.instrument], kind.interest
        book.record_repayments(economy.ledger, settlement.paid_of(kind.repayment, book.pairs))
        for lender, borrower in book.pairs:
            if lender in lenders and settlement.owes(interest, borrower, lender):
                received = settlement.paid(interest, borrower, lender)
                lenders[lender].interest_received = lenders[lender].interest_received + received
        book.age()
    for pool in range(len(economy.loans.pairs)):
        if anywhere(economy.guarantees.amount[:, pool]):
            economy.guarantees.limit_to(pool, economy.loans.balance[pool])


def _rescue_champions(economy: Structure, dues: dict[str, Floats]) -> None:
    """States may cover part of what a core firm lacks this month (`states.rescue`, off by default), in their order."""
    for firm in (economy.lead_lab, economy.leveraged_cloud):
        shortfall = firm.shortfall(dues[firm.name])
        for state in economy.states:
            support = state.rescue(shortfall)
            if anywhere(support):
                paid = economy.ledger.pay(state.account, firm.account, support, "state_support")
                economy.note_rescue(state, firm, paid)
                shortfall = np.maximum(shortfall - paid, 0.0)


def _pay_bank_and_state_interest(economy: Structure) -> None:
    """The bank pays interest on institutions' deposits; the outside economy pays interest on its loans."""
    ledger, bank = economy.ledger, economy.bank
    rate = bank.deposit_rate() / 12
    accounts = economy.saver_accounts
    amounts = np.stack([ledger.cash(account) * rate for account in accounts])
    ledger.pay([bank.account] * len(accounts), list(accounts), amounts, "deposit_interest")
    ledger.pay(economy.outside, bank.account, economy.outside_economy.interest_due(), "bank_interest")
