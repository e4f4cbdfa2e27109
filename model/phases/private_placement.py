"""Phase 9: rounds of the labs, their backers' money, and what the vendor and the clouds put in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from perpetuum.agents.customer_finance import GUARANTEE
from perpetuum.model.instruments.equity import reprice, sell_new_shares
from perpetuum.model.markets.fair_value import comparables
from perpetuum.model.markets.private_placements import Round, hold_rounds
from perpetuum.model.observed.events import EventCause, EventKind
from perpetuum.model.phases.customer_finance import deliver, support_customers
from perpetuum.model.worlds import Array, Floats, anywhere, share, total

if TYPE_CHECKING:
    from perpetuum.agents.chip_vendor import ChipVendor
    from perpetuum.agents.model_lab import ModelLab
    from perpetuum.model.structure import Structure


def place_privately(economy: Structure) -> None:
    """9: backers fund the funds; labs raise; the vendor pays tranches, tickets and rescues; clouds take part."""
    for fund in economy.funds:
        economy.ledger.advance(economy.outside, fund.account, fund.inflow(), "fund_units", "fund_inflow")
    comparable = comparables(economy.p, economy.fair_values[:-1], economy.holdings.share_index())
    for lab in economy.labs:
        lab.revalue(comparable)
        lab.raise_round(economy.alive(lab))
    labs, partners = economy.labs, economy.cloud_of
    strategic = [partners[lab.partner].stake_in_round(lab.wanted, len(labs)) for lab in labs]
    rounds = hold_rounds(economy.p, labs, economy.funds, strategic)
    financiers = [vendor for vendor in economy.vendors if anywhere(vendor.figures.finances)]
    worth = np.array([lab.last_round_price * economy.holdings.issued(lab.account) for lab in labs])
    gains = []
    for lab, result in zip(labs, rounds, strict=True):
        lab.close_round(result.discount, result.closed | result.bridged)
        asset = economy.holdings.asset_of(lab.account)
        reprice(economy.ledger, economy.holdings, asset, lab.valuation)
        paid: list[Array] = []
        if anywhere(lab.wanted):
            paid += [
                sell_new_shares(economy.ledger, economy.holdings, asset, fund.account, offer, "funding_round")
                for fund, offer in zip(economy.funds, result.offers, strict=True)
            ]
            partner, stake = lab.partner, result.strategic
            paid.append(sell_new_shares(economy.ledger, economy.holdings, asset, partner, stake, "cloud_equity"))
        paid += [_finance(economy, vendor, lab, asset) for vendor in financiers]
        gains.append(_remember_round(economy, lab, result))
        if paid:
            lab.take_in(total(paid))
    closed = np.array([result.closed for result in rounds], dtype=np.float64)
    for fund in economy.funds:
        fund.see_rounds(worth, np.array(gains), closed)
    support_customers(economy)


def _finance(economy: Structure, vendor: ChipVendor, lab: ModelLab, asset: int) -> Floats:
    """The vendor's finance for one lab this month; returns what came as equity (whole dollars)."""
    programme, month = vendor.programme, economy.month
    equity = np.zeros(economy.p.worlds)
    if anywhere(lab.figures.receives_finance):
        counted, receives = programme.counted(lab.milestones), lab.figures.receives_finance * economy.alive(lab)
        due = programme.due(counted, month) * receives
        if anywhere(due):
            given, amount = _deliver(economy, vendor, lab, programme.tranche(due, lab.runway))
            programme.count_milestones(due, amount, counted)
            equity = equity + given
        rescue = programme.rescue_offer(lab.runway, lab.valuation) * receives
        if anywhere(rescue):
            paid = sell_new_shares(economy.ledger, economy.holdings, asset, vendor.account, rescue, "vendor_equity")
            programme.count_rescue(paid)
            economy.note_rescue(vendor, lab, paid)
            equity = equity + paid
    if anywhere(lab.figures.receives_tickets):
        ticket = programme.small_tickets() * lab.figures.receives_tickets * economy.alive(lab)
        equity = equity + sell_new_shares(economy.ledger, economy.holdings, asset, vendor.account, ticket, "vendor_equity")
    return equity


def _deliver(economy: Structure, vendor: ChipVendor, lab: ModelLab, amount: Floats) -> tuple[Floats, Floats]:
    """Deliver a tranche through the chosen instrument; returns what came as equity (whole dollars), and what it came to: of a
    loan that is to be guaranteed, what lenders gave.
    """
    given = deliver(economy, vendor, lab, amount)
    amount = np.where(economy.p.vendor_finance.instrument == GUARANTEE, given.whole, amount)
    tied = economy.p.vendor_finance.tied > 0
    for cause, where in ((EventCause.COMPUTE_COUNTED, tied), (EventCause.INSTALMENT_DUE, ~tied)):
        economy.journal.note(economy.month, EventKind.FINANCES, vendor.name, where & (amount > 0), cause, amount, lab.name)
    return given.shares, amount


def _remember_round(economy: Structure, lab: ModelLab, result: Round) -> Floats:
    """Opinion remembers down rounds, the journal all of the round. Returns what it did to the price, as a share."""
    if not anywhere(lab.wanted):
        return np.zeros(economy.p.worlds)
    asset = economy.holdings.asset_of(lab.account)
    price = economy.holdings.price[asset].astype(np.float64)
    gain = share(price, lab.last_round_price, 1.0) - 1.0
    lab.last_round_price = np.where(result.closed, price, lab.last_round_price)
    down = result.closed & (result.discount > 0)
    economy.narrative.hear_of_round(lab is economy.lead_lab, down, result.bridged, result.failed)
    raised = total(result.offers) + result.strategic
    sought = economy.p.ambition.on > 0
    for kind, where, cause, amount in (
        (EventKind.RAISES_ROUND, result.closed & ~down & ~sought, EventCause.RUNWAY_SHORT, raised),
        (EventKind.RAISES_ROUND, result.closed & ~down & sought, EventCause.MONEY_TO_BE_HAD, raised),
        (EventKind.RAISES_DOWN_ROUND, down, EventCause.OFFERS_SHORT, raised),
        (EventKind.INSIDERS_BRIDGE, result.bridged, EventCause.NO_TAKERS, raised),
        (EventKind.ROUND_FAILS, result.failed, EventCause.NO_OFFERS, lab.wanted),
    ):
        economy.journal.note(economy.month, kind, lab.name, where, cause, amount)
    return gain
