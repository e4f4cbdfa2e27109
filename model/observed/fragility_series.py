"""Fragility of an economy: series that are computed only where a scenario asks for them by name.

The formulas are in `model.observed.fragility`.
"""

from __future__ import annotations

import numpy as np

from perpetuum.model.books.payment_kinds import OPERATING
from perpetuum.model.instruments.loan import LoanBook
from perpetuum.model.observed import fragility
from perpetuum.model.observed.fragility import MINSKY
from perpetuum.model.observed.measured_economy import MeasuredEconomy
from perpetuum.model.observed.series import series
from perpetuum.model.units import BN, YEAR
from perpetuum.model.worlds import Array, Floats, share, total


@series("ratio", en="cover", zh="覆盖倍数", collected=False)
def commitment_cover(e: MeasuredEconomy) -> Floats:
    """Lead lab's revenue and cash over a year against its take-or-pay bills of the coming year; capped at 3."""
    return e.lead_lab.commitment_cover()


@series("share", collected=False)
def customer_concentration(e: MeasuredEconomy) -> Floats:
    """Largest share of the obligations to the leveraged cloud that one buyer owes.

    Commitments of customers outside the model count as owed by many, under contract or not.
    """
    cloud = e.leveraged_cloud
    pairs, outside = e.contracts.of_seller(cloud.account), e.accounts["outside"]
    owed = [e.contracts.obligations[pair] for pair in pairs]
    if not owed:
        return np.zeros(e.p.worlds)
    by_one = [owed[n] for n, pair in enumerate(pairs) if e.contracts.pairs[pair][0] not in outside]
    return share(np.max(by_one, axis=0), total(owed) + cloud.obligations_beyond_contracts())


@series("share", collected=False)
def refinancing_wall(e: MeasuredEconomy) -> Floats:
    """Share of clouds' debt that falls due within twelve months; what they drew from the bank is due at call."""
    clouds = e.accounts["clouds"]
    drawn = total([_drawn_from_bank(e, cloud) for cloud in clouds])
    soon, debt = [drawn], [drawn]
    for book in e.loan_books.values():
        due = due_within(book, YEAR)
        pools = [pool for pool, (_, borrower) in enumerate(book.pairs) if borrower in clouds]
        soon += [due[pool] for pool in pools]
        debt += [book.balance[pool] for pool in pools]
    return share(total(soon), total(debt))


@series("share", collected=False)
def debt_rank(e: MeasuredEconomy) -> Floats:
    """Share of all claims among vendors, clouds, labs, lenders and the bank lost if the lead lab defaulted.

    DebtRank beyond the lab's own loss; equity is book equity.
    """
    accounts = [a for sector in ("vendors", "clouds", "labs", "lenders", "bank") for a in e.accounts[sector]]
    equity = np.array([e.ledger.book_equity(account) for account in accounts])
    shock = np.zeros(equity.shape)
    shock[accounts.index(e.lead_lab.account)] = 1.0
    return fragility.debt_rank(exposures(e, accounts), equity, shock)


def exposures(e: MeasuredEconomy, accounts: list[int]) -> Floats:
    """Dollars that each account holds on each other (holder, debtor, worlds).

    Loans, bank loans, prepayments, stakes at market or round prices, and the rent that contracts promise over
    the coming year. What is guaranteed of a loan is its lender's claim on the guarantor, and the guarantor's on
    the borrower.
    """
    place = {account: number for number, account in enumerate(accounts)}
    claims = np.zeros((len(accounts), len(accounts), e.p.worlds))

    def add(holder: int, debtor: int, dollars: Array) -> None:
        if holder in place and debtor in place and holder != debtor:
            claims[place[holder], place[debtor]] += dollars

    for book in e.loan_books.values():
        for pool, (lender, borrower) in enumerate(book.pairs):
            add(lender, borrower, book.balance[pool])
    for row, vendor in enumerate(e.guarantees.vendors):
        for pool, (lender, borrower) in enumerate(e.loans.pairs):
            guaranteed = e.guarantees.amount[row, pool]
            add(lender, borrower, -guaranteed)
            add(lender, vendor, guaranteed)
            add(vendor, borrower, guaranteed)
    for (buyer, seller), prepaid in e.prepaid.items():
        add(buyer, seller, prepaid)
    for pair, (buyer, seller) in enumerate(e.contracts.pairs):
        add(seller, buyer, rent_of_year(e, pair))
    for account in accounts:
        add(e.ledger.bank, account, _drawn_from_bank(e, account))
        for asset, issuer in enumerate(e.holdings.issuer):
            add(account, issuer, e.holdings.lots[account, asset] * e.holdings.price[asset])
    return claims


