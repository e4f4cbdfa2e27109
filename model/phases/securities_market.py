"""Phases 13 to 15: reserves, the share and gold market, fair values and profit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from perpetuum.model.books.payment_kinds import INTEREST, RECEIPTS, RENTS, REPAYMENTS
from perpetuum.model.instruments.equity import reprice
from perpetuum.model.markets.securities import InstitutionalOrder
from perpetuum.model.phases.hall_market import pay_landlords_backers
from perpetuum.model.worlds import anywhere, share, split

if TYPE_CHECKING:
    from perpetuum.agents.model_lab import ModelLab
    from perpetuum.model.structure import Structure


def manage_reserves(economy: Structure) -> list[InstitutionalOrder]:
    """13: states decide on gold and turn bills into the cash to pay for it. Returns their orders."""
    ledger = economy.ledger
    orders = []
    for state in economy.states:
        wanted = state.gold_purchase()
        bills = state.bills_sold(wanted)
        cash = ledger.redeem(economy.outside, state.account, bills, "reserve_bills", "reserve_bills")
        orders.append(InstitutionalOrder(state.account, economy.holdings.gold, dollars=np.minimum(cash, state.cash)))
    return orders


def trade_securities(economy: Structure, gold_orders: list[InstitutionalOrder]) -> None:
    """14: investors and institutions trade shares and gold; margin calls; firms issue and buy back."""
    market, holdings, p = economy.securities, economy.holdings, economy.p
    market.move_savings(economy.month, economy.narrative.sentiment, economy.narrative.opening)
    market.pay_margin_interest(economy.bank.lending_rate())
    orders = [*gold_orders, *_mines_and_jewellers(economy), *_firms_orders(economy), *_creditors_sales(economy)]
    fair = np.array([v.value / np.maximum(holdings.outstanding[k], 1) for k, v in enumerate(economy.fair_values)])
    suspended = np.zeros(fair.shape, dtype=bool)
    for asset, firm in enumerate(economy.listed_firms):
        suspended[asset] = economy.distress.within(firm.account, economy.month, p.default.suspension_months)
    margin = economy.funding.margin_requirement()
    market.clear(economy.month, fair, margin, economy.narrative.sentiment, orders, suspended)


def _mines_and_jewellers(economy: Structure) -> list[InstitutionalOrder]:
    """Mines sell what they dig; jewellers and industry use gold up for dollars."""
    gold, outside = economy.holdings.gold, economy.outside
    mined = economy.outside_economy.gold_mined(economy.lots_per_tonne)
    used = economy.outside_economy.gold_purchase(economy.month)
    return [
        InstitutionalOrder(outside, gold, lots=mined, kind="issue"),
        InstitutionalOrder(outside, gold, dollars=used, kind="retire"),
    ]


def _firms_orders(economy: Structure) -> list[InstitutionalOrder]:
    """Rich firms buy back shares, clouds short of cash issue new ones; never both in one month."""
    orders = []
    for asset, firm in enumerate(economy.listed_firms):
        failed = economy.distress.failed_now[firm.account] > 0
        issued, bought = firm.share_orders(economy.holdings.market_value(asset), failed)
        orders.append(InstitutionalOrder(firm.account, asset, lots=economy.securities.lots_for(asset, issued), kind="issue"))
        orders.append(InstitutionalOrder(firm.account, asset, dollars=bought, kind="retire"))
    return orders


def _creditors_sales(economy: Structure) -> list[InstitutionalOrder]:
    """Creditors who were given shares in a restructuring sell part of them each month."""
    orders = []
    speed = economy.p.default.share_sales
    for asset, firm in enumerate(economy.listed_firms):
        restructured = economy.distress.ever(firm.account)
        if not anywhere(restructured):
            continue
        for account in economy.creditor_accounts:
            if account == firm.account:
                continue
            # Only shares that came out of a restructuring are for sale, never a strategic stake.
            held = np.where(restructured, economy.holdings.lots[account, asset], 0)
            if anywhere(held):
                lots = np.rint(held * speed).astype(np.int64)
                orders.append(InstitutionalOrder(account, asset, lots=lots))
    return orders


def mark_to_market(economy: Structure) -> None:
    """15: profit and loss, fair values for next month, labs' shares, dividends of labs, funds and the bank marked to assets."""
    _count_profits(economy)
    _update_fair_values(economy)
    for lab in economy.labs:
        reprice(economy.ledger, economy.holdings, economy.holdings.asset_of(lab.account), lab.valuation)
        _pay_lab_dividend(economy, lab)
    pay_landlords_backers(economy)
    _mark_funds(economy)
    for lender in economy.lenders:
        lender.count_month()


