"""A small economy in which nobody has or owes anything but what a test says, in round dollars."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from perpetuum.model.books.accounts import INSTRUMENT
from perpetuum.model.books.settlement import TRADE, Settlement
from perpetuum.model.economy import Economy
from perpetuum.model.instruments.loan_kinds import LOAN_KINDS
from perpetuum.model.phases.audit_and_collect import audit
from perpetuum.model.phases.default_resolution import resolve_defaults
from perpetuum.model.scenario import Scenario
from perpetuum.model.worlds import select

#: Every firm has a thousand lots of shares; the neocloud has four GW of chips.
LOTS = 1000
PRESET = """
extends = "triangle"
contracts = []
[parameters]
"technology.opening_current" = 1
"credit.acceleration_months" = 3
"credit.loan_months" = 13
"default.threshold" = 0.75
"default.cash_kept" = 0.75
"default.claims_kept" = 0.5
"default.recovery" = 0.25
"default.fire_sale" = 0.5
"default.rejection" = 0.75
"default.grace_months" = 12
"default.training_kept" = 0.5
"default.customers_lost" = 0.25
"default.valuation_kept" = 0.125
"default.revenue_multiple" = 0.01
[[agents]]
id = "lead_vendor"
[agents.figures]
market_cap = 0.1
operating_costs = 0
[[agents]]
id = "other_vendor"
role = "vendor"
[agents.figures]
market_cap = 0.09
cash = 10
capacity = 0.1
margin = 0.73
order_share = 0
inventory = 0
operating_costs = 0
[[agents]]
id = "cloud"
[agents.figures]
market_cap = 0.1
operating_costs = 0
[[agents]]
id = "neocloud"
role = "cloud"
kind = "neocloud"
[agents.figures]
market_cap = 0.1
cash = 10
capacity = 4
orders = 0
[[agents]]
id = "lead_lab"
[agents.figures]
valuation = 0.1
other_costs = 0
[[agents]]
id = "loan_fund"
role = "lender"
kind = "private_credit"
[agents.figures]
cash = 0
inflow_share = 0
[[agents]]
id = "home_state"
role = "state"
[agents.figures]
gold = 2
bills = 0
budget = 0
cash = 0
budget_weight = 0.5
[[agents]]
id = "other_state"
role = "state"
[agents.figures]
gold = 1
bills = 0
budget = 0
cash = 0
budget_weight = 0.5
"""


@functools.cache
def _opened(months: int, overrides: tuple[tuple[str, Any], ...]) -> Economy:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "small_house.toml"
        path.write_text(PRESET, encoding="utf-8")
        return Economy(Scenario(preset=str(path), months=months, overrides=dict(overrides)))


class SmallHouse:
    """An economy of a few worlds, all alike: two vendors, clouds, lenders and states, a lab and a fund, emptied of money."""

    def __init__(self, worlds: int = 1, months: int = 36, **overrides: Any):
        named = tuple((name.replace("__", "."), value) for name, value in overrides.items())
        self.economy = select(_opened(months, named), np.zeros(worlds, dtype=np.int64))
        self.economy.p.worlds = worlds
        self.ledger = self.economy.ledger
        self.number = self.ledger.accounts.number
        for agent in self.economy.institutions:
            self.ledger.pay(agent.account, self.economy.outside, self.ledger.cash(agent.account), "dividends")
        for firm in self.economy.firms:
            for asset in ("hardware", "inventory"):
                self.ledger.capitalise(firm.account, -self.ledger.stock(asset, firm.account), asset)
            firm.tax_due = firm.constant()
        self.economy.hardware.charge[...] = 0
        self.economy.hardware.expiring[...] = 0
        for lender in self.economy.lenders:
            lender.capital = lender.constant()
        for cloud in self.economy.clouds:
            cloud.revenue, cloud.to_come = cloud.constant(), cloud.constant()
        for register in (self.economy.compute.spot, self.economy.compute.spot_sold):
            register.rows[...] = 0.0
        self.economy.p.compute.operating_cost = np.zeros(worlds)
        self.month(0)

    def __getitem__(self, name: str) -> Any:
        return next(agent for agent in self.economy.institutions if agent.name == name)

    def month(self, month: int) -> None:
        """Begin a month: what has happened so far is the opening."""
        self.economy.month = month
        self.ledger.begin_month(month)

    # --- what they have and owe ---------------------------------------------------------------------------------

    def give(self, name: str, dollars: Any) -> None:
        """The outside economy gives somebody cash."""
        amount = np.broadcast_to(np.asarray(dollars, dtype=float), self.ledger.worlds)
        self.ledger.pay(self.economy.outside, self.number[name], amount, "other_business")

    def own(self, name: str, dollars: Any) -> None:
        """Somebody has hardware in the books."""
        amount = np.broadcast_to(np.asarray(dollars, dtype=float), self.ledger.worlds)
        self.ledger.capitalise(self.number[name], amount, "hardware")

    def lend(self, instrument: str, lender: str, borrower: str, dollars: Any) -> int:
        """A lender has lent last month what the borrower spent at once: the first instalment is due; returns the pool."""
        amount = np.broadcast_to(np.asarray(dollars, dtype=float), self.ledger.worlds)
        outside, debtor, pool = self.economy.outside, self.number[borrower], -1
        if instrument == "bank_loans":
            self.ledger.advance(self.number[lender], debtor, amount, instrument, "bank_loan")
        else:
            self.give(lender, amount)
            book = self.economy.loan_books[instrument]
            pool = book.pool(self.number[lender], debtor)
            book.draw(self.ledger, pool, amount, np.zeros(self.ledger.worlds), LOAN_KINDS[instrument].draw)
            book.age()
        self.ledger.pay(debtor, outside, amount, "other_capex")
        return pool

    # --- what is asked of them ----------------------------------------------------------------------------------

    def cash(self, name: str) -> list[int]:
        """Deposits by world."""
        return self.ledger.cash(self.number[name]).tolist()

    def stock(self, instrument: str, name: str) -> list[int]:
        """One entry of the balance sheets by world."""
        return self.ledger.stock(instrument, self.number[name]).tolist()

    def flow(self, kind: str, name: str) -> list[int]:
        """Received (+) or paid (-) this month by world."""
        return self.ledger.flow(kind, self.number[name]).tolist()

    def written_off(self, instrument: str, name: str, why: int) -> list[int]:
        """Changes of a stock this month for one reason, by world."""
        return self.ledger.changes[why, INSTRUMENT[instrument], self.number[name]].tolist()

    def lots(self, holder: str, issuer: str) -> list[int]:
        """Lots that somebody holds of a firm, by world."""
        holdings = self.economy.holdings
        return holdings.lots[self.number[holder], holdings.asset_of(self.number[issuer])].tolist()

    # --- what happens to them -----------------------------------------------------------------------------------

    def settle(self, dues: Sequence[tuple[str, str, str, Any]] = ()) -> Settlement:
        """Settle trade dues (kind, payer, payee, dollars) and nothing else."""
        d, economy = self.economy.p.default, self.economy
        settlement = Settlement(self.ledger, economy.firm_accounts, d.cash_kept, d.claims_kept, d.threshold)
        for kind, payer, payee, dollars in dues:
            due = np.broadcast_to(np.asarray(dollars, dtype=float), self.ledger.worlds)
            settlement.owe(kind, self.number[payer], self.number[payee], due, TRADE)
        settlement.solve()
        self.ledger.clear(settlement)
        return settlement

    def resolve(self, dues: Sequence[tuple[str, str, str, Any]] = ()) -> Settlement:
        """Settle dues and resolve the defaults; the books must be sound afterwards."""
        settlement = self.settle(dues)
        resolve_defaults(self.economy, settlement)
        audit(self.economy)
        return settlement

    def accelerate(self, name: str, worlds: Any = True) -> None:
        """Lenders of a cloud may call its loans: it has been in breach for three months."""
        self[name].months_in_breach = np.where(np.broadcast_to(worlds, self.ledger.worlds), 3.0, 0.0)

    def failed(self, name: str) -> list[bool]:
        """Where a firm fails this month."""
        return (self.economy.distress.failed_now[self.number[name]] > 0).tolist()
