"""Venture and private funds: dry powder, appetite, and inflow that chases realised returns."""

from __future__ import annotations

import mesa
import numpy as np

from perpetuum.agents.base import Institution
from perpetuum.model.parameters.groups import FundFigures
from perpetuum.model.scenario import AgentSpec
from perpetuum.model.views import FundView
from perpetuum.model.worlds import Array, Floats, bounded, move_towards, share


class VentureFund(Institution):
    """A fund. `realised` (worlds,): return realised at rounds that closed, smoothed, per year."""

    view: FundView
    figures: FundFigures

    def __init__(self, model: mesa.Model, spec: AgentSpec, view: FundView):
        super().__init__(model, spec, view)
        self.realised = self.constant()

    def inflow(self) -> Floats:
        """Backers' money this month: neutral inflow x funding x (max(0.1, 0.4 + x) + chasing x realised return) (dollars)."""
        v, x = self.p.venture, self.view.narrative.sentiment
        mood = np.maximum(v.inflow_floor, v.inflow_base + x) + v.chasing * bounded(
            self.realised, v.return_low, v.return_high
        )
        # Backers commit less while what they gave before lies idle.
        deployed = bounded(2.0 - share(self.cash, v.powder_limit * self.figures.inflow_share), 0.0, 1.0)
        return v.inflow * self.figures.inflow_share * self.view.funding.venture * np.maximum(mood, 0.0) * deployed

    def appetite(self, discount: Floats) -> Floats:
        """Dollars offered over all rounds this month: 0.25 x dry powder x funding x max(0, 0.35 + 0.65 x + bargain)."""
        v, x = self.p.venture, self.view.narrative.sentiment
        eager = np.maximum(0.0, v.eagerness + v.eagerness_opinion * x + v.bargain * discount)
        return v.offer_share * self.cash * self.view.funding.venture * np.minimum(eager, 1.0)

    def see_round(self, gain: Floats, closed: Floats) -> None:
        """Remember the gain of a closed round over the round before it; without rounds the memory fades."""
        v = self.p.venture
        self.realised = move_towards(self.realised, bounded(gain, -1.0, v.gain_counted) * closed, 1.0 / v.return_months)

    def distribution(self, received: Array) -> Floats:
        """Part of dividends and sales passed on to backers (dollars)."""
        return self.p.venture.distribution_share * received
