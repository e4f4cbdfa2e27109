"""Bond and private-credit lenders: how much they can lend, and how losses shrink it."""

from __future__ import annotations

import mesa
import numpy as np

from perpetuum.agents.base import Institution
from perpetuum.model.instruments.loan_kinds import LOAN_KINDS
from perpetuum.model.parameters.groups import LenderFigures
from perpetuum.model.scenario import AgentSpec
from perpetuum.model.views import LenderView
from perpetuum.model.worlds import Dollars, Floats, share, total

_LENT = tuple(kind.instrument for kind in LOAN_KINDS.values() if kind.lenders == "lenders")


class Lender(Institution):
    """A lender; kind "bonds" or "private_credit". `capital` (worlds,): risk capital in dollars.

    `interest_received` and `losses` (worlds,): dollars since its accounts were last closed.
    """

    view: LenderView
    figures: LenderFigures

    def __init__(self, model: mesa.Model, spec: AgentSpec, view: LenderView):
        super().__init__(model, spec, view)
        self.capital = self.constant()
        self.interest_received = self.constant()
        self.losses = self.constant()

    def claims(self) -> Floats:
        """Bonds and loans held (dollars)."""
        ledger = self.view.ledger
        return total(ledger.stock(row, self.account) for row in _LENT).astype(np.float64)

    def open_capital(self) -> None:
        """Risk capital at the start: a share of claims, and of the cash it may lend."""
        c = self.p.credit
        self.capital = c.opening_capital_ratio * (self.claims() + c.opening_cash_counted * self.cash)

    def supply(self) -> Floats:
        """Dollars it can lend this month: cash at hand, and capital / ratio - claims."""
        room = np.maximum(self.capital / self.p.credit.capital_ratio - self.claims(), 0.0)
        return np.minimum(self.cash, room)

    def sweep(self, breached: Floats, spare: Floats, lent: Dollars, owed: Dollars) -> Floats:
        """Whole dollars taken from a borrower in breach: sweep_share of its spare cash, by this lender's part of what it owes."""
        swept = np.where(breached > 0, self.p.credit.sweep_share * spare, 0.0)
        return np.floor(np.minimum(swept, owed) * share(lent, owed))

    def guaranteed_rate(self) -> Floats:
        """Rate on a loan that a vendor guarantees: little more than the policy rate (per year)."""
        return self.view.funding.policy_rate + self.p.credit.base_leveraged

    def inflow(self) -> Floats:
        """Backers' money this month (dollars): shrinks with tightening, through the channel that widens spreads."""
        return (
            self.p.credit.lender_inflow
            * self.figures.inflow_share
            * np.maximum(1.0 - self.p.funding.channel_spreads * self.view.funding.theta, 0.0)
        )

    def count_month(self) -> None:
        """A quarter of interest is retained as risk capital; losses come out of it."""
        kept = self.p.credit.retained * self.interest_received
        self.capital = np.maximum(self.capital + kept - self.losses, 0.0)
        self.interest_received = self.constant()
        self.losses = self.constant()
