"""Landlords' part of a month: in phase 8 they see what they can build, in 10 they build and let it, in 11 clouds pay the rent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from perpetuum.model.books.payment_kinds import REPAYMENTS
from perpetuum.model.books.settlement import TRADE
from perpetuum.model.instruments.loan_kinds import LOAN_KINDS
from perpetuum.model.markets.credit import ration
from perpetuum.model.observed.events import EventCause, EventKind
from perpetuum.model.observed.firm_defaults import CREDITORS, standing
from perpetuum.model.worlds import Dollars, Floats, Mask, bounded, rows_in_use, share, split, total

if TYPE_CHECKING:
    from perpetuum.agents.landlord import Landlord
    from perpetuum.model.books.settlement import Settlement
    from perpetuum.model.structure import Structure


# --- phase 8: what they can build --------------------------------------------------------------------------------------


def finance_halls(economy: Structure) -> None:
    """Landlords' loans are rolled over, backers pay in, lenders lend: so much of what clouds ask for they will let this month.

    Vacant halls are let first; landlords share what is asked in equal parts.
    """
    landlords, leases = economy.landlords, economy.hall_leases
    if not landlords:
        return
    _roll_over(economy)
    gw = total([economy.chips.allocated[:, place] for place in range(len(economy.vendors))])
    rows = [economy.chips.buyer[cloud.account] for cloud in economy.clouds]
    asked = total(_asked(economy, gw[rows], np.ones((len(rows), economy.p.worlds))))
    each, there = asked / len(landlords), np.zeros(economy.p.worlds)
    for landlord in landlords:
        vacant = leases.vacant_of(landlord.account)
        cost = np.maximum(each - vacant, 0.0)
        paid_in = landlord.ask_backers(cost)
        got = economy.ledger.advance(economy.outside, landlord.account, paid_in, "fund_units", "hall_equity")
        _borrow(economy, landlord, landlord.ask_lenders(cost, got))
        there = there + np.minimum(vacant + landlord.budget, each)
    leases.part = bounded(share(there, asked, 1.0), 0.0, 1.0)


def _roll_over(economy: Structure) -> None:
    """Lenders refinance what matures of landlords' loans this month as far as they are willing."""
    part = np.array([landlord.part_rolled_over() for landlord in economy.landlords])
    rate = np.array([landlord.borrowing_rate() for landlord in economy.landlords])
    economy.loan_books["hall_loans"].roll_over(economy.accounts["landlords"], part, rate)


def _borrow(economy: Structure, landlord: Landlord, wanted: Floats) -> None:
    """Lenders of loans on halls meet a landlord's request as far as their supply goes."""
    kind, book = LOAN_KINDS["hall_loans"], economy.loan_books["hall_loans"]
    lenders = [lender for lender in economy.lenders if lender.kind == kind.lender_kind]
    granted = ration([wanted], [lender.supply() for lender in lenders]) if lenders else ()
    for lender, [amount] in zip(lenders, granted, strict=True):
        pool = book.pool(lender.account, landlord.account)
        drawn = book.draw(economy.ledger, pool, amount, landlord.borrowing_rate(), kind.draw)
        landlord.budget = landlord.budget + drawn


# --- phase 10: what they build and let ---------------------------------------------------------------------------------


def _asked(economy: Structure, gw: Floats, part: Floats) -> Floats:
    """Dollars of halls that clouds would lease with `gw` of chips (clouds, worlds) and `part` of what is under way."""
    return np.array([cloud.halls_asked(gw[n], part[n]) for n, cloud in enumerate(economy.clouds)])


def let_halls(economy: Structure, built_part: Floats) -> None:
    """Landlords let what they have, build the rest, and hand it over with the chips that were shipped.

    `built_part` (buyers, worlds): of what is under construction, as much as of chips.
    """
    leases, ledger, chips = economy.hall_leases, economy.ledger, economy.chips
    leases.built[...] = 0.0
    rows = [chips.buyer[cloud.account] for cloud in economy.clouds]
    shipped = total([chips.shipped[rows, place] for place in range(len(economy.vendors))])
    wanted = _asked(economy, shipped, built_part[rows]) * leases.part / max(len(economy.landlords), 1)
    for landlord in economy.landlords:
        vacant = leases.vacant_of(landlord.account)
        most = vacant + np.floor(np.minimum(landlord.budget, landlord.cash)).astype(np.int64)
        cost = np.minimum(np.rint(total(wanted)).astype(np.int64), most)
        new = np.maximum(cost - vacant, 0)
        ledger.pay(landlord.account, economy.outside, new, "shell_and_power")
        economy.hardware.buy(ledger, landlord.account, new, economy.month, economy.p.landlords.book_months)
        parts: Dollars = np.ascontiguousarray(split(cost, np.ascontiguousarray(wanted.T)).T)
        leases.hand_over(landlord.account, parts, new)
        leases.built += parts * share(new, cost)
    for n, cloud in enumerate(economy.clouds if economy.landlords else ()):
        cloud.capex = cloud.capex + leases.built[n]


