"""States with their central banks: gold, reserves and a hoard of chips; none of them ever concedes.

A hoard of chips rots, unlike gold: holding H needs a perpetual flow of decay x H.
"""

from __future__ import annotations

from collections.abc import Sequence

import mesa
import numpy as np

from perpetuum.agents.base import Institution
from perpetuum.model.equations import equation
from perpetuum.model.parameters.groups import StateFigures
from perpetuum.model.scenario import AgentSpec
from perpetuum.model.views import StateView
from perpetuum.model.worlds import Dollars, Floats, share, total


@equation
def gold_share_wanted(wanted: float, opening: float, drift: float, rise: float, buying: float) -> float:
    """max(wanted, min(wanted + drift, opening share + rise)) where the state buys gold: slowly up, never down.

    >>> gold_share_wanted(0.25, 0.25, 0.125, 0.5, 1.0), gold_share_wanted(0.75, 0.25, 0.125, 0.5, 1.0)
    (0.375, 0.75)
    >>> gold_share_wanted(0.875, 0.25, 0.125, 0.5, 1.0), gold_share_wanted(0.25, 0.25, 0.125, 0.5, 0.0)
    (0.875, 0.25)
    """
    return max(wanted, min(wanted + drift, opening + rise)) if buying > 0.0 else wanted


@equation
def gold_bought(wanted: float, reserves: float, gold: float, speed: float, buying: float) -> float:
    """speed x (wanted share x reserves - gold)+ x buying, dollars.

    >>> gold_bought(0.25, 80.0, 12.0, 0.5, 1.0), gold_bought(0.25, 80.0, 30.0, 0.5, 1.0), gold_bought(0.25, 80.0, 12.0, 0.5, 0.0)
    (4.0, 0.0, 0.0)
    """
    return speed * max(wanted * reserves - gold, 0.0) * buying


@equation
def chips_for_hoard(
    hoard: float,
    rivals: float,
    order: float,
    weight: float,
    arms_race: float,
    fatigue: float,
    dip_buying: float,
    dip_price: float,
    price_index: float,
    hoarding: float,
    patience: float,
    waiting: float,
) -> float:
    """(hoarding x (order w + arms_race (rivals - hoard)+ / 12 - fatigue x hoard / 100)+ + hoarding x dip_buying (dip_price -
    price index)+ w - patience x waiting)+, GW a month; `rivals` is the mean of others' hoards, w the weight of its budget.

    A state that orders half of 4 GW answers rivals who are 12 ahead, or tires of its own hoard; it also buys a dip in price:

    >>> [chips_for_hoard(hoard, 24.0, 4.0, 0.5, 1.0, 4.0, 0.0, 1.0, 1.0, 1.0, 0.5, 0.0) for hoard in (12.0, 25.0, 100.0)]
    [2.52, 1.0, 0.0]
    >>> [chips_for_hoard(0.0, 0.0, 4.0, 0.5, 1.0, 4.0, 8.0, 1.0, price, 0.5, 0.5, 0.0) for price in (1.0, 0.75)]
    [1.0, 1.5]
    >>> [chips_for_hoard(0.0, 0.0, 4.0, 0.5, 1.0, 4.0, 8.0, 1.0, 1.0, 0.5, 0.5, waiting) for waiting in (1.0, 8.0)]
    [0.5, 0.0]
    """
    own = order * weight
    race = arms_race * max(rivals - hoard, 0.0) / 12
    tired = fatigue * hoard / 100
    dip = dip_buying * max(dip_price - price_index, 0.0) * weight
    wanted = hoarding * max(own + race - tired, 0.0) + hoarding * dip
    return max(wanted - patience * waiting, 0.0)


@equation
def spent_on_hoard(idle: float, hoard: float, operating_cost: float, cash: float) -> float:
    """min((1 - idle) x hoard x operating_cost / 12, cash), dollars a month.

    >>> spent_on_hoard(0.75, 8.0, 24.0, 50.0), spent_on_hoard(0.75, 8.0, 24.0, 3.0)
    (4.0, 3.0)
    """
    return min((1.0 - idle) * hoard * operating_cost / 12, cash)


@equation
def support(part: float, shortfall: float, cash: float) -> float:
    """min(part x shortfall, cash), dollars.

    >>> support(0.5, 20.0, 50.0), support(0.5, 200.0, 50.0)
    (10.0, 50.0)
    """
    return min(part * shortfall, cash)


_RESERVES = ("reserve_bills", "gold", "hardware", "deposits")


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
        return self.view.ledger.stock_of(_RESERVES, self.account).astype(np.float64)

    def gold_value(self) -> Floats:
        """Gold at the market price (dollars)."""
        return self.view.ledger.stock("gold", self.account).astype(np.float64)

    def open_targets(self) -> None:
        """The wanted gold share starts a little above the actual one, so that buying starts at its observed pace."""
        self.gold_opening_share = share(self.gold_value(), self.reserves())
        self.gold_target = self.gold_opening_share + self.p.states.gold_gap

    def gold_purchase(self) -> Floats:
        """Dollars of gold to buy: part of the gap to a share that rises towards its long-run value."""
        s = self.p.states
        self.gold_target = gold_share_wanted(
            self.gold_target, self.gold_opening_share, s.gold_drift, s.gold_rise, s.gold_buying
        )
        return gold_bought(self.gold_target, self.reserves(), self.gold_value(), s.gold_speed, s.gold_buying)

    def bills_sold(self, wanted: Floats) -> Floats:
        """Bills turned into cash for gold, as far as there are any (dollars)."""
        return np.minimum(wanted, self.view.ledger.stock("reserve_bills", self.account))

    def hoard_gw(self) -> Floats:
        """GW of chips in the hoard."""
        return self.view.hardware.gw(self.account)

    def hoard_order(self, others: Sequence[Floats], price_index: Floats) -> Floats:
        """GW to order: replacement of what rots, growth towards own target and rivals' hoards less fatigue, and dips bought."""
        s = self.p.states
        wanted = chips_for_hoard(
            self.hoard_gw() + self.view.hardware.pipeline_gw(self.account),
            total(others) / len(others) if others else self.constant(),
            s.hoard_order,
            self.figures.budget_weight,
            s.arms_race,
            s.fatigue,
            s.dip_buying,
            s.dip_price,
            price_index,
            s.hoarding,
            s.order_patience,
            self.view.chips.backlog_of_buyer(self.account),
        )
        return wanted * self.admitted() * self.view.funding.open

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
        return spent_on_hoard(self.p.states.idle, self.hoard_gw(), self.p.compute.operating_cost, self.cash)

    def rescue(self, shortfall: Floats) -> Floats:
        """Support for a failing champion (dollars), out of cash."""
        return support(self.p.states.rescue, shortfall, self.cash) * self.view.funding.open
