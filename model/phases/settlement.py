"""Phase 11: rents, wages, power, interest and repayment in one simultaneous clearing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from perpetuum.model.books.settlement import TRADE, UNSECURED, Settlement
from perpetuum.model.instruments.loan_kinds import BY_SENIORITY
from perpetuum.model.phases.hall_market import owe_hall_rents
from perpetuum.model.phases.second_hand import raise_cash
from perpetuum.model.worlds import Array, Floats, anywhere, rows_in_use

if TYPE_CHECKING:
    from perpetuum.agents.cloud_provider import CloudProvider
    from perpetuum.model.structure import Structure

_INTEREST_ON_LOANS = tuple(kind.interest for kind in BY_SENIORITY)


def settle(economy: Structure) -> Settlement:
    """11: everybody's dues at once; what each can pay depends on what it receives. Returns who paid what."""
    p, ledger = economy.p, economy.ledger
    # Who has defaulted a while ago and is not yet to default again bears no costs of default anew.
    threshold = np.array([p.default.threshold * ~economy.distress.in_grace(a, economy.month) for a in economy.firm_accounts])
    settlement = Settlement(ledger, economy.firm_accounts, p.default.cash_kept, p.default.claims_kept, threshold)
    _owe_debts(economy, settlement)
    _owe_costs(economy, settlement)
    _owe_rents(economy, settlement)
    owe_hall_rents(economy, settlement)
    economy.arrears.fall_due(settlement)
    settlement_dues = dict(zip((firm.name for firm in economy.firms), settlement.owed_by_firm(), strict=True))
    raise_cash(economy, [_draw_revolver(economy, cloud, settlement_dues[cloud.name]) for cloud in economy.clouds])
    _rescue_champions(economy, settlement_dues)
    settlement.solve()
    ledger.clear(settlement)
    _record_repayments(economy, settlement)
    economy.arrears.remember(settlement, economy.payee_accounts)
    economy.contracts.serve_month()
    economy.hall_leases.serve_month()
    economy.compute.lapse(economy.month)
    _pay_bank_and_state_interest(economy)
    _run_hoards(economy)
    return settlement


def _run_hoards(economy: Structure) -> None:
    """States pay for power and staff of the part of their hoards that does not stand idle, as far as cash goes."""
    states = economy.states
    if states:
        bills = np.array([state.run_hoard() for state in states])
        economy.ledger.pay([state.account for state in states], economy.outside, bills, "operations")


def _owe_debts(economy: Structure, settlement: Settlement) -> None:
    for kind in BY_SENIORITY:
        book = economy.loan_books[kind.instrument]
        pools, principal, coupon = book.service()
        lenders, borrowers = book.accounts.lenders[pools].tolist(), book.accounts.borrowers[pools].tolist()
        settlement.owe_all(kind.interest, borrowers, lenders, coupon, kind.seniority)
        settlement.owe_all(kind.repayment, borrowers, lenders, principal, kind.seniority)
    rate = economy.bank.lending_rate() / 12
    for cloud in economy.clouds:
        drawn = -economy.ledger.stock("bank_loans", cloud.account)
        if anywhere(drawn):
            settlement.owe("bank_interest", cloud.account, economy.bank.account, drawn * rate, UNSECURED)


def _owe_costs(economy: Structure, settlement: Settlement) -> None:
    vendors, clouds, labs, firms = economy.vendors, economy.clouds, economy.labs, [*economy.firms]
    firms = firms[: len(firms) - len(economy.landlords)]  # whose leases leave all costs to their tenants
    accounts, outside = [firm.account for firm in firms], [economy.outside] * len(firms)
    for lab in labs:
        lab.plan_costs()
    costs = [
        *(vendor.operating_costs(economy.month) for vendor in vendors),
        *(cloud.operating_costs() for cloud in clouds),
        *(lab.running_costs() for lab in labs),
    ]
    settlement.owe_all("operations", accounts, outside, costs, TRADE)
    shares = [lab.revenue_share_due() for lab in labs]
    settlement.owe_all("revenue_share", [lab.account for lab in labs], [lab.partner for lab in labs], shares, TRADE)
    settlement.owe_all("taxes", accounts, outside, [firm.tax_due for firm in firms], TRADE)


