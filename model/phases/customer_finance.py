"""Phase 9, the vendor's part: finance in the chosen form, and support of customers who lack money (`support.on`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from perpetuum.agents.vendor_support import lives_on
from perpetuum.model.instruments.equity import sell_new_shares
from perpetuum.model.markets.credit import ration
from perpetuum.model.observed.events import EventCause, EventKind
from perpetuum.model.phases.chip_market import cash_bills
from perpetuum.model.worlds import Dollars, Floats, anywhere, total

if TYPE_CHECKING:
    from perpetuum.agents.chip_vendor import ChipVendor
    from perpetuum.agents.cloud_provider import CloudProvider
    from perpetuum.agents.model_lab import ModelLab
    from perpetuum.agents.vendor_support import Need, VendorSupport
    from perpetuum.model.structure import Structure


class Delivered(NamedTuple):
    """What a vendor's finance came to (worlds,), dollars."""

    shares: Floats  # paid for new shares
    whole: Dollars  # in all: also lent, chips leased, loans guaranteed


def deliver(economy: Structure, vendor: ChipVendor, customer: ModelLab | CloudProvider, amount: Floats) -> Delivered:
    """Deliver dollars through the chosen instrument: equity, loan, lease of chips, or guarantee of an equal loan."""
    if not anywhere(amount):
        return Delivered(np.zeros(economy.p.worlds), np.zeros(economy.p.worlds, dtype=np.int64))
    ledger, holdings = economy.ledger, economy.holdings
    shares, loan, lease, backed = vendor.programme.by_form(amount)
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
    """Who lends against guarantees lends what the vendor guarantees. Returns whole dollars."""
    lenders = [lender for lender in economy.lenders if lender.lends_against_guarantees]
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


def _needs(economy: Structure, support: VendorSupport) -> dict[int, Need]:
    """What customers lack, by account, of those who lack anything in any world."""
    installed, bills = total([cloud.installed() for cloud in economy.clouds]), cash_bills(economy)
    needs = {lab.account: support.need_of_lab(lab, installed, economy.alive(lab)) for lab in economy.labs}
    for cloud in economy.clouds:
        bill = bills[economy.chips.buyer[cloud.account]]
        needs[cloud.account] = support.need_of_cloud(cloud, bill, economy.alive(cloud))
    return {account: need for account, need in needs.items() if need is not None}


def _support(economy: Structure, vendor: ChipVendor) -> None:
    """A vendor gives what it offers to each customer that it offers something in any world."""
    support = vendor.support
    needs = _needs(economy, support)
    offers: dict[int, Floats] = {}
    if needs:
        guaranteed, equity = economy.guarantees.of(vendor.account), economy.ledger.book_equity(vendor.account)
        offers = {account: offer for account, offer in support.offer(needs, guaranteed, equity).items() if anywhere(offer)}
    for customer in (*economy.labs, *economy.clouds):
        if customer.account not in offers:
            support.count(customer.account, support.nothing)
    for lab in (lab for lab in economy.labs if lab.account in offers):
        given = deliver(economy, vendor, lab, offers[lab.account])
        lab.take_in(given.shares)
        support.count(lab.account, given.whole.astype(np.float64))
        economy.note_rescue(vendor, lab, given.whole)
    for cloud in (cloud for cloud in economy.clouds if cloud.account in offers):
        cash = cloud.cash
        given = deliver(economy, vendor, cloud, offers[cloud.account])
        cloud.count_borrowed(given.whole)
        support.count(cloud.account, given.whole.astype(np.float64))
        lives = lives_on(given.whole, cloud.kept_for_dues, cash).astype(np.int64)
        economy.note_rescue(vendor, cloud, lives)
        chips, cause = given.whole - lives, EventCause.CUSTOMER_CASH_SHORT
        economy.journal.note(economy.month, EventKind.FINANCES_ORDERS, vendor.name, chips > 0, cause, chips, cloud.name)
