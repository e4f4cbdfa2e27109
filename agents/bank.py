"""The bank that issues all deposits: interest, revolving credit, and the outside economy's loans."""

from __future__ import annotations

from typing import Any

import mesa
import numpy as np

from perpetuum.model.worlds import Floats, Stateful


class Bank(mesa.Agent, Stateful):
    """The bank. All rates per year."""

    def __init__(self, model: Any):
        super().__init__(model)
        self.name = "bank"
        self.account = model.ledger.accounts["bank"][0]
        self.p = model.p

    def lending_rate(self) -> Floats:
        """Policy rate + margin."""
        return self.model.funding.policy_rate + self.p.credit.bank_margin

    def deposit_rate(self) -> Floats:
        """Policy rate - discount, never negative."""
        return np.maximum(self.model.funding.policy_rate - self.p.credit.deposit_discount, 0.0)

    def revolver(self, revenue: Floats, drawn: Floats, needed: Floats) -> Floats:
        """Dollars lent at short notice: what is needed, up to a month or two of revenue less what is drawn."""
        limit = np.maximum(self.p.credit.revolver_months * revenue - drawn, 0.0)
        return np.minimum(np.maximum(needed, 0.0), limit)
