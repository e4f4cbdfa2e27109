"""The outside economy: customers, suppliers, staff, fund backers, mines. The only boundary, and itself on the books."""

from __future__ import annotations

import mesa
import numpy as np

from perpetuum.model.equations import equation
from perpetuum.model.views import OutsideView
from perpetuum.model.worlds import Dollars, Floats, Stateful


@equation
def interest_paid(loans: float, rate: float, cash: float) -> float:
    """min(loans x rate / 12, cash), dollars a month.

    >>> interest_paid(480.0, 0.125, 50.0), interest_paid(480.0, 0.125, 4.0)
    (5.0, 4.0)
    """
    return min(loans * rate / 12, cash)


@equation
def borrowed(cash: float, cushion: float) -> float:
    """(cushion - cash)+, dollars.

    >>> borrowed(30.0, 50.0), borrowed(70.0, 50.0)
    (20.0, 0.0)
    """
    return max(cushion - cash, 0.0)


@equation
def repaid(cash: float, cushion: float, loans: float) -> float:
    """min((cash - cushion)+, loans), dollars.

    >>> repaid(70.0, 50.0, 90.0), repaid(70.0, 50.0, 5.0), repaid(30.0, 50.0, 90.0)
    (20.0, 5.0, 0.0)
    """
    return min(max(cash - cushion, 0.0), loans)


class OutsideEconomy(mesa.Agent, Stateful):
    """Everybody else. Its income circulates inside it; what it pays and receives here is booked like anybody's."""

    def __init__(self, model: mesa.Model, view: OutsideView):
        super().__init__(model)
        self.view = view
        self.name = "outside"
        self.account = view.ledger.accounts["outside"][0]
        self.p = view.p

    def income(self, month: int) -> Floats:
        """Income in dollars a year."""
        return self.p.outside.income * (1.0 + self.p.outside.growth) ** (month / 12)

    def gold_purchase(self, month: int) -> Floats:
        """Dollars for jewellery, bars and industry: a constant share of income, so fewer tonnes at a higher price."""
        mined = self.p.outside.mine_output * self.view.dollars_per_tonne_opening
        taste = np.where(self.p.prices.on, self.view.funding.money.gold_taste, 1.0)
        return self.p.outside.gold_demand * mined * (1.0 + self.p.outside.growth) ** (month / 12) * taste

    def gold_mined(self, lots_per_tonne: Floats) -> Floats:
        """Lots of gold that mines dig and sell in a month."""
        return self.p.outside.mine_output * lots_per_tonne

    def interest_due(self) -> Floats:
        """Interest on its loans this month, as far as cash goes (dollars)."""
        ledger = self.view.ledger
        loans = -ledger.stock("outside_loans", self.account)
        return interest_paid(loans, self.view.funding.policy_rate, ledger.cash(self.account))

    def borrowing(self, cash: Dollars, loans: Dollars) -> tuple[Floats, Floats]:
        """Dollars to borrow below the cushion, and to repay above it."""
        cushion = self.p.outside.cushion
        return borrowed(cash, cushion), repaid(cash, cushion, loans)