# --- phase 11 and 15: rent and payouts ---------------------------------------------------------------------------------


def owe_hall_rents(economy: Structure, settlement: Settlement) -> None:
    """Clouds owe the rents of the halls that they lease, as a bill."""
    if economy.landlords:
        rents, leases = economy.hall_leases.rents(), economy.hall_leases
        pairs = [(cloud, landlord) for cloud in leases.clouds for landlord in leases.landlords]
        rows = rows_in_use(rents)
        settlement.owe_all("hall_rent", [pairs[r][0] for r in rows], [pairs[r][1] for r in rows], rents[rows], TRADE)


def pay_landlords_backers(economy: Structure) -> None:
    """Landlords pay their profit out."""
    for landlord in economy.landlords:
        ledger = economy.ledger
        ledger.redeem(landlord.account, economy.outside, np.floor(landlord.payout()), "fund_units", "hall_payout")


# --- phase 12: a landlord that cannot pay --------------------------------------------------------------------------------


def restructure_landlord(economy: Structure, landlord: Landlord, mask: Mask, settled: Settlement) -> None:
    """Its loans are written down to what its halls are worth, and the halls to that; unpaid interest is lost; leases go on."""
    ledger, book, month = economy.ledger, economy.loan_books["hall_loans"], economy.month
    owed, debts = standing(ledger, landlord.account), np.where(mask, ledger.debt_of(landlord.account), 0.0)
    unpaid = settled.unpaid(landlord.account, without=REPAYMENTS)
    bills: dict[int, Floats] = {payee: np.where(mask, missing, 0).astype(np.float64) for payee, missing in unpaid.items()}
    part, worth = landlord.share_lost(mask), landlord.worth()
    lost: dict[int, Floats] = {}
    for pool in book.of_borrower(landlord.account):
        lender = next(one for one in economy.lenders if one.account == book.pairs[pool][0])
        gone = book.write_off(ledger, pool, part).astype(np.float64)
        lender.losses = lender.losses + gone
        lost[lender.account] = gone
    stood = ledger.stock("hardware", landlord.account)
    kept = np.where(part > 0.0, np.minimum(share(np.rint(worth), stood, 1.0), 1.0), 1.0)
    taken = ledger.capitalise(landlord.account, -np.floor(stood * (1.0 - kept)), "hardware")
    economy.hardware.shrink_schedule(landlord.account, 1.0 + share(taken, stood))
    economy.arrears.wipe_out(landlord.account, mask)
    causes = _causes(economy, mask)
    economy.distress.fail(landlord.account, mask, month)
    nothing, after = np.zeros(economy.p.worlds), standing(ledger, landlord.account)
    bills_unpaid, no_shares = total([nothing, *bills.values()]), dict.fromkeys(CREDITORS, nothing)
    economy.firm_defaults.note(landlord, month, mask, causes, owed, nothing, after, bills_unpaid, no_shares)
    for cause, whom, where in causes:
        economy.journal.note(month, EventKind.DEFAULTS, landlord.name, where, cause, debts, whom)
    for kind, losses in ((EventKind.BILLS_UNPAID, bills), (EventKind.DEBTS_WRITTEN_OFF, lost)):
        for payee, loss in losses.items():
            name = ledger.accounts.names[payee]
            economy.journal.note(month, kind, landlord.name, loss > 0, EventCause.OWN_DEFAULT, loss, name)


def _causes(economy: Structure, mask: Mask) -> list[tuple[EventCause, str, Mask]]:
    """Why a landlord fails: a tenant that failed within the year, the largest first, else its debts."""
    found, left = [], mask.copy()
    for cloud in economy.clouds:
        recent = left & economy.distress.within(cloud.account, economy.month, 13)
        found.append((EventCause.CUSTOMER_DEFAULTED, cloud.name, recent))
        left = left & ~recent
    return [*found, (EventCause.DEBTS_UNSERVED, "", left)]
