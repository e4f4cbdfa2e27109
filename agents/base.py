"""What all agents of a preset share: a place in the model, and for institutions an account in the books."""

from __future__ import annotations

import mesa
import numpy as np

from perpetuum.model.parameters.groups import Figures
from perpetuum.model.scenario import AgentSpec
from perpetuum.model.views import View
from perpetuum.model.worlds import Dollars, Floats, Stateful


class Member(mesa.Agent, Stateful):
    """Whoever a preset names: one Mesa agent that lives in every world at once. Its quantities are arrays (worlds,)."""

    view: View
    figures: Figures

    def __init__(self, model: mesa.Model, spec: AgentSpec, view: View):
        super().__init__(model)
        self.view = view
        self.name = spec.id
        self.label = spec.label
        self.kind = spec.kind
        self.role = spec.role
        self.modelled_on = spec.modelled_on
        self.p = view.p
        self.figures = view.p.figures[spec.id]

    def constant(self, value: float = 0.0) -> Floats:
        """A fresh (worlds,) array."""
        result = np.zeros(self.p.worlds)
        if value:
            result.fill(value)
        return result


class Institution(Member):
    """A member with an account in the books."""

    def __init__(self, model: mesa.Model, spec: AgentSpec, view: View):
        super().__init__(model, spec, view)
        self.account = view.ledger.accounts.number[spec.id]

    @property
    def cash(self) -> Dollars:
        """Deposits (worlds,)."""
        return self.view.ledger.cash(self.account)

    def flow(self, kind: str) -> Dollars:
        """Receipts (+) or payments (-) of a kind this month (worlds,)."""
        return self.view.ledger.flow(kind, self.account)
