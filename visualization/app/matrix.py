"""The books as one sees them: sectors by instruments, and the month's payments by kind; every row sums to zero.

Whole dollars throughout, so that a sum of 0 is 0 and not a rounded figure. `explain` says what lies behind one entry: the
month's payments, what was built and used up, revaluations, write-offs. Nothing here knows of a browser.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from perpetuum.model.books.accounts import INSTRUMENT, INSTRUMENT_GROUPS, INSTRUMENTS, OTHER_CHANGE, REVALUATION, TRANSACTION
from perpetuum.model.books.payment_kinds import BY_GROUP, DYES, KIND_NUMBER, KINDS
from perpetuum.model.books.postings import Posting
from perpetuum.model.worlds import Array, Dollars
from perpetuum.visualization.app.frames import ON_CREDIT
from perpetuum.visualization.app.session import WATCHED, Session

#: The last row of each view: what its columns add up to.
NET_WORTH, CASH_CHANGE = "net_worth", "cash_change"
#: Chips sold on the vendor's own credit, as if it had lent the buyer what the chips cost; so that columns add up to cash.
CREDIT_SALE = ON_CREDIT
#: An entry has moved when it changed by this share of itself and by this much.
MOVED, LEAST_MOVED = 0.05, 500_000_000
STILL, CHANGED, WRITTEN = 0, 1, 2

#: Kinds of payment in few rows, sales on credit with the loans that they are.
PAYMENT_GROUPS = {group: (*kinds, *([CREDIT_SALE] if group == "lending" else [])) for group, kinds in BY_GROUP.items()}


@dataclass(frozen=True)
class Row:
    """One row: `cells` in whole dollars by sector, `marks` STILL, CHANGED or WRITTEN (off, or handed over) by sector."""

    key: str
    members: tuple[str, ...]
    cells: tuple[int, ...]
    marks: tuple[int, ...]

    @property
    def total(self) -> int:
        """Sum over the sectors, in whole dollars."""
        return sum(self.cells)


@dataclass(frozen=True)
class Matrix:
    """A view of one world's books: `rows`, and the `bottom` row to which the columns add up."""

    sectors: tuple[str, ...]
    rows: tuple[Row, ...]
    bottom: Row


@dataclass(frozen=True)
class Line:
    """Payments of one kind from one account to another this month, and what they did to the entry (whole dollars).

    `dyes`: dollars by dye. `cash`: False for a sale on credit.
    """

    kind: str
    payer: str
    payee: str
    dollars: int
    effect: int
    dyes: tuple[int, ...]
    cash: bool = True


@dataclass(frozen=True)
class Entry:
    """What lies behind one entry: opening + paid + built + revalued + written = stock, in whole dollars.

    `lines` are the payments, largest first, and add up to `paid`; `built` is what real assets gained (net of depreciation and
    of what was sold or used up) beyond them. `revalued_by` and `written_by`: by account or, for net worth, by instrument.
    """

    opening: int
    paid: int
    built: int
    revalued: int
    written: int
    stock: int
    lines: tuple[Line, ...]
    revalued_by: tuple[tuple[str, int], ...]
    written_by: tuple[tuple[str, int], ...]


# --- the matrices -----------------------------------------------------------------------------------------------------


def balance_sheets(session: Session, world: int = WATCHED, grouped: bool = False) -> Matrix:
    """Stocks by instrument and sector: claims positive for who holds them, negative for who issued them."""
    ledger, row = session.economy.ledger, session.row(world)
    places = list(ledger.accounts.sectors.values())
    stock, opening, written = (
        _by_sector(book[:, :, row], places) for book in (ledger.book, ledger.opening, ledger.changes[OTHER_CHANGE])
    )
    groups = INSTRUMENT_GROUPS if grouped else {name: (name,) for name in INSTRUMENTS}
    moved = session.month > 0
    rows = tuple(_row(key, members, INSTRUMENT, stock, opening, written, moved) for key, members in groups.items())
    bottom = _row(NET_WORTH, INSTRUMENTS, INSTRUMENT, stock, opening, written * 0, moved)
    return Matrix(tuple(ledger.accounts.sectors), rows, bottom)


def payments(session: Session, world: int = WATCHED, opened: Sequence[str] = ()) -> Matrix:
    """The month's payments by kind and sector: received +, paid -; groups in `opened` are followed by their kinds."""
    ledger, row = session.economy.ledger, session.row(world)
    places = list(ledger.accounts.sectors.values())
    on_credit = -ledger.uncashed[:, row]
    flows = _by_sector(np.concatenate([ledger.flows[:, :, row], on_credit[None]]), places)
    number = KIND_NUMBER | {CREDIT_SALE: len(KIND_NUMBER)}
    nothing = np.zeros_like(flows)
    rows: list[Row] = []
    for group, kinds in PAYMENT_GROUPS.items():
        rows.append(_row(group, kinds, number, flows, nothing, nothing, False))
        rows += [_row(kind, (kind,), number, flows, nothing, nothing, False) for kind in kinds if group in opened]
    bottom = _row(CASH_CHANGE, tuple(number), number, flows, nothing, nothing, False)
    return Matrix(tuple(ledger.accounts.sectors), tuple(rows), bottom)


def _by_sector(book: Dollars, places: Sequence[tuple[int, ...]]) -> Dollars:
    return np.stack([book[:, list(members)].sum(axis=1) for members in places], axis=1)


