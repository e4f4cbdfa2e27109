"""A landlord: it builds halls (shell, power and cooling) on borrowed money and lets them to clouds for years (`landlords.on`).

Rules first, each an equation for one landlord in one world; `Landlord` says where their numbers come from. Dollars; (a)+ is
max(a, 0). Who leases how much is the clouds' (`builder.py`); who meets whom in a month is ../model/phases/hall_market.py.
"""

from __future__ import annotations

import mesa
import numpy as np

from perpetuum.agents.firm import Firm
from perpetuum.agents.refinancing import part_rolled_over, willingness
from perpetuum.model.equations import DUST, equation
from perpetuum.model.parameters.groups import LandlordFigures
from perpetuum.model.scenario import AgentSpec
from perpetuum.model.views import LandlordView
from perpetuum.model.worlds import Array, Dollars, Floats, Mask, share


@equation
def lent_per_cost(loan_to_cost: float, rent_yield: float, cover: float, rate: float, willing: float) -> float:
    """min(loan to cost, rent yield / (cover x rate)) of what lenders lend on a new hall, over its cost; 0 where nobody lends.

    >>> lent_per_cost(0.75, 0.08, 1.25, 0.064, 1.0), lent_per_cost(0.75, 0.08, 1.25, 0.128, 1.0)
    (0.75, 0.5)
    >>> lent_per_cost(0.75, 0.08, 1.25, 0.064, 0.5), lent_per_cost(0.75, 0.08, 1.25, 0.0, 1.0)
    (0.375, 0.75)
    """
    covered = rent_yield / (cover * rate) if rate > DUST else loan_to_cost
    return min(loan_to_cost, covered) * willing


@equation
def asked_of_backers(cost: float, own: float, lent: float) -> float:
    """((1 - lent) x cost - own)+: equity that a landlord's own cash leaves to its backers, dollars.

    >>> asked_of_backers(100.0, 5.0, 0.75), asked_of_backers(100.0, 30.0, 0.75)
    (20.0, 0.0)
    """
    return max((1.0 - lent) * cost - own, 0.0)


@equation
def asked_of_lenders(cost: float, equity: float, lent: float) -> float:
    """min(cost - equity, equity x lent / (1 - lent))+: no more than lenders lend on the equity that is there, dollars.

    >>> asked_of_lenders(100.0, 25.0, 0.75), asked_of_lenders(100.0, 10.0, 0.75), asked_of_lenders(100.0, 60.0, 0.75)
    (75.0, 30.0, 40.0)
    """
    return max(min(cost - equity, equity * lent / (1.0 - lent)), 0.0)


@equation
def paid_to_backers(profit: float, cash: float, reserve: float) -> float:
    """clip(profit, 0, (cash - reserve)+), dollars: what plant loses in value is kept for the next hall.

    >>> paid_to_backers(4.0, 20.0, 10.0), paid_to_backers(4.0, 12.0, 10.0), paid_to_backers(-4.0, 20.0, 10.0)
    (4.0, 2.0, 0.0)
    """
    return min(max(profit, 0.0), max(cash - reserve, 0.0))


@equation
def worth_of_halls(let: float, rent_yield: float, rate: float, vacant: float, fire_sale: float) -> float:
    """let x min(rent yield / rate, 1) + fire_sale x vacant, dollars: what is let is worth its rents at the rate, at most cost.

    >>> worth_of_halls(100.0, 0.08, 0.04, 40.0, 0.5), worth_of_halls(100.0, 0.08, 0.16, 40.0, 0.5)
    (120.0, 70.0)
    """
    return let * min(rent_yield / rate if rate > DUST else 1.0, 1.0) + fire_sale * vacant


@equation
def loss_on_halls(worth: float, loans: float) -> float:
    """1 - min(worth of the halls / loans, 1): share of loans on halls that is lost in a default.

    >>> loss_on_halls(60.0, 80.0), loss_on_halls(90.0, 80.0), loss_on_halls(0.0, 0.0)
    (0.25, 0.0, 0.0)
    """
    return 1.0 - min(worth / loans if loans > DUST else 1.0, 1.0)


