"""What firms share: taxes on profit, and of listed ones what they pay out to shareholders."""

from __future__ import annotations

import mesa
import numpy as np

from perpetuum.agents.base import Institution
from perpetuum.model.parameters.groups import CloudFigures, VendorFigures
from perpetuum.model.scenario import AgentSpec
from perpetuum.model.views import View
from perpetuum.model.worlds import Dollars, Floats


class Firm(Institution):
    """A firm. `tax_due` (worlds,): dollars, on last month's profit."""

    def __init__(self, model: mesa.Model, spec: AgentSpec, view: View):
        super().__init__(model, spec, view)
        self.tax_due = self.constant()


class ListedFirm(Firm):
    """A firm whose shares are traded."""

    figures: VendorFigures | CloudFigures

    def earning_power(self) -> Floats:
        """Yearly earnings that fair value follows (dollars)."""
        raise NotImplementedError

    def shares_to_issue(self, market_value: Dollars) -> Floats:
        """Dollars of new shares offered this month: none, unless a firm says otherwise."""
        return self.constant()

    def payout(self) -> Floats:
        """Dollars to return to shareholders this month: a share of cash above target, and no more than there is."""
        spare = self.p.vendor.payout_speed * np.maximum(self.cash - self.figures.target_cash, 0.0)
        return np.minimum(spare, self.cash)
