"""Bond and private-credit lenders: how much they can lend, and how losses shrink it."""

from __future__ import annotations

import mesa
import numpy as np

from perpetuum.agents.base import Institution
from perpetuum.model.equations import DUST, equation
from perpetuum.model.instruments.loan_kinds import LOAN_KINDS
from perpetuum.model.parameters.groups import LenderFigures
from perpetuum.model.scenario import AgentSpec
from perpetuum.model.views import LenderView
from perpetuum.model.worlds import Dollars, Floats, total

_LENT = tuple(kind.instrument for kind in LOAN_KINDS.values() if kind.lenders == "lenders")


@equation
def lendable(cash: float, capital: float, capital_ratio: float, claims: float) -> float:
    """min(cash, (capital / capital_ratio - claims)+), dollars.

    >>> lendable(50.0, 10.0, 0.125, 60.0), lendable(10.0, 10.0, 0.125, 60.0), lendable(50.0, 5.0, 0.125, 60.0)
    (20.0, 10.0, 0.0)
    """
    return min(cash, max(capital / capital_ratio - claims, 0.0))


@equation
def money_for_lenders(usual: float, part: float, left: float) -> float:
    """usual x part x what tightening leaves of it, dollars a month.

    >>> money_for_lenders(8.0, 0.5, 0.75), money_for_lenders(8.0, 0.5, 0.0)
    (3.0, 0.0)
    """
    return usual * part * left


@equation
def swept(months_in_breach: float, sweep_share: float, spare: float, lent: float, owed: float) -> float:
    """min(sweep_share x spare cash, owed) x lent / owed, dollars to one lender; 0 unless in breach.

    >>> swept(1.0, 0.5, 40.0, 30.0, 60.0), swept(1.0, 0.5, 400.0, 30.0, 60.0), swept(0.0, 0.5, 40.0, 30.0, 60.0)
    (10.0, 30.0, 0.0)
    """
    if months_in_breach <= 0.0 or owed <= 0.0:
        return 0.0
    return min(sweep_share * spare, owed) * (lent / owed)


@equation
def loss_on_chips(collateral: float, loans: float, fire_sale: float, recovery: float) -> float:
    """1 - clip(collateral x fire_sale / loans, recovery, 1): share of secured loans lost in a default.

    >>> loss_on_chips(100.0, 80.0, 0.5, 0.25), loss_on_chips(20.0, 80.0, 0.5, 0.25), loss_on_chips(400.0, 80.0, 0.5, 0.25)
    (0.375, 0.75, 0.0)
    """
    return 1.0 - min(max(collateral * fire_sale / loans if loans > DUST else 1.0, recovery), 1.0)


@equation
def capital_left(capital: float, retained: float, interest: float, losses: float) -> float:
    """(capital + retained x interest - losses)+, dollars.

    >>> capital_left(10.0, 0.25, 8.0, 4.0), capital_left(10.0, 0.25, 8.0, 40.0)
    (8.0, 0.0)
    """
    return max(capital + retained * interest - losses, 0.0)


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
        return total([ledger.stock(row, self.account) for row in _LENT]).astype(np.float64)

    def open_capital(self) -> None:
        """Risk capital at the start: a share of claims, and of the cash it may lend."""
        c = self.p.credit
        self.capital = c.opening_capital_ratio * (self.claims() + c.opening_cash_counted * self.cash)

    def supply(self) -> Floats:
        """Dollars it can lend this month: cash at hand, and capital / ratio - claims."""
        return lendable(self.cash, self.capital, self.p.credit.capital_ratio, self.claims()) * self.view.funding.open

    def sweep(self, months_in_breach: Floats, spare: Floats, lent: Dollars, owed: Dollars) -> Floats:
        """Whole dollars taken from a borrower in breach: sweep_share of its spare cash, by this lender's part of what it owes."""
        return np.floor(swept(months_in_breach, self.p.credit.sweep_share, spare, lent, owed))

    @property
    def lends_against_guarantees(self) -> bool:
        """Whether it lends what a vendor guarantees: private credit does, who buys bonds does not."""
        return self.kind == "private_credit"

    def guaranteed_rate(self) -> Floats:
        """Rate on a loan that a vendor guarantees: little more than the policy rate (per year)."""
        return self.view.funding.policy_rate + self.p.credit.base_leveraged

    def inflow(self) -> Floats:
        """Backers' money this month (dollars): shrinks with tightening, through the channel that widens spreads."""
        return money_for_lenders(self.p.credit.lender_inflow, self.figures.inflow_share, self.view.funding.lending)

    def count_month(self) -> None:
        """Part of interest is retained as risk capital; losses come out of it."""
        self.capital = capital_left(self.capital, self.p.credit.retained, self.interest_received, self.losses)
        self.interest_received = self.constant()
        self.losses = self.constant()
