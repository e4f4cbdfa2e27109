"""One agent under the glass: its books, its month, its contracts, whom it owes and who owes it. Plain data in words."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from perpetuum.model.books.accounts import CHART, INSTRUMENT, INSTRUMENTS
from perpetuum.model.books.payment_kinds import KINDS
from perpetuum.model.roles import role_of_sector
from perpetuum.model.scenario import AgentSpec
from perpetuum.model.units import BN
from perpetuum.model.words.speech import Words, capital
from perpetuum.visualization.app.readings import READINGS, written
from perpetuum.visualization.app.session import WATCHED, Session

#: The largest so many of a list are named, the others added up.
NAMED = 6
#: What is not told, in dollars.
SMALLEST = 1_000_000
#: An issuer's own equity by the instrument in which it is held, shares apart.
OWN = {sector: one.name for one in CHART.values() if not one.shares for sector in one.own_of}
#: Readings that end with a default.
ENDED = ("runway", "cover")


@dataclass(frozen=True)
class Item:
    """A label, a figure with its unit, what it means, and the agent that it is about, if any."""

    label: str
    value: str
    about: str = ""
    agent: str = ""


@dataclass(frozen=True)
class Section:
    """Items under a title; `bottom`: what they come to."""

    key: str
    title: str
    items: tuple[Item, ...]
    bottom: tuple[Item, ...] = ()


@dataclass(frozen=True)
class Sheet:
    """Everything about one agent in one world. `status`: a default, in words; `sources`: its opening figures, a line each."""

    agent: str
    name: str
    role: str
    modelled_on: str
    sources: tuple[str, ...]
    status: str
    sections: tuple[Section, ...]


def agents(session: Session) -> dict[str, tuple[str, ...]]:
    """Everybody who can be looked at, by sector."""
    accounts = session.economy.accounts
    return {sector: tuple(accounts.names[member] for member in members) for sector, members in accounts.sectors.items()}


def inspect(words: Words, session: Session, agent: str, world: int = WATCHED) -> Sheet:
    """The sheet of an agent; of the lead lab where nobody of that name is there."""
    accounts = session.economy.accounts
    if agent not in accounts.number:
        agent = session.economy.lead_lab.name
    glass = _Glass(words, session, agent, session.row(world))
    spec = next((one for one in session.economy.scenario.definition.agents if one.id == agent), None)
    sections = (
        glass.readings(),
        glass.assets(),
        glass.liabilities(),
        glass.month("received", 1),
        glass.month("paid", -1),
        glass.contracts(),
        glass.owed(),
        glass.owes(),
        glass.owners(),
        glass.promises(),
    )
    return Sheet(
        agent,
        capital(words.firm(agent)),
        words(f"inspector.role_{glass.role}"),
        _origin(words, spec),
        tuple(f"{name} {value:g}: {spec.sources.get(name, '')}" for name, value in spec.figures.items()) if spec else (),
        glass.status(),
        tuple(section for section in sections if section.items or section.bottom),
    )


class _Glass:
    """What can be said of one agent in one world."""

    def __init__(self, words: Words, session: Session, agent: str, row: int):
        self.words, self.row = words, row
        self.economy: Any = session.economy
        self.ledger, self.accounts = self.economy.ledger, self.economy.accounts
        self.account = self.accounts.number[agent]
        self.sector = next(name for name, members in self.accounts.sectors.items() if self.account in members)
        institutions = {one.name: one for one in self.economy.institutions}
        self.agent: Any = institutions.get(agent)
        self.role = self.agent.role if self.agent is not None else role_of_sector(self.sector).name

    def status(self) -> str:
        """Whether and when it defaulted."""
        at = self.economy.distress.defaulted_at.get(self.account)
        if at is None or at[self.row] < 0:
            return ""
        start = self.economy.scenario.definition.start
        return self.words("inspector.defaulted", month=self.words.month_of(start, int(at[self.row])))

    def readings(self) -> Section:
        """What one asks first of such an agent."""
        items = []
        for reading in READINGS.get(self.role, ()):
            value = reading.of(self.economy, self.agent or self.account)
            if value is not None and reading.key in ENDED and self.status():
                value = None  # what its creditors left it says nothing of its strength
            if value is not None and not (reading.unit == "months" and value[self.row] == 0):
                text = written(self.words, reading, float(value[self.row]))
                name, about = (self.words(f"reading.{reading.key}.{part}") for part in ("name", "about"))
                items.append(Item(name, text, about))
        return Section("readings", "", tuple(items))

    # --- its balance sheet --------------------------------------------------------------------------------------

    def _stocks(self) -> tuple[dict[str, int], int]:
        """Instruments net of its own equity (dollars), and its own equity at the value at which others hold it."""
        book = {name: int(self.ledger.book[INSTRUMENT[name], self.account, self.row]) for name in INSTRUMENTS}
        holdings, own = self.economy.holdings, 0
        if self.account in holdings.issuer:
            asset = holdings.asset_of(self.account)
            own = int(holdings.market_value(asset)[self.row])
            book[holdings.instrument(asset)] += own
        elif self.sector in OWN:
            own = -min(book[OWN[self.sector]], 0)
            book[OWN[self.sector]] += own
        return book, own

    def assets(self) -> Section:
        """What it owns."""
        book, _ = self._stocks()
        owned = [(f"instrument.{name}", amount) for name, amount in book.items() if amount > 0]
        return self._sheet("assets", owned, [("total", sum(amount for _, amount in owned))])

    def liabilities(self) -> Section:
        """What it owes, what is left to its owners in the books, and what they are worth to others."""
        book, own = self._stocks()
        owed = [(f"instrument.{name}", -amount) for name, amount in book.items() if amount < 0]
        bottom = [("equity", sum(book.values()))]
        return self._sheet("liabilities", owed, bottom + ([("worth", own)] if own else []))

    def _sheet(self, key: str, entries: Iterable[tuple[str, int]], bottom: Iterable[tuple[str, int]]) -> Section:
        items = [
            Item(capital(self.words(f"{name}.name")), self._money(amount), self.words(f"{name}.about"))
            for name, amount in entries
        ]
        about = {"equity": "equity_about", "worth": "worth_about"}
        last = [
            Item(
                self.words(f"inspector.{name}"),
                self._money(amount),
                self.words(f"inspector.{about[name]}") if name in about else "",
            )
            for name, amount in bottom
        ]
        return Section(key, self.words(f"inspector.{key}"), tuple(items), tuple(last))

    def month(self, key: str, sign: int) -> Section:
        """What it received (sign 1) or paid (-1) this month, by kind."""
        flows = sign * self.ledger.flows[:, self.account, self.row]
        found = [(kind, int(amount)) for kind, amount in zip(KINDS, flows, strict=True) if amount >= SMALLEST]
        items = [Item(self.words(f"kind.{kind}"), self._money(amount)) for kind, amount in self._largest(found)]
        rest = sum(amount for _, amount in found) - sum(amount for _, amount in self._largest(found))
        if rest:
            items.append(Item(self.words("inspector.others"), self._money(rest)))
        total = Item(self.words("inspector.total"), self._money(sum(amount for _, amount in found)))
        return Section(key, self.words(f"inspector.{key}"), tuple(items), (total,) if found else ())

    # --- contracts and claims -----------------------------------------------------------------------------------

    def contracts(self) -> Section:
        """Take-or-pay contracts for compute, as buyer and as seller."""
        book, items = self.economy.contracts, []
        for pair, (buyer, seller) in enumerate(book.pairs):
            obligations = book.obligations[pair, self.row]
            if self.account not in (buyer, seller) or obligations < SMALLEST:
                continue
            later = slice(self.economy.month, None)  # what starts in the months that have not passed
            coming_gw = book.starting_gw[pair, later, self.row].sum()
            coming = book.starting_bill[pair, later, self.row].sum()
            bill = book.bill[pair, self.row]
            other = seller if buyer == self.account else buyer
            text = self.words(
                "inspector.contract",
                gw=f"{book.gw[pair, self.row]:.2g}",
                bill=self._money(bill),
                months=round(12 * obligations / max(bill + coming, 1.0)),
            )
            if coming_gw >= 0.005:
                text += self.words("inspector.contract_coming", gw=f"{coming_gw:.2g}")
            direction = "contract_with_seller" if buyer == self.account else "contract_with_buyer"
            about = self.words("inspector.contract_about", obligations=self._money(obligations))
            items.append((obligations, self._about(direction, other, text, about)))
        return self._list("contracts", items)

    def owed(self) -> Section:
        """Who owes it: loans, prepayments, margin debt; and whose shares it holds."""
        items = [self._loan(*loan, other=1) for loan in self._loans() if loan[2] == self.account]
        items += [self._claim("prepayments", seller, held[self.row]) for (buyer, seller), held in self._prepaid(0)]
        if self.account == self.ledger.bank:
            items += [self._claim("bank_loans", account, owed) for account, owed in self._issuers("bank_loans")]
            items += [self._claim("outside_loans", account, owed) for account, owed in self._issuers("outside_loans")]
        holdings = self.economy.holdings
        for asset, issuer in enumerate(holdings.issuer):
            held = int(holdings.lots[self.account, asset, self.row] * holdings.price[asset, self.row])
            if issuer >= 0 and issuer != self.account:
                items.append(self._claim(holdings.instrument(asset), issuer, held))
        return self._list("owed", [item for item in items if item[0] >= SMALLEST])

    def owes(self) -> Section:
        """Whom it owes: lenders by instrument, with rate and maturity; prepaid customers; the bank; and bills unpaid."""
        items = [self._loan(*loan, other=0) for loan in self._loans() if loan[3] == self.account]
        items += [self._claim("prepayments", buyer, held[self.row]) for (buyer, _), held in self._prepaid(1)]
        for name in ("bank_loans", "outside_loans"):
            owed = -int(self.ledger.stock(name, self.account)[self.row])
            items.append(self._claim(name, self.ledger.bank, owed))
        late: dict[int, float] = {}
        for (_, payer, payee), missing in self.economy.arrears.owed.items():
            if payer == self.account:
                late[payee] = late.get(payee, 0.0) + float(missing[self.row])
        items += [(missing, self._about("claim_arrears", payee, self._money(missing))) for payee, missing in late.items()]
        return self._list("owes", [item for item in items if item[0] >= SMALLEST])

    def owners(self) -> Section:
        """Who holds its shares, and how much of them."""
        holdings, items = self.economy.holdings, []
        if self.account not in holdings.issuer:
            return Section("owners", "", ())
        asset = holdings.asset_of(self.account)
        whole = max(int(holdings.outstanding[asset, self.row]), 1)
        for holder in range(len(self.accounts)):
            part = int(holdings.lots[holder, asset, self.row]) / whole
            if part >= 0.005:
                items.append((part, self._about("owner", holder, self.words.share(part))))
        return self._list("owners", items)

    def promises(self) -> Section:
        """What stands beside the books and decides a crash: undrawn tranches, the backstop, guarantees, chips ordered."""
        economy, p, row, items = self.economy, self.economy.p.vendor_finance, self.row, []

        def add(key: str, dollars: float, other: int | None = None) -> None:
            if dollars >= SMALLEST:
                about = self.words(f"inspector.{key}_about")
                label = self.words(f"inspector.{key}", who=self._name(other) if other is not None else "")
                who = self.accounts.names[other] if other is not None else ""
                items.append((dollars, Item(label, self._money(dollars), about, who)))

        for vendor in economy.vendors:
            if not vendor.figures.finances[row]:
                continue
            undrawn = float(p.limit[row] * p.scale[row] - vendor.programme.financed[row])
            left = float((p.backstop_limit * p.scale * p.backstop_on)[row] - vendor.programme.backstop_paid[row])
            if vendor is self.agent:
                add("undrawn", undrawn)
                add("backstop", left)
            elif self.role == "lab" and self.agent.figures.receives_finance[row]:
                add("promised", undrawn, vendor.account)
        for place, vendor in enumerate(economy.guarantees.vendors):
            for pool, (lender, borrower) in enumerate(economy.loans.pairs):
                dollars = float(economy.guarantees.amount[place, pool, row])
                if vendor == self.account:
                    add("guarantees", dollars, borrower)
                elif borrower == self.account:
                    add("guaranteed", dollars, vendor)
                elif lender == self.account:
                    add("guaranteed_loan", dollars, borrower)
        return self._list("promises", items)

    # --- pieces -------------------------------------------------------------------------------------------------

    def _loans(self) -> list[tuple[str, int, int, int]]:
        """Loans outstanding: instrument, pool, lender, borrower."""
        return [
            (name, pool, *pair)
            for name, book in self.economy.loan_books.items()
            for pool, pair in enumerate(book.pairs)
            if self.account in pair and book.balance[pool, self.row] > 0
        ]

    def _loan(self, name: str, pool: int, lender: int, borrower: int, *, other: int) -> tuple[float, Item]:
        """Balance, and the loan in words: rate a year and mean months to repayment."""
        book = self.economy.loan_books[name]
        balance, slots = int(book.balance[pool, self.row]), book.principal[pool, :, self.row]
        months = float((slots * range(len(slots))).sum() / balance)
        text = self.words(
            "inspector.loan",
            amount=self._money(balance),
            rate=self.words("number.percent", number=f"{100 * book.rate[pool, self.row]:.1f}"),
            years=f"{(months if book.bullet else months / 2) / 12:.1f}",
        )
        about = self.words("inspector.loan_about")
        return balance, self._claimed(name, (lender, borrower)[other], text, about)

    def _claim(self, name: str, other: int, dollars: float) -> tuple[float, Item]:
        return dollars, self._claimed(name, other, self._money(dollars))

    def _claimed(self, name: str, other: int, value: str, about: str = "") -> Item:
        label = self.words("inspector.claim", who=self._name(other), what=self.words(f"instrument.{name}.one"))
        return Item(capital(label), value, about, self.accounts.names[other])

    def _prepaid(self, side: int) -> list[tuple[tuple[int, int], Any]]:
        return [(pair, held) for pair, held in self.economy.prepaid.items() if pair[side] == self.account]

    def _issuers(self, name: str) -> list[tuple[int, int]]:
        owed = -self.ledger.row(name)[:, self.row]
        return [(account, int(dollars)) for account, dollars in enumerate(owed) if dollars > 0]

    def _about(self, key: str, other: int, value: str, about: str = "") -> Item:
        label = capital(self.words(f"inspector.{key}", who=self._name(other)))
        return Item(label, value, about, self.accounts.names[other])

    def _list(self, key: str, items: Sequence[tuple[float, Item]]) -> Section:
        ordered = [item for _, item in sorted(items, key=lambda entry: -entry[0])]
        if len(ordered) > NAMED:
            more = self.words("inspector.more", number=len(ordered) - NAMED)
            ordered = [*ordered[:NAMED], Item(more, "")]
        return Section(key, self.words(f"inspector.{key}"), tuple(ordered))

    @staticmethod
    def _largest(found: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
        return sorted(found, key=lambda entry: -entry[1])[:NAMED]

    def _name(self, account: int) -> str:
        return self.words.firm(self.accounts.names[account])

    def _money(self, dollars: float) -> str:
        return self.words.money(dollars / BN)


def _origin(words: Words, spec: AgentSpec | None) -> str:
    """Whom an agent is modelled on, in the reader's language as far as the preset has it; names are the preset's own."""
    if spec is None or not spec.modelled_on:
        return ""

    def dated(found: re.Match[str]) -> str:
        try:
            date = datetime.datetime.strptime(found[1], "%B %Y").date()
        except ValueError:
            return found[0]
        return words("inspector.as_of", date=words.month_of(date, 0))

    whom = {"zh": spec.modelled_on_zh}.get(words.language) or spec.modelled_on
    return words("inspector.modelled_on", whom=re.sub(r" \((\w+ \d{4})\)", dated, whom))