def _count_profits(economy: Structure) -> None:
    ledger = economy.ledger
    for vendor in economy.vendors:
        vendor.count_month(vendor.flow("chips"), vendor.flow("operations"))
    clouds = economy.accounts["clouds"]
    net, costs, interest, principal, rents = (
        ledger.flow_of_each(kinds, clouds) for kinds in (RECEIPTS, ("operations", "hall_rent"), INTEREST, REPAYMENTS, RENTS)
    )
    assert economy.settlement is not None
    settled = economy.settlement.received(RECEIPTS, tuple(clouds)).astype(np.float64)
    for n, cloud in enumerate(economy.clouds):
        cloud.count_month(net[n], -costs[n], -interest[n], -principal[n], ledger.flow("other_business", cloud.account))
        cloud.rents = rents[n]
        cloud.to_come = settled[n]
    for lab in economy.labs:
        lab.count_month()


def _update_fair_values(economy: Structure) -> None:
    rate = economy.funding.rate_news
    listed = economy.holdings.issuer[: economy.holdings.gold]
    issued = economy.ledger.flow_of_each(("listed_issuance", "vendor_placement"), listed)
    for asset, value in enumerate(economy.fair_values):
        if asset == economy.holdings.gold:
            # More gold dilutes nobody: the value of the whole stock grows with it.
            lots = economy.holdings.outstanding[asset].astype(np.float64)
            value.opening = value.opening * share(lots, economy.gold_lots, 1.0)
            economy.gold_lots = lots
            drift = economy.funding.gold_drift()
            value.update(economy.month, value.earnings_opening, economy.narrative.sentiment, rate, drift)
            continue
        firm = economy.listed_firms[asset]
        value.update(economy.month, firm.earning_power(), economy.narrative.sentiment, rate)
        value.count_issue(issued[asset])
        value.restart(economy.distress.failed_now[firm.account] > 0, economy.holdings.market_value(asset))


def _pay_lab_dividend(economy: Structure, lab: ModelLab) -> None:
    """A lab that earns more than it needs pays its owners; funds pass part of it on."""
    ledger, holdings = economy.ledger, economy.holdings
    spare = lab.dividend()
    if not anywhere(spare):
        return
    asset = holdings.asset_of(lab.account)
    owners = [a for a in range(holdings.lots.shape[0]) if anywhere(holdings.lots[a, asset])]
    parts = split(np.floor(spare).astype(np.int64), np.stack([holdings.lots[a, asset] for a in owners], axis=-1))
    ledger.pay([lab.account] * len(owners), owners, np.ascontiguousarray(parts.T), "dividends")
    lab.count_paid_out(parts.sum(axis=-1))
    for fund in economy.funds:
        if fund.account in owners:
            got = parts[:, owners.index(fund.account)]
            ledger.redeem(fund.account, economy.outside, fund.distribution(got), "fund_units", "fund_distribution")


def _mark_funds(economy: Structure) -> None:
    """Fund units are worth the funds' net assets, the bank's shares its own funds."""
    ledger = economy.ledger
    for instrument, issuers in (
        ("fund_units", [f.account for f in (*economy.funds, *economy.lenders, *economy.landlords)]),
        ("bank_equity", [ledger.bank]),
    ):
        target = ledger.row(instrument).copy()
        for issuer in issuers:
            worth = ledger.book_equity(issuer)
            change = worth + target[issuer]  # the issuer's row is minus what it is worth to its holders
            target[issuer] -= change
            target[economy.outside] += change
        ledger.mark(instrument, target)
