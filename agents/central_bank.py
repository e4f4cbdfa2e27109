"""States with their central banks: gold, reserves and a hoard of chips; none of them ever concedes.

A hoard of chips rots, unlike gold: holding H needs a perpetual flow of decay x H.
"""

from __future__ import annotations

from collections.abc import Sequence

import mesa
import numpy as np

from perpetuum.agents.base import Institution
from perpetuum.model.parameters.groups import StateFigures
from perpetuum.model.scenario import AgentSpec
from perpetuum.model.views import StateView
from perpetuum.model.worlds import Dollars, Floats, share, total


class CentralBank(Institution):
    """A state and its central bank. Attributes are (worlds,)."""

    view: StateView
    figures: StateFigures

    def __init__(self, model: mesa.Model, spec: AgentSpec, view: StateView):
        super().__init__(model, spec, view)
        self.gold_target = self.constant()
        self.gold_opening_share = self.constant()
        self.ordered = self.constant()  # chips ordered this month (dollars at list price)

    def reserves(self) -> Floats:
        """Bills, gold, cash and chips at book value (dollars)."""
        ledger = self.view.ledger
        rows = ("reserve_bills", "gold", "hardware", "deposits")
        return sum((ledger.stock(row, self.account).astype(np.float64) for row in rows), np.zeros(self.p.worlds))

    def gold_value(self) -> Floats:
        """Gold at the market price (dollars)."""
        return self.view.ledger.stock("gold", self.account).astype(np.float64)

    def open_targets(self) -> None:
        """The wanted gold share starts a little above the actual one, so that buying starts at its observed pace."""
        self.gold_opening_share = share(self.gold_value(), self.reserves())
        self.gold_target = self.gold_opening_share + self.p.states.gold_gap

    def gold_purchase(self) -> Floats:
        """Dollars of gold to buy: 3 % a month of the gap to a share that rises towards its long-run value."""
        s = self.p.states
        rising = np.maximum(
            self.gold_target, np.minimum(self.gold_target + s.gold_drift, self.gold_opening_share + s.gold_rise)
        )
        self.gold_target = np.where(s.gold_buying > 0, rising, self.gold_target)
        gap = self.gold_target * self.reserves() - self.gold_value()
        return s.gold_speed * np.maximum(gap, 0.0) * s.gold_buying

    def hoard_gw(self) -> Floats:
        """GW of chips in the hoard."""
        return self.view.hardware.gw(self.account)

    def hoard_order(self, others: Sequence[Floats], price_index: Floats) -> Floats:
        """GW to order: replacement of what rots, growth towards own target and rivals' hoards less fatigue, and dips bought."""
        s = self.p.states
        # It answers the mean of all others' hoards.
        rivals_hoards = total(others) / len(others) if others else self.constant()
        hoard = self.hoard_gw() + self.view.hardware.pipeline_gw(self.account)
        own = s.hoard_order * self.figures.budget_weight
        race = s.arms_race * np.maximum(rivals_hoards - hoard, 0.0) / 12
        tired = s.fatigue * hoard / 100
        dip = s.dip_buying * np.maximum(s.dip_price - price_index, 0.0) * self.figures.budget_weight
        wanted = s.hoarding * np.maximum(own + race - tired, 0.0) + s.hoarding * dip
        waiting = self.view.chips.backlog_of_buyer(self.account)
        return np.maximum(wanted - s.order_patience * waiting, 0.0) * self.admitted()

    def means_for_chips(self) -> Dollars:
        """Cash that may go into chips: all there is (dollars)."""
        return self.cash

    def bid_for_used_chips(self) -> Floats:
        """Dollars for used chips: bid_share of cash, in proportion to hoarding, where export controls admit it."""
        s = self.p.states
        return s.bid_share * self.cash * np.minimum(s.hoarding, 1.0) * self.admitted()

    def admitted(self) -> Floats:
        """0 where export controls cut this state off from chips."""
        states = self.view.ledger.accounts["states"]
        last = states[-1] == self.account and len(states) > 1
        return 1.0 - self.p.states.export_control * float(last)

    def run_hoard(self) -> Floats:
        """Dollars for power and staff of the part of the hoard that does not stand idle, as far as cash goes."""
        cost = (1.0 - self.p.states.idle) * self.hoard_gw() * self.p.compute.operating_cost / 12
        return np.minimum(cost, self.cash)

    def rescue(self, shortfall: Floats) -> Floats:
        """Support for a failing champion (dollars), out of cash."""
        return np.minimum(self.p.states.rescue * shortfall, self.cash)
