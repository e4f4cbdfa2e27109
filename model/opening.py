"""The opening books: each claim entered once, with its holder and its issuer, closed by the outside economy.

The outside economy holds residual equity, fund units and bank equity; outside loans = all deposits + bank equity - the bank's
other loans, so the bank balances by construction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from perpetuum.agents.shell_building import finished_at_opening
from perpetuum.model.instruments.loan_kinds import LOAN_KINDS
from perpetuum.model.markets.investor_opening import gold_wanted, open_investors
from perpetuum.model.markets.leases import SELLERS, open_outside_contracts
from perpetuum.model.surroundings.technology import OPENING_GENERATIONS
from perpetuum.model.units import BN
from perpetuum.model.worlds import Dollars, Floats, anywhere, total

if TYPE_CHECKING:
    from perpetuum.model.preset_entries import ContractSpec
    from perpetuum.model.scenario import Scenario
    from perpetuum.model.structure import Structure

#: Price of a lot at the start, in dollars (`currency.unit` rescales it).
LOT = 100_000


def open_books(economy: Structure) -> None:
    """Enter all opening stocks of the scenario."""
    _open_cash(economy)
    _open_halls(economy)
    _open_debts(economy)
    _open_real_assets(economy)
    _open_states(economy)
    _open_contracts(economy)
    _open_prepayments(economy)
    _open_shares(economy)
    _open_bank(economy)
    _open_backlog(economy)
    _open_shells(economy)


def _open_cash(economy: Structure) -> None:
    ledger = economy.ledger
    for agent in economy.institutions:
        ledger.open_claim("deposits", agent.account, ledger.bank, agent.figures.cash)
    ledger.open_claim("deposits", economy.outside, ledger.bank, economy.p.outside.cushion)


def _open_halls(economy: Structure) -> None:
    """Halls that are let at the start, the loans on them, and their rents, which tenants' running costs of then hold."""
    p, leases, book = economy.p, economy.hall_leases, economy.loan_books["hall_loans"]
    lenders = [lender for lender in economy.lenders if lender.kind == LOAN_KINDS["hall_loans"].lender_kind]
    for cloud in economy.clouds if economy.landlords else ():
        cost = cloud.figures.leased_share * cloud.figures.capacity * p.technology.shell_cost
        leases.open(cloud.account, cost, p.landlords.opening_months)
        cloud.rents_apart = leases.rent_of(cloud.account)
    for landlord, halls in zip(economy.landlords, leases.halls, strict=True):
        age = (
            min(p.landlords.opening_months, p.landlords.book_months) // 2
        )  # of halls that clouds have moved into since then
        left = p.landlords.book_months - age
        value = np.rint(halls * (left / p.landlords.book_months)).astype(np.int64)
        economy.ledger.open_asset("hardware", landlord.account, value)
        economy.hardware.invest(landlord.account, value, 0, left)
        for lender in lenders:
            pool, amount = book.pool(lender.account, landlord.account), halls * p.landlords.loan_to_cost / len(lenders)
            book.open_debt(economy.ledger, pool, amount, landlord.figures.coupon)


def _open_debts(economy: Structure) -> None:
    for cloud in economy.clouds:
        for name, book in economy.loan_books.items():
            if not hasattr(cloud.figures, name):  # what is lent at the start is the figure named like the instrument
                continue
            amount: Floats = getattr(cloud.figures, name)
            lenders = [lender for lender in economy.lenders if lender.kind == LOAN_KINDS[name].lender_kind]
            for lender in lenders:
                pool = book.pool(lender.account, cloud.account)
                book.open_debt(economy.ledger, pool, amount / len(lenders), cloud.figures.coupon)
    for lender in economy.lenders:
        lender.open_capital()