def rent_of_year(e: MeasuredEconomy, pair: int) -> Floats:
    """Rent that a pair's contracts promise over the coming twelve months (dollars)."""
    contracts = e.contracts
    rent = contracts.bill[pair]
    for month in range(e.month + 1, min(e.month + YEAR + 1, contracts.starting_bill.shape[1])):
        change = contracts.starting_bill[pair, month] - contracts.ending_bill[pair, month]
        rent = rent + change * (YEAR + 1 - (month - e.month)) / YEAR
    return np.clip(rent, 0.0, contracts.obligations[pair])


def due_within(book: LoanBook, months: int) -> Floats:
    """Principal that falls due within so many months (pools, worlds).

    Bullets with up to `months` to maturity; of loans, `months` of the equal instalments that are left.
    """
    slots = book.principal.shape[1]
    left = [min(months / (slot + 1), 1.0) if not book.bullet else float(slot < months) for slot in range(slots)]
    return total([book.principal[:, slot] * part for slot, part in enumerate(left) if part > 0])


def minsky_classes(e: MeasuredEconomy) -> list[Array]:
    """Class of every cloud and lab (worlds,): this month's operating cash flow against a month of debt service.

    Debt service is what is owed next: interest on present debt, and a twelfth of the principal due in a year.
    """
    books = [(book, book.interest(), due_within(book, YEAR)) for book in e.loan_books.values()]
    rate = e.bank.lending_rate() / YEAR
    classes = []
    for firm in (*e.clouds, *e.labs):
        interest = [_drawn_from_bank(e, firm.account) * rate]
        principal = [np.zeros(e.p.worlds)]
        for book, coupon, due in books:
            for pool in book.of_borrower(firm.account):
                interest.append(coupon[pool])
                principal.append(due[pool] / YEAR)
        operating = e.ledger.flow_of(OPERATING, (firm.account,))
        classes.append(fragility.minsky_class(operating, total(interest), total(principal)))
    return classes


@series("$bn a year", collected=False)
def cloud_earnings(e: MeasuredEconomy) -> Floats:
    """Clouds' earnings at book lives of hardware: EBITDA - depreciation - interest ($bn a year)."""
    return total([c.ebitda - 12.0 * c.depreciation - c.interest for c in e.clouds]) / BN


@series("$bn a year", collected=False)
def cloud_earnings_economic(e: MeasuredEconomy) -> Floats:
    """The same at hardware's economic life, `clouds.economic_months` instead of the book life ($bn a year)."""
    faster = e.p.clouds.book_months / e.p.clouds.economic_months
    return total([c.ebitda - 12.0 * faster * c.depreciation - c.interest for c in e.clouds]) / BN


def _count_minsky(number: int, kind: str) -> None:
    def count(e: MeasuredEconomy) -> Floats:
        return total([(one == number).astype(np.float64) for one in minsky_classes(e)])

    count.__doc__ = f"Clouds and labs in Minsky's {kind.replace('_', '-')} class (count)."
    series("firms", collected=False, name=f"minsky_{kind}")(count)


for _number, _kind in enumerate(MINSKY):
    _count_minsky(_number, _kind)


def _drawn_from_bank(e: MeasuredEconomy, account: int) -> Array:
    """Bank loans of an account (dollars)."""
    return np.maximum(-e.ledger.stock("bank_loans", account), 0)