def _row(
    key: str,
    members: tuple[str, ...],
    number: dict[str, int],
    now: Dollars,
    before: Dollars,
    written: Dollars,
    marked: bool,
) -> Row:
    chosen = [number[name] for name in members]
    cells, past = now[chosen].sum(axis=0), before[chosen].sum(axis=0)
    marks = np.zeros(len(cells), dtype=np.int64)
    if marked:
        change = np.abs(cells - past)
        marks[(change >= MOVED * np.abs(past)) & (change >= LEAST_MOVED)] = CHANGED
        marks[np.abs(written[chosen]).max(axis=0) >= LEAST_MOVED] = WRITTEN
    return Row(key, members, tuple(cells.tolist()), tuple(marks.tolist()))


# --- behind an entry ----------------------------------------------------------------------------------------------------

#: What a dollar of a posting does to the payer's and to the payee's entry.
_Effect = Callable[[Posting], tuple[int, int]]


def explain_stock(session: Session, key: str, sector: str, world: int = WATCHED) -> Entry:
    """What changed an entry of the balance sheets this month; `key`: an instrument, a group of them, or net worth."""
    ledger, row = session.economy.ledger, session.row(world)
    accounts = ledger.accounts.sectors[sector]
    instruments = INSTRUMENTS if key == NET_WORTH else INSTRUMENT_GROUPS.get(key, (key,))
    chosen = np.ix_([INSTRUMENT[name] for name in instruments], list(accounts))
    stock = int(ledger.book[..., row][chosen].sum())
    opening = int(ledger.opening[..., row][chosen].sum()) if session.month else stock
    changes = [ledger.changes[why, ..., row][chosen] for why in (TRANSACTION, REVALUATION, OTHER_CHANGE)]
    net_worth = key == NET_WORTH
    lines = _lines(session, row, accounts, _on_net_worth if net_worth else _on_stock(instruments))
    paid = sum(line.effect for line in lines)
    names = instruments if net_worth else [ledger.accounts.names[account] for account in accounts]
    revalued, written = (_named(names, change.sum(axis=1 if net_worth else 0)) for change in changes[1:])
    transacted, gained, lost = (int(change.sum()) for change in changes)
    return Entry(opening, paid, transacted - paid, gained, lost, stock, lines, revalued, written)


def explain_payments(session: Session, key: str, sector: str, world: int = WATCHED) -> Entry:
    """The single payments behind an entry of the month's payments; `key`: a kind, a group of kinds, or the change of cash."""
    accounts = session.economy.ledger.accounts.sectors[sector]
    kinds = (*KINDS, CREDIT_SALE) if key == CASH_CHANGE else PAYMENT_GROUPS.get(key, (key,))

    def on_flow(posting: Posting) -> tuple[int, int]:
        received = (posting.kind in kinds) - (not posting.cash and CREDIT_SALE in kinds)
        return -received, received

    lines = _lines(session, session.row(world), accounts, on_flow)
    paid = sum(line.effect for line in lines)
    return Entry(0, paid, 0, 0, 0, paid, lines, (), ())


def _on_stock(instruments: Sequence[str]) -> _Effect:
    def effect(posting: Posting) -> tuple[int, int]:
        payer = payee = 0
        for name in instruments:
            if name == "deposits" and posting.cash:
                payer, payee = payer - 1, payee + 1
            if name == "vendor_credit" and not posting.cash:  # the seller lends what the buyer pays with
                payer, payee = payer - 1, payee + 1
            if KINDS[posting.kind].claim == name:
                payer, payee = payer + 1, payee - 1
            if KINDS[posting.kind].builds == name:
                payer += 1
        return payer, payee

    return effect


def _on_net_worth(posting: Posting) -> tuple[int, int]:
    income = int(KINDS[posting.kind].current)
    return -income, income


def _lines(session: Session, row: int, accounts: Sequence[int], effect_of: _Effect) -> tuple[Line, ...]:
    """Postings that change what the accounts have together, those of one kind between the same two added up, largest first."""
    ledger = session.economy.ledger
    names = ledger.accounts.names
    sums: dict[tuple[str, int, int, bool], list[Any]] = {}
    for posting in ledger.postings or ():
        dollars = int(posting.amount[row])
        on_payer, on_payee = effect_of(posting)
        effect = on_payer * (posting.payer in accounts) + on_payee * (posting.payee in accounts)
        if not dollars or not effect:
            continue
        found = sums.setdefault((posting.kind, posting.payer, posting.payee, posting.cash), [0, 0, np.zeros(len(DYES))])
        found[0] += dollars
        found[1] += effect * dollars
        found[2] += posting.colours[:, row] * dollars
    lines = [
        Line(kind, names[payer], names[payee], dollars, effect, tuple(np.rint(dyes).astype(np.int64).tolist()), cash)
        for (kind, payer, payee, cash), (dollars, effect, dyes) in sums.items()
    ]
    return tuple(sorted(lines, key=lambda line: -line.dollars))


def _named(names: Sequence[str], amounts: Array) -> tuple[tuple[str, int], ...]:
    found = [(name, int(amount)) for name, amount in zip(names, amounts, strict=True) if amount]
    return tuple(sorted(found, key=lambda item: -abs(item[1])))