def _open_real_assets(economy: Structure) -> None:
    p, ledger, hardware = economy.p, economy.ledger, economy.hardware
    current = p.technology.opening_current
    previous = np.minimum(p.technology.opening_previous, 1.0 - current)
    mix = (1.0 - current - previous, previous, current)
    for owner, gw, book in (
        *(
            (c, c.figures.capacity, c.figures.book_value * c.figures.capacity + c.figures.other_assets)
            for c in economy.clouds
        ),
        *((s, s.figures.gpus, s.figures.gpus * p.technology.content_today) for s in economy.states),
    ):
        for generation in range(OPENING_GENERATIONS):
            hardware.open_fleet(owner.account, generation, gw * mix[generation])
        ledger.open_asset("hardware", owner.account, book)
        # Older assets are on average a third through their book life.
        hardware.invest(owner.account, np.rint(book).astype(np.int64), 0, hardware.book_months * 2 // 3)
    for vendor in economy.vendors:
        ledger.open_asset("inventory", vendor.account, vendor.figures.inventory)
        vendor.units_in_stock = vendor.figures.inventory / vendor.unit_cost()


def _open_states(economy: Structure) -> None:
    ledger, holdings, gold = economy.ledger, economy.holdings, economy.holdings.gold
    price = np.rint(economy.dollars_per_tonne_opening / economy.lots_per_tonne).astype(np.int64)
    holdings.price[gold] = np.maximum(price, 1)
    for state in economy.states:
        lots = np.rint(state.figures.gold * economy.lots_per_tonne).astype(np.int64)
        holdings.issue(gold, state.account, lots)
        ledger.open_asset("gold", state.account, lots * holdings.price[gold])
        ledger.open_claim("reserve_bills", state.account, economy.outside, state.figures.bills)
        ledger.open_claim("state_liabilities", economy.outside, state.account, state.reserves())
        state.open_targets()


def _open_contracts(economy: Structure) -> None:
    """Running contracts, and commitments signed before the start that begin later (scaled by `contracts.precommitment`)."""
    number, scenario = economy.ledger.accounts.number, economy.scenario
    worlds = economy.p.worlds
    for spec in scenario.definition.contracts:
        pair = economy.contracts.pairs.index((number[spec.buyer], number[spec.seller]))
        scale = economy.p.contracts.precommitment if spec.precommitment else np.ones(worlds)
        gw = scenario.row(spec, "gw") * scale
        price = np.full(worlds, scenario.row(spec, "price") * BN * economy.p.unit)
        for start, term, where in _months_of(spec, scenario):
            for step in range(spec.count):
                economy.contracts.sign(pair, gw * where, price, start + step * spec.every, term, 0)
    if anywhere(economy.p.leases.on):
        _open_outside_contracts(economy)


def _months_of(spec: ContractSpec, scenario: Scenario) -> list[tuple[int, int, Floats | float]]:
    """When a contract starts and for how long, as often as that differs between worlds, with 1 in worlds where it is so."""
    start, term = scenario.row(spec, "start"), scenario.row(spec, "term")
    if np.ndim(start) == 0 and np.ndim(term) == 0:
        return [(start, term, 1.0)]
    starts, terms = (np.broadcast_to(months, scenario.worlds) for months in (start, term))
    found = sorted({(int(one), int(other)) for one, other in zip(starts, terms, strict=True)})
    return [(one, other, ((starts == one) & (terms == other)).astype(np.float64)) for one, other in found]


def _open_outside_contracts(economy: Structure) -> None:
    """What customers outside have promised, but for software; whom they pay already is no other customer of the cloud's."""
    for cloud in economy.clouds:
        if cloud.kind in SELLERS:
            pair = economy.contracts.pairs.index((economy.outside, cloud.account))
            promised = cloud.figures.outside_commitments - cloud.obligations_beyond_contracts()
            open_outside_contracts(economy.contracts, economy.p, pair, cloud.figures.outside_gw, promised)
            cloud.count_outside_contracts(economy.contracts.bill[pair])


def _open_prepayments(economy: Structure) -> None:
    """Running contracts are prepaid as newly started ones will be."""
    prepaid = economy.prepaid
    prepaid.open(economy.ledger, prepaid.wanted(economy.contracts.bill, economy.p.contracts.prepaid_months))


def _open_shares(economy: Structure) -> None:
    """Stakes of institutions first, then investors hold the rest of what is listed, and the outside the rest of the labs."""
    ledger, holdings, p = economy.ledger, economy.holdings, economy.p
    number = ledger.accounts.number
    firms = [*economy.listed_firms, *economy.labs]
    values = [firm.figures.market_cap for firm in economy.listed_firms] + [lab.figures.valuation for lab in economy.labs]
    outstanding: dict[int, Dollars] = {}
    for firm, value in zip(firms, values, strict=True):
        asset = holdings.asset_of(firm.account)
        lots = np.rint(value / (LOT * p.unit)).astype(np.int64)
        outstanding[asset] = lots
        holdings.price[asset] = np.maximum(np.rint(value / np.maximum(lots, 1)), 1).astype(np.int64)
    held = {asset: np.zeros(p.worlds, dtype=np.int64) for asset in outstanding}
    for stake in economy.scenario.definition.stakes:
        asset = holdings.asset_of(number[stake.issuer])
        lots = np.rint(outstanding[asset] * economy.scenario.row(stake, "share")).astype(np.int64)
        _give(economy, asset, number[stake.holder], lots)
        held[asset] = held[asset] + lots
    for lab in economy.labs:
        asset = holdings.asset_of(lab.account)
        _give(economy, asset, economy.outside, outstanding[asset] - held[asset])
        lab.last_round_price = holdings.price[asset].astype(np.float64)
    rest = [outstanding[asset] - held[asset] for asset in range(holdings.gold)]
    value = total(lots * holdings.price[asset] for asset, lots in enumerate(rest)).astype(np.float64)
    gold = np.rint(gold_wanted(p, value) / holdings.price[holdings.gold]).astype(np.int64)
    market = economy.securities
    view = market.opening_view(economy.p.funding.margin, economy.narrative.sentiment)
    lots = np.stack([*rest, gold])
    open_investors(ledger, holdings, economy.investor_books, economy.populations, economy.streams, p, lots, view)
    market.calibrate()


def _give(economy: Structure, asset: int, holder: int, lots: Dollars) -> None:
    """Enter opening shares in the books and in the register."""
    holdings = economy.holdings
    holdings.issue(asset, holder, lots)
    economy.ledger.open_claim(holdings.instrument(asset), holder, holdings.issuer[asset], lots * holdings.price[asset])


def _open_bank(economy: Structure) -> None:
    """Bank equity and fund units are held by the outside; outside loans close the bank's books."""
    ledger, p = economy.ledger, economy.p
    for fund in (*economy.funds, *economy.lenders, *economy.landlords):
        ledger.open_claim("fund_units", economy.outside, fund.account, ledger.book_equity(fund.account))
    ledger.open_claim("bank_equity", economy.outside, ledger.bank, p.bank.equity)
    gap = -ledger.stock("deposits", ledger.bank) + np.rint(p.bank.equity).astype(np.int64)
    loans = gap - ledger.stock("bank_loans", ledger.bank)
    # Where the bank has lent others more than it owes, the outside holds the difference in deposits.
    ledger.open_claim("deposits", economy.outside, ledger.bank, np.maximum(-loans, 0))
    ledger.open_claim("outside_loans", ledger.bank, economy.outside, np.maximum(loans, 0))


def _open_backlog(economy: Structure) -> None:
    """Warm start: backlog in proportion to opening orders, and chips already on their way."""
    orders = {c.account: c.figures.orders for c in economy.clouds}
    programme = economy.p.states.hoard_order * economy.p.states.hoarding
    orders |= {s.account: programme * s.figures.budget_weight for s in economy.states}
    whole = total(orders.values())
    lead = economy.hardware.pipeline.shape[1]
    for account, gw in orders.items():
        part = gw / np.where(whole > 0, whole, 1.0)
        for vendor in economy.vendors:
            backlog = vendor.figures.capacity * vendor.figures.backlog_months
            economy.chips.order(account, vendor.account, backlog * part)
        economy.hardware.open_pipeline(account, OPENING_GENERATIONS - 1, gw)
        cloud = economy.cloud_of.get(account)
        shell = cloud.shell_cost() if cloud else economy.p.technology.shell_cost
        book = np.rint(gw * lead * (economy.p.technology.content_today + shell))
        economy.ledger.open_asset("hardware", account, book)
        economy.hardware.invest(account, book.astype(np.int64), 0)


def _open_shells(economy: Structure) -> None:
    """Shells for the chips that stand at the start, some to spare, and those that the first chips to arrive need."""
    p = economy.p
    for cloud in economy.clouds:
        f = cloud.figures
        shells = f.capacity + p.power.spare_months * f.orders
        finished = finished_at_opening(f.orders, f.capacity, p.technology.decay, shells, p.power.loss)
        economy.shells.open(cloud.account, shells, finished)
