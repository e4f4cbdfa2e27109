"""The bank that issues all deposits: interest, revolving credit, and the outside economy's loans."""

from __future__ import annotations

import mesa
import numpy as np

from perpetuum.model.equations import equation
from perpetuum.model.views import View
from perpetuum.model.worlds import Floats, Stateful


@equation
def revolver(needed: float, months: float, revenue: float, drawn: float, months_in_breach: float, patience: float) -> float:
    """min((needed)+, (months x revenue - drawn)+), dollars; 0 to whom has been in breach for more than `patience` months.

    >>> revolver(10.0, 2.0, 20.0, 5.0, 0.0, 3.0), revolver(90.0, 2.0, 20.0, 5.0, 3.0, 3.0)
    (10.0, 35.0)
    >>> revolver(90.0, 2.0, 20.0, 50.0, 0.0, 3.0), revolver(-5.0, 2.0, 20.0, 5.0, 0.0, 3.0)
    (0.0, 0.0)
    >>> revolver(10.0, 2.0, 20.0, 5.0, 4.0, 3.0)
    0.0
    """
    if months_in_breach > patience:
        return 0.0
    return min(max(needed, 0.0), max(months * revenue - drawn, 0.0))


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

    def revolver(self, revenue: Floats, drawn: Floats, needed: Floats, months_in_breach: Floats) -> Floats:
        """Dollars lent at short notice: what is needed, up to some months of revenue less what is drawn.

        Nothing to whom has been in breach of a covenant (months) longer than lenders bear.
        """
        c = self.p.credit
        return revolver(
            needed * self.view.funding.open, c.revolver_months, revenue, drawn, months_in_breach, c.acceleration_months
        )
