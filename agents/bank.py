"""The bank that issues all deposits: interest, revolving credit, and the outside economy's loans."""

from __future__ import annotations

import mesa
import numpy as np

from perpetuum.model.views import View
from perpetuum.model.worlds import Floats, Stateful


class Bank(mesa.Agent, Stateful):
    """The bank. All rates per year."""

    def __init__(self, model: mesa.Model, view: View):
        super().__init__(model)
        self.view = view
        self.name = "bank"
        self.account = view.ledger.accounts["bank"][0]
        self.p = view.p

    def lending_rate(self) -> Floats:
        """Policy rate + margin."""
        return self.view.funding.policy_rate + self.p.credit.bank_margin

    def deposit_rate(self) -> Floats:
        """Policy rate - discount, never negative."""
        return np.maximum(self.view.funding.policy_rate - self.p.credit.deposit_discount, 0.0)

    def revolver(self, revenue: Floats, drawn: Floats, needed: Floats, breached: Floats) -> Floats:
        """Dollars lent at short notice: what is needed, up to a month or two of revenue less what is drawn.

        Nothing to whom has been in breach of a covenant (months) longer than lenders bear.
        """
        needed = np.where(breached > self.p.credit.acceleration_months, 0.0, needed)
        limit = np.maximum(self.p.credit.revolver_months * revenue - drawn, 0.0)
        return np.minimum(np.maximum(needed, 0.0), limit)
