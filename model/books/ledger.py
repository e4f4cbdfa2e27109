"""The books: accounts x instruments x worlds in whole dollars. Nothing else in the program moves money.

Every verb books two sides at once, rounds each amount once, and is recorded both in the stocks (`book`) and in the flows
(by kind, by instrument), so that `audit` can reconcile one with the other to the dollar. A financial claim is positive for
its holder and negative for its issuer; deposits are claims on the bank. Sources: Godley and Lavoie (2007), ch. 2, for the
matrices; ../README.md maps each row to its agent.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import numpy as np

from perpetuum.model.books.accounts import (
    CLAIMS,
    DEPOSITS,
    INSTRUMENT,
    INSTRUMENTS,
    OTHER_CHANGE,
    RANGE,
    TRANSACTION,
    Accounts,
    BooksBreachError,
    OutgrownError,
    OverdraftError,
)
from perpetuum.model.books.breach import explain
from perpetuum.model.books.ledger_kernels import (
    BOTH_SIDES,
    LACKING,
    REFUSED,
    exchange,
    form,
    pay,
    post,
    reconcile,
    revalue,
    shift,
    shift_all,
)
from perpetuum.model.books.matrices import Matrices
from perpetuum.model.books.payment_kinds import KIND_NUMBER, KINDS
from perpetuum.model.books.postings import Posting, match_pairs
from perpetuum.model.dye.provenance import Provenance
from perpetuum.model.observed.payment_network import FlowNetwork
from perpetuum.model.worlds import Array, Dollars, Floats, anywhere

__all__ = [
    "CLAIMS",
    "INSTRUMENT",
    "INSTRUMENTS",
    "Accounts",
    "BooksBreachError",
    "Ledger",
    "OutgrownError",
    "OverdraftError",
    "as_rows",
]


class Ledger(Matrices):
    """Double-entry books of all accounts in all worlds: the verbs that write the matrices, and the audit."""

    def __init__(self, accounts: Accounts, worlds: int):
        super().__init__(accounts, worlds)
        self.bank = accounts["bank"][0]
        self.provenance = Provenance(accounts.sectors, len(accounts), worlds)
        self._nowhere: Dollars = np.zeros(
            (0, 0, worlds), dtype=np.int64
        )  # where payments by pair go if nobody asks for them
        self.network: FlowNetwork | None = None  # payer x payee without kind, recorded where asked
        self.postings: list[Posting] | None = None  # single postings, kept where a page asks for them
        self.credit_line: int | None = None  # who may borrow from the bank whatever a payment lacks (the outside economy)
        self.month = 0
        self.phase = "opening"

    # --- opening ------------------------------------------------------------------------------------------------

    def open_claim(self, instrument: str, holder: int, issuer: int, amount: Array) -> None:
        """Enter an opening claim once, with its holder and its issuer."""
        whole = np.rint(amount).astype(np.int64)
        self.book[INSTRUMENT[instrument], holder] += whole
        self.book[INSTRUMENT[instrument], issuer] -= whole

    def open_asset(self, instrument: str, holder: int, amount: Array) -> None:
        """Enter an opening real asset."""
        self.book[INSTRUMENT[instrument], holder] += np.rint(amount).astype(np.int64)

    def begin_month(self, month: int) -> None:
        """Clear the month's flows; today's stocks become the opening ones."""
        self.month = month
        self.clear_flows()
        self.provenance.begin_month()
        if self.network is not None:
            self.network.begin_month(month)
        if self.postings is not None:
            self.postings.clear()

    # --- cash ---------------------------------------------------------------------------------------------------

    def pay(self, payer: int | Sequence[int], payee: int | Sequence[int], amount: Array, kind: str) -> Dollars:
        """Pay cash, rounded once to whole dollars, and return what was paid.

        One payer and one payee with amounts (worlds,), or as many of both with amounts (pairs, worlds): the payments
        of one call happen at the same moment, so nobody may be both payer and payee in it.

        Raises OverdraftError (with the mask of worlds) if a payer holds less, BooksBreachError for a bad amount; nothing is
        then booked.
        """
        single = not isinstance(payer, _MANY) and not isinstance(payee, _MANY)
        amounts = np.ascontiguousarray(amount, dtype=np.float64)
        if single:
            amounts, payers, payees = amounts[None], _one(payer), _one(payee)
        else:
            payers, payees = _as_accounts(payer, len(amounts)), _as_accounts(payee, len(amounts))
        number, network, dye = KIND_NUMBER[kind], self.network, self.provenance
        roles = dye.roles
        line = -1 if self.credit_line is None else self.credit_line
        ring, node = (self._nowhere, _NOBODY) if network is None else network.open_month()
        while True:
            code, out = pay(
                self.book[DEPOSITS], self.changes[TRANSACTION, DEPOSITS], self.flows, number, payers, payees, amounts,
                self.bank, line, dye.dye, dye.high, dye.low, dye.receipts, dye.returned_high, dye.returned_low,
                roles.traced, roles.vendor, roles.firm, ring, node,
            )  # fmt: skip
            if code != LACKING:
                break
            self._draw_on_line(np.rint(amounts)[payers == line].sum(axis=0), line)
        if code == BOTH_SIDES:
            raise BooksBreachError(self.where(f"somebody both pays and is paid in one call of '{kind}'"))
        if code == REFUSED:
            self._refuse(payers, payees, amounts, out, kind)
        if self.postings is not None:
            self._note(kind, payers, payees, out, functools.partial(dye.colours, kind=KINDS[kind]))
        return out[0] if single else out

    def clear(self, settlement) -> None:
        """Post a whole cleared settlement at once (`model.books.settlement`).

        A ring without cash clears although no sequence of payments exists.
        """
        before = self.book[DEPOSITS].copy()
        payers, payees, kinds, paid = settlement.items()
        if not len(paid):
            return
        post(self.book[DEPOSITS], self.changes[TRANSACTION, DEPOSITS], self.flows, payers, payees, kinds, paid)
        self._check_overdrafts("settlement overdraws")
        opening = None if self.postings is None else self.provenance.dye.copy()
        self.provenance.carry_clearing(before, payers, payees, kinds, paid)
        if self.network is not None:
            self.network.add(payers, payees, paid)
        if opening is not None:
            for item, number in enumerate(kinds):
                one, kind = slice(item, item + 1), _KINDS[number]
                colours = functools.partial(self.provenance.cleared_colours, kind=kind, opening=opening)
                self._note(kind.name, payers[one], payees[one], paid[one], colours)

    # --- claims -------------------------------------------------------------------------------------------------

    def advance(
        self, holder: int, issuer: int, amount: Array, instrument: str, kind: str, cash_from: int | None = None
    ) -> Dollars:
        """Holder pays issuer and acquires a claim of the same amount (a loan, a bond, new shares, fund units)."""
        paid = self.pay(holder if cash_from is None else cash_from, issuer, amount, kind)
        self._shift(TRANSACTION, instrument, holder, issuer, paid)
        return paid

    def redeem(self, issuer: int, holder: int, amount: Array, instrument: str, kind: str) -> Dollars:
        """Issuer pays holder and the claim shrinks by the same amount (repayment, buyback, distribution)."""
        paid = self.pay(issuer, holder, amount, kind)
        self._shift(TRANSACTION, instrument, holder, issuer, -paid)
        return paid

    def settle_claims(self, issuers: Array, holders: Array, paid: Dollars, instrument: str) -> None:
        """Shrink claims (claims, worlds) by what a clearing has already paid on them."""
        shift_all(self.book, self.changes, TRANSACTION, INSTRUMENT[instrument], issuers, holders, paid)

    def exchange(self, legs: Sequence[tuple[str, str, Dollars]]) -> None:
        """Post a whole multilateral trade at once, so that nobody need pay before being paid.

        Each leg is (instrument, kind, value (accounts, worlds)): + bought, - sold, every world's column summing to zero.
        An account's cash changes by minus the sum of its legs; net payers' dye goes to net receivers in proportion.
        Raises OverdraftError, or BooksBreachError for a leg that does not sum to zero.
        """
        deposits = self.book[DEPOSITS]
        net = np.zeros_like(deposits)
        for instrument, kind, value in legs:
            bad = exchange(self.book, self.changes, self.flows, INSTRUMENT[instrument], KIND_NUMBER[kind], value, net)
            if bad:
                uneven = value.sum(axis=0) != 0
                raise BooksBreachError(self.where(f"an exchange of '{instrument}' does not sum to zero"), uneven)
        if self.credit_line is not None:
            self._draw_on_line(-net[self.credit_line], self.credit_line)
        deposits += net
        self.changes[TRANSACTION, DEPOSITS] += net
        self._check_overdrafts("exchange overdraws")
        if self.postings is not None:  # what each puts in; what each takes out is mixed
            for _, kind, value in legs:
                self._note(kind, *match_pairs(value), functools.partial(self.provenance.colours, kind=KINDS[kind]))
        self.provenance.carry_exchange(deposits, net)

    def hand_over(self, giver: int, taker: int, amount: Dollars, instrument: str) -> None:
        """Move a claim without cash (shares to creditors at a restructuring): an other change for both."""
        self._shift(OTHER_CHANGE, instrument, taker, giver, amount)

    def credit_sale(self, seller: int, buyer: int, amount: Array, kind: str, instrument: str = "vendor_credit") -> Dollars:
        """Sell on credit: income for the seller, spending for the buyer, and a claim instead of cash."""
        whole = np.rint(amount).astype(np.int64)
        number = KIND_NUMBER[kind]
        self.flows[number, seller] += whole
        self.flows[number, buyer] -= whole
        self.uncashed[seller] += whole
        self.uncashed[buyer] -= whole
        self._shift(TRANSACTION, instrument, seller, buyer, whole)
        self.provenance.recognise_credit_sale(whole, KINDS[kind])
        if self.postings is not None and anywhere(whole):
            self.postings.append(Posting(kind, buyer, seller, whole.copy(), self.provenance.first_lap(), cash=False))
        if self.network is not None:  # the seller lends what the buyer pays with
            self.network.add(np.array([seller, buyer]), np.array([buyer, seller]), np.stack([whole, whole]))
        return whole

    def write_off(self, holder: int, issuer: int, amount: Dollars, instrument: str) -> None:
        """Cancel part of a claim: the creditor's loss is the debtor's gain."""
        self._shift(OTHER_CHANGE, instrument, holder, issuer, -amount)

    def mark(self, instrument: str, target: Dollars) -> None:
        """Revalue a whole row to `target` (accounts, worlds), e.g. shares at the new price."""
        revalue(self.book, self.changes, INSTRUMENT[instrument], target)

    # --- real assets --------------------------------------------------------------------------------------------

    def capitalise(self, account: int | Sequence[int], amount: Array, asset: str) -> Dollars:
        """Add to (or, negative, use up) real assets: capital formation, depreciation, cost of sales.

        One account with (worlds,) dollars, or several with (accounts, worlds).
        """
        accounts, amounts, single = as_rows(account, amount)
        whole = form(self.book, self.changes, self.formation, INSTRUMENT[asset], accounts, amounts)
        return whole[0] if single else whole

    # --- the audit ----------------------------------------------------------------------------------------------

    def audit(self, phase: str) -> None:
        """Check rows, columns, flows against stocks and the net-worth identity; raise BooksBreachError on any dollar.

        For every account: change in net worth = saving + revaluation + other changes, where saving = current receipts
        less current payments plus capital formation. Every row of claims sums to zero; every flow row sums to zero.
        """
        self.phase = phase
        code, item, bits = reconcile(
            self.book,
            self.opening,
            self.changes,
            self.flows,
            self.uncashed,
            self.formation,
            _CURRENT,
            len(CLAIMS),
            DEPOSITS,
        )
        if anywhere(code):
            world = int(np.argmax(code > 0))
            raise BooksBreachError(self.where(explain(self, int(code[world]), int(item[world]), world)), code > 0)
        self._check_overdrafts("negative deposits of")
        if bits >= RANGE:
            self._check_range()
        fault = self.provenance.audit(self.book[DEPOSITS], self.accounts.names)
        if fault:
            raise BooksBreachError(self.where(fault[0]), fault[1])

    def check_row(self, instrument: str, gap: Array, should_be: str) -> None:
        """Raise BooksBreachError where an instrument of an account is off by a gap (accounts, worlds) from what it should be."""
        if anywhere(gap):
            account, world = np.argwhere(gap)[0]
            text = f"'{instrument}' of {self.accounts.names[account]} in world {world} is not {should_be}"
            raise BooksBreachError(self.where(text), (gap != 0).any(axis=0))

    def where(self, text: str) -> str:
        """What is wrong with the books, with the month and the phase in which it was found."""
        return f"books breached in month {self.month}, phase {self.phase}: {text}"

    # --- inside -------------------------------------------------------------------------------------------------

    def _check_overdrafts(self, what: str) -> None:
        short = self.book[DEPOSITS] < 0
        short[self.bank] = False
        if anywhere(short):
            names = ", ".join(self.accounts.names[account] for account in np.flatnonzero(short.any(axis=1)))
            where = f"{what} {names}, first in world {int(np.argmax(short.any(axis=0)))}"
            raise OverdraftError(self.where(where), short.any(axis=0))

    def _check_range(self) -> None:
        beyond = np.abs(self.book) > RANGE
        beyond[:, self.bank] = False
        if anywhere(beyond):
            instrument, account, world = np.argwhere(beyond)[0]
            what = f"{self.accounts.names[account]}'s {list(INSTRUMENT)[instrument]} passed {RANGE:.3g} dollars in world {world}"
            raise OutgrownError(f"month {self.month}: {what}", beyond.any(axis=(0, 1)))

    def _draw_on_line(self, needed: Array, borrower: int) -> None:
        """The bank lends the outside economy what it lacks for a payment of `needed` dollars (worlds,)."""
        lacking = needed - self.book[DEPOSITS, borrower]
        if lacking.max() > 0:
            self.advance(self.bank, borrower, np.where(lacking > 0, lacking, 0), "outside_loans", "outside_loan")

    def _shift(self, why: int, instrument: str, holder: int, issuer: int, amount: Dollars) -> None:
        shift(self.book, self.changes, why, INSTRUMENT[instrument], holder, issuer, amount)

    def _note(self, kind: str, payers: Array, payees: Array, paid: Dollars, colours: Callable[[int], Floats]) -> None:
        assert self.postings is not None
        for payer, payee, amount in zip(payers.tolist(), payees.tolist(), paid, strict=True):
            if anywhere(amount):
                self.postings.append(Posting(kind, payer, payee, amount.copy(), colours(payer)))

    def _refuse(self, payers: Array, payees: Array, amounts: Array, out: Dollars, kind: str) -> None:
        names = self.accounts.names
        wrong = ~((amounts >= 0) & (amounts <= 9.0e15))
        short = (self.book[DEPOSITS, payers] < 0) & (payers != self.bank)[:, None]
        kinds = np.full(len(payers), KIND_NUMBER[kind])
        bad = wrong if anywhere(wrong) else short
        pair, world = np.argwhere(bad)[0]
        missing = -int(self.book[DEPOSITS, payers[pair], world])
        # What was moved goes back: a refused payment leaves the books as they were.
        post(self.book[DEPOSITS], self.changes[TRANSACTION, DEPOSITS], self.flows, payees, payers, kinds, out)
        what = f"payment '{kind}' from {names[payers[pair]]} to {names[payees[pair]]}"
        if anywhere(wrong):
            text = f"{what} of {amounts[pair, world]} in world {world} is not an amount"
            raise BooksBreachError(self.where(text), wrong.any(axis=0))
        raise OverdraftError(self.where(f"{what} overdraws it by {missing} dollars in world {world}"), short.any(axis=0))


_KINDS = tuple(KINDS.values())
_CURRENT = np.array([kind.current for kind in _KINDS])
_NOBODY = np.zeros(0, dtype=np.int64)
# Cheaper to ask for than any Sequence: `pay` is called a hundred times a month.
_MANY = (list, tuple, range, np.ndarray)


def as_rows(account: int | Sequence[int], amount: Array) -> tuple[Array, Floats, bool]:
    """Account numbers (rows,), their amounts (rows, worlds) and whether it was but one account with amounts (worlds,)."""
    amounts = np.ascontiguousarray(amount, dtype=np.float64)
    if isinstance(account, _MANY):
        return np.array(account, dtype=np.int64), amounts, False
    return _one(account), amounts.reshape(1, -1), True


def _as_accounts(accounts: int | Sequence[int], pairs: int) -> Array:
    return np.array(accounts if isinstance(accounts, _MANY) else [accounts] * pairs, dtype=np.int64)


@functools.cache
def _one(account: int) -> Array:
    return np.array([account], dtype=np.int64)