class Landlord(Firm):
    """A landlord. `budget` (worlds,): dollars that it may build for this month."""

    view: LandlordView
    figures: LandlordFigures

    def __init__(self, model: mesa.Model, spec: AgentSpec, view: LandlordView):
        super().__init__(model, spec, view)
        self.budget = self.constant()
        self.depreciation: Array = self.constant()  # this month's, dollars

    # --- what lenders think of it -------------------------------------------------------------------------------

    def borrowing_rate(self) -> Floats:
        """Policy rate + spread, which moves with the market's (per year)."""
        x, m, funding = self.p.landlords, self.p.prices, self.view.funding
        market = np.where(m.on, x.market_part * (funding.market_spread - m.spread), funding.graded_spread_rise)
        return funding.policy_rate + np.maximum(x.spread + market, 0.0)

    def willingness(self) -> Floats:
        """How willing lenders are at that rate, 0 to 1."""
        return willingness(self.borrowing_rate(), self.p.landlords.ceiling, self.p.rollover.width)

    def part_rolled_over(self) -> Floats:
        """Share of this month's maturing principal that lenders refinance."""
        funding, nothing = self.view.funding, self.constant()
        patience = self.p.credit.acceleration_months
        return part_rolled_over(
            funding.not_refinanced, self.p.landlords.loss, self.willingness(), funding.open, nothing, patience
        )

    def lent_per_cost(self) -> Floats:
        """What lenders lend on a new hall, over its cost; tightening lowers it as it lowers loans on chips."""
        x, funding = self.p.landlords, self.view.funding
        most = x.loan_to_cost * share(funding.loan_to_value, self.p.credit.loan_to_value, 1.0)
        willing = self.willingness() * funding.open * self.view.alive(self)
        return lent_per_cost(most, x.rent_yield, x.interest_cover, self.borrowing_rate(), willing)

    def loans(self) -> Dollars:
        """What it owes on its halls (dollars)."""
        return -self.view.ledger.stock("hall_loans", self.account)

    # --- what it can build --------------------------------------------------------------------------------------

    def reserve(self) -> Floats:
        """Cash that it keeps: months of interest (dollars)."""
        return self.p.landlords.reserve_months * self.loans() * self.borrowing_rate() / 12

    def own_means(self) -> Floats:
        """Cash beyond that (dollars)."""
        return np.maximum(self.cash - self.reserve(), 0.0)

    def ask_backers(self, cost: Floats) -> Floats:
        """Dollars that backers give for halls of so much cost: all that is asked for, unless tightening holds them back."""
        funding = self.view.funding
        asked = asked_of_backers(cost, self.own_means(), self.lent_per_cost())
        return asked * funding.venture * funding.open * self.view.alive(self)

    def ask_lenders(self, cost: Floats, paid_in: Dollars) -> Floats:
        """Dollars that it asks of lenders beside its own cash, and what its backers have just paid in."""
        equity = np.minimum(self.own_means(), cost)
        self.budget = np.minimum(np.maximum(equity, paid_in), cost)
        return asked_of_lenders(cost, self.budget, self.lent_per_cost())

    # --- the month's end ----------------------------------------------------------------------------------------

    def payout(self) -> Floats:
        """Dollars to its backers: profit, as far as the reserve is full."""
        profit = self.flow("hall_rent") + self.flow("hall_interest") - self.depreciation
        return paid_to_backers(profit, self.cash, self.reserve())

    def worth(self) -> Floats:
        """What its halls are worth to its lenders today (dollars)."""
        halls, x = self.view.hall_leases, self.p.landlords
        let, vacant = halls.let_by(self.account), halls.vacant_of(self.account)
        return worth_of_halls(let, x.rent_yield, self.borrowing_rate(), vacant, self.p.default.fire_sale)

    def share_lost(self, mask: Mask) -> Floats:
        """Share of its loans that its lenders lose where it has failed."""
        return np.where(mask, loss_on_halls(self.worth(), self.loans()), 0.0)
