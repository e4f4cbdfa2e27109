"""Phase 8: covenants are tested, clouds ask for credit in pecking order, lenders ration it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from perpetuum.model.instruments.loan_kinds import LOAN_KINDS
from perpetuum.model.markets.credit import ration
from perpetuum.model.phases.chip_market import cash_bills
from perpetuum.model.worlds import anywhere, share

if TYPE_CHECKING:
    from perpetuum.agents.cloud_provider import CloudProvider
    from perpetuum.model.economy import Economy


def lend(economy: Economy) -> None:
    """8: covenants are tested, clouds ask for what they lack in pecking order, lenders ration."""
    ledger = economy.ledger
    for lender in economy.lenders:
        ledger.advance(economy.outside, lender.account, lender.inflow(), "fund_units", "lender_inflow")
    _favour_investees(economy)
    for vendor in economy.vendors:
        economy.chips.allocate(vendor.account, vendor.capacity)
    bills = cash_bills(economy)
    secured, unsecured = [], []
    for cloud in economy.clouds:
        cloud.quote()
        cloud.test_covenants()
        bill = bills[economy.chips.buyer[cloud.account]]
        short = cloud.plan_cash(bill, cloud.tax_due)
        refused = cloud.rationed()
        secured_by_chips = np.minimum(cloud.secured_headroom(bill), economy.funding.loan_to_value * bill)
        loans = np.where(refused | (cloud.hyperscaler), 0.0, np.minimum(short, secured_by_chips))
        bonds = np.where(refused, 0.0, np.minimum(short - loans, cloud.bond_headroom()))
        cloud.equity_wanted = short.copy()
        secured.append(loans)
        unsecured.append(bonds)
    rate = [economy.funding.policy_rate + cloud.spread for cloud in economy.clouds]
    for instrument, requests in (("term_loans", secured), ("bonds", unsecured)):
        book, kind = economy.loan_books[instrument], LOAN_KINDS[instrument]
        lenders = [lender for lender in economy.lenders if lender.kind == kind.lender_kind]
        if not lenders:
            continue
        granted = ration(requests, [lender.supply() for lender in lenders])
        for lender, row in zip(lenders, granted, strict=True):
            for cloud, amount, price in zip(economy.clouds, row, rate, strict=True):
                if anywhere(amount):
                    drawn = book.draw(ledger, book.pool(lender.account, cloud.account), amount, price, kind.draw)
                    # What lenders did not grant is left to shareholders.
                    cloud.equity_wanted = np.maximum(cloud.equity_wanted - drawn, 0.0)
    for cloud in economy.clouds:
        economy.note_breach(cloud)
        _sweep(economy, cloud)


def _favour_investees(economy: Economy) -> None:
    """Clouds in which the lead vendor holds shares may get more than their part of scarce chips (`chips.favour`)."""
    for cloud in economy.clouds:
        stake = economy.holdings.lots[economy.lead_vendor.account, economy.holdings.asset_of(cloud.account)]
        economy.chips.weight[economy.chips.buyer[cloud.account]] = 1.0 + economy.p.chips.favour * (stake > 0)


def _sweep(economy: Economy, cloud: CloudProvider) -> None:
    """While a covenant is breached, lenders sweep part of the cash beyond dues and cushion into early repayment."""
    spare = np.maximum(cloud.cash - cloud.kept_for_dues - cloud.cushion, 0.0)
    swept = np.where(cloud.breached > 0, economy.p.credit.sweep_share * spare, 0.0)
    owed = economy.loans.owed_by(cloud.account)
    for pool in economy.loans.of_borrower(cloud.account):
        part = np.floor(np.minimum(swept, owed) * share(economy.loans.balance[pool], owed))
        if anywhere(part):
            economy.loans.repay_early(economy.ledger, pool, part, "loan_amortisation")