def _owe_rents(economy: Structure, settlement: Settlement) -> None:
    market = economy.compute
    bills, pairs = market.reserved_bills(), market.contracts.pairs
    billed = rows_in_use(bills)
    outsiders = [pair for pair in billed if pairs[pair][0] == economy.outside]
    if outsiders:  # who is no firm of the model pays what it owes
        sellers = [pairs[pair][1] for pair in outsiders]
        economy.ledger.pay(economy.outside, sellers, bills[outsiders], "compute_rent_reserved")
    firms = [pair for pair in billed if pairs[pair][0] != economy.outside]
    buyers, sellers = [pairs[pair][0] for pair in firms], [pairs[pair][1] for pair in firms]
    settlement.owe_all("compute_rent_reserved", buyers, sellers, bills[firms], TRADE)
    clouds = [cloud.account for cloud in economy.clouds]
    for lab, spot in zip(economy.labs, market.spot_bills(), strict=True):
        settlement.owe_all("compute_rent_spot", [lab.account] * len(clouds), clouds, spot, TRADE)
    neoclouds = [cloud.account for cloud in economy.clouds if cloud.kind == "neocloud"]
    for vendor in economy.vendors:
        if anywhere(vendor.figures.finances):
            for account in neoclouds:
                due = vendor.programme.owe_backstop(market.unsold(account), market.rent)
                settlement.owe("backstop", vendor.account, account, due, TRADE)


def _draw_revolver(economy: Structure, cloud: CloudProvider, dues: Floats) -> Floats:
    """Cash first, then the revolver: the bank lends what is missing at short notice, and is repaid from plenty.

    Returns what is then still to be found (dollars).
    """
    ledger, bank = economy.ledger, economy.bank
    drawn: Array = -ledger.stock("bank_loans", cloud.account)
    needed = cloud.cash_needed(dues)
    moved = False
    if anywhere(needed > 0):
        amount = bank.revolver(cloud.revenue, drawn, needed, cloud.months_in_breach) * economy.alive(cloud)
        if anywhere(amount):
            ledger.advance(bank.account, cloud.account, amount, "bank_loans", "bank_loan")
            moved = True
    if anywhere(drawn):
        spare = cloud.repay_bank(dues, drawn)
        if anywhere(spare):
            ledger.redeem(cloud.account, bank.account, spare, "bank_loans", "bank_loan_repayment")
            moved = True
    return cloud.cash_needed(dues) if moved else needed


def _record_repayments(economy: Structure, settlement: Settlement) -> None:
    for kind in BY_SENIORITY:
        book = economy.loan_books[kind.instrument]
        paid = settlement.paid_of(kind.repayment, book.accounts.borrowers, book.accounts.lenders)
        book.record_repayments(economy.ledger, paid)
        book.age()
    received = settlement.received(_INTEREST_ON_LOANS, economy.accounts["lenders"])
    for lender, interest in zip(economy.lenders, received, strict=True):
        lender.interest_received = lender.interest_received + interest
    economy.guarantees.limit_to(economy.loans.balance)


def _rescue_champions(economy: Structure, dues: dict[str, Floats]) -> None:
    """States may cover part of what a core firm lacks this month (`states.rescue`, off by default), in their order."""
    for firm in (economy.lead_lab, economy.leveraged_cloud):
        shortfall = firm.shortfall(dues[firm.name])
        for state in economy.states if anywhere(shortfall) else ():
            support = state.rescue(shortfall)
            if anywhere(support):
                paid = economy.ledger.pay(state.account, firm.account, support, "state_support")
                economy.note_rescue(state, firm, paid)
                shortfall = np.maximum(shortfall - paid, 0.0)


def _pay_bank_and_state_interest(economy: Structure) -> None:
    """The bank pays interest on institutions' deposits; the outside economy pays interest on its loans."""
    ledger, bank = economy.ledger, economy.bank
    rate = bank.deposit_rate() / 12
    accounts = list(economy.saver_accounts)
    amounts = ledger.row("deposits")[accounts] * rate
    ledger.pay(bank.account, accounts, amounts, "deposit_interest")
    ledger.pay(economy.outside, bank.account, economy.outside_economy.interest_due(), "bank_interest")
