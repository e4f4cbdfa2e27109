"""What firms share: taxes on profit, and of listed ones what they pay out to shareholders."""

from __future__ import annotations

import abc

import mesa
import numpy as np

from perpetuum.agents.base import Institution
from perpetuum.model.equations import equation
from perpetuum.model.parameters.groups import CloudFigures, VendorFigures
from perpetuum.model.scenario import AgentSpec
from perpetuum.model.views import View
from perpetuum.model.worlds import Dollars, Floats, Mask


@equation
def paid_out(cash: float, target: float, speed: float) -> float:
    """min(speed x (cash - target)+, cash), dollars to shareholders this month.

    >>> paid_out(50.0, 30.0, 0.25), paid_out(20.0, 30.0, 0.25), paid_out(10.0, -100.0, 0.25)
    (5.0, 0.0, 10.0)
    """
    return min(speed * max(cash - target, 0.0), cash)


@equation
def tax_on_profit(profit: float, rate: float) -> float:
    """rate x (profit)+, dollars.

    >>> tax_on_profit(40.0, 0.25), tax_on_profit(-40.0, 0.25)
    (10.0, 0.0)
    """
    return rate * max(profit, 0.0)


@equation
def yearly_profit(profit: float, tax: float) -> float:
    """12 x profit, after tax where there is profit.

    >>> yearly_profit(10.0, 0.25), yearly_profit(-10.0, 0.25)
    (90.0, -120.0)
    """
    return profit * 12 * (1.0 - tax) if profit > 0.0 else profit * 12


class Firm(Institution):
    """A firm. `tax_due` (worlds,): dollars, on last month's profit."""

    def __init__(self, model: mesa.Model, spec: AgentSpec, view: View):
        super().__init__(model, spec, view)
        self.tax_due = self.constant()

    def insolvent(self) -> Mask:
        """Where it is bankrupt though it pays its bills: nowhere, unless a firm says otherwise."""
        return np.zeros(self.p.worlds, dtype=bool)

    def fail(self, mask: Mask) -> None:
        """What a default changes in its plans: nothing, unless a firm says otherwise."""

    def worth_beyond_books(self) -> Floats:
        """What its new owners get besides book equity after a default (dollars)."""
        return self.constant()

    def shortfall(self, dues: Floats) -> Floats:
        """Dollars it lacks for its dues (at least 0)."""
        return np.maximum(dues - self.cash, 0.0)


class ListedFirm(Firm, abc.ABC):
    """A firm whose shares are traded."""

    figures: VendorFigures | CloudFigures

    @abc.abstractmethod
    def earning_power(self) -> Floats:
        """Yearly earnings that fair value follows (dollars)."""

    def shares_to_issue(self, market_value: Dollars) -> Floats:
        """Dollars of new shares offered this month: none, unless a firm says otherwise."""
        return self.constant()

    def share_orders(self, market_value: Dollars, failed: Mask) -> tuple[Floats, Floats]:
        """Dollars of shares to issue and to buy back this month: never both, and none to issue where it has just failed."""
        issue = np.where(failed, 0.0, self.shares_to_issue(market_value))
        return issue, np.where(issue > 0, 0.0, self.payout())

    def payout(self) -> Floats:
        """Dollars to return to shareholders this month: a share of cash above target, and no more than there is."""
        return paid_out(self.cash, self.figures.target_cash, self.p.vendor.payout_speed)
