"""Phase 9, the vendor's part: finance in the chosen form, and support of customers who lack money (`support.on`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from perpetuum.agents.vendor_support import Need, lives_on
from perpetuum.model.instruments.equity import sell_new_shares
from perpetuum.model.markets.credit import ration
from perpetuum.model.observed.events import EventCause, EventKind
from perpetuum.model.phases.chip_market import cash_bills
from perpetuum.model.worlds import Dollars, Floats, anywhere, total

if TYPE_CHECKING:
    from perpetuum.agents.chip_vendor import ChipVendor
    from perpetuum.agents.cloud_provider import CloudProvider
    from perpetuum.agents.model_lab import ModelLab
    from perpetuum.model.structure import Structure

#: What a lab has raised in a month.
RAISED = ("funding_round", "cloud_equity", "vendor_equity", "vendor_loan", "loan_draw")


class Delivered(NamedTuple):
    """What a vendor's finance came to (worlds,), dollars."""

    shares: Floats  # paid for new shares
    whole: Dollars  # in all: also lent, chips leased, loans guaranteed


def deliver(economy: Structure, vendor: ChipVendor, customer: ModelLab | CloudProvider, amount: Floats) -> Delivered:
    """Deliver dollars through the chosen instrument: equity, loan, lease of chips, or guarantee of an equal loan."""
    ledger, holdings = economy.ledger, economy.holdings
    shares, loan, lease, backed = vendor.by_form(amount)
    kind = "vendor_equity" if customer.role == "lab" else "vendor_placement"
    asset = holdings.asset_of(customer.account)
    paid = sell_new_shares(ledger, holdings, asset, vendor.account, shares, kind)
    whole = paid
    if anywhere(loan):
        pool = economy.vendor_credit.pool(vendor.account, customer.account)
        whole = whole + economy.vendor_credit.draw(ledger, pool, loan, vendor.credit_rate(), "vendor_loan")
    if anywhere(lease):
        whole = whole + _lease(economy, vendor, customer, lease)
    if anywhere(backed):
        whole = whole + _guarantee(economy, vendor, customer, backed)
    return Delivered(paid.astype(np.float64), whole)


def _lease(economy: Structure, vendor: ChipVendor, customer: ModelLab | CloudProvider, amount: Floats) -> Dollars:
    """A lab gets chips of its own; of what a cloud is due this month it need not pay so much in cash. Whole dollars."""
    if customer.role == "lab":
        economy.chips.order(customer.account, vendor.account, amount / vendor.list_price())
    else:
        amount = economy.chips.lease(customer.account, vendor.account, amount)
    return np.rint(amount).astype(np.int64)


def _guarantee(economy: Structure, vendor: ChipVendor, customer: ModelLab | CloudProvider, amount: Floats) -> Dollars:
    """Private credit lends what the vendor guarantees, at little more than the policy rate. Returns whole dollars."""
    lenders = [lender for lender in economy.lenders if lender.kind == "private_credit"]
    lent = np.zeros(economy.p.worlds, dtype=np.int64)
    supply = [lender.supply() for lender in lenders]
    for lender, row in zip(lenders, ration([amount], supply) if lenders else [], strict=True):
        pool = economy.loans.pool(lender.account, customer.account)
        drawn = economy.loans.draw(economy.ledger, pool, row[0], lender.guaranteed_rate(), "loan_draw")
        economy.guarantees.give(vendor.account, pool, drawn)
        lent = lent + drawn
    return lent


def support_customers(economy: Structure) -> None:
    """Who finances customers covers what labs with short runway and clouds after their credit still lack."""
    if not anywhere(economy.p.support.on):
        return
    for vendor in economy.vendors:
        if anywhere(vendor.figures.finances):
            _support(economy, vendor)


def _support(economy: Structure, vendor: ChipVendor) -> None:
    needs = {lab.account: _need_of_lab(economy, vendor, lab) for lab in economy.labs}
    bills = cash_bills(economy)
    needs |= {
        cloud.account: _need_of_cloud(economy, vendor, cloud, bills[economy.chips.buyer[cloud.account]])
        for cloud in economy.clouds
    }
    account = vendor.account
    offers = vendor.support.offer(needs, economy.guarantees.of(account), economy.ledger.book_equity(account))
    for lab in economy.labs:
        given = deliver(economy, vendor, lab, offers[lab.account])
        lab.take_in(given.shares)
        vendor.support.count(lab.account, given.whole.astype(np.float64))
        economy.note_rescue(vendor, lab, given.whole)
    for cloud in economy.clouds:
        cash = cloud.cash
        given = deliver(economy, vendor, cloud, offers[cloud.account])
        cloud.count_borrowed(given.whole)
        vendor.support.count(cloud.account, given.whole.astype(np.float64))
        lives = lives_on(given.whole, cloud.kept_for_dues, cash).astype(np.int64)
        economy.note_rescue(vendor, cloud, lives)
        chips, cause = given.whole - lives, EventCause.CUSTOMER_CASH_SHORT
        economy.journal.note(economy.month, EventKind.FINANCES_ORDERS, vendor.name, chips > 0, cause, chips, cloud.name)


def _need_of_lab(economy: Structure, vendor: ChipVendor, lab: ModelLab) -> Need:
    """What a lab lacks; application companies, none of which is large enough to cost it orders, get tickets instead."""
    support = vendor.support
    raised = economy.ledger.flow_of(RAISED, (lab.account,)).astype(np.float64)
    coming = economy.chips.backlog_of_buyer(lab.account) + economy.hardware.pipeline_gw(lab.account)
    asks = economy.alive(lab) * (1.0 - lab.figures.receives_tickets)
    return Need(
        support.lab_gap(lab.runway, lab.burn, raised) * asks,
        support.lab_orders(lab.compute_need(), total(cloud.installed() for cloud in economy.clouds)),
        support.lab_risk(lab.runway),
        lab.valuation,
        support.lab_lease(lab.spot_wanted(), coming, vendor.list_price()),
        economy.guarantees.on(vendor.account, economy.loans.of_borrower(lab.account)),
    )


def _need_of_cloud(economy: Structure, vendor: ChipVendor, cloud: CloudProvider, bill: Floats) -> Need:
    """What a cloud lacks for its dues and for the chips that it is due this month, by the vendor's part of their bill."""
    support, gap = vendor.support, cloud.funding_gap(bill) * economy.alive(cloud)
    chips = economy.chips.cash_bill(cloud.account, vendor.account)
    return Need(
        gap,
        support.cloud_orders(chips, gap, bill),
        support.cloud_risk(cloud.spread),
        economy.market_value(cloud.account).astype(np.float64),
        chips,
        economy.guarantees.on(vendor.account, economy.loans.of_borrower(cloud.account)),
    )
